"""
The run rate: what coming periods bring if they are like the last periods, with seasons, beside naive forecasts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeAlias

from .._model.frozen import EMPTY, FrozenDict, noun
from .._model.values import Money
from ..errors import InputError, nearest, say
from ._cases import NO_CASES
from ._columns.columns import Columns
from ._columns.periods import UNITS, Period, Unit, period_of, periods_in
from ._columns.tables import moment
from ._compute import compute
from ._distribution import in_cents
from ._registry import find_formula, formulas


_A_YEAR: Final[Mapping[str, int]] = FrozenDict({"year": 1, "quarter": 4, "month": 12})
METHODS: Final = ("run_rate", "season", "naive", "seasonal_naive")
Expected: TypeAlias = Fraction | None


@noun
class Outlook:
    """
    The outlook for one coming period.

    Attributes:
        period: which.
        run_rate: the mean of the last periods.
        season: their level, times the seasonal index of the period; ``None`` without two full years.
        naive: what the last period brought.
        seasonal_naive: what the same period of the year before brought; ``None`` without a full year.
    """

    period: Period
    run_rate: Money | None
    season: Money | None
    naive: Money | None
    seasonal_naive: Money | None


@noun
class RunRate:
    """
    What the coming periods bring if they are like the last periods.

    Attributes:
        unit: how long the periods are.
        last: how many of them the run rate is the mean of.
        past: the sales of each period that has ended, from the first whole one on.
        index: the seasonal index of each month or quarter, by its number: the mean of its sales over full years,
            divided by the mean of all; empty without two full years.
        ahead: the coming periods.
        errors: the WAPE that each method would have had on the past, one period ahead, on the periods of which all can
            tell; where there are none, of the methods that always can. One not below that of ``naive`` adds nothing.
        reason: why there is nothing, as a code.
    """

    unit: Unit
    last: int
    past: Sequence[tuple[Period, Money]]
    index: Mapping[int, float] = EMPTY
    ahead: Sequence[Outlook] = ()
    errors: Mapping[str, float | None] = EMPTY
    reason: str | None = None


def run_rate(columns: Columns, unit: Unit, last: int, ahead: int) -> RunRate:
    """
    Return the run rate of the amount won.

    Raises:
        InputError: for an unknown unit, and for less than one period.
    """
    if unit not in UNITS:
        raise InputError("over=", unit, say("input.choice", known=tuple(UNITS), near=nearest(str(unit), UNITS)))
    for name, number in (("last=", last), ("ahead=", ahead)):
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise InputError(name, number, say("input.bins"))
    known = formulas()
    sales = compute(columns, known, find_formula("sales_amount", known), None, unit, "", EMPTY)
    if not isinstance(sales.value, Money):
        return RunRate(unit, last, (), reason=sales.reason or NO_CASES)
    currency, zone = sales.value.currency, columns.zone
    begin = moment(min(columns.tables.projects.opened[row] for row in columns.included()))
    spans = periods_in(Period(begin, columns.now), unit, zone)
    periods = [each for each in spans if each.start >= begin and each.end <= columns.now]
    if not periods:
        return RunRate(unit, last, (), reason=NO_CASES)
    sums = {name: Fraction(each.value.amount) for name, each in sales.groups.items()}
    past = [sums.get(each.name, Fraction()) for each in periods]
    a_year, first = _A_YEAR.get(unit, 0), _number(periods[0], unit)
    outlooks: list[Outlook] = []
    period = periods[-1]
    for step in range(ahead):
        period = period_of(period.end, unit, zone)
        told = _methods(past, step, last, a_year)
        outlooks.append(Outlook(period, *[None if each is None else in_cents(each, currency) for each in told]))
    index = {(first + place) % a_year + 1: float(each) for place, each in enumerate(_season(past, a_year))}
    money = [in_cents(amount, currency) for amount in past]
    whole = tuple(zip(periods, money, strict=True))
    return RunRate(unit, last, whole, FrozenDict(sorted(index.items())), outlooks, _errors(past, last, a_year))


def _number(period: Period, unit: Unit) -> int:
    """
    Return which month or quarter of its year a period is, from 0.
    """
    return int(period.name[-2:] if unit == "month" else period.name[-1:]) - 1 if unit in {"month", "quarter"} else 0


def _methods(past: Sequence[Fraction], step: int, last: int, a_year: int) -> Sequence[Expected]:
    """
    Return what each method expects of a period so many steps after the next, in the order of :data:`METHODS`.
    """
    recent = past[-last:]
    rate = sum(recent, Fraction()) / len(recent)
    season: Expected = None
    index = _season(past, a_year)
    if index:
        weights = sum((index[place % a_year] for place in range(len(past) - len(recent), len(past))), Fraction())
        season = sum(recent, Fraction()) / weights * index[(len(past) + step) % a_year] if weights else None
    same = len(past) + step - a_year * (step // a_year + 1) if a_year else -1
    return rate, season, past[-1], past[same] if same >= 0 else None


def _season(past: Sequence[Fraction], a_year: int) -> Sequence[Fraction]:
    """
    Return the seasonal index of each place in a year, from that of the first period on; empty without two years.
    """
    years = len(past) // a_year if a_year > 1 else 0
    if years < 2:
        return ()
    places = range(len(past) - years * a_year, len(past))
    mean = sum((past[place] for place in places), Fraction()) / len(places)
    if not mean:
        return ()
    return [
        sum((past[each] for each in places if each % a_year == place), Fraction()) / years / mean
        for place in range(a_year)
    ]


def _errors(past: Sequence[Fraction], last: int, a_year: int) -> Mapping[str, float | None]:
    """
    Return the error of each method on the same periods: those of which all can tell, or else all but the first.
    """
    told = [(past[end], _methods(past[:end], 0, last, a_year)) for end in range(1, len(past))]
    kept = [(came, each) for came, each in told if None not in each] or told
    sales = sum((came for came, _ in kept), Fraction())
    found: dict[str, float | None] = {}
    for place, name in enumerate(METHODS):
        wrong = [abs(one - came) for came, each in kept if (one := each[place]) is not None]
        whole = sales and len(wrong) == len(kept)
        found[name] = float(sum(wrong, Fraction()) / sales) if whole else None
    return FrozenDict(found)
