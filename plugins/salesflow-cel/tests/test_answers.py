"""
What expressions answer: yes, no, or unknown, in the types of the language.
"""

from __future__ import annotations

import pytest
import salesflow_cel

from salesflow import dossier
from salesflow.typing import Remedy


MISFIT = ("its values do not go together, or are out of range", "其中的值类型不符或超出范围")


@pytest.mark.parametrize(
    "expr",
    [
        'amount > money("120000 CNY") && amount >= money("120000.10 CNY")',
        'amount < money("120000.11 CNY") && amount <= money("120000.1 CNY")',
        'amount == money("120000.10 CNY") && amount != money("1 CNY")',
        'amount + money("1 CNY") - money("2 CNY") == money("119999.1 CNY")',
        'amount.currency == "CNY" && amount.amount > 100000.0',
        "margin >= 0.2 && margin < 1 && 1 > margin && seats == 3.0 && seats + 1 == 4",
        '!(region in ["华南", "华北"]) && region.size() == 2 && region.startsWith("华")',
        'region.matches("^华.$") && matches(region, "东")',
        "due < at && at - signed < duration('14d')",
        'signed == timestamp("2026-03-09T04:30:00+08:00") && due == timestamp("2026-03-01")',
        'signed.getHours() == 20 && signed.getHours("+08:00") == 4 && signed.getHours("-01:30") == 19',
        'stage == "offer" && outcome == "undecided" && actor.name == "li.wei"',
        '"sales_director" in actor.roles && reason == "renewal"',
        "urgent ? seats > 1 : false",
        "has(fields.amount) && !has(fields.note) && fields.seats == 3",
        "[1, 2, 3].map(one, one * 2).exists(one, one == 4)",
        "[1, 2, 3].all(one, one > 0) && [1, 2].exists_one(one, one > 1) && [1, 2].filter(one, one > 1) == [2]",
        "note == 'x' || urgent",
        '{"a": 1}.a == 1 && [[1]][0][0] == 1 && size([]) == 0',
    ],
)
def test_true(ask, expr):
    """
    These hold for the project.
    """
    verdict = ask(expr, reason="renewal")

    assert ("pass", {}) == (verdict.status, dict(verdict.evidence))


@pytest.mark.parametrize("expr", ["seats > 3", "!urgent", "has(fields.note)", "note == 'x' && !urgent"])
def test_false(ask, expr):
    """
    These do not, and the message has the expression.
    """
    verdict = ask(expr)

    assert ("fail", "cel.not_met", f"Not met: {expr}.") == (verdict.status, verdict.code, verdict.message())


@pytest.mark.parametrize(
    ("expr", "en", "zh"),
    [
        ("note == 'x'", "note has no value", "note 没有值"),
        ("note == 'x' && urgent", "note has no value", "note 没有值"),
        ("note in ['x']", "note has no value", "note 没有值"),
        ("reason == 'x'", "reason has no value", "reason 没有值"),
        ("actor.boss == 'x'", "a key is missing", "缺少所引用的键"),
        ("seats", "it is neither true nor false", "结果既不是真也不是假"),
        ("amount > 100", *MISFIT),
        ("amount == money('1 EUR')", *MISFIT),
        ("amount == money('much')", *MISFIT),
        ("signed > timestamp('now')", *MISFIT),
        ("duration('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!') > duration('1h')", *MISFIT),
        ("signed.getHours('Asia/Shanghai') > 1", *MISFIT),
        ("duration('1h').getHours('+08:00') > 1", *MISFIT),
        ("timestamp(1) > at", *MISFIT),
        ("region.matches('(')", *MISFIT),
        ("region.matches(1)", *MISFIT),
        ("[1][9223372036854775807] == 1", *MISFIT),
    ],
)
def test_unknown(ask, expr, en, zh):
    """
    What cannot be decided is unknown, with the reason in both languages.
    """
    verdict = ask(expr)

    assert ("unknown", f"Cannot be decided: {expr} ({en}).") == (verdict.status, verdict.message())
    assert f"无法判断：{expr}（{zh}）。" == verdict.message("zh")


def test_remedies(ask):
    """
    An unknown asks for the absent fields, and a plain no for a change of what was read.
    """
    unknown, fail = ask("note == 'x' && seats > 1"), ask("seats > 5")

    assert (Remedy("field", "note"),) == unknown.missing
    assert (Remedy("field", "seats", {"expr": "seats > 5"}),) == fail.missing


def test_message(ask):
    """
    A message of the definition replaces the expression.
    """
    verdict = ask("seats > 5", message={"en": "at least six seats", "zh": "至少六个席位"})

    assert ("Not met: at least six seats.", "未满足：至少六个席位。") == (verdict.message(), verdict.message("zh"))


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("entries.risk.all(one, one.probability < 5 || size(one.response) > 0)", "fail"),
        ("entries.risk.exists(one, has(one.owner)) || entries.risk.size() == 2", "pass"),
        ('entries["member"].exists(one, "project_lead" in one.roles && one.skills.tender >= 3)', "pass"),
        ("entries.goal == []", "pass"),
        ("at - project.entered_at >= duration('3d') && project.opened_at == project.entered_at", "pass"),
        ('project.id == "metro-5" && project.name.contains("Metro")', "pass"),
    ],
)
def test_dossier(ask, expr, expected):
    """
    The guard over the whole project reads entries by kind, and the stay in the stage.
    """
    entries = [
        dossier.Risk("r1", "Late delivery", probability=5, impact=4),
        dossier.Risk("r2", "Currency", probability=2, impact=2),
        dossier.Member("li.wei", roles=("project_lead",), skills={"tender": 4}),
    ]

    assert expected == ask(expr, guard=salesflow_cel.dossier, entries=entries).status


def test_silent(ask, capfd):
    """
    An invalid pattern is not printed to the terminal.
    """
    ask("region.matches('(') && matches(region, '[')")

    assert ("", "") == tuple(capfd.readouterr())
