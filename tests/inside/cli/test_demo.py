"""
``demo``: the words for a deadline.
"""

from __future__ import annotations

from datetime import UTC, datetime

import salesflow as sf
from salesflow._pipeline.feed import fact_text
from salesflow.typing import DeadlineMoved, DeadlinePassed, EntryMoved


def test_a_deadline_is_told():
    """
    A deadline that passed has its line in the history.
    """
    actor, at = sf.Actor("salesflow"), datetime(2026, 3, 2, tzinfo=UTC)
    fact = sf.Fact("P-1", 2, at, actor, "operating_cycle", "1", DeadlinePassed("sla", "initiation", 1, at))
    lifecycle = sf.load_lifecycle("operating_cycle")

    assert ("deadline sla passed", "时限 sla 已过") == (
        fact_text(fact, lifecycle.wording, "en"),
        fact_text(fact, lifecycle.wording, "zh"),
    )


def test_what_moves_on_record_is_told():
    """
    A deadline or an entry that moved on record has its line in the history.
    """
    actor, at = sf.Actor("salesflow"), datetime(2026, 3, 2, tzinfo=UTC)
    lifecycle = sf.load_lifecycle("operating_cycle")
    bodies = DeadlineMoved("sla", 1, at, None), EntryMoved("risk", "r-1", "close_risk", "open", "closed")
    facts = [sf.Fact("P-1", 2, at, actor, "operating_cycle", "1", body) for body in bodies]

    assert ["sla moved", "r-1 moved"] == [fact_text(fact, lifecycle.wording, "en") for fact in facts]
