"""
Small builders for the tests of risk checks: what a check sees, made of facts, and a way to ask one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from salesflow import Actor, Fact, Project, Stage, replay
from salesflow.scores import Norms
from salesflow.typing import AdviceContext, Changed, DeadlinePassed, EntryPut, FieldSet, Finding, Opened, Transitioned

from ..inside.builders import risk_findings


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
TODAY = NOW.date()
DAY = timedelta(days=1)
LI = Actor("li.wei")

STAGES = (
    Stage("lead", "open", probability=0.1),
    Stage("plan", probability=0.35),
    Stage("bid", probability=0.5),
    Stage("closing", probability="by_outcome"),
    Stage("paused", "hold", probability="keep"),
    Stage("won", "won", probability=1.0),
)


def later(days: float) -> datetime:
    """A time so many days after the usual one."""
    return NOW + days * DAY


class Story:
    """
    The facts of one project, told day by day; it opens in *stage* so many days before now.
    """

    def __init__(self, *entries: Any, stage: str = "plan", age: float = 20, **fields: Any) -> None:
        self.facts: list[Fact] = []
        self._add(later(-age), Opened("Deal", stage, "undecided", _changes(entries, fields)))

    def _add(self, at: datetime, body: Any) -> None:
        self.facts.append(Fact("P-1", len(self.facts) + 1, at, LI, "short", "1", body))

    def change(self, days: float, *entries: Any, **fields: Any) -> Story:
        """A change so many days from now."""
        self._add(later(days), Changed(_changes(entries, fields)))
        return self

    def move(self, days: float, target: str, kind: str = "forward") -> Story:
        """A move so many days from now."""
        source = replay(self.facts).stage
        self._add(later(days), Transitioned("go", "go", kind, source, target, "undecided"))
        return self

    def passed(self, days: float) -> Story:
        """A deadline that passed."""
        project = replay(self.facts)
        body = DeadlinePassed("sla", project.stage, project.visit.number, later(days))
        self._add(later(days), body)
        return self

    def context(
        self, *, at: datetime = NOW, norms: Norms | None = None, stages: Iterable[Stage] = STAGES
    ) -> AdviceContext:
        """What a check sees."""
        project, known = replay(self.facts), tuple(stages)
        stage = next(one for one in known if one.id == project.stage)
        return AdviceContext(project, at, stage, known, tuple(self.facts), norms)


def _changes(entries: Iterable[Any], fields: dict[str, Any]) -> tuple[Any, ...]:
    return (*(FieldSet(name, value) for name, value in fields.items()), *map(EntryPut, entries))


def project_of(story: Story) -> Project:
    """The project that the story comes to."""
    return replay(story.facts)


def ask(kind: Any, story: Story, params: dict[str, Any] | None = None, **more: Any) -> list[Finding]:
    """
    Ask one check; whatever a test is about, each finding must also keep the promises of its kind.
    """
    found = risk_findings(kind, params or {}, story.context(**more))
    for finding in found:
        check_promises(kind, finding)
    return found


def check_promises(kind: Any, finding: Finding) -> None:
    """
    Check that a finding speaks in declared words, and that its signal fits its status.
    """
    known = {*kind.codes, "", "insufficient_data", "advice.raised"}
    assert finding.code in known, f"{kind.name} does not declare {finding.code}"
    assert 0 <= finding.signal <= 1
    assert (finding.status == "fired") == (finding.signal > 0)
    if finding.status == "fired":
        assert finding.action.missing() == ()
    for lang in ("en", "zh"):
        assert re.search(r"\{\w+\}", finding.message(lang)) is None, finding.message(lang)


def said(kind: Any, story: Story, params: dict[str, Any] | None = None, **more: Any) -> list[str]:
    """
    What a check says, shortly: status, level where it fired, and code.
    """
    return [
        " ".join(filter(None, [one.status, one.level if one.status == "fired" else "", one.code]))
        for one in ask(kind, story, params, **more)
    ]


def with_stage(name: str, **changes: Any) -> tuple[Stage, ...]:
    """
    The stages with one of them changed.
    """
    return tuple(attrs.evolve(one, **changes) if one.id == name else one for one in STAGES)
