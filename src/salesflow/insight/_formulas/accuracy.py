"""
The KPIs of forecasts: how far they were off, and whether they were better than a naive forecast.

The forecast of a period is what was forecast before it began: the figure that a snapshot kept, or where there is none,
the weighted forecast of what was known by then. The naive forecast is what the period before brought.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias, cast

from ..._model.values import Money, person
from ..._model.zones import local_date
from ...dossier import KpiSnapshot, KpiValue
from ...errors import InputError, nearest, say
from .._cases import NO_CASES, Ask, Cases, Summarise, Summary
from .._columns.amounts import NOT_DECLARED, amounts_at
from .._columns.columns import Columns
from .._columns.decisions import decided
from .._columns.known import LATEST
from .._columns.periods import UNITS, Period, before, periods_in
from .._columns.rates import one_currency, same_currency
from .._columns.tables import Entries, Values, micros, moment
from .._columns.vectors import filled, having, pick, total, within
from .._compute import field_named, key_of
from .._deals import counted
from .._distribution import in_cents
from .._prospects import places_known, prospects_at
from .._registry import kpi, no_params


_DAY: Final = 86_400_000_000
_METRIC: Final = "weighted_forecast"
_NO_SALES: Final = "no_sales"
_BASES: Final = ("known_then", "known_today")
_STORED: Final = "stored"

_Amounts: TypeAlias = Mapping[tuple[int, Any], Fraction]
"""By the place of the period and by group."""


class _Cell(NamedTuple):
    """
    What was forecast of one period, and what came, of all projects or of one group.

    Attributes:
        period: its name.
        forecast, actual, naive: amounts.
        basis: ``stored``, ``known_then`` or ``known_today``.
    """

    period: str
    forecast: Fraction
    actual: Fraction
    naive: Fraction
    basis: str


class _Found(NamedTuple):
    """
    Amounts by period and group, and the currencies they are in.
    """

    forecasts: dict[tuple[int, Any], Fraction]
    bases: dict[int, str]
    currencies: set[str]


def _cells(ask: Ask) -> Cases:
    no_params(ask.params, "over", "lead", "basis")
    columns, today = ask.columns, _basis(ask) == _BASES[1]
    if columns.field_of("amount") is None or columns.field_of("expected_close") is None:
        return Cases(reason=NOT_DECLARED if columns.source.definitions else NO_CASES)
    periods, lead = _periods(ask), _lead(ask)
    by = None if ask.by in {None, "period", *UNITS} else ask.by
    found, actuals, currencies = columns.derive(
        ("cells", tuple(periods), lead, by, today), lambda: _found(columns, periods, lead, by, today=today)
    )
    currency = same_currency(currencies)
    none, keys = Fraction(), _places(found, actuals, by)
    cells = [
        _Cell(
            str(periods[place]),
            found.forecasts.get((place, key), none),
            actuals.get((place, key), none),
            actuals.get((place - 1, key), none),
            found.bases[place],
        )
        for place, key in keys
    ]
    names = [cell.period for cell in cells]
    return Cases(
        range(len(cells)),
        cells,
        at=[micros(periods[place].start) for place, _ in keys],
        ids=names,
        groups={"period": names} if by is None else {by: [key for _, key in keys]},
        skipped=len(periods) - len(found.bases),
        currency=currency,
    )


def _found(
    columns: Columns, periods: Sequence[Period], lead: int, by: str | None, *, today: bool
) -> tuple[_Found, _Amounts, set[str]]:
    """
    Return what was forecast and what came, of which several figures are made, and all currencies.
    """
    found = _stored(columns, periods, lead, by, today=today)
    _rebuild(columns, periods, lead, by, found, today=today)
    earlier = [before(period, columns.zone) for period in periods[:1]]
    actuals, currency = _actuals(columns, [*earlier, *periods], by)
    return found, actuals, {each for each in (*found.currencies, currency) if each is not None}


def _places(found: _Found, actuals: _Amounts, by: str | None) -> Sequence[tuple[int, Any]]:
    """
    Return the periods, by place, and groups of which there is a forecast, an actual or a naive forecast.
    """
    if by is None:
        return [(place, None) for place in sorted(found.bases)]
    keys = dict.fromkeys(found.forecasts)
    for at, key in actuals:
        # What came in one period is the naive forecast of the next.
        keys |= {(place, key): None for place in (at, at + 1) if place in found.bases}
    return sorted(keys, key=itemgetter(0))


def _basis(ask: Ask) -> str:
    given: str = ask.params.get("basis", _BASES[0])
    if given not in _BASES:
        raise InputError("basis=", given, say("input.choice", known=_BASES, near=nearest(str(given), _BASES)))
    return given


def _lead(ask: Ask) -> int:
    given = ask.params.get("lead", 0)
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise InputError("lead=", given, say("input.lead"))
    return given * _DAY


def _periods(ask: Ask) -> list[Period]:
    """
    Return the periods that have ended, and lie in the span that was asked for.
    """
    columns, over = ask.columns, ask.params.get("over", "month")
    if over not in UNITS:
        raise InputError("over=", over, say("input.choice", known=tuple(UNITS), near=nearest(str(over), UNITS)))
    span = ask.period
    if span is None:
        opened = [columns.tables.projects.opened[row] for row in columns.included()]
        span = Period(moment(min(opened)), columns.now) if opened else Period(columns.now, columns.now)
    found = periods_in(span, over, columns.zone)
    return [each for each in found if each.start >= span.start and each.end <= min(columns.now, span.end)]


def _stored(columns: Columns, periods: Sequence[Period], lead: int, by: str | None, *, today: bool) -> _Found:
    """
    Return the forecasts in snapshots: for each period the last before it, with the lead.
    """
    places = {str(period): place for place, period in enumerate(periods)}
    newest: dict[int, tuple[int, list[KpiValue]]] = {}
    for at, kept in _kept_forecasts(columns, by, today=today):
        for name, given in kept.items():
            place = places.get(name)
            if place is not None and at <= micros(periods[place].start) - lead and at >= newest.get(place, (at,))[0]:
                newest[place] = at, given
    found = _Found({}, dict.fromkeys(newest, _STORED), set())
    for place, (at, values) in newest.items():
        day = local_date(moment(at), columns.zone)
        numbers, currency = one_currency([(cast("Money", value.value), day) for value in values], columns.rates)
        found.currencies.update({currency} if currency else ())
        for value, number in zip(values, numbers, strict=True):
            key = place, value.group.get(by) if by else None
            found.forecasts[key] = found.forecasts.get(key, Fraction()) + Fraction(number)
    return found


def _kept_forecasts(
    columns: Columns, by: str | None, *, today: bool
) -> Iterator[tuple[int, Mapping[str, list[KpiValue]]]]:
    """
    Yield the forecasts in each snapshot by the name of the period, with the time at which they were kept.
    """
    table, counts = columns.tables.entries.get(KpiSnapshot.kind, Entries()), columns.includes()
    for row, put, known, entry in zip(table.project, table.at, table.known, table.entry, strict=True):
        if not counts[row] or not isinstance(entry, KpiSnapshot):
            continue
        # A value that was recorded afterwards was not a forecast: the time of recording counts.
        at = max(put, put if today else known, put if entry.at is None else micros(entry.at))
        values: dict[str, list[KpiValue]] = {}
        for value in entry.values:
            if value.metric == _METRIC and isinstance(value.value, Money) and {*value.group} == ({by} - {None}):
                values.setdefault(value.period, []).append(value)
        yield at, values


def _rebuild(
    columns: Columns, periods: Sequence[Period], lead: int, by: str | None, found: _Found, *, today: bool
) -> None:
    """
    Add what was forecast of the other periods, from what was known before them; where nothing was, there is none.
    """
    since = columns.derive(("known since", today), lambda: _known_since(columns, today=today))
    places = [
        place
        for place, period in enumerate(periods)
        if place not in found.bases and since < micros(period.start) - lead
    ]
    times = [micros(periods[place].start) - lead for place in places]
    spans = [periods[place].micros for place in places]
    named = None if by is None else field_named(columns, by)
    table = Values() if named is None else columns.tables.fields.get(named, Values())
    views = zip(
        places,
        times,
        prospects_at(columns, times, spans, today=today),
        places_known(columns, named, times, today=today),
        strict=True,
    )
    for place, at, seen, set_at in views:
        found.bases[place] = _BASES[today]
        found.currencies.update({seen.currency} if seen.currency else ())
        kept = counted(seen)
        rows = pick(seen.rows, kept)
        # Whose it was known to be by then, not whose it is known today to have been.
        own = pick([*table.value, None], pick(set_at, rows))
        told = [person(each) if isinstance(each, str) else each for each in own]
        key_at = _keys(columns, rows, [at] * len(rows), by) if named is None else told.__getitem__
        for number, (amount, chance) in enumerate(zip(pick(seen.amounts, kept), pick(seen.chances, kept), strict=True)):
            key = place, key_at(number)
            found.forecasts[key] = found.forecasts.get(key, Fraction()) + Fraction(amount) * chance


def _known_since(columns: Columns, *, today: bool) -> int:
    """
    Return the time from which on anything is known.
    """
    moves = columns.tables.moves
    if columns.computed is not None and moves.at:
        return int(columns.computed.first_known(moves, today=today))
    times = (at if today else max(at, known) for at, known in zip(moves.at, moves.known, strict=True))
    return min(times, default=LATEST)


def _keys(columns: Columns, rows: Sequence[int], at: Sequence[int], by: str | None) -> Callable[[int], Any]:
    whole: Sequence[Any] = [None] * len(rows)
    return whole.__getitem__ if by is None else key_of(columns, Cases(rows, at=at), by)


def _actuals(columns: Columns, periods: Sequence[Period], by: str | None) -> tuple[_Amounts, str | None]:
    """
    Return what was won, by the place of the period, the one before the first being -1, and by group.
    """
    ends = decided(columns)
    start, end = (micros(periods[0].start), micros(periods[-1].end)) if periods else (0, 0)
    rows = within(having(columns.included(), ends.codes, ends.among("won")), ends.at, start, end)
    amounts, at = amounts_at(columns, rows, ends.at), pick(ends.at, rows)
    key_at = _keys(columns, rows, at, by)
    found: dict[tuple[int, Any], Fraction] = {}
    for place, period in enumerate(periods, -1):
        inside = within(filled(amounts.numbers), at, *period.micros)
        if by is None and inside:
            found[place, None] = Fraction(total(pick(amounts.numbers, inside)))
            continue
        for number, amount in zip(inside, pick(amounts.numbers, inside), strict=True):
            key = place, key_at(number)
            found[key] = found.get(key, Fraction()) + Fraction(amount)
    return found, amounts.currency


def errors_of(cells: Sequence[tuple[Any, Any, Any]]) -> dict[str, Any]:
    """
    Return the errors of forecasts, each a triple of forecast, actual and naive forecast of one period.

    ``wape`` is the sum of absolute errors divided by the sum of actuals, ``mape`` the mean of absolute errors divided
    by the actual, of periods with sales (those without are counted as ``left_out``), ``bias`` the sum of errors divided
    by the sum of actuals, ``naive`` the WAPE of the naive forecast, ``value_added`` that less our own.
    """
    exact = [tuple(Fraction(each) for each in cell) for cell in cells]
    actual = sum((came for _, came, _ in exact), Fraction())
    sold = [(ours, came) for ours, came, _ in exact if came > 0]
    found: dict[str, Any] = dict.fromkeys(("wape", "mape", "bias", "naive", "value_added"))
    found["left_out"] = len(exact) - len(sold)
    if sold:
        found["mape"] = float(sum((abs(ours - came) / came for ours, came in sold), Fraction()) / len(sold))
    if actual > 0:
        ours = sum((abs(each - came) for each, came, _ in exact), Fraction()) / actual
        naive = sum((abs(each - came) for _, came, each in exact), Fraction()) / actual
        bias = sum((each - came for each, came, _ in exact), Fraction()) / actual
        found |= {"wape": float(ours), "naive": float(naive), "bias": float(bias), "value_added": float(naive - ours)}
    return found


def _error(name: str) -> Summarise:
    def summed(cases: Cases) -> Summary:
        by_period: dict[str, _Cell] = {}
        for cell in cast("Sequence[_Cell]", cases.values):
            one = by_period.setdefault(
                cell.period, cell._replace(forecast=Fraction(), actual=Fraction(), naive=Fraction())
            )
            by_period[cell.period] = one._replace(
                forecast=one.forecast + cell.forecast, actual=one.actual + cell.actual, naive=one.naive + cell.naive
            )
        cells = [by_period[each] for each in sorted(by_period)]
        parts = errors_of([(cell.forecast, cell.actual, cell.naive) for cell in cells])
        bases = {cell.basis for cell in cells}
        parts["basis"] = next(iter(bases)) if len(bases) == 1 else "mixed" if bases else None
        rows = [
            {
                "period": cell.period,
                **{label: _money(getattr(cell, label), cases.currency) for label in ("forecast", "actual", "naive")},
                "basis": cell.basis,
            }
            for cell in cells
        ]
        reason = None if parts[name] is not None else _NO_SALES if cells else NO_CASES
        above = sum((abs(cell.forecast - cell.actual) for cell in cells), Fraction())
        below = sum((cell.actual for cell in cells), Fraction())
        shown = _money(above, cases.currency), _money(below, cases.currency)
        if name != "wape":
            shown = None, None
        return Summary(parts[name], *shown, reason, parts, rows)

    return summed


def _money(amount: Fraction, currency: str | None) -> Any:
    return amount if currency is None else in_cents(amount, currency)


@kpi("forecast_accuracy", _error("wape"), mape=_error("mape"), bias=_error("bias"))
def forecast_accuracy(ask: Ask) -> Cases:
    """
    Find what was forecast of each period that has ended, and what it brought.

    Parameters: ``over``, how long the periods are, by default ``month``; ``lead``, how many days before a period its
    forecast was made; ``basis``, what is known of the past where nothing was stored: ``known_then``, or ``known_today``
    for a past that was imported later.
    """
    return _cells(ask)


@kpi("forecast_value_added", _error("value_added"))
def forecast_value_added(ask: Ask) -> Cases:
    """
    Find what was forecast of each period, what it brought, and what the period before had brought.
    """
    return _cells(ask)
