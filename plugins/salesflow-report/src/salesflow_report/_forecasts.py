"""
The page of the forecast: what open projects are worth, by category, period and owner, and how likely which sum is.
"""

from __future__ import annotations

from salesflow import Money
from salesflow.insight import Distribution, Forecast, Portfolio

from ._figures import as_of_text, why_not
from ._page import Chart, Column, Page, Section, Table, Tile
from ._specs import columns, histogram
from ._texts import Texts


_BINS = 24


def forecast(portfolio: Portfolio, texts: Texts, *, period: str | None = None) -> Page:
    """
    Return the page of the forecast.

    Args:
        portfolio: whose open projects are counted.
        texts: of the page.
        period: which expected closes and wins count.
    """
    found = portfolio.forecast(period=period)
    title = texts.say("Forecast", "销售预测")
    covered = texts.say("all expected closes", "全部预计成交") if period is None else period
    subtitle = as_of_text(portfolio, texts, covered)
    if found.reason is not None or found.currency is None:
        why = why_not(texts, found.reason or "no_cases")
        return Page("forecast", title, subtitle, texts.lang, [Section(title, why, wide=True)])
    sections = [_tiles(texts, found), _categories(texts, found), _spread(texts, found), _missing(texts, found)]
    return Page("forecast", title, subtitle, texts.lang, [each for each in sections if each is not None])


def _tiles(texts: Texts, found: Forecast) -> Section:
    tiles = [
        Tile(
            texts.money(found.open),
            texts.say("Open", "未结金额"),
            texts.say(f"{texts.number(found.n)} projects", f"{texts.number(found.n)} 个项目"),
        ),
        Tile(
            texts.money(found.weighted_pipeline),
            texts.say("Weighted pipeline", "加权未结金额"),
            texts.say("open, by probability", "按赢率加权"),
        ),
        Tile(
            texts.money(found.won),
            texts.say("Won", "已赢单"),
            texts.say(f"{texts.number(found.n_won)} projects", f"{texts.number(found.n_won)} 个项目"),
        ),
        Tile(
            texts.money(found.weighted_forecast),
            texts.say("Weighted forecast", "加权预测"),
            texts.say("weighted pipeline plus won", "加权未结金额加已赢单"),
        ),
    ]
    return Section(texts.say("In figures", "关键金额"), tiles=tiles, wide=True)


def _categories(texts: Texts, found: Forecast) -> Section:
    title = texts.say("By category", "按预测类别")
    heads = [
        Column(texts.say("Category", "类别")),
        Column(texts.say("Projects", "项目数"), "number"),
        Column(texts.say("Amount", "金额"), "money"),
        Column(texts.say("Weighted", "加权"), "money"),
        Column(texts.say("Cumulative", "累计"), "money"),
    ]
    table = Table(
        heads,
        [
            [texts.label(each.label, each.name), each.n, each.amount, each.weighted, each.cumulative]
            for each in found.categories
        ],
    )
    kinds = (texts.say("amount", "金额"), texts.say("weighted", "加权"))
    rows = [
        {"category": texts.label(each.label, each.name), "kind": kind, "value": float(value.amount), "order": number}
        for each in found.categories
        for number, (kind, value) in enumerate(zip(kinds, (each.amount, each.weighted), strict=True))
        if value is not None and each.n
    ]
    said = texts.say(
        "Each category with its amount, and weighted by probability.", "各类别的金额，以及按赢率加权的金额。"
    )
    if not rows:
        return Section(title, why_not(texts, "no_cases"), table=table)
    spec = columns(rows, "category", "value", series="kind", format=texts.amounts, side=True)
    return Section(title, said, chart=Chart(spec, title, said, table))


def _spread(texts: Texts, found: Forecast) -> Section | None:
    if found.open is None or not found.open.amount:  # there are none, or no amount is known
        return None
    drawn = found.distribution()
    title = texts.say("How likely which sum is", "成交金额的分布")
    ends = [("P10", drawn.p10), ("P50", drawn.p50), ("P90", drawn.p90)]
    marks = [{"at": float(value.amount), "text": f"{name} {texts.money(value)}"} for name, value in ends]
    how = texts.say("exact", "精确计算") if drawn.method == "exact" else texts.say("simulated", "模拟")
    said = texts.say(
        f"In nine of ten cases at least {texts.money(drawn.p10)} of the open projects is won, and at most "
        f"{texts.money(drawn.p90)} ({how}; each project is taken to be won or lost by itself).",
        f"未结项目的成交金额有九成可能不低于 {texts.money(drawn.p10)}，也有九成可能不超过 {texts.money(drawn.p90)}"
        f"（{how}；假定各项目相互独立）。",
    )
    rows = _bins(drawn)
    heads = [
        Column(texts.say("From", "从"), "money"),
        Column(texts.say("Below", "到"), "money"),
        Column(texts.say("Probability", "概率"), "share"),
    ]
    currency = drawn.currency
    table = Table(
        heads,
        [[Money(round(row["start"]), currency), Money(round(row["end"]), currency), row["share"]] for row in rows],
    )
    spec = histogram(rows, marks, title=texts.say(f"won, {currency}", f"成交金额（{currency}）"), format=texts.amounts)
    return Section(title, said, chart=Chart(spec, title, said, table))


def _bins(drawn: Distribution) -> list[dict[str, float]]:
    points = [(float(money.amount), float(share)) for money, share in drawn.points]
    low, high = points[0][0], points[-1][0]
    width = (high - low) / _BINS or 1.0
    shares = [0.0] * _BINS
    for amount, share in points:
        shares[min(int((amount - low) / width), _BINS - 1)] += share
    return [
        {"start": low + place * width, "end": low + (place + 1) * width, "share": share}
        for place, share in enumerate(shares)
    ]


def _missing(texts: Texts, found: Forecast) -> Section | None:
    rows = [
        [texts.say(*_WHY.get(name, (name, name))), len(ids), ", ".join(ids[:12])]
        for name, ids in found.missing.items()
        if ids
    ]
    if not rows:
        return None
    heads = [
        Column(texts.say("What is missing", "缺少")),
        Column(texts.say("Projects", "项目数"), "number"),
        Column(texts.say("Which", "项目")),
    ]
    note = texts.say(
        "These projects are not in the sums above, or only in part.", "这些项目未计入或只部分计入上述金额。"
    )
    return Section(texts.say("Not counted", "未计入"), note, table=Table(heads, rows), wide=True)


_WHY = {
    "no_amount": ("no amount", "没有金额"),
    "no_probability": ("no probability", "没有赢率"),
    "no_close_date": ("no expected close", "没有预计成交日"),
    "close_date_past": ("an expected close in the past", "预计成交日已过"),
}
