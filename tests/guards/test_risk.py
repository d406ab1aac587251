"""
The guard on risks.
"""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from salesflow import dossier
from salesflow.guards._risk import risks_answered

from .cures import cured
from .factory import ask, context, project


def found(guard, entries, *args, **params):
    """The code, or else the status, of each verdict."""
    return [v.code or v.status for v in ask(guard, context(project(entries=entries)), *args, **params)]


RISK = dossier.Risk("r", "Delay", probability=3, impact=5)
ANSWER = {"owner": "li.wei", "response": "Ask early.", "response_due": date(2026, 5, 1)}


@pytest.mark.parametrize(
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

    assert "Risk r (score 15) is not answered; still open: owner, response, response_due." == unanswered.message()
    assert "风险 r（评分 15）尚未应对，待补充：owner、response、response_due。" == unanswered.message("zh")
    assert "Risk r (score 15) needs a contingency plan." == bare.message()
    assert ["pass"] == found(risks_answered, [RISK], min_score=16, contingency_score=16)
