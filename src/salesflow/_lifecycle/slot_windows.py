"""
The windows of slots: the span of time in which an entry meets a slot of a cadence.

A window opens when the slot before it closes, and closes itself the grace after its slot.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Final, NamedTuple

from .._model.recurrence import Following
from ..calendars import slots_between
from .bind_cadences import BoundCadence


_TICK: Final = datetime.resolution
_REST: Final = timedelta(days=60)  # longer than any days of rest in a row that a slot may be shifted over
_YEARS: Final = 3  # whatever recurs by the calendar does so within them


class Window(NamedTuple):
    """
    A slot, and when what meets it happens: later than *opens*, and no later than *closes*.
    """

    slot: datetime
    opens: datetime
    closes: datetime


def windows(bound: BoundCadence, start: datetime, until: datetime, anchor: datetime | None) -> Iterable[Window]:
    """
    Return the windows of the slots from *start* on that have closed by *until*, in order.

    Args:
        anchor: when what the cadence follows happened; without it that has no slots.
    """
    recurrence = bound.recurrence
    found: Iterable[Window] = ()
    if not isinstance(recurrence, Following):
        found = (each for year in range(start.year, until.year + 1) for each in _of_year(bound, year))
    elif anchor is not None:
        found = _following(bound, recurrence, anchor, start, until)
    return [each for each in found if start <= each.slot and each.closes <= until]


def first_open(bound: BoundCadence, at: datetime, anchor: datetime | None) -> Window | None:
    """
    Return the first window that closes after a time; ``None`` if there is none.
    """
    recurrence, grace = bound.recurrence, bound.cadence.grace
    begin = bound.calendar.add(at, -grace.span, grace.unit)
    if not isinstance(recurrence, Following):
        for year in range(begin.year, at.year + _YEARS):
            found = _of_year(bound, year)
            place = bisect_right(found, at, key=attrgetter("closes"))
            if place < len(found):
                return found[place]
    elif anchor is not None:
        last = bound.calendar.add(max(at, anchor), 2 * recurrence.span.span, recurrence.span.unit) + _REST
        found_after = _following(bound, recurrence, anchor, begin, last)
        return next((each for each in found_after if each.closes > at), None)
    return None


def _of_year(bound: BoundCadence, year: int) -> tuple[Window, ...]:
    """
    Return the windows of the slots of a year, which are worked out once: they are the same for all projects.
    """
    found = bound.years.get(year)
    if found is None:
        begin, middle, end = (datetime(each, 1, 1, tzinfo=UTC) for each in (max(year - 1, 1), year, year + 1))
        slots = slots_between(bound.recurrence, bound.calendar, begin, end, shift=bound.cadence.shift)
        found = tuple([each for each in _windows(bound, slots, begin) if each.slot >= middle])
        bound.years[year] = found
    return found


def _following(
    bound: BoundCadence, recurrence: Following, anchor: datetime, first: datetime, last: datetime
) -> Iterable[Window]:
    """
    Return the windows of the slots after an anchor from *first* to *last*, and some before them.
    """
    calendar, shift, reach = bound.calendar, bound.cadence.shift, 2 * recurrence.span.span
    while True:
        begin = max(anchor, calendar.add(first, -reach, recurrence.span.unit))
        slots = slots_between(recurrence, calendar, begin, last + _TICK, shift=shift, anchor=anchor)
        # The window of the first slot opens with the slot before it, which has to be among them.
        if begin == anchor or (slots and slots[0] < first):
            return _windows(bound, slots, anchor)
        reach *= 2


def _windows(bound: BoundCadence, slots: Iterable[datetime], opens: datetime) -> Iterator[Window]:
    """
    Yield the windows of slots; one that closes with the slot before it is that slot.
    """
    for slot in slots:
        closes = bound.calendar.add(slot, bound.cadence.grace)
        if closes > opens:
            yield Window(slot, opens, closes)
            opens = closes
