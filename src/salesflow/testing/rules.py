"""
Rules over the life of a project, each proved, checked and watched by the same object.

.. code-block:: python

    from salesflow.testing import rules

    signed_first = rules.always_before("contract_signed", "delivery")
    signed_first.prove(lifecycle)        # a counter-example on the graph, or None
    signed_first.check(facts)            # every fact of a history that breaks it
    rules.watch(signed_first)            # a listener of a pipeline

A name is a stage (which happens whenever it is entered, also by a resume) or a transition (which happens
when it is taken). If a stage and a transition share a name, write ``stage:delivery`` or
``transition:delivery``. What must come *before* may also be a guard, ``guard:approval``, which happens
when a move passes it. An entry of the dossier happens whenever it is recorded: ``entry:artefact``, or
``entry:artefact/price_sheet`` with its id, name or type; an approval that was refused does not happen.
Several names mean any of them.
"""

from __future__ import annotations

from datetime import timedelta

from .._definition.graph import Path, Place, Step
from ..errors import InputError
from ._rules.events import Named, Names, to_names
from ._rules.rule import Between, Counterexample, Leaving, Rule, Scoped, Violation, Watcher, watch


__all__ = [
    "Counterexample",
    "Path",
    "Place",
    "Rule",
    "Step",
    "Violation",
    "Watcher",
    "always_after",
    "always_before",
    "at_most",
    "eventually_left",
    "never",
    "time_between",
    "watch",
]


def never(names: Names, *, after: Names | None = None, until: Names | None = None) -> Rule:
    """
    Require that something never happens (absence).

    Args:
        after: it may happen before any of these has happened, and not afterwards.
        until: it may happen again once any of these has happened.

    Raises:
        InputError: for no name, or a name with an unknown kind before its colon.
    """
    subject, opens = to_names("never", names), to_names("after", after)
    closes = to_names("until", until, guards=True)
    scope = (f" after {_any(opens)}" if opens else "") + (f" until {_any(closes)}" if closes else "")
    return Scoped(f"never {_any(subject)}{scope}", subject, 0, opens, closes, always=not opens)


def at_most(most: int, names: Names, *, since: Names | None = None) -> Rule:
    """
    Require that something happens at most *most* times (bounded existence); a resume is not a new visit.

    The proof relies on a blocking guard ``loop_budget`` of the transition itself.

    Args:
        since: the count starts again at each of these.

    Raises:
        InputError: for a negative number, no name, or a name with an unknown kind before its colon.
    """
    if most < 0:
        raise InputError("at_most", most, "Pass how often it may happen, 0 or more.")
    subject, opens = to_names("at_most", names), to_names("since", since)
    scope = f" since {_any(opens)}" if opens else ""
    return Scoped(f"{_any(subject)} at most {most} time(s){scope}", subject, most, opens, visits=True)


def always_before(first: Names, then: Names, *, since: Names | None = None) -> Rule:
    """
    Require that *first* has happened whenever *then* happens (precedence).

    Args:
        since: it must have happened again after each of these.

    Raises:
        InputError: for no name, or a name with an unknown kind before its colon.
    """
    closes, subject = to_names("first", first, guards=True), to_names("then", then)
    opens = to_names("since", since)
    scope = f" since {_any(opens)}" if opens else ""
    return Scoped(f"{_any(closes)} always before {_any(subject)}{scope}", subject, 0, opens, closes)


def always_after(first: Names, then: Names, *, before: Names) -> Rule:
    """
    Require that *first* is always followed by *then*, before *before* happens (response).

    Raises:
        InputError: for no name, or a name with an unknown kind before its colon.
    """
    opens, closes = to_names("first", first), to_names("then", then, guards=True)
    subject = to_names("before", before)
    sentence = f"{_any(closes)} always after {_any(opens)} before {_any(subject)}"
    return Scoped(sentence, subject, 0, opens, closes, always=False)


def eventually_left(stage: str, *, within: timedelta | None = None) -> Rule:
    """
    Require that every visit of a stage can end (existence of a way out), and in a history ends in time.

    A hold does not end a visit, and its time does not count.

    Args:
        within: how long a visit may last; without it there is nothing to check in a history.

    Raises:
        InputError: for a name of something other than a stage, or a time that is not positive.
    """
    (named,) = to_names("eventually_left", stage)
    if named.what not in (None, "stage"):
        raise InputError("eventually_left", stage, "Only a stage can be left.")
    if within is not None and within <= timedelta():
        raise InputError("within", within, "Pass a positive timedelta.")
    limit = f" within {within}" if within else ""
    return Leaving(f"stage {named.name!r} is eventually left{limit}", Named(named.name, "stage"), within)


def time_between(
    first: Names, then: Names, *, at_least: timedelta | None = None, at_most: timedelta | None = None
) -> Rule:
    """
    Require that a certain time lies between the last *first* and each *then* that follows it.

    Without any *first* before there is nothing to check; :func:`always_before` asks for that.

    Raises:
        InputError: for no time, a time that is not positive, no name, or a name with an unknown kind before its colon.
    """
    given = {"at_least": at_least, "at_most": at_most}
    limits = {name: limit for name, limit in given.items() if limit is not None}
    for name, limit in limits.items() or [("at_least", timedelta())]:
        if limit <= timedelta():
            raise InputError(name, given[name], "Pass at_least= or at_most=, a positive timedelta.")
    opens, subject = to_names("first", first, guards=True), to_names("then", then)
    said = " and ".join(f"{name.replace('_', ' ')} {limit}" for name, limit in limits.items())
    return Between(f"{said} from {_any(opens)} to {_any(subject)}", opens, subject, at_least, at_most)


def _any(names: tuple[Named, ...]) -> str:
    return " or ".join(map(str, names))
