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

    assert ("deadline passed: time limit of the stage", "时限已过：阶段时限") == (
        fact_text(fact, lifecycle.wording, "en"),
        fact_text(fact, lifecycle.wording, "zh"),
    )


def test_what_moves_on_record_is_told():
    """
    A deadline or an entry that moved on record has its line in the history, by the labels of a built-in lifecycle.
    """
    actor, at = sf.Actor("salesflow"), datetime(2026, 3, 2, tzinfo=UTC)
    lifecycle = sf.load_lifecycle("operating_cycle")
    moves = ("issue", "i-1", "resolve_issue", "open", "resolved"), ("offer", "o-1", "send", "draft", "sent")
    bodies = [
        DeadlineMoved("sla", 1, at, None),
        *(EntryMoved(*move, lifecycle=move[0]) for move in moves),
    ]
    facts = [sf.Fact("P-1", 2, at, actor, "operating_cycle", "1", body) for body in bodies]

    assert [
        "deadline moved: time limit of the stage",
        "issue i-1, Resolve: Open → Resolved",
        "offer o-1, send: draft → sent",
    ] == [fact_text(fact, lifecycle.wording, "en") for fact in facts]
    assert "问题 i-1，解决：待处理 → 已解决" == fact_text(facts[1], lifecycle.wording, "zh")
