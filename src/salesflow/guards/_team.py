"""
Guards on the team: departments, roles, skills, responsibilities, and the goals that it knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .._model.project import Project
from .._model.values import Label, person, same_person
from .._model.verdict import PASS, Remedy, Verdict, failed, unknown, warned
from ..dossier import Duty, Goal, Member, Task
from ..typing import Check, Context
from ._base import at_least, entry, guard
from ._goals import live_goals


def active_members(project: Project) -> tuple[Member, ...]:
    """
    Return the members who work on the project now.
    """
    return tuple(member for member in project.all(Member) if member.active)


@guard(
    "cross_functional",
    codes={
        "team.single_department": Label(
            "The team needs active members of {need} departments; it has: {departments}.",
            "团队需要来自 {need} 个部门的在岗成员，目前的部门：{departments}。",
        ),
    },
    kinds=("member",),
)
def cross_functional(*, min_departments: int = 2) -> Check:
    """
    Ask that the active members come from at least *min_departments* departments.
    """
    at_least(1, min_departments=min_departments)

    def check(ctx: Context) -> Verdict:
        found = {member.department.strip() for member in active_members(ctx.project)} - {""}
        if len(found) >= min_departments:
            return PASS
        short = min_departments - len(found)
        remedy = entry("member", active=True, required=("department",), count=short)
        departments = tuple(sorted(found)) or ("—",)
        return failed("team.single_department", remedy, need=min_departments, departments=departments)

    return check


@guard(
    "roles_filled",
    codes={
        "role.unfilled": Label(
            "Role {role} is short of {short}: {have} of {need} filled.",
            "角色 {role} 还缺 {short} 人：已有 {have}/{need}。",
        ),
    },
    kinds=("member",),
)
def roles_filled(roles: Mapping[str, int]) -> Check:
    """
    Ask that each role is held by that many active members; one verdict for each role.
    """
    needs = tuple(roles.items())

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        members = active_members(ctx.project)
        held = {role: sum(role in member.roles for member in members) for role, _ in needs}
        return tuple(_filled(role, need, held[role]) for role, need in needs) or PASS

    return check


def _filled(role: str, need: int, have: int) -> Verdict:
    if have >= need:
        return PASS
    remedy = entry("member", active=True, roles=(role,), count=need - have)
    return failed("role.unfilled", remedy, role=role, need=need, have=have, short=need - have)


@guard(
    "skills_covered",
    codes={
        "skill.uncovered": Label(
            "Skill {skill:skill} at level {level} or above: {have} of {need} active members have it.",
            "技能 {skill:skill}（{level} 级及以上）：需要 {need} 名在岗成员，现有 {have} 名。",
        ),
    },
    kinds=("member",),
)
def skills_covered(skills: Mapping[str, int], *, min_level: int = 1) -> Check:
    """
    Ask that each skill is held at *min_level*, 1 to 5, or above by that many active members; one verdict for each.
    """
    at_least(1, min_level=min_level)
    needs = tuple(skills.items())

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        members = active_members(ctx.project)
        held = {skill: sum(each.skills.get(skill, 0) >= min_level for each in members) for skill, _ in needs}
        return tuple(_covered(skill, min_level, need, held[skill]) for skill, need in needs) or PASS

    return check


def _covered(skill: str, level: int, need: int, have: int) -> Verdict:
    if have >= need:
        return PASS
    remedy = entry("member", active=True, skills={skill: level}, count=need - have)
    return failed("skill.uncovered", remedy, skill=skill, level=level, need=need, have=have)


@guard(
    "goals_acknowledged",
    codes={
        "goal.unacknowledged": Label(
            "Goal {goal} is not acknowledged by: {members}.", "目标 {goal} 尚未得到以下成员的确认：{members}。"
        ),
        "goal.none": Label(
            "Cannot tell whether the goals are acknowledged: there is no goal.", "没有目标，无法判断是否已得到确认。"
        ),
        "goal.nobody": Label(
            "Cannot tell whether the goals are acknowledged: no active member is to do so ({by:role}).",
            "没有须确认目标的在岗成员（{by:role}），无法判断目标是否已得到确认。",
        ),
    },
    kinds=("goal", "member"),
)
def goals_acknowledged(*, by: str = "every_member") -> Check:
    """
    Ask that every goal that counts is acknowledged by those of the team; one verdict for each goal.

    A goal names in ``acknowledged_by`` who knows it as it is now; a changed goal starts without names.

    Args:
        by: ``every_member`` who is active, or the role whose active members have to.
    """

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        goals = live_goals(ctx.project)
        team = [each.id for each in active_members(ctx.project) if by == "every_member" or by in each.roles]
        if not goals:
            return unknown("goal.none", entry("goal", required=("metric", "target")))
        if not team:
            roles = None if by == "every_member" else (by,)
            return unknown("goal.nobody", entry("member", active=True, roles=roles), by=by)
        return tuple([_acknowledged(goal, team) for goal in goals])

    return check


def _acknowledged(goal: Goal, team: list[str]) -> Verdict:
    known = {person(name) for name in goal.acknowledged_by}
    lacking = tuple([name for name in team if person(name) not in known])
    if not lacking:
        return PASS
    remedy = entry("goal", id=goal.id, acknowledged_by=(*goal.acknowledged_by, *lacking))
    return failed("goal.unacknowledged", remedy, goal=goal.id, members=lacking)


@guard(
    "responsibility_clear",
    codes={
        "duty.gap": Label("No active member is accountable for {kind} {id}.", "{id}（{kind}）没有在岗成员负责。"),
        "duty.overlap": Label(
            "Several members are accountable for {kind} {id}: {members}. Name one.",
            "{id}（{kind}）有多人负责：{members}，请明确一人。",
        ),
        "duty.idle": Label(
            "Member {member} has neither a duty nor a task in this stage.", "成员 {member} 在本阶段既无职责也无任务。"
        ),
        "duty.none": Label(
            "Cannot tell whether responsibilities are clear: there is neither a duty nor a task.",
            "既没有职责也没有任务，无法判断分工是否明确。",
        ),
    },
    kinds=("duty", "task", "member"),
)
def responsibility_clear() -> Check:
    """
    Ask that every duty and every live task of the stage has exactly one accountable active member.

    A live task is neither done nor dropped, and belongs to the current stage or to none. Only an active member can be
    accountable. A member without duty and task is warned of.
    """

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        people = tuple(member.id for member in active_members(ctx.project))
        work = [("duty", duty.id, duty.accountable) for duty in ctx.project.all(Duty)]
        work += [
            ("task", task.id, (task.owner,) if task.owner else ())
            for task in ctx.project.all(Task)
            if task.stage in (None, ctx.project.stage) and task.status not in ("done", "dropped")
        ]
        if not work:
            remedy = entry("duty", required=("title", "accountable"), accountable_in=people or None)
            return (unknown("duty.none", *_somebody(people, ()), remedy),)
        verdicts = [verdict for each in work for verdict in _accountable(*each, people)]
        busy = {person(name) for _, _, names in work for name in names}
        verdicts += [
            warned("duty.idle", entry("duty", required=("title",), accountable=(name,)), member=name)
            for name in people
            if person(name) not in busy
        ]
        return tuple(verdicts) or PASS

    return check


def _accountable(kind: str, name: str, named: tuple[str, ...], people: tuple[str, ...]) -> Iterator[Verdict]:
    known = tuple(member for member in people if any(same_person(member, each) for each in named))
    attribute = "accountable" if kind == "duty" else "owner"
    if not known:
        choices = {f"{attribute}_in": people} if people else {}
        reassign = entry(kind, id=name, required=(attribute,), **choices)
        # With nobody in the team, those who are named already are to join it, if a member can have such a name.
        joins = not people and bool(named) and named[0].isprintable() and 0 < len(named[0].strip()) <= 128
        remedies = _somebody(people, named) if joins else (*_somebody(people, ()), reassign)
        yield failed("duty.gap", *remedies, kind=kind, id=name)
    elif len(known) > 1:
        remedy = entry(kind, id=name, required=(attribute,), accountable_in=known, accountable_count=1)
        yield failed("duty.overlap", remedy, kind=kind, id=name, members=known)


def _somebody(people: tuple[str, ...], named: tuple[str, ...]) -> tuple[Remedy, ...]:
    if people:
        return ()
    return (entry("member", id=named[0] if named else None, active=True),)
