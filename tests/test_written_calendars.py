"""
Calendars that a definition writes itself, or takes from a plugin.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs

import salesflow as sf
from salesflow.calendars import weekdays
from salesflow.stores import MemoryStore
from salesflow.typing import WorkingTime

from .cases import over_cases


SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = {"mon_fri": ["09:00-12:00", "13:30-18:00"], "sat": "09:00-12:00"}
TIME = WorkingTime(OFFICE, days_off=[date(2026, 6, 18)], work_days=[date(2026, 6, 20), "2026-06-21"])
TEXT = """
schema = 1
id = "desk_work"
time_zone = "Asia/Shanghai"

[calendar]
hours = { mon_fri = ["09:00-12:00", "13:30-18:00"], sat = "09:00-12:00" }
days_off = [2026-06-18]
work_days = [2026-06-20, 2026-06-21]

[[stages]]
id = "open"
deadlines = [ { id = "answer", after = "7.5bh" } ]

[[stages]]
id = "done"
kind = "won"

[[transitions]]
id = "finish"
source = "open"
target = "done"
outcome = "won"
"""


def written(table):
    """The definition with other lines in its table of the calendar."""
    before, rest = TEXT.split("[calendar]\n")
    return f"{before}[calendar]\n{table}\n\n{rest[rest.index('[[stages]]') :]}"


class Shifts:
    """A plugin with calendars."""

    def __init__(self, answer, name="acme"):
        self.answer = answer
        self.name = name

    @sf.hookimpl
    def salesflow_calendars(self, name, zone):
        """Answer for one name."""
        if name != "shifts":
            return None
        return self.answer(zone) if callable(self.answer) else self.answer


def faults_of(source, *plugins):
    """Path, code and beginning of the text of each fault."""
    return [(each.path, each.code) for each in sf.check_definition(text=source, plugins=plugins).faults]


def test_from_a_file():
    """
    A calendar of hours and days off counts a deadline in working hours, in the zone of the lifecycle.
    """
    lifecycle = sf.load_lifecycle(text=TEXT)
    wednesday, store = datetime(2026, 6, 17, 16, tzinfo=SHANGHAI), MemoryStore()
    pipeline = sf.Pipeline(lifecycle, store=store, actor=sf.Actor("li.wei"), clock=lambda: wednesday)
    pipeline.open("Quick answer", id="P-1")

    assert TIME == lifecycle.definition.calendar
    # Two hours on Wednesday; the 18th is off; the other five and a half on Friday, with a break.
    assert datetime(2026, 6, 19, 16, tzinfo=SHANGHAI) == store.next_due("deadline")
    assert [False, True, True, False] == [
        lifecycle.calendar.is_working_day(date(2026, 6, day)) for day in (18, 20, 21, 28)
    ]


def test_python_and_files_say_the_same():
    """
    What is dumped as TOML and as JSON reads back equal, and equals what Python wrote.
    """
    definition = sf.load_definition(text=TEXT)

    assert definition == attrs.evolve(definition, calendar=TIME)
    for language in ("toml", "json"):
        assert definition == sf.load_definition(text=sf.dump_definition(definition, format=language))


@over_cases(
    ("table", "found"),
    [
        ("hours = { mon_frx = '09:00-12:00' }", [("calendar.hours.mon_frx", "calendar.hours")]),
        ("hours = { fri_mon = '09:00-12:00' }", [("calendar.hours.fri_mon", "calendar.hours")]),
        ("hours = { mon = '12:00-09:00' }", [("calendar.hours.mon", "calendar.hours")]),
        ("hours = { mon = '09:00-12:60' }", [("calendar.hours.mon", "calendar.hours")]),
        ("hours = { mon = '09:00-24:30' }", [("calendar.hours.mon", "calendar.hours")]),
        ("hours = { mon = ['09:00-12:00', '11:00-13:00'] }", [("calendar.hours.mon", "calendar.hours")]),
        (
            "hours = { mon_fri = '09:00-12:00', tue = '09:00-12:00' }",
            [("calendar.hours.tue", "calendar.hours")],
        ),
        ("hours = { mon = [] }", [("calendar.hours", "calendar.hours")]),
        ("hours = 9", [("calendar.hours", "value.type"), ("stages[0].deadlines[0].after", "deadline.hours")]),
        ("days_off = [2026-06-18]", [("stages[0].deadlines[0].after", "deadline.hours")]),
        ("hours = { mon = '09:00-12:00' }\ndays_off = ['soon']", [("calendar.days_off", "value.type")]),
        (
            "hours = { mon = '09:00-12:00' }\ndays_off = [2026-06-18, 2026-06-18]",
            [("calendar.days_off[1]", "calendar.days")],
        ),
        (
            "hours = { mon = '09:00-12:00' }\ndays_off = [2026-06-18]\nwork_days = [2026-06-18]",
            [("calendar.days_off[0]", "calendar.days")],
        ),
        ("hours = { mon = '09:00-12:00' }\nholidays = 'CN'", [("calendar.holidays", "value.choice")]),
        ("hours = { mon = '09:00-12:00' }\nhourz = 1", [("calendar.hourz", "key.unknown")]),
    ],
)
def test_what_cannot_be(table, found):
    """
    Every fault of a calendar is found at the build, with its path.
    """
    assert found == faults_of(written(table))


def test_days_that_are_none():
    """
    In Python, too, a day is a date.
    """
    definition = attrs.evolve(sf.load_definition(text=TEXT), calendar=WorkingTime(OFFICE, work_days=[20260620]))

    assert [("calendar.work_days[0]", "value.type")] == [
        (each.path, each.code) for each in sf.check_definition(definition).faults
    ]


def test_a_text_that_is_no_day():
    """
    In Python a text that is no day is a fault of the definition, as in a file.
    """
    stages = [sf.Stage("a"), sf.Stage("w", "won")]
    calendar = WorkingTime(days_off=["2026-01-02", "2026-13-01"])
    whole = sf.Definition("d", calendar=calendar, stages=stages, transitions=[sf.Transition("t", "a", "w")])
    faults = sf.check_definition(whole).faults

    assert [("calendar.days_off[1]", "value.type")] == [(each.path, each.code) for each in faults]


def test_no_calendar_at_all():
    """
    A calendar is a name or a table.
    """
    source = TEXT.replace("[calendar]", "calendar = 7\n[unknown]")

    assert ("calendar", "value.type") in faults_of(source)


def test_around_the_clock():
    """
    Without hours, Monday to Friday are worked around the clock.
    """
    source = written("days_off = [2026-06-18]").replace("7.5bh", "1bd")
    calendar = sf.load_lifecycle(text=source).calendar
    wednesday = datetime(2026, 6, 17, 16, tzinfo=SHANGHAI)

    assert wednesday + timedelta(days=2) == calendar.add(wednesday, timedelta(days=1))


def test_the_calendar_of_a_plugin():
    """
    A plugin gives a calendar by its name, and its holidays go with the hours of a definition.
    """

    class Closed:
        """A week without Mondays."""

        zone = SHANGHAI
        decreed_through = date(2026, 12, 31)
        is_working_day = next_open = add = working_between = None

        def decreed(self, day):
            """Mondays are off."""
            return False if day.weekday() == 0 else None

    source = written('hours = { mon_fri = "09:00-12:00" }\nholidays = "shifts"')
    calendar = sf.load_lifecycle(text=source, plugins=[Shifts(Closed())]).calendar
    named = sf.load_lifecycle("simple_deal", calendar="shifts", plugins=[Shifts(weekdays)]).calendar

    assert [False, True] == [calendar.is_working_day(date(2026, 3, day)) for day in (2, 3)]
    assert date(2026, 12, 31) == calendar.decreed_through
    assert weekdays(UTC) == named


def test_plugins_that_do_not_fit():
    """
    A plugin that raises, answers something else, or has a name that another has is a fault that names it.
    """
    source = written('hours = { mon_fri = "09:00-12:00" }\nholidays = "shifts"')

    def broken(_zone):
        raise RuntimeError

    said = {
        "raises": faults_of(source, Shifts(broken)),
        "answers": faults_of(source, Shifts("a calendar")),
        "twice": faults_of(source, Shifts(weekdays), Shifts(weekdays, "other")),
    }

    assert {
        "raises": [("calendar.holidays", "calendar.raised")],
        "answers": [("calendar.holidays", "calendar.raised")],
        "twice": [("calendar.holidays", "calendar.twice")],
    } == said


def test_days_may_change_without_a_new_version():
    """
    The days of a calendar change from year to year; they do not make another lifecycle of it, its zone does.
    """
    definition = sf.load_definition(text=TEXT)
    later = attrs.evolve(definition, calendar=WorkingTime(OFFICE, days_off=[date(2027, 6, 18)]))
    moved = attrs.evolve(definition, time_zone="Europe/Berlin")
    digests = [sf.build_lifecycle(each).digest for each in (definition, later, moved)]

    assert digests[0] == digests[1] != digests[2]


def test_a_time_is_no_day():
    """
    In Python, too, a day is a date and not a time; hours are a table.
    """
    definition = sf.load_definition(text=TEXT)
    time = attrs.evolve(definition, calendar=WorkingTime(OFFICE, work_days=[datetime(2026, 6, 20, tzinfo=UTC)]))
    number = attrs.evolve(definition, calendar=WorkingTime(9))

    assert [("calendar.work_days[0]", "value.type")] == [
        (each.path, each.code) for each in sf.check_definition(time).faults
    ]
    assert "calendar.hours" in {each.path for each in sf.check_definition(number).faults}


def test_a_plugin_that_has_other_calendars():
    """
    A plugin that does not know the name is passed over.
    """

    class Others:
        """A plugin that has no calendar of that name."""

        name = "others"

        @sf.hookimpl
        def salesflow_calendars(self, name):
            """Answer for no name."""
            del name

    named = sf.load_lifecycle("simple_deal", calendar="shifts", plugins=[Others(), Shifts(weekdays)]).calendar

    assert weekdays(UTC) == named
