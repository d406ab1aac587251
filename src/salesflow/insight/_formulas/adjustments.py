"""
The KPIs of adjusting: how long decisions on signals take, and whether risks get a response in time.
"""

from __future__ import annotations

from typing import Final

from ..._model.risk_matrix import LEVELS, Level
from ..._model.values import Duration, person, to_duration
from ...dossier import Risk, Signal
from ...errors import InputError, nearest, say
from ...risks import matrix_of
from .._cases import Ask, Cases, share
from .._columns.columns import Columns
from .._columns.people import owner_of
from .._columns.tables import NEVER, micros, moment
from .._registry import kpi, no_params
from .records import Life, Record, lives, record_cases
from .waits import HOUR, Wait, cases_of, ended


@kpi("time_to_adjust", ended(HOUR))
def time_to_adjust(ask: Ask) -> Cases:
    """
    Find the signals that were seen in the period: the time to the decision on each, or so far.
    """
    no_params(ask.params)
    columns, owner, now = ask.columns, owner_of(ask.columns), ask.columns.source.now
    waits: list[Wait] = []
    for life in lives(columns, Signal):
        signal = life.entry
        at = life.versions[0].at if signal.seen_at is None else micros(signal.seen_at)
        if ask.start <= at < ask.end and at <= now:
            decided = NEVER if signal.decided_at is None else micros(signal.decided_at)
            by = person(signal.by) if signal.by else None
            groups = {"category": signal.category or None, "owner": owner(None, life.row, at), "by": by}
            waits.append(Wait(life.row, life.name, at, decided if decided <= now else NEVER, groups))
    return cases_of(columns, waits, [max((now if each.going_on else each.end) - each.start, 0) for each in waits])


_WITHIN: Final = "7d"


@kpi("risk_response_rate", share)
def risk_response_rate(ask: Ask) -> Cases:
    """
    Find the risks that reached a level in the period and had so long since: above the line those with a response.

    Parameters
    ----------
        within: how long a response may take, such as ``"7d"`` or ``"5bd"``; 7 days by default.
        level: the mildest level that counts; ``medium`` by default.
    """
    no_params(ask.params, "within", "level")
    columns, owner = ask.columns, owner_of(ask.columns)
    within, least = to_duration(ask.params.get("within", _WITHIN)), _level(ask.params.get("level", "medium"))
    records: list[Record] = []
    waiting = 0
    for life in lives(columns, Risk):
        at = _reached(columns, life, least)
        if at is None or not ask.start <= at < ask.end:
            continue
        until = _until(columns, life.row, at, within)
        if until > columns.source.now:
            waiting += 1
            continue
        risk = life.entry
        groups = {"owner": owner(risk.owner, life.row, at), "category": risk.category or None}
        records.append(Record(life.row, life.name, at, int(_answered(life, until)), 1, groups))
    return record_cases(columns, records, open_=waiting)


def _level(given: object) -> Level:
    for level in LEVELS:
        if level == given:
            return level
    raise InputError("level=", given, say("input.choice", known=LEVELS, near=nearest(str(given), LEVELS)))


def _reached(columns: Columns, life: Life[Risk], least: Level) -> int | None:
    """
    Return when a risk first was of a level or worse, by the matrix of its lifecycle.
    """
    number = columns.tables.projects.lifecycle[life.row]
    definition = columns.source.definitions[number]
    matrix = columns.derive(("risk matrix", number), lambda: matrix_of(() if definition is None else definition.risks))
    for each in life.versions:
        if isinstance(each.entry, Risk):
            level = matrix.rate(*each.entry.pair).level
            if LEVELS.index(level) >= LEVELS.index(least):
                return each.at
    return None


def _until(columns: Columns, row: int, at: int, within: Duration) -> int:
    return micros(columns.calendar_of(row).add(moment(at), within))


def _answered(life: Life[Risk], until: int) -> bool:
    """
    Tell whether a risk had a response by a time, or stood where one is carried out.
    """
    return any(
        each.at <= until
        and isinstance(each.entry, Risk)
        and bool(each.entry.response.strip() or each.entry.status in {"responding", "monitored"})
        for each in life.versions
    )
