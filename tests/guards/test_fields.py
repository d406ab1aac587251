"""
Fields, the outcome, and reasons.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

import pytest

from salesflow import Money
from salesflow.guards import field_compare, fields_present, outcome_set, reason_given, undecided
from salesflow.typing import Remedy

from ..cases import over_cases
from .factory import ask_one, context, project


def given(**fields):
    return context(project(fields=fields))


def compared(found, op, value):
    return ask_one(field_compare, given(a=found), "a", op, value)


@over_cases("value", [0, False, Decimal(0), "x", " x ", date(2026, 1, 1), Money("0", "CNY")])
def test_a_field_is_present_with_any_value(value):
    """Zero and false are values; so is a text with something in it."""
    verdict = ask_one(fields_present, given(a=value), "a")

    assert "pass" == verdict.status


@over_cases("value", [None, "", "  ", "\u3000\n", ()])
def test_a_field_is_missing_when_it_says_nothing(value):
    """Nothing, blank text (also in wide spaces) and an empty list are missing."""
    verdict = ask_one(fields_present, given(a=value), "a")

    assert ("fail", "fields.missing") == (verdict.status, verdict.code)


def test_every_missing_field_is_named():
    """All missing fields are told at once, in the order of the definition, each with its cure."""
    verdict = ask_one(fields_present, given(b=1), "c", "b", "a")

    assert ("c", "a") == verdict.evidence["fields"]
    assert (Remedy("field", "c"), Remedy("field", "a")) == verdict.missing
    assert "Still to be filled in: c, a." == verdict.message()
    assert "尚未填写：c、a。" == verdict.message("zh")


def test_the_outcome_reads_like_a_field():
    """A guard over fields sees the outcome and the stage under their names."""
    verdict = ask_one(field_compare, context(project(outcome="won")), "outcome", "eq", "won")

    assert "pass" == verdict.status


def test_fields_present_names_what_it_reads():
    """The declared fields are exactly the ones asked for."""
    assert ("a", "b") == tuple(fields_present.reads("a", "b"))


@over_cases(
    ("found", "op", "value", "expected"),
    [
        (5, "eq", 5, "pass"),
        (5, "ne", 5, "fail"),
        (4, "lt", 5, "pass"),
        (5, "lt", 5, "fail"),
        (5, "le", 5, "pass"),
        (6, "gt", 5, "pass"),
        (5, "gt", 5, "fail"),
        (5, "ge", 5, "pass"),
        (0, "eq", 0, "pass"),
        (False, "eq", False, "pass"),
        (0.1, "eq", Decimal("0.1"), "pass"),
        (1, "eq", Decimal("1.0"), "pass"),
        ("a", "in", ("a", "b"), "pass"),
        ("c", "in", ("a", "b"), "fail"),
        ("a", "in", (), "fail"),
        ("c", "not_in", ("a", "b"), "pass"),
        ("a", "not_in", ("a", "b"), "fail"),
        (Money("5", "CNY"), "in", (Money("9", "EUR"), Money("5.00", "CNY")), "pass"),
        (Money("5", "CNY"), "le", Money("5", "CNY"), "pass"),
        (Money("6", "CNY"), "le", Money("5", "CNY"), "fail"),
        (date(2026, 1, 1), "lt", date(2026, 1, 2), "pass"),
        (datetime(2026, 1, 1, tzinfo=UTC), "ge", datetime(2026, 1, 1, tzinfo=UTC), "pass"),
        ("C-7", "matches", r"C-\d+", "pass"),
        ("C-7 ", "matches", r"C-\d+", "fail"),
        ("x" * 10_000, "matches", "x+", "pass"),
    ],
)
def test_a_comparison_is_told(found, op, value, expected):
    """Values of one kind and currency compare as they should."""
    verdict = compared(found, op, value)

    assert expected == verdict.status


@over_cases(
    ("found", "op", "value"),
    [
        (None, "eq", 5),
        (" ", "ne", "x"),
        (5, "eq", "5"),
        (5, "ne", "5"),
        (True, "eq", 1),
        (5, "lt", Money("9", "CNY")),
        (Money("5", "CNY"), "eq", Money("5", "EUR")),
        (Money("5", "CNY"), "ne", Money("5", "EUR")),
        (Money("5", "CNY"), "gt", Money("4", "EUR")),
        (Money("5", "CNY"), "in", (Money("5", "EUR"), Money("9", "CNY"))),
        (Money("5", "CNY"), "not_in", (Money("5", "EUR"),)),
        (None, "in", ()),
        (None, "not_in", ("a",)),
        (date(2026, 1, 1), "le", datetime(2026, 1, 1, tzinfo=UTC)),
        (datetime(2026, 1, 1), "eq", datetime(2026, 1, 1, tzinfo=UTC)),  # noqa: DTZ001 -- a host may hold one
        (float("nan"), "eq", float("nan")),
        (Decimal("NaN"), "lt", 5),
        (object, "lt", 5),
        (7, "matches", "7"),
        (None, "matches", "7"),
        ("x" * 10_001, "matches", "x+"),
    ],
)
def test_a_comparison_of_different_things_is_unknown(found, op, value):
    """Absent values, other kinds, other currencies and over-long texts are never passed or failed."""
    from salesflow.guards import field_compare

    verdict = field_compare.factory("a", op, value)(given(a=found))

    assert ("unknown", "field.unknown") == (verdict.status, verdict.code)


def test_a_failed_comparison_says_what_would_do():
    """The cure carries operator and literal; the message both values."""
    verdict = compared(Money("120000", "CNY"), "le", Money("100000", "CNY"))

    assert (Remedy("field", "a", {"op": "le", "value": Money("100000", "CNY")}),) == verdict.missing
    assert "a is 120,000 CNY, but the rule asks for a ≤ 100,000 CNY." == verdict.message()
    assert "a 目前为 120,000 CNY，不符合要求：a ≤ 100,000 CNY。" == verdict.message("zh")


def test_an_unknown_comparison_says_where_to_look():
    """The absent field is named, with the cure."""
    verdict = compared(None, "in", ("x", "y"))

    assert (Remedy("field", "a", {"op": "in", "value": ("x", "y")}),) == verdict.missing
    assert "Cannot tell whether a ∈ x, y: no comparable value in a." == verdict.message()
    assert "无法判断 a ∈ x、y 是否成立：a 中没有可比较的值。" == verdict.message("zh")


def test_two_fields_compare():
    """The other field stands on the right and is named in the message with its value."""
    ctx = given(amount=Money("9", "CNY"), budget=Money("5", "CNY"))
    verdict = ask_one(field_compare, ctx, "amount", "le", other="budget")

    assert "amount is 9 CNY, but the rule asks for amount ≤ budget (5 CNY)." == verdict.message()
    expected = Remedy("field", "amount", {"op": "le", "value": Money("5", "CNY"), "other": "budget"})
    assert (expected,) == verdict.missing


@over_cases(
    ("fields", "expected"),
    [
        ({}, ("amount", "budget")),
        ({"amount": 1}, ("budget",)),
        ({"budget": 1}, ("amount",)),
        ({"amount": 1, "budget": "x"}, ("amount",)),
    ],
)
def test_an_unknown_comparison_of_two_fields_names_the_absent(fields, expected):
    """Each field that is absent is to be filled; if both are there, the left one is looked at."""
    verdict = ask_one(field_compare, given(**fields), "amount", "le", other="budget")

    assert "unknown" == verdict.status
    assert expected == tuple(remedy.name for remedy in verdict.missing)


def test_field_compare_names_what_it_reads():
    """Both sides are read, and the literal has the type of the left field."""
    assert ("a",) == tuple(field_compare.reads("a", "le", 5))
    assert ("a", "b") == tuple(field_compare.reads(field="a", op="le", other="b"))
    assert {"value": "field"} == dict(field_compare.typed_by)


@over_cases(
    ("op", "params", "told"),
    [
        ("eq", {}, "exactly one"),
        ("eq", {"value": 1, "other": "b"}, "exactly one"),
        ("in", {"value": "abc"}, "needs a list"),
        ("not_in", {"other": "b"}, "needs a list"),
        ("matches", {"value": "("}, "not a regular expression"),
        ("matches", {"value": "x" * 201}, "at most 200"),
        ("matches", {"value": 7}, "at most 200"),
        ("like", {"value": 7}, "not one of"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused_at_build(op, params, told):
    """What can be seen in the definition is refused before anybody is stopped by it."""
    with pytest.raises(ValueError, match=told):
        field_compare.factory("a", op, **params)


def test_the_proposed_outcome_is_looked_at():
    """One of the allowed outcomes passes."""
    verdict = ask_one(outcome_set, context(project(outcome="won")), "won", "lost")

    assert "pass" == verdict.status


def test_an_outcome_that_is_not_allowed():
    """The message names what is there and what may be chosen, and so does the cure."""
    verdict = ask_one(outcome_set, context(), "won", "lost")

    assert (Remedy("field", "outcome", {"allowed": ("won", "lost")}),) == verdict.missing
    assert "The outcome is undecided; this move needs one of: won, lost." == verdict.message()
    assert "当前结果为 undecided，此操作要求结果为以下之一：won、lost。" == verdict.message("zh")


def test_what_is_decided_stays_so():
    """Undecided is what the project is before the move, whatever outcome the move would give it."""
    lost = project(outcome="lost")
    stored = (project(), project(outcome="won"), None)
    verdicts = [ask_one(undecided, context(lost)._replace(stored=each)) for each in stored]

    assert ["pass", "fail", "fail"] == [verdict.status for verdict in verdicts]
    assert (
        "The outcome is already won; this move is for projects that are undecided.",
        "项目结果已定为 won，此操作只适用于结果未决的项目。",
    ) == (verdicts[1].message(), verdicts[1].message("zh"))


@over_cases(
    ("fields", "reason", "params"),
    [
        ({"why": "price"}, None, {}),
        ({"why": "too expensive"}, None, {"min_length": 13}),
        ({"why": 7}, None, {"min_length": 5}),
        ({"why": "other"}, "they merged", {}),
        ({"why": "other"}, "they merged", {"note": "why_note"}),
        ({"why": "other", "why_note": "they merged"}, None, {"note": "why_note"}),
    ],
)
def test_a_reason_is_given(fields, reason, params):
    """A code is enough; the code for anything else is explained with the move or in a field."""
    verdict = ask_one(reason_given, context(project(fields=fields), reason=reason), "why", **params)

    assert "pass" == verdict.status


@over_cases(("fields", "length"), [({}, 1), ({"why": " "}, 1), ({"why": "  too short  "}, 10)])
def test_a_reason_is_missing(fields, length):
    """Nothing, blank text, and text shorter than asked for without its margins."""
    verdict = ask_one(reason_given, given(**fields), "why", min_length=length)

    assert ("fail", "reason.missing") == (verdict.status, verdict.code)
    assert (Remedy("field", "why", {"min_length": length}),) == verdict.missing
    assert f"Give a reason in why (minimum length: {length})." == verdict.message()
    assert f"请在 why 中填写原因（最少字数：{length}）。" == verdict.message("zh")


@pytest.mark.parametrize(("reason", "note", "expected"), [(None, "", "reason"), (" ", "why_note", "why_note")])
def test_the_code_for_anything_else_needs_a_note(reason, note, expected):
    """Without a note it says nothing; the cure is the note, not the code."""
    ctx = context(project(fields={"why": "other"}), reason=reason)
    verdict = ask_one(reason_given, ctx, "why", note=note)

    assert ("fail", "reason.note") == (verdict.status, verdict.code)
    assert (Remedy("field", expected, {"for": "other", "min_length": 1}),) == verdict.missing
    assert f"The reason in why is 'other': explain it in {expected} (minimum length: 1)." == verdict.message()
    assert f"why 选择了“其他”（other），请在 {expected} 中补充说明（最少字数：1）。" == verdict.message("zh")


def test_a_note_has_the_least_length_too():
    """The least length is asked of the note when the code says nothing."""
    ctx = context(project(fields={"why": "other"}), reason="hm")
    verdict = ask_one(reason_given, ctx, "why", min_length=10)

    assert "reason.note" == verdict.code


def test_reason_given_names_what_it_reads():
    """The note is read where there is one."""
    assert ("why",) == tuple(reason_given.reads("why"))
    assert ("why", "n") == tuple(reason_given.reads(field="why", note="n"))


@over_cases(
    "call",
    [fields_present.factory, outcome_set.factory, partial(reason_given.factory, "a", min_length=0)],
    ids=["fields_present", "outcome_set", "reason_given"],
)
def test_empty_parameters_are_refused_at_build(call):
    """A guard that could never say anything useful is a mistake in the definition."""
    with pytest.raises(ValueError, match=r"at least"):
        call()
