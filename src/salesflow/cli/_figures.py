"""
Parts that the screens of figures share: which projects are asked for, and how numbers and amounts are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any, Final

import click

from .._model.messages import format_value
from .._model.values import Label, Lang, Money
from ..errors import InputError, say
from ..insight import Portfolio
from ..insight._reasons import reason_label
from ._output import json_option
from ._stored import lifecycle_option, open_pipeline, store_option


UNSET: Final = Label("not set", "未填写")
_NO_FIGURE: Final = Label("no figure: {reason}", "没有数值：{reason}")
_SPARKS: Final = "▁▂▃▄▅▆▇█"
_WHICH: Final = (
    click.option(
        "--period", metavar="PERIOD", help="2026, 2026-Q1, 2026-03, 2026-W05 or FY2026.  [default: all the time]"
    ),
    click.option("--as-of", "as_of", type=click.DateTime(), help="Only what had happened until then, in UTC."),
    click.option("--where", metavar="FIELD=VALUE", multiple=True, help="Only these projects.  [may be repeated]"),
    click.option("--under", metavar="ID", help="Only what belongs to this project, such as a period."),
    json_option,
)
by_option: Final = click.option(
    "--by", metavar="FIELD", help="Group by a field, or by owner, stage, month and the like."
)


def which_options(command: Callable[..., None]) -> Callable[..., None]:
    """
    Give a command the options that say which projects are counted, and ``--json``.
    """
    for option in reversed(_WHICH):
        command = option(command)
    return command


def of_portfolio(command: Callable[..., None]) -> Callable[..., None]:
    """
    Give a command the options that say which projects of which store are counted, and their portfolio in their place.
    """

    @wraps(command)
    def called(
        url: str, source: str | None, as_of: datetime | None, where: Sequence[str], under: str | None, **others: Any
    ) -> None:
        command(stored_portfolio(url, source, as_of, where, under), **others)

    return store_option(lifecycle_option(which_options(called)))


def no_figure(reason: str | None, lang: Lang) -> str:
    """
    Say why there is no figure.
    """
    return _NO_FIGURE.text(lang).format(reason=reason_label(reason).text(lang))


def stored_portfolio(
    url: str, source: str | None, as_of: datetime | None, where: Sequence[str], under: str | None = None
) -> Portfolio:
    """
    Return the portfolio of a store, folded, so that the store is closed again.
    """
    until = None if as_of is None else as_of.replace(tzinfo=UTC)
    with open_pipeline(url, source) as pipeline:
        return Portfolio.of(pipeline, as_of=until, under=under, where=_where(where))


def _where(given: Sequence[str]) -> Mapping[str, Any] | None:
    pairs = dict(each.split("=", 1) for each in given if "=" in each)
    for each in given:
        if "=" not in each:
            raise InputError("--where", each, say("input.field_and_value"))
    return pairs or None


def quantity(value: Any, unit: str, lang: Lang) -> str:
    """
    Return a number, share or amount as people read it: large amounts in thousands and millions, or 万 and 亿.
    """
    if value is None:
        return "–"
    if isinstance(value, Money):
        return f"{_short(value.amount, lang)} {value.currency}"
    if unit == "ratio":
        return f"{100 * value:.1f} %"
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return f"{value:,.1f}".removesuffix(".0") + (f" {_UNITS[unit].text(lang)}" if unit in _UNITS else "")
    return format_value(value, lang)


_UNITS: Final = {
    "days": Label("days", "天"),
    "working_days": Label("working days", "个工作日"),
    "hours": Label("hours", "小时"),
    "points": Label("points", "分"),
    "money_per_day": Label("a day", "每天"),
}
_SCALES: Final[Mapping[str, Sequence[tuple[int, str]]]] = {
    "en": ((1_000_000_000, "bn"), (1_000_000, "m"), (1_000, "k")),
    "zh": ((100_000_000, "亿"), (10_000, "万")),
}


def _short(amount: Decimal, lang: Lang) -> str:
    for size, sign in _SCALES[lang]:
        if abs(amount) >= size:
            return f"{amount / size:,.1f}{sign}"
    return f"{amount:,.2f}".removesuffix(".00")


def sparks(values: Sequence[float | None]) -> str:
    """
    Return numbers as small bars between the least and the most of them.
    """
    known = [each for each in values if each is not None]
    if len(known) < 2:
        return ""
    least, span = min(known), (max(known) - min(known)) or 1.0
    return "".join(" " if each is None else _SPARKS[round((each - least) / span * 7)] for each in values)


def plain_values(found: object, *names: str) -> dict[str, Any]:
    """
    Return some attributes of a figure as JSON has them.
    """
    return {name: plain_value(getattr(found, name)) for name in names}


def plain_value(value: Any) -> Any:
    """
    Return a value of a figure as JSON has it: days and times as ISO texts, amounts as texts with their currency.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
