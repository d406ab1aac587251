"""
Evidence in words, and the verdicts that belong to no guard.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

from salesflow import Money, Verdict
from salesflow._model.messages import format_time, format_value
from salesflow._model.verdict import PASS, UNBOUND, UNBOUND_WARNING
from salesflow.guards import failed, passed, unknown, warned
from salesflow.typing import Label, Remedy

from ...cases import over_cases


@over_cases(
    ("value", "english", "chinese"),
    [
        (Label("Won", "赢单"), "Won", "赢单"),
        (("a", Label("Won", "赢单")), "a, Won", "a、赢单"),
        (["a", "b"], "a, b", "a、b"),
        ({"b", "a"}, "a, b", "a、b"),
        (frozenset({2, 1}), "1, 2", "1、2"),
        (datetime(2026, 3, 2, 9, 5, tzinfo=UTC), "2026-03-02 09:05 UTC", "2026-03-02 09:05 UTC"),
        (date(2026, 3, 2), "2026-03-02", "2026-03-02"),
        (datetime(1, 1, 1, tzinfo=UTC), "1-01-01 00:00 UTC", "1-01-01 00:00 UTC"),
        (Money("1E+3", "CNY"), "1,000 CNY", "1,000 CNY"),
        (Money("6000000.0", "CNY"), "6,000,000 CNY", "6,000,000 CNY"),
        (Money("-1234.5", "EUR"), "-1,234.50 EUR", "-1,234.50 EUR"),
        (Money("-0.125", "EUR"), "-0.125 EUR", "-0.125 EUR"),
        (Decimal("2.00"), "2", "2"),
        (Decimal("1E+2"), "100", "100"),
        (True, "yes", "是"),
        (None, "–", "–"),
        ("a\n\x1b[2J\u202eb", "a\\n\\x1b[2J\\u202eb", "a\\n\\x1b[2J\\u202eb"),
        ("一\u3000二", "一\u3000二", "一\u3000二"),
    ],
)
def test_evidence_in_words(value, english, chinese):
    """
    Lists, times and money are written as a person reads them, and sets in one order.
    """
    assert (english, chinese) == (format_value(value, "en"), format_value(value, "zh"))


def test_answers():
    """
    The four answers of a guard carry code, remedies and evidence.
    """
    cure = Remedy("field", "amount")

    assert Verdict(UNBOUND, "fail", "c", (cure,), {"x": 1}) == failed("c", cure, x=1)
    assert Verdict(UNBOUND, "unknown", "c", (cure,), {"x": 1}) == unknown("c", cure, x=1)
    assert Verdict(UNBOUND_WARNING, "fail", "c", (cure,), {"x": 1}) == warned("c", cure, x=1)
    assert Verdict(UNBOUND, "pass", "c", (), {"x": 1}) == passed("c", x=1)
    assert passed() is PASS


def test_a_time_that_the_zone_cannot_show():
    """
    The first hours of the calendar do not exist in a zone to the west; they are shown in their own.
    """
    assert "1-01-01 00:00 UTC" == format_time(datetime(1, 1, 1, tzinfo=UTC), timezone(timedelta(hours=-5)))
