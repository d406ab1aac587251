"""
Queries: the conditions by which projects are found, and their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from heapq import nlargest, nsmallest
from operator import attrgetter
from typing import Any, Final, TypeAlias, TypedDict, cast

import attrs

from ..errors import InputError, say
from .frozen import noun
from .predicate import Predicate, bind_predicate
from .project import Project, field_reader
from .values import Money, to_utc


Period: TypeAlias = tuple[datetime, datetime]
"""From the first time on, and before the second."""

Position: TypeAlias = tuple[Any, str]
"""Where a project stands in an order: the value that it is ordered by, and its id."""


class Asked(TypedDict, total=False):
    """
    What :meth:`~salesflow.typing.Store.find` and ``count`` of a store take; see :class:`Query`.
    """

    stage: str | None
    owner: str | None
    outcome: str | None
    parent: str | None
    where: Predicate | None
    closed_between: Period | None


def _to_period(given: object) -> Period | None:
    if given is None:
        return None
    times = cast("tuple[object, ...]", given)
    if not isinstance(given, (tuple, list)) or len(times) != 2:
        raise InputError("closed_between", times, say("input.period"))
    start, end = (to_utc(each, "closed_between") for each in times)
    if start > end:
        raise InputError("closed_between", times, say("input.period_order"))
    return start, end


@noun
class Query:
    """
    Which projects are asked for; ``None`` leaves a condition out.

    Attributes:
        parent: the id of the project that they belong to.
        where: what holds for their fields; a project for which it is unknown does not match.
        closed_between: when they were closed: from the first time on and before the second.

    Raises:
        InputError: for times without a zone, or in the wrong order.
    """

    stage: str | None = None
    owner: str | None = None
    outcome: str | None = None
    parent: str | None = None
    where: Predicate | None = None
    closed_between: Period | None = attrs.field(default=None, converter=_to_period)


NAMED: Final = ("stage", "owner", "outcome", "parent")
"""The conditions that are equalities."""


def matching(query: Query) -> Callable[[Project], bool]:
    """
    Return the function that says whether a project is asked for.
    """
    tests: list[Callable[[Project], bool | None]] = [
        _equals(name, wanted) for name in NAMED if (wanted := getattr(query, name)) is not None
    ]
    if query.closed_between is not None:
        start, end = query.closed_between
        tests.append(lambda project: project.closed_at is not None and start <= project.closed_at < end)
    if query.where is not None:
        tests.append(bind_predicate(query.where, field_reader))
    return lambda project: all(test(project) is True for test in tests)


def _equals(name: str, wanted: str) -> Callable[[Project], bool]:
    read = attrgetter(name)
    return lambda project: bool(read(project) == wanted)


ORDERS: Final = ("id", "opened_at", "closed_at", "updated_at", "stage", "owner")
"""What projects can be ordered by, beside their fields."""


@noun
class Order:
    """
    The order in which projects come: by a value, then by id; those without a value come last.

    Numbers, texts, amounts of money (by currency, then by amount), dates and times each have their own order; a field
    whose values are of several of these types has them one type after the other.

    Attributes:
        key: one of :data:`ORDERS`, else a field.
        descending: whether it is the other way round; those without a value are still last.
        behind: where the page before ended.
    """

    key: str = "id"
    descending: bool = False
    behind: Position | None = None

    @property
    def by_id(self) -> bool:
        """
        Whether it is the order that nobody has to ask for.
        """
        return self.key == "id" and not self.descending

    def value(self, project: Project) -> Any:
        """
        Return what a project is ordered by; ``None`` where it has no such value.
        """
        if self.key == "owner":
            # Another type of field may have taken the name; by that nobody is found.
            return project.owner if isinstance(project.owner, str) else None
        return getattr(project, self.key) if self.key in ORDERS else project.fields.get(self.key)

    def rank(self, position: Position) -> tuple[Any, ...]:
        """
        Return what compares as positions do, the other way round if it is descending.
        """
        value, project_id = position
        comparable = _comparable(value)
        return (comparable is None) is not self.descending, comparable or (), project_id


def _comparable(value: Any) -> tuple[Any, ...] | None:
    if isinstance(value, (bool, int, float, Decimal)):
        return (0, value) if value == value else None  # noqa: PLR0124 -- not a number differs from itself
    if isinstance(value, Money):
        return 1, value.currency, value.amount
    if isinstance(value, datetime):
        return 3, value
    if isinstance(value, date):
        return 2, value
    return (4, value) if isinstance(value, str) else None


def make_order(order_by: str | None = None, after: str | Project | None = None) -> Order:
    """
    Return the order that is written as a key, with ``-`` before it for the other way round.

    Args:
        after: the last project of the page before; its id is enough where projects are ordered by id.

    Raises:
        InputError: for an unknown key, or an *after* that does not say where to go on.
    """
    given: Any = "id" if order_by is None else order_by
    key = given.removeprefix("-") if isinstance(given, str) else ""
    if not key:
        raise InputError("order_by", order_by, say("input.order_form", known=tuple(ORDERS)))
    order = Order(key, given != key)
    if isinstance(after, Project):
        return attrs.evolve(order, behind=(order.value(after), after.id))
    if after is None:
        return order
    if key != "id" or not isinstance(after, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError("after", after, say("input.order_after", key=key))
    return attrs.evolve(order, behind=(after, after))


def ordered(projects: Iterable[Project], order: Order, limit: int | None = None) -> list[Project]:
    """
    Return projects in an order, those behind its position; at most *limit* of them.
    """
    ranked = [(order.rank((order.value(each), each.id)), each) for each in projects]
    if order.behind is not None:
        last = order.rank(order.behind)
        ranked = [each for each in ranked if (each[0] < last if order.descending else each[0] > last)]
    if limit is None or limit >= len(ranked):
        ranked.sort(key=lambda each: each[0], reverse=order.descending)
    else:
        ranked = (nlargest if order.descending else nsmallest)(limit, ranked, key=lambda each: each[0])
    return [project for _, project in ranked]
