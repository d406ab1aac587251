"""
What the next moves of open projects miss: each is decided once, and again when it has changed or another day begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import attrs

from .._lifecycle.decision import Refused
from .._lifecycle.lifecycle import Lifecycle
from .._model.project import Project
from .._model.values import Label
from .._model.verdict import Remedy, Verdict, alternatives
from .._model.zones import local_date
from .._pipeline import queries
from .._pipeline.runtime import deciding_lifecycle, project_of
from .._pipeline.waiting import NOBODY, leaves_of
from ._reading import Reader
from ._tables import NEVER, moment


TIME: Final = "time"
"""Whose turn it is where nothing but time must pass."""

_ONWARD: Final = frozenset({"forward", "resume"})


@attrs.frozen
class Hurdle:
    """
    A guard of a transition that stops projects, and whose turn it is.

    Attributes:
        lifecycle: its id.
        transition: the id of the transition.
        label: what people call the transition.
        guard: the id of the guard's use.
        turn: who is to act: ``owner``, ``role:<role>``, a person's name, or ``time``.
    """

    lifecycle: str
    transition: str
    label: Label
    guard: str
    turn: tuple[str, ...]


class Answer(NamedTuple):
    """
    What was found for one project.

    Attributes:
        version: of the project.
        day: on which it was found.
        waits: whether time alone may change it, so that it is asked every time.
        hurdles: the numbers of its hurdles; none where a next move is open.
        verdicts: what blocks, each with the trigger that it stops.
        known: whether its lifecycle is one of the pipeline's.
    """

    version: int
    day: date
    waits: bool = False
    hurdles: tuple[int, ...] = ()
    verdicts: tuple[tuple[str, Verdict], ...] = ()
    known: bool = True


@attrs.define(eq=False, repr=False)
class Answers:
    """
    What was found so far, kept from reading to reading.

    Attributes:
        by_row: by the row of the project.
        hurdles: all hurdles that were met.
        numbers: the number of each.
    """

    by_row: dict[int, Answer] = attrs.Factory(dict[int, Answer])
    hurdles: list[Hurdle] = attrs.Factory(list[Hurdle])
    numbers: dict[tuple[Any, ...], int] = attrs.Factory(dict[tuple[Any, ...], int])


def refreshed(reader: Reader, rows: Sequence[int]) -> Answers:
    """
    Return answers about projects, of which those that changed since are decided again.
    """
    answers: Answers = reader.kept.setdefault("hurdles", Answers())
    found, versions, now = answers.by_row, reader.source.tables.projects.version, moment(reader.source.now)
    days = {number: local_date(now, each.zone) for number, each in enumerate(reader.source.definitions) if each}
    lifecycles, today = reader.source.tables.projects.lifecycle, now.date()
    for row in rows:
        before = found.get(row)
        day = days.get(lifecycles[row], today)
        if before is None or before.version != versions[row] or before.waits or before.day != day:
            found[row] = _decided(reader, answers, row, now, day)
    return answers


def _decided(reader: Reader, answers: Answers, row: int, now: datetime, day: date) -> Answer:
    runtime, projects = reader.runtime, reader.source.tables.projects
    if reader.source.tables.lifecycles[projects.lifecycle[row]] not in runtime.lifecycles:
        return Answer(projects.version[row], day, known=False)
    past = reader.as_of is not None or reader.known_at is not None
    name = projects.id[row]
    project = queries.as_of(runtime, name, reader.as_of, reader.known_at) if past else project_of(runtime, name)
    lifecycle = deciding_lifecycle(runtime, project)
    at = max(now, project.updated_at)
    refusals: list[Refused] = []
    for trigger in _onward(reader, lifecycle, project):
        decision = lifecycle.decide(project, trigger, actor=NOBODY, at=at)
        if not isinstance(decision, Refused):
            return Answer(projects.version[row], day)
        refusals.append(decision)
    stops = [
        (each.trigger, candidate.transition, verdict)
        for each in refusals
        for candidate in each.candidates
        for verdict in candidate.verdicts
        if verdict.blocks
    ]
    numbers: dict[int, None] = {}
    waits = False
    for _, transition, verdict in stops:
        turn = tuple(dict.fromkeys(_turns(verdict)))
        waits |= TIME in turn
        key = lifecycle.id, transition.id, verdict.spec.use_id, turn
        number = answers.numbers.get(key)
        if number is None:
            number = answers.numbers[key] = len(answers.hurdles)
            label = transition.label if transition.label.text() else Label(transition.id)
            answers.hurdles.append(Hurdle(lifecycle.id, transition.id, label, verdict.spec.use_id, turn))
        numbers[number] = None
    verdicts = tuple((trigger, verdict) for trigger, _, verdict in stops)
    return Answer(projects.version[row], day, waits, tuple(numbers), verdicts)


def _onward(reader: Reader, lifecycle: Lifecycle, project: Project) -> Sequence[str]:
    """
    Return the triggers that lead a project on: forward, or out of a hold.
    """
    known: dict[tuple[str, str, str], Sequence[str]] = reader.kept.setdefault("onward", {})
    key = lifecycle.id, lifecycle.version, project.stage
    found = known.get(key)
    if found is None:
        onward = {each.trigger for each in lifecycle.transitions if each.kind in _ONWARD}
        found = known[key] = [each for each in lifecycle.triggers(project.stage) if each in onward]
    return found


def _turns(verdict: Verdict) -> Iterator[str]:
    """
    Yield whose turn it is to cure a verdict: of several ways, the best.
    """
    ways = alternatives(verdict)
    for remedy in ways[0] if ways else ():
        for leaf in leaves_of(remedy):
            yield from _who(leaf)
    if not ways:
        yield "owner"


def _who(remedy: Remedy) -> Iterator[str]:
    params: Mapping[str, Any] = remedy.params
    if remedy.kind == "wait":
        yield TIME
    elif remedy.kind == "role":
        yield f"role:{remedy.name}"
    elif remedy.kind == "approval" and params.get("by"):
        yield from _texts(params["by"])
    elif remedy.kind == "approval" and params.get("roles"):
        yield from (f"role:{each}" for each in _texts(params["roles"]))
    else:
        yield "owner"


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def open_rows(reader: Reader, included: Sequence[int]) -> Sequence[int]:
    """
    Return the rows of the projects that go on: neither closed nor in a final stage.
    """
    tables = reader.source.tables
    closed, stage, lifecycle = tables.projects.closed, tables.projects.stage, tables.projects.lifecycle
    final = {
        (number, tables.words.find(each.id))
        for number, definition in enumerate(reader.source.definitions)
        for each in (definition.stages if definition else ())
        if each.final
    }
    return [row for row in included if closed[row] == NEVER and (lifecycle[row], stage[row]) not in final]
