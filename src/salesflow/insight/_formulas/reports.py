"""
The KPI of reports: those that were there in time, of those that the cadences of a lifecycle ask for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import Final, NamedTuple

from ..._lifecycle.bind_cadences import PERIOD, BoundCadence
from ..._lifecycle.slot_windows import Window, windows
from ..._model.recurrence import Following
from ..._model.values import person
from ..._model.zones import local_date
from ...dossier import Member, StatusReport
from .._cases import Ask, Cases, share
from .._columns.columns import Columns
from .._columns.dossiers import Kept, versions_of
from .._columns.tables import NEVER, micros, moment
from .._registry import kpi, no_params
from .records import Record, record_cases


_EVER: Final = 2**63 - 1
_WORKING_DAY: Final = timedelta(days=1)
_MADE_AT: Final = attrgetter("at")


class _Slot(NamedTuple):
    """
    A slot of a cadence, in microseconds.

    Attributes:
        at: when it is.
        opens, closes: what happens later than the first and no later than the second meets it.
        since: a project has to stand in the stages of the cadence by then.
        day: in the zone of the cadence.
        name: of the slot, in the evidence.
    """

    at: int
    opens: int
    closes: int
    since: int
    day: date
    name: str


class _Report(NamedTuple):
    """
    One version of a report: when it was made, from when to when it was known as such, and who made it.
    """

    at: int
    known: int
    replaced: int
    by: str


@kpi("report_discipline", share)
def report_discipline(ask: Ask) -> Cases:
    """
    Find the slots of the period in which cadences asked for a report: above the line those that were met in time.

    What was recorded after a slot had closed does not meet it.
    """
    no_params(ask.params)
    columns = ask.columns
    asking = [
        (number, bound)
        for number, bounds in enumerate(columns.source.cadences)
        for bound in bounds
        if bound.cadence.met_by == {"entry": StatusReport.kind}
    ]
    if not asking:
        return Cases(reason="no_cadence")
    reports, now = _reports(columns), columns.source.now
    records: list[Record] = []
    waiting = 0
    for number, bound in asking:
        groups: dict[str | None, Mapping[str, str | None]] = {}
        for row, slot in _due(ask, number, bound):
            made = reports.get(row, ())
            for member in _asked(columns, bound, row, slot):
                if slot.closes > now:
                    waiting += 1
                    continue
                of = groups.get(member) or groups.setdefault(member, {"cadence": bound.cadence.id, "member": member})
                name = slot.name if member is None else f"{slot.name}/{member}"
                records.append(Record(row, name, slot.at, int(_met(made, slot, member)), 1, of))
    return record_cases(columns, records, open_=waiting)


def _reports(columns: Columns) -> Mapping[int, Sequence[_Report]]:
    """
    Return all versions of the reports of each project, in the order of when they were made.
    """
    found: dict[int, list[_Report]] = {}
    for versions in versions_of(columns, StatusReport.kind).values():
        ends = [*[each.known for each in versions[1:]], _EVER]
        for each, replaced in zip(versions, ends, strict=True):
            if isinstance(report := each.entry, StatusReport):
                at = each.at if report.at is None else micros(report.at)
                found.setdefault(each.row, []).append(_Report(at, each.known, replaced, person(report.by)))
    return {row: sorted(given) for row, given in found.items()}


def _met(reports: Sequence[_Report], slot: _Slot, member: str | None) -> bool:
    first = bisect_right(reports, slot.opens, key=_MADE_AT)
    last = bisect_right(reports, slot.closes, first, key=_MADE_AT)
    return first < last and any(
        each.known <= slot.closes < each.replaced and (member is None or each.by == member)
        for each in reports[first:last]
    )


def _due(ask: Ask, number: int, bound: BoundCadence) -> Iterator[tuple[int, _Slot]]:
    """
    Yield the slots of a cadence in the period that count for each project of a lifecycle.
    """
    columns, slots_after = ask.columns, _slots_after(ask.columns, bound)
    projects, includes, calendar = columns.tables.projects, columns.includes(), bound.calendar
    limits = [columns.values(name) for name in PERIOD] if bound.cadence.per == "period" else None
    after = bound.cadence.after_closing
    for row, anchors, spans in _stood(columns, bound):
        if projects.lifecycle[row] != number or not includes[row]:
            continue
        for since, until in spans:
            end = until if after is None else min(until, micros(calendar.add(moment(since), after)) + 1)
            for anchor, again in zip(anchors, [*anchors[1:], _EVER], strict=True):
                slots = slots_after(anchor)
                first = bisect_left(slots, max(ask.start, since, anchor), key=lambda each: each.at)
                last = bisect_left(slots, min(ask.end, end, again), key=lambda each: each.at)
                for slot in slots[first:last]:
                    if slot.since >= since and (limits is None or _within(slot.day, *[each[row] for each in limits])):
                        yield row, slot


def _within(day: date, first: object, last: object) -> bool:
    return isinstance(first, date) and isinstance(last, date) and first <= day <= last


def _stood(columns: Columns, bound: BoundCadence) -> Iterable[tuple[int, Sequence[int], Sequence[tuple[int, int]]]]:
    """
    Yield for each project when what the cadence follows happened, and its unbroken times in the stages of the cadence.

    A cadence that follows nothing has its slots since ever.
    """
    tables = columns.tables
    stages = {tables.words.find(stage) for stage in bound.stages}
    follows = tables.words.find(bound.recurrence.anchor) if isinstance(bound.recurrence, Following) else None
    anchors: list[list[int]] = [[] if follows is not None else [NEVER] for _ in tables.projects.id]
    spans: list[list[tuple[int, int]]] = [[] for _ in tables.projects.id]
    outcomes: dict[int, int] = {}
    moves = tables.moves
    for row, at, transition, target, outcome in zip(
        moves.project, moves.at, moves.transition, moves.target, moves.outcome, strict=True
    ):
        before = outcomes.get(row, outcome)
        if follows is not None and (transition == follows or before != outcome == follows):
            anchors[row].append(at)
        outcomes[row] = outcome
        going_on = bool(spans[row]) and spans[row][-1][1] == _EVER
        if target in stages and not going_on:
            spans[row].append((at, _EVER))
        elif target not in stages and going_on:
            spans[row][-1] = spans[row][-1][0], at
    return zip(range(len(spans)), anchors, spans, strict=True)


def _slots_after(columns: Columns, bound: BoundCadence) -> Callable[[int], Sequence[_Slot]]:
    """
    Return the function that gives the slots of a cadence up to today, after what it follows happened.
    """
    first = min(columns.tables.projects.opened, default=columns.source.now)
    until = bound.calendar.add(columns.now, bound.cadence.grace)
    known: dict[int, Sequence[_Slot]] = {}

    def slots(anchor: int) -> Sequence[_Slot]:
        if anchor not in known:
            begin, after = (moment(first), None) if anchor == NEVER else (moment(anchor), moment(anchor))
            known[anchor] = [_slot(bound, window) for window in windows(bound, begin, until, after)]
        return known[anchor]

    return slots


def _slot(bound: BoundCadence, window: Window) -> _Slot:
    slot, opens, closes = window
    since = bound.calendar.add(slot, -_WORKING_DAY, "bd")
    day = local_date(slot, bound.calendar.zone)
    name = f"{bound.cadence.id}/{day.isoformat()}"
    return _Slot(micros(slot), micros(opens), micros(closes), micros(since), day, name)


def _asked(columns: Columns, bound: BoundCadence, row: int, slot: _Slot) -> Iterable[str | None]:
    """
    Return who was asked for a report: the project as a whole, or each member who was active then.
    """
    if bound.cadence.per != "member":
        return (None,)
    return [person(member.id) for each in _members(columns).get(row, ()) if (member := _active(each, slot.at))]


def _members(columns: Columns) -> Mapping[int, Sequence[Sequence[Kept]]]:
    def collected() -> Mapping[int, Sequence[Sequence[Kept]]]:
        found: dict[int, list[Sequence[Kept]]] = {}
        for (row, _), versions in versions_of(columns, Member.kind).items():
            found.setdefault(row, []).append(versions)
        return found

    return columns.derive("versions of members", collected)


def _active(versions: Sequence[Kept], at: int) -> Member | None:
    entry = next((each.entry for each in reversed(versions) if each.at <= at), None)
    return entry if isinstance(entry, Member) and entry.active else None
