"""
From the text of a cell to the value of a field of each type.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

import salesflow as sf

from ..cases import over_cases
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
    ("met_at", "2024-02-29T10:30:00.000+08:00", {"formats": ["iso8601"]}, datetime(2024, 2, 29, 2, 30, tzinfo=UTC)),
    ("renewal", "Ja", {"values": {"Ja": True, "Nein": False}}, True),
    ("renewal", "0", {"values": {"1": "true", "0": "false"}}, False),
    ("segment", "Groß", {"values": {"Groß": "large"}}, "large"),
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
    (
        "amount",
        "12 EUR",
        {"currency": "EUR"},
        "value is not a valid amount of money (see [numbers] in the mapping): 12 EUR",
    ),
    ("amount", "NaN", {"currency": "EUR"}, "value is not a valid amount of money (see [numbers] in the mapping): NaN"),
    ("amount", "1e9", {"currency": "EUR"}, "value is not a valid amount of money (see [numbers] in the mapping): 1e9"),
    ("amount", "-0.01", {"currency": "EUR"}, "negative amount in value: -0.01"),
    ("amount", "9", {"currency": "EUR", "min": 10}, "value is less than 10: 9"),
    ("seats", "1.5", {}, "value is not a valid whole number (see [numbers] in the mapping): 1.5"),
    ("seats", "1_000", {}, "value is not a valid whole number (see [numbers] in the mapping): 1_000"),
    ("seats", "0", {"min": 1}, "value is less than 1: 0"),
    ("share", "half", {}, "value is not a valid number (see [numbers] in the mapping): half"),
    ("share", "-1", {"min": 0.5}, "value is less than 0.5: -1"),
    ("renewal", "yes", {}, "value is not a valid truth value (true or false; see values in the mapping): yes"),
    ("segment", "medium", {}, "value is none of: small, large: medium"),
    ("due", "soon", {}, "value is not a valid date of the form %Y-%m-%d / %Y-%m-%d %H:%M: soon"),
    ("met_at", "now", {"formats": ["%d.%m.%Y"]}, "value is not a valid time of the form %d.%m.%Y: now"),
]


@over_cases(("field", "text", "column", "said"), BAD)
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


NUMBERS = [
    ("amount", "1.234,56", ",", ".", sf.Money("1234.56", "EUR")),
    ("amount", "1234,5", ",", ".", sf.Money("1234.5", "EUR")),
    ("amount", "12,34,567.80", ".", ",", sf.Money("1234567.80", "EUR")),
    ("amount", "1\N{NARROW NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,8", ",", " ", sf.Money("1234567.8", "EUR")),
    ("amount", "1\N{RIGHT SINGLE QUOTATION MARK}234.50", ".", "'", sf.Money("1234.50", "EUR")),
    ("seats", "1,200", ".", ",", 1200),
    ("share", "-1,5", ",", "", Decimal("-1.5")),
]


@pytest.mark.parametrize(("field", "text", "decimal", "thousands", "value"), NUMBERS)
def test_marks_of_numbers(crm, field, text, decimal, thousands, value):
    """
    A mapping says which marks stand in numbers; groups have three digits, or two as in India.
    """
    fields = {field: {"column": "value", **({"currency": "EUR"} if field == "amount" else {})}}
    mapping = but(HISTORY, fields=fields, numbers={"decimal": decimal, "thousands": thousands})
    report = crm.run(mapping, HEADER, f'D-1,ann,New,2024-01-01,"{text}"')

    assert ([], value) == (told(report), crm.store.head("D-1").fields[field])


@over_cases("text", ["1.23,5", "1,234.5", "1.2345", ".123", "1..234"])
def test_marks_that_do_not_fit(crm, text):
    """
    A number with its marks in other places is not guessed at.
    """
    mapping = but(HISTORY, numbers={"decimal": ",", "thousands": "."})
    report = crm.run(mapping, HEADER, f'D-1,ann,New,2024-01-01,"{text}"')

    assert ["value.type"] == [problem.code for problem in report.problems]


def test_a_currency_in_each_row(crm):
    """
    A column may name the currency of each row; where it is empty the mapping's own one holds.
    """
    fields = {"amount": {"column": "value", "currency": "EUR", "currency_column": "unit"}}
    rows = ("D-1,ann,New,2024-01-01,100,JPY", "D-2,ann,New,2024-01-01,100,", "D-3,ann,New,2024-01-01,100,Yen")
    report = crm.run(but(HISTORY, fields=fields), f"{HEADER},unit", *rows)
    amounts = [crm.store.head(deal).fields["amount"] for deal in ("D-1", "D-2")]

    assert [sf.Money(100, "JPY"), sf.Money(100, "EUR")] == amounts
    assert ["row 4: unit is not a currency (an ISO 4217 code, three capital letters): 100"] == told(report)


def test_a_row_without_a_currency(crm):
    """
    An amount whose currency is not named anywhere is not given one.
    """
    fields = {"amount": {"column": "value", "currency_column": "unit"}}
    rows = ("D-1,ann,New,2024-01-01,100,", "D-2,ann,New,2024-01-01,,")
    report = crm.run(but(HISTORY, fields=fields), f"{HEADER},unit", *rows)

    assert (["row 2: no currency: unit is empty: 100"], 1) == (told(report), report.imported)
