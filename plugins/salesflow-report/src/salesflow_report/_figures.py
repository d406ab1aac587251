"""
Sections that several pages show: figures as tiles, figures by group, deals in a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from salesflow import Money
from salesflow.insight import Kpi, Portfolio, period_of

from ._page import Chart, Column, Section, Table, Tile
from ._specs import bars, columns, lines
from ._texts import NOTHING, Texts


TREND: Final = 8
"""How many periods a small line shows."""

REASONS: Final = {
    "no_cases": ("nothing to count yet", "暂无可统计的数据"),
    "field_not_declared": ("the field is not declared", "未声明所需字段"),
    "no_won_class": ("no outcome counts as won", "没有计为赢单的结果"),
    "refusals_not_recorded": ("refusals are not recorded", "未记录被拒绝的操作"),
    "no_period": ("it needs a period", "需要指定期间"),
    "nothing_due": ("nothing is due", "没有到期款项"),
    "no_revenue": ("there is no revenue", "没有收入"),
    "no_sales": ("nothing was won", "没有赢单金额"),
    "no_target": ("there is no target", "没有目标值"),
    "none_opened": ("none was opened", "期内没有新提出的"),
    "market_size_unknown": ("the size of the market is not known", "市场规模未知"),
}


def why_not(texts: Texts, reason: str | None) -> str:
    """
    Return why there is no figure, for people.
    """
    if reason is None:
        return ""
    return texts.say(*REASONS.get(reason, (reason.replace("_", " "), reason)))


def last_periods(portfolio: Portfolio, unit: str, count: int = TREND) -> Sequence[str]:
    """
    Return the names of the periods that end with the one of now, the oldest first.
    """
    zone, when = portfolio.columns.zone, portfolio.as_of
    found: list[str] = []
    for _ in range(count):
        period = period_of(when, unit, zone)  # type: ignore[arg-type]
        found.append(period.name)
        when = period.start - timedelta(seconds=1)
    return found[::-1]


def tile(portfolio: Portfolio, texts: Texts, name: str, *, period: str | None = None, unit: str = "month") -> Tile:
    """
    Return a figure as a tile, with its course over the last periods.
    """
    kpi = portfolio.kpi(name, period=period)
    course: list[float | None] = []
    for each in last_periods(portfolio, unit):
        value = portfolio.kpi(name, period=each).value
        course.append(float(value.amount if isinstance(value, Money) else value) if value is not None else None)
    return Tile(texts.value(kpi.value, kpi.unit), texts.label(kpi.label, name), receipt(texts, kpi), course)


def receipt(texts: Texts, kpi: Kpi) -> str:
    """
    Return in a few words how a figure was computed, or why there is none.
    """
    if kpi.value is None:
        return why_not(texts, kpi.reason)
    if kpi.unit == "ratio" and kpi.denominator is not None:
        above, below = texts.value(kpi.numerator), texts.value(kpi.denominator)
        return texts.say(f"{above} of {below}", f"{below} 中的 {above}")
    return texts.say(f"from {kpi.n}", f"共 {kpi.n} 项")


def by_group(portfolio: Portfolio, texts: Texts, name: str, by: str, title: str, **options: Any) -> Section:
    """
    Return a figure for each group as bars.
    """
    kpi = portfolio.kpi(name, by=by, **options)
    unset = texts.say("not set", "未填写")
    rows: list[dict[str, Any]] = [
        {
            "group": str(key) if key is not None else unset,
            "value": float(each.value.amount if isinstance(each.value, Money) else each.value),
            "text": texts.value(each.value, kpi.unit),
        }
        for key, each in kpi.groups.items()
        if each.value is not None
    ]
    rows.sort(key=lambda row: -row["value"])
    heads = [Column(title), Column(texts.label(kpi.label, name)), Column(texts.say("Cases", "数量"), "number")]
    lines_ = [
        [str(key) if key is not None else unset, texts.value(each.value, kpi.unit), each.n]
        for key, each in kpi.groups.items()
    ]
    table = Table(heads, lines_)
    label = texts.label(kpi.label, name)
    head = texts.say(f"{label} by {title.lower()}", f"{label}（按{title}）")
    if not rows:
        return Section(head, why_not(texts, kpi.reason or "no_cases"), table=table)
    top = rows[0]
    said = texts.say(f"{top['group']} has the most with {top['text']}.", f"最高的是 {top['group']}，{top['text']}。")
    form = ".0%" if kpi.unit == "ratio" else texts.amounts
    return Section(
        head, said, chart=Chart(bars(rows[:15], "group", "value", text="text", format=form), head, said, table)
    )


def by_period(portfolio: Portfolio, texts: Texts, name: str, unit: str, title: str, **options: Any) -> Section:
    """
    Return the course of a figure over periods as columns.
    """
    figures = [(each, portfolio.kpi(name, period=each, **options)) for each in last_periods(portfolio, unit, 12)]
    rows = [
        {"period": each, "value": float(kpi.value.amount if isinstance(kpi.value, Money) else kpi.value)}
        for each, kpi in figures
        if kpi.value is not None
    ]
    first = figures[0][1]
    label = texts.label(first.label, name)
    heads = [Column(title), Column(label), Column(texts.say("Cases", "数量"), "number")]
    table = Table(heads, [[each, texts.value(kpi.value, kpi.unit), kpi.n] for each, kpi in figures])
    head = texts.say(f"{label} by {title.lower()}", f"{label}（按{title}）")
    if not rows:
        return Section(head, why_not(texts, first.reason or "no_cases"), table=table)
    latest = figures[-1]
    said = texts.say(
        f"{latest[0]}: {texts.value(latest[1].value, latest[1].unit)}.",
        f"{latest[0]}：{texts.value(latest[1].value, latest[1].unit)}。",
    )
    form = ".0%" if first.unit == "ratio" else texts.amounts
    spec = (
        lines(rows, "period", "value", format=form)
        if first.unit == "ratio"
        else columns(rows, "period", "value", format=form)
    )
    return Section(head, said, chart=Chart(spec, head, said, table))


def as_of_text(portfolio: Portfolio, texts: Texts, *parts: str) -> str:
    """
    Return what stands under the title of a page: its day, and what it covers.
    """
    count = len(portfolio)
    covered = texts.say(f"{texts.number(count)} projects", f"{texts.number(count)} 个项目")
    when: datetime = portfolio.as_of
    return " · ".join((texts.day(when), covered, *[part for part in parts if part and part != NOTHING]))
