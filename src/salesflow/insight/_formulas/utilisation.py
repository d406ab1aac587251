"""
The KPI of people's time: hours booked against the working hours that they have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

import attrs

from ..._model.values import person
from ...dossier import Member, TimeBooking
from .._cases import Ask, Cases, Summary, quotient, share
from .._columns.columns import Columns
from .._columns.dossiers import entries_of
from .._columns.periods import UNITS, Period, Unit, periods_in
from .._columns.tables import micros, moment
from .._registry import kpi, no_params
from .days import day_asked, end_of


_HOUR: Final = timedelta(hours=1)


class _Person(NamedTuple):
    """
    Somebody who works on projects.

    Attributes:
        row: of the first project of theirs.
        name: as the team has it.
        department: where the person comes from.
        capacity: the share of full working time that the person has.
    """

    row: int
    name: str
    department: str
    capacity: Decimal


def _utilisation(cases: Cases) -> Summary:
    """
    Sum up hours, with a row for each person, the least busy first: booked, available, and what is free.
    """
    found = share(cases)
    if found.value is None and cases.rows:
        found = attrs.evolve(found, reason="nothing_available")
    by_person: dict[tuple[str, str | None], list[Any]] = {}
    names, departments = cases.groups.get("member", ()), cases.groups.get("department", ())
    for name, department, booked, available in zip(names, departments, cases.values, cases.totals or (), strict=True):
        hours = by_person.setdefault((name, department), [Fraction(0), Fraction(0)])
        hours[0] += Fraction(booked)
        hours[1] += available
    rows = [_row(name, department, *hours) for (name, department), hours in by_person.items()]
    rows.sort(key=lambda row: (row["utilisation"] is None, row["utilisation"], row["member"]))
    parts = {
        "idle": sum(not row["booked"] for row in rows),
        "overloaded": sum(row["booked"] > row["available"] for row in rows),
    }
    return attrs.evolve(found, parts=parts, rows=rows)


def _row(name: str, department: str | None, booked: Fraction, available: Fraction) -> Mapping[str, Any]:
    return {
        "member": name,
        "department": department,
        "booked": float(booked),
        "available": float(available),
        "free": float(available - booked),
        "utilisation": quotient(booked, available) if available else None,
    }


@kpi("resource_utilisation", _utilisation)
def resource_utilisation(ask: Ask) -> Cases:
    """
    Find the active members of the teams, and who else booked time: the hours booked, and those that the person has.

    A person counts once, however many projects there are, with the working hours of the calendar of the first of them,
    from the beginning of the period, else from the first booking, to its end or today.
    """
    no_params(ask.params)
    columns = ask.columns
    bookings = [(row, each) for row, each in entries_of(columns, TimeBooking)]
    spans = _spans(ask, [each.day for _, each in bookings])
    booked = _booked(columns, spans, bookings)
    people = _people(columns, {name for name, _ in booked})
    cases = [(each, place) for each in people.values() for place in range(len(spans))]
    return Cases(
        [each.row for each, _ in cases],
        [booked.get((person(each.name), place), Decimal(0)) for each, place in cases],
        [_available(columns, each, spans[place]) for each, place in cases],
        [micros(spans[place].end) - 1 for _, place in cases],
        [each.name for each, _ in cases],
        {
            "member": [person(each.name) for each, _ in cases],
            "department": [each.department or None for each, _ in cases],
        },
    )


def _spans(ask: Ask, days: Sequence[date]) -> Sequence[Period]:
    """
    Return the period up to today; where groups are periods of the calendar, those of it.
    """
    end = end_of(ask.columns)
    last = end(day_asked(ask)) + 1
    first = (
        ask.start if ask.period is not None else min((end(day - timedelta(days=1)) + 1 for day in days), default=last)
    )
    if first >= last:
        return ()
    whole = Period(moment(first), moment(last))
    if ask.by not in UNITS:
        return (whole,)
    unit: Unit = ask.by
    return [
        Period(max(each.start, whole.start), min(each.end, whole.end))
        for each in periods_in(whole, unit, ask.columns.zone)
    ]


def _booked(
    columns: Columns, spans: Sequence[Period], bookings: Iterable[tuple[int, TimeBooking]]
) -> Mapping[tuple[str, int], Decimal]:
    """
    Return the hours that each person booked in each span.
    """
    found: dict[tuple[str, int], Decimal] = {}
    places: dict[date, int | None] = {}
    end = end_of(columns)
    ends = [each.micros for each in spans]
    for _, each in bookings:
        if each.day not in places:
            at = end(each.day)
            places[each.day] = next((place for place, (first, last) in enumerate(ends) if first <= at < last), None)
        place = places[each.day]
        if place is not None:
            key = person(each.member), place
            found[key] = found.get(key, Decimal(0)) + each.hours
    return found


def _people(columns: Columns, booking: set[str]) -> Mapping[str, _Person]:
    """
    Return the active members of all teams, and others who booked time, by name; each with the greatest capacity.
    """
    teams: dict[str, list[tuple[int, Member]]] = {}
    for row, member in entries_of(columns, Member):
        teams.setdefault(person(member.id), []).append((row, member))
    found: dict[str, _Person] = {}
    for name, members in teams.items():
        chosen = [each for each in members if each[1].active] or (members if name in booking else [])
        if chosen:
            row, first = chosen[0]
            department = next((each.department.strip() for _, each in chosen if each.department.strip()), "")
            found[name] = _Person(row, first.id, department, max(each.capacity for _, each in chosen))
    for row, each in entries_of(columns, TimeBooking):
        name = person(each.member)
        if name in booking:
            found.setdefault(name, _Person(row, each.member, "", Decimal(1)))
    return found


def _available(columns: Columns, who: _Person, span: Period) -> Fraction:
    """
    Return the working hours that a person has in a span.
    """
    hours: dict[tuple[int, Period], Fraction] = columns.derive("working hours", dict[tuple[int, Period], Fraction])
    key = columns.tables.projects.lifecycle[who.row], span
    if key not in hours:
        spent = columns.calendar_of(who.row).working_between(span.start, span.end, "bh")
        hours[key] = Fraction(spent // timedelta.resolution, _HOUR // timedelta.resolution)
    return hours[key] * Fraction(who.capacity)
