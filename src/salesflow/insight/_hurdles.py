"""
What the next moves of open projects miss: each is decided once, and again when it has changed or another day begins.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import attrs

from .._lifecycle.decision import Refused
from .._lifecycle.guard_names import guard_label
from .._lifecycle.lifecycle import Lifecycle
from .._model.definition import Transition, label_of
from .._model.frozen import noun
from .._model.project import Project
from .._model.values import Label
from .._model.verdict import Verdict
from .._model.zones import local_date
from .._pipeline import queries
from .._pipeline.children import children_seen
from .._pipeline.runtime import deciding_lifecycle, project_of
from .._pipeline.waiting import NOBODY, TIME, turn_of
from ._columns.reading import Reader
from ._columns.tables import NEVER, NONE, moment


_ONWARD: Final = frozenset({"forward", "resume"})


@noun
class Hurdle:
    """
    A guard of a transition that stops projects, and whose turn it is.

    Attributes:
        lifecycle: its id.
        transition: the id of the transition.
        label: what people call the transition.
        guard: the id of the guard's use.
        asks: what people call it.
        turn: who is to act: ``owner``, ``role:<role>``, ``project:<id>``, a person's name, or ``time``.
    """

    lifecycle: str
    transition: str
    label: Label
    guard: str
    asks: Label
    turn: tuple[str, ...]


FREE: Final = 0
"""The state of a project with a next move that is open."""
FOREIGN: Final = 1
"""The state of a project whose lifecycle the pipeline does not have."""


@attrs.define(eq=False, repr=False)
class Answers:
    """
    What was found, kept from reading to reading. The arrays have one row a project.

    Attributes:
        days: on which day it was found, by the number of the lifecycle.
        asked: the version of the project that was decided; :data:`NONE` where it is to be decided the next time.
        states: :data:`FREE`, :data:`FOREIGN`, or the number of the hurdles that stop the project together.
        together: the numbers of the hurdles of each state.
        verdicts: of a project that is stopped, by its row: what blocks, each with the trigger that it stops.
        hurdles: all hurdles that were met.
    """

    days: Mapping[int, date] = attrs.Factory(dict[int, date])
    asked: array[int] = attrs.Factory(lambda: array("i"))
    states: array[int] = attrs.Factory(lambda: array("i"))
    together: list[tuple[int, ...]] = attrs.Factory(lambda: [(), ()])
    verdicts: dict[int, tuple[tuple[str, Verdict], ...]] = attrs.Factory(dict[int, tuple[tuple[str, Verdict], ...]])
    hurdles: list[Hurdle] = attrs.Factory(list[Hurdle])
    _numbers: dict[Any, int] = attrs.Factory(dict[Any, int])

    def number(self, lifecycle: Lifecycle, transition: Transition, verdict: Verdict) -> int:
        """
        Return the number of the hurdle of a verdict; a new hurdle gets a new number.
        """
        guard, turn = verdict.spec.use_id, turn_of(verdict)
        key = lifecycle.id, lifecycle.version, transition.id, guard, turn
        found = self._numbers.get(key)
        if found is None:  # other versions may have the same hurdle
            asks = guard_label(lifecycle, transition.id, guard)
            hurdle = Hurdle(lifecycle.id, transition.id, label_of(transition), guard, asks, turn)
            found = self._numbers[key] = self._numbers.setdefault(hurdle, len(self.hurdles))
            if found == len(self.hurdles):
                self.hurdles.append(hurdle)
        return found

    def state(self, hurdles: tuple[int, ...]) -> int:
        """
        Return the state of a project that these hurdles stop.
        """
        found = self._numbers.setdefault(hurdles, len(self.together))
        if found == len(self.together):
            self.together.append(hurdles)
        return found


def refreshed(reader: Reader, rows: Sequence[int]) -> Answers:
    """
    Return answers about projects, of which those that changed since are decided again.
    """
    answers: Answers = reader.kept.setdefault("hurdles", Answers())
    versions, now = reader.source.tables.projects.version, moment(reader.source.now)
    days = {number: local_date(now, each.zone) for number, each in enumerate(reader.source.definitions) if each}
    if any(days.get(number) != day for number, day in answers.days.items()):
        answers.asked = array("i")
    answers.days = days
    for column, blank in ((answers.asked, NONE), (answers.states, FOREIGN)):
        column.extend([blank] * (len(versions) - len(column)))
    asked = answers.asked
    for row in [row for row in rows if asked[row] != versions[row]]:
        answers.verdicts.pop(row, None)
        waits = _decided(reader, answers, row, now)
        asked[row] = NONE if waits else versions[row]
    return answers


def _decided(reader: Reader, answers: Answers, row: int, now: datetime) -> bool:
    """
    Decide the next moves of a project, and return whether time alone may change the answer.
    """
    runtime, projects = reader.runtime, reader.source.tables.projects
    if reader.source.tables.lifecycles[projects.lifecycle[row]] not in runtime.lifecycles:
        answers.states[row] = FOREIGN
        return False
    past = reader.as_of is not None or reader.known_at is not None
    name = projects.id[row]
    project = queries.as_of(runtime, name, reader.as_of, reader.known_at) if past else project_of(runtime, name)
    lifecycle = deciding_lifecycle(runtime, project)
    at = max(now, project.updated_at)
    children = None if past else children_seen(runtime, lifecycle, project)
    stops: list[tuple[str, Transition, Verdict]] = []
    for trigger in _onward(reader, lifecycle, project):
        decision = lifecycle.decide(project, trigger, actor=NOBODY, at=at, children=children)
        if not isinstance(decision, Refused):
            answers.states[row] = FREE
            return False
        stops += [
            (trigger, candidate.transition, verdict)
            for candidate in decision.candidates
            for verdict in candidate.verdicts
            if verdict.blocks
        ]
    met = [answers.number(lifecycle, transition, verdict) for _, transition, verdict in stops]
    answers.states[row] = answers.state(tuple(dict.fromkeys(met))) if met else FREE
    answers.verdicts[row] = tuple([(trigger, verdict) for trigger, _, verdict in stops])
    # What other projects do is not known from this one's facts either.
    return children is not None or any(TIME in answers.hurdles[each].turn for each in met)


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
