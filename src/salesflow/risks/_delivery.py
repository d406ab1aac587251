"""
Checks on delivery: partners, the time that is left, and the rhythm of reports.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from .._model.advice import AdviceContext, Finding, advises as risk_check
from .._model.facts import EntryPut
from .._model.risk_matrix import Level
from .._model.values import Label
from .._model.zones import midnight
from ..dossier import Activity, Artefact, Review, Task
from ..guards._base import at_least, within_century
from ..guards._team import active_members
from ..typing import RiskCheck
from ._base import DAY, clear, fired, unsure, while_open


_RHYTHM: Final = Label("Send the report, and keep the rhythm.", "补交报告，并恢复固定节奏。")


def _unfinished(ctx: AdviceContext) -> list[Task]:
    return [task for task in ctx.project.all(Task) if task.status not in ("done", "dropped")]


@risk_check(
    "partner_delay",
    codes={
        "partner.late": Label(
            "Partners are late: {partners}; overdue are {tasks}, the oldest for {days} days.",
            "合作方进度延误：{partners}；逾期事项 {tasks}，最长 {days} 天。",
        ),
    },
)
def partner_delay(*, days: int = 3, level: Level = "medium") -> RiskCheck:
    """
    Look for tasks of partners or suppliers that are overdue by more than *days* days.
    """
    at_least(0, days=days)

    def check(ctx: AdviceContext) -> Finding | None:
        theirs = [task for task in _unfinished(ctx) if task.partner]
        if not theirs:
            return None
        ages = {task: (ctx.today - task.due).days for task in theirs if task.due is not None}
        late = {task: age for task, age in ages.items() if age > days}
        if not late:
            return clear("partner_delay", n=len(theirs))
        action = Label("Call the partner, and prepare another way.", "联系合作方，并准备替代方案。")
        about = {"partners": tuple(dict.fromkeys(task.partner for task in late)), "days": max(late.values())}
        return fired("partner_delay", level, "partner.late", action, tasks=tuple(task.id for task in late), **about)

    return while_open(check)


@risk_check(
    "time_pressure",
    codes={
        "time.short": Label(
            "Effort left: {work} working days. Time left until {close}: {people} × {days} working days.",
            "剩余工作量 {work} 人天，而距 {close} 仅有 {people} 人 × {days} 个工作日。",
        ),
        "time.no_close": Label(
            "Without an expected close the time left is not known.", "未填写预计成交日期，无法计算剩余时间。"
        ),
        "time.no_effort": Label("None of {n} open tasks states its effort.", "{n} 项未完成任务均未填写工作量。"),
    },
)
def time_pressure(
    *,
    ratio: float = 1.0,
    high_ratio: float = 1.2,
    field: str = "expected_close",
    level: Level = "medium",
    high_level: Level = "high",
) -> RiskCheck:
    """
    Compare the effort of open tasks with the working time left: effort / (people * working days) above *ratio*.

    Working days are those of the lifecycle, Monday to Friday unless its calendar says otherwise, from today to the
    expected close, both included; people are the active members, at least one. From *high_ratio* on it has
    *high_level*.
    """
    at_least(0, ratio=ratio)
    at_least(ratio, high_ratio=high_ratio)

    def check(ctx: AdviceContext) -> Finding | None:
        tasks, close = _unfinished(ctx), ctx.project.fields.get(field)
        if not tasks:
            return None
        efforts = [task.effort for task in tasks if task.effort is not None]
        if close is None:
            return unsure("time_pressure", "time.no_close")
        if not efforts:
            return unsure("time_pressure", "time.no_effort", n=len(tasks))
        work, left, evidence = _budget(ctx, efforts, close, len(tasks))
        if work <= Decimal(str(ratio)) * left:
            return clear("time_pressure", **evidence)
        worse = work >= Decimal(str(high_ratio)) * left
        action = Label(
            "Cut the scope, add people, or move the date with the customer.",
            "缩减范围、增加人手，或与客户协商调整日期。",
        )
        return fired("time_pressure", high_level if worse else level, "time.short", action, **evidence)

    return while_open(check)


def _budget(
    ctx: AdviceContext, efforts: list[Decimal], close: date, tasks: int
) -> tuple[Decimal, Decimal, dict[str, Any]]:
    """
    Return the effort that is left, the working time that is left, and both as evidence.
    """
    people, days = max(1, len(active_members(ctx.project))), _days_left(ctx, close)
    work, left = sum(efforts, Decimal(0)), Decimal(people * days)
    ratio = round(float(work / left), 2) if left else None
    evidence = {"work": work, "days": days, "people": people, "close": close, "ratio": ratio}
    return work, left, {**evidence, "unstated": tasks - len(efforts)}


def _days_left(ctx: AdviceContext, close: date) -> int:
    first, end = (midnight(day, ctx.calendar.zone) for day in (ctx.today, close + DAY))
    return max(0, ctx.calendar.working_between(first, end) // DAY)


def _read(cadence: str = "", **_params: Any) -> tuple[str, ...]:
    return (cadence,) if cadence else ()


@risk_check(
    "cadence_missed",
    codes={
        "cadence.missed": Label(
            "Periods of {days} days in a row without {types:artefact}: {missed}.",
            "连续 {missed} 次未按 {days} 天的周期提交：{types:artefact}。",
        ),
        "cadence.slots": Label("Missed in a row of {cadence}: {missed}.", "{cadence} 连续错过 {missed} 次。"),
    },
    cadences=_read,
)
def cadence_missed(
    *,
    cadence: str = "",
    types: tuple[str, ...] = ("status_report",),
    days: int = 7,
    missed: int = 2,
    level: Level = "low",
) -> RiskCheck:
    """
    Look for *missed* slots in a row of a *cadence*: of the project, or of one of its members.

    They are those that ``tick`` records. Without a cadence, slots are *days* days long from the opening on, and what
    counts are done activities, reviews, and versions of artefacts of one of these *types*. The slot that is running
    does not count yet.
    """
    at_least(1, days=days, missed=missed)
    within_century([("days", days)])
    if cadence:
        return while_open(lambda ctx: _slots_missed(ctx, cadence, missed, level))

    def check(ctx: AdviceContext) -> Finding | None:
        start, slot = ctx.project.opened_at, days * DAY
        ended = (ctx.at - start) // slot
        if ended < missed:
            return None
        kept = {(moment - start) // slot for moment in _kept(ctx, types)}
        empty = 0
        while empty < ended and ended - 1 - empty not in kept:
            empty += 1
        if empty < missed:
            return clear("cadence_missed", missed=empty, days=days, types=types)
        return fired("cadence_missed", level, "cadence.missed", _RHYTHM, missed=empty, days=days, types=types)

    return while_open(check)


def _slots_missed(ctx: AdviceContext, cadence: str, missed: int, level: Level) -> Finding | None:
    rows: dict[str | None, int] = {}
    for each in ctx.closed_slots(cadence):
        rows[each.member] = 0 if each.met else rows.get(each.member, 0) + 1
    if not rows:
        return None
    longest = max(rows.values())
    if longest < missed:
        return clear("cadence_missed", cadence=cadence, missed=longest)
    members = tuple(member for member, row in rows.items() if member and row >= missed)
    about = {"cadence": cadence, "missed": longest, "members": members}
    return fired("cadence_missed", level, "cadence.slots", _RHYTHM, **about)


def _kept(ctx: AdviceContext, types: tuple[str, ...]) -> list[datetime]:
    project = ctx.project
    done = [one.at for one in project.all(Activity) if one.type in types and one.status == "done"]
    held = [one.held_at for one in project.all(Review) if one.type in types]
    written = [
        fact.at
        for fact in ctx.history
        for change in fact.body.changes
        if isinstance(change, EntryPut) and isinstance(change.entry, Artefact) and change.entry.type in types
    ]
    return [moment for moment in (*done, *held, *written) if moment is not None]
