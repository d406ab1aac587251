"""
A pipeline with risks to watch: a short lifecycle, a clock that is told the time, and a store that is overtaken.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle
from salesflow.typing import AdviceUse, EarlyWarning, Label

from ..equipment import Clock


START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LI = Actor("li.wei", roles={"project_lead"})
ACTION = Label("Call the customer.", "联系客户。")


def quiet(**changes: Any) -> EarlyWarning:
    """A warning on projects without a next step."""
    return EarlyWarning(**{"id": "quiet", "on": "no_next_step", "fire": 0.3, "action": ACTION, **changes})


def definition(*warnings: EarlyWarning, **changes: Any) -> Definition:
    """A short lifecycle with two checks."""
    parts: dict[str, Any] = {
        "fields": (Field("owner"), Field("heat", "number"), Field("amount", "money")),
        "stages": (Stage("lead", "open"), Stage("offer"), Stage("won", "won")),
        "transitions": (Transition("offer", "lead", "offer"), Transition("win", ("lead", "offer"), "won")),
        "risks": (AdviceUse("no_next_step"), AdviceUse("risk_matrix"), AdviceUse("partner_delay")),
        "warnings": warnings,
    }
    return Definition("short", **{**parts, **changes})


def make_pipeline(
    *warnings: EarlyWarning, store: Any = None, clock: Any = None, scorers: Any = (), **changes: Any
) -> Pipeline:
    """A pipeline with one project, P-1."""
    lifecycle = build_lifecycle(definition(*warnings, **changes))
    made = Pipeline(lifecycle, store=store, clock=clock or Clock(START), actor=LI, scorers=scorers)
    made.open("Core network", id="P-1", fields={"owner": "li.wei"})
    return made
