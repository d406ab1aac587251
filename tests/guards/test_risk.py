"""
The guards on risks and issues.
"""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from salesflow import dossier
from salesflow.guards import contingency_ready, no_open_issues, risk_below, risks_answered

from ..cases import over_cases
from ..inside.guards.cures import cured
from .factory import DAY, NOW, ask, context, project


def found(guard, entries, *args, **params):
    """The code, or else the status, of each verdict."""
    return [v.code or v.status for v in ask(guard, context(project(entries=entries)), *args, **params)]


RISK = dossier.Risk("r", "Delay", probability=3, impact=5)
ANSWER = {"owner": "li.wei", "response": "Ask early.", "response_due": date(2026, 5, 1)}


@pytest.mark.requirement("A27")
@over_cases(
    ("entries", "codes"),
    [
        ([], ["risk.unregistered"]),
        ([dossier.RiskRegister()], ["risk.unregistered"]),
        ([dossier.RiskRegister(none_found=True)], ["pass"]),
        ([attrs.evolve(RISK, probability=1)], ["pass"]),
        ([attrs.evolve(RISK, probability=3, impact=3)], ["pass"]),
        ([attrs.evolve(RISK, probability=2)], ["risk.unanswered"]),
        ([attrs.evolve(RISK, probability=2, **ANSWER)], ["pass"]),
        ([RISK], ["risk.unanswered", "risk.no_contingency"]),
        ([attrs.evolve(RISK, **ANSWER)], ["risk.no_contingency"]),
        ([attrs.evolve(RISK, contingency="Plan B.", **ANSWER)], ["pass"]),
        ([attrs.evolve(RISK, status="closed"), attrs.evolve(RISK, id="s", status="occurred")], ["pass"]),
    ],
)
def test_risks(entries, codes):
    """There is a register; open risks of weight are answered, heavier ones have a contingency plan."""
    assert codes == found(risks_answered, entries)
    assert cured(risks_answered, project(entries=entries))


def test_open_risks_are_told():
    """What is open of each risk is listed, and the limits can be moved."""
    unanswered, bare = ask(risks_answered, context(project(entries=[RISK])))

    assert "Risk r (score 15) is not answered; still open: owner, response, response due." == unanswered.message()
    assert "风险 r（评分 15）尚未应对，待补充：负责人、应对措施、应对期限。" == unanswered.message("zh")
    assert "Risk r (score 15) needs a contingency plan." == bare.message()
    assert ["pass"] == found(risks_answered, [RISK], min_score=16, contingency_score=16)


WARNING = dossier.RaisedWarning("quiet", active=True, level="high")
SEVERAL = dossier.Risk("r", probability=1, impacts={"cost": 5, "time": 5})
LEFT = attrs.evolve(RISK, residual_probability=4, residual_impact=4)


@over_cases(
    ("entries", "params", "codes"),
    [
        ([], {}, ["pass"]),
        ([attrs.evolve(RISK, probability=1)], {}, ["pass"]),
        ([attrs.evolve(RISK, probability=2)], {}, ["risk.too_high"]),
        ([attrs.evolve(RISK, probability=2)], {"max_level": "high"}, ["pass"]),
        ([attrs.evolve(RISK, probability=2)], {"max_level": "high", "max_score": 9}, ["risk.too_high"]),
        ([attrs.evolve(RISK, probability=2)], {"max_level": "critical", "max_score": 10}, ["pass"]),
        ([RISK], {"max_level": "low"}, ["risk.too_high"]),
        ([attrs.evolve(RISK, status="closed"), attrs.evolve(RISK, id="s", status="occurred")], {}, ["pass"]),
        ([LEFT], {}, ["risk.too_high"]),
        ([attrs.evolve(LEFT, status="monitored")], {}, ["risk.too_high"]),
        ([attrs.evolve(LEFT, status="monitored", residual_impact=None)], {"max_level": "low"}, ["risk.too_high"]),
        ([attrs.evolve(LEFT, status="monitored", residual_probability=1)], {}, ["pass"]),
        ([SEVERAL], {"max_level": "low"}, ["risk.too_high"]),
        ([SEVERAL], {"max_level": "low", "combine": "average_scores"}, ["risk.too_high"]),
        ([attrs.evolve(SEVERAL, status="monitored", residual_probability=1)], {"max_level": "low"}, ["risk.too_high"]),
        ([RISK], {"max_level": "low", "levels": {"high": 1}}, ["risk.too_high"]),
        ([RISK], {"max_level": "critical", "max_score": 1}, ["risk.too_high"]),
        ([RISK], {"table": (("low",) * 5,) * 5}, ["pass"]),
        ([WARNING], {}, ["warning.active"]),
        ([WARNING], {"max_level": "high"}, ["pass"]),
        ([attrs.evolve(WARNING, active=False)], {"max_level": "low"}, ["pass"]),
        ([RISK, WARNING], {}, ["risk.too_high", "warning.active"]),
    ],
)
def test_risks_are_small_enough(entries, params, codes):
    """Open risks and active warnings above the limit are refused, and what the remedies say cures them."""
    assert codes == found(risk_below, entries, **params)
    assert cured(risk_below, project(entries=entries), **params)


