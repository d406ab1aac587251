"""
Cadences: how a definition writes them, and the slots that they have.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

import salesflow as sf
from salesflow.calendars import READY, BusinessCalendar, calendar_days, parse_recurrence, slots_between, weekdays
from salesflow.typing import Cadence, Duration, Label

from .cases import over_cases


SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
# Autumn 2026 in China: Mid-Autumn on 25 September, the National Day week, and the make-up days.
OFF = [date(2026, 9, 25), *[date(2026, 10, day) for day in range(1, 8)]]
WORKED = [date(2026, 9, 20), date(2026, 10, 10)]
CHINA = BusinessCalendar(weekdays().week, SHANGHAI, {**dict.fromkeys(OFF, False), **dict.fromkeys(WORKED, True)})

TEXT = """
schema = 1
id = "weekly_work"
time_zone = "Asia/Shanghai"
calendar = "weekdays"
fields = [{ id = "period_start", type = "date" }]

[[stages]]
id = "open"

[[stages]]
id = "won"
kind = "won"

[[transitions]]
id = "win"
source = "open"
target = "won"
outcome = "won"

"""


def slots(every, start, end, calendar=CHINA, **more):
    """The slots of a recurrence as local times, between two days."""
    first, last = (datetime.fromisoformat(day).replace(tzinfo=calendar.zone) for day in (start, end))
    found = slots_between(parse_recurrence(every), calendar, first, last, **more)
    return [each.astimezone(calendar.zone).strftime("%m-%d %H:%M") for each in found]


def found_in(cadence):
    """Codes and paths of what is wrong with a definition that has a cadence written so."""
    text = TEXT + f"[[cadences]]\n{cadence}\n"
    return [(fault.code, fault.path) for fault in sf.check_definition(text).faults]


def test_fridays_go_around_the_holidays():
    """
    A Friday off is made up for on the next working day: 28 September, and 8 October after the holidays.
    """
    expected = ["09-18 17:00", "09-28 17:00", "10-08 17:00", "10-09 17:00", "10-16 17:00"]

    assert expected == slots("weekly on fri 17:00", "2026-09-14", "2026-10-17")


@over_cases(
    ("shift", "expected"),
    [("previous", ["09-24 17:00", "09-30 17:00"]), ("skip", []), ("keep", ["09-25 17:00", "10-02 17:00"])],
)
def test_a_slot_on_a_day_of_rest_is_shifted_as_it_says(shift, expected):
    """
    A slot goes back to the working day before, is left out, or stays.
    """
    assert expected == slots("weekly on fri 17:00", "2026-09-21", "2026-10-05", shift=shift)


def test_slots_that_meet_on_a_day_are_one():
    """
    Seven days of rest leave one slot of a daily cadence on the day behind them, which has its own already.
    """
    assert ["09-30 09:00", "10-08 09:00"] == slots("daily 09:00", "2026-09-30", "2026-10-09")


def test_slots_from_outside_the_span_are_found():
    """
    A span that begins with the day behind the holidays has the slot that was shifted onto it, and one before has not.
    """
    assert ["10-08 17:00"] == slots("weekly on fri 17:00", "2026-10-08", "2026-10-09")
    assert ["09-30 17:00"] == slots("weekly on fri 17:00", "2026-09-30", "2026-10-01", shift="previous")


@over_cases(
    ("every", "expected"),
    [
        ("monthly on 31 10:00", ["01-31 10:00", "02-28 10:00", "03-31 10:00", "04-30 10:00"]),
        ("monthly on last fri 10:00", ["01-30 10:00", "02-27 10:00", "03-27 10:00", "04-24 10:00"]),
        ("monthly on second mon 10:00", ["01-12 10:00", "02-09 10:00", "03-09 10:00", "04-13 10:00"]),
        ("monthly on last day 10:00", ["01-31 10:00", "02-28 10:00", "03-31 10:00", "04-30 10:00"]),
        ("quarterly on 5 10:00", ["01-05 10:00", "04-05 10:00"]),
        ("quarterly on last fri 10:00", ["03-27 10:00"]),
        ("weekly on wed,mon 10:00", ["01-05 10:00", "01-07 10:00"]),
    ],
)
def test_a_recurrence_is_on_its_days(every, expected):
    """
    Days of months and quarters, the beginning of which counts from the first month and the end from the last.
    """
    end = "2026-01-09" if every.startswith("weekly") else "2026-05-01"

    assert expected == slots(every, "2026-01-02", end, calendar_days(UTC))


def test_the_last_working_day_knows_the_holidays():
    """
    The last working day of a month is counted in the calendar; a month without a fifth one of a kind has none.
    """
    assert ["08-31 16:00", "09-30 16:00"] == slots("monthly on last working day 16:00", "2026-08-01", "2026-10-01")
    assert ["10-10 16:00"] == slots("monthly on third working day 16:00", "2026-10-09", "2026-11-01", shift="keep")


def test_a_recurrence_follows_a_time():
    """
    It is counted from there in its own unit; without one there are no slots.
    """
    anchor = datetime(2026, 9, 24, 10, tzinfo=SHANGHAI)

    assert ["09-29 10:00"] == slots("once 2bd after won", "2026-09-01", "2026-12-01", anchor=anchor)
    assert ["10-24 10:00", "11-23 10:00"] == slots(
        "every 30d after won", "2026-09-25", "2026-12-01", anchor=anchor, shift="keep"
    )
    assert ["11-12 10:00"] == slots("every 30bd after won", "2026-11-02", "2026-11-20", anchor=anchor)
    assert [] == slots("every 30d after won", "2026-09-01", "2026-12-01")


def test_a_time_that_clocks_skip_or_repeat_is_read_by_the_one_rule():
    """
    02:30 on the day when clocks go forward is 03:30, and on the day when they go back the first of the two.
    """
    daily = parse_recurrence("daily 02:30")
    spring = slots_between(daily, calendar_days(BERLIN), *[datetime(2026, 3, day, tzinfo=BERLIN) for day in (29, 30)])
    autumn = slots_between(daily, calendar_days(BERLIN), *[datetime(2026, 10, day, tzinfo=BERLIN) for day in (25, 26)])

    assert (datetime(2026, 3, 29, 1, 30, tzinfo=UTC),) == spring
    assert (datetime(2026, 10, 25, 0, 30, tzinfo=UTC),) == autumn


recurrences = st.sampled_from(
    [
        "daily 09:00",
        "weekly on fri 17:00",
        "weekly on sat,sun 02:30",
        "monthly on 31 08:00",
        "monthly on last working day 16:00",
        "quarterly on first mon 10:00",
        "every 5h after x",
        "every 3bd after x",
        "once 10d after x",
    ]
)
days = st.integers(0, 400).map(lambda number: datetime(2026, 1, 1, tzinfo=UTC) + number * DAY)


@given(
    recurrences,
    st.sampled_from([CHINA, weekdays(BERLIN), calendar_days()]),
    st.sampled_from(["next", "previous", "skip", "keep"]),
    st.tuples(days, days, days).map(sorted),
)
def test_slots_of_a_span_are_those_of_its_parts(every, calendar, shift, ends):
    """
    They are in order, inside, on working days unless they stay, and a span has those of the two it is cut into.
    """
    first, middle, last = ends
    anchor = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)

    def between(start, end):
        return slots_between(parse_recurrence(every), calendar, start, end, shift=shift, anchor=anchor)

    whole = between(first, last)

    assert between(first, middle) + between(middle, last) == whole
    assert sorted(set(whole)) == list(whole)
    assert all(first <= slot < last for slot in whole)
    assert shift == "keep" or all(calendar.is_working_day(slot.astimezone(calendar.zone).date()) for slot in whole)


def test_a_definition_reads_back_as_it_was_written():
    """
    A cadence with everything, and one by its name alone, are the same from Python, TOML and JSON.
    """
    cadence = Cadence(
        "check",
        "weekly on fri 17:00",
        label=Label("Check", "检查"),
        per="member",
        met_by={"review": "check"},
        shift="previous",
        grace="1bd",
        stages="open",
        duration=Duration(10, "m"),
    )
    definition = sf.load_definition(TEXT)
    definition = sf.Definition(
        "weekly_work",
        calendar="weekdays",
        stages=definition.stages,
        transitions=definition.transitions,
        cadences=[cadence, Cadence("thank_you")],
    )

    for kind in ("toml", "json"):
        assert definition == sf.load_definition(sf.dump_definition(definition, format=kind))
    assert sf.check_definition(definition).ok


def test_a_ready_cadence_fills_in_what_is_left_out():
    """
    The name alone has everything of the ready one; what is written goes before.
    """
    built = sf.build_lifecycle(TEXT + '[[cadences]]\nid = "weekly_report"\ngrace = "4h"\n')

    assert [Cadence("weekly_report", grace="4h").over(READY["weekly_report"])] == [
        each.cadence for each in built.cadences
    ]
    assert "weekly on fri 17:00" == built.cadences[0].cadence.every


@pytest.mark.requirement("B28")
@pytest.mark.requirement(
    "A19", "A41", "A42", "A55", "B23", "C11", "C32", "C34", "D09", "D14", "D41", "D42", "E21", "E24"
)
@over_cases("name", READY)
def test_each_ready_cadence_can_be_used(name):
    """
    Every ready cadence builds by its name, and has a label in both languages.
    """
    assert [] == found_in(f'id = "{name}"')
    assert () == READY[name].label.missing()


@over_cases(
    ("cadence", "code", "key"),
    [
        ('id = "x.y"\nevery = "daily 09:00"\nmet_by = { review = "a" }', "id.malformed", ".id"),
        ('id = "x"', "cadence.every", ""),
        ('id = "training"\nevery = "sometimes"', "cadence.every", ".every"),
        ('id = "training"\nevery = "daily 24:00"', "cadence.every", ".every"),
        ('id = "training"\nevery = "FREQ=WEEKLY;BYDAY=FR"', "cadence.every", ".every"),
        ('id = "training"\nevery = "weekly on fry 09:00"', "cadence.every", ".every"),
        ('id = "training"\nevery = "monthly on 32 09:00"', "cadence.every", ".every"),
        ('id = "training"\nevery = "monthly on last fry 09:00"', "cadence.every", ".every"),
        ('id = "training"\nevery = "every 3w after won"', "duration.malformed", ".every"),
        ('id = "training"\nevery = "every 0.5m after won"', "cadence.every", ".every"),
        ('id = "training"\nevery = "every 99999d after won"', "duration.range", ".every"),
        ('id = "training"\nevery = "every 3d after wo"', "cadence.anchor", ".every"),
        ('id = "training"\nevery = "every 3bh after won"', "deadline.hours", ".every"),
        ('id = "training"\ngrace = "99999d"', "duration.range", ".grace"),
        ('id = "training"\ngrace = "3w"', "duration.malformed", ".grace"),
        ('id = "training"\nmet_by = { review = "a", activity = "b" }', "cadence.met_by", ".met_by"),
        ('id = "training"\nmet_by = { entry = "reviw" }', "cadence.met_by", ".met_by.entry"),
        ('id = "training"\nmet_by = { meeting = "a" }', "value.choice", ".met_by.meeting"),
        ('id = "training"\nmet_by = { review = 1 }', "value.type", ".met_by"),
        ('id = "training"\nstages = "opn"', "stage.unknown", ".stages"),
        ('id = "thank_you"\nstages = "open"', "cadence.stages", ".stages"),
        ('id = "training"\nper = "period"', "cadence.period", ".per"),
        ('id = "training"\nshift = "later"', "value.choice", ".shift"),
        ('id = "training"\nstage = "open"', "key.unknown", ".stage"),
    ],
)
def test_what_is_wrong_with_a_cadence_is_a_fault(cadence, code, key):
    """
    Each thing that is wrong is found at the build, at its path.
    """
    assert [(code, f"cadences[0]{key}")] == found_in(cadence)


def test_what_is_wrong_in_python_is_found_as_well():
    """
    Words that no file could hold, a name that is used twice, and what is no table of texts.
    """
    text = sf.load_definition(TEXT)
    twice = [Cadence("training"), Cadence("training", per="team", shift="later")]
    report = sf.check_definition(sf.Definition("x", stages=text.stages, transitions=text.transitions, cadences=twice))

    assert ["cadences[1].id", "cadences[1].per", "cadences[1].shift"] == [fault.path for fault in report.faults]
    for wrong in ("call", {"review": 1}):
        with pytest.raises(sf.errors.InputError, match="met_by"):
            Cadence("x", met_by=wrong)


def test_working_days_need_a_calendar():
    """
    A grace in working days is a fault where every day is worked, unless it is that of the ready one.
    """
    text = TEXT.replace('calendar = "weekdays"\n', "")
    faults = sf.check_definition(text + '[[cadences]]\nid = "training"\ngrace = "2bd"\n').faults

    assert ["deadline.calendar"] == [fault.code for fault in faults]
    assert sf.check_definition(text + '[[cadences]]\nid = "training"\n').ok
