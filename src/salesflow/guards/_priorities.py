"""
The guard on the priorities of goals and tasks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from typing import Final, Literal, TypeAlias

from .._model.project import Project
from .._model.values import Label, person
from .._model.verdict import PASS, Verdict, failed
from ..dossier import Goal, Task
from ..errors import say
from ..typing import Check, Context
from ._base import at_least, entry, guard
from ._goals import live_goals


_LAST: Final = 5

Ranked: TypeAlias = Goal | Task


@guard(
    "priorities_clear",
    codes={
        "priority.unset": Label("{kind} {id} has no priority.", "{id}（{kind}）未设优先级。"),
        "priority.conflict": Label(
            "{owner} has {ids} at once, all with priority {priority}; only one can come first.",
            "{owner} 同时承担 {ids}，优先级均为 {priority}，须分出先后。",
        ),
        "priority.opposed": Label(
            "Goals {ids} want {metric:kpi} of {subject} to go both up and down at once.",
            "目标 {ids} 对 {subject} 的 {metric:kpi} 方向相反，互相冲突。",
        ),
    },
    kinds=("goal", "task"),
)
def priorities_clear(*, per: Literal["goal", "task"] = "goal", unique: int = 1) -> Check:
    """
    Ask that every live goal, or every open task, has a priority, and that no two of them conflict.

    Two conflict if they have the same owner, are in hand at the same time, and share a priority of at most *unique*.
    Two goals conflict as well if one wants a metric of a subject to rise and the other wants it to fall at that time.
    Without a first or last day something is in hand from ever, or for ever.

    Args:
        per: what is looked at.
        unique: down to which priority an owner may have only one thing at a time, 0 to 4.
    """
    at_least(0, unique=unique)
    if unique > _LAST - 1:
        raise ValueError(say("param.most", name="unique", value=unique, most=_LAST - 1))

    def check(ctx: Context) -> tuple[Verdict, ...]:
        found = _ranked(ctx.project, per)
        unset = [_unset(each) for each in found if each.priority is None]
        return (*unset, *_conflicts(found, unique), *_opposed(found)) or (PASS,)

    return check


def _ranked(project: Project, per: str) -> Sequence[Ranked]:
    if per == "goal":
        return [goal for goal in live_goals(project) if goal.status != "attained"]
    return [task for task in project.all(Task) if task.status not in ("done", "dropped")]


def _unset(each: Ranked) -> Verdict:
    remedy = entry(each.kind, id=each.id, required=("priority",))
    return failed("priority.unset", remedy, kind=each.kind, id=each.id)


def _meet(one: Ranked, other: Ranked) -> bool:
    return all((first.start or date.min) <= (second.due or date.max) for first, second in ((one, other), (other, one)))


def _conflicts(found: Sequence[Ranked], unique: int) -> Iterator[Verdict]:
    for one, other in combinations(found, 2):
        rank, owner = one.priority, one.owner
        if rank is None or owner is None or rank > unique or rank != other.priority:
            continue
        if person(owner) == person(other.owner or "") and _meet(one, other):
            # The one that was recorded later gives way.
            remedy = entry(other.kind, id=other.id, min_priority=unique + 1)
            yield failed("priority.conflict", remedy, owner=owner, ids=(one.id, other.id), priority=rank)


def _opposed(found: Sequence[Ranked]) -> Iterator[Verdict]:
    for one, other in combinations(found, 2):
        if not isinstance(one, Goal) or not isinstance(other, Goal) or not _meet(one, other):
            continue
        same = one.metric and (one.metric, one.subject) == (other.metric, other.subject)
        if same and {one.direction, other.direction} == {"increase", "decrease"}:
            remedy = entry("goal", id=other.id, direction=one.direction)
            yield failed(
                "priority.opposed", remedy, ids=(one.id, other.id), metric=one.metric, subject=one.subject or "—"
            )
