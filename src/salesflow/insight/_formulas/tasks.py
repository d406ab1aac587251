"""
The KPIs of tasks: done in time, and how far the work has come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import attrs

from ...dossier import Task
from .._cases import Ask, Cases, Summary, quotient, share
from .._columns.columns import Columns
from .._columns.people import owner_of
from .._registry import kpi, no_params
from .days import end_of
from .records import Life, Record, day_of, lives, record_cases


def _done(task: Task) -> bool:
    return task.status == "done"


def done_on(columns: Columns, life: Life[Task]) -> date | None:
    """
    Return the day on which a task was done: as it says, else when it was recorded; ``None`` while it is open.
    """
    if not _done(life.entry):
        return None
    return life.entry.done_on or day_of(columns, life.since(_done))


@kpi("task_on_time_rate", share)
def task_on_time_rate(ask: Ask) -> Cases:
    """
    Find the tasks whose due day lies in the period and is over: above the line those that were done by it.

    The variant ``first_due`` goes by the first due day that a task ever had.
    """
    no_params(ask.params)
    columns, end, owner = ask.columns, end_of(ask.columns), owner_of(ask.columns)
    records: list[Record] = []
    skipped = waiting = 0
    for life in lives(columns, Task):
        task = life.entry
        if task.status == "dropped":
            continue
        due = life.first(lambda each: each.due) if ask.variant == "first_due" else task.due
        if due is None:
            skipped += 1
            continue
        at = end(due)
        if not ask.start <= at < ask.end:
            continue
        if at > columns.source.now:
            waiting += 1
            continue
        done = done_on(columns, life)
        groups = {"owner": owner(task.owner, life.row, at), "stage": task.stage}
        records.append(Record(life.row, life.name, at, int(done is not None and done <= due), 1, groups))
    return record_cases(columns, records, skipped=skipped, open_=waiting)


def _progress(cases: Cases) -> Summary:
    """
    Sum up progress: how many tasks there are of each status, how many are overdue, and what should be done by now.
    """
    found, states, due = share(cases), cases.groups.get("status", ()), cases.groups.get("due", ())
    count, by_now = (
        Counter(states),
        sum(weight for weight, is_due in zip(cases.totals or (), due, strict=True) if is_due),
    )
    parts: Mapping[str, Any] = {
        **{name: count[name] for name in ("todo", "doing", "blocked", "done")},
        "overdue": sum(is_due and status != "done" for status, is_due in zip(states, due, strict=True)),
        "planned": None if found.value is None else quotient(by_now, found.denominator),
    }
    return attrs.evolve(found, parts=parts)


@kpi("task_progress", _progress)
def task_progress(ask: Ask) -> Cases:
    """
    Find the tasks of the projects; of a period, those that are due in it: above the line those that are done.

    The variant ``effort`` weighs each by its working days. Tasks without a due day count today.
    """
    no_params(ask.params)
    columns, end, owner = ask.columns, end_of(ask.columns), owner_of(ask.columns)
    now = columns.source.now
    records: list[Record] = []
    skipped = 0
    for life in lives(columns, Task):
        task = life.entry
        at = now if task.due is None else end(task.due)
        if task.status == "dropped" or not ask.start <= at < ask.end:
            continue
        weight = task.effort if ask.variant == "effort" else 1
        if weight is None:
            skipped += 1
            continue
        groups = {
            "status": task.status,
            "owner": owner(task.owner, life.row, at),
            "stage": task.stage,
            "due": task.due is not None and at <= now,
        }
        records.append(Record(life.row, life.name, at, weight if _done(task) else 0, weight, groups))
    left = sum(record.groups["status"] != "done" for record in records)
    return record_cases(columns, records, skipped=skipped, open_=left)
