"""
Verdicts: what blocks, what warns, and how it is told in two languages.
"""

from __future__ import annotations

from itertools import product

import pytest

from salesflow import Verdict
from salesflow.typing import GuardSpec, Label, Remedy, Wording

from .cases import over_cases


CODES = {"a.b": Label("{field} lacks {what}.", "{field}缺少{what}。")}
SPEC = GuardSpec("a", "a_1", codes=CODES, wording=Wording({"field": {"amount": Label("Amount", "金额")}}))


@over_cases(("severity", "status"), list(product(["block", "warn", "shadow"], ["pass", "fail", "unknown", "skipped"])))
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


@over_cases(
    ("status", "english", "chinese"),
    [
        ("pass", "Passed: a.", "通过：a。"),
        ("skipped", "Does not apply: a.", "不适用：a。"),
        ("fail", "Not met: a.", "未满足：a。"),
        ("unknown", "Cannot tell: a.", "无法判断：a。"),
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


def test_a_remedy_is_a_value():
    """
    Whatever a guard puts into it, a remedy is frozen and can be counted.
    """
    remedy = Remedy("entry", "artefact", {"types": ["a", "b"], "with": {"x": {1}}})

    assert {remedy} == {Remedy("entry", "artefact", {"types": ("a", "b"), "with": {"x": frozenset({1})}})}
    with pytest.raises(TypeError, match="frozen"):
        remedy.params["with"] = 1
