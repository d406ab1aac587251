"""
Open projects as forecasts see them: stage, probability, category, amount and expected close, now or at an earlier time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from .._model.values import Money
from .._model.zones import in_zone, local_date
from ._columns import Columns
from ._decisions import UNDECIDED
from ._known import LATEST, last_known
from ._rates import one_currency
from ._tables import NEVER, NONE, Values, micros, moment


_LEAST: Final = -100  # the exponent of a number below which it is nothing, and an exact one would be huge
DEFAULT: Final = "pipeline"
"""The category of an open project whose stage states none."""


_Key: TypeAlias = tuple[int, int] | None


class Prospects(NamedTuple):
    """
    Open projects at one time. All columns but *currency* are of the same length.

    Attributes:
        rows: of the projects.
        amounts: in *currency*; ``None`` where there is none.
        chances: the probability that each is won, exact; ``None`` where nothing states one.
        categories: of the forecast.
        closes: when it is expected to close: the beginning of that day, in microseconds, or :data:`NEVER`.
        currency: of the amounts; ``None`` if there is no amount at all.
    """

    rows: Sequence[int]
    amounts: Sequence[Any]
    chances: Sequence[Fraction | None]
    categories: Sequence[str]
    closes: Sequence[int]
    currency: str | None


class _Stated(NamedTuple):
    """
    What stages state for the forecast, by the numbers of lifecycle and stage.

    Attributes:
        chances: the probability; ``None`` where a stage states none.
        categories: the category.
        passes_chance, passes_category: the stages that leave it as it was in the stage before.
        selling: the lifecycles whose projects have amounts; those of others, such as a period, are no deals.
    """

    chances: dict[_Key, Fraction | None]
    categories: dict[_Key, str | None]
    passes_chance: set[tuple[int, int]]
    passes_category: set[tuple[int, int]]
    selling: set[int]


def _stated(columns: Columns) -> _Stated:
    number, found = columns.tables.words.find, _Stated({}, {}, set(), set(), set())
    for lifecycle, definition in enumerate(columns.source.definitions):
        if definition is None or any(field.id == definition.insight.amount for field in definition.fields):
            found.selling.add(lifecycle)
        for stage in () if definition is None else definition.stages:
            key = lifecycle, number(stage.id)
            found.chances[key] = to_chance(stage.probability)
            found.categories[key] = None if stage.forecast == "by_outcome" else stage.forecast
            hold = stage.kind == "hold"
            if stage.probability == "keep" or (hold and stage.probability is None):
                found.passes_chance.add(key)
            if hold and stage.forecast is None:
                found.passes_category.add(key)
    return found


def to_chance(given: Any) -> Fraction | None:
    """
    Return a probability as an exact number; ``None`` for what is none.
    """
    if isinstance(given, Fraction):
        return given if 0 <= given <= 1 else None
    try:
        number = Decimal(str(given))
    except InvalidOperation:
        return None
    if not number.is_finite() or not 0 <= number <= 1:
        return None
    return Fraction(number) if number.adjusted() > _LEAST else Fraction(0)


_chance_of_field: Final = lru_cache(maxsize=1024, typed=True)(to_chance)


def prospects_now(columns: Columns) -> Prospects:
    """
    Return the projects that are open, as they are now.
    """
    return columns.derive("prospects", lambda: next(prospects_at(columns, (LATEST,))))


def prospects_at(
    columns: Columns, times: Sequence[int], spans: Sequence[tuple[int, int]] = (), *, today: bool = False
) -> Iterator[Prospects]:
    """
    Yield the projects that were open, for each of several ascending times, as they were known before it.

    Args:
        columns: of the portfolio.
        times: in microseconds.
        spans: for each time when the projects are expected to close that count; by default all count.
        today: whether to take them as they are known today about then, instead.

    Raises:
        InputError: for amounts in several currencies without rates, or a rate that is missing.
    """
    stated = columns.derive("stated", lambda: _stated(columns))
    table, count = columns.tables.moves, len(columns.tables.projects.id)
    last = list(last_known(table, count, times, today=today))
    lifecycles = columns.tables.projects.lifecycle
    included = [row for row in columns.included() if lifecycles[row] in stated.selling]
    views = zip(
        times,
        spans or [(-LATEST - 1, LATEST)] * len(times),
        last,
        _stages(columns, stated.passes_chance, times, last, today=today),
        _stages(columns, stated.passes_category, times, last, today=today),
        *[
            values_known(columns, columns.field_of(role), times, today=today)
            for role in ("amount", "probability", "forecast", "expected_close")
        ],
        strict=True,
    )
    goes_on = columns.derive("open moves", lambda: _open_moves(columns))
    for at, (start, end), now, chance, category, amount, own_chance, own_category, close in views:
        there = [row for row in included if (place := now[row]) != NONE and goes_on[place]]
        dated = zip(there, close_times(columns, [close(row) for row in there]), strict=True)
        kept = [(row, when) for row, when in dated if start <= when < end]
        rows = [row for row, _ in kept]
        amounts, currency = _amounts(columns, [amount(row) for row in rows], at)
        chances: list[Fraction | None] = []
        categories: list[str] = []
        for row in rows:
            given = own_chance(row)
            chances.append(stated.chances.get(chance(row)) if given is None else _chance_of_field(given))
            named = own_category(row) or stated.categories.get(category(row)) or DEFAULT
            categories.append(str(named))
        yield Prospects(rows, amounts, chances, categories, [when for _, when in kept], currency)


def _stages(
    columns: Columns, passes: set[tuple[int, int]], times: Sequence[int], last: Sequence[Sequence[int]], *, today: bool
) -> Iterator[Callable[[int], _Key]]:
    """
    Yield, for each time, the function that returns the lifecycle and the last stage of a project that is not passed.
    """
    moves, of = columns.tables.moves, columns.tables.projects.lifecycle

    def counts(place: int) -> bool:
        return (of[moves.project[place]], moves.target[place]) not in passes

    for places in last_known(moves, len(of), times, counts, today=today) if passes else last:

        def stage(row: int, places: Sequence[int] = places) -> _Key:
            return None if (place := places[row]) == NONE else (of[row], moves.target[place])

        yield stage


def values_known(
    columns: Columns, name: str | None, times: Sequence[int], *, today: bool
) -> Iterator[Callable[[int], Any]]:
    """
    Yield, for each of several ascending times, the function that returns what a field of a project was known to be.
    """
    table = Values() if name is None else columns.tables.fields.get(name, Values())
    for places in last_known(table, len(columns.tables.projects.id), times, today=today):

        def value(row: int, places: Sequence[int] = places) -> Any:
            return None if (place := places[row]) == NONE else table.value[place]

        yield value


def _open_moves(columns: Columns) -> bytearray:
    """
    Return, for each move, whether the project was open after it.
    """
    moves, of = columns.tables.moves, columns.tables.projects.lifecycle
    keys = ((of[row], outcome) for row, outcome in zip(moves.project, moves.outcome, strict=True))
    known: dict[tuple[int, int], bool] = {}
    found = bytearray(len(moves.project))
    for place, key in enumerate(keys):
        if key not in known:
            known[key] = columns.class_of(*key) == UNDECIDED
        found[place] = known[key] and not moves.closed[place]
    return found


def _amounts(columns: Columns, values: Sequence[Any], at: int) -> tuple[Sequence[Any], str | None]:
    there = [place for place, value in enumerate(values) if isinstance(value, Money)]
    when = columns.source.now if at == LATEST else at
    day = date.min if columns.rates is None else local_date(moment(when), columns.zone)
    numbers, currency = one_currency([(values[place], day) for place in there], columns.rates)
    found: list[Any] = [None] * len(values)
    for place, number in zip(there, numbers, strict=True):
        found[place] = number
    return found, currency


def close_times(columns: Columns, values: Sequence[Any]) -> Sequence[int]:
    """
    Return when days begin, in microseconds; :data:`NEVER` for what is no date.
    """
    zone = columns.zone
    known: dict[Any, int] = {}

    def begins(value: Any) -> int:
        if isinstance(value, datetime):
            return micros(value)
        return micros(in_zone(datetime.combine(value, time()), zone)) if isinstance(value, date) else NEVER

    return [known[value] if value in known else known.setdefault(value, begins(value)) for value in values]
