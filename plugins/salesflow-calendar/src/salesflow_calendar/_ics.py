"""
An agenda as iCalendar (RFC 5545), which calendars of phones and offices read.

The library ``icalendar`` is imported when the first agenda is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Any

from salesflow.results import AgendaItem


def to_ics(items: Iterable[AgendaItem], *, zone: tzinfo, stamp: datetime, lang: str = "en") -> bytes:
    """
    Return an agenda as the text of an ``.ics`` file, one event an item.

    The same item has the same UID whenever it is written, so that a calendar which reads the file again does not
    show it twice.

    Args:
        items: what :meth:`salesflow.Pipeline.agenda` returns.
        zone: in which tasks have their day.
        stamp: when the file is written, aware.
        lang: of the labels, any tag.
    """
    from icalendar import Calendar, Event  # noqa: PLC0415 -- see the top of the file

    calendar: Any = Calendar()  # its annotations leave out what a value is
    calendar.add("prodid", "-//salesflow//agenda//EN")
    calendar.add("version", "2.0")
    for item in items:
        event: Any = Event()
        when = item.at.astimezone(zone).date() if item.all_day else item.at
        parts = item.kind, item.name, item.who or "", f"{item.at:%Y%m%dT%H%M%S}", item.project_id
        event.add("uid", f"{'.'.join(parts)}@salesflow")
        event.add("dtstamp", stamp)
        event.add("dtstart", when)
        event.add("dtend", when + timedelta(days=1) if item.all_day else item.ends_at or item.at)
        event.add("summary", f"{item.label.text(lang) or item.name}: {item.project_name}")
        event.add("categories", [item.kind])
        if item.who:
            event.add("contact", item.who)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
