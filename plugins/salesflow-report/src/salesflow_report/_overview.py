"""
The page of the portfolio: who has what in which stage, figures against their targets, and what was learned.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from salesflow import Money
from salesflow.dossier import Goal, KpiTarget, Lesson, LessonUse
from salesflow.errors import InputError
from salesflow.insight import Kpi, Portfolio, to_period

from ._deals import open_deals, sums
from ._figures import MOST, ROLES, as_of_text, by_group, plain, tile
from ._page import Chart, Column, Page, Section, Table
from ._specs import columns
from ._texts import NOTHING, Texts


_LESSONS = 40
_TILES = ("sales_amount", "win_rate", "average_deal_value", "termination_rate")


def overview(portfolio: Portfolio, texts: Texts) -> Page:
    """
    Return the page of a portfolio.
    """
    tiles = [tile(portfolio, texts, name) for name in _TILES if name in portfolio.kpis]
    return Page(
        "portfolio",
        texts.say("Portfolio", "项目组合"),
        as_of_text(portfolio, texts),
        texts.lang,
        [
            Section(texts.say("Figures", "关键指标"), tiles=tiles, wide=True),
            _stage_by_owner(portfolio, texts),
            by_group(portfolio, texts, "win_rate", "owner", texts.say("Owner", "负责人")),
            _targets(portfolio, texts),
            _goals(portfolio, texts),
            _lessons(portfolio, texts),
        ],
    )


def _stage_by_owner(portfolio: Portfolio, texts: Texts) -> Section:
    title = texts.say("Open deals: stage by owner", "未结项目（负责人 × 阶段）")
    deals, unset = open_deals(portfolio), texts.say("not set", "未填写")
    if not deals:
        return Section(title, texts.say("No deal is open.", "没有未结项目。"))
    stages = {
        name: texts.label(stage.label, name)
        for name, stage in portfolio.columns.stages().items()
        if any(deal["stage"] == name for deal in deals)
    }
    counts = Counter((deal["owner"] or unset, deal["stage"]) for deal in deals)
    owners = Counter(deal["owner"] or unset for deal in deals)
    worth = {owner: sums([deal for deal in deals if (deal["owner"] or unset) == owner]) for owner in owners}
    heads = [
        Column(texts.say("Owner", "负责人")),
        *(Column(label, "number") for label in stages.values()),
        Column(texts.say("All", "合计"), "number"),
        Column(texts.say("Amount", "金额")),
    ]
    table = Table(
        heads,
        [
            [owner, *(counts[owner, stage] for stage in stages), count, ", ".join(map(texts.money, worth[owner]))]
            for owner, count in owners.most_common()
        ],
    )
    drawn = [
        {"owner": owner, "stage": label, "count": counts[owner, stage], "order": place}
        for owner, _ in owners.most_common(MOST)
        for place, (stage, label) in enumerate(stages.items())
        if counts[owner, stage]
    ]
    most, count = owners.most_common(1)[0]
    shown = texts.number(count)
    said = texts.say(f"{most} has the most open deals: {shown}.", f"未结项目最多的是 {most}：{shown} 个。")
    spec = columns(drawn, "owner", "count", series="stage", kinds=list(stages.values()), across=True)
    return Section(title, said, chart=Chart(spec, title, said, table))


def _targets(portfolio: Portfolio, texts: Texts) -> Section:
    heads = [
        Column(texts.say("Figure", "指标")),
        Column(texts.say("For", "对象")),
        Column(texts.say("Until", "截止"), "day"),
        Column(texts.say("Target", "目标")),
        Column(texts.say("Reached", "实际")),
        Column(texts.say("Attainment", "达成率"), "share"),
        Column(texts.say("Owner", "负责人")),
    ]
    rows: list[list[Any]] = []
    for project, target in portfolio.entries(KpiTarget):
        if target.metric not in portfolio.kpis:
            continue
        found = _figure_of(portfolio, target)
        definition = portfolio.kpis[target.metric].definition
        whom = ", ".join(target.group.values()) or texts.say("all", "全部")
        reached = None if found is None else found.value
        rows.append(
            [
                texts.label(definition.label, target.metric),
                whom,
                target.due,
                _aim(texts, target, reached, definition.variant(target.variant).unit),
                NOTHING if found is None else texts.value(reached, found.unit),
                _attained(reached, target.target),
                target.owner or project,
            ]
        )
    empty = texts.say("No targets are set.", "未设定目标值。")
    return Section(texts.say("Figures against targets", "指标与目标"), table=Table(heads, rows, empty), wide=True)


def _figure_of(portfolio: Portfolio, target: KpiTarget) -> Kpi | None:
    """
    Return the figure that a target is about, of its group and period; ``None`` where it cannot be computed.
    """
    start, due = target.start, target.due
    zone = portfolio.columns.zone
    period = None if start is None or due is None else to_period((start, due + timedelta(days=1)), zone)
    fields = {
        portfolio.columns.field_of(name) or name if name in ROLES else name: value
        for name, value in target.group.items()
    }
    try:
        seen = portfolio.where(fields) if fields else portfolio
        return seen.kpi(target.metric, period=period, variant=target.variant)
    except InputError:
        return None  # a target of a field or a variant that is gone


def _aim(texts: Texts, target: KpiTarget, reached: Any, unit: str) -> str:
    if target.target is None:
        return NOTHING
    if isinstance(reached, Money):
        return texts.money(Money(target.target, reached.currency))
    return texts.value(target.target, unit)


def _attained(reached: Any, target: Decimal | None) -> float | None:
    value = plain(reached)
    return None if value is None or not target else value / float(target)


def _goals(portfolio: Portfolio, texts: Texts) -> Section:
    heads = [
        Column(texts.say("Goal", "目标")),
        Column(texts.say("Project", "项目")),
        Column(texts.say("Target", "目标值"), "number"),
        Column(texts.say("Reached", "实际值"), "number"),
        Column(texts.say("Unit", "单位")),
        Column(texts.say("Due", "期限"), "day"),
        Column(texts.say("Status", "状态")),
    ]
    rows: list[list[Any]] = [
        [
            texts.label(portfolio.kpis[goal.metric].definition.label, goal.metric)
            if goal.metric in portfolio.kpis
            else goal.metric or goal.id,
            project,
            goal.target,
            goal.actual,
            "%" if goal.percent else goal.unit,
            goal.due,
            texts.status(goal.status),
        ]
        for project, goal in portfolio.entries(Goal)
        if goal.status != "replaced"
    ]
    rows.sort(key=lambda row: row[5] or date.max)
    empty = texts.say("No goals are set.", "未设定目标。")
    return Section(texts.say("Goals", "目标"), table=Table(heads, rows[:_LESSONS], empty), wide=True)


def _lessons(portfolio: Portfolio, texts: Texts) -> Section:
    uses = Counter((each.project, each.lesson) for _, each in portfolio.entries(LessonUse))
    found = portfolio.entries(Lesson)
    rows: list[list[Any]] = [
        [each.text or each.id, ", ".join(each.tags), project, uses[project, each.id]] for project, each in found
    ]
    rows.sort(key=lambda row: -row[3])
    heads = [
        Column(texts.say("Lesson", "经验教训")),
        Column(texts.say("About", "主题")),
        Column(texts.say("Learned in", "来源项目")),
        Column(texts.say("Used", "应用次数"), "number"),
    ]
    note = texts.say(
        f"{len(rows)} lessons, used {sum(uses.values())} times in other projects.",
        f"共 {len(rows)} 条，在其他项目中应用 {sum(uses.values())} 次。",
    )
    empty = texts.say("No lessons are recorded.", "未记录经验教训。")
    title = texts.say("Lessons", "经验教训")
    return Section(title, note if rows else "", table=Table(heads, rows[:_LESSONS], empty), wide=True)
