"""
The classes that values of past projects are put into.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given, strategies as st

from salesflow import Money
from salesflow.scores._records import value_of

from ...cases import over_cases


@over_cases(
    ("value", "said"),
    [
        (None, None),
        ("  ", None),
        (" fair ", "fair"),
        (True, "yes"),
        (False, "no"),
        (0, "0 or less"),
        (-3, "0 or less"),
        (1, "from 1e0"),
        (9.9999999, "from 5e0"),
        (20, "from 2e1"),
        (Decimal("0.049"), "from 2e-2"),
        (Money("120000", "CNY"), "from 1e5 CNY"),
        (date(2026, 11, 3), "month 11"),
        (datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "month 03"),
    ],
)
def test_classes(value, said):
    """
    Every value of a field falls into a class that other projects share.
    """
    assert said == value_of(value)


@given(st.decimals(min_value="1e-9", max_value="1e12"), st.decimals(min_value="1e-9", max_value="1e12"))
def test_classes_keep_the_order(one, other):
    """
    A greater number is in no lower class.
    """
    low, high = (Decimal(value_of(number).removeprefix("from ")) for number in sorted((one, other)))

    assert low <= high
