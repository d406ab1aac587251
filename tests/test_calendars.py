"""
Business time: working days in a time zone, held against a slow walk, and the dates that they must give.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, strategies as st

from salesflow.calendars import BUILT_IN, BusinessCalendar, calendar_days, weekdays
from salesflow.errors import InputError
from salesflow.typing import Duration

from .cases import over_cases


SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [UTC, SHANGHAI, ZoneInfo("America/New_York"), ZoneInfo("Africa/Cairo"), ZoneInfo("Australia/Lord_Howe")]
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUARTER = 15 * MINUTE

OFFICE = ((9 * HOUR, 12 * HOUR), (13 * HOUR + 30 * MINUTE, 18 * HOUR))
NIGHT = ((timedelta(), 5 * HOUR), (22 * HOUR, DAY))  # one shift over midnight
OWN = {date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 9, 26): True, date(2026, 10, 10): True}

zones = st.sampled_from(ZONES)
times = st.integers(-3_000_000, 3_000_000).map(lambda minutes: MONDAY + minutes * MINUTE)
spans = st.timedeltas(timedelta(microseconds=1), 400 * DAY)


def office(zone=UTC, own=OWN):
    """An office with lunch, that works on two Saturdays and is closed for a week."""
    return BusinessCalendar((*[OFFICE] * 5, (), ()), zone, own)


def night_shift(zone=UTC):
    """A plant that works at night, from Sunday to Friday."""
    return BusinessCalendar((*[NIGHT] * 5, (), NIGHT), zone)


calendars = st.builds(
    lambda make, zone: make(zone), st.sampled_from([calendar_days, weekdays, office, night_shift]), zones
)
units = st.sampled_from(["bd", "bh"])


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


@pytest.mark.untraced
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


@pytest.mark.long
@pytest.mark.untraced
@given(calendars, times, spans, units)
@example(weekdays(SHANGHAI), datetime(2026, 3, 7, tzinfo=UTC), 5 * DAY, "bd")
@example(weekdays(), datetime(2026, 3, 2, tzinfo=UTC), DAY, "bd")
@example(office(), datetime(2026, 3, 2, 12, tzinfo=UTC), 3 * HOUR, "bh")
@example(office(), datetime(2026, 9, 30, 18, tzinfo=UTC), 9 * HOUR, "bh")
def test_what_is_added_has_passed(calendar, start, span, unit):
    """
    Between a time and what was added to it lies exactly that working time, unless clocks skip the time that is due.
    """
    due = calendar.add(start, span, unit)
    assume(steady(start, calendar.zone) and steady(due, calendar.zone))

    assert span == calendar.working_between(start, due, unit)
    assert span > calendar.working_between(start, due - TICK, unit)


@pytest.mark.long
@pytest.mark.untraced
@given(calendars, times, spans, units)
@example(weekdays(), datetime(2026, 3, 3, tzinfo=UTC), DAY, "bd")
@example(office(), datetime(2026, 3, 2, 13, 30, tzinfo=UTC), 3 * HOUR, "bh")
def test_what_is_taken_off_was_left(calendar, end, span, unit):
    """
    What is taken off a time leads to the latest time from which exactly that working time is left until it.
    """
    start = calendar.add(end, -span, unit)
    assume(steady(start, calendar.zone) and steady(end, calendar.zone))

    assert span == calendar.working_between(start, end, unit)
    assert span > calendar.working_between(start + TICK, end, unit)


@pytest.mark.untraced
@given(calendars, times, times, spans, units)
def test_later_starts_end_later(calendar, first, second, span, unit):
    """
    Whoever starts later ends no earlier.
    """
    first, second = sorted((first, second))
    ends = [calendar.add(start, span, unit) for start in (first, second)]
    assume(all(steady(each, calendar.zone) for each in (first, second, *ends)))

    assert sorted(ends) == ends


@pytest.mark.untraced
@given(calendars, st.tuples(times, times, times), units)
def test_spans_add_up(calendar, three, unit):
    """
    Two spans of time have the working time of the whole, to within an hour that clocks repeat; back it is negative.
    """
    start, middle, end = sorted(three)
    whole = calendar.working_between(start, end, unit)
    parts = calendar.working_between(start, middle, unit) + calendar.working_between(middle, end, unit)

    assert abs(whole - parts) <= HOUR
    assert timedelta() <= whole <= end - start + HOUR
    assert -whole == calendar.working_between(end, start, unit)
    assert whole <= calendar.working_between(start, end, "bd")
    assert end - start == calendar.working_between(start, end, "h")


@given(calendars, times, st.integers(1, 60))
def test_hours_and_days_of_the_clock(calendar, start, amount):
    """
    Minutes, hours and days are of the clock in every calendar and zone; none at all is the start.
    """
    found = [calendar.add(start, Duration(amount, unit)) - start for unit in ("m", "h", "d")]

    assert [amount * MINUTE, amount * HOUR, amount * DAY] == found
    assert [start, start] == [calendar.add(start, Duration(0, "bd")), calendar.add(start, timedelta())]


@pytest.mark.untraced
@over_cases(
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


@pytest.mark.untraced
@given(calendars, times, units)
def test_the_next_open_time(calendar, when, unit):
    """
    Time passes from the next open time on, and not before it.
    """
    opens = calendar.next_open(when, unit)
    assume(steady(when, calendar.zone) and steady(opens, calendar.zone))

    assert calendar.is_working_day(wall(opens, calendar.zone).date())
    assert timedelta() == calendar.working_between(when, opens, unit)
    assert TICK == calendar.working_between(opens, opens + TICK, unit)
    assert opens == when or timedelta() == calendar.working_between(when, when + TICK, unit)


@pytest.mark.untraced
@over_cases(
    ("start", "span", "due"),
    [
        ("2026-09-28 10:00", "5bd", "2026-10-10 10:00"),  # over the National Day, with a make-up Saturday
        ("2026-09-28 10:00", "37.5bh", "2026-10-10 10:00"),
        ("2026-09-28 09:00", "3bh", "2026-09-28 12:00"),  # and not 13:30
        ("2026-09-28 12:30", "30m", "2026-09-28 13:00"),
        ("2026-09-28 12:30", "0.5bh", "2026-09-28 14:00"),
        ("2026-09-25 17:00", "2bh", "2026-09-26 10:00"),  # the other make-up Saturday
    ],
)
def test_golden_hours(start, span, due):
    """
    Working hours pass in the morning and in the afternoon of working days, make-up days among them.
    """
    begin = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
    end = office(SHANGHAI).add(begin, Duration.parse(span))

    assert due == f"{wall(end, SHANGHAI):%Y-%m-%d %H:%M}"


def test_what_goes_before_what():
    """
    A company's own days go before what is decreed, and that goes before the week.
    """
    decree = {date(2026, 3, 2): False, date(2026, 3, 7): True, date(2026, 3, 3): False}
    own = {date(2026, 3, 3): True}
    calendar = BusinessCalendar((*[OFFICE] * 5, (), ()), UTC, own, decree.get, date(2026, 12, 31))
    days = [date(2026, 3, day) for day in (2, 3, 4, 7, 8)]

    assert [False, True, True, True, False] == [calendar.is_working_day(day) for day in days]
    assert [False, True, None, True, None] == [calendar.decreed(day) for day in days]
    assert date(2026, 12, 31) == calendar.decreed_through


@pytest.mark.long
@pytest.mark.untraced
def test_only_the_week_counts_in_far_years():
    """
    Centuries from now nothing is decreed, and adding days does not take the longer for it.
    """
    calendar = BusinessCalendar((*[OFFICE] * 5, (), ()), UTC, decree=lambda _day: False)
    far, early = datetime(2500, 3, 1, tzinfo=UTC), datetime(1500, 3, 1, tzinfo=UTC)  # a Monday, a Thursday

    assert [far + 4 * DAY + 18 * HOUR, early + 7 * DAY] == [
        calendar.add(far, Duration.parse("37.5bh")),
        calendar.add(early, Duration.parse("5bd")),
    ]
    assert not calendar.is_working_day(date(2026, 3, 2))


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


def test_nothing_opens_after_the_last_day():
    """
    Where no working time is left in the calendar of Python, its end is the answer.
    """
    mondays = BusinessCalendar((OFFICE, *[()] * 6))
    last = datetime.max.replace(tzinfo=UTC)  # a Friday

    assert last == mondays.next_open(last - DAY)


@over_cases(
    "hours",
    [
        (),
        ((9 * HOUR, 9 * HOUR),),
        ((12 * HOUR, 9 * HOUR),),
        ((-HOUR, 9 * HOUR),),
        ((9 * HOUR, 25 * HOUR),),
        ((9 * HOUR, 12 * HOUR), (11 * HOUR, 13 * HOUR)),
    ],
)
def test_hours_that_no_day_has(hours):
    """
    The hours of a day are in order, within the day, and longer than nothing; one day at least has some.
    """
    with pytest.raises(InputError, match="Pass the hours of seven days"):
        BusinessCalendar((hours, *[()] * 6))
