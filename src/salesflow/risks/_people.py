"""
Checks on people and means: resources, goals, allocation, cooperation, skills.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from .._model.advice import AdviceContext, Finding, advises as risk_check
from .._model.definition import Transition
from .._model.project import Project
from .._model.risk_matrix import Level
from .._model.values import Actor, Label, person
from .._model.verdict import Verdict
from .._model.zones import local_date
from ..dossier import Activity, ResourceAllocation, Task
from ..errors import say
from ..guards._base import at_least
from ..guards._goals import goals_smart, live_goals
from ..guards._resources import no_overallocation, resources_allocated
from ..guards._team import active_members
from ..typing import Check, Context, RiskCheck
from ._base import clear, fired, reached, unsure, while_open


_ENGINE: Final = Actor("salesflow")


def _failing(check: Check, ctx: AdviceContext) -> list[Verdict]:
    """
    Return what a guard would block because of, asked early.
    """
    stage = ctx.stage.id
    answer = check(Context(ctx.project, Transition("risk_check", stage, stage), _ENGINE, ctx.at, calendar=ctx.calendar))
    verdicts = (answer,) if isinstance(answer, Verdict) else answer
    return [verdict for verdict in verdicts if verdict.status != "pass" and verdict.spec.severity == "block"]


@risk_check(
    "resource_shortage",
    codes={
        "resource.short": Label(
            "Only {allocated} of {demanded} {resource:resource} is allocated.",
            "资源 {resource:resource} 仅配置 {allocated}，需求为 {demanded}。",
        ),
        "resource.overload": Label(
            "{member} is booked for up to {load} of the working time from {first} to {last}.",
            "{member} 在 {first} 至 {last} 期间的工作负荷最高达 {load}。",
        ),
        "resource.units": Label(
            "Demand and allocation of {resource:resource} cannot be compared: {units}.",
            "{resource:resource} 的需求与配置单位不一致，无法比较：{units}。",
        ),
    },
)
def resource_shortage(
    *,
    kinds: tuple[str, ...] = ("people", "material", "budget"),
    ratio: float = 0.9,
    max_load: float = 1.0,
    level: Level = "medium",
) -> RiskCheck:
    """
    Look for a kind of resource of which less than *ratio* of the demand is allocated, and for overloaded members.

    It asks what the guards ``resources_allocated`` and ``no_overallocation`` ask; kinds without a demand are left out.
    """
    enough, load = resources_allocated.factory(kinds, min_ratio=ratio), no_overallocation.factory(max_load=max_load)
    codes = {"resource.unit_mismatch": "resource.units"}

    def check(ctx: AdviceContext) -> tuple[Finding, ...] | Finding | None:
        if not ctx.project.held("resource_demand") and not ctx.project.held("resource_allocation"):
            return None
        action = Label("Ask for the missing means, or cut what is to be done.", "申请所缺资源，或缩减工作范围。")
        found = [
            unsure("resource_shortage", "resource.units", **verdict.evidence)
            if verdict.code in codes
            else fired("resource_shortage", level, verdict.code, action, **verdict.evidence)
            for verdict in (*_failing(enough, ctx), *_failing(load, ctx))
            if verdict.code != "resource.no_demand"
        ]
        return tuple(found) or clear("resource_shortage", kinds=kinds)

    return while_open(check)


@risk_check(
    "unclear_goals",
    codes={
        "goal.unclear": Label("The goals are not clear: {problems}.", "项目目标不明确：{problems}。"),
        "goal.unacknowledged": Label(
            "Not every member has acknowledged the goals: {members}.", "以下成员尚未确认目标：{members}。"
        ),
    },
)
def unclear_goals(*, from_stage: str = "", from_probability: float = 0.25, level: Level = "high") -> RiskCheck:
    """
    Look for goals that are not SMART (as the guard ``goals_smart`` asks), or that a member has not acknowledged.

    Args:
        from_stage: from which stage on; by default where *from_probability* is reached, after the goals are set.
    """
    smart = goals_smart.factory()

    def check(ctx: AdviceContext) -> Finding | None:
        if not reached(ctx, from_stage, from_probability):
            return None
        action = Label(
            "Set the goals again with the team: specific, measurable, achievable, relevant, in time.",
            "与团队重新设定目标：具体、可衡量、可实现、相关、有时限。",
        )
        problems = tuple(dict.fromkeys(verdict.code for verdict in _failing(smart, ctx)))
        if problems:
            return fired("unclear_goals", level, "goal.unclear", action, problems=problems)
        goals = live_goals(ctx.project)
        team = [member.id for member in active_members(ctx.project)]
        known = [{person(name) for name in goal.acknowledged_by} for goal in goals]
        missing = tuple(name for name in team if any(person(name) not in each for each in known))
        if missing:
            return fired("unclear_goals", level, "goal.unacknowledged", action, members=missing)
        return clear("unclear_goals", n=len(goals))

    return while_open(check)


def loads(project: Project, day: date) -> Mapping[str, Decimal]:
    """
    Return the load of each active member on a day; 0 for who is not booked.
    """
    booked = {member.id: Decimal(0) for member in active_members(project)}
    names = {person(member): member for member in booked}
    for each in project.all(ResourceAllocation):
        member = names.get(person(each.member or ""))
        if member is not None and each.start is not None and each.end is not None and each.start <= day <= each.end:
            booked[member] += Decimal(str(each.load))
    return booked


@risk_check(
    "bad_allocation",
    codes={
        "allocation.uneven": Label(
            "Some are overloaded ({overloaded}) while others are idle ({idle}).",
            "部分成员超负荷（{overloaded}），部分成员闲置（{idle}）。",
        ),
    },
)
def bad_allocation(*, idle: float = 0.3, max_load: float = 1.0, level: Level = "medium") -> RiskCheck:
    """
    Look for more than the share *idle* of the members without a booking today, while another member is overloaded.
    """
    at_least(0, idle=idle)
    limit = Decimal(str(max_load))

    def check(ctx: AdviceContext) -> Finding | None:
        booked = loads(ctx.project, ctx.today)
        if not any(booked.values()):
            return None
        free = tuple(name for name, load in booked.items() if load == 0)
        over = tuple(name for name, load in booked.items() if load > limit)
        evidence: dict[str, Any] = {"idle": free, "overloaded": over, "share": round(len(free) / len(booked), 2)}
        if not over or len(free) <= idle * len(booked):
            return clear("bad_allocation", **evidence)
        action = Label(
            "Move work from those who have too much to those who have none.", "将工作从超负荷成员调整给闲置成员。"
        )
        return fired("bad_allocation", level, "allocation.uneven", action, **evidence)

    return while_open(check)


_COOPERATE: Final = Label("Hold the meeting, and agree on who waits for whom.", "召开协调会，明确上下游交接关系。")


@risk_check(
    "poor_cooperation",
    codes={
        "meeting.overdue": Label("Coordination meetings are overdue: {meetings}.", "协调会议逾期未开：{meetings}。"),
        "handover.late": Label(
            "{late} of {n} hand-over tasks were late: {tasks}.", "{n} 项交接任务中有 {late} 项逾期：{tasks}。"
        ),
    },
)
def poor_cooperation(
    *, types: tuple[str, ...] = ("coordination",), late: float = 0.2, level: Level = "medium"
) -> RiskCheck:
    """
    Look for overdue coordination meetings, and for more than the share *late* of the hand-over tasks late.

    A meeting is a planned activity of one of these *types*. Of the tasks that others wait for (*handover*),
    those that are due count; a task was late if it was done after its due day, or is not done.
    """
    at_least(0, late=late)

    def check(ctx: AdviceContext) -> Finding | None:
        meetings = [one for one in ctx.project.all(Activity) if one.type in types]
        overdue = tuple(
            one.id for one in meetings if one.status == "planned" and one.at is not None and one.at < ctx.at
        )
        if overdue:
            return fired("poor_cooperation", level, "meeting.overdue", _COOPERATE, meetings=overdue)
        known, tasks = _handovers(ctx)
        if not meetings and not known:
            return None
        evidence = {"late": len(tasks), "n": known, "tasks": tasks}
        if len(tasks) > late * known:
            return fired("poor_cooperation", level, "handover.late", _COOPERATE, **evidence)
        return clear("poor_cooperation", **evidence)

    return while_open(check)


def _handovers(ctx: AdviceContext) -> tuple[int, tuple[str, ...]]:
    """
    Return how many hand-over tasks are due, and the ids of those that were late.
    """
    known, late, today = 0, list[str](), ctx.today
    for held in ctx.project.held(Task.kind).values():
        task = held.entry
        if not isinstance(task, Task) or not task.handover or task.due is None or task.status == "dropped":
            continue
        finished = local_date(held.at, ctx.calendar.zone) if task.status == "done" else today
        known += task.due < today or task.status == "done"
        if finished > task.due:
            late.append(task.id)
    return known, tuple(late)


@risk_check(
    "skill_gap",
    codes={
        "skill.uncovered": Label("The team lacks skills: {skills:skill}.", "团队缺少以下技能：{skills:skill}。"),
    },
)
def skill_gap(skills: Mapping[str, int], *, min_level: int = 3, level: Level = "medium") -> RiskCheck:
    """
    Look for skills that fewer active members have than needed, once there is a team.

    Args:
        skills: how many members are needed by skill.
        min_level: the level, 1 to 5, from which on a member counts.
    """
    if not skills or min(skills.values()) < 1 or not 1 <= min_level <= 5:
        raise ValueError(say("param.skills"))

    def check(ctx: AdviceContext) -> Finding | None:
        team = active_members(ctx.project)
        if not team:
            return None
        able = {skill: sum(one.skills.get(skill, 0) >= min_level for one in team) for skill in skills}
        short = tuple(skill for skill, needed in skills.items() if able[skill] < needed)
        if not short:
            return clear("skill_gap", skills=tuple(skills))
        action = Label("Train the team, or take somebody in.", "安排培训，或补充具备该技能的成员。")
        return fired("skill_gap", level, "skill.uncovered", action, skills=short)

    return while_open(check, resting=True)
