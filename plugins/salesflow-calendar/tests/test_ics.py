"""
The agenda as iCalendar, read back by another library.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
import salesflow_calendar

import salesflow as sf
from salesflow.calendars import READY
from salesflow.dossier import Activity, Task
from salesflow.stores import MemoryStore


SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day, hour=9):
    """A time in September 2026 in Shanghai."""
    return datetime(2026, 9, day, hour, tzinfo=SHANGHAI)


def agenda():
    """The agenda of a week before the Mid-Autumn holiday."""
    definition = sf.Definition(
        "short",
        calendar="CN",
        time_zone="Asia/Shanghai",
        fields=[sf.Field("owner")],
        stages=[sf.Stage("work", "open"), sf.Stage("won", "won")],
        transitions=[sf.Transition("win", "work", "won", outcome="won")],
        cadences=[READY["weekly_report"]],
    )
    lifecycle = sf.build_lifecycle(definition, plugins=[salesflow_calendar])
    pipeline = sf.Pipeline(lifecycle, store=MemoryStore(), clock=lambda: at(30), actor=sf.Actor("li.wei"))
    pipeline.open("数据中心; 二期, 北区", id="P-1", at=at(1), fields={"owner": "li.wei"})
    pipeline.add(
        "P-1",
        Task("t-1", "报价表", due=date(2026, 9, 22)),
        Activity("a-1", "call", at=at(23, 10), owner="chen.yu"),
        at=at(2),
    )
    return pipeline.agenda(at(21), at(28))


def test_another_library_reads_the_agenda_back():
    """
    Each item is one event at its time, with label and project. A task lasts its day; the report moves to Thursday.
    """
    text = salesflow_calendar.to_ics(agenda(), zone=SHANGHAI, stamp=at(20), lang="zh-CN")
    events = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(at(21), at(28))
    found = [(str(e["SUMMARY"]), e.start, e.end) for e in sorted(events, key=lambda each: str(each["UID"]))]

    assert [
        ("电话: 数据中心; 二期, 北区", at(23, 10), at(23, 10)),
        ("周报: 数据中心; 二期, 北区", at(24, 17), datetime(2026, 9, 24, 9, 30, tzinfo=UTC)),
        ("报价表: 数据中心; 二期, 北区", date(2026, 9, 22), date(2026, 9, 23)),
    ] == found
    assert ["chen.yu", "li.wei", "li.wei"] == [str(e["CONTACT"]) for e in sorted(events, key=lambda e: str(e["UID"]))]


def test_the_same_agenda_is_the_same_file():
    """
    What is written twice is equal, so that calendars see no change.
    """
    first, second = (salesflow_calendar.to_ics(agenda(), zone=SHANGHAI, stamp=at(20)) for _ in range(2))

    assert first == second


def test_what_is_nobodys_names_nobody():
    """
    An item without a person has no contact, and an agenda without items is a calendar without events.
    """
    nobodys = [sf.results.AgendaItem(at(21), "activity", "P-1", "Data", "a-1", sf.typing.Label())]
    read = icalendar.Calendar.from_ical(salesflow_calendar.to_ics(nobodys, zone=SHANGHAI, stamp=at(20)))
    empty = icalendar.Calendar.from_ical(salesflow_calendar.to_ics([], zone=SHANGHAI, stamp=at(20)))

    assert ("a-1: Data", False) == (str(read.events[0]["SUMMARY"]), "CONTACT" in read.events[0])
    assert [] == empty.events
