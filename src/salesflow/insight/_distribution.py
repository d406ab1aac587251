"""
How much of the open amount is won: the distribution of the sum, exact for few projects and simulated for many.

Each project is won or not by its probability, and independently of the others; a bad quarter hits them together, so
that the true spread is wider.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from math import sqrt
from operator import itemgetter
from random import Random
from typing import Final, Literal, TypeAlias, get_args

import attrs

from .._model.frozen import noun
from .._model.values import Label, Money
from ..errors import InputError, nearest, say
from ._prospects import to_chance


Method: TypeAlias = Literal["auto", "exact", "simulation"]
"""How a distribution is found; ``auto`` is exact where that costs little."""

_METHODS: Final[tuple[Method, ...]] = get_args(Method)
_COST: Final = 100_000  # sums that the exact way may make; more of them take seconds
_DRAWN: Final = 400  # projects that a simulation draws one by one, those that matter most
INDEPENDENT: Final = Label(
    "Independence of the projects is assumed: what hits many of them at once makes the true spread wider.",
    "假定各项目相互独立：若有因素同时影响多个项目，实际波动会更大。",
)


def in_cents(amount: Fraction, currency: str) -> Money:
    """
    Return an exact amount as money, rounded once: to hundredths, a half to the even.
    """
    return Money(Decimal(round(amount * 100)).scaleb(-2), currency)


@noun(eq=False, repr=False)
class Distribution:
    """
    The distribution of the amount that is won of the open projects.

    Attributes:
        method: ``exact``, or ``simulation``.
        currency: of the amounts.
        mean: the expected amount, exact in both.
        runs, seed: of a simulation; ``None`` for an exact one.
        note: what is assumed.
    """

    method: Literal["exact", "simulation"]
    currency: str
    mean: Money
    _sums: Sequence[Fraction] = attrs.field(alias="sums")
    _below: Sequence[int] = attrs.field(alias="below")
    runs: int | None = None
    seed: int | None = None
    note: Label = INDEPENDENT

    @property
    def points(self) -> Sequence[tuple[Money, Fraction]]:
        """
        The amounts that can be won, ascending, each with its probability; of a simulation with its share of the runs.
        """
        whole = self._below[-1]
        weights = [high - low for low, high in zip((0, *self._below), self._below, strict=False)]
        return [(self._money(each), Fraction(weight, whole)) for each, weight in zip(self._sums, weights, strict=True)]

    @property
    def p10(self) -> Money:
        """
        The amount that is exceeded, or just reached, in nine of ten cases.
        """
        return self.quantile("0.1")

    @property
    def p50(self) -> Money:
        """
        The median.
        """
        return self.quantile("0.5")

    @property
    def p90(self) -> Money:
        """
        The amount that is not exceeded in nine of ten cases.
        """
        return self.quantile("0.9")

    def quantile(self, share: str | float | Decimal | Fraction) -> Money:
        """
        Return the smallest amount that is not exceeded with at least so large a probability.

        Args:
            share: above 0, up to 1.

        Raises:
            InputError: for any other share.
        """
        wanted = to_chance(share)
        if not wanted:
            raise InputError("share", share, say("input.quantile"))
        return self._money(self._sums[bisect_left(self._below, wanted * self._below[-1])])

    def chance(self, amount: Money) -> float:
        """
        Return the probability that at least an amount is won.

        Raises:
            InputError: for an amount of another currency.
        """
        least = Fraction((amount - Money(0, self.currency)).amount)
        place = bisect_left(self._sums, least)
        below = self._below[place - 1] if place else 0
        return 1 - below / self._below[-1]

    def _money(self, amount: Fraction) -> Money:
        return in_cents(amount, self.currency)

    def __repr__(self) -> str:
        return f"<Distribution, {self.method}: P10 {self.p10}, P50 {self.p50}, P90 {self.p90}>"


def distribution(
    deals: Sequence[tuple[Decimal, Fraction]], currency: str, method: Method, runs: int, seed: int
) -> Distribution:
    """
    Return the distribution of the sum of amounts that are won, each by its probability.

    Raises:
        InputError: for an unknown method, fewer than one run, and for an exact distribution of too many sums.
    """
    if method not in _METHODS:
        raise InputError("method", method, say("input.choice", known=_METHODS, near=nearest(str(method), _METHODS)))
    for name, number in (("runs", runs), ("seed", seed)):
        if isinstance(number, bool) or not isinstance(number, int):
            raise InputError(name, number, say("input.whole"))
    if runs < 1:
        raise InputError("runs", runs, say("input.bins"))
    mean = in_cents(sum((amount * chance for amount, chance in _exact(deals)), Fraction()), currency)
    sure = sum((amount for amount, chance in _exact(deals) if chance == 1), Fraction())
    open_ones = [(amount, chance) for amount, chance in _exact(deals) if 0 < chance < 1 and amount]
    found = None if method == "simulation" else _convolved(open_ones)
    if found is not None:
        sums, weights = zip(*sorted(found.items(), key=itemgetter(0)), strict=True)
        return Distribution("exact", currency, mean, [sure + each for each in sums], list(accumulate(weights)))
    if method == "exact":
        raise InputError("method", method, say("input.exact_too_large", n=len(open_ones)))
    drawn = sorted(sure + each for each in _simulated(open_ones, runs, seed))
    return Distribution("simulation", currency, mean, drawn, range(1, runs + 1), runs, seed)


def _exact(deals: Sequence[tuple[Decimal, Fraction]]) -> Sequence[tuple[Fraction, Fraction]]:
    return [(Fraction(amount), chance) for amount, chance in deals]


def _convolved(deals: Sequence[tuple[Fraction, Fraction]]) -> dict[Fraction, int] | None:
    """
    Return the weight of each sum, in whole numbers; ``None`` where there are too many of them.
    """
    found: dict[Fraction, int] = {Fraction(): 1}
    cost = 0
    for amount, chance in deals:
        cost += len(found)
        if cost > _COST:
            return None
        won, lost = chance.numerator, chance.denominator - chance.numerator
        new = {each: weight * lost for each, weight in found.items()}
        for each, weight in found.items():
            new[each + amount] = new.get(each + amount, 0) + weight * won
        found = new
    return found


def _simulated(deals: Sequence[tuple[Fraction, Fraction]], runs: int, seed: int) -> Sequence[Fraction]:
    """
    Return the sum of each run. Of many projects those that spread most are drawn, and the rest is drawn as a normal.
    """
    random = Random(seed)  # noqa: S311 -- a simulation, which has to be repeatable
    ordered = sorted(deals, key=lambda each: each[0] ** 2 * each[1] * (1 - each[1]), reverse=True)
    drawn = [(round(amount * 100), float(chance)) for amount, chance in ordered[:_DRAWN]]
    rest = ordered[_DRAWN:]
    most = float(sum((amount for amount, _ in rest), Fraction())) * 100
    mean = float(sum((amount * chance for amount, chance in rest), Fraction())) * 100
    spread = sqrt(float(sum((amount**2 * chance * (1 - chance) for amount, chance in rest), Fraction()))) * 100
    sums: list[int] = []
    for _ in range(runs):
        found = sum(amount for amount, chance in drawn if random.random() < chance)
        if rest:
            found += round(min(max(random.gauss(mean, spread), 0.0), most))
        sums.append(found)
    return [Fraction(each, 100) for each in sums]
