"""
The KPI of the share of a market.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, cast

import attrs

from ..._model.values import Money
from ..._model.zones import local_date
from ...dossier import MarketSize
from .._cases import NO_CASES, Ask, Cases, Summary, in_currency, quotient
from .._columns.amounts import NOT_DECLARED
from .._columns.dossiers import entries_of
from .._columns.rates import same_currency
from .._columns.tables import moment
from .._registry import kpi, no_params
from .days import day_asked
from .receivables import in_one_currency
from .sales import won_amounts


class Size(NamedTuple):
    """
    What a whole market buys in a period.

    Attributes:
        amounts: of the statements that make up the period.
        ids: of them.
        row: of the project that has the last of them.
    """

    amounts: Sequence[Money]
    ids: Sequence[str]
    row: int


def sizes(ask: Ask) -> Mapping[str, Size]:
    """
    Return the size of each market in the period, as far as that is known.

    It is what was stated for the very period, or for parts that make it up without a gap, or without a time. Of several
    statements for the same days the last counts.
    """
    columns = ask.columns
    names = columns.tables.projects.id
    stated: dict[str, dict[tuple[date, date] | None, tuple[int, MarketSize]]] = {}
    for row, size in entries_of(columns, MarketSize):
        span = None if size.start is None or size.end is None else (size.start, size.end)
        stated.setdefault(size.market, {})[span] = row, size
    found: dict[str, Size] = {}
    for market, spans in stated.items():
        parts = _making_up(ask, spans)
        if parts:
            ids = [f"{names[row]}/{size.id}" for row, size in parts]
            found[market] = Size([size.amount for _, size in parts], ids, parts[-1][0])
    return found


def _making_up(
    ask: Ask, spans: Mapping[tuple[date, date] | None, tuple[int, MarketSize]]
) -> Sequence[tuple[int, MarketSize]]:
    undated = [spans[None]] if None in spans else []
    if ask.period is None:
        return undated
    zone = ask.columns.zone
    first, last = local_date(moment(ask.start), zone), local_date(moment(ask.end - 1), zone)
    if (first, last) in spans:
        return [spans[first, last]]
    inside = sorted(span for span in spans if span is not None and first <= span[0] and span[1] <= last)
    following = [first, *[end + timedelta(days=1) for _, end in inside]]
    whole = inside and following == [*[start for start, _ in inside], last + timedelta(days=1)]
    return [spans[span] for span in inside] if whole else undated


def _of_markets(cases: Cases) -> Summary:
    """
    Sum up own sales by the size of the market, or of the markets of the cases.
    """
    size = cases.common
    if isinstance(size, Mapping):
        known = cast("Mapping[str, Decimal]", size)
        size = sum(known[name] for name in set(cases.groups["market"]))
    own = sum(cases.values)
    shown = in_currency(own, cases.currency), in_currency(size, cases.currency)
    return Summary(quotient(own, size), *shown) if size else Summary(None, *shown, NO_CASES)


@kpi("market_share", _of_markets)
def market_share(ask: Ask) -> Cases:
    """
    Find the amounts won in the period in markets whose size is known; others are skipped.

    A group has its share of all markets; of groups by market, each has its share of that market.
    """
    no_params(ask.params)
    columns, field = ask.columns, ask.columns.field_of("market")
    if field is None:
        return Cases(reason=NOT_DECLARED)
    known = sizes(ask)
    if not known:
        return Cases(reason="market_size_unknown")
    sales = won_amounts(ask)
    if sales.reason is not None:
        return sales
    markets = [columns.value_at(field, row, at) for row, at in zip(sales.rows, sales.at or (), strict=True)]
    places = [place for place, market in enumerate(markets) if market in known]
    found = sales.only(places)
    numbers, currency = in_one_currency(columns, [each.amounts for each in known.values()], day_asked(ask))
    amounts = dict(zip(known, numbers, strict=True))
    found = attrs.evolve(
        found,
        ids=[columns.tables.projects.id[row] for row in found.rows],
        groups={"market": [markets[place] for place in places]},
        skipped=sales.skipped + len(markets) - len(places),
        currency=same_currency((currency, found.currency)),
        common=sum(numbers),
    )
    return _with_all(found, known, amounts) if ask.by == "market" else found


def _with_all(cases: Cases, known: Mapping[str, Size], amounts: Mapping[str, Decimal]) -> Cases:
    """
    Add a case of nothing for each market in which nothing was sold, so that each is a group.
    """
    there = cases.groups["market"]
    empty = {name: size for name, size in known.items() if name not in there}
    return attrs.evolve(
        cases,
        rows=[*cases.rows, *[size.row for size in empty.values()]],
        values=[*cases.values, *[Decimal(0)] * len(empty)],
        at=None,
        ids=[*(cases.ids or ()), *[size.ids[-1] for size in empty.values()]],
        groups={"market": [*there, *empty]},
        common=amounts,
    )
