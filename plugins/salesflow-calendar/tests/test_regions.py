"""
Holidays and make-up days of regions, held against another library and against what was decreed.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import chinese_calendar
import pytest
import salesflow_calendar
from salesflow_calendar import region_of

from salesflow import build_lifecycle, check_definition, load_lifecycle
from salesflow.errors import DefinitionError, InputError
from salesflow.testing import PluginContract
from salesflow.typing import Duration, WorkingTime


SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = {"mon_fri": ["09:00-12:00", "13:30-18:00"]}
OFF = [(1, 1, 3), (2, 15, 9), (4, 4, 3), (5, 1, 5), (6, 19, 3), (9, 25, 3), (10, 1, 7)]  # from a day on, so many days
MAKE_UP = [date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))]


def chinese(**calendar):
    """The calendar of an office in Shanghai."""
    time = WorkingTime(OFFICE, holidays="CN", **calendar)
    return load_lifecycle(
        "simple_deal", time_zone="Asia/Shanghai", calendar=time, plugins=[salesflow_calendar]
    ).calendar


class TestCalendar(PluginContract):
    """
    The plugin keeps the contract of plugins.
    """

    plugin = salesflow_calendar
    calendars = ("CN", "DE-BY", "US")
    recurrences = ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;BYHOUR=17;BYMINUTE=0",)


def test_every_day_of_twenty_years():
    """
    Every day from 2007 to 2026 is worked in China exactly where another library says so.
    """
    calendar = region_of("CN").calendar(SHANGHAI)
    days = [date(2007, 1, 1) + timedelta(days=number) for number in range(7_305)]

    assert date(2026, 12, 31) == days[-1]
    assert [] == [day for day in days if calendar.is_working_day(day) is not chinese_calendar.is_workday(day)]


def test_the_make_up_days_of_a_year():
    """
    The six make-up days of 2026 are worked, and its 33 days off are not.
    """
    calendar = chinese()
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    off = [date(2026, month, first + number) for month, first, count in OFF for number in range(count)]

    assert MAKE_UP == [day for day in days if calendar.decreed(day)]
    assert 33 == len(off)
    assert not any(calendar.is_working_day(day) for day in off)


@pytest.mark.parametrize(
    ("code", "en", "zh"),
    [
        ("XX", "Write an ISO 3166 code, such as CN or DE-BY", "请写 ISO 3166 代码，例如 CN 或 DE-BY"),
        ("ZWX", "Did you mean 'ZW'?", "是否应为 'ZW'？"),
        ("DE-BZ", "Parts of DE: BB, BE, BW, BY", "DE 的地区：BB, BE, BW, BY"),
        ("VA-XX", "Parts of VA: none", "VA 的地区：无"),
    ],
)
def test_a_region_that_is_none(code, en, zh):
    """
    The fault names the code and says what there is, in both languages.
    """
    data = {
        "id": "deal",
        "calendar": {"holidays": code},
        "stages": [{"id": "work"}, {"id": "won", "kind": "won"}],
        "transitions": [{"id": "win", "source": "work", "target": "won"}],
    }
    (fault,) = check_definition(data, plugins=[salesflow_calendar]).faults

    assert ("calendar.holidays", True, True) == (fault.path, en in str(fault), zh in fault.text("zh"))
    assert f"节假日地区：{code!r}" in fault.text("zh")


def test_half_days_are_for_some_people_only():
    """
    Women's Day, Children's Day and Army Day are worked by everybody.
    """
    calendar = chinese()
    days = [date(2027, 3, 8), date(2026, 6, 1), date(2025, 8, 1)]

    assert [True] * 3 == [calendar.is_working_day(day) for day in days]


@pytest.mark.parametrize(
    ("start", "span", "due"),
    [
        ("2026-09-28 10:00", "5bd", "2026-10-10 10:00"),
        ("2026-09-28 10:00", "37.5bh", "2026-10-10 10:00"),
        ("2026-02-13 09:00", "22.5bh", "2026-02-24 18:00"),
    ],
)
def test_golden_dates(start, span, due):
    """
    Due dates over the National Day and the Spring Festival are those that people count on a calendar.
    """
    begin, end = (datetime.fromisoformat(each).replace(tzinfo=SHANGHAI) for each in (start, due))

    assert end == chinese().add(begin, Duration.parse(span))


def test_working_hours_over_the_spring_festival():
    """
    From Friday morning to Tuesday evening are three working days of seven and a half hours, one of them a Saturday.
    """
    begin, end = (datetime(2026, 2, day, hour, tzinfo=SHANGHAI) for day, hour in ((13, 9), (24, 18)))

    assert timedelta(hours=22.5) == chinese().working_between(begin, end, "bh")


def test_own_days_go_first():
    """
    A company's own days go before the holidays of its region.
    """
    calendar = chinese(days_off=[date(2026, 10, 10)], work_days=[date(2026, 10, 1)])

    assert [False, True] == [calendar.is_working_day(date(2026, 10, day)) for day in (10, 1)]


@pytest.mark.parametrize(
    ("code", "through"),
    [("CN", date(2026, 12, 31)), ("HU", date(2026, 12, 31)), ("TW", None), ("US", None), ("DE-BY", None)],
)
def test_what_is_decreed(code, through):
    """
    Make-up days are decreed year by year in some countries, and not at all in others.
    """
    assert through is None or region_of(code).decreed_through >= through
    assert (through is None) == (region_of(code).decreed_through is None)


def test_weekends_and_parts_of_countries():
    """
    Days of rest are those of the country, and a part of it has holidays of its own.
    """
    epiphany = date(2026, 1, 6)

    assert frozenset({4, 5}) == region_of("EG").rest
    assert [False, None] == [region_of(code).decreed(epiphany) for code in ("DE-BY", "DE-HH")]


@pytest.mark.parametrize(
    ("code", "said"),
    [("CX-ZZ", "Parts of CX"), ("XQ", "ISO 3166"), ("DE-BX", "Bayern|BY")],
)
def test_codes_that_are_none(code, said):
    """
    A code that looks like one and is none is a fault of the definition that says what there is.
    """
    changed = attrs.evolve(load_lifecycle("simple_deal").definition, calendar=WorkingTime(holidays=code))
    with pytest.raises(InputError, match=said):
        region_of(code)
    with pytest.raises(DefinitionError, match=said):
        build_lifecycle(changed, plugins=[salesflow_calendar])
    assert ["calendar.holidays"] == [
        each.path for each in check_definition(changed, plugins=[salesflow_calendar]).faults
    ]


def test_other_names():
    """
    A name that is no code is left to other plugins.
    """
    assert salesflow_calendar.salesflow_calendars("shifts", UTC) is None
    assert region_of("weekdays") is None
