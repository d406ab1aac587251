"""
Mappings that refuse to change, and the faster way to fill frozen nouns.
"""

from __future__ import annotations

import copy
import pickle

import attrs
import pytest

from salesflow._model.frozen import FrozenDict, freeze, maker


CHANGES = {
    "set": lambda one: one.__setitem__("a", 2),
    "delete": lambda one: one.__delitem__("a"),
    "update": lambda one: one.update(a=2),
    "setdefault": lambda one: one.setdefault("b", 2),
    "pop": lambda one: one.pop("a"),
    "popitem": lambda one: one.popitem(),
    "clear": lambda one: one.clear(),
    "or": lambda one: one.__ior__({"a": 2}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_frozen_dictionary_does_not_change(name):
    """
    Every way of writing into it is refused, with the way to get a changed copy.
    """
    frozen = FrozenDict(a=1)
    with pytest.raises(TypeError) as raised:
        CHANGES[name](frozen)

    assert "this mapping is part of a frozen value; build a new one with {**old, key: value}" == str(raised.value)
    assert {"a": 1} == frozen


def test_copies_of_a_frozen_dictionary():
    """
    One item more or less makes a new one, and the old one stays.
    """
    frozen = FrozenDict(a=1)

    assert ({"a": 1, "b": 2}, {"a": 3}, {}, {"a": 1}) == (
        frozen.plus("b", 2),
        frozen.plus("a", 3),
        frozen.minus("a"),
        frozen.minus("b"),
    )
    assert {"a": 1} == frozen
    assert {FrozenDict} == {type(one) for one in (frozen.plus("b", 2), frozen.minus("a"))}


def test_a_frozen_dictionary_is_a_value():
    """
    Equal ones have one hash, whatever their order, and survive copying and pickling.
    """
    one, other = FrozenDict(a=1, b=2), FrozenDict(b=2, a=1)

    assert 1 == len({one, other})
    assert [one, one] == [pickle.loads(pickle.dumps(one)), copy.deepcopy(one)]
    assert FrozenDict is type(pickle.loads(pickle.dumps(one)))


def test_freezing():
    """
    Lists become tuples, dictionaries and sets frozen ones, deeply; the rest stays.
    """
    frozen = freeze({"a": [1, {"b": {2}}], "c": "text"})

    assert {"a": (1, {"b": frozenset({2})}), "c": "text"} == frozen
    assert isinstance(hash(frozen), int)


@attrs.frozen(weakref_slot=False)
class Point:
    """
    A frozen value for the maker.
    """

    x: int
    y: int = 2


def test_a_maker_makes_the_class():
    """
    What it makes is an instance like any other: equal, frozen, with the defaults.
    """
    made = maker(Point)(1)

    assert (Point(1), Point, "Point(x=1, y=2)") == (made, type(made), repr(made))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.x = 5
