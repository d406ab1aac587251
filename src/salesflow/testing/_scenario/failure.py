"""
What is told of a scenario that went another way than it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from ..._lifecycle.decision import Refused
from ..._model.frozen import FrozenDict
from ..._model.messages import format_value
from ..._model.values import Label, Lang
from ...errors import SalesflowError
from .scenario import Scenario, Step


@attrs.frozen
class Difference:
    """
    One thing that was expected and is otherwise.
    """

    what: Label
    expected: Label | str
    found: Label | str


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
    differences: tuple[Difference, ...]
    decision: Refused | None
    error: SalesflowError | None

    def __init__(
        self,
        scenario: Scenario,
        step: tuple[int, Step] | None,
        *differences: Difference,
        decision: Refused | None = None,
        error: SalesflowError | None = None,
    ) -> None:
        self.scenario = scenario
        self.step = step
        self.differences = differences
        self.decision = decision
        self.error = error
        super().__init__(self.explain("en"))

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
