"""
Guards on the team: departments, roles, responsibilities.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .._model.project import Project
from .._model.values import Label, person, same_person
from .._model.verdict import PASS, Remedy, Verdict, failed, unknown, warned
from ..dossier import Duty, Member, Task
from ..typing import Check, Context
from ._base import at_least, entry, guard


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
            "Whether responsibilities are clear cannot be told: there is neither a duty nor a task.",
            "既没有职责也没有任务，无法判断分工是否明确。",
        ),
    },
    kinds=("duty", "task", "member"),
)
def responsibility_clear() -> Check:
    """
    Ask that every duty and every live task of the stage has exactly one accountable active member.

    A live task is neither done nor dropped, and belongs to the current stage or to none. Somebody
    who is no active member cannot be accountable. A member without duty and task is warned of.
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
