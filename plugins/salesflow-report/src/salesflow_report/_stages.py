"""
Pages and sections about stages: the funnel, and how long visits last.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from salesflow.insight import Funnel, Portfolio

from ._figures import as_of_text, by_group, why_not
from ._page import Chart, Column, Page, Section, Table
from ._specs import funnel as funnel_spec, ranges
from ._texts import Texts


_DAY = 86_400_000_000


def funnel(portfolio: Portfolio, texts: Texts, *, period: str | None = None) -> Page:
    """
    Return the page of the funnel: conversions, time in stage, and conversion by source and owner.
    """
    covered = texts.say("all time", "全部时间") if period is None else period
    sections = [funnel_section(portfolio, texts, period), time_section(portfolio, texts)]
    for by, title in (("source", texts.say("Source", "来源")), ("owner", texts.say("Owner", "负责人"))):
        sections.append(by_group(portfolio, texts, "close_rate", by, title, period=period))
    return Page(
        "funnel", texts.say("Sales funnel", "销售漏斗"), as_of_text(portfolio, texts, covered), texts.lang, sections
    )


def funnel_section(portfolio: Portfolio, texts: Texts, period: str | None = None) -> Section:
    """
    Return the funnel.
    """
    found = portfolio.funnel(period=period)
    title = texts.say("Sales funnel", "销售漏斗")
    if found.reason is not None or not found.steps:
        return Section(title, why_not(texts, found.reason or "no_cases"))
    rows = [
        {
            "stage": texts.label(step.label, step.stage),
            "count": step.reached,
            "amount": "" if step.amount is None else texts.money(step.amount),
            "rate": "" if step.conversion is None else texts.share(step.conversion),
        }
        for step in found.steps
    ]
    said = _narrowest(texts, found)
    spec = funnel_spec(rows)
    return Section(title, said, chart=Chart(spec, title, said, _funnel_table(texts, found)))


def _narrowest(texts: Texts, found: Funnel) -> str:
    known = [step for step in found.steps if step.conversion is not None]
    if not known:
        return texts.say("Projects and amounts that reached each stage.", "到达各阶段的项目数与金额。")
    least = min(known, key=lambda step: step.conversion or 0)
    name, rate = texts.label(least.label, least.stage), texts.share(least.conversion)
    return texts.say(
        f"The narrowest step leads to {name}: {rate} reach it.", f"最窄的一步是进入“{name}”：转化率 {rate}。"
    )


def _funnel_table(texts: Texts, found: Funnel) -> Table:
    heads = [
        Column(texts.say("Stage", "阶段")),
        Column(texts.say("Reached", "到达项目数"), "number"),
        Column(texts.say("Amount", "金额"), "money"),
        Column(texts.say("Conversion", "转化率"), "share"),
        Column(texts.say("Closed only", "仅已结项目"), "share"),
        Column(texts.say("95 % interval", "95 % 区间")),
        Column(texts.say("Still open", "仍未结束"), "number"),
    ]
    rows = [
        [
            texts.label(step.label, step.stage),
            step.reached,
            step.amount,
            step.conversion,
            step.closed_only,
            "" if step.interval is None else f"{texts.share(step.interval[0])} – {texts.share(step.interval[1])}",
            step.open,
        ]
        for step in found.steps
    ]
    return Table(heads, rows)


def time_section(portfolio: Portfolio, texts: Texts) -> Section:
    """
    Return how long visits to each stage last, with those that go on.
    """
    title = texts.say("Time in stage", "阶段停留时间")
    stages = portfolio.time_in_stage().stages
    rows: list[dict[str, Any]] = []
    for each in stages:
        known = {name: each.survival.quantile(Fraction(share)) for name, share in _SHARES.items()}
        if each.n and known["p50"] is not None:
            days = {name: None if value is None else value / _DAY for name, value in known.items()}
            rows.append({"stage": texts.label(each.label, each.stage), **days})
    heads = [
        Column(texts.say("Stage", "阶段")),
        Column(texts.say("Visits", "停留次数"), "number"),
        Column(texts.say("Going on", "尚未结束"), "number"),
        Column(texts.say("Median days", "中位天数"), "days"),
        Column(texts.say("Without holds", "不含暂停"), "days"),
        Column(texts.say("90 % within", "90 % 在此天数内"), "days"),
    ]
    table = Table(
        heads,
        [
            [texts.label(each.label, each.stage), each.n, each.open, each.median, each.active_median, each.p90]
            for each in stages
        ],
    )
    if not rows:
        return Section(title, why_not(texts, "no_cases"), table=table)
    slowest = max(rows, key=lambda row: row["p50"])
    said = texts.say(
        f"Visits last longest in {slowest['stage']}: half of them longer than {texts.number(slowest['p50'], 1)} days.",
        f"在“{slowest['stage']}”停留最久：一半以上超过 {texts.number(slowest['p50'], 1)} 天。",
    )
    if any(row["p90"] is None for row in rows):
        said += texts.say(
            " Where a line has no end, so many visits go on that it is not known yet.",
            "没有右端线的阶段，尚有较多停留未结束，暂无法得知。",
        )
    spec = ranges(rows, "stage", title=texts.say("days", "天"))
    return Section(title, said, chart=Chart(spec, title, said, table))


_SHARES = {"p25": "0.25", "p50": "0.5", "p75": "0.75", "p90": "0.9"}
