"""
Verdicts: what blocks, what warns, and how it is told in two languages.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product

import pytest

from salesflow import Money, Verdict
from salesflow._model.frozen import FrozenDict
from salesflow._model.messages import format_value
from salesflow._model.verdict import PASS, UNBOUND, UNBOUND_WARNING
from salesflow.guards import failed, passed, unknown, warned
from salesflow.typing import GuardSpec, Label, Remedy


CODES = {"a.b": Label("{field} lacks {what}.", "{field}缺少{what}。")}
SPEC = GuardSpec("a", "a_1", codes=CODES, names={"amount": Label("Amount", "金额")})


@pytest.mark.parametrize(
    ("severity", "status"), list(product(["block", "warn", "shadow"], ["pass", "fail", "unknown", "skipped"]))
)
def test_what_blocks_and_what_warns(severity, status):
    """
    What is not met, or cannot be told, stops a move where it is severe, and is shown where it warns.
    """
    verdict = Verdict(GuardSpec("a", "a", severity), status)
    bad = status in ("fail", "unknown")

    assert (bad and severity == "block", bad and severity == "warn") == (verdict.blocks, verdict.warns)


def test_an_override_unblocks():
    """
    A verdict that somebody answers for stops nothing.
    """
    assert (True, False) == (Verdict(SPEC, "fail").blocks, Verdict(SPEC, "fail", overridden=True).blocks)


def test_a_message_is_filled_from_the_evidence():
    """
    Places are filled with what was looked at; ids are told by their label, unknown places stay.
    """
    verdict = Verdict(SPEC, "fail", "a.b", evidence={"field": "amount", "what": ("x", 5)})
    bare = Verdict(SPEC, "fail", "a.b", evidence={"field": "amount"})

    assert ("Amount lacks x, 5.", "金额缺少x、5。") == (verdict.message(), verdict.message("zh"))
    assert "Amount lacks what." == bare.message().replace("{what}", "what")


@pytest.mark.parametrize(
    ("status", "english", "chinese"),
    [
        ("pass", "Passed: a.", "通过：a。"),
        ("skipped", "Does not apply: a.", "不适用：a。"),
        ("fail", "Not met: a.", "未满足：a。"),
        ("unknown", "Cannot be told: a.", "无法判断：a。"),
    ],
)
def test_a_verdict_without_a_code(status, english, chinese):
    """
    Without words of its own, a verdict is told by its status.
    """
    assert (english, chinese) == (Verdict(SPEC, status).message(), Verdict(SPEC, status).message("zh"))


def test_a_status_without_words():
    """
    What nobody has words for is told by its code.
    """
    assert "c.d" == Verdict(SPEC, "perhaps", "c.d").message()  # type: ignore[arg-type]  # a plugin's mistake


def test_a_joined_message():
    """
    A combinator tells what it joins.
    """
    codes = {"any_of.failed": Label("One of: {inner}.", "以下之一：{inner}。")}
    inner = tuple(Verdict(SPEC, "fail", "a.b", evidence={"field": n, "what": "x"}) for n in ("amount", "owner"))
    verdict = Verdict(GuardSpec("any_of", "any_of", codes=codes), "fail", "any_of.failed", inner=inner)

    assert "One of: Amount lacks x / owner lacks x." == verdict.message()
    assert "以下之一：金额缺少x / owner缺少x。" == verdict.message("zh")


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (Label("Won", "赢单"), "Won", "赢单"),
        (("a", Label("Won", "赢单")), "a, Won", "a、赢单"),
        (["a", "b"], "a, b", "a、b"),
        ({"b", "a"}, "a, b", "a、b"),
        (frozenset({2, 1}), "1, 2", "1、2"),
        (datetime(2026, 3, 2, 9, 5, tzinfo=UTC), "2026-03-02 09:05", "2026-03-02 09:05"),
        (date(2026, 3, 2), "2026-03-02", "2026-03-02"),
        (Money("1E+3", "CNY"), "1000 CNY", "1000 CNY"),
        (None, "None", "None"),
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


def test_a_remedy_is_a_value():
    """
    Whatever a guard puts into it, a remedy is frozen and can be counted.
    """
    remedy = Remedy("entry", "artefact", {"types": ["a", "b"], "with": {"x": {1}}})

    assert {remedy} == {Remedy("entry", "artefact", {"types": ("a", "b"), "with": {"x": frozenset({1})}})}
    assert FrozenDict is type(remedy.params)
