"""
The weekly report: what was won and lost in a week, what moved, what is late, and what people say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from salesflow.dossier import StatusReport, Task
from salesflow.insight import Period, Portfolio, period_of, to_period

from ._figures import as_of_text
from ._page import Column, Page, Section, Table, Tile
from ._stages import funnel_section
from ._texts import Texts


_FIGURES = ("sales_amount", "win_rate", "close_rate", "new_customers")


def weekly(portfolio: Portfolio, texts: Texts, *, week: str | None = None) -> Page:
    """
    Return the report of a week.

    Args:
        portfolio: that has it.
        texts: of the page.
        week: such as ``2026-W48``; by default the week of now.
    """
    zone = portfolio.columns.zone
    period = period_of(portfolio.as_of, "week", zone) if week is None else to_period(week, zone)
    first, last = texts.day(period.start), texts.day(period.end - timedelta(seconds=1))
    title = texts.say(f"Weekly report {period.name}", f"销售周报 {period.name}")
    covered = texts.say(f"{first} to {last}", f"{first} 至 {last}")
    sections = [
        Section(
            texts.say("The week in figures", "本周指标"),
            tiles=[_tile(portfolio, texts, name, period) for name in _FIGURES if name in portfolio.kpis],
            wide=True,
        ),
        _moves(portfolio, texts, period),
        *_reports(portfolio, texts, period),
        _late(portfolio, texts),
        funnel_section(portfolio, texts),
    ]
    return Page("weekly", title, as_of_text(portfolio, texts, covered), texts.lang, sections)


def _tile(portfolio: Portfolio, texts: Texts, name: str, period: Period) -> Tile:
    before = period_of(period.start - timedelta(seconds=1), "week", portfolio.columns.zone)
    now, then = portfolio.kpi(name, period=period), portfolio.kpi(name, period=before)
    note = texts.say(
        f"the week before: {texts.value(then.value, then.unit)}", f"上周：{texts.value(then.value, then.unit)}"
    )
    return Tile(texts.value(now.value, now.unit), texts.label(now.label, name), note)


def _moves(portfolio: Portfolio, texts: Texts, period: Period) -> Section:
    found, stages = portfolio.table("moves"), portfolio.columns.stages()
    names = dict(zip(*(portfolio.table("projects")[each] for each in ("id", "name")), strict=True))

    def label(stage: str | None) -> str:
        return "" if stage is None else texts.label(stages[stage].label, stage) if stage in stages else stage

    rows = [
        [at, f"{names[project]} ({project})", label(source), label(target), actor]
        for project, at, source, target, actor in zip(
            *(found[each] for each in ("project", "at", "source", "target", "actor")), strict=True
        )
        if period.start <= at < period.end
    ]
    heads = [
        Column(texts.say("When", "时间"), "time"),
        Column(texts.say("Project", "项目")),
        Column(texts.say("From", "从")),
        Column(texts.say("To", "到")),
        Column(texts.say("Who", "操作人")),
    ]
    note = texts.say(f"{texts.number(len(rows))} moves.", f"共 {texts.number(len(rows))} 次流转。")
    return Section(texts.say("What moved", "项目进展"), note, table=Table(heads, rows[-60:]), wide=True)


def _reports(portfolio: Portfolio, texts: Texts, period: Period) -> Sequence[Section]:
    written = [
        (project, each)
        for project, each in portfolio.entries(StatusReport)
        if each.at is not None and period.start <= each.at < period.end
    ]
    parts = (
        (texts.say("Done", "已完成"), "done"),
        (texts.say("Next", "下周计划"), "next"),
        (texts.say("Risks", "风险"), "risks"),
        (texts.say("Help needed", "需要支持"), "help_needed"),
    )
    found: list[Section] = []
    for title, name in parts:
        items = [f"{project}: {line}" for project, each in written for line in getattr(each, name)]
        if items:
            found.append(Section(title, items=items))
    return found


def _late(portfolio: Portfolio, texts: Texts) -> Section:
    today = portfolio.as_of.astimezone(texts.zone).date()
    rows: list[list[Any]] = [
        [texts.title(task), project, texts.who(task), task.due, (today - task.due).days]
        for project, task in portfolio.entries(Task)
        if task.due is not None and task.due < today and task.status not in {"done", "dropped"}
    ]
    rows.sort(key=lambda row: -row[4])
    heads = [
        Column(texts.say("Task", "任务")),
        Column(texts.say("Project", "项目")),
        Column(texts.say("Who", "负责人")),
        Column(texts.say("Due", "期限"), "day"),
        Column(texts.say("Days late", "逾期天数"), "days"),
    ]
    return Section(
        texts.say("What is late", "逾期事项"),
        table=Table(heads, rows[:40], texts.say("Nothing is late.", "没有逾期事项。")),
    )
