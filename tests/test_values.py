"""
Money, actors, labels, durations, ids: what they take, and what they refuse by name.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Money
from salesflow.errors import CurrencyMismatchError, InputError
from salesflow.stores.adapting import check_id, to_utc
from salesflow.typing import Duration, Label

from .cases import over_cases


def refusal(make: Any, *args: Any, **kwargs: Any) -> str:
    """
    Return the message with which something is refused.
    """
    with pytest.raises(InputError) as raised:
        make(*args, **kwargs)
    return str(raised.value)


@over_cases("value", ["a", "0", "A.b_c-d", "x" * 128])
def test_ids(value):
    """
    An id is returned as it is.
    """
    assert value == check_id(value, "id")


@over_cases("value", ["", "../a", "a/b", "a\\b", "a\x00b", "a\n", ".a", "-a", "x" * 129, "x" * 10_000, "é", 5, None])
def test_what_is_no_id(value):
    """
    Path separators, control characters, signs in front and overlong ids are refused, and the message stays short.
    """
    message = refusal(check_id, value, "project id")

    assert message.startswith("project id is missing. " if value is None else "project id: ")
    assert message.endswith("An id has 1 to 128 letters, digits, '.', '_' or '-' and starts with a letter or digit.")
    assert len(message) < 250


def test_times_become_utc():
    """
    An aware time of any zone is the same moment in UTC; one in UTC is left alone.
    """
    local = datetime(2026, 3, 2, 17, tzinfo=timezone(timedelta(hours=8)))
    there = datetime(2026, 3, 2, 9, tzinfo=UTC)

    assert (there, UTC) == (to_utc(local, "at"), to_utc(local, "at").tzinfo)
    assert to_utc(there, "at") is there


@over_cases(
    ("value", "hint"),
    [
        (datetime(2026, 3, 2), "It has no time zone; say which one, for example value.replace(tzinfo=UTC)."),  # noqa: DTZ001 -- what is refused
        ("2026-03-02", "Pass an aware datetime, for example datetime.now(UTC)."),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8))), "In UTC it lies outside of the years 1 to 9999."),
    ],
)
def test_what_is_no_moment(value, hint):
    """
    A naive time is no moment, nor is a text, nor a time that UTC has no name for.
    """
    assert refusal(to_utc, value, "at=").endswith(hint)


@over_cases("amount", ["1200.50", 1200, Decimal("1200.5"), "1.2E+3", "-3", "0"])
def test_money(amount):
    """
    An amount is a text, a whole number or a decimal.
    """
    assert Decimal(amount) == Money(amount, "CNY").amount


@pytest.mark.parametrize("amount", [1200.5, True])
def test_money_is_no_float(amount):
    """
    A float is refused, because it has lost cents before it arrives.
    """
    assert "Pass a string, int or Decimal: a float has lost cents already." in refusal(Money, amount, "CNY")


@over_cases("amount", ["", "x", "1,200", "NaN", "Infinity", "1E+101", "1E-101", Decimal("sNaN"), None, [1]])
def test_what_is_no_amount(amount):
    """
    What is no number, or one that nobody could write out, is no amount.
    """
    assert "Pass a decimal number, for example '1200.50'." in refusal(Money, amount, "CNY")


@over_cases("currency", ["", "cny", "RMB¥", "EURO", None, 5])
def test_what_is_no_currency(currency):
    """
    A currency is the code of three capital letters.
    """
    assert "Pass the ISO 4217 code, three capital letters" in refusal(Money, 1, currency)


def test_money_as_text():
    """
    What is written reads back, and a number alone says no currency.
    """
    money = Money("100000", "CNY")

    assert (money, "100000 CNY", "1000 EUR") == (Money.parse(" 100000  CNY "), str(money), str(Money("1E+3", "EUR")))
    assert "Write the number and the currency, for example '100000 CNY'." in refusal(Money.parse, "100000")


def test_money_shows_how_it_is_written():
    """What is shown of an amount makes the same amount again."""
    shown = repr(Money("1200.50", "CNY"))

    assert ("Money('1200.50', 'CNY')", Money("1200.50", "CNY")) == (shown, eval(shown))


amounts = st.decimals("-1000000", "1000000", places=2)


@given(amounts, amounts)
def test_money_adds_and_compares_like_its_amounts(left, right):
    """
    In one currency, money behaves as the numbers do.
    """
    one, other = Money(left, "CNY"), Money(right, "CNY")

    assert (left + right, left - right) == ((one + other).amount, (one - other).amount)
    assert [left < right, left <= right, left > right, left >= right, left == right] == [
        one < other,
        one <= other,
        one > other,
        one >= other,
        one == other,
    ]


def test_equal_amounts():
    """
    However many zeros are written, equal amounts are equal and count once.
    """
    assert 1 == len({Money("1.0", "CNY"), Money("1.00", "CNY")})
    assert Money(1, "CNY") != Money(1, "EUR")


@over_cases("relate", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_currencies_do_not_mix(relate):
    """
    Two currencies are neither added nor compared, and the error names both; so it is with what is no money.
    """
    with pytest.raises(CurrencyMismatchError) as raised:
        getattr(Money(1, "CNY"), relate)(Money(1, "EUR"))

    assert ("CNY", "EUR") == (raised.value.left, raised.value.right)
    assert "currency: 'EUR' is not usable. It is combined with CNY; convert one of the amounts first." == str(
        raised.value
    )
    assert "Money is added to and compared with Money only." in refusal(getattr(Money(1, "CNY"), relate), 5)


def test_actors():
    """
    An actor is a name with roles, whatever collection they come in.
    """
    assert Actor("li.wei", roles=["a", "b"]) == Actor("li.wei", roles={"b", "a"})
    assert frozenset() == Actor("李伟").roles


@over_cases("name", ["", "  ", "a\nb", "x" * 129, None, 5])
def test_an_actor_has_a_name(name):
    """
    Every fact says who acted, so an actor without a printable name is refused.
    """
    assert "Every fact says who acted; pass 1 to 128 printable characters." in refusal(Actor, name)


@over_cases(
    ("roles", "says"),
    [
        ("boss", "roles of an actor: 'boss' is not usable. Pass a set of role names"),
        (None, "roles of an actor is missing."),
        ({"Sales Director"}, "role: 'Sales Director' is not usable. A role is a snake_case name"),
        ([["a"]], "role: ['a'] is not usable."),
    ],
)
def test_what_are_no_roles(roles, says):
    """
    A single text is not taken apart into letters, and each role is a name.
    """
    assert refusal(Actor, "ann", roles=roles).startswith(says)


def test_labels():
    """
    A label speaks the language it is asked for, or the one it has.
    """
    both, english, chinese = Label("Won", "赢单"), Label("Won"), Label(zh="赢单")

    assert ["Won", "赢单", "Won", "Won", "赢单", "赢单", ""] == [
        both.text(),
        both.text("zh"),
        english.text(),
        english.text("zh"),
        chinese.text(),
        chinese.text("zh"),
        Label().text("zh"),
    ]
    assert [(), ("zh",), ("en",), ("en", "zh")] == [one.missing() for one in (both, english, chinese, Label())]


@over_cases("text", ["14d", "5bd", "12h", "30m"])
def test_durations(text):
    """
    A duration reads as it is written.
    """
    assert text == str(Duration.parse(text))


@over_cases("text", ["", "d", "5", "5w", "-5d", "1.d", "5 d", "1000000d", "5d\n"])
def test_what_is_no_duration(text):
    """
    A number and one of five units, nothing else.
    """
    hint = "Write a number and d, bd (working days), h, bh (working hours) or m, for example '14d'."

    assert hint in refusal(Duration.parse, text)


@over_cases(("text", "hours"), [("1.5d", 36), ("0.25h", 0.25), ("37.5bh", 37.5), ("90m", 1.5)])
def test_fractions_of_durations(text, hours):
    """
    A number may have a fraction; it is kept exactly as it was written.
    """
    duration = Duration.parse(text)

    assert text == str(duration)
    assert timedelta(hours=hours) == duration.span
