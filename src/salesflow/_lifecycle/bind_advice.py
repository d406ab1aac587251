"""
Binds the scorers and risk checks that a definition names, and asks them, each on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from .._definition.report import Fault, fault
from .._model.advice import AdviceContext, AdviceKind, BoundAdvice, Finding, Score
from .._model.frozen import FrozenDict
from .._model.messages import PLAIN_WORDING, Wording
from .._model.parameters import call_factory
from .._model.uses import AdviceUse
from .._model.values import is_name
from ..errors import nearest, say
from .bind_guards import DeclaredNames, make, typed_predicate


def bind_advice(
    uses: Sequence[AdviceUse],
    declared: DeclaredNames,
    path: str,
    known: Mapping[str, AdviceKind[Any, Any]],
    faults: list[Fault],
) -> tuple[BoundAdvice, ...]:
    """
    Return the advisers of a definition, in file order; what is wrong is added to *faults*.
    """
    bound: list[BoundAdvice] = []
    taken: set[str] = set()
    for index, use in enumerate(uses):
        here, before, name = f"{path}[{index}]", len(faults), use.id or use.use
        if use.id is not None and not is_name(use.id):
            faults.append(fault(f"{here}.id", "id.malformed", name=use.id))
        elif name in taken:
            faults.append(fault(f"{here}.id", "id.duplicate/use", name=name))
        taken.add(name)
        kind = known.get(use.use)
        if kind is None:
            about = {"what": say(f"advice.{path}"), "known": sorted(known), "near": nearest(use.use, known)}
            faults.append(fault(f"{here}.use", "advice.unknown", name=use.use, **about))
            continue
        ask, params = make(kind, use.params, declared, here, "advice", faults)
        when = None if use.when is None else typed_predicate(use.when, declared, f"{here}.when", faults)
        if len(faults) == before:
            faults += declared.undeclared(here, call_factory(kind.reads, params))
            for cadence in call_factory(kind.cadences, params):
                if cadence not in declared.cadences and not declared.unread_parts.may_hold("cadences", cadence):
                    about = {"name": cadence, "near": nearest(cadence, declared.cadences)}
                    faults.append(fault(f"{here}.cadence", "cadence.unknown", **about))
            bound.append(BoundAdvice(name, ask, when, FrozenDict(kind.codes)))
    return tuple(bound)


def ask_scorers(
    advisers: Iterable[BoundAdvice], ctx: AdviceContext, *, wording: Wording = PLAIN_WORDING
) -> tuple[Score, ...]:
    """
    Return the scores of a project in order; later scorers see earlier scores.

    A scorer that raises, or answers with anything but sound scores, gives a score without value that says so.
    """
    found: list[Score] = []
    for one in advisers:
        now = ctx._replace(scores=FrozenDict({score.name: score for score in found}))
        answers = _ask(one, now, Score, "name", lambda name, code, error: Score(name, None, code=code, error=error))
        found += [attrs.evolve(score, wording=wording) for score in answers]
    return tuple(found)


def ask_risk_checks(
    advisers: Iterable[BoundAdvice], ctx: AdviceContext, *, wording: Wording = PLAIN_WORDING
) -> tuple[Finding, ...]:
    """
    Return what every risk check finds, in order, also where nothing fired.

    A check that raises, or answers with anything but sound findings, gives an ``unknown`` one that says so.
    """

    def unknown(name: str, code: str, error: str) -> Finding:
        return Finding(name, "unknown", code=code, error=error)

    found = (finding for one in advisers for finding in _ask(one, ctx, Finding, "check", unknown))
    return tuple(attrs.evolve(finding, wording=wording) for finding in found)


A = TypeVar("A", Score, Finding)


def _ask(
    adviser: BoundAdvice, ctx: AdviceContext, wanted: type[A], named: str, instead: Callable[[str, str, str], A]
) -> list[A]:
    """
    Return what an adviser answers, with where it comes from.

    Args:
        named: the attribute that holds the name; plugins may choose their own.
        instead: makes an answer of a name, a code and an error, where the adviser gave none.
    """
    if not adviser.applies(ctx):
        return []
    raised: A | None = None
    try:
        given = adviser.ask(ctx)
        # A generator runs here, so that what it raises is the plugin's as well.
        answers: list[Any] = [] if given is None else list(given) if _is_many(given) else [given]
    except Exception as error:  # noqa: BLE001 -- a rule that raises must not take the others down
        raised = instead(adviser.name, "advice.raised", f"{type(error).__name__}: {error}")
        answers = [raised]
    found: list[A] = []
    for one in answers:
        text = "" if one is raised else _problem(adviser, one, wanted, named)
        answer = instead(adviser.name, "advice.malformed", text) if text else one
        name = adviser.name if adviser.plugin == "salesflow" else getattr(answer, named)
        about: dict[str, Any] = {named: name, "codes": answer.codes or adviser.codes}
        found.append(attrs.evolve(answer, **about, plugin=adviser.plugin, plugin_version=adviser.version))
    return found


def _problem(adviser: BoundAdvice, answer: object, wanted: type[Score | Finding], named: str) -> str:
    """
    Say what is wrong with an answer; empty if nothing is. Answers of built-ins are not checked.
    """
    if not isinstance(answer, wanted):
        return f"{type(answer).__name__} is no {wanted.__name__}"
    if adviser.plugin == "salesflow":
        return ""
    from .check_advice import problems_of_answer  # noqa: PLC0415 -- few lifecycles have plugins that advise

    found = list(problems_of_answer(answer))
    name = getattr(answer, named)
    if found:  # the name may be what is wrong
        return "; ".join(found)
    if adviser.prefix and not name.startswith(f"{adviser.prefix}."):
        return f"{named}: {name!r} does not begin with '{adviser.prefix}.'"
    if adviser.names and name not in adviser.names:
        return f"{named}: {name!r} is not in the plugin's advice, {', '.join(adviser.names)}"
    return ""


def _is_many(given: object) -> bool:
    return hasattr(given, "__iter__") and not isinstance(given, (str, bytes, Mapping))
