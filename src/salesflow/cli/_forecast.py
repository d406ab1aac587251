"""
``salesflow forecast``: what the open projects of a store are worth, by category, and how likely which sum is.
"""

from __future__ import annotations

from typing import Any, Final

import click
from rich.console import Console

from .._model.messages import format_value
from .._model.values import Label, Lang
from ..insight import Distribution, Forecast, Portfolio
from ._figures import UNSET, by_option, no_figure, of_portfolio, plain_values, quantity, sparks
from ._output import fill, lang_option, named, print_json, print_line, screen, table


_CATEGORIES: Final = (
    Label("Category", "类别"),
    Label("Projects", "项目数"),
    Label("Amount", "金额"),
    Label("Weighted", "加权"),
    Label("Cumulative", "累计"),
)
_OF_CATEGORY: Final = ("amount", "weighted", "cumulative")
_GROUPS: Final = (
    Label("Group", "分组"),
    Label("Open", "未结数"),
    Label("Amount", "金额"),
    Label("Weighted", "加权"),
    Label("Won", "已赢单"),
)
_SUMS: Final = (
    (Label("Open", "未结金额"), "open"),
    (Label("Weighted pipeline", "加权未结金额"), "weighted_pipeline"),
    (Label("Won", "已赢单"), "won"),
    (Label("Weighted forecast", "加权预测"), "weighted_forecast"),
)
_LIKELY: Final = Label("P10 {p10}  {line}  P90 {p90}, median {p50}", "P10 {p10}  {line}  P90 {p90}，中位数 {p50}")
_COUNT: Final = Label("{n:,} open and {won:,} won projects, as of {at}", "{n:,} 个未结、{won:,} 个赢单项目，截至 {at}")
_MISSING: Final = {
    "no_amount": Label("without an amount", "没有金额"),
    "no_probability": Label("without a probability", "没有赢率"),
    "no_close_date": Label("without an expected close", "没有预计成交日"),
    "close_date_past": Label("with an expected close that has passed", "预计成交日已过"),
}
_BINS: Final = 24


@click.command("forecast", short_help="Show what the open projects are worth.")
@of_portfolio
@by_option
@lang_option
def forecast(portfolio: Portfolio, *, period: str | None, by: str | None, as_json: bool, lang: Lang) -> None:
    """
    Show what the open projects of a store are worth by probability and category, and how likely each total is.
    """
    console = screen()
    found = portfolio.forecast(period=period, by=by)
    if as_json:
        print_json(_plain(found))
        return
    at = format_value(found.as_of, lang)
    print_line(console, _COUNT.text(lang).format(n=found.n, won=found.n_won, at=at))
    if found.reason is not None:
        print_line(console, no_figure(found.reason, lang))
        return
    for label, name in _SUMS:
        print_line(console, f"{label.text(lang)}  ", (quantity(getattr(found, name), "", lang), "bold"))
    if found.open is not None and found.open.amount:  # where no amount is known there is nothing to draw
        print_line(console, _likely(found.distribution(), lang))
    (_print if by is None else _print_groups)(console, found, lang)
    for name, ids in found.missing.items():
        if ids:
            more = f" … ({len(ids):,})" if len(ids) > 10 else ""
            print_line(console, f"{_MISSING[name].text(lang)}: {', '.join(ids[:10])}{more}")


def _likely(drawn: Distribution, lang: Lang) -> str:
    """
    Return the distribution as a line of small bars between its ends.
    """
    points = [(float(money.amount), float(share)) for money, share in drawn.points]
    low, high = points[0][0], points[-1][0]
    shares = [0.0] * _BINS
    for amount, share in points:
        shares[min(int((amount - low) / ((high - low) or 1) * _BINS), _BINS - 1)] += share
    ends = {name: quantity(getattr(drawn, name), "", lang) for name in ("p10", "p50", "p90")}
    return _LIKELY.text(lang).format(line=sparks(shares), **ends)


def _print(console: Console, found: Forecast, lang: Lang) -> None:
    shown = table(_CATEGORIES, lang, right=(1, 2, 3, 4))
    for each in found.categories:
        amounts = (quantity(getattr(each, name), "", lang) for name in _OF_CATEGORY)
        fill(shown, named(each.label, each.name, lang), f"{each.n:,}", *amounts)
    console.print(shown)


def _print_groups(console: Console, found: Forecast, lang: Lang) -> None:
    shown = table(_GROUPS, lang, right=(1, 2, 3, 4))
    for key, each in found.groups.items():
        name = UNSET.text(lang) if key is None else format_value(key, lang)
        amounts = (quantity(value, "", lang) for value in (each.open, each.weighted_pipeline, each.won))
        fill(shown, name, f"{each.n:,}", *amounts)
    console.print(shown)


def _plain(found: Forecast) -> dict[str, Any]:
    return {
        **plain_values(found, "period", "as_of", "currency", *(name for _, name in _SUMS), "n", "n_won", "reason"),
        "categories": [
            plain_values(each, "name", "n", "amount", "weighted", "cumulative") for each in found.categories
        ],
        "missing": {name: list(ids) for name, ids in found.missing.items()},
        "groups": {str(key): _plain(each) for key, each in found.groups.items()},
    }
