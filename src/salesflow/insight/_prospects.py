"""
Open projects as forecasts see them: stage, probability, category, amount and expected close, now or at an earlier time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias, cast

from .._model.values import Money
from .._model.zones import local_date, midnight
from ._columns.columns import Columns
from ._columns.decisions import UNDECIDED
from ._columns.known import LATEST, last_known
from ._columns.rates import one_currency
from ._columns.tables import NEVER, NONE, Values, micros, moment
from ._columns.vectors import having, mapped, numbered, pick, within


_LEAST: Final = -100  # the exponent of a number below which it is nothing, and an exact one would be huge
DEFAULT: Final = "pipeline"
"""The category of an open project whose stage states none."""


_Key: TypeAlias = tuple[int, int]


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
        selling: the lifecycles whose projects have amounts; those of others, such as a period, are not deals.
    """

    chances: dict[_Key, Fraction | None]
    categories: dict[_Key, str]
    passes_chance: set[_Key]
    passes_category: set[_Key]
    selling: set[int]


def _stated(columns: Columns) -> _Stated:
    number = columns.tables.words.find
    found = _Stated({}, {}, set(), set(), set())
    for lifecycle, definition in enumerate(columns.source.definitions):
        if definition is None or any(field.id == definition.insight.amount for field in definition.fields):
            found.selling.add(lifecycle)
        met = () if definition is None else [stage for stage in definition.stages if number(stage.id) != NONE]
        for stage in met:
            key = lifecycle, number(stage.id)
            found.chances[key] = to_chance(stage.probability)
            found.categories[key] = stage.forecast if stage.forecast and stage.forecast != "by_outcome" else DEFAULT
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
    lifecycles, moves = columns.vector(columns.tables.projects.lifecycle), columns.tables.moves
    included = having(columns.included(), lifecycles, stated.selling)
    last = list(last_known(columns, moves, times, today=today))
    views = zip(
        times,
        spans or [(-LATEST - 1, LATEST)] * len(times),
        last,
        _stages(columns, stated.passes_chance, times, last, today=today),
        _stages(columns, stated.passes_category, times, last, today=today),
        *[
            places_known(columns, columns.field_of(role), times, today=today)
            for role in ("amount", "probability", "forecast", "expected_close")
        ],
        strict=True,
    )
    # Each column has one more element, for the row of what has none: that before the first.
    goes_on = columns.derive("open moves", lambda: columns.vector([*_open_moves(columns), 0]))
    targets = columns.derive("target stages", lambda: columns.vector([*moves.target, NONE]))
    closes = columns.derive("close times", lambda: columns.vector(_closes(columns)))
    for at, (start, end), now, chance, category, amount, own_chance, own_category, close in views:
        there = having(included, pick(goes_on, now), (1,))
        dates = pick(closes, pick(close, there))
        kept = within(numbered(dates), dates, start, end)
        rows = pick(there, kept)
        amounts, currency = _amounts(columns, pick(amount, rows), at)
        of = pick(lifecycles, rows)
        chances = _levels(
            {(NONE, NONE): None, **stated.chances},
            (of, pick(targets, pick(chance, rows))),
            columns.derive("own chances", lambda: _own(columns, "probability", _chance_of_field)),
            pick(own_chance, rows),
        )
        categories = _levels(
            {(NONE, NONE): DEFAULT, **stated.categories},
            (of, pick(targets, pick(category, rows))),
            columns.derive("own categories", lambda: _own(columns, "forecast", str)),
            pick(own_category, rows),
        )
        yield Prospects(rows, amounts, chances, categories, pick(dates, kept), currency)


class _Own(NamedTuple):
    """
    What the values of a field say: the number of each in a list, :data:`NONE` for those that say nothing.
    """

    said: Sequence[Any]
    numbers: Sequence[int]


def _own(columns: Columns, role: str, read: Callable[[Any], Any]) -> _Own:
    numbers: dict[Any, int] = {}
    found = [
        NONE if value is None or value == "" else numbers.setdefault(read(value), len(numbers))
        for value in _values_of(columns, columns.field_of(role)).value
    ]
    return _Own(list(numbers), columns.vector([*found, NONE]))


