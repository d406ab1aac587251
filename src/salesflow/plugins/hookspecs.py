"""
Every extension point of salesflow, typed.

A plugin is a module or an object with functions marked :data:`hookimpl`. An implementation takes as many of the
arguments as it needs, by name. Hooks called *before the build* bring things that definitions may name; hooks called
while *deciding* are pure: no clock, no files, no randomness; hooks called *after the commit* learn of it, and cannot
undo it.

A plugin may have a ``version``; ``codes``: a ``Label`` for each code of its verdicts, scores and findings; and
``advice``: the names of its scores and findings, so that early warnings can watch them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import pluggy


if TYPE_CHECKING:
    from datetime import date, datetime, tzinfo
    from pathlib import Path

    from click import Command

    from .._model.advice import Finding, Score
    from .._model.calendar import Calendar
    from .._model.definition import Definition, Transition
    from .._model.delivery import Answer, Recipient
    from .._model.facts import Entry, Fact, Notice
    from .._model.project import Project
    from .._model.values import Actor
    from .._model.verdict import Verdict
    from ..effects import EffectKind
    from ..guards import Guard
    from ..typing import DefinedKpi, Store


__all__ = [
    "API",
    "hookimpl",
    "hookspec",
    "salesflow_calendars",
    "salesflow_check_risks",
    "salesflow_cli",
    "salesflow_committed",
    "salesflow_directory",
    "salesflow_effects",
    "salesflow_entries",
    "salesflow_guards",
    "salesflow_kpis",
    "salesflow_lifecycles",
    "salesflow_notify",
    "salesflow_recurrences",
    "salesflow_score",
    "salesflow_settings",
    "salesflow_stage_rules",
    "salesflow_stores",
]


API: Final = 1
"""The version of these hooks. A plugin that needs a newer one says so in ``salesflow_api``."""

hookspec: pluggy.HookspecMarker = pluggy.HookspecMarker("salesflow")
hookimpl: pluggy.HookimplMarker = pluggy.HookimplMarker("salesflow")
"""Marks a function of a plugin as the implementation of the hook with its name."""


@hookspec
def salesflow_guards() -> Iterable[Guard[Any]]:  # type: ignore[empty-body]  # a specification
    """
    Before the build: return guards, made with ``@guard``, whose names start with the plugin's own.
    """


@hookspec
def salesflow_effects() -> Iterable[EffectKind[Any]]:  # type: ignore[empty-body]  # a specification
    """
    Before the build: return effects, made with ``@effect``.
    """


@hookspec
def salesflow_entries() -> Iterable[type[Entry]]:  # type: ignore[empty-body]  # a specification
    """
    Before the build: return frozen attrs classes with a ``kind`` and an ``id``, for the dossier.

    A class may have a ``label``, a :class:`~salesflow.typing.Label` that says what people call the kind.
    """


@hookspec
def salesflow_lifecycles() -> Mapping[str, Definition | Path | str]:  # type: ignore[empty-body]  # a specification
    """
    Before the build: return definitions by the id that ``load_lifecycle`` takes.

    A definition may be one built in Python, the path of a file, or its text.
    """


@hookspec
def salesflow_stores() -> Mapping[str, Callable[..., Store]]:  # type: ignore[empty-body]  # a specification
    """
    Return openers of stores by URL scheme.

    An opener takes the whole URL, and as keywords ``tenant``, ``entries``, the entry classes of all
    plugins, and ``create``, which is false for whoever only reads: then nothing is made.
    """


@hookspec
def salesflow_calendars(name: str, zone: tzinfo) -> Calendar | None:
    """
    Before the build: return the calendar of a name in a time zone; ``None`` for names that are not the plugin's.

    It is asked for ``calendar = "<name>"``, and for ``holidays = "<name>"`` in a table ``[calendar]``, whose hours then
    go with its holidays and make-up days.
    """


@hookspec
def salesflow_recurrences(text: str) -> Callable[[date, date], Iterable[datetime]] | None:
    """
    Before the build: return when a cadence is due; ``None`` for a text of ``every`` that is not the plugin's.

    It is asked for texts that the library does not read itself. What it returns is called with a first and a last day,
    and returns the times from the one to the other, without a zone, as clocks in the lifecycle's zone show them.
    """


@hookspec
def salesflow_cli() -> Iterable[Command]:  # type: ignore[empty-body]  # a specification
    """
    Return commands for the command line, made with ``click``; it is called when ``salesflow`` is run.

    A command may have an attribute ``help_zh``: its help in Chinese, as a mapping with ``help``, ``short_help`` and the
    names of its options.
    """


@hookspec
def salesflow_kpis() -> Iterable[DefinedKpi]:  # type: ignore[empty-body]  # a specification
    """
    Before the build: return KPIs, made with ``insight.kpi`` or ``insight.combined``.

    Their names start with the plugin's own. Every portfolio of a pipeline with the plugin can compute them.
    """


@hookspec
def salesflow_settings() -> type[Any]:  # type: ignore[empty-body]  # a specification
    """
    Before the build: return the frozen attrs class of the plugin's settings.

    A definition writes them under ``[plugins.<prefix>]``, each of the type of its annotation; a secret is annotated
    with :class:`salesflow.plugins.Env`. Every hook with an argument ``settings`` gets those of the lifecycle.
    """


@hookspec
def salesflow_stage_rules(  # type: ignore[empty-body]  # a specification
    project: Project, transition: Transition, actor: Actor, at: datetime, settings: Any
) -> Iterable[Verdict]:  # pyright: ignore[reportReturnType]  # a specification
    """
    Deciding: return verdicts on a proposed move, for every transition of every lifecycle.

    They are asked after the transition's own guards, of the project as proposed, and block like
    them. None at all is a pass. A rule that raises blocks with an ``unknown`` that names the plugin.
    """


@hookspec
def salesflow_score(project: Project, at: datetime, settings: Any) -> Iterable[Score]:  # type: ignore[empty-body]  # a specification
    """
    Advising, from ``Pipeline.score``: return scores, named with the plugin's prefix.

    What it raises becomes a score without value that names the plugin.
    """


@hookspec
def salesflow_check_risks(project: Project, at: datetime, settings: Any) -> Iterable[Finding]:  # type: ignore[empty-body]  # a specification
    """
    Advising, from ``Pipeline.risks``: return findings, named with the plugin's prefix.

    What it raises becomes an ``unknown`` finding that names the plugin.
    """


@hookspec
def salesflow_notify(notice: Notice, addressee: str, settings: Any) -> Answer | bool | None:
    """
    After the commit, from ``Pipeline.deliver``: deliver a notice to one addressee.

    The notice is narrowed to that addressee, with the person's name and language. Return ``done`` (or ``True``, or
    nothing), ``later(at)``, or ``failed(why)`` (or ``False``). What it raises is a failure as well, which is kept and
    tried again later. Each plugin delivers to each addressee on its own.
    """


@hookspec
def salesflow_directory(address: str, project: Project, at: datetime, settings: Any) -> Iterable[Recipient] | None:
    """
    After the commit, from ``Pipeline.deliver``: return the people whom an address of a notice means at a time.

    An address is ``role:<role>``, ``team``, ``owner`` or what else a definition names; ``None`` for one that the
    directory does not know. Without any directory a notice goes to its addresses as they are. ``Pipeline.approve`` asks
    for ``deputy:<actor>``: for whom the actor may approve, as recipients with the ``roles`` in which that is so.
    """


@hookspec
def salesflow_committed(facts: tuple[Fact, ...], project: Project, settings: Any) -> None:
    """
    After the commit: one project's new facts and the project as they left it.

    Runs on the caller's thread. What it raises is returned in ``listener_failures``
    and stops neither the move nor the other listeners.
    """
