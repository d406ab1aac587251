"""
Public holidays for the calendars of salesflow: of every country and region that the library ``holidays`` knows.

A definition names a region by its ISO code: ``holidays = "CN"``, ``"DE-BY"``, ``"US-CA"``. Make-up working days are
worked, as in China and Hungary. Days that are holidays for some people only are nobody's day off here.

A cadence may follow a rule of RFC 5545, ``every = "RRULE:FREQ=…"``. :func:`to_ics` writes an agenda as iCalendar.
"""

from __future__ import annotations

from datetime import tzinfo

from salesflow import hookimpl
from salesflow.calendars import BusinessCalendar

from ._ics import to_ics
from ._regions import Region, region_of
from ._rules import Times, rule_of


__all__ = ["Region", "region_of", "rule_of", "salesflow_calendars", "salesflow_recurrences", "to_ics"]


@hookimpl
def salesflow_calendars(name: str, zone: tzinfo) -> BusinessCalendar | None:
    """
    Return the calendar of a region, worked around the clock on its working days; ``None`` for what is no region's code.

    Raises:
        InputError: for a code that looks like one, and is none.
    """
    region = region_of(name)
    return None if region is None else region.calendar(zone)


@hookimpl
def salesflow_recurrences(text: str) -> Times | None:
    """
    Return when a rule of RFC 5545 is due; ``None`` for other texts.

    Raises:
        InputError: for a rule that cannot be used.
    """
    return rule_of(text)
