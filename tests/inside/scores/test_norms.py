"""
Stays in a stage, and working days.
"""

from __future__ import annotations

from datetime import UTC, timedelta

import attrs
import pytest
from hypothesis import given, strategies as st

from salesflow.calendars import weekdays
from salesflow.scores._norms import stays_of
from salesflow.scores._parts import working_days

from ...cases import over_cases
from ...scores.factory import MONDAY, Deals


def test_a_backfilled_move_takes_no_time():
    """
    A move of before the last one, as older versions took it, ends a stay at once; nothing is shorter than nothing.
    """
    deals = Deals()
    deals.deal("A", (6, "make"), opened=5)
    opened, moved = deals.pipeline.history("A")
    first, second = stays_of([opened, attrs.evolve(moved, at=deals.at(3))])

    assert (deals.at(5), deals.at(5), deals.at(5), None) == (first.start, first.end, second.start, second.end)


@pytest.mark.untraced
@over_cases(
    ("start", "days", "worked"),
    [(0, 7, 5.0), (4, 3, 1.0), (5, 1, 0.0), (5, 2, 9 / 24), (4.5, 1, 15 / 24 - 0.5), (0, 0.25, 0.25), (-3, 28, 20.0)],
)
def test_working_days(start, days, worked):
    """
    Saturdays and Sundays do not count, also in part; the clocks of a country do not matter in UTC.
    """
    begin = MONDAY + timedelta(days=start)

    assert worked == pytest.approx(working_days(begin, begin + timedelta(days=days), weekdays()))


WEEKDAYS = weekdays()  # it remembers what it counted
times = st.datetimes(timezones=st.just(UTC))


@given(times, times, times)
def test_working_days_add_up(one, other, third):
    """
    Two spans of time have the working days of the whole, and none has more than its calendar days.
    """
    start, middle, end = sorted([one, other, third])
    whole = working_days(start, end, WEEKDAYS)

    assert whole == pytest.approx(working_days(start, middle, WEEKDAYS) + working_days(middle, end, WEEKDAYS))
    assert -1e-6 <= whole <= (end - start) / timedelta(days=1) + 1e-6
