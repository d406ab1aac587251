"""
Parameters of guards and effects, held against the signature of the factory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, NewType

import pytest

from salesflow import Money
from salesflow._model.parameters import call_factory, call_params, problems_of
from salesflow._model.written import conforms, describe
from salesflow.typing import Duration

from ...cases import over_cases


class Region(Enum):
    NORTH = "north"
    SOUTH = "south"


def typical(name: str, *, quorum: int = 1, roles: tuple[str, ...] = (), mode: Literal["", "owner"] = "") -> Any:
    return name, quorum, roles, mode


def several(*fields: str) -> Any:
    return fields


def mixed(first: str, second: int = 2, *rest: str, last: bool = False, **more: Any) -> Any:
    return first, second, rest, last, more


def positional(first: str, /, second: int = 2) -> Any:
    return first, second


def bare(anything, other=5):  # what plugins may write
    return anything, other


def told(factory: Any, **params: Any) -> list[tuple[str, str]]:
    return [(problem.name, problem.kind) for problem in problems_of(factory, params)]


@over_cases(
    ("factory", "params", "problems"),
    [
        (typical, {"name": "x"}, []),
        (typical, {"name": "x", "quorum": 2, "roles": ["a"], "mode": "owner"}, []),
        (typical, {}, [("name", "missing")]),
        (typical, {"nam": "x"}, [("nam", "unknown")]),
        (typical, {"name": "x", "quorums": 2}, [("quorums", "unknown")]),
        (typical, {"nam": "x", "quorums": 2}, [("nam", "unknown"), ("quorums", "unknown")]),
        (
            typical,
            {"name": 5, "quorum": "2", "roles": "a", "mode": "boss"},
            [("name", "type"), ("quorum", "type"), ("roles", "type"), ("mode", "type")],
        ),
        (several, {"fields": ["a"]}, []),
        (several, {"fields": ["a", 5]}, [("fields", "type")]),
        (several, {}, [("fields", "missing")]),
        (mixed, {"first": "a", "rest": [], "anything": object()}, []),
        (bare, {"anything": 5}, []),
        (bare, {}, [("anything", "missing")]),
    ],
)
def test_every_problem_is_found(factory, params, problems):
    """
    Unknown, missing and ill-typed parameters are found together; a misspelt one is not missing as well.
    """
    assert problems == told(factory, **params)


def test_problems_say_what_to_do():
    """
    The text names the parameter and the value, the hint what would fit.
    """
    unknown, ill_typed = problems_of(typical, {"nam": "x", "quorum": "two"})
    (missing,) = problems_of(typical, {})

    assert ("unknown parameter 'nam'", "It takes: name, quorum, roles, mode. Did you mean 'name'?") == (
        unknown.problem,
        unknown.hint,
    )
    assert ("parameter 'quorum' is 'two'", "It must be an integer.") == (ill_typed.problem, ill_typed.hint)
    assert ("parameter 'name' is missing", "Add name = ….") == (missing.problem, missing.hint)


def test_an_unknown_name_says_what_is_missing():
    """
    Where no known name is near, the hint says which one was not given; without any, it takes none.
    """
    (strange,) = problems_of(typical, {"zzz": "x"})
    (none,) = problems_of(lambda: None, {"zzz": "x"})

    assert "It takes: name, quorum, roles, mode. Missing: name." == strange.hint
    assert "It takes: none." == none.hint


@over_cases(
    ("factory", "params", "result"),
    [
        (typical, {"name": "x", "quorum": 2}, ("x", 2, (), "")),
        (typical, {"quorum": 2, "name": "x"}, ("x", 2, (), "")),
        (several, {"fields": ("a", "b")}, ("a", "b")),
        (several, {}, ()),
        (mixed, {"first": "a"}, ("a", 2, (), False, {})),
        (mixed, {"first": "a", "rest": ("b", "c")}, ("a", 2, ("b", "c"), False, {})),
        (mixed, {"rest": ("b",), "second": 3, "first": "a", "last": True, "x": 1}, ("a", 3, ("b",), True, {"x": 1})),
        (positional, {"second": 3, "first": "a"}, ("a", 3)),
    ],
)
def test_calling_with_parameters_of_a_file(factory, params, result):
    """
    Names find their place, whatever their order, and a list goes to the open end.
    """
    assert result == call_factory(factory, params)


@over_cases(("factory", "params"), [(typical, {}), (typical, {"name": "x", "zzz": 1}), (positional, {})])
def test_a_call_that_does_not_fit(factory, params):
    """
    What the signature does not take is an error of Python's kind.
    """
    with pytest.raises(TypeError):
        call_factory(factory, params)


def test_a_python_call_as_parameters():
    """
    A call in Python gives the same parameters as a file, and a call that does not fit is an error at once.
    """
    assert {"first": "a", "second": 3, "rest": ("b",), "x": (1, 2)} == call_params(
        "mixed", mixed, ("a", 3, "b"), {"x": [1, 2]}
    )
    assert {"fields": ("a", "b")} == call_params("several", several, ("a", "b"), {})
    with pytest.raises(TypeError, match=r"^typical\(\) missing a required argument: 'name'; it takes typical\(name"):
        call_params("typical", typical, (), {"nam": "x"})


@over_cases(
    ("value", "hint", "expected"),
    [
        (object(), Any, True),
        ("a", Literal["a", "b"], True),
        ("c", Literal["a", "b"], False),
        (None, str | None, True),
        (5, str | None, False),
        (("a", "b"), tuple[str, ...], True),
        (["a", 5], Sequence[str], False),
        ("ab", Sequence[str], False),
        (frozenset({"a"}), frozenset[str], True),
        (["a"], Iterable[str], True),
        ({"a": 1}, Mapping[str, int], True),
        ({"a": "1"}, Mapping[str, int], False),
        ({5: 1}, dict[str, int], False),
        ("a", Mapping[str, int], False),
        (5, float, True),
        (0.5, Decimal, True),
        ("0.25", Decimal, True),
        ("half", Decimal, False),
        ("NaN", Decimal, False),
        (True, Decimal, False),
        ("14d", Duration, True),
        ("14x", Duration, False),
        ("2026-03-02", date, True),
        ("2026-03-32", date, False),
        ("09:00", time, True),
        (1, Literal[True], False),
        (("a", 5), tuple[str, int], True),
        (("a",), tuple[str, int], False),
        (("a", "b"), list[str], True),
        ("deal", NewType("Name", str), True),
        ("north", Region, True),
        ("NORTH", Region, False),
        (5, "an annotation that is no type", False),
        (True, float, False),
        ("5", float, False),
        (5, int, True),
        (True, int, False),
        (5.0, int, False),
        (True, bool, True),
        (1, bool, False),
        (Money(5, "CNY"), Money, True),
        ("5 CNY", Money, True),
        ("five", Money, False),
        (5, Money, False),
        (date(2026, 3, 2), date, True),
        (None, None.__class__, True),
    ],
)
def test_conforming(value, hint, expected):
    """
    A plain value fits a type hint as a reader of the signature would expect.
    """
    assert expected is conforms(value, hint)


@over_cases(
    ("hint", "words"),
    [
        (str, "text"),
        (int, "an integer"),
        (float, "a number"),
        (bool, "true or false"),
        (Money, "money such as '100 CNY'"),
        (date, "a date such as '2026-01-31'"),
        (object, "object"),
        (Region, "one of 'north', 'south'"),
        (Any, "Any"),
        (Literal["a", "b"], "one of 'a', 'b'"),
        (int | None, "an integer"),
        (int | str, "an integer or text"),
        (tuple[str, ...], "a list, each item text"),
        (Mapping[str, int], "a table of name = an integer"),
    ],
)
def test_a_type_hint_in_words(hint, words):
    """
    Who reads the hint of a fault needs no Python.
    """
    assert words == describe(hint)
