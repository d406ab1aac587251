"""
What formulas do with whole columns: choose rows, read other columns at them, add up, and order.

Rows come from :meth:`Columns.included`: plain Python, or a :class:`Vector` that numpy computes with. The answers are
equal, and a vector can be read like any sequence, so that a formula which reads it row by row is right as well.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import Any


class Vector(Sequence[Any]):
    """
    A column that is computed with as a whole. Its elements are plain Python values.
    """

    @abstractmethod
    def pick(self, column: Sequence[Any]) -> Vector:
        """
        Return the elements of a column at these places.
        """

    @abstractmethod
    def within(self, times: Sequence[int], start: int, end: int) -> Vector:
        """
        Return those of its places at which a column lies from *start* on and before *end*.
        """

    @abstractmethod
    def having(self, column: Sequence[Any], wanted: Collection[Any]) -> Vector:
        """
        Return those of its places at which a column has one of some values.
        """

    @abstractmethod
    def same(self, value: int) -> Vector:
        """
        Return 1 for each element that equals a number, and 0 for others.
        """

    @abstractmethod
    def above(self, least: int) -> Vector:
        """
        Return 1 for each element above a number, and 0 for others.
        """

    @abstractmethod
    def mapped(self, make: Callable[..., int], others: Sequence[Sequence[int]]) -> Vector:
        """
        Return what a function makes of each element and the elements of other columns there.
        """

    @abstractmethod
    def places(self) -> Vector:
        """
        Return the places of its elements.
        """

    @abstractmethod
    def followed(self, others: Sequence[Sequence[Any]]) -> Vector:
        """
        Return its elements and then those of others.
        """

    @abstractmethod
    def less(self, other: Sequence[int]) -> Vector:
        """
        Return its elements, each less that of another column.
        """

    @abstractmethod
    def times(self, factors: Sequence[int]) -> Vector:
        """
        Return each of its elements where the factor is 1, and 0 where it is 0.
        """

    @abstractmethod
    def filled(self) -> Vector:
        """
        Return the places of its elements that are not ``None``.
        """

    @abstractmethod
    def placed(self, count: int, values: Sequence[Any]) -> Vector:
        """
        Return a column of so many rows that has values at these places, and ``None`` elsewhere.
        """

    @abstractmethod
    def total(self) -> Any:
        """
        Return the exact sum.
        """

    @abstractmethod
    def among(self, wanted: Sequence[int]) -> Vector:
        """
        Return 1 for each element that is one of some numbers, and 0 for others; all are 0 or more.
        """

    @abstractmethod
    def ends(self, times: Sequence[int]) -> tuple[Vector, Vector]:
        """
        Return the places of the earliest and of the latest of the elements that are alike, in ascending order of them.
        """

    @abstractmethod
    def ordered(self) -> Vector:
        """
        Return its elements in ascending order.
        """


def within(rows: Sequence[int], times: Sequence[int], start: int, end: int) -> Sequence[int]:
    """
    Return the rows whose time lies from *start* on and before *end*.
    """
    if isinstance(rows, Vector):
        return rows.within(times, start, end)
    return [row for row in rows if start <= times[row] < end]


def having(rows: Sequence[int], column: Sequence[Any], wanted: Collection[Any]) -> Sequence[int]:
    """
    Return the rows at which a column has one of some values.
    """
    if isinstance(rows, Vector):
        return rows.having(column, wanted)
    return [row for row in rows if column[row] in wanted]


def without(rows: Sequence[int], others: Sequence[int]) -> Sequence[int]:
    """
    Return the rows that are not among others.
    """
    return pick(rows, having(numbered(rows), among(rows, others), (0,)))


def pick(column: Sequence[Any], rows: Sequence[int]) -> Sequence[Any]:
    """
    Return the elements of a column at some rows.
    """
    return rows.pick(column) if isinstance(rows, Vector) else [column[row] for row in rows]


def same(values: Sequence[int], value: int) -> Sequence[int]:
    """
    Return 1 for each value that equals a number, and 0 for others.
    """
    return values.same(value) if isinstance(values, Vector) else [int(each == value) for each in values]


def above(values: Sequence[int], least: int) -> Sequence[int]:
    """
    Return 1 for each value that is above a number, and 0 for others.
    """
    return values.above(least) if isinstance(values, Vector) else [int(each > least) for each in values]


def numbered(values: Sequence[Any]) -> Sequence[int]:
    """
    Return the places of all values.
    """
    return values.places() if isinstance(values, Vector) else range(len(values))


def joined(columns: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """
    Return columns one behind the other.
    """
    first = columns[0] if columns else ()
    return first.followed(columns[1:]) if isinstance(first, Vector) else [each for column in columns for each in column]


def mapped(make: Callable[..., int], *columns: Sequence[int]) -> Sequence[int]:
    """
    Return what a function makes of the numbers in each row of some columns, asked once for each combination.
    """
    first, *others = columns
    if isinstance(first, Vector):
        return first.mapped(make, others)
    known: dict[tuple[int, ...], int] = {}
    found: list[int] = []
    for key in zip(*columns, strict=True):
        made = known.get(key)
        if made is None:
            made = known[key] = make(*key)
        found.append(made)
    return found


def differences(values: Sequence[int], others: Sequence[int]) -> Sequence[int]:
    """
    Return each value less the other.
    """
    if isinstance(values, Vector):
        return values.less(others)
    return [each - other for each, other in zip(values, others, strict=True)]


def products(values: Sequence[Any], factors: Sequence[int]) -> Sequence[Any]:
    """
    Return each value where its factor is 1, and 0 where it is 0.
    """
    if isinstance(values, Vector):
        return values.times(factors)
    return [value if factor else 0 for value, factor in zip(values, factors, strict=True)]


def filled(values: Sequence[Any]) -> Sequence[int]:
    """
    Return the places of the values that are there.
    """
    if isinstance(values, Vector):
        return values.filled()
    return [place for place, value in enumerate(values) if value is not None]


def placed(count: int, rows: Sequence[int], values: Sequence[Any]) -> Sequence[Any]:
    """
    Return a column of so many rows that has values in some of them, and ``None`` in others.
    """
    if isinstance(rows, Vector):
        return rows.placed(count, values)
    found: list[Any] = [None] * count
    for row, value in zip(rows, values, strict=True):
        found[row] = value
    return found


def total(values: Sequence[Any]) -> Any:
    """
    Return the exact sum.
    """
    return values.total() if isinstance(values, Vector) else sum(values)


def among(values: Sequence[int], wanted: Sequence[int]) -> Sequence[int]:
    """
    Return 1 for each value that is one of some numbers, and 0 for others; all are 0 or more.
    """
    if isinstance(values, Vector):
        return values.among(wanted)
    known = {*wanted}
    return [int(each in known) for each in values]


def ends(keys: Sequence[int], times: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
    """
    Return, for each key in ascending order, the places at which its times are earliest and latest.

    Of several at the same time it is the first and the last place.
    """
    if isinstance(keys, Vector):
        return keys.ends(times)
    places: dict[int, list[int]] = {}
    for place in sorted(range(len(keys)), key=times.__getitem__):
        places.setdefault(keys[place], []).append(place)
    found = [places[key] for key in sorted(places)]
    return [each[0] for each in found], [each[-1] for each in found]


def ordered(values: Sequence[Any]) -> Sequence[Any]:
    """
    Return values in ascending order.
    """
    return values.ordered() if isinstance(values, Vector) else sorted(values)
