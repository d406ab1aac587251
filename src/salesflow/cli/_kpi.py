"""
``salesflow kpi``: a figure of a store, how it was computed, and the projects behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import click
from rich.console import Console

from .._model.messages import format_value
from .._model.values import Label, Lang, Money
from ..errors import say
from ..insight import Evidence, Kpi, KpiFormula, Portfolio, formulas, period_of
from ..insight._reasons import reason_label
from ._figures import (
    UNSET,
    by_option,
    no_figure,
    plain_value,
    plain_values,
    quantity,
    sparks,
    stored_portfolio,
    which_options,
)
from ._output import fill, lang_option, print_json, print_line, screen, table
from ._stored import lifecycle_option


_MONTHS: Final = 12
_EVIDENCE: Final = 100
_KNOWN: Final = (Label("Name", "名称"), Label("Code", "代码"), Label("Unit", "单位"), Label("What it is", "含义"))
_GROUPS: Final = (Label("Group", "分组"), Label("Value", "值"), Label("Of", "计算依据"), Label("Cases", "数量"))
_OF: Final = Label("{above} of {below}", "{below} 中的 {above}")
_CASES: Final = Label("{n:,} cases, as of {at}", "共 {n:,} 项，截至 {at}")
_SKIPPED: Final = Label("{n:,} left out, because a value is missing", "{n:,} 项缺少数据，未计入")
_OPEN: Final = Label("{n:,} still open: the figure may change", "{n:,} 项仍未结束，数值可能变化")
_BEHIND: Final = Label("behind it: {ids}", "依据：{ids}")
_COURSE: Final = Label("last 12 months", "最近 12 个月")


@click.command("kpi", short_help="Compute a figure, with what is behind it.")
@click.argument("name", required=False)
@click.option("--store", "url", metavar="URL", help="For example sqlite:FILE or journal:FOLDER.")
@lifecycle_option
@by_option
@click.option("--variant", default="", metavar="NAME", help="A named way to compute it.")
@which_options
@lang_option
def kpi_(
    name: str | None,
    url: str | None,
    source: str | None,
    period: str | None,
    by: str | None,
    variant: str,
    as_of: datetime | None,
    where: Sequence[str],
    under: str | None,
    as_json: bool,
    lang: Lang,
) -> None:
    """
    Compute the figure NAME of the projects in a store; without a name, list the figures that there are.
    """
    console = screen()
    if name is None or url is None:
        if name is not None:
            raise click.UsageError(say("cli.missing", name="'--store'").text(lang))
        _list(console, formulas(), lang)
        return
    portfolio = stored_portfolio(url, source, as_of, where, under)
    found = portfolio.kpi(name, period=period, by=by, variant=variant)
    if as_json:
        print_json(plain_kpi(found))
    else:
        _print(console, portfolio, found, lang)


def _list(console: Console, known: Mapping[str, KpiFormula], lang: Lang) -> None:
    shown = table(_KNOWN, lang)
    for name, each in known.items():
        meant = each.definition
        fill(shown, name, meant.code, meant.unit, meant.meaning.text(lang))
    console.print(shown)


def _print(console: Console, portfolio: Portfolio, found: Kpi, lang: Lang) -> None:
    label = found.label.text(lang) or found.name
    print_line(console, (label, "bold"), f"  {figure(found, lang)}")
    print_line(console, found.definition.meaning.text(lang))
    at = format_value(portfolio.as_of, lang)
    print_line(console, _CASES.text(lang).format(n=found.n, at=at), *_notes(found, lang))
    course = _course(portfolio, found)
    if course:
        print_line(console, f"{_COURSE.text(lang)}  {course}")
    for name, value in found.parts.items():
        print_line(console, f"  {name}  {quantity(value, '', lang)}")
    if found.groups:
        _print_groups(console, found, lang)
    elif found.rows:
        _print_rows(console, found, lang)
    if len(found.evidence):
        more = f" … ({len(found.evidence):,})" if len(found.evidence) > 10 else ""
        print_line(console, _BEHIND.text(lang).format(ids=", ".join(found.evidence[:10]) + more))


def _notes(found: Kpi, lang: Lang) -> list[str]:
    notes = [(_SKIPPED, found.skipped), (_OPEN, found.open)]
    return [f" · {text.text(lang).format(n=count)}" for text, count in notes if count]


def figure(found: Kpi, lang: Lang) -> str:
    """
    Return the value of a figure for people, with what was divided, or why there is none.
    """
    if found.value is None:
        return "–" if found.rows else no_figure(found.reason, lang)
    shown = quantity(found.value, found.unit, lang)
    if found.denominator is None or found.unit != "ratio":
        return shown
    above, below = quantity(found.numerator, "", lang), quantity(found.denominator, "", lang)
    return f"{shown}  ({_OF.text(lang).format(above=above, below=below)})"


def _number(value: Any) -> float | None:
    amount = value.amount if isinstance(value, Money) else value
    return float(amount) if isinstance(amount, (int, float, Decimal)) else None


def _course(portfolio: Portfolio, found: Kpi) -> str:
    """
    Return the figure of the last months as a line of small bars; a month without one is a blank.
    """
    if found.period is not None or found.value is None:
        return ""
    zone, when, values = portfolio.columns.zone, portfolio.as_of, list[float | None]()
    for _ in range(_MONTHS):
        month = period_of(when, "month", zone)
        values.append(_number(portfolio.kpi(found.name, period=month, variant=found.variant).value))
        when = month.start - timedelta(seconds=1)
    return sparks(values[::-1])


def _print_groups(console: Console, found: Kpi, lang: Lang) -> None:
    shown = table(_GROUPS, lang, right=(1, 2, 3))
    for key, each in found.groups.items():
        name = UNSET.text(lang) if key is None else format_value(key, lang)
        of = "" if each.denominator is None else quantity(each.denominator, "", lang)
        why = f"– ({reason_label(each.reason).text(lang)})"
        value = why if each.value is None else quantity(each.value, each.unit, lang)
        fill(shown, name, value, of, f"{each.n:,}")
    console.print(shown)


def _print_rows(console: Console, found: Kpi, lang: Lang) -> None:
    # What is behind each row is for programs: --json has it.
    heads = [head for head in found.rows[0] if not any(isinstance(row[head], (Evidence, tuple)) for row in found.rows)]
    shown = table(map(Label, heads), lang, right=range(1, len(heads)))
    for row in found.rows:
        fill(shown, *(quantity(row[head], "", lang) for head in heads))
    console.print(shown)


def plain_kpi(found: Kpi) -> dict[str, Any]:
    """
    Return a figure as plain JSON data; of the evidence the first hundred.
    """
    return {
        **plain_values(found, "name", "variant", "value", "unit", "numerator", "denominator", "n", "period", "as_of"),
        **plain_values(found, "version", "reason", "skipped", "open"),
        "parts": {name: plain_value(value) for name, value in found.parts.items()},
        "rows": [{name: plain_value(value) for name, value in row.items()} for row in found.rows],
        "evidence": list(found.evidence[:_EVIDENCE]),
        "evidence_count": len(found.evidence),
        "groups": {str(key): plain_kpi(each) for key, each in found.groups.items()},
    }
