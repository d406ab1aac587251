"""
Business time: working days in a time zone, held against a slow walk, and the dates that they must give.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, strategies as st

from salesflow.calendars import BUILT_IN, calendar_days, weekdays
from salesflow.typing import Duration


SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [UTC, SHANGHAI, ZoneInfo("America/New_York"), ZoneInfo("Africa/Cairo"), ZoneInfo("Australia/Lord_Howe")]
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUARTER = 15 * MINUTE

zones = st.sampled_from(ZONES)
times = st.integers(-3_000_000, 3_000_000).map(lambda minutes: MONDAY + minutes * MINUTE)
spans = st.timedeltas(timedelta(microseconds=1), 400 * DAY)
calendars = st.builds(lambda make, zone: make(zone), st.sampled_from([calendar_days, weekdays]), zones)


def wall(when, zone):
    """What a clock on the wall shows."""
    return when.astimezone(zone).replace(tzinfo=None, fold=0)


def steady(when, zone):
    """Whether clocks do not change in the three hours before and after a time."""
    return wall(when + 3 * HOUR, zone) - wall(when - 3 * HOUR, zone) == 6 * HOUR


def walked(start, end, zone, works):
    """Working time between two times of the wall, quarter by quarter of an hour."""
    at, last, found = wall(start, zone), wall(end, zone), timedelta()
    while at < last:
        found += QUARTER if at.weekday() in works else timedelta()
        at += QUARTER
    return found


@given(
    st.integers(-200_000, 200_000),
    st.integers(0, 900),
    zones,
    st.sampled_from([(calendar_days, range(7)), (weekdays, range(5))]),
)
def test_a_slow_walk(start, quarters, zone, kind):
    """
    The working time between two times is what a walk over the clock on the wall counts.
    """
    make, works = kind
    start = MONDAY + start * QUARTER
    end = start + quarters * QUARTER
    assume(wall(start, zone) <= wall(end, zone))

    assert walked(start, end, zone, works) == make(zone).working_between(start, end)


@given(calendars, times, spans)
@example(weekdays(SHANGHAI), datetime(2026, 3, 7, tzinfo=UTC), 5 * DAY)
@example(weekdays(), datetime(2026, 3, 2, tzinfo=UTC), DAY)
def test_what_is_added_has_passed(calendar, start, span):
    """
    Between a time and what was added to it lies exactly that working time, unless clocks skip the time that is due.
    """
    due = calendar.add(start, span)
    assume(steady(start, calendar.zone) and steady(due, calendar.zone))

    assert span == calendar.working_between(start, due)
    assert span > calendar.working_between(start, due - timedelta(microseconds=1))


@given(calendars, st.tuples(times, times, times))
def test_spans_add_up(calendar, three):
    """
    Two spans of time have the working time of the whole, to within an hour that clocks repeat; back it is negative.
    """
    start, middle, end = sorted(three)
    whole = calendar.working_between(start, end)
    parts = calendar.working_between(start, middle) + calendar.working_between(middle, end)

    assert abs(whole - parts) <= HOUR
    assert timedelta() <= whole <= end - start + HOUR
    assert -whole == calendar.working_between(end, start)


@given(calendars, times, st.integers(1, 60))
def test_hours_and_days_of_the_clock(calendar, start, amount):
    """
    Minutes, hours and days are of the clock in every calendar and zone; none at all is the start.
    """
    found = [calendar.add(start, Duration(amount, unit)) - start for unit in ("m", "h", "d")]

    assert [amount * MINUTE, amount * HOUR, amount * DAY] == found
    assert [start, start] == [calendar.add(start, Duration(0, "bd")), calendar.add(start, timedelta())]


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-06 07:00", 1, "2026-03-09 07:00"),  # Friday to Monday
        ("2026-03-07 07:00", 1, "2026-03-10 00:00"),  # from Saturday on, all of Monday
        ("2026-03-02 09:00", 4, "2026-03-06 09:00"),
        ("2026-03-02 09:00", 5, "2026-03-09 09:00"),
        ("2026-03-02 09:00", 10, "2026-03-16 09:00"),
        ("2026-03-02 00:00", 5, "2026-03-07 00:00"),  # the end of Friday
        ("2026-03-02 00:00", 260, "2027-02-27 00:00"),
    ],
)
def test_golden_dates(start, days, due):
    """
    Working days are 24 hours of Monday to Friday, as clocks in Shanghai show them.
    """
    begin = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
    end = weekdays(SHANGHAI).add(begin, Duration(days, "bd"))

    assert due == f"{wall(end, SHANGHAI):%Y-%m-%d %H:%M}"


@given(calendars, times)
def test_the_next_open_time(calendar, when):
    """
    Time passes from the next open time on, and not before it.
    """
    opens = calendar.next_open(when)
    days = {calendar.is_working_day(wall(each, calendar.zone).date()) for each in (when, opens)}

    assert calendar.is_working_day(wall(opens, calendar.zone).date())
    assert (opens == when) == (days == {True})
    assert timedelta() == calendar.working_between(when, opens)


def test_clocks_that_change():
    """
    A due time that clocks skip is put off by as much as they went forward; of a repeated hour the first is due.
    """
    york = ZoneInfo("America/New_York")
    calendar = calendar_days(york)
    spring = calendar.add(datetime(2026, 3, 7, 2, 30, tzinfo=york), Duration(1, "bd"))
    autumn = calendar.add(datetime(2026, 10, 31, 1, 30, tzinfo=york), Duration(1, "bd"))
    within = datetime(2026, 11, 1, 1, 30, tzinfo=york, fold=1)  # the second half past one, 06:30 UTC

    assert (datetime(2026, 3, 8, 7, 30, tzinfo=UTC), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)) == (spring, autumn)
    assert datetime(2026, 11, 1, 6, 40, tzinfo=UTC) == calendar.add(within, 10 * MINUTE)
    assert timedelta() == calendar.working_between(datetime(2026, 11, 1, 5, 50, tzinfo=UTC), within)


def test_the_end_of_the_calendar():
    """
    What would lie beyond the calendar of Python lies at its end, and a century is added at once.
    """
    last, first = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
    calendar = weekdays(SHANGHAI)

    assert [last, last] == [calendar.add(last - DAY, Duration(7, unit)) for unit in ("d", "bd")]
    assert MONDAY + 5_210 * 7 * DAY == calendar.add(MONDAY, Duration(26_050, "bd"))
    assert calendar.working_between(first, last) > timedelta(days=365 * 7_000)


def test_what_calendars_are_built_in():
    """
    A definition can name two calendars; neither of them ends.
    """
    made = [make(SHANGHAI) for make in BUILT_IN.values()]

    assert ["calendar_days", "weekdays"] == list(BUILT_IN)
    assert [(SHANGHAI, None)] * 2 == [(each.zone, each.decreed_through) for each in made]
