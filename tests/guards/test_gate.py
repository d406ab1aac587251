"""
What was decided at a gate, and checklists.
"""

from __future__ import annotations

import attrs
import pytest

from salesflow.dossier import Checklist, ChecklistItem, GateCondition, GateDecision
from salesflow.guards import checklist_done, gate_decision

from ..cases import over_cases
from ..inside.guards.cures import cured
from .factory import DAY, NOW, ask_one, context, held, project


GO = GateDecision("d-1", "ATB", by="kim", at=NOW - DAY)
THEN = GateDecision("d-2", "ATB", verdict="kill", at=NOW - 2 * DAY)
OPEN = attrs.evolve(GO, verdict="conditional_go", conditions=[GateCondition("price", "Margin above 20 %")])
MET = attrs.evolve(OPEN, conditions=[GateCondition("price", met=True)])


@over_cases(
    ("entries", "code"),
    [
        ([], "gate.undecided"),
        ([GO], ""),
        ([attrs.evolve(GO, at=None)], ""),
        ([attrs.evolve(GO, at=NOW)], ""),
        ([attrs.evolve(GO, at=NOW + DAY)], "gate.undecided"),
        ([attrs.evolve(GO, gate="ATC")], "gate.undecided"),
        ([held(GO, version=3)], "gate.undecided"),
        ([THEN, GO], ""),
        ([GO, attrs.evolve(THEN, at=NOW)], "gate.refused"),
        ([attrs.evolve(GO, verdict="hold")], "gate.refused"),
        ([OPEN], "gate.conditions_open"),
        ([MET], ""),
        ([attrs.evolve(OPEN, conditions=())], ""),
    ],
)
def test_the_latest_decision_counts(entries, code):
    """It was made since the stage was entered and is not ahead; conditions have to be met, and doing so is enough."""
    proposed = project(entries=entries)

    assert code == ask_one(gate_decision, context(proposed), "ATB").code
    assert cured(gate_decision, proposed, "ATB")


@pytest.mark.parametrize(("verdict", "code"), [("recycle", ""), ("go", "gate.refused")])
def test_any_gate_may_send_a_project_back(verdict, code):
    """Where any gate will do, the last decision of all counts."""
    entries = [attrs.evolve(GO, verdict=verdict), attrs.evolve(THEN, gate="ATI")]

    assert code == ask_one(gate_decision, context(project(entries=entries)), "any", allow=("recycle",)).code


def test_what_a_gate_says():
    """The message has the words of people, and the remedy those of the entry."""
    asked = ask_one(gate_decision, context(), "ATB")
    refused = ask_one(gate_decision, context(project(entries=[attrs.evolve(GO, verdict="kill")])), "ATB", allow=("go",))
    left = ask_one(gate_decision, context(project(entries=[OPEN])), "ATB")

    assert "Gate ATB is not decided yet; it takes one of: go, conditional go." == asked.message()
    assert "关口 ATB 的决策结论为 终止，须为以下结论之一：通过。" == refused.message("zh")
    assert {"gate": "ATB", "verdict_in": ("go",), "at": NOW} == dict(refused.missing[0].params)
    assert "Gate ATB let this pass under conditions; still open: Margin above 20 %." == left.message()
    assert {"id": "d-1", "conditions": ("price",)} == dict(left.missing[0].params)


def test_a_gate_allows_something():
    """A gate that lets nothing pass is a fault of the definition."""
    with pytest.raises(ValueError, match="allow is empty"):
        gate_decision.factory("ATB", allow=())


PRICES = ChecklistItem("prices", "All prices", done=True, by="li")
KEYS = ChecklistItem("keys", mandatory=False)


@pytest.mark.requirement("A22")
@over_cases(
    ("items", "params", "code"),
    [
        (None, {}, "checklist.missing"),
        ([], {}, "checklist.missing"),
        ([], {"items": ("prices",)}, "checklist.missing"),
        ([PRICES], {}, ""),
        ([PRICES], {"items": ("prices",)}, ""),
        ([PRICES], {"items": ("keys",)}, "checklist.open"),
        ([PRICES, KEYS], {}, "checklist.open"),
        ([PRICES, KEYS], {"mandatory_only": True}, ""),
        ([PRICES, KEYS], {"mandatory_only": True, "items": ("keys",)}, "checklist.open"),
        ([attrs.evolve(PRICES, by=" ")], {}, "checklist.open"),
        ([attrs.evolve(PRICES, done=False)], {"mandatory_only": True}, "checklist.open"),
    ],
)
def test_a_checklist_is_done(items, params, code):
    """Every item that counts is there and ticked by somebody; doing so is enough."""
    proposed = project(entries=[] if items is None else [Checklist("handover", items)])

    assert code == ask_one(checklist_done, context(proposed), "handover", **params).code
    assert cured(checklist_done, proposed, "handover", **params)


def test_what_a_checklist_says():
    """The texts of what is open, in the order of the list."""
    card = Checklist("handover", [attrs.evolve(PRICES, done=False), KEYS])
    verdict = ask_one(checklist_done, context(project(entries=[card])), "handover")

    assert "Checklist handover, still open: All prices, keys." == verdict.message()
    assert {"id": "handover", "items": ("prices", "keys")} == dict(verdict.missing[0].params)
