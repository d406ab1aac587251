"""
Sections that several pages show: figures as tiles, figures by group, deals in a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from salesflow import Money
from salesflow.errors import InputError
from salesflow.insight import REASONS, Kpi, Portfolio, period_of

from ._page import Chart, Column, Section, Table, Tile
from ._specs import bars, columns, share_line
from ._texts import NOTHING, Texts


Unit: TypeAlias = Literal["year", "quarter", "month", "week", "day"]
"""How long periods are."""

TREND: Final = 8
"""How many periods a small line shows."""

MOST: Final = 15
"""How many groups a picture shows; its table has all of them."""

ROLES: Final = frozenset({"owner", "customer", "product", "market", "source"})
"""The roles of fields that figures are grouped by."""


def why_not(texts: Texts, reason: str | None) -> str:
    """
    Return why there is no figure, for people.
    """
    if reason is None:
        return ""
    label = REASONS.get(reason)
    return texts.say(reason.replace("_", " "), reason) if label is None else texts.say(label.en, label.text("zh"))


def last_periods(portfolio: Portfolio, unit: Unit, count: int = TREND) -> Sequence[str]:
    """
    Return the names of the periods that end with the one of now, the oldest first.
    """
    zone, when = portfolio.columns.zone, portfolio.as_of
    found: list[str] = []
    for _ in range(count):
        period = period_of(when, unit, zone)
        found.append(period.name)
        when = period.start - timedelta(seconds=1)
    return found[::-1]


def course(
    portfolio: Portfolio, name: str, unit: Unit, count: int = TREND, **options: Any
) -> Sequence[tuple[str, float | None, Kpi | None]]:
    """
    Return a figure of each of the last periods, the oldest first: the name of the period, its number, and the figure.

    The cases are found once and grouped; a figure whose cases have no time is computed period by period. A period
    without cases has no figure, and the number zero if the figure is a sum.
    """
    names = last_periods(portfolio, unit, count)
    try:
        groups = portfolio.kpi(name, by=unit, **options).groups
    except InputError:
        groups = {each: portfolio.kpi(name, period=each, **options) for each in names}
    nothing = 0.0 if portfolio.kpis[name].definition.additive else None
    return [(each, plain(groups[each].value) if each in groups else nothing, groups.get(each)) for each in names]


def plain(value: Any) -> float | None:
    """
    Return the number of a figure, for a picture.
    """
    return None if value is None else float(value.amount if isinstance(value, Money) else value)


def tile(portfolio: Portfolio, texts: Texts, name: str, *, period: str | None = None) -> Tile:
    """
    Return a figure as a tile, with its course over the last months.
    """
    kpi = portfolio.kpi(name, period=period)
    trend = [number for _, number, _ in course(portfolio, name, "month")]
    return Tile(texts.value(kpi.value, kpi.unit), texts.label(kpi.label, name), receipt(texts, kpi), trend)


def receipt(texts: Texts, kpi: Kpi) -> str:
    """
    Return in a few words how a figure was computed, or why there is none.
    """
    if kpi.value is None:
        return why_not(texts, kpi.reason)
    if kpi.unit == "ratio" and kpi.denominator is not None:
        above, below = texts.value(kpi.numerator), texts.value(kpi.denominator)
        return texts.say(f"{above} of {below}", f"{below} 中的 {above}")
    return texts.say(f"from {texts.number(kpi.n)}", f"共 {texts.number(kpi.n)} 项")


def by_group(portfolio: Portfolio, texts: Texts, name: str, by: str, title: str, **options: Any) -> Section:
    """
    Return a figure for each group as bars; where no field has the groups, it says so.
    """
    if by in ROLES and portfolio.columns.field_of(by) is None:
        label = texts.label(portfolio.kpis[name].definition.label, name)
        head = texts.say(f"{label} by {title.lower()}", f"{label}（按{title}）")
        return Section(head, why_not(texts, "field_not_declared"))
    kpi = portfolio.kpi(name, by=by, **options)
    unset = texts.say("not set", "未填写")
    rows: list[dict[str, Any]] = [
        {
            "group": str(key) if key is not None else unset,
            "value": plain(each.value),
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
        return Section(head, why_not(texts, kpi.reason or "no_cases"), table=table if lines_ else None)
    top = rows[0]
    said = texts.say(f"{top['group']} has the most with {top['text']}.", f"最高的是 {top['group']}，{top['text']}。")
    share = kpi.unit == "ratio"
    spec = bars(rows[:MOST], "group", "value", text="text", format=".0%" if share else texts.amounts, share=share)
    return Section(head, said, chart=Chart(spec, head, said, table))


def by_period(portfolio: Portfolio, texts: Texts, name: str, unit: Unit, title: str, **options: Any) -> Section:
    """
    Return the course of a figure over the last twelve periods: a line of a share, else columns.
    """
    figures = course(portfolio, name, unit, 12, **options)
    definition = portfolio.kpis[name].definition
    label = texts.label(definition.label, name)
    measured = definition.variant(options.get("variant", "")).unit
    heads = [Column(title), Column(label), Column(texts.say("Cases", "数量"), "number")]
    head = texts.say(f"{label} by {title.lower()}", f"{label}（按{title}）")
    first = next((place for place, (_, _, kpi) in enumerate(figures) if kpi is not None), len(figures))
    figures = figures[first:]
    written = {each: texts.value(number if kpi is None else kpi.value, measured) for each, number, kpi in figures}
    table = Table(heads, [[each, written[each], 0 if kpi is None else kpi.n] for each, _, kpi in figures])
    known = [each for each, number, _ in figures if number is not None]
    if not known:
        return Section(head, why_not(texts, "no_cases"), table=table if figures else None)
    latest = f"{known[-1]}{texts.say(': ', '：')}{written[known[-1]]}"
    said = texts.say(f"{latest}.", f"{latest}。")
    rows = [{"period": each, "value": number} for each, number, _ in figures]
    if measured == "ratio":
        spec = share_line(rows, "period", "value")
    else:
        spec = columns(rows, "period", "value", format=texts.amounts)
    return Section(head, said, chart=Chart(spec, head, said, table))


def as_of_text(portfolio: Portfolio, texts: Texts, *parts: str) -> str:
    """
    Return the subtitle of a page: its day, and what it covers.
    """
    count = len(portfolio)
    covered = texts.say(f"{texts.number(count)} projects", f"{texts.number(count)} 个项目")
    when: datetime = portfolio.as_of
    return " · ".join((texts.day(when), covered, *[part for part in parts if part and part != NOTHING]))
