"""
From the text of a cell to the value of a field of each type.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

import salesflow as sf

from .factory import HISTORY, but, told


HEADER = "id,who,stage,at,value"


def read(crm, text, field, **column):
    mapping = but(HISTORY, fields={field: {"column": "value", **column}})
    return crm.run(mapping, HEADER, f'D-1,ann,New,2024-01-01,"{text}"')


GOOD = [
    ("owner", "Ann, B.", {}, "Ann, B."),
    ("account", "A-1", {}, "A-1"),
    ("amount", "1200.50", {"currency": "EUR"}, sf.Money("1200.50", "EUR")),
    ("amount", "-3", {"currency": "EUR", "min": -5}, sf.Money(-3, "EUR")),
    ("seats", "12", {}, 12),
    ("seats", "-12", {}, -12),
    ("share", "0.25", {}, Decimal("0.25")),
    ("share", "5", {"min": 5}, Decimal(5)),
    ("renewal", "TRUE", {}, True),
    ("renewal", "false", {}, False),
    ("segment", "large", {}, "large"),
    ("due", "2024-02-29", {}, date(2024, 2, 29)),
    ("due", "29.02.2024", {"formats": ["%d.%m.%Y"]}, date(2024, 2, 29)),
    ("met_at", "2024-02-29 10:30", {}, datetime(2024, 2, 29, 10, 30, tzinfo=UTC)),
    ("met_at", "2024-02-29 10:30 +0800", {"formats": ["%Y-%m-%d %H:%M %z"]}, datetime(2024, 2, 29, 2, 30, tzinfo=UTC)),
    ("owner", "", {"when_missing": "nobody"}, "nobody"),
    ("owner", "", {}, None),
]


@pytest.mark.parametrize(("field", "text", "column", "value"), GOOD)
def test_a_good_cell(crm, field, text, column, value):
    """
    A cell becomes a value of its field; an empty one leaves the field as it is.
    """
    report = read(crm, text, field, **column)

    assert ([], value) == (told(report), crm.store.head("D-1").fields.get(field))


BAD = [
    ("amount", "12 EUR", {"currency": "EUR"}, "value is no amount of money: 12 EUR"),
    ("amount", "NaN", {"currency": "EUR"}, "value is no amount of money: NaN"),
    ("amount", "1e9", {"currency": "EUR"}, "value is no amount of money: 1e9"),
    ("amount", "-0.01", {"currency": "EUR"}, "negative amount in value: -0.01"),
    ("amount", "9", {"currency": "EUR", "min": 10}, "value is less than 10: 9"),
    ("seats", "1.5", {}, "value is no whole number: 1.5"),
    ("seats", "1_000", {}, "value is no whole number: 1_000"),
    ("seats", "0", {"min": 1}, "value is less than 1: 0"),
    ("share", "half", {}, "value is no number: half"),
    ("share", "-1", {"min": 0.5}, "value is less than 0.5: -1"),
    ("renewal", "yes", {}, "value is no truth value (true or false): yes"),
    ("segment", "medium", {}, "value is none of: small, large: medium"),
    ("due", "soon", {}, "value is no date of the form %Y-%m-%d / %Y-%m-%d %H:%M: soon"),
    ("met_at", "now", {"formats": ["%H:%M"]}, "value is no time of the form %H:%M: now"),
]


@pytest.mark.parametrize(("field", "text", "column", "said"), BAD)
def test_a_bad_cell(crm, field, text, column, said):
    """
    A cell of another type says what its field takes.
    """
    assert [f"row 2: {said}"] == told(read(crm, text, field, **column))


def test_a_value_that_no_store_keeps(crm):
    """
    A whole number that stores cannot keep refuses its row.
    """
    assert ["row.unusable"] == [problem.code for problem in read(crm, "9" * 20, "seats").problems]
