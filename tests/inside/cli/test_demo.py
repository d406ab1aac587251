"""
``demo``: the words for a deadline.
"""

from __future__ import annotations

from datetime import UTC, datetime

import salesflow as sf
from salesflow.cli._project import fact_line
from salesflow.typing import DeadlinePassed


def test_a_deadline_is_told():
    """
    A deadline that passed has its line in the history.
    """
    actor, at = sf.Actor("salesflow"), datetime(2026, 3, 2, tzinfo=UTC)
    fact = sf.Fact("P-1", 2, at, actor, "operating_cycle", "1", DeadlinePassed("sla", "initiation", 1, at))
    lifecycle = sf.load_lifecycle("operating_cycle")

    assert ("deadline sla passed", "时限 sla 已过") == (
        fact_line(fact, lifecycle, "en").plain,
        fact_line(fact, lifecycle, "zh").plain,
    )
