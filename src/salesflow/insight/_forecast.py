"""
The forecast: what the open projects are worth by probability and by category, and what was left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs

from .._model.frozen import EMPTY, FrozenDict
from .._model.values import Label, Money
from .._model.zones import local_date
from ..dossier import FORECAST_CATEGORIES
from ._cases import Cases
from ._columns import Columns
from ._compute import grouped
from ._deals import OMITTED, Deals, Probability, by_unit, deals_in, times_of
from ._distribution import Distribution, Method, distribution, in_cents
from ._kpi import Evidence
from ._periods import Period
from ._prospects import close_times
from ._tables import NEVER


@attrs.frozen
class CategoryTotal:
    """
    What projects of one category are worth.

    Attributes:
        name: of the category.
        label: what people call it.
        n: how many projects.
        amount: of those that have one.
        weighted: the sum of amounts times probabilities; zero of what is omitted.
        cumulative: the amount of it and of all surer ones; ``None`` of what is omitted.
    """

    name: str
    label: Label
    n: int
    amount: Money | None
    weighted: Money | None
    cumulative: Money | None


@attrs.frozen
class Forecast:
    """
    What open projects are worth, by the probability and the category of each.

    Attributes:
        period: which closes count; ``None`` for every open and every won project.
        as_of: when that was so.
        currency: of the amounts; ``None`` if there is no amount at all.
        open: the amounts of the open projects that are not omitted.
        won: the amounts that were won.
        weighted_pipeline: the open amounts times their probabilities.
        weighted_forecast: the same, and what was won at its full value.
        categories: the totals of each category, from the surest on.
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
    categories: Sequence[CategoryTotal]
    n: int
    n_won: int
    evidence: Sequence[str]
    missing: Mapping[str, Sequence[str]]
    groups: Mapping[Any, Forecast] = EMPTY
    reason: str | None = None
    _deals: Sequence[tuple[Decimal, Fraction]] = attrs.field(default=(), alias="deals", eq=False, repr=False)

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
    made = _Totals(columns, period, deals)
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


@attrs.frozen
class _Totals:
    """
    Adds up deals.
    """

    columns: Columns
    period: Period | None
    deals: Deals

    def of(self, places: Sequence[int], undated: Sequence[int], groups: Mapping[Any, Forecast] = EMPTY) -> Forecast:
        """
        Return the forecast of the deals at some places.
        """
        deals = self.deals
        sums: dict[tuple[str, bool], list[Any]] = {}
        counted: list[tuple[Decimal, Fraction]] = []
        for place in places:
            is_open, category = place < deals.open, deals.categories[place]
            found = sums.setdefault((category, is_open), [0, Decimal(0), Fraction(0)])
            found[0] += 1
            amount, chance = deals.amounts[place], deals.chances[place]
            if amount is None:
                continue
            found[1] += amount
            if chance is not None and category != OMITTED:
                found[2] += Fraction(amount) * chance
                if is_open:
                    counted.append((amount, chance))
        return self._made(places, undated, groups, sums, counted)

    def _made(
        self,
        places: Sequence[int],
        undated: Sequence[int],
        groups: Mapping[Any, Forecast],
        sums: Mapping[tuple[str, bool], Sequence[Any]],
        counted: Sequence[tuple[Decimal, Fraction]],
    ) -> Forecast:
        def money(index: int, *, won: bool = True, still_open: bool = True) -> Money | None:
            parts = [
                each[index]
                for (name, is_open), each in sums.items()
                if (still_open if is_open else won) and name != OMITTED
            ]
            return self._money(sum((Fraction(part) for part in parts), Fraction()))

        n = sum(each[0] for (_, is_open), each in sums.items() if is_open)
        names, columns = self.columns.tables.projects.id, self.columns
        return Forecast(
            self.period,
            columns.now,
            self.deals.currency,
            money(1, won=False),
            money(1, still_open=False),
            money(2, won=False),
            money(2),
            self._categories(sums),
            n,
            len(places) - n,
            Evidence([self.deals.rows[place] for place in places], names.__getitem__),
            self._missing(places, undated),
            FrozenDict(groups),
            self.deals.reason,
            counted,
        )

    def _money(self, amount: Fraction) -> Money | None:
        currency = self.deals.currency
        return None if currency is None else in_cents(amount, currency)

    def _categories(self, sums: Mapping[tuple[str, bool], Sequence[Any]]) -> Sequence[CategoryTotal]:
        own = dict.fromkeys(name for name, _ in sums if name not in FORECAST_CATEGORIES)
        surest, omitted = [name for name in FORECAST_CATEGORIES if name != OMITTED], [OMITTED]
        total, found = Fraction(), list[CategoryTotal]()
        for name in (*surest, *own, *omitted):
            parts = [sums[key] for key in ((name, True), (name, False)) if key in sums]
            count, amount, weighted = (sum((Fraction(part[index]) for part in parts), Fraction()) for index in range(3))
            total += amount
            label = FORECAST_CATEGORIES.get(name, Label(name, name))
            rising = None if name == OMITTED else self._money(total)
            found.append(CategoryTotal(name, label, int(count), self._money(amount), self._money(weighted), rising))
        return found

    def _missing(self, places: Sequence[int], undated: Sequence[int]) -> Mapping[str, Sequence[str]]:
        deals, columns = self.deals, self.columns
        (today,) = close_times(columns, [local_date(columns.now, columns.zone)])
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
