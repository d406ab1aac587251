"""
The variables of an expression: the values of a project in the types of the language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, cast

import attrs
from celpy import celtypes
from celpy.evaluation import CELEvalError

from salesflow import Money, Project
from salesflow.errors import InputError
from salesflow.typing import Context

from ._reading import Reading


class NoValue(Exception):  # noqa: N818 -- marks an error value of the language, and is never raised
    """
    A name has no value.
    """


class MoneyType(celtypes.MapType):  # noqa: PLW1641 -- maps have no hash either
    """
    Money: a map of ``amount`` and ``currency`` that is compared, added and subtracted exactly.

    Comparing two currencies, even for equality, is unknown.
    """

    def __init__(self, money: Money) -> None:
        super().__init__()
        self.money = money
        self[celtypes.StringType("amount")] = celtypes.DoubleType(float(money.amount))
        self[celtypes.StringType("currency")] = celtypes.StringType(money.currency)

    @classmethod
    def parse(cls, text: Any) -> MoneyType:
        """
        Read ``money("100000 CNY")``.

        Raises:
            TypeError: if the text is not money.
        """
        try:
            return cls(Money.parse(str(text)))
        except InputError as error:
            raise TypeError(str(error)) from None

    def _other(self, other: object) -> Money:
        if not isinstance(other, MoneyType) or other.money.currency != self.money.currency:
            raise TypeError("no such overload")
        return other.money

    def __eq__(self, other: object) -> bool:
        return self.money == self._other(other)

    def __ne__(self, other: object) -> bool:
        return self.money != self._other(other)

    def __lt__(self, other: object) -> bool:
        return self.money < self._other(other)

    def __le__(self, other: object) -> bool:
        return self.money <= self._other(other)

    def __gt__(self, other: object) -> bool:
        return self.money > self._other(other)

    def __ge__(self, other: object) -> bool:
        return self.money >= self._other(other)

    def __add__(self, other: object) -> MoneyType:
        return MoneyType(self.money + self._other(other))

    def __sub__(self, other: object) -> MoneyType:
        return MoneyType(self.money - self._other(other))


_SIMPLE: Final[tuple[tuple[Any, Callable[[Any], Any]], ...]] = (
    (bool, celtypes.BoolType),
    (int, celtypes.IntType),
    ((float, Decimal), lambda value: celtypes.DoubleType(float(value))),
    (str, celtypes.StringType),
    (Money, MoneyType),
    (datetime, celtypes.TimestampType),
    (date, lambda value: celtypes.TimestampType(datetime.combine(value, time(), UTC))),
    (timedelta, celtypes.DurationType),
)


def to_cel(value: Any) -> Any:
    """
    Return a value of a field or an entry in a type of the language.
    """
    for kind, made in _SIMPLE:
        if isinstance(value, kind):
            return made(value)
    if isinstance(value, Mapping):
        return _table(cast("Mapping[str, Any]", value))
    if isinstance(value, frozenset):
        return celtypes.ListType([to_cel(item) for item in sorted(cast("frozenset[str]", value))])
    if isinstance(value, Iterable):
        return celtypes.ListType([to_cel(item) for item in cast("Iterable[Any]", value)])  # type: ignore[redundant-cast]  # for pyright
    entry: Any = value
    return _table({name: getattr(entry, name) for name in attrs.fields_dict(entry.__class__)})


def _table(values: Mapping[str, Any]) -> celtypes.MapType:
    # None is left out, so that has() is false, and every other use is an error and so unknown.
    return celtypes.MapType(
        {celtypes.StringType(name): to_cel(value) for name, value in values.items() if value is not None}
    )


def variables(ctx: Context, reading: Reading) -> dict[str, Any]:
    """
    Return the variables of an expression; a field without a value is an error value of the language.
    """
    project = ctx.project
    absent = {name: CELEvalError(name, NoValue) for name in reading.fields}
    present = {name: project.fields[name] for name in reading.fields if project.fields.get(name) is not None}
    given = {name: to_cel(value) for name, value in present.items()}
    actor = {"name": ctx.actor.name, "roles": ctx.actor.roles}
    found: dict[str, Any] = {**absent, **given, "fields": _table(present), "actor": _table(actor)}
    found |= {"at": to_cel(ctx.at), "stage": to_cel(project.stage), "outcome": to_cel(project.outcome)}
    found["reason"] = CELEvalError("reason", NoValue) if ctx.reason is None else to_cel(ctx.reason)
    return found | _of_project(project, reading) if reading.whole else found


def _of_project(project: Project, reading: Reading) -> dict[str, Any]:
    held = {kind: [each.entry for each in project.held(kind).values()] for kind in reading.kinds}
    about = {"id": project.id, "name": project.name, "opened_at": project.opened_at}
    return {"entries": _table(held), "project": _table({**about, "entered_at": project.visit.entered_at})}
