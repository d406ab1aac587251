"""
Conditions as data, in three-valued logic.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, strategies as st

from salesflow import Money
from salesflow._model.predicate import (
    OPS,
    Compare,
    Junction,
    compare,
    fields_of,
    holds,
    plain_comparison,
    to_data,
    to_predicate,
    with_literals,
)
from salesflow.errors import InputError

from ...cases import over_cases


@over_cases(
    ("data", "expected"),
    [
        ({"a": 1}, Compare("a", "eq", 1)),
        ({"a": {"gt": 1}}, Compare("a", "gt", 1)),
        ({"a": {"gt": 1, "lt": 5}}, Junction("all", (Compare("a", "gt", 1), Compare("a", "lt", 5)))),
        ({"a": 1, "b": 2}, Junction("all", (Compare("a", "eq", 1), Compare("b", "eq", 2)))),
        ({"any": [{"a": 1}, {"b": 2}]}, Junction("any", (Compare("a", "eq", 1), Compare("b", "eq", 2)))),
        ({"all": [{"a": 1}]}, Junction("all", (Compare("a", "eq", 1),))),
        ({"not": {"a": 1}}, Junction("not", (Compare("a", "eq", 1),))),
        ({"a": {"in": [1, 2]}}, Compare("a", "in", (1, 2))),
        (Compare("a", "eq", 1), Compare("a", "eq", 1)),
    ],
)
def test_reading(data, expected):
    """
    Plain data reads as the predicate it stands for.
    """
    assert expected == to_predicate(data)


@over_cases(
    ("data", "says"),
    [
        ({}, "predicate: {} is not usable. Write a table such as { field = value } or { all = [ … ] }."),
        ("a = 1", "predicate: 'a = 1' is not usable."),
        ([{"a": 1}], "predicate: [{'a': 1}] is not usable."),
        ({5: 1}, "predicate: 5 is not usable. Write the name of a field, all, any or not."),
        ({"all": []}, "predicate 'all': [] is not usable. Give it a list of predicates."),
        ({"any": {"a": 1}}, "predicate 'any': {'a': 1} is not usable."),
        ({"not": 1}, "predicate: 1 is not usable."),
        ({"a": {}}, "comparison of 'a': {} is not usable. Use one of eq, ne, lt, le, gt, ge, in, not_in, set."),
        ({"a": {"no_in": [1]}}, "Did you mean 'not_in'?"),
        ({"a": {5: 1}}, "operator: 5 is not usable."),
        ({"a": {"set": 1}}, "operator 'set' of 'a': 1 is not usable. Write true or false."),
        ({"a": {"in": "xyz"}}, "operator 'in' of 'a': 'xyz' is not usable. Give it a list of values."),
        (
            reduce(lambda inner, _: {"not": inner}, range(500), {"a": 1}),
            "It is nested deeper than 64",
        ),
        ({"a": {"not_in": 5}}, "operator 'not_in' of 'a': 5 is not usable."),
    ],
)
def test_what_is_no_predicate(data, says):
    """
    The part that does not fit is named, with what would.
    """
    with pytest.raises(InputError) as raised:
        to_predicate(data)

    assert says in str(raised.value)


names = st.sampled_from(["a", "b", "c"])
comparisons = st.builds(Compare, names, st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"]), st.integers(0, 3))
memberships = st.builds(Compare, names, st.sampled_from(["in", "not_in"]), st.lists(st.integers(0, 3)))
presences = st.builds(Compare, names, st.just("set"), st.booleans())
predicates = st.recursive(
    comparisons | memberships | presences,
    lambda inner: (
        st.builds(Junction, st.sampled_from(["all", "any"]), st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(lambda part: Junction("not", (part,)), inner)
    ),
    max_leaves=6,
)
values = st.dictionaries(names, st.integers(0, 3))


@given(predicates)
def test_what_is_written_reads_back(predicate):
    """
    Any predicate is the same after writing and reading.
    """
    assert predicate == to_predicate(to_data(predicate))


def answer(predicate: Any, row: dict[str, int]) -> bool | None:
    return holds(predicate, row.get)


@given(predicates, predicates, values)
def test_the_logic_is_kleenes(one, other, row):
    """
    Negation swaps, and the two junctions are each other's opposites, with unknown in the middle.
    """
    rank = {False: 0, None: 1, True: 2}
    left, right = rank[answer(one, row)], rank[answer(other, row)]
    inverted = Junction("not", (one,))

    assert 2 - left == rank[answer(inverted, row)]
    assert min(left, right) == rank[answer(Junction("all", (one, other)), row)]
    assert max(left, right) == rank[answer(Junction("any", (one, other)), row)]


@given(predicates, values)
def test_more_knowledge_changes_no_known_answer(predicate, row):
    """
    What was true or false without a field stays so when the field is filled; presence is not asked here.
    """
    if "set" in str(to_data(predicate)):
        return
    known = answer(predicate, row)

    assert known is None or known is answer(predicate, {"a": 1, "b": 2, "c": 3, **row})


@over_cases(("value", "expected"), [(None, False), ("", False), ("  ", False), (0, True), (False, True), ("x", True)])
def test_presence_is_never_unknown(value, expected):
    """
    Zero and false are there; nothing and blank text are not.
    """
    asked = [holds(Compare("a", "set", wanted), {"a": value}.get) for wanted in (True, False)]

    assert [expected, not expected] == asked


FIVE = Money("5", "CNY")


@over_cases(
    ("op", "value", "literal", "expected"),
    [
        ("eq", None, 5, None),
        ("ne", None, 5, None),
        ("eq", " ", "x", None),
        ("eq", 5, 5, True),
        ("ge", Decimal(5), 5, True),
        ("lt", "a", 5, None),
        ("lt", 5, "a", None),
        ("eq", FIVE, Money("5.00", "CNY"), True),
        ("eq", FIVE, Money("5", "EUR"), None),
        ("ne", FIVE, Money("5", "EUR"), None),
        ("gt", FIVE, Money("4", "EUR"), None),
        ("gt", FIVE, 4, None),
        ("in", FIVE, (Money("4", "EUR"), FIVE), True),
        ("not_in", FIVE, (Money("4", "EUR"), FIVE), False),
        ("in", FIVE, (Money("5", "EUR"),), None),
        ("not_in", FIVE, (Money("5", "EUR"),), None),
        ("in", FIVE, (Money("4", "CNY"),), False),
        ("in", "a", ("a", "b"), True),
        ("not_in", "a", ("a", "b"), False),
    ],
)
def test_what_cannot_be_compared_is_unknown(op, value, literal, expected):
    """
    Absent values, different kinds and different currencies have no answer.
    """
    assert expected is compare(op, value, literal)


def test_the_fields_of_a_predicate():
    """
    Every field is named in the order written, also one that is asked twice.
    """
    data = {"all": [{"b": 1}, {"not": {"a": 2}}, {"any": [{"c": 3}, {"b": 4}]}]}

    assert ("b", "a", "c", "b") == fields_of(to_predicate(data))


def test_literals_are_replaced():
    """
    Each comparison gets the literal that the conversion makes of it, and keeps its place.
    """
    predicate = to_predicate({"any": [{"a": 1}, {"not": {"b": {"in": [2]}}}]})
    changed = with_literals(predicate, lambda part: f"{part.field}:{part.value}")

    assert {"any": [{"a": "a:1"}, {"not": {"b": {"in": "b:(2,)"}}}]} == to_data(changed)


_PLAIN_VALUES = st.one_of(
    st.integers(-2, 2),
    st.booleans(),
    st.sampled_from(["", " ", "a", "b"]),
    st.sampled_from([Decimal(-1), Decimal("0.5"), Decimal(2), 0.5, -1.0, 2.0]),
    st.dates(date(2026, 1, 1), date(2026, 1, 3)),
    st.builds(Money, st.integers(0, 2), st.sampled_from(["CNY", "EUR"])),
    st.sampled_from([datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)]),
    st.none(),
)


@given(st.sampled_from([*OPS]), _PLAIN_VALUES, _PLAIN_VALUES, st.lists(_PLAIN_VALUES, max_size=3))
def test_plain_comparisons_change_no_answer(op, value, literal, members):
    """
    Where a comparison needs no care, it answers as the careful one does.
    """
    against = tuple(members) if op in ("in", "not_in") else literal
    kind, test = plain_comparison(op, against) or (None, None)

    assert kind is not type(value) or compare(op, value, against) == test(value)


@over_cases(
    ("op", "literal"),
    [("like", 1), ("in", 5), ("in", (1, "a")), ("in", ()), ("in", ("a", " ")), ("eq", " "), ("eq", Decimal("NaN"))],
)
def test_what_needs_care_is_not_plain(op, literal):
    """
    Mixed, blank and unusable literals are left to the careful comparison.
    """
    assert plain_comparison(op, literal) is None
