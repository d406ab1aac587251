"""
Runs one scenario, in memory and without a clock, and reports where the result differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from ..._lifecycle.decision import Refused
from ..._model.facts import Notice, Opened
from ..._model.frozen import FrozenDict, noun
from ..._model.messages import format_value
from ..._model.project import Project
from ..._model.values import Label, Lang
from ..._model.verdict import Remedy
from ..._pipeline.change import add
from ..._pipeline.open import open_project
from ..._pipeline.pipeline import Pipeline, runtime_of
from ..._pipeline.runtime import WriteTime
from ...errors import InputError, SalesflowError, TransitionRefusedError
from .._navigate.context import at_any_time
from .._navigate.route import project_in
from .check import read_scenarios
from .scenario import Given, Scenario, Step, Then


@noun
class Difference:
    """
    One thing that was expected and is otherwise.
    """

    what: Label
    expected: Label | str
    found: Label | str


@attrs.define
class ScenarioFailedError(AssertionError):
    """
    A scenario went another way than it says.

    Attributes:
        scenario: the whole of it.
        step: its number, from 1, and the step at which it was; ``None`` before the first.
        differences: what was expected and what is.
        decision: the refusal, if there was one.
        error: what else was raised.
    """

    scenario: Scenario
    step: tuple[int, Step] | None
    differences: tuple[Difference, ...] = ()
    decision: Refused | None = None
    error: SalesflowError | None = None

    def __str__(self) -> str:
        return self.explain("en")

    @property
    def line(self) -> int:
        """
        The line of the step, or of the scenario.
        """
        return (self.step and self.step[1].line) or self.scenario.line

    def explain(self, lang: Lang) -> str:
        """
        Say where, what was expected, what was found, and the engine's own reasons.
        """
        scenario = self.scenario
        place, name = f"{scenario.file.name}:{self.line}", _say("scenario", lang, name=scenario.name)
        lines = [f"{place}: {name}"]
        if self.step is not None:
            number, step = self.step
            lines.append(_say("step", lang, number=number, what=_shown(step), who=_who(step)))
        for one in self.differences:
            what = one.what.text(lang)
            lines.append(_say("expected", lang, what=what, value=format_value(one.expected, lang)))
            lines.append(_say("found", lang, what=what, value=format_value(one.found, lang)))
        render = self.error if self.decision is None else self.decision.explain(lang)
        if render is not None:
            lines.append(_say("engine", lang))
            lines += [f"    {line}" for line in str(render).splitlines()]
        return "\n".join(lines)


_WORDS: Final[Mapping[str, Label]] = FrozenDict(
    {
        "scenario": Label("scenario '{name}'", "场景“{name}”"),
        "step": Label("  step {number}: {what}, by {who}", "  第 {number} 步：{what}，操作人 {who}"),
        "expected": Label("  expected {what}: {value}", "  预期{what}：{value}"),
        "found": Label("     found {what}: {value}", "  实际{what}：{value}"),
        "engine": Label("  the engine says:", "  引擎的说明："),
    }
)


def _say(word: str, lang: Lang, **parts: object) -> str:
    return _WORDS[word].text(lang).format(**parts)


def _shown(step: Step) -> str:
    what: Any = step.what
    if step.verb == "tick":
        return step.verb
    if step.verb == "add":
        what = ", ".join(entry.kind for entry in what)
    elif step.verb == "update":
        what = ", ".join(what)
    return f"{step.verb} {what}"


def _who(step: Step) -> str:
    roles = ", ".join(sorted(step.actor.roles))
    return f"{step.actor.name} ({roles})" if roles else step.actor.name


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
                raise ScenarioFailedError(scenario, at, (hoped,), decision) from None
            wrong = *_refusal(scenario.then, decision), *table.differences(scenario.then)
            if wrong:
                raise ScenarioFailedError(scenario, at, wrong, decision) from None
            return
        except SalesflowError as error:
            raise ScenarioFailedError(scenario, (number, step), error=error) from None
    at = last, scenario.steps[-1]
    if scenario.then.refuses:
        raise ScenarioFailedError(scenario, at, (Difference(_ANSWER, _REFUSED, _ACCEPTED), *table.now()))
    wrong = tuple(table.differences(scenario.then))
    if wrong:
        raise ScenarioFailedError(scenario, at, wrong)


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


def _named(remedies: Iterable[Remedy]) -> Iterator[str]:
    """
    Yield what each remedy asks for; of a choice, each alternative.
    """
    for one in remedies:
        inner = _named(chain.from_iterable(one.alternatives))
        yield from inner if one.alternatives else (f"{one.kind} {one.name}",)


def _refusal(then: Then, decision: Refused) -> Iterator[Difference]:
    """
    Yield where a refusal differs from the expected refusal: every reason must be named, by id or by code.
    """
    blocking = decision.blocking
    if then.refused is not None:
        unnamed = [one for one in blocking if not {one.spec.use_id, one.code} & set(then.refused)]
        named = {name for one in blocking for name in (one.spec.use_id, one.code)}
        if unnamed or set(then.refused) - named:
            found = (f"{one.spec.use_id} ({one.code or one.status})" for one in blocking)
            yield Difference(_REASONS, _listed(then.refused), _listed(found))
    if then.missing is not None:
        cures = list(_named(decision.missing))
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
    The project of a scenario that steps are about, and what happened so far.
    """

    pipeline: Pipeline
    at: datetime
    notices: list[Notice]
    id: str = _ID
    _taken: set[str] = attrs.field(factory=set[str])

    @classmethod
    def laid(cls, scenario: Scenario) -> _Table:
        """
        Bring the project to where the scenario begins.
        """
        given, lifecycle = scenario.given, scenario.lifecycle
        pipeline = at_any_time(Pipeline((*scenario.others, lifecycle), actor=given.actor, clock=lambda: given.at))
        if given.stage in (None, lifecycle.definition.initial):
            fields, entries, when = given.fields, given.entries, WriteTime(given.at)
            open_project(
                runtime_of(pipeline), scenario.name, _ID, fields, entries, None, None, None, when, None, computed=True
            )
        else:
            _brought(pipeline, scenario.name, given)
        table = cls(pipeline, max(given.at, pipeline.get(_ID).updated_at), [])
        table.deliver()
        table.notices.clear()
        return table

    @property
    def project(self) -> Project:
        return self.pipeline.get(self.id)

    def _take(self, notice: Notice, delivery_id: str) -> None:
        # It is delivered once for each addressee.
        if delivery_id.rpartition(":")[0] not in self._taken:
            self._taken.add(delivery_id.rpartition(":")[0])
            self.notices.append(notice)

    def deliver(self) -> None:
        """
        Take the notices that are due, as somebody who delivers them would.
        """
        self.pipeline.deliver(self._take, at=self.at, limit=1000)

    def take(self, step: Step) -> None:
        """
        Take a step; what a step before it left to deliver is none of its notices.
        """
        self.notices.clear()
        if step.verb == "wait":
            self.at = self.pipeline.lifecycle.calendar.add(self.at, step.what)
        elif step.verb == "tick":
            self.pipeline.tick(self.at, limit=1000)
        elif step.verb == "turn_to":
            self.id = self._last_of(step.what)
        else:
            what = step.what if step.verb == "add" else (step.what,)
            getattr(self.pipeline, step.verb)(self.id, *what, actor=step.actor, at=self.at, **step.more)
        self.deliver()

    def _last_of(self, lifecycle: str) -> str:
        facts = self.pipeline.store.feed().facts
        opened = [each.project_id for each in facts if isinstance(each.body, Opened) and each.lifecycle == lifecycle]
        if not opened:
            raise InputError("turn_to", lifecycle, "No project of this lifecycle was opened; let a step spawn it.")
        return opened[-1]

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
        before = list(self.pipeline.history(self.id))[-1].body
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
        add(runtime_of(pipeline), _ID, tuple(given.entries), computed=True, at=project.updated_at)


