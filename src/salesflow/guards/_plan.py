"""
Guards on the plan: milestones that were met, activities that were done, what comes next, and when it is to close.
"""

from __future__ import annotations

from datetime import date, datetime

from .._model.project import field_value
from .._model.values import Label
from .._model.verdict import PASS, Verdict, failed, passed, unknown
from .._model.zones import local_date
from ..dossier import Activity, Milestone
from ..typing import Check, Context
from ._base import Since, at_least, counts, cure, days, entry, guard, held_of, is_set


def _up_to(*_args: object, up_to: date | str = "today") -> tuple[str, ...]:
    return (up_to,) if isinstance(up_to, str) and up_to not in ("today", "all") else ()


def _day(value: object, ctx: Context) -> date | None:
    if isinstance(value, datetime):
        return local_date(value, ctx.calendar.zone)
    return value if isinstance(value, date) else None


@guard(
    "milestones_met",
    codes={
        "milestone.unmet": Label(
            "Milestone {milestone} ({title}), due on {due}, is not met.",
            "里程碑 {milestone}（{title}）应于 {due} 达成，尚未达成。",
        ),
        "milestone.moved": Label(
            "Milestone {milestone} ({title}) was moved from {planned} to {due}; say why.",
            "里程碑 {milestone}（{title}）由 {planned} 改为 {due}，请说明原因。",
        ),
        "milestone.none": Label("There are no such milestones.", "没有此类里程碑。"),
        "milestone.no_day": Label(
            "Cannot tell which milestones count: {field} has no date.",
            "{field} 没有日期，无法判断应达成哪些里程碑。",
        ),
    },
    reads=_up_to,
    kinds=("milestone",),
)
def milestones_met(*, up_to: date | str = "today") -> Check:
    """
    Ask that each milestone that is due by a day, itself included, is met; one verdict for each that is not.

    A milestone that was moved is due on its new day, if it says why; one without a due day counts in ``all`` only.
    Where there are none, the guard passes with the note ``milestone.none``.

    Args:
        up_to: ``today``, the day of the decision; ``all`` for every milestone; a date; or the field that holds it.
    """

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        limit = _limit(up_to, ctx)
        if limit is None:
            return unknown("milestone.no_day", cure("field", str(up_to)), field=up_to)
        due = [each for each in ctx.project.all(Milestone) if (_due(each) or date.max) <= limit]
        found = [_judged(each, ctx.today) for each in due]
        if not found:
            return passed("milestone.none")
        return tuple([verdict for verdict in found if verdict is not PASS]) or PASS

    return check


def _limit(up_to: date | str, ctx: Context) -> date | None:
    if up_to in ("today", "all"):
        return ctx.today if up_to == "today" else date.max
    return _day(field_value(ctx.project, up_to) if isinstance(up_to, str) else up_to, ctx)


def _quietly_moved(milestone: Milestone) -> bool:
    planned, due = milestone.planned, milestone.due
    return planned is not None and (due is None or due > planned) and not is_set(milestone.moved_because)


def _due(milestone: Milestone) -> date | None:
    return milestone.planned if _quietly_moved(milestone) else milestone.due


def _judged(milestone: Milestone, today: date) -> Verdict:
    if milestone.met_on is not None and milestone.met_on <= today:
        return PASS
    about = {"milestone": milestone.id, "title": milestone.title or milestone.id, "due": milestone.due}
    met = entry("milestone", id=milestone.id, max_met_on=today)
    if _quietly_moved(milestone):
        said = entry("milestone", id=milestone.id, required=("moved_because",))
        return failed("milestone.moved", said, met, **about, planned=milestone.planned)
    return failed("milestone.unmet", met, **about)


