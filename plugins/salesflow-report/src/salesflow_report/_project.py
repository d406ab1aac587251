"""
The page of one project: where it stands, what is next, its plan as time bars, its dossier and its history.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from salesflow import Actor, Lifecycle, Money, Pipeline, Project
from salesflow.dossier import Budget, Milestone, Risk, SalesCost, Task

from ._page import Chart, Column, Page, Section, Table
from ._specs import spans
from ._texts import NOTHING, Texts


_STATES = {
    "allowed": ("allowed", "可执行"),
    "needs_input": ("needs input", "需补充信息"),
    "blocked": ("blocked", "受阻"),
}


def project_page(
    pipeline: Pipeline, project_id: str, texts: Texts, *, actor: Actor | None = None, now: datetime | None = None
) -> Page:
    """
    Return the page of a project.

    Args:
        pipeline: that has its lifecycle.
        project_id: its id.
        texts: of the page.
        actor: whose next moves are shown; by default those of somebody without a role.
        now: where the line of today stands; by default what the clock says.
    """
    project = pipeline.get(project_id)
    lifecycle = pipeline.lifecycle_of(project)
    stages = {stage.id: texts.label(stage.label, stage.id) for stage in lifecycle.stages}
    subtitle = " · ".join(
        (
            project.id,
            texts.label(lifecycle.definition.label, lifecycle.id),
            stages.get(project.stage, project.stage),
            texts.say(f"since {texts.day(project.visit.entered_at)}", f"自 {texts.day(project.visit.entered_at)} 起"),
        )
    )
    sections = [
        _fields(project, lifecycle, texts),
        _next(pipeline, project, lifecycle, actor or Actor("nobody"), texts),
        gantt(pipeline, project, texts, now or datetime.now(UTC)),
        _tasks(project, texts),
        _money(project, texts),
        _risks(project, texts),
        _entries(project, texts),
        _history(pipeline, project, texts),
    ]
    return Page("project", project.name, subtitle, texts.lang, [each for each in sections if each is not None])


def _fields(project: Project, lifecycle: Lifecycle, texts: Texts) -> Section:
    rows = [
        [texts.label(field.label, field.id), texts.value(project.fields.get(field.id))]
        for field in lifecycle.definition.fields
        if project.fields.get(field.id) is not None
    ]
    heads = [Column(texts.say("Field", "字段")), Column(texts.say("Value", "值"))]
    return Section(texts.say("What is known", "项目信息"), table=Table(heads, rows))


def _next(pipeline: Pipeline, project: Project, lifecycle: Lifecycle, actor: Actor, texts: Texts) -> Section:
    labels = {each.trigger: texts.label(each.label, each.trigger) for each in lifecycle.transitions}
    rows = [
        [
            labels.get(option.trigger, option.trigger),
            texts.say(*_STATES[option.status]),
            " ".join(dict.fromkeys(verdict.message(texts.lang) for verdict in option.decision.blocking)),
        ]
        for option in pipeline.options(project.id, actor=actor)
    ]
    heads = [
        Column(texts.say("Move", "操作")),
        Column(texts.say("State", "状态")),
        Column(texts.say("What it misses", "还缺什么")),
    ]
    return Section(texts.say("What can be done next", "下一步"), table=Table(heads, rows))


def gantt(pipeline: Pipeline, project: Project, texts: Texts, now: datetime) -> Section:
    """
    Return the plan of a project as time bars: stages that it was in, tasks from start to due, and milestones.
    """
    rows = [*_stays(pipeline, project, texts, now), *_planned(project, texts)]
    title = texts.say("Plan and course", "计划与进展")
    heads = [
        Column(texts.say("What", "事项")),
        Column(texts.say("Kind", "类型")),
        Column(texts.say("From", "开始"), "day"),
        Column(texts.say("To", "结束"), "day"),
    ]
    table = Table(
        heads,
        [
            [row["name"], row["group"], row["begin"], row["stop"]]
            for row in rows
            if row["kind"] != "done" or row["whole"]
        ],
    )
    said = texts.say(
        "Stages as they were, tasks from start to due, pale where they are not done; diamonds are milestones.",
        "阶段为实际停留，任务从开始到期限，未完成为浅色；菱形为里程碑。",
    )
    drawn = [{name: row[name] for name in ("name", "group", "kind", "start", "end")} for row in rows]
    today = texts.say("today", "今天")
    spec = spans(drawn, today=_iso(now, texts), today_text=today)
    return Section(title, said, chart=Chart(spec, title, said, table), wide=True)


def _iso(when: date, texts: Texts) -> str:
    return when.astimezone(texts.zone).isoformat() if isinstance(when, datetime) else f"{when.isoformat()}T00:00:00"


def _bar(
    name: str, group: str, kind: str, start: date, end: date, texts: Texts, *, whole: bool = True
) -> dict[str, Any]:
    # A day that is included ends with the next one.
    last = end if isinstance(end, datetime) or kind == "milestone" else end + timedelta(days=1)
    return {
        "name": name,
        "group": group,
        "kind": kind,
        "start": _iso(start, texts),
        "end": _iso(last, texts),
        "begin": start,
        "stop": end,
        "whole": whole,
    }


def _stays(pipeline: Pipeline, project: Project, texts: Texts, now: datetime) -> list[dict[str, Any]]:
    names = {
        stage.id: texts.label(stage.label, stage.id)
        for stage in pipeline.lifecycle_of(project).stages
        if not stage.final
    }
    group = texts.say("stage", "阶段")
    return [
        _bar(names[stay.stage], group, "done", stay.entered_at, stay.left_at or now, texts)
        for stay in pipeline.stays(project.id)
        if stay.stage in names
    ]


def _planned(project: Project, texts: Texts) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    task_group, milestone_group = texts.say("task", "任务"), texts.say("milestone", "里程碑")
    for task in project.all(Task):
        if task.due is None or task.status == "dropped":
            continue
        start = task.start or min(task.due, project.opened_at.date())
        found.append(_bar(task.title or task.id, task_group, "plan", start, task.due, texts))
        if task.status == "done":
            end = max(start, task.done_on or task.due)
            found.append(_bar(task.title or task.id, task_group, "done", start, end, texts, whole=False))
    for each in project.all(Milestone):
        day = each.met_on or each.due
        if day is not None:
            found.append(_bar(each.title or each.id, milestone_group, "milestone", day, day, texts))
    return found


def _tasks(project: Project, texts: Texts) -> Section | None:
    tasks, milestones = project.all(Task), project.all(Milestone)
    if not tasks and not milestones:
        return None
    heads = [
        Column(texts.say("Task or milestone", "任务或里程碑")),
        Column(texts.say("Who", "负责人")),
        Column(texts.say("Planned", "计划"), "day"),
        Column(texts.say("Done", "实际"), "day"),
        Column(texts.say("Days late", "延误天数"), "days"),
        Column(texts.say("Status", "状态")),
    ]
    rows: list[Sequence[Any]] = [
        [
            each.title or each.id,
            each.owner or each.role or "",
            each.due,
            each.done_on,
            _late(each.due, each.done_on),
            each.status,
        ]
        for each in tasks
    ]
    rows += [
        [
            each.title or each.id,
            each.owner or "",
            each.planned or each.due,
            each.met_on,
            _late(each.planned or each.due, each.met_on),
            texts.say("met", "达成") if each.met_on else texts.say("open", "未达成"),
        ]
        for each in milestones
    ]
    return Section(texts.say("Planned and done", "计划与实际"), table=Table(heads, rows), wide=True)


def _late(planned: date | None, done: date | None) -> int | None:
    return None if planned is None or done is None else (done - planned).days


def _money(project: Project, texts: Texts) -> Section | None:
    budgets = project.all(Budget)
    if not budgets:
        return None
    spent: dict[tuple[str, str], Money] = {}
    for cost in project.all(SalesCost):
        if isinstance(cost.amount, Money):
            key = cost.budget or "", cost.amount.currency
            spent[key] = spent[key] + cost.amount if key in spent else cost.amount
    heads = [
        Column(texts.say("Budget", "预算")),
        Column(texts.say("Planned", "计划"), "money"),
        Column(texts.say("Spent", "实际"), "money"),
        Column(texts.say("Variance", "偏差"), "share"),
    ]
    rows = []
    for each in budgets:
        used = spent.get((each.id, each.planned.currency), Money(0, each.planned.currency))
        share = float((used.amount - each.planned.amount) / each.planned.amount) if each.planned.amount else None
        rows.append([each.category or each.id, each.planned, used, share])
    return Section(texts.say("Budget", "预算执行"), table=Table(heads, rows))


def _risks(project: Project, texts: Texts) -> Section | None:
    rows = [
        [each.title or each.id, each.score, each.owner or "", each.response, each.status]
        for each in sorted(project.all(Risk), key=lambda risk: -risk.score)
    ]
    if not rows:
        return None
    heads = [
        Column(texts.say("Risk", "风险")),
        Column(texts.say("Score", "分值"), "number"),
        Column(texts.say("Owner", "负责人")),
        Column(texts.say("Response", "应对措施")),
        Column(texts.say("Status", "状态")),
    ]
    return Section(texts.say("Risks", "风险"), table=Table(heads, rows))


def _entries(project: Project, texts: Texts) -> Section | None:
    rows = [
        [kind, len(held), ", ".join(list(held)[:8]) + (" …" if len(held) > 8 else "")]
        for kind, held in project.entries.items()
        if held
    ]
    if not rows:
        return None
    heads = [
        Column(texts.say("Kind", "类型")),
        Column(texts.say("Entries", "条目数"), "number"),
        Column(texts.say("Which", "编号")),
    ]
    return Section(texts.say("Dossier", "项目档案"), table=Table(heads, rows))


def _history(pipeline: Pipeline, project: Project, texts: Texts) -> Section:
    rows: list[Sequence[Any]] = []
    after = ""
    while (page := pipeline.feed(texts.lang, project_id=project.id, after=after)).lines:
        rows += [[line.time, line.fact.actor.name or NOTHING, line.text] for line in page.lines]
        after = page.cursor
    heads = [
        Column(texts.say("When", "时间")),
        Column(texts.say("Who", "操作人")),
        Column(texts.say("What happened", "事件")),
    ]
    return Section(texts.say("History", "历史"), table=Table(heads, rows), wide=True)
