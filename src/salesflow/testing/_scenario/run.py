"""
Runs one scenario, in memory and without a clock, and says where it went another way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import attrs

from ..._lifecycle.deadlines import due_at
from ..._lifecycle.decision import Refused
from ..._model.facts import Notice
from ..._model.frozen import FrozenDict
from ..._model.project import Project
from ..._model.values import Label
from ..._pipeline.pipeline import Pipeline
from ...errors import SalesflowError, TransitionRefusedError
from .._navigate.project_in import project_in
from .failure import Difference, ScenarioFailedError
from .scenario import Given, Scenario, Step, Then


_ID: Final = "scenario"


def run_scenario(scenario: Scenario) -> None:
    """
    Run a scenario to its end.

    Raises:
        ScenarioFailedError: if it goes another way than it says.
    """
    try:
        table = _Table.laid(scenario)
    except SalesflowError as error:
        raise ScenarioFailedError(scenario, None, error=error) from None
    last = len(scenario.steps)
    for number, step in enumerate(scenario.steps, start=1):
        try:
            table.take(step)
        except TransitionRefusedError as error:
            decision: Refused = error.decision
            at = number, step
            if number < last or not scenario.then.refuses:
                hoped = Difference(_ANSWER, _ACCEPTED, _REFUSED)
                raise ScenarioFailedError(scenario, at, hoped, decision=decision) from None
            wrong = [*_refusal(scenario.then, decision), *table.differences(scenario.then)]
            if wrong:
                raise ScenarioFailedError(scenario, at, *wrong, decision=decision) from None
            return
        except SalesflowError as error:
            raise ScenarioFailedError(scenario, (number, step), error=error) from None
    at = last, scenario.steps[-1]
    if scenario.then.refuses:
        raise ScenarioFailedError(scenario, at, Difference(_ANSWER, _REFUSED, _ACCEPTED), *table.now())
    wrong = list(table.differences(scenario.then))
    if wrong:
        raise ScenarioFailedError(scenario, at, *wrong)


_ANSWER: Final = Label("decision", "判定")
_ACCEPTED: Final = Label("accepted", "通过")
_REFUSED: Final = Label("refused", "拒绝")
_STAGE: Final = Label("stage", "阶段")
_OUTCOME: Final = Label("outcome", "结果")
_VERSION: Final = Label("version", "版本号")
_NOTICES: Final = Label("notices", "通知")
_REASONS: Final = Label("reasons", "拒绝理由")
_CURES: Final = Label("cures", "补救项")
_SENTENCE: Final = Label("sentence", "说明文字")
_NOTHING: Final = "-"


def _refusal(then: Then, decision: Refused) -> Iterator[Difference]:
    """
    Yield where a refusal is not the one that was expected: every reason must be named, by id or by code.
    """
    blocking = decision.blocking
    if then.refused is not None:
        unnamed = [one for one in blocking if not {one.spec.use_id, one.code} & set(then.refused)]
        named = {name for one in blocking for name in (one.spec.use_id, one.code)}
        if unnamed or set(then.refused) - named:
            found = (f"{one.spec.use_id} ({one.code or one.status})" for one in blocking)
            yield Difference(_REASONS, _listed(then.refused), _listed(found))
    if then.missing is not None:
        cures = [f"{one.kind} {one.name}" for one in decision.missing]
        if sorted(set(then.missing)) != sorted(set(cures)):
            yield Difference(_CURES, _listed(then.missing), _listed(cures))
    for lang, texts in then.says.items():
        said = [one.message(lang) for one in blocking]
        for text in texts:
            if text not in said:
                yield Difference(_SENTENCE, text, " / ".join(said))


def _listed(items: Any) -> str:
    return ", ".join(map(str, items)) or _NOTHING


@attrs.define
class _Table:
    """
    The project of a scenario, and what happened to it so far.
    """

    pipeline: Pipeline
    at: datetime
    notices: list[Notice]

    @classmethod
    def laid(cls, scenario: Scenario) -> _Table:
        """
        Bring the project to where the scenario begins.
        """
        given, lifecycle = scenario.given, scenario.lifecycle
        pipeline = Pipeline(lifecycle, actor=given.actor, clock=lambda: given.at)
        if given.stage in (None, lifecycle.definition.initial):
            pipeline.open(scenario.name, id=_ID, fields=given.fields, entries=given.entries, at=given.at)
        else:
            _brought(pipeline, scenario.name, given)
        table = cls(pipeline, max(given.at, pipeline.get(_ID).updated_at), [])
        table.deliver()
        table.notices.clear()
        return table

    @property
    def project(self) -> Project:
        return self.pipeline.get(_ID)

    def deliver(self) -> None:
        """
        Take the notices that are due, as somebody who delivers them would.
        """
        self.pipeline.deliver(lambda notice, _id: self.notices.append(notice), at=self.at, limit=1000)

    def take(self, step: Step) -> None:
        """
        Take a step; what a step before it left to deliver is none of its notices.
        """
        self.notices.clear()
        _ACTS[step.verb](self, step)
        self.deliver()

    def differences(self, then: Then) -> Iterator[Difference]:
        """
        Yield what is otherwise about the project.
        """
        project = self.project
        wanted = (
            (_STAGE, then.stage, project.stage),
            (_OUTCOME, then.outcome, project.outcome),
            (_VERSION, then.version, project.version),
        )
        yield from (Difference(what, str(hoped), str(is_)) for what, hoped, is_ in wanted if hoped not in (None, is_))
        for name, value in then.fields.items():
            if project.fields.get(name) != value:
                label = Label(f"field {name}", f"字段 {name}")
                yield Difference(label, _written(value), _written(project.fields.get(name)))
        topics = sorted(notice.topic for notice in self.notices)
        if then.notices is not None and sorted(then.notices) != topics:
            yield Difference(_NOTICES, _listed(then.notices), _listed(topics))

    def now(self) -> Iterator[Difference]:
        """
        Yield where the project is, for a move that should not have been made.
        """
        taken = self.project
        before = list(self.pipeline.history(_ID))[-1].body
        yield Difference(_STAGE, getattr(before, "source", taken.stage), taken.stage)


def _written(value: object) -> str:
    return _NOTHING if value is None else str(value)


def _brought(pipeline: Pipeline, name: str, given: Given) -> None:
    """
    Walk through the gates to a stage; a gate may have needed other values, so those given are set at the end.
    """
    project = project_in(
        given.stage or "",
        pipeline.lifecycle,
        pipeline=pipeline,
        id=_ID,
        name=name,
        fields=given.fields,
        at=given.at,
        held=given.held,
    )
    other = {field: value for field, value in given.fields.items() if project.fields.get(field) != value}
    if other:
        project = pipeline.update(_ID, other, at=project.updated_at).project
    if given.entries:
        pipeline.add(_ID, *given.entries, at=project.updated_at)


def _fire(table: _Table, step: Step) -> None:
    table.pipeline.fire(_ID, step.what, actor=step.actor, at=table.at, **step.more)


def _approve(table: _Table, step: Step) -> None:
    table.pipeline.approve(_ID, step.what, actor=step.actor, at=table.at, **step.more)


def _decline(table: _Table, step: Step) -> None:
    table.pipeline.decline(_ID, step.what, actor=step.actor, at=table.at, **step.more)


def _update(table: _Table, step: Step) -> None:
    table.pipeline.update(_ID, step.what, actor=step.actor, at=table.at)


def _add(table: _Table, step: Step) -> None:
    table.pipeline.add(_ID, *step.what, actor=step.actor, at=table.at)


def _wait(table: _Table, step: Step) -> None:
    table.at = due_at(table.at, step.what)


def _tick(table: _Table, step: Step) -> None:
    del step
    table.pipeline.tick(table.at, limit=1000)


_ACTS: Final[Mapping[str, Callable[[_Table, Step], None]]] = FrozenDict(
    {
        "fire": _fire,
        "approve": _approve,
        "decline": _decline,
        "update": _update,
        "add": _add,
        "wait": _wait,
        "tick": _tick,
    }
)
