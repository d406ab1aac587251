"""
The KPIs of answers and of what was planned: response time, follow-up delay, and replies inside the team.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from ..._model.values import person
from ...dossier import Activity, Question
from ...dossier._party import standard_hours
from ...errors import InputError, say
from .._cases import Ask, Cases
from .._columns.dossiers import entries_of, versions_of
from .._columns.people import departments_of, owner_of
from .._columns.tables import NEVER, micros
from .._registry import kpi, no_params
from .standards import in_target, in_target_cases, standards_of
from .waits import HOUR, Wait, cases_of, ended, working_cases


_DAY: Final = 24 * HOUR


def _contacts(ask: Ask) -> Sequence[Wait]:
    """
    Return the contacts that customers made in the period, each until our first reply that took place.
    """
    columns, owner, now = ask.columns, owner_of(ask.columns), ask.columns.source.now
    activities = entries_of(columns, Activity)
    replies: dict[tuple[int, str], list[tuple[int, Activity]]] = {}
    for row, each in activities:
        if each.answers is not None and each.at is not None and each.direction in {"", "out"} and each.status == "done":
            replies.setdefault((row, each.answers), []).append((micros(each.at), each))
    found: list[Wait] = []
    for row, each in activities:
        if each.direction != "in" or each.at is None or each.status == "dropped":
            continue
        start = micros(each.at)
        if not ask.start <= start < ask.end or start > now:
            continue
        answered = [reply for reply in replies.get((row, each.id), ()) if start <= reply[0] <= now]
        end, reply = min(answered, key=lambda one: one[0], default=(NEVER, None))
        who = each.owner or (None if reply is None else reply.owner)
        found.append(Wait(row, each.id, start, end, {"owner": owner(who, row, start), "contact": each.contact or None}))
    return found


@kpi("response_time", ended(HOUR), p90=ended(HOUR, "p90"), in_target=in_target)
def response_time(ask: Ask) -> Cases:
    """
    Find the contacts that customers made in the period, with the working time up to our first reply.

    The target of the variant ``in_target`` is ``hours=``, else that of the project's service standards.
    """
    no_params(ask.params, "hours")
    waits = _contacts(ask)
    if ask.variant != "in_target":
        return working_cases(ask.columns, waits)
    return _against_target(ask, waits)


def _against_target(ask: Ask, waits: Sequence[Wait]) -> Cases:
    """
    Return contacts with the working time of each, above the line, and its target, below it.
    """
    columns, given = ask.columns, ask.params.get("hours")
    if given is not None:
        hours = _hours(given)
        return in_target_cases(columns, waits, [hours] * len(waits))
    standards = standards_of(columns)
    return in_target_cases(
        columns, waits, [standard_hours(standards.get(wait.row, ()), "response_hours") for wait in waits]
    )


def _hours(given: object) -> Decimal:
    if isinstance(given, (int, float, str, Decimal)) and not isinstance(given, bool):
        try:
            found = Decimal(str(given))
        except InvalidOperation:
            found = Decimal(-1)
        if found.is_finite() and found >= 0:
            return found
    raise InputError("hours=", given, say("input.target_hours"))


@kpi("follow_up_delay", ended(_DAY))
def follow_up_delay(ask: Ask) -> Cases:
    """
    Find what was planned for a time in the period, with the time between plan and deed.

    What was not done although its time has passed is still open.
    """
    no_params(ask.params)
    columns, owner, now = ask.columns, owner_of(ask.columns), ask.columns.source.now
    waits: list[Wait] = []
    for row, each in entries_of(columns, Activity):
        if each.planned_for is None or each.direction == "in" or each.status == "dropped":
            continue
        start = micros(each.planned_for)
        end = micros(each.at) if each.status == "done" and each.at is not None else NEVER
        if ask.start <= start < ask.end and (start < now if end == NEVER else end <= now):
            waits.append(Wait(row, each.id, start, end, {"owner": owner(each.owner, row, start), "type": each.type}))
    return cases_of(columns, waits, [(now if wait.going_on else wait.end) - wait.start for wait in waits])


@kpi("reply_delay", ended(HOUR), p90=ended(HOUR, "p90"), between_departments=ended(HOUR))
def reply_delay(ask: Ask) -> Cases:
    """
    Find the questions that were asked in the period, with the working time up to the answer.

    The variant ``between_departments`` leaves out those of which both sides are of one department, or of none.
    """
    no_params(ask.params)
    columns, departments, owner = ask.columns, departments_of(ask.columns), owner_of(ask.columns)
    known, now = columns.tables.words.known, columns.source.now
    between = ask.variant == "between_departments"
    waits: list[Wait] = []
    for (row, name), versions in versions_of(columns, Question.kind).items():
        each = versions[-1].entry
        if not isinstance(each, Question):
            continue
        start = versions[0].at if each.asked_at is None else micros(each.asked_at)
        end = NEVER if each.answered_at is None else micros(each.answered_at)
        if not ask.start <= start < ask.end or start > now:
            continue
        asker = each.by or known[versions[0].by]
        theirs = departments(row, [each.answered_by] if each.answered_by else each.to)
        ours = departments(row, [asker])
        if between and (not ours or not theirs or ours.keys() & theirs.keys()):
            continue
        groups = {
            "owner": owner(None, row, start),
            "department": _named(theirs),
            "asking_department": _named(ours),
            "asked_by": person(asker),
        }
        waits.append(Wait(row, name, start, end if start <= end <= now else NEVER, groups))
    return working_cases(columns, waits)


def _named(departments: Mapping[str, None]) -> str | None:
    return " / ".join(departments) or None
