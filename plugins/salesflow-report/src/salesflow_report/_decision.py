"""
What a director needs to decide about one project: what it misses, its money, risks, scores, and the way it went.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from salesflow import Lifecycle, Money, Pipeline, Project
from salesflow.dossier import Approval, ApprovalRequest, Question, StatusReport
from salesflow.insight import Portfolio, find_lessons
from salesflow.risks import LEVEL_NAMES

from ._page import Column, Page, Section, Table, Tile
from ._plan import gantt, money, progress
from ._project import next_moves, risks, standing
from ._texts import NOTHING, Texts


def decision(
    portfolio: Portfolio, pipeline: Pipeline, project_id: str, texts: Texts, *, now: datetime | None = None
) -> Page:
    """
    Return the page about a decision on one project.

    Args:
        portfolio: with which it is compared.
        pipeline: that has its lifecycle.
        project_id: its id.
        texts: of the page.
        now: the time of the page; by default what the clock says.
    """
    project, when = pipeline.get(project_id), now or datetime.now(UTC)
    lifecycle = pipeline.lifecycle_of(project)
    today = when.astimezone(texts.zone).date()
    found = [
        _figures(portfolio, pipeline, project, texts, when),
        _asked(project, texts),
        next_moves(pipeline, project, lifecycle, texts),
        _way(portfolio, pipeline, project, lifecycle, texts, when),
        progress(project, texts, today),
        money(project, texts),
        _warnings(pipeline, project, texts, when),
        risks(project, texts),
        _scores(pipeline, project, texts, when),
        _lessons(portfolio, project, texts),
        gantt(pipeline, project, texts, when),
    ]
    title = texts.say(f"For decision: {project.name}", f"待决策：{project.name}")
    sections = [each for each in found if each is not None]
    return Page("decision", title, standing(project, lifecycle, texts), texts.lang, sections)


def _figures(portfolio: Portfolio, pipeline: Pipeline, project: Project, texts: Texts, when: datetime) -> Section:
    def known(role: str) -> Any:
        name = portfolio.columns.field_of(role)
        return None if name is None else project.fields.get(name)

    stage = pipeline.lifecycle_of(project).stage(project.stage)
    amount, chance = known("amount"), known("probability")
    usual = Decimal(str(stage.probability)) if isinstance(stage.probability, (int, float)) else None
    chance = usual if chance is None else Decimal(str(chance))
    worth = Money(amount.amount * chance, amount.currency) if isinstance(amount, Money) and chance is not None else None
    report = pipeline.risks(project.id, at=when)
    level = NOTHING if report.level is None else texts.label(LEVEL_NAMES[report.level], report.level)
    days = texts.number((when - project.opened_at).days)
    return Section(
        texts.say("At a glance", "概况"),
        tiles=[
            Tile(texts.value(amount), texts.say("amount", "金额"), known("customer") or ""),
            Tile(
                texts.share(chance),
                texts.say("probability", "赢率"),
                texts.say("of its stage", "取自当前阶段") if known("probability") is None and usual is not None else "",
            ),
            Tile(texts.money(worth), texts.say("weighted", "加权金额")),
            Tile(texts.value(known("expected_close")), texts.say("expected close", "预计成交")),
            Tile(
                level,
                texts.say("risk", "风险等级"),
                texts.say(f"{len(report.open)} open risks", f"{len(report.open)} 项未关闭"),
            ),
            Tile(days, texts.say("days open", "已历天数"), known("owner") or ""),
        ],
        wide=True,
    )


def _asked(project: Project, texts: Texts) -> Section | None:
    """
    Return what somebody asks for: approvals that were not given yet, open questions, and help.
    """
    given = {each.name: each.at for each in project.all(Approval) if each.granted}
    items = [
        texts.say(
            f"Approval {texts.word('approval', each.name)}, asked for by {each.by or NOTHING}",
            f"{each.by or NOTHING} 申请审批“{texts.word('approval', each.name)}”",
        )
        + (f": {each.comment}" if each.comment else "")
        for each in project.all(ApprovalRequest)
        if (at := given.get(each.name)) is None or (each.at is not None and at < each.at)
    ]
    items += [
        texts.say(f"Question of {each.by or NOTHING}: {each.text}", f"{each.by or NOTHING} 咨询：{each.text}")
        for each in project.all(Question)
        if each.answered_at is None
    ]
    reports = sorted(
        (each for each in project.all(StatusReport) if each.at), key=lambda each: each.at or project.opened_at
    )
    items += [
        texts.say(f"Help needed: {line}", f"需要支持：{line}") for each in reports[-1:] for line in each.help_needed
    ]
    return Section(texts.say("What is asked for", "待答复事项"), items=items, wide=True) if items else None


def _way(
    portfolio: Portfolio, pipeline: Pipeline, project: Project, lifecycle: Lifecycle, texts: Texts, when: datetime
) -> Section:
    usual = {each.stage: each.median for each in portfolio.time_in_stage(lifecycle=lifecycle.id).stages}
    labels = {stage.id: texts.label(stage.label, stage.id) for stage in lifecycle.stages}
    heads = [
        Column(texts.say("Stage", "阶段")),
        Column(texts.say("From", "开始"), "day"),
        Column(texts.say("To", "结束"), "day"),
        Column(texts.say("Days", "天数"), "days"),
        Column(texts.say("Usual days", "通常天数"), "days"),
    ]
    rows: list[Sequence[Any]] = [
        [
            labels.get(stay.stage, stay.stage),
            stay.entered_at,
            stay.left_at,
            ((stay.left_at or when) - stay.entered_at).total_seconds() / 86_400,
            usual.get(stay.stage),
        ]
        for stay in pipeline.stays(project.id)
    ]
    note = texts.say("Usual days are the median of all projects.", "通常天数为全部项目的中位数。")
    return Section(texts.say("The way so far", "已走过的路径"), note, table=Table(heads, rows))


def _warnings(pipeline: Pipeline, project: Project, texts: Texts, when: datetime) -> Section | None:
    fired = pipeline.risks(project.id, at=when).fired
    if not fired:
        return None
    heads = [
        Column(texts.say("Check", "检查")),
        Column(texts.say("Level", "等级")),
        Column(texts.say("What to do", "建议措施")),
    ]
    rows = [
        [
            texts.word("advice", each.check),
            texts.label(LEVEL_NAMES[each.level], each.level),
            texts.label(each.action, each.code),
        ]
        for each in fired
    ]
    return Section(texts.say("What the risk checks found", "风险检查结果"), table=Table(heads, rows))


def _lessons(portfolio: Portfolio, project: Project, texts: Texts) -> Section | None:
    """
    Return the lessons of similar projects, most similar first; ``None`` if there are none.
    """
    found = find_lessons(portfolio, project.id, limit=5)
    rows = [
        [
            each.lesson.text,
            each.project_name,
            each.likeness,
            texts.value([one.label.text(texts.lang) for one in each.matched]),
        ]
        for each in found
    ]
    heads = [
        Column(texts.say("Lesson", "经验教训")),
        Column(texts.say("Learned in", "来自项目")),
        Column(texts.say("Alike", "相似度"), "share"),
        Column(texts.say("By", "相同项")),
    ]
    title = texts.say("What similar projects learned", "相似项目的经验教训")
    return Section(title, table=Table(heads, rows)) if rows else None


def _scores(pipeline: Pipeline, project: Project, texts: Texts, when: datetime) -> Section | None:
    found = pipeline.score(project.id, at=when)
    if not found:
        return None
    heads = [
        Column(texts.say("Score", "评分")),
        Column(texts.say("Value", "分值"), "number"),
        Column(texts.say("From", "最低"), "number"),
        Column(texts.say("To", "最高"), "number"),
        Column(texts.say("Method", "方法")),
    ]
    rows = [
        [texts.word("advice", each.name), each.value, each.low, each.high, texts.word("advice", each.method)]
        for each in found
    ]
    return Section(texts.say("Scores", "评分"), table=Table(heads, rows))
