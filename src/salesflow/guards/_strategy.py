"""
Guards on the strategy: its parts, and the tasks that carry them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, Literal

from .. import dossier
from .._model.frozen import EMPTY
from .._model.project import Project
from .._model.values import Label
from .._model.verdict import PASS, Remedy, Verdict, failed, passed, unknown
from .._model.zones import local_date
from ..dossier import StrategyPart, Task
from ..typing import Check, Context
from ._base import cure, entry, guard, is_set, lacking, share
from ._goals import live_goals


_FIRST: Final = {
    "strategy_part": entry("strategy_part", required=("text", "owner")),
    "goal": entry("goal", required=("metric", "target")),
}


_PLANS: Final = {
    "market_analysis": "market_analysis",
    "target_customers": "target_customer",
    "channels": "channel_plan",
    "pricing": "pricing_plan",
    "promotion": "promotion_plan",
    "execution": "execution_plan",
    "research": "research_plan",
}
"""The kinds of entries by the part that they write in sections: ``dossier.PLANS``, which is loaded where needed."""

_CARRIED_OUT: Final = ("channels", "pricing", "promotion", "execution")
"""Those of them that are carried out by tasks; the others say what is known."""


def _asked(*parts: str, sections: bool = False) -> tuple[tuple[str, str], ...]:
    return tuple((_PLANS.get(each, "strategy_part") if sections else "strategy_part", each) for each in parts)


@guard(
    "strategy_complete",
    codes={
        "strategy.part_missing": Label(
            "The strategy lacks {part:part}; still open: {lacks}.",
            "策略缺少 {part:part} 部分，待补充：{lacks}。",
        ),
    },
    asks=_asked,
    kinds=("strategy_part", *_PLANS.values()),
)
def strategy_complete(*parts: str, sections: bool = False) -> Check:
    """
    Ask that each of the *parts* of the strategy is written and has an owner; one verdict for each.

    A part is written as a text, or in sections: ``market_analysis``, ``target_customers``, ``channels``, ``pricing``,
    ``promotion``, ``execution`` and ``research`` have entries of their own for that. Where there are such entries, each
    of them is looked at, with all its sections; else the entry ``strategy_part`` of that id.

    Args:
        *parts: their ids.
        sections: whether a text is not enough for a part that can be written in sections.
    """

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        texts = {part.id: part for part in ctx.project.all(StrategyPart)}
        return tuple(verdict for name in parts for verdict in _written(ctx.project, name, texts, sections)) or PASS

    return check


def _written(project: Project, name: str, texts: Mapping[str, StrategyPart], sections: bool) -> list[Verdict]:
    kind = _PLANS.get(name, "")
    plans: list[Any] = [held.entry for held in project.held(kind).values()]
    if not kind or not (plans or sections):
        return [_whole(name, "strategy_part", texts.get(name), ("text", "owner"), name)]
    needed = (*dossier.PLANS[name].sections, "owner")
    return [_whole(name, kind, each, needed, each.id) for each in plans] or [_whole(name, kind, None, needed)]


def _whole(part: str, kind: str, written: object, needed: tuple[str, ...], name: str | None = None) -> Verdict:
    lacks = needed if written is None else lacking(written, *needed)
    if not lacks:
        return PASS
    return failed("strategy.part_missing", entry(kind, id=name, required=lacks), part=part, lacks=lacks)


@guard(
    "tasks_done",
    codes={
        "task.open": Label(
            "Task {task} ({title}) of {stage} is not done yet; it is for {whose}.",
            "阶段 {stage} 的任务 {task}（{title}）尚未完成，由 {whose} 负责。",
        ),
        "task.absent": Label(
            "Task {task} of {stage} is not in the dossier; it has to be there, and done.",
            "项目档案中没有阶段 {stage} 的任务 {task}；该任务须录入并完成。",
        ),
        "task.none": Label("There are no such tasks.", "没有此类任务。"),
    },
    kinds=("task",),
)
def tasks_done(
    stages: Mapping[str, tuple[str, ...]] = EMPTY,
    *,
    ratio: float = 1.0,
    mandatory_only: bool = False,
    scope: Literal["project", "stage"] = "project",
) -> Check:
    """
    Ask that tasks are done: those that are named for the stage where the project stands, or a share of all.

    Every forward move out of a stage with mandatory tasks asks for them by this guard, unless its own guards have it.
    Where there are no tasks it passes.

    Args:
        stages: by stage, the ids of tasks as the stage writes them; each has to be there and done. Without it the tasks
            of the dossier count, but for those that were dropped.
        ratio: which share of them has to be done.
        mandatory_only: whether only mandatory tasks count.
        scope: whether all of the ``project`` count, or only those of the ``stage`` where it stands.
    """
    least = share("ratio", ratio)

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        stage, tasks = ctx.project.visit.stage, ctx.project.all(Task)
        if stages:
            held = {task.id: task for task in tasks}
            names = [f"{stage}.{name}" for name in stages.get(stage, ())]
            return tuple([_done(stage, name, held.get(name)) for name in names]) or PASS
        live = [
            task
            for task in tasks
            if task.status != "dropped"
            and (task.mandatory or not mandatory_only)
            and (task.stage == stage or scope == "project")
        ]
        verdicts = [_done(task.stage or stage, task.id, task) for task in live]
        if not live:
            return passed("task.none")
        return PASS if verdicts.count(PASS) >= least * len(live) else tuple(verdicts)

    return check


def _done(stage: str, name: str, task: Task | None) -> Verdict:
    if task is None:
        remedy = entry("task", id=name, stage=stage, status="done")
        return failed("task.absent", remedy, task=name, stage=stage)
    if task.status == "done":
        return PASS
    remedy = entry("task", id=name, title=task.title, owner=task.owner, role=task.role, status="done")
    whose = {"who": task.owner or task.role, "whose": task.owner or Label("{who:role}")}
    return failed("task.open", remedy, task=name, title=task.title, stage=stage, **whose)


@guard(
    "tasks_decomposed",
    codes={
        "task.undecomposed": Label("No task carries out {subject:part}.", "{subject:part} 尚未分解为任务。"),
        "task.no_owner": Label(
            "Task {task} for {subject:part} has no owner.",
            "{subject:part} 的任务 {task} 没有负责人。",
        ),
        "task.no_due": Label(
            "Task {task} for {subject:part} has no due day.",
            "{subject:part} 的任务 {task} 没有截止日期。",
        ),
        "task.outside_window": Label(
            "Task {task} for {subject:part} is due on {due}, outside of the project's time ({first} to {last}).",
            "{subject:part} 的任务 {task} 截止于 {due}，不在项目期间（{first} 至 {last}）内。",
        ),
        "task.nothing_to_decompose": Label(
            "Cannot tell whether everything has its tasks: there is no {per:entry} yet.",
            "尚无 {per:entry}，无法判断任务分解是否完整。",
        ),
    },
    kinds=("strategy_part", *_PLANS.values(), "goal", "task"),
)
def tasks_decomposed(per: Literal["strategy_part", "goal"]) -> Check:
    """
    Ask that each strategy part, or each live goal, has a task with an owner and a due day.

    Channels, pricing, promotion and execution are parts as well where they are written in sections.

    The due day lies on or after the day the project was opened, and on or before the field
    ``expected_close``. That end is looked at only where the field holds a date, so a lifecycle
    need not declare the field; this is why the guard does not list it among what it reads.
    One such task is enough; if there is none, every task that falls short is named.
    """

    def check(ctx: Context) -> tuple[Verdict, ...]:
        subjects = _subjects(ctx.project, per)
        if not subjects:
            return (unknown("task.nothing_to_decompose", _FIRST[per], per=per),)
        window = _window(ctx)
        live = [task for task in ctx.project.all(Task) if task.status != "dropped"]
        verdicts: list[Verdict] = []
        for subject in subjects:
            tasks = [task for task in live if (task.goal if per == "goal" else task.part) == subject]
            verdicts += _decomposed(per, subject, tasks, window)
        return tuple(verdicts)

    return check


def _subjects(project: Project, per: str) -> tuple[str, ...]:
    if per == "goal":
        return tuple(goal.id for goal in live_goals(project))
    planned = [part for part in _CARRIED_OUT if project.held(_PLANS[part])]
    return tuple(dict.fromkeys([*(part.id for part in project.all(StrategyPart)), *planned]))


def _window(ctx: Context) -> tuple[date, date | None]:
    zone, close = ctx.calendar.zone, ctx.project.fields.get("expected_close")
    if isinstance(close, datetime):
        close = local_date(close, zone)
    return local_date(ctx.project.opened_at, zone), close if isinstance(close, date) else None


def _decomposed(per: str, subject: str, tasks: list[Task], window: tuple[date, date | None]) -> list[Verdict]:
    first, last = window
    if not tasks:
        link = {"goal" if per == "goal" else "part": subject}
        remedy = entry("task", required=("owner", "due"), min_due=first, max_due=last, **link)
        return [failed("task.undecomposed", remedy, *_widen(window), subject=subject)]
    found = [verdict for task in tasks for verdict in _shortfalls(subject, task, window)]
    good = len({verdict.evidence["task"] for verdict in found}) < len(tasks)
    return [PASS] if good else found


def _shortfalls(subject: str, task: Task, window: tuple[date, date | None]) -> list[Verdict]:
    first, last = window
    found: list[Verdict] = []
    if not is_set(task.owner):
        found.append(
            failed("task.no_owner", entry("task", id=task.id, required=("owner",)), task=task.id, subject=subject)
        )
    if task.due is not None and first <= task.due and (last is None or task.due <= last):
        return found
    inside = entry("task", id=task.id, required=("due",), min_due=first, max_due=last)
    if task.due is None:
        found.append(failed("task.no_due", inside, *_widen(window), task=task.id, subject=subject))
    else:
        evidence = {"task": task.id, "subject": subject, "due": task.due, "first": first, "last": last or "…"}
        found.append(failed("task.outside_window", inside, *_widen(window), **evidence))
    return found


def _widen(window: tuple[date, date | None]) -> tuple[Remedy, ...]:
    first, last = window
    if last is None or first <= last:
        return ()
    # A project that should have closed before it was opened has no day left for a task.
    return (cure("field", "expected_close", op="ge", value=first),)
