"""
An answer is pure, total, and never takes more than so many steps.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import salesflow_cel
from hypothesis import given, settings, strategies as st

from salesflow import Money, dossier
from salesflow.errors import DefinitionError


_LEAVES = st.sampled_from(
    [
        *("amount", "margin", "seats", "urgent", "region", "due", "signed", "note", "at", "stage", "reason", "actor"),
        *("fields.note", "true", "0", "2.5", "'x'", "[]", "[1, 'a']", "{'a': 1}", "money('1 CNY')", "null", "b'x'"),
        *("1u", "duration('1h')", "timestamp('2026-01-01')"),
    ]
)


def _more(inner):
    pairs = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%", "<", ">=", "==", "!=", "in", "&&", "||"]), inner)
    return st.one_of(
        pairs.map(lambda one: f"({one[0]} {one[1]} {one[2]})"),
        st.tuples(inner, inner, inner).map(lambda one: f"({one[0]} ? {one[1]} : {one[2]})"),
        inner.map(lambda one: f"!({one})"),
        inner.map(lambda one: f"size({one})"),
        inner.map(lambda one: f"({one}).getHours()"),
        inner.map(lambda one: f"({one}).map(v, v == {one})"),
        inner.map(lambda one: f"string({one}).matches('a+')"),
        st.tuples(inner, inner).map(lambda one: f"({one[0]})[{one[1]}]"),
    )


_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "amount": st.builds(Money, st.decimals(-(10**9), 10**9, places=2), st.sampled_from(["CNY", "EUR"])),
        "margin": st.one_of(st.floats(-10, 10), st.decimals(-10, 10, places=3), st.just(Decimal(0))),
        "seats": st.integers(-(2**53) + 1, 2**53 - 1),
        "urgent": st.booleans(),
        "region": st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
        "due": st.dates(date(1000, 1, 1), date(8999, 12, 31)),
        "signed": st.datetimes(datetime(1000, 1, 1), datetime(8999, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    },
)


@given(expr=st.recursive(_LEAVES, _more, max_leaves=6), fields=_FIELDS)
@settings(deadline=None)
def test_total_and_pure(ask, expr, fields):
    """
    Whatever is asked of whatever project, there is an answer, and asked again it is the same.
    """
    try:
        first, again = ask(expr, fields=fields), ask(expr, fields=fields)
    except DefinitionError as error:
        assert re.search("loops are nested|nested more than", str(error))  # noqa: PT017 -- and no other
        return

    assert (first, True) == (again, first.code in ("", "cel.not_met", "cel.unknown"))


_GOALS = [dossier.Goal(f"g{number}", "x" * 200) for number in range(300)]


@pytest.mark.parametrize(
    "expr",
    [
        "entries.goal.all(a, entries.goal.all(b, a == b || true))",
        "entries.goal.map(a, entries.goal.map(b, a)) == entries.goal.map(a, entries.goal.map(b, a))",
        "entries.goal.map(a, entries.goal) == entries.goal.map(a, entries.goal)",
        "entries.goal.map(a, entries.goal.map(b, entries.goal)).size() > 0",
        "entries.goal.all(a, a in entries.goal || true)",
    ],
)
def test_steps(ask, expr):
    """
    Work that grows with the square of the dossier is given up, and says so.
    """
    verdict = ask(expr, guard=salesflow_cel.dossier, entries=_GOALS)

    assert f"Cannot be decided: {expr} (it takes more than {salesflow_cel.STEPS} steps)." == verdict.message()


def test_linear_work(ask):
    """
    Looking through a dossier once stays within the bound.
    """
    verdict = ask("entries.goal.all(one, one.id != '')", guard=salesflow_cel.dossier, entries=_GOALS)

    assert "pass" == verdict.status


def test_long_texts(ask, values):
    """
    A long text costs by its length: one search is answered, a hundred are not.
    """
    fields = {**values, "region": "x" * 200_000}
    searched = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].all(a, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].all(b, !region.contains('y')))"

    assert ["pass", "unknown"] == [ask(expr, fields=fields).status for expr in ("!region.contains('y')", searched)]


_THIRTY = "[1, 2, 3, 4, 5].all(a, [1, 2, 3, 4, 5, 6, 7, 8].all(b,"


@pytest.mark.parametrize(
    ("expr", "status"),
    [
        (f"{_THIRTY} !region.matches('((x{{10}}){{10}}){{9}}' + string(a * b))))", "unknown"),
        (f"{_THIRTY} !region.matches('[0-9]+')))", "pass"),
        ("region.matches('(\\\\pL{100}){9}')", "unknown"),
    ],
    ids=["put together", "written", "too large"],
)
def test_patterns_are_paid_for(ask, values, expr, status):
    """
    Each pattern costs steps the first time, so that a loop cannot put together many; one that is too large is refused.
    """
    assert status == ask(expr, fields={**values, "region": "north"}).status
