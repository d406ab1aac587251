"""
Amounts in one currency: given exchange rates at a date, and the refusal to add amounts without a rate.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, cast

import attrs

from ..._model.frozen import noun
from ..._model.values import Money
from ...errors import InputError, say


def _to_table(given: Any) -> Mapping[str, Sequence[tuple[date, Decimal]]]:
    if not isinstance(given, Mapping):
        raise InputError("rates", given, say("input.rates"))
    found: dict[str, Sequence[tuple[date, Decimal]]] = {}
    for currency, rates in cast("Mapping[object, object]", given).items():
        by_day = cast("Mapping[object, object]", rates) if isinstance(rates, Mapping) else {date.min: rates}
        found[Money(1, cast("Any", currency)).currency] = sorted(_rate(day, rate) for day, rate in by_day.items())
    return found


def _to_code(given: str) -> str:
    return Money(0, given).currency


def _rate(day: object, rate: object) -> tuple[date, Decimal]:
    if isinstance(rate, (str, int, Decimal)) and not isinstance(rate, bool) and type(day) is date:
        try:
            number = Decimal(rate)
        except InvalidOperation:
            number = Decimal(0)
        if number.is_finite() and number > 0:
            return day, number
    raise InputError("rates", f"{day}: {rate!r}", say("input.rates"))


@noun
class Rates:
    """
    Exchange rates to one currency.

    Args:
        currency: the currency of the figures.
        table: for each other currency what one unit of it is worth: a number (``"7.81"``, never a float), or numbers
            by the date from which on they hold.

    >>> from datetime import date
    >>> rates = Rates("CNY", {"EUR": {date(2026, 1, 1): "7.80", date(2026, 2, 1): "7.90"}, "USD": 7})
    >>> str(rates.convert(Money(100, "EUR"), date(2026, 1, 31)))
    '780.00 CNY'

    Raises:
        InputError: for a currency that is not a code, and for a rate that is not a number above zero.
    """

    currency: str = attrs.field(converter=_to_code)
    table: Mapping[str, Sequence[tuple[date, Decimal]]] = attrs.field(converter=_to_table)

    def convert(self, money: Money, day: date) -> Money:
        """
        Return an amount in the currency of figures, at the rate of a day.

        Raises:
            InputError: if there is no rate for its currency on that day.
        """
        if money.currency == self.currency:
            return money
        rates = self.table.get(money.currency, ())
        place = bisect_right(rates, day, key=lambda each: each[0])
        if not place:
            hint = say("input.no_rate", currency=self.currency, known=tuple(self.table))
            raise InputError("rates", f"{money.currency} {day.isoformat()}", hint)
        return Money(money.amount * rates[place - 1][1], self.currency)


def one_currency(amounts: Iterable[tuple[Money, date]], rates: Rates | None) -> tuple[list[Decimal], str | None]:
    """
    Return amounts, each with the day of its rate, as numbers of one currency, and that currency.

    Raises:
        InputError: for several currencies without rates, or a rate that is missing.
    """
    if rates is not None:
        return [rates.convert(money, day).amount for money, day in amounts], rates.currency
    given = [money for money, _ in amounts]
    return [money.amount for money in given], same_currency(money.currency for money in given)


def same_currency(currencies: Iterable[str | None]) -> str | None:
    """
    Return the currency that all of these are, besides those that are ``None``; ``None`` where there is no other.

    Raises:
        InputError: for several.
    """
    known = {each for each in currencies if each is not None}
    if len(known) > 1:
        raise InputError("currencies", ", ".join(sorted(known)), say("input.mixed_currencies"))
    return next(iter(known), None)
