"""
Vectors over arrays of numpy, and what is done with its arrays. Loaded when a figure of a large portfolio is asked for.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import repeat
from operator import is_not
from typing import Any, Final, overload

import numpy as np

from .tables import NONE
from .vectors import Vector


HALF: Final = 2**32
"""Numbers are added up in two halves, as the sum of times may need more than 64 bits."""

_DENSE: Final = 4  # so many times as wide as there are numbers


def vector(rows: Sequence[int]) -> Numbers:
    """
    Return rows as a vector.
    """
    return rows if isinstance(rows, Numbers) else Numbers(np.array(rows, np.int64))


def as_array(column: Sequence[Any]) -> Any:
    """
    Return a column as an array: of numbers, or of objects. What can grow is copied, as it cannot grow while it is lent.
    """
    if isinstance(column, Numbers):
        return column.array
    if isinstance(column, array | bytearray):
        return np.array(column)
    if isinstance(column, range):
        return np.arange(column.start, column.stop)
    return np.fromiter(column, object, len(column))  # filling a slice looks into each element


class Numbers(Vector):
    """
    A vector over an array: of numbers, or of objects such as exact amounts.
    """

    def __init__(self, values: Any) -> None:
        self.array = values

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.array.tolist())

    @overload
    def __getitem__(self, place: int, /) -> Any: ...

    @overload
    def __getitem__(self, place: slice, /) -> Numbers: ...

    def __getitem__(self, place: int | slice, /) -> Any:
        if isinstance(place, slice):
            return Numbers(self.array[place])
        found = self.array[place]
        return found if self.array.dtype == object else int(found)

    def pick(self, column: Sequence[Any]) -> Numbers:
        if isinstance(column, (list, tuple)) and len(column) > len(self):
            return Numbers(as_array([column[place] for place in self]))  # cheaper than all of it as an array
        return Numbers(as_array(column)[self.array])

    def within(self, times: Sequence[int], start: int, end: int) -> Numbers:
        found = as_array(times)[self.array]
        return Numbers(self.array[(found >= start) & (found < end)])

    def having(self, column: Sequence[Any], wanted: Collection[Any]) -> Numbers:
        return Numbers(self.array[is_one_of(as_array(column)[self.array], wanted)])

    def same(self, value: int) -> Numbers:
        return Numbers((self.array == value).astype(np.int64))

    def above(self, least: int) -> Numbers:
        return Numbers((self.array > least).astype(np.int64))

    def mapped(self, make: Callable[..., int], others: Sequence[Sequence[int]]) -> Numbers:
        columns = [self.array, *[as_array(each) for each in others]]
        keys, many = np.zeros(len(self.array), np.int64), 1
        for column in columns:
            low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
            keys, many = keys * (high - low + 1) + (column - low), many * (high - low + 1)
        _, firsts, places = distinct(keys)
        made = [make(*[int(column[first]) for column in columns]) for first in firsts.tolist()]
        return Numbers(np.array(made, np.int64)[places])

    def places(self) -> Numbers:
        return Numbers(np.arange(len(self.array)))

    def followed(self, others: Sequence[Sequence[Any]]) -> Numbers:
        return Numbers(np.concatenate([self.array, *[as_array(each) for each in others]]))

    def less(self, other: Sequence[int]) -> Numbers:
        return Numbers(self.array.astype(np.int64) - as_array(other))

    def times(self, factors: Sequence[int]) -> Numbers:
        return Numbers(np.where(as_array(factors) == 1, self.array, 0))

    def filled(self) -> Numbers:
        return Numbers(np.flatnonzero(is_there(self.array.tolist())))

    def placed(self, count: int, values: Sequence[Any]) -> Numbers:
        found = np.full(count, None, object)
        found[self.array] = as_array(values)
        return Numbers(found)

    def total(self) -> Any:
        if self.array.dtype == object:
            return sum(self.array.tolist())
        high, low = np.divmod(self.array.astype(np.int64), HALF)
        return int(high.sum()) * HALF + int(low.sum())

    def among(self, wanted: Sequence[int]) -> Numbers:
        numbers = as_array(wanted)
        flags = np.zeros(max((int(each.max()) for each in (self.array, numbers) if len(each)), default=0) + 1, np.int64)
        flags[numbers] = 1
        return Numbers(flags[self.array])

    def ends(self, times: Sequence[int]) -> tuple[Numbers, Numbers]:
        order = np.lexsort((as_array(times), self.array))
        keys = self.array[order]
        follows = keys[1:] == keys[:-1]
        firsts, lasts = (~np.append(*each)[: len(keys)] for each in ((False, follows), (follows, False)))
        return Numbers(order[firsts]), Numbers(order[lasts])

    def ordered(self) -> Numbers:
        return Numbers(np.sort(self.array))


def is_there(values: Sequence[object]) -> Any:
    """
    Return where values are not ``None``.
    """
    return np.fromiter(map(is_not, values, repeat(None)), bool, len(values))


def is_one_of(column: Any, wanted: Collection[Any]) -> Any:
    """
    Return where a column has one of a few values.
    """
    found = np.zeros(len(column), bool)
    for each in wanted:
        found |= column == each
    return found


def distinct(keys: Any) -> tuple[Any, Any, Any]:
    """
    Return the distinct numbers in ascending order, the first place of each, and for each element which of them it is.
    """
    low, high = (int(keys.min()), int(keys.max()) + 1) if len(keys) else (0, 0)
    if high - low > _DENSE * len(keys):
        return np.unique(keys, return_index=True, return_inverse=True)
    # Counted, not sorted: numbers that lie close together.
    first = np.full(high - low, NONE)
    first[keys[::-1] - low] = np.arange(len(keys))[::-1]
    known = np.flatnonzero(first != NONE)
    number = np.zeros(high - low, np.int64)
    number[known] = np.arange(len(known))
    return known + low, first[known], number[keys - low]


def numbered(values: Iterable[Any]) -> Any:
    """
    Return a number for each value, equal values having the same.
    """
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(each, len(numbers)) for each in values], np.int64)


def whole_numbers(column: Sequence[int]) -> Any:
    """
    Return a column of whole numbers as an array, also where it is a list.
    """
    found = as_array(column)
    return found.astype(np.int64) if found.dtype == object else found
