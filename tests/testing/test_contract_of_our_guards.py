"""
The contract of guards, run over every guard that salesflow brings.
"""

from __future__ import annotations

from typing import Any

import pytest

from salesflow import Definition, Field, Stage, Transition, build_lifecycle, guards
from salesflow.testing import GuardContract
from salesflow.typing import GuardUse

from ..guards.test_every_guard import PARAMS


FIELDS = (
    Field("amount", "money"),
    Field("due", "date"),
    Field("lost_reason", "choice", choices=("price", "other")),
)
"""What the uses read that is no text."""

INCURABLE = {
    "fields_absent": {"fields.filled"},
    "loop_budget": {"loop.exhausted"},
    "max_time_in_stage": {"stage.too_late"},
    "undecided": {"outcome.decided"},
}
"""The guards that say no for good, each with the code it says it in."""


SETTLED = build_lifecycle(
    Definition(
        "settled",
        fields=(Field("owner"),),
        stages=(Stage("before", "open"), Stage("closing"), Stage("done", "won")),
        transitions=(
            Transition("conclude", "before", "closing", outcome="won"),
            Transition(
                "finish", "closing", "done", guards=(GuardUse("retrospective_done", PARAMS["retrospective_done"]),)
            ),
        ),
    )
)
LIFECYCLES = {"retrospective_done": SETTLED}
"""The guards that look back at an earlier move."""

WATCHED = {*INCURABLE, *LIFECYCLES, "approval", "fields_present", "min_time_in_stage", "strategy_complete"}
"""The guards that take the contract through all its lines; the others take it through the same again."""


def contract(guard: Any) -> type[GuardContract]:
    """The contract of a guard, as a class that pytest collects."""
    named = {
        "use": GuardUse(guard.name, PARAMS[guard.name]),
        "fields": FIELDS,
        "incurable": INCURABLE.get(guard.name, set()),
        "lifecycle": LIFECYCLES.get(guard.name),
        "examples": 6,
        "pytestmark": [] if guard.name in WATCHED else [pytest.mark.slow],
    }
    return type(f"Test_{guard.name}", (GuardContract,), named)


globals().update({kind.__name__: kind for kind in map(contract, guards.BUILT_IN)})
