"""
How long the worker waits before it tries again.
"""

from __future__ import annotations

from salesflow._pipeline.worker import retry_at
from salesflow.stores.adapting import deadline_work
from salesflow.typing import Claim, DueDeadline

from ...work_factory import NOW


def test_the_pause_grows():
    """
    Failed work waits 5 s, then twice as long each time, at most 12 h, and is given up after about three days.
    """
    work = deadline_work(DueDeadline("P-1", 1, "offer", "sla", NOW))
    pauses = []
    for attempts in range(1, 19):
        again = retry_at(Claim(work, "w", 1, NOW, attempts), NOW)
        pauses.append((again - NOW).total_seconds())

    assert all(0.9 <= pause / min(5 * 2**n, 43200) <= 1.1 for n, pause in enumerate(pauses))
    assert 2 * 86400 < sum(pauses) < 4 * 86400
    assert retry_at(Claim(work, "w", 1, NOW, 19), NOW) is None
