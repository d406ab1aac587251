"""
The page of one project: where it stands, what is next, its plan as time bars, its dossier and its history.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from salesflow import Actor, Lifecycle, Pipeline, Project
from salesflow.dossier import Risk

from ._page import Column, Page, Section, Table
from ._plan import gantt, money, planned_and_done, progress
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
    when = now or datetime.now(UTC)
    today = when.astimezone(texts.zone).date()
    sections = [
        _fields(project, lifecycle, texts),
        next_moves(pipeline, project, lifecycle, texts, actor),
        progress(project, texts, today),
        gantt(pipeline, project, texts, when),
        planned_and_done(project, texts, today),
        money(project, texts),
        risks(project, texts),
        _entries(project, lifecycle, texts),
        _history(pipeline, project, texts),
    ]
    return Page(
        "project",
        project.name,
        standing(project, lifecycle, texts),
        texts.lang,
        [each for each in sections if each is not None],
    )


def standing(project: Project, lifecycle: Lifecycle, texts: Texts) -> str:
    """
    Return the subtitle of a page about a project: its id, lifecycle and stage, and since when.
    """
    stages = {stage.id: texts.label(stage.label, stage.id) for stage in lifecycle.stages}
    since = texts.day(project.visit.entered_at)
    return " · ".join(
        (
            project.id,
            texts.label(lifecycle.definition.label, lifecycle.id),
            stages.get(project.stage, project.stage),
            texts.say(f"since {since}", f"自 {since} 起"),
        )
    )


def _fields(project: Project, lifecycle: Lifecycle, texts: Texts) -> Section:
    rows: list[list[str]] = []
    for field in lifecycle.definition.fields:
        value = project.fields.get(field.id)
        if value is not None:
            named = field.type == "choice" and isinstance(value, str)
            shown = (
                lifecycle.wording.label(f"value of {field.id}", value).text(texts.lang) if named else texts.value(value)
            )
            rows.append([texts.label(field.label, field.id), shown])
    heads = [Column(texts.say("Field", "字段")), Column(texts.say("Value", "值"))]
    return Section(texts.say("What is known", "项目信息"), table=Table(heads, rows))


def next_moves(
    pipeline: Pipeline, project: Project, lifecycle: Lifecycle, texts: Texts, actor: Actor | None = None
) -> Section:
    """
    Return what can be done with a project next, and what each move misses; by default for somebody without a role.
    """
    who = actor or Actor(texts.say("Somebody without a role", "没有角色的人"))
    labels = {each.trigger: texts.label(each.label, each.trigger) for each in lifecycle.transitions}
    rows = [
        [
            labels.get(option.trigger, option.trigger),
            texts.say(*_STATES[option.status]),
            " ".join(dict.fromkeys(verdict.message(texts.lang) for verdict in option.decision.blocking)),
        ]
        for option in pipeline.options(project.id, actor=who)
    ]
    heads = [
        Column(texts.say("Move", "操作")),
        Column(texts.say("State", "状态")),
        Column(texts.say("What it misses", "还缺什么")),
    ]
    return Section(texts.say("What can be done next", "下一步"), table=Table(heads, rows))


def risks(project: Project, texts: Texts) -> Section | None:
    """
    Return the risks of a project, the highest score first; ``None`` if it has none.
    """
    rows = [
        [each.title or each.id, each.score, each.owner or "", each.response, texts.status(each.status)]
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


def _entries(project: Project, lifecycle: Lifecycle, texts: Texts) -> Section | None:
    rows = [
        [texts.kind(kind, lifecycle.wording), len(held), ", ".join(list(held)[:8]) + (" …" if len(held) > 8 else "")]
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
    return Section(texts.say("Dossier", "项目档案"), table=Table(heads, rows), wide=True)


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
