"""
Values of fields: what each type takes from a caller, and from a definition.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args

import pytest

from salesflow import Field, Money
from salesflow._definition.field_values import coerce, literal
from salesflow._model.definition import FieldType
from salesflow.errors import InputError

from ...cases import over_cases


MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
NAIVE = datetime(2026, 3, 2, 9)  # noqa: DTZ001 -- what is refused


def field(kind: Any) -> Field:
    return Field("f", kind, choices=("x", "y") if kind == "choice" else ())


GOOD: list[tuple[str, Any]] = [
    ("text", ""),
    ("text", "x"),
    ("number", 5),
    ("number", 0.5),
    ("number", Decimal("0.5")),
    ("number", 10**400),
    ("integer", 5),
    ("money", Money(5, "CNY")),
    ("date", date(2026, 3, 2)),
    ("datetime", MOMENT),
    ("bool", False),
    ("choice", "y"),
    ("reference", "C-7"),
]


@over_cases(("kind", "value"), GOOD)
def test_what_fits_is_kept(kind, value):
    """
    A value of the field's type is the value of the field.
    """
    assert value == coerce(field(kind), value)


@over_cases("kind", get_args(FieldType))
def test_nothing_clears_any_field(kind):
    """
    No field is so strict that it cannot be empty.
    """
    assert coerce(field(kind), None) is None


@over_cases(
    ("kind", "value", "says"),
    [
        ("text", 5, "field 'f': 5 is not usable. It takes a text."),
        ("number", "5", "It takes a finite number."),
        ("number", True, "It takes a finite number."),
        ("number", float("inf"), "It takes a finite number."),
        ("number", float("nan"), "It takes a finite number."),
        ("number", Decimal("sNaN"), "It takes a finite number."),
        ("integer", 5.0, "It takes a whole number."),
        ("integer", True, "It takes a whole number."),
        (
            "money",
            5,
            "It takes money: Money('1200.50', 'CNY') in Python, '1200.50 CNY' in a definition; never a float.",
        ),
        ("money", "5 CNY", "It takes money: "),
        ("money", 5.5, "never a float."),
        ("date", "2026-03-02", "It takes a date: "),
        ("date", MOMENT, "It takes a date: "),
        ("datetime", NAIVE, "It has no time zone"),
        ("datetime", date(2026, 3, 2), "Pass an aware datetime"),
        ("bool", 1, "It takes true or false."),
        ("bool", "true", "It takes true or false."),
        ("choice", "z", "field 'f': 'z' is not usable. Use one of x, y."),
        ("choice", 5, "Use one of x, y."),
        ("choice", ["x"], "Use one of x, y."),
        ("reference", " ", "It takes the id of something kept elsewhere, a text that is not blank."),
        ("reference", 5, "a text that is not blank."),
    ],
)
def test_what_does_not_fit(kind, value, says):
    """
    The message names the field, the value, and what the field takes.
    """
    with pytest.raises(InputError) as raised:
        coerce(field(kind), value)

    assert says in str(raised.value)
    assert "field 'f'" == raised.value.what


def test_a_choice_that_is_nearly_one():
    """
    A misspelt choice is answered with the nearest one.
    """
    with pytest.raises(InputError) as raised:
        coerce(Field("f", "choice", choices=("north", "south")), "nroth")

    assert str(raised.value).endswith("Did you mean 'north'?")


@over_cases(
    ("kind", "written", "value"),
    [
        ("money", "5 CNY", Money(5, "CNY")),
        ("money", Money(5, "CNY"), Money(5, "CNY")),
        ("date", "2026-03-02", date(2026, 3, 2)),
        ("date", date(2026, 3, 2), date(2026, 3, 2)),
        ("datetime", "2026-03-02T17:00:00+08:00", MOMENT),
        ("text", "2026-03-02", "2026-03-02"),
        ("number", 5, 5),
    ],
)
def test_literals_of_a_definition(kind, written, value):
    """
    Where a file has no type of its own, the text is read as the field's.
    """
    assert value == literal(field(kind), written)


@over_cases(
    ("kind", "written", "says"),
    [
        ("money", "5", "field 'f': '5' is not usable. It takes money: "),
        ("money", 5, "field 'f': 5 is not usable. It takes money: "),
        ("date", "2nd of March", "field 'f': '2nd of March' is not usable. It takes a date: "),
        ("datetime", "soon", "field 'f': 'soon' is not usable. It takes an aware datetime."),
        ("datetime", "2026-03-02T17:00:00", "field 'f': '2026-03-02T17:00:00' is not usable. It has no time zone"),
    ],
)
def test_what_is_no_literal(kind, written, says):
    """
    A text that the field's type cannot read is told as it was written.
    """
    with pytest.raises(InputError) as raised:
        literal(field(kind), written)

    assert says in str(raised.value)
