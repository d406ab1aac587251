"""
Rules of RFC 5545 as cadences: their times are those of dateutil, from wherever one looks; what cannot be is refused.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import salesflow_calendar
from dateutil.rrule import rrulestr
from hypothesis import given, strategies as st
from salesflow_calendar import rule_of

from salesflow import Actor, Pipeline, build_lifecycle, check_definition


START = datetime.fromisoformat("2001-01-01")
TIMES = {
    "MINUTELY": [";INTERVAL=7;BYHOUR=3", ";INTERVAL=90"],
    "HOURLY": [";INTERVAL=5;BYMINUTE=30", ";BYDAY=MO,FR;INTERVAL=31"],
    "DAILY": [";INTERVAL=10;BYHOUR=9", ";BYHOUR=9,17;BYMINUTE=30", ";INTERVAL=3;BYHOUR=9;UNTIL=20300101"],
    "WEEKLY": [";INTERVAL=2;BYDAY=FR;BYHOUR=17", ";INTERVAL=3;BYDAY=SU,MO;BYHOUR=8;WKST=SU"],
    "MONTHLY": [";INTERVAL=5;BYDAY=2TU;BYHOUR=14", ";BYMONTHDAY=-1;BYHOUR=12", ";BYDAY=MO,TU,WE;BYSETPOS=-1;BYHOUR=9"],
    "YEARLY": [";INTERVAL=3;BYMONTH=2,11;BYHOUR=9", ";BYMONTH=2;BYMONTHDAY=29;BYHOUR=9", ";BYEASTER=1;BYHOUR=9"],
}
RULES = [f"FREQ={frequency}{rest}" for frequency, several in TIMES.items() for rest in several]


@given(st.sampled_from(RULES), st.dates(date(1999, 1, 1), date(2060, 1, 1)), st.integers(0, 40))
def test_the_same_from_wherever_one_looks(rule, first, days):
    """
    The times of some days are those that the whole rule has there.
    """
    last = first + timedelta(days=days)
    begin, end = datetime.combine(first, datetime.min.time()), datetime.combine(last, datetime.max.time())
    whole = rrulestr(rule, dtstart=START)

    assert whole.between(begin, end, inc=True) == rule_of(f"RRULE:{rule}")(first, last)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DTSTART:20260131T143000 RRULE:FREQ=MONTHLY", ["2026-03-31 14:30", "2026-05-31 14:30"]),
        ("dtstart:20260105T090000 freq=daily;interval=60", ["2026-03-06 09:00", "2026-05-05 09:00"]),
        ("DTSTART:20260304T090000\nRRULE:FREQ=WEEKLY;COUNT=2", ["2026-03-04 09:00", "2026-03-11 09:00"]),
        ("DTSTART:20240229T090000 FREQ=YEARLY", []),
    ],
)
def test_from_a_beginning(text, expected):
    """
    A beginning gives the phase of intervals, the time of day, and what is counted.
    """
    assert expected == [f"{when:%Y-%m-%d %H:%M}" for when in rule_of(text)(date(2026, 3, 1), date(2026, 5, 31))]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("FREQ=SECONDLY", "more than one slot a minute"),
        ("FREQ=MINUTELY;BYSECOND=0,30", "more than one slot a minute"),
        ("FREQ=FORTNIGHTLY;BYHOUR=9", "FREQ is one of MINUTELY, HOURLY"),
        ("FREQ=DAILY;INTERVAL=0;BYHOUR=9", "INTERVAL is a number from 1"),
        ("FREQ=DAILY;INTERVAL=99999999999;BYHOUR=9", "INTERVAL is a number from 1"),
        ("FREQ=DAILY;BYHOUR=9;COUNT=3", "COUNT needs a beginning"),
        ("FREQ=DAILY;BYHOUR=9;UNTIL=20260101T000000Z", "leave out its Z"),
        ("FREQ=WEEKLY;BYDAY=FR", "no time of day"),
        ("FREQ=DAILY;BYHOUR=25", "hour must be in 0..23"),
        ("FREQ=HOURLY;BYHOUR=25", "beyond its range"),
        ("FREQ=WEEKLY;BYDAY=XX;BYHOUR=9", "invalid 'BYDAY'"),
        ("FREQ=DAILY;;BYHOUR=9", "not enough values"),
        ("FREQ=MINUTELY;INTERVAL=1440;BYHOUR=5", "empty rule"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=9", "never happens"),
        ("FREQ=DAILY;BYHOUR=9;UNTIL=19990101", "never happens"),
        ("DTSTART:20261301T000000 FREQ=DAILY", "does not match"),
    ],
)
def test_what_cannot_be(text, why):
    """
    A rule that cannot be used is a fault of the definition that says why, in both languages.
    """
    data = {
        "id": "deal",
        "cadences": [
            {"id": "steering", "every": f"RRULE:{text}" if text[0] == "F" else text, "met_by": {"review": "x"}}
        ],
        "stages": [{"id": "work"}, {"id": "won", "kind": "won"}],
        "transitions": [{"id": "win", "source": "work", "target": "won"}],
    }
    (fault,) = check_definition(data, plugins=[salesflow_calendar]).faults

    assert ("cadences[0].every", "cadence.every", True) == (fault.path, fault.code, why in fault.problem)
    assert "插件 'salesflow_calendar' 无法使用" in fault.text("zh")
    assert "Write one" not in fault.text("zh")


def test_slots_in_the_agenda():
    """
    A cadence by a rule has slots as any other: in the lifecycle's zone, shifted from days of rest, as clocks change.
    """
    definition = {
        "id": "deal",
        "time_zone": "Europe/Berlin",
        "calendar": "weekdays",
        "cadences": [
            {"id": "steering", "every": "RRULE:FREQ=MONTHLY;BYMONTHDAY=28;BYHOUR=9", "met_by": {"review": "x"}}
        ],
        "stages": [{"id": "work"}, {"id": "won", "kind": "won"}],
        "transitions": [{"id": "win", "source": "work", "target": "won"}],
    }
    at = datetime(2026, 1, 5, tzinfo=UTC)
    lifecycle = build_lifecycle(definition, plugins=[salesflow_calendar])
    pipeline = Pipeline(lifecycle, actor=Actor("li.wei"), clock=lambda: at)
    pipeline.open("Metro", id="P-1")
    slots = [f"{each.at:%m-%d %H:%M}" for each in pipeline.agenda(at, datetime(2026, 6, 1, tzinfo=UTC))]

    assert ["01-28 08:00", "03-02 08:00", "03-30 07:00", "04-28 07:00", "05-28 07:00"] == slots
