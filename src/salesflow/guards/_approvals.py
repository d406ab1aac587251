"""
Guards over people: who approved, and who acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias

from .._model.project import Project
from .._model.values import Label, normal_name
from .._model.verdict import PASS, Verdict, failed, unknown
from ..dossier import Approval
from ..typing import Check, Context
from ._base import at_least, cure, days, guard, held_of, some


DistinctFrom: TypeAlias = Literal["", "owner", "requester", "actor"]


Votes: TypeAlias = Mapping[str, tuple[str, ...]]
"""Who decided in the current visit, among those who may: ``refused``, ``own``, ``expired`` or ``granted``."""


def _reads_owner(*_args: Any, distinct_from: str = "", **_params: Any) -> tuple[str, ...]:
    return ("owner",) if distinct_from == "owner" else ()


@guard(
    "approval",
    codes={
        "approval.pending": Label(
            "Approval {name} is pending: {granted} of {quorum} granted{asked}.",
            "审批 {name} 尚未完成：已同意 {granted} 人，需 {quorum} 人{asked}。",
        ),
        "approval.refused": Label(
            "Approval {name} was refused by {by}.",
            "审批 {name} 已被 {by} 否决。",
        ),
        "approval.expired": Label(
            "Approval {name} by {by} has expired: {granted} of {quorum} still count{asked}.",
            "审批 {name} 中 {by} 的同意已过期：有效同意 {granted} 人，需 {quorum} 人{asked}。",
        ),
        "approval.self": Label(
            "{by} may not grant approval {name} alone: {granted} of {quorum} granted by others{asked}.",
            "审批 {name} 须由 {by} 以外的人作出：他人已同意 {granted} 人，需 {quorum} 人{asked}。",
        ),
        "approval.no_owner": Label(
            "Who may grant approval {name} cannot be told while the project has no owner.",
            "项目尚未指定负责人，无法判断谁可以审批 {name}。",
        ),
    },
    reads=_reads_owner,
    kinds=("approval",),
)
def approval(
    name: str, *, quorum: int = 1, roles: tuple[str, ...] = (), distinct_from: DistinctFrom = "", expires_days: int = 0
) -> Check:
    """
    Ask that enough people granted the approval *name* in the current visit, and that nobody refused.

    A refusal stands until the same person grants. Approvals of an artefact are not counted here.

    Args:
        quorum: how many different people.
        roles: each held one of them; empty for anybody.
        distinct_from: whose own approval does not count: the project's ``owner``, the
            ``requester`` who opened it, or the ``actor`` of this move.
        expires_days: how many days of 24 hours an approval is good for; 0 for ever.
    """
    at_least(1, quorum=quorum)
    term = days("expires_days", expires_days)
    among = frozenset(roles)
    rule: dict[str, Any] = {"roles": roles, "quorum": quorum, "distinct_from": distinct_from}
    asked = f" ({', '.join(roles)})" if roles else ""

    def check(ctx: Context) -> Verdict:
        not_by = _excluded(ctx, distinct_from)
        if distinct_from == "owner" and not not_by:
            return unknown("approval.no_owner", cure("field", "owner"), name=name)
        oldest = ctx.at - term if term else None
        votes = _count(ctx.project, name, among, not_by, oldest)
        code, by = _finding(votes, quorum)
        if not code:
            return PASS
        params = {**rule, "not_by": not_by} if distinct_from else rule
        # Nobody else can take a refusal back.
        remedy = cure("approval", name, **params, **({"by": by} if votes["refused"] else {}))
        granted = len(votes["granted"])
        return failed(code, remedy, name=name, quorum=quorum, granted=granted, roles=roles, by=by, asked=asked)

    return check


def _excluded(ctx: Context, distinct_from: DistinctFrom) -> str | None:
    if distinct_from == "owner":
        return normal_name(ctx.project.owner or "")
    if distinct_from == "requester":
        return normal_name(ctx.project.opened_by)
    return normal_name(ctx.actor.name) if distinct_from == "actor" else None


def _count(project: Project, name: str, roles: frozenset[str], not_by: str | None, oldest: datetime | None) -> Votes:
    found: dict[str, set[str]] = {"refused": set(), "own": set(), "expired": set(), "granted": set()}
    for given, held in held_of(project, Approval):
        if given.name != name or given.subject is not None or given.visit != project.visit.number:
            continue
        if roles and roles.isdisjoint(given.roles):
            continue
        if not given.granted:
            pile = "refused"
        elif oldest is not None and (given.at or held.at) < oldest:
            pile = "expired"
        else:
            pile = "own" if normal_name(given.by) == not_by else "granted"
        found[pile].add(normal_name(given.by))
    # An approval of the excluded person that has expired as well is not worth renewing.
    found["expired"].discard(not_by or "")
    return {pile: tuple(sorted(people)) for pile, people in found.items()}


def _finding(votes: Votes, quorum: int) -> tuple[str, tuple[str, ...]]:
    if votes["refused"]:
        return "approval.refused", votes["refused"]
    if len(votes["granted"]) >= quorum:
        return "", ()
    if votes["own"]:
        return "approval.self", votes["own"]
    if votes["expired"]:
        return "approval.expired", votes["expired"]
    return "approval.pending", votes["granted"]


@guard(
    "actor_has_role",
    codes={
        "actor.role": Label(
            "{actor} may not do this; it takes one of these roles: {roles}.",
            "{actor} 无权执行此操作，须具备以下角色之一：{roles}。",
        )
    },
)
def actor_has_role(*roles: str) -> Check:
    """
    Ask that whoever makes this move has one of *roles*.
    """
    some("roles", roles)
    remedies = tuple(cure("role", role) for role in roles)

    def check(ctx: Context) -> Verdict:
        actor = ctx.actor
        return (
            PASS
            if not actor.roles.isdisjoint(roles)
            else failed("actor.role", *remedies, actor=actor.name, roles=roles)
        )

    return check
