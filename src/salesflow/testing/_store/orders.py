"""
What is tested of the order in which a store finds projects, and of when they were closed.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import pytest

from ... import Money
from ..._model.predicate import to_predicate
from ...errors import InputError
from ...typing import FieldSet, Store
from .facts import NOW, changed, moved, opened, write
from .hooks import Hooks


_HOUR: Final = timedelta(hours=1)
_FILLED: Final[dict[str, tuple[str, str]]] = {
    "id": ("ABCDEF", ""),
    "opened_at": ("BCADEF", ""),
    "updated_at": ("EFDABC", ""),
    "closed_at": ("ABC", "DEF"),
    "stage": ("DEFABC", ""),
    "owner": ("BCA", "DEF"),
    "size": ("CABD", "EF"),
    "price": ("BAC", "DEF"),
    "due": ("DA", "BCEF"),
    "mixed": ("CADB", "EF"),
    "nothing": ("", "ABCDEF"),
}
"""By key: the projects that have such a value, in order, and those that have none."""


_WRONG: Final[list[dict[str, Any]]] = [
    *({"order_by": order} for order in ("", "-", 5)),
    {"order_by": "size", "after": "A"},
    {"after": 5},
    {"closed_between": NOW},
    *({"closed_between": (NOW, end)} for end in (None, NOW - _HOUR, NOW.replace(tzinfo=None))),
]
"""What ``find`` may not be asked; the last argument is the wrong one."""

_VALUES: Final[dict[str, dict[str, Any]]] = {
    "A": {
        "size": 7,
        "price": Money("20", "EUR"),
        "due": date(2026, 5, 2),
        "mixed": Money("1", "EUR"),
        "owner": "\u9648",
    },
    "B": {"size": 7, "price": Money("3.50", "EUR"), "mixed": "word", "owner": "Li"},
    "C": {"size": -1, "price": Money("1", "USD"), "mixed": 5, "owner": "li"},
    "D": {"size": 10, "due": date(2026, 5, 1), "mixed": date(2020, 1, 1)},
    "E": {"owner": 7},
    "F": {},
}
_OPENED: Final = {"A": 2, "B": 1, "C": 1, "D": 3, "E": 4, "F": 5}
_CLOSED: Final = {"A": 15, "B": 18, "C": 18}


def _story(store: Store) -> None:
    """
    Write six projects, A to F, which differ in everything that they can be ordered by.
    """
    for name in "FEDCBA":
        fields = [FieldSet(field, value) for field, value in _VALUES[name].items()]
        head = write(store, opened(name, *fields, at=NOW + _HOUR * _OPENED[name]))
        if name in _CLOSED:
            write(store, moved(head, "won", outcome="won", at=NOW + _HOUR * _CLOSED[name]))
        elif name == "D":
            write(store, changed(head, at=NOW + _HOUR * 6))


def _pages(store: Store, limit: int, **asked: Any) -> str:
    seen, after = "", None
    while page := store.find(after=after, limit=limit, **asked):
        seen += "".join([each.id for each in page])
        after = page[-1]
    return seen


class Orders(Hooks):
    """
    ``find(order_by=…)`` and ``closed_between``.
    """

    def test_order(self, store: Store) -> None:
        """
        Projects come in either order, page by page, ties by id; those without a value come last both times.
        """
        _story(store)
        expected = {key: filled + lacking for key, (filled, lacking) in _FILLED.items()}
        expected |= {f"-{key}": filled[::-1] + lacking[::-1] for key, (filled, lacking) in _FILLED.items()}

        for limit in (1, 2, 4, 100):
            assert (limit, expected) == (limit, {key: _pages(store, limit, order_by=key) for key in expected})

    def test_order_of_some(self, store: Store) -> None:
        """
        What is asked for, and nothing else, comes in the order.
        """
        _story(store)
        some: list[dict[str, Any]] = [{"stage": "won"}, {"outcome": "won"}]
        large = to_predicate({"size": {"ge": -1}})

        for key, ids in (("price", "BAC"), ("-closed_at", "CBA")):
            assert [ids, ids] == [_pages(store, 2, order_by=key, **asked) for asked in some]
            assert ids + "D" == _pages(store, 2, order_by=key, where=large)

    @pytest.mark.parametrize("key", ["updated_at", "closed_at", "size"])
    def test_page_goes_on_where_it_ended(self, store: Store, key: str) -> None:
        """
        A page goes on behind where the last project of the page before stood, whatever became of it since.
        """
        _story(store)
        last = store.find(order_by=key, limit=2)[-1]
        _, behind = _pages(store, 100, order_by=key).split(last.id)
        late = NOW + timedelta(days=30)
        head = write(store, moved(last, "lead", outcome="lost", at=late))
        write(store, changed(head, FieldSet("size", 99), at=late))
        found = [each.id for each in store.find(order_by=key, after=last)]

        assert list(behind) == [each for each in found if each != last.id]

    def test_closed_between(self, store: Store) -> None:
        """
        A project is found by when it was closed, from the first time on and before the second, until it is reopened.
        """
        _story(store)
        a, c = NOW + _HOUR * 15, NOW + _HOUR * 18
        periods = [(a, c), (a, c + _HOUR), (a + _HOUR, c), (c, c), (NOW, a)]
        found = [[each.id for each in store.find(closed_between=period)] for period in periods]
        counts = [store.count(closed_between=period) for period in periods]
        write(store, moved(store.find(closed_between=(a, c))[0], "lead", at=c, kind="reopen"))

        assert [["A"], ["A", "B", "C"], [], [], []] == found
        assert [1, 3, 0, 0, 0] == counts
        assert ["C", "B"] == [each.id for each in store.find(closed_between=(a, c + _HOUR), order_by="-closed_at")]
        assert (0, 2) == (store.count(closed_between=(a, c)), store.count(closed_between=(a, c + _HOUR), outcome="won"))

    def test_orders_that_are_none(self, store: Store) -> None:
        """
        An invalid order, page or period is refused by its name.
        """
        for asked in _WRONG:
            with pytest.raises(InputError, match=[*asked][-1]):
                store.find(**asked)
