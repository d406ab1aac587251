"""
The plan of a project against what was done: time bars, also as Mermaid text, tasks and milestones, and its budget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from salesflow import Money, Pipeline, Project
from salesflow.dossier import Budget, Milestone, SalesCost, Task

from ._page import Chart, Column, Section, Table, Tile
from ._specs import columns, spans
from ._texts import Texts


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
    chart = Chart(spec, title, said, table)
    return Section(title, said, chart=chart, code=mermaid(project.name, rows, texts), wide=True)


_SIGNS: Final = str.maketrans({":": "：", ";": "；", "#": "＃", "%": "％", ",": "，", "\n": " ", "\r": " "})
_MARKS: Final = {"done": "done, ", "plan": "", "milestone": "milestone, "}


def mermaid(title: str, rows: Sequence[Mapping[str, Any]], texts: Texts) -> str:
    """
    Return time bars as the text of a Gantt chart that Mermaid reads.

    Args:
        title: of the chart.
        rows: each with ``name``, ``group``, ``kind``, ``begin`` and ``stop``, as :func:`gantt` draws them.
        texts: of the page; times become days in its zone.
    """

    def day(when: date) -> date:
        return when.astimezone(texts.zone).date() if isinstance(when, datetime) else when

    written = ["gantt", f"    title {title.translate(_SIGNS)}", "    dateFormat YYYY-MM-DD"]
    by_group: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_group.setdefault(row["group"], []).append(row)
    for group, found in by_group.items():
        written.append(f"    section {group}")
        done = {row["name"] for row in found if row["kind"] == "done"}
        for row in found:
            if not row["whole"]:
                continue  # the part of a task that is done is drawn over its plan, and marked there
            mark = _MARKS["done" if row["kind"] == "plan" and row["name"] in done else row["kind"]]
            first, last = day(row["begin"]), day(row["stop"])
            until = "0d" if row["kind"] == "milestone" else f"{last + timedelta(days=1)}"
            written.append(f"    {row['name'].translate(_SIGNS)} :{mark}{first}, {until}")
    return "\n".join(written)


def _iso(when: date, texts: Texts) -> str:
    # As the clocks of the page show it: without an offset it is drawn alike wherever it is drawn.
    local = when.astimezone(texts.zone).replace(tzinfo=None) if isinstance(when, datetime) else when
    return local.isoformat() if isinstance(local, datetime) else f"{local.isoformat()}T00:00:00"


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
        found.append(_bar(texts.title(task), task_group, "plan", start, task.due, texts))
        if task.status == "done":
            end = max(start, task.done_on or task.due)
            found.append(_bar(texts.title(task), task_group, "done", start, end, texts, whole=False))
    for each in project.all(Milestone):
        day = each.met_on or each.due
        if day is not None:
            found.append(_bar(each.title or each.id, milestone_group, "milestone", day, day, texts))
    return found


def progress(project: Project, texts: Texts, today: date) -> Section | None:
    """
    Return in figures how far the plan of a project is carried out; ``None`` if it has no plan.
    """
    tasks = [each for each in project.all(Task) if each.status != "dropped"]
    milestones, budgets = project.all(Milestone), project.all(Budget)
    tiles: list[Tile] = []
    if tasks:
        done = [each for each in tasks if each.status == "done"]
        late = sum(_days_late(each.due, each.done_on if each.status == "done" else today) > 0 for each in tasks)
        tiles.append(
            Tile(
                texts.say(f"{len(done)} of {len(tasks)}", f"{len(done)} / {len(tasks)}"),
                texts.say("tasks done", "任务已完成"),
                texts.say(f"{late} late", f"{late} 项延误"),
            )
        )
    if milestones:
        met = [each for each in milestones if each.met_on]
        moved = sum(each.planned is not None and each.planned != each.due for each in milestones)
        tiles.append(
            Tile(
                texts.say(f"{len(met)} of {len(milestones)}", f"{len(met)} / {len(milestones)}"),
                texts.say("milestones met", "里程碑已达成"),
                texts.say(f"{moved} moved", f"{moved} 个改期"),
            )
        )
    planned, spent = _sums([each.planned for each in budgets]), _sums(_costs(project))
    for currency, amount in planned.items():
        used = spent.get(currency, Decimal(0))
        of = texts.money(Money(amount, currency))
        tiles.append(
            Tile(
                texts.money(Money(used, currency)),
                texts.say("spent", "已支出"),
                texts.say(f"of a budget of {of}", f"预算 {of}"),
            )
        )
    title = texts.say("Plan against actual", "计划与实际概览")
    return Section(title, tiles=tiles, wide=True) if tiles else None


def _costs(project: Project) -> Sequence[Money]:
    return [cost.amount for cost in project.all(SalesCost) if isinstance(cost.amount, Money)]


def _sums(amounts: Sequence[Money]) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = {}
    for each in amounts:
        found[each.currency] = found.get(each.currency, Decimal(0)) + each.amount
    return found


def planned_and_done(project: Project, texts: Texts, today: date) -> Section | None:
    """
    Return when tasks and milestones were planned and done; ``None`` if the project has neither.

    What is not done is as late as it is *today*.
    """
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
            texts.title(each),
            texts.who(each),
            each.due,
            each.done_on,
            _late(each.due, each.done_on or today) if each.status != "dropped" else None,
            texts.status(each.status),
        ]
        for each in tasks
    ]
    rows += [
        [
            each.title or each.id,
            each.owner or "",
            each.planned or each.due,
            each.met_on,
            _late(each.planned or each.due, each.met_on or today),
            texts.status("met") if each.met_on else texts.status("planned"),
        ]
        for each in milestones
    ]
    return Section(texts.say("Planned and done", "计划与实际"), table=Table(heads, rows), wide=True)


def _late(planned: date | None, done: date) -> int | None:
    late = _days_late(planned, done)
    return late if late > 0 else None


def _days_late(planned: date | None, done: date | None) -> int:
    return 0 if planned is None or done is None else (done - planned).days


def money(project: Project, texts: Texts) -> Section | None:
    """
    Return the budgets of a project against what was spent; ``None`` if it has none.
    """
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
    rows: list[list[Any]] = []
    for each in budgets:
        used = spent.get((each.id, each.planned.currency), Money(0, each.planned.currency))
        share = float((used.amount - each.planned.amount) / each.planned.amount) if each.planned.amount else None
        rows.append([each.category or each.id, each.planned, used, share])
    title, table = texts.say("Budget", "预算执行"), Table(heads, rows)
    if len({each.planned.currency for each in budgets}) > 1:
        return Section(title, table=table)
    over = sum(row[2].amount > row[1].amount for row in rows)
    said = texts.say(f"{over} of {len(rows)} are overspent.", f"{len(rows)} 项预算中有 {over} 项超支。")
    drawn = [
        {"budget": row[0], "kind": heads[place].title, "value": float(row[place].amount)}
        for row in rows
        for place in (1, 2)
    ]
    spec = columns(drawn, "budget", "value", series="kind", format=texts.amounts, side=True)
    return Section(title, said, chart=Chart(spec, title, said, table))