@guard(
    "activities_done",
    codes={
        "activity.too_few": Label(
            "Activities of type {type:activity}: {min} needed, {found} done.",
            "活动 {type:activity}：需要完成 {min} 次，已完成 {found} 次。",
        ),
        "activity.too_few_since": Label(
            "Activities of type {type:activity}: {min} needed, {found} done since {since}, when this stage was "
            "entered.",
            "活动 {type:activity}：需要完成 {min} 次，自 {since} 进入本阶段以来已完成 {found} 次。",
        ),
        "activity.too_few_with": Label(
            "Activities of type {type:activity} with the result {outcome:result}: {min} needed, {found} done.",
            "活动 {type:activity}（结果为 {outcome:result}）：需要完成 {min} 次，已完成 {found} 次。",
        ),
    },
    kinds=("activity", "visit"),
)
def activities_done(type: str, *, min: int = 1, since: Since = "", outcome: str = "") -> Check:
    """
    Ask for activities of a type that were done, with a time that is not ahead.

    Args:
        min: how many.
        since: ``stage_entry`` counts those recorded in the current visit or with the move itself.
        outcome: their result, for example ``advance``; blank for any.
    """
    at_least(1, min=min)

    def check(ctx: Context) -> Verdict:
        found = sum(
            each.type == type
            and each.status == "done"
            and (each.at is None or each.at <= ctx.at)
            and (not outcome or each.outcome == outcome)
            and counts(held, ctx.project, since)
            for each, held in held_of(ctx.project, Activity)
        )
        if found >= min:
            return PASS
        remedy = entry("activity", type=type, status="done", at=ctx.at, outcome=outcome or None, count=min - found)
        about = {"type": type, "min": min, "found": found, "outcome": outcome, "since": ctx.project.visit.entered_at}
        code = "activity.too_few_with" if outcome else "activity.too_few_since" if since else "activity.too_few"
        return failed(code, remedy, **about)

    return check


@guard(
    "next_step_set",
    codes={
        "next_step.missing": Label(
            "No next step is set: an activity that somebody will do, by {until} at the latest.",
            "尚未安排下一步：须有一项落实到人、不晚于 {until} 的计划活动。",
        ),
    },
    kinds=("activity",),
)
def next_step_set(*, max_days: int = 14) -> Check:
    """
    Ask for a planned activity with an owner and a time that lies at most *max_days* days of 24 hours ahead.

    An activity that is overdue is not a next step.
    """
    span = days("max_days", max_days)

    def check(ctx: Context) -> Verdict:
        until = ctx.at + span
        for each in ctx.project.all(Activity):
            when = each.planned_for or each.at
            if each.status == "planned" and is_set(each.owner) and when is not None and ctx.at <= when <= until:
                return PASS
        remedy = entry("activity", status="planned", required=("owner",), min_at=ctx.at, max_at=until)
        return failed("next_step.missing", remedy, until=until)

    return check


def _close_day(field: str = "expected_close", **_params: object) -> tuple[str, ...]:
    return (field,)


@guard(
    "close_date_valid",
    codes={
        "close_date.past": Label(
            "{field} is {found}, which is past; it has to be {earliest} or later.",
            "{field} 为 {found}，已经过期，不得早于 {earliest}。",
        ),
        "close_date.unset": Label(
            "Cannot tell whether {field} is still ahead: it has no date.", "{field} 没有日期，无法判断是否已过期。"
        ),
    },
    reads=_close_day,
)
def close_date_valid(field: str = "expected_close", *, max_past_days: int = 0) -> Check:
    """
    Ask that the day on which the deal is expected to close is not over.

    Args:
        field: holds the date or time.
        max_past_days: how many days it may be over.
    """
    grace = days("max_past_days", max_past_days)

    def check(ctx: Context) -> Verdict:
        found = field_value(ctx.project, field)
        close, earliest = _day(found, ctx), ctx.today - grace
        if close is None:
            return unknown("close_date.unset", cure("field", field, op="ge", value=earliest), field=field)
        if close >= earliest:
            return PASS
        value = ctx.at if isinstance(found, datetime) else earliest
        remedy = cure("field", field, op="ge", value=value)
        return failed("close_date.past", remedy, field=field, found=close, earliest=earliest)

    return check