def _levels(
    stated: Mapping[_Key, Any], keys: tuple[Sequence[int], Sequence[int]], own: _Own, places: Sequence[int]
) -> Sequence[Any]:
    """
    Return what the field of a project says, or else what is stated for its lifecycle and stage.

    Args:
        stated: for lifecycle and stage; the first holds for all others.
        keys: the lifecycle and the stage of each project.
        own: what the field says.
        places: the row in which the field of each project was set.
    """
    levels = list(dict.fromkeys(stated.values()))  # first that of a stage which states none
    number = {each: place for place, each in enumerate(levels)}

    def stated_in(lifecycle: int, stage: int) -> int:
        return number[stated.get((lifecycle, stage), levels[0])]

    def said_or(said: int, other: int) -> int:
        return other if said == NONE else len(levels) + said

    found = mapped(stated_in, *keys)
    if own.said:
        found = mapped(said_or, pick(own.numbers, places), found)
    return pick([*levels, *own.said], found)


def _stages(
    columns: Columns, passes: set[_Key], times: Sequence[int], last: Sequence[Sequence[int]], *, today: bool
) -> Iterable[Sequence[int]]:
    """
    Return, for each time, the last move of each project into a stage that is not passed.
    """
    if not passes:
        return last
    moves = columns.tables.moves
    of = pick(columns.tables.projects.lifecycle, columns.vector(moves.project))

    def counted(lifecycle: int, stage: int) -> int:
        return int((lifecycle, stage) not in passes)

    counts = mapped(counted, of, columns.vector(moves.target))
    return last_known(columns, moves, times, counts, today=today)


def places_known(columns: Columns, name: str | None, times: Sequence[int], *, today: bool) -> Iterator[Sequence[int]]:
    """
    Yield, for each of several ascending times, the row in which a field of each project was known to be set last.
    """
    return last_known(columns, _values_of(columns, name), times, today=today)


def _values_of(columns: Columns, name: str | None) -> Values:
    return Values() if name is None else columns.tables.fields.get(name, Values())


def _open_moves(columns: Columns) -> Sequence[int]:
    """
    Return, for each move, 1 if the project was open after it.
    """
    if columns.computed is not None:
        return cast("Sequence[int]", columns.computed.open_moves(columns))
    moves, of = columns.tables.moves, columns.tables.projects.lifecycle
    keys = ((of[row], outcome) for row, outcome in zip(moves.project, moves.outcome, strict=True))
    known: dict[tuple[int, int], bool] = {}
    found = bytearray(len(moves.project))
    for place, key in enumerate(keys):
        if key not in known:
            known[key] = columns.class_of(*key) == UNDECIDED
        found[place] = known[key] and not moves.closed[place]
    return found


def _amounts(columns: Columns, rows: Sequence[int], at: int) -> tuple[Sequence[Any], str | None]:
    """
    Return the amounts in rows of their table, at the rate of a day, and their currency.
    """
    table = _values_of(columns, columns.field_of("amount"))
    if columns.computed is not None and columns.rates is None:
        exact, currencies = columns.computed.amounts_of(columns, table, rows)
        _, currency = one_currency([(Money(0, each), date.min) for each in currencies], None)
        return exact, currency
    values = pick([*table.value, None], rows)
    there = [place for place, value in enumerate(values) if isinstance(value, Money)]
    when = columns.source.now if at == LATEST else at
    day = date.min if columns.rates is None else local_date(moment(when), columns.zone)
    numbers, currency = one_currency([(values[place], day) for place in there], columns.rates)
    found: list[Any] = [None] * len(values)
    for place, number in zip(there, numbers, strict=True):
        found[place] = number
    return found, currency


def _closes(columns: Columns) -> Sequence[int]:
    return [*close_times(columns, _values_of(columns, columns.field_of("expected_close")).value), NEVER]


def close_times(columns: Columns, values: Sequence[Any]) -> Sequence[int]:
    """
    Return when days begin, in microseconds; :data:`NEVER` for anything but a date.
    """
    zone = columns.zone
    known: dict[Any, int] = {}

    def begins(value: Any) -> int:
        if isinstance(value, datetime):
            return micros(value)
        return micros(midnight(value, zone)) if isinstance(value, date) else NEVER

    return [known[value] if value in known else known.setdefault(value, begins(value)) for value in values]