@over_cases(
    ("risk", "params", "remedy"),
    [
        (RISK, {}, {"max_probability": 1}),
        (RISK, {"max_level": "high"}, {"max_probability": 2}),
        (RISK, {"max_level": "low"}, {"max_probability": 1, "max_impact": 4}),
        (attrs.evolve(LEFT, status="monitored"), {}, {"max_residual_probability": 2}),
        (
            attrs.evolve(LEFT, status="monitored"),
            {"max_score": 2},
            {"max_residual_probability": 1, "max_residual_impact": 2},
        ),
        (SEVERAL, {"max_level": "low"}, {"status": "closed"}),
        (RISK, {"max_level": "low", "levels": {"high": 1}}, {"status": "closed"}),
    ],
)
def test_the_mildest_cure_is_told(risk, params, remedy):
    """A lower probability if that is enough, else a lower impact too; closing it where no cell is accepted."""
    (verdict,) = ask(risk_below, context(project(entries=[risk])), **params)

    assert {"id": "r", **remedy} == dict(verdict.missing[0].params)


def test_what_is_too_high_is_told():
    """The message names the risk, its level and score, and the limit."""
    (high,) = ask(risk_below, context(project(entries=[RISK])))
    (both,) = ask(risk_below, context(project(entries=[RISK])), max_score=9)

    assert "Risk r is critical (score 15); at most medium is accepted." == high.message()
    assert "风险 r 评分 15（严重），超出可接受的上限：中、9。" == both.message("zh")


@pytest.mark.parametrize("params", [{"max_score": 0}, {"levels": {"bad": 1}}])
def test_limits_that_cannot_be(params):
    """A limit below every score, or an unknown level, is refused when the lifecycle is built."""
    with pytest.raises(ValueError):
        risk_below.factory(**params)


ISSUE = dossier.Issue("i-1", "Pump leaks", severity="high")


@over_cases(
    ("limit", "issues", "codes"),
    [
        ("", [], ["pass"]),
        ("", [attrs.evolve(ISSUE, severity="low")], ["issue.any_open"]),
        ("medium", [attrs.evolve(ISSUE, severity="medium")], ["pass"]),
        ("medium", [ISSUE], ["issue.open"]),
        ("critical", [ISSUE], ["pass"]),
        ("", [attrs.evolve(ISSUE, opened_at=NOW)], ["issue.any_open"]),
        ("", [attrs.evolve(ISSUE, opened_at=NOW + DAY)], ["pass"]),
        ("low", [attrs.evolve(ISSUE, status="in_progress")], ["issue.open"]),
        ("low", [attrs.evolve(ISSUE, status="resolved"), attrs.evolve(ISSUE, id="i-2", status="verified")], ["pass"]),
        ("low", [ISSUE, attrs.evolve(ISSUE, id="i-2")], ["issue.open", "issue.open"]),
    ],
)
def test_no_issue_is_open(limit, issues, codes):
    """None that is worse than the limit; each that is, is named with its severity, and resolving it is enough."""
    assert codes == found(no_open_issues, issues, max_severity=limit)
    assert cured(no_open_issues, project(entries=issues), max_severity=limit)


def test_what_an_open_issue_is_called():
    """The message has its title, and the severity in words."""
    (verdict,) = ask(no_open_issues, context(project(entries=[ISSUE])), max_severity="medium")

    assert "Issue i-1 (Pump leaks) is open, its severity is high; at most medium may be open." == verdict.message()
    assert "问题 i-1（Pump leaks）尚未解决，严重程度 高；未解决的问题最高为 中。" == verdict.message("zh")


PLAN = dossier.ContingencyPlan("p", "delivery", trigger="Late", steps=["Call"], owner="li.wei")


@over_cases(
    ("plans", "codes"),
    [
        ([], ["contingency.missing"]),
        ([PLAN], ["pass"]),
        ([attrs.evolve(PLAN, category="price")], ["contingency.missing"]),
        ([attrs.evolve(PLAN, steps=())], ["contingency.missing"]),
        ([attrs.evolve(PLAN, trigger=" ", owner=None)], ["contingency.missing"]),
        ([attrs.evolve(PLAN, id="q", steps=()), PLAN], ["pass"]),
    ],
)
def test_a_contingency_plan_is_ready(plans, codes):
    """One for each category has a trigger, steps and an owner; filling in the most complete is enough."""
    assert codes == found(contingency_ready, plans, "delivery")
    assert cured(contingency_ready, project(entries=plans), "delivery", "price")