class ScenarioFile(pytest.File):
    """
    A file of scenarios; it is looked at as a whole before anything runs.
    """

    def collect(self) -> Iterable[pytest.Item]:
        """
        Yield a test for each scenario.

        Raises:
            CollectError: with everything that is wrong with the file.
        """
        scenarios, report = read_scenarios(self.path)
        if not report.ok:
            raise self.CollectError(str(report))
        for scenario in scenarios:
            yield ScenarioItem.of(self, scenario)


class ScenarioItem(pytest.Item):
    """
    One scenario.
    """

    scenario: Scenario

    @classmethod
    def of(cls, parent: ScenarioFile, scenario: Scenario) -> ScenarioItem:
        """
        Make the test of a scenario.
        """
        made: ScenarioItem = cls.from_parent(parent, name=scenario.name)  # pyright: ignore[reportUnknownMemberType] -- its **kw
        made.scenario = scenario
        return made

    def runtest(self) -> None:
        """
        Run it.
        """
        run_scenario(self.scenario)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """
        Say what was expected and what happened; of what is no failed scenario, show the traceback.
        """
        if isinstance(excinfo.value, ScenarioFailedError):
            return excinfo.value.explain(_language(self.config))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """
        Say where it stands; lines count from 0 here.
        """
        return self.path, self.scenario.line - 1, self.name


def _language(config: pytest.Config) -> Lang:
    given: Any = config.getoption("scenario_lang") or config.getini("scenario_lang")
    return "zh" if given == "zh" else "en"
