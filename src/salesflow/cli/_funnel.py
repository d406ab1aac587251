"""
``salesflow funnel``: how many projects of a store reached each stage, and which share of them went on.
"""

from __future__ import annotations

from typing import Any, Final

import click
from rich.console import Console

from .._model.messages import format_value
from .._model.values import Label, Lang
from ..insight import Funnel, Portfolio
from ._figures import UNSET, by_option, no_figure, of_portfolio, plain_values, quantity
from ._output import fill, lang_option, named, print_json, print_line, screen, table


_HEADS: Final = (
    Label("Stage", "阶段"),
    Label("Reached", "到达"),
    Label("", ""),
    Label("Amount", "金额"),
    Label("Conversion", "转化率"),
    Label("95 % interval", "95 % 区间"),
    Label("Still open", "仍未结束"),
)
_COUNT: Final = Label("{n:,} projects, as of {at}", "共 {n:,} 个项目，截至 {at}")
_WIDE: Final = 20


@click.command("funnel", short_help="Show how many projects reached each stage.")
@of_portfolio
@by_option
@lang_option
def funnel(portfolio: Portfolio, *, period: str | None, by: str | None, as_json: bool, lang: Lang) -> None:
    """
    Show how many projects of a store reached each stage, their amounts, and which share of them went on.
    """
    console = screen()
    found = portfolio.funnel(period=period, by=by)
    if as_json:
        print_json(_plain(found))
        return
    at = format_value(portfolio.as_of, lang)
    print_line(console, _COUNT.text(lang).format(n=found.n, at=at))
    for key, each in found.groups.items():
        print_line(console, (UNSET.text(lang) if key is None else format_value(key, lang), "bold"))
        _print(console, each, lang)
    if by is None:
        _print(console, found, lang)


def _print(console: Console, found: Funnel, lang: Lang) -> None:
    if found.reason is not None:
        print_line(console, no_figure(found.reason, lang))
        return
    most = max(step.reached for step in found.steps) or 1
    shown = table(_HEADS, lang, right=(1, 3, 4, 5, 6))
    for step in found.steps:
        ends = "" if step.interval is None else " – ".join(quantity(each, "ratio", lang) for each in step.interval)
        fill(
            shown,
            named(step.label, step.stage, lang),
            f"{step.reached:,}",
            "█" * round(_WIDE * step.reached / most),
            quantity(step.amount, "", lang),
            "" if step.before is None else quantity(step.conversion, "ratio", lang),
            ends,
            f"{step.open:,}",
        )
    console.print(shown)


def _plain(found: Funnel) -> dict[str, Any]:
    return {
        **plain_values(found, "n", "period", "reason"),
        "steps": [
            {
                **plain_values(step, "stage", "reached", "amount", "before", "advanced", "conversion", "closed_only"),
                "interval": None if step.interval is None else list(step.interval),
                "open": step.open,
            }
            for step in found.steps
        ],
        "groups": {str(key): _plain(each) for key, each in found.groups.items()},
    }
