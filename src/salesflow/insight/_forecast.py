"""
The forecast: what the open projects are worth by probability and by category, and what was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs

from .._model.frozen import EMPTY, FrozenDict, noun
from .._model.values import Label, Money
from .._model.zones import local_date
from ..dossier import FORECAST_CATEGORIES
from ._cases import Cases
from ._columns.columns import Columns
from ._columns.periods import Period
from ._columns.tables import NEVER
from ._compute import grouped
from ._deals import OMITTED, Deals, Probability, by_unit, deals_in, times_of
from ._distribution import Distribution, Method, distribution, in_cents
from ._kpi import Evidence
from ._prospects import close_times


@noun
class CategoryTotal:
    """
    The total of one forecast category.

    Attributes:
        name: of the category.
        label: what people call it.
        n: how many projects.
        amount: of those that have one.
        weighted: the sum of amounts times probabilities; zero of what is omitted.
        cumulative: the amount of it and of all surer categories; ``None`` of what is omitted.
    """

    name: str
    label: Label
    n: int
    amount: Money | None
    weighted: Money | None
    cumulative: Money | None


@attrs.define
class _Total:
    """
    What deals of one category add up to, by their probability.
    """

    n: int = 0
    amount: Decimal = Decimal(0)
    by_chance: dict[Fraction, Decimal] = attrs.Factory(dict[Fraction, Decimal])

    @property
    def weighted(self) -> Fraction:
        """
        The amounts times their probabilities.
        """
        return added(chance * Fraction(amount) for chance, amount in self.by_chance.items())


def added(parts: Iterable[Fraction | Decimal]) -> Fraction:
    """
    Return the exact sum of numbers.
    """
    return sum((Fraction(part) for part in parts), Fraction())


@noun
class Forecast:
    """
    A forecast: what open projects are worth, by probability and category.

    Attributes:
        period: which closes count; ``None`` for every open and every won project.
        as_of: when that was so.
        currency: of the amounts; ``None`` if there is no amount at all.
        open: the amounts of the open projects that are not omitted.
        won: the amounts that were won.
        weighted_pipeline: the open amounts times their probabilities.
        weighted_forecast: the same, and what was won at its full value.
        n: how many projects are open, and *n_won* how many were won.
        evidence: the projects, by id.
        missing: the projects that lack something, by what that is: ``no_amount`` and ``no_probability`` count with
            nothing, ``no_close_date`` lie in no period, ``close_date_past`` are open although their day has passed.
        groups: the same for each group that was asked for with ``by=``.
        reason: why there are no amounts, as a code.
    """

    period: Period | None
    as_of: datetime
    currency: str | None
    open: Money | None
    won: Money | None
    weighted_pipeline: Money | None
    weighted_forecast: Money | None
    n: int
    n_won: int
    evidence: Sequence[str]
    missing: Mapping[str, Sequence[str]]
    groups: Mapping[Any, Forecast] = EMPTY
    reason: str | None = None
    _sums: Mapping[tuple[str, bool], _Total] = attrs.field(default=EMPTY, alias="sums", repr=False)
    _deals: Sequence[tuple[Decimal, Fraction]] = attrs.field(default=(), alias="deals", repr=False)

    @property
    def categories(self) -> Sequence[CategoryTotal]:
        """
        The totals of each category, from the surest on.
        """
        own = dict.fromkeys(name for name, _ in self._sums if name not in FORECAST_CATEGORIES)
        surest = [name for name in FORECAST_CATEGORIES if name != OMITTED]
        rising, found = Fraction(), list[CategoryTotal]()
        for name in (*surest, *own, OMITTED):
            parts = [self._sums[key] for key in ((name, True), (name, False)) if key in self._sums]
            amount, weighted = added(part.amount for part in parts), added(part.weighted for part in parts)
            rising += amount
            label = FORECAST_CATEGORIES.get(name, Label(name, name))
            sums = [
                None if self.currency is None else in_cents(each, self.currency) for each in (amount, weighted, rising)
            ]
            if name == OMITTED:
                sums[2] = None
            found.append(CategoryTotal(name, label, sum(part.n for part in parts), *sums))
        return found

    def distribution(self, method: Method = "auto", *, runs: int = 5000, seed: int = 0) -> Distribution:
        """
        Return the distribution of the amount that is won of the open projects, each independent of the others.

        Args:
            method: ``exact`` adds up every way in which projects are won, ``simulation`` draws them, ``auto`` is exact
                for few of them, and simulates otherwise. A simulation draws the 400 projects that spread most one by
                one, and the rest together as a normal.
            runs: of a simulation.
            seed: of a simulation; the same seed gives the same figures.

        Raises:
            InputError: for an unknown method, fewer than one run, and for an exact distribution of too many sums.
        """
        return distribution(self._deals, self.currency or "XXX", method, runs, seed)


def forecast(
    columns: Columns,
    period: Period | None,
    by: str | None,
    probability: Probability | None,
    floor: Fraction | None,
) -> Forecast:
    """
    Return the forecast of a portfolio, and that of each group.

    Raises:
        InputError: for an unknown group, for amounts in several currencies without rates, and for a probability that is
            none.
    """
    deals = deals_in(columns, None if period is None else period.micros, probability, floor)
    (today,) = close_times(columns, [local_date(columns.now, columns.zone)])
    made = _Totals(columns, period, deals, today)
    if by is None:
        return made.of(range(len(deals.rows)), deals.undated)
    cases = Cases(deals.rows, at=times_of(deals), groups=by_unit(columns, deals, by))
    undated = Cases(deals.undated, groups={by: [None] * len(deals.undated)} if cases.groups else EMPTY)
    without = grouped(columns, undated, by)
    places = grouped(columns, cases, by)
    groups = {
        key: made.of(places.get(key, ()), [deals.undated[place] for place in without.get(key, ())])
        for key in dict.fromkeys((*places, *without))
    }
    return made.of(range(len(deals.rows)), deals.undated, groups)


@noun
class _Totals:
    """
    Adds up deals.
    """

    columns: Columns
    period: Period | None
    deals: Deals
    today: int

    def of(self, places: Sequence[int], undated: Sequence[int], groups: Mapping[Any, Forecast] = EMPTY) -> Forecast:
        """
        Return the forecast of the deals at some places.
        """
        deals = self.deals
        sums: dict[tuple[str, bool], _Total] = {}
        counted: list[tuple[Decimal, Fraction]] = []
        for place in places:
            is_open, category = place < deals.open, deals.categories[place]
            found = sums.get((category, is_open))
            if found is None:
                found = sums[category, is_open] = _Total()
            found.n += 1
            amount, chance = deals.amounts[place], deals.chances[place]
            if amount is None:
                continue
            found.amount += amount
            if chance is not None and category != OMITTED:
                found.by_chance[chance] = found.by_chance.get(chance, Decimal(0)) + amount
                if is_open:
                    counted.append((amount, chance))
        opened = [each for (name, is_open), each in sums.items() if is_open and name != OMITTED]
        won = [each for (_, is_open), each in sums.items() if not is_open]
        expected, gained = added(each.weighted for each in opened), added(each.amount for each in won)
        n = sum(each.n for (_, is_open), each in sums.items() if is_open)
        return Forecast(
            self.period,
            self.columns.now,
            deals.currency,
            self._money(added(each.amount for each in opened)),
            self._money(gained),
            self._money(expected),
            self._money(expected + gained),
            n,
            len(places) - n,
            Evidence([deals.rows[place] for place in places], self.columns.tables.projects.id.__getitem__),
            self._missing(places, undated),
            FrozenDict(groups),
            deals.reason,
            sums,
            counted,
        )

    def _money(self, amount: Fraction) -> Money | None:
        currency = self.deals.currency
        return None if currency is None else in_cents(amount, currency)

    def _missing(self, places: Sequence[int], undated: Sequence[int]) -> Mapping[str, Sequence[str]]:
        deals, columns = self.deals, self.columns
        today = self.today
        rows = {
            "no_amount": [deals.rows[place] for place in places if deals.amounts[place] is None],
            "no_probability": [deals.rows[place] for place in places if deals.chances[place] is None],
            "no_close_date": undated,
            "close_date_past": [
                deals.rows[place] for place in places if place < deals.open and NEVER < deals.closes[place] < today
            ],
        }
        look_up = columns.tables.projects.id.__getitem__
        return FrozenDict({name: Evidence(each, look_up) for name, each in rows.items()})
