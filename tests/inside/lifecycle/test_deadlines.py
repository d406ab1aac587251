"""
When the time of a deadline has passed.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from salesflow._lifecycle.deadlines import due_at
from salesflow.typing import Duration

from ...work_factory import DAY, NOW


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", NOW + timedelta(minutes=30)),
        ("12h", NOW + timedelta(hours=12)),
        ("14d", NOW + 14 * DAY),
        ("4bd", NOW + 4 * DAY),
        ("5bd", NOW + 7 * DAY),
        ("10bd", NOW + 14 * DAY),
    ],
)
def test_when_a_time_has_passed(text, expected):
    """
    Calendar days follow each other; working days skip the weekend. NOW is a Monday.
    """
    assert expected == due_at(NOW, Duration.parse(text))
