"""
A risk's own small lifecycle, run by the engine.
"""

from __future__ import annotations

from datetime import date

import pytest

from salesflow import Money
from salesflow.dossier import Risk
from salesflow.errors import InputError, ProjectLockedError, TransitionRefusedError

from .make_pipeline import Actor, make_pipeline


ASSESSED = {"probability": 4, "impact": 5}
ANSWER = {"owner": "li.wei", "response": "Ask early.", "response_due": date(2026, 5, 1)}
LEFT = {"residual_probability": 2, "residual_impact": 3}


def pipeline_with(*risks):
    pipeline = make_pipeline()
    pipeline.add("P-1", *risks)
    return pipeline


@pytest.mark.requirement("E31")
def test_the_whole_way():
    """
    From identified to closed: each move is one fact and sets what was handed in.
    """
    pipeline = pipeline_with(Risk("r", "Delay"))
    for trigger, data in (
        ("assess_risk", ASSESSED),
        ("respond_to_risk", ANSWER),
        ("monitor_risk", LEFT),
        ("close_risk", {"note": "The lab is free."}),
    ):
        moved = pipeline.move_risk("P-1", "r", trigger, data=data)

    assert Risk("r", "Delay", status="closed", note="The lab is free.", **ASSESSED, **ANSWER, **LEFT) == moved.risk
    assert (6, "closed", False) == (moved.fact.version, moved.decision.target, moved.replayed)


@pytest.mark.parametrize(
    ("risk", "trigger", "code"),
    [
        (Risk("r"), "assess_risk", "fields.missing"),
        (Risk("r", status="assessed"), "respond_to_risk", "fields.missing"),
        (Risk("r", status="responding"), "monitor_risk", "fields.missing"),
        (Risk("r", status="monitored"), "close_risk", "fields.missing"),
        (Risk("r"), "monitor_risk", "transition.unavailable"),
        (Risk("r", status="closed"), "risk_occurs", "transition.unavailable"),
    ],
)
def test_what_is_missing_is_refused(risk, trigger, code):
    """
    A gate of the risk's lifecycle refuses as one of a project does, and the attempt is logged.
    """
    pipeline = pipeline_with(risk)
    with pytest.raises(TransitionRefusedError) as refused:
        pipeline.move_risk("P-1", "r", trigger)

    assert [code] == [verdict.code for verdict in refused.value.decision.blocking]
    assert [trigger] == [attempt.trigger for attempt in pipeline.attempts("P-1")]
    assert 2 == pipeline.get("P-1").version


@pytest.mark.parametrize(
    "risk",
    [Risk("r", probability=2), Risk("r", impacts={"cost": 1}), Risk("r", impact=3)],
)
def test_an_assessment_that_is_there(risk):
    """
    What was assessed when the risk was added need not be handed in again; 1 times 1 must be.
    """

    assert "assessed" == pipeline_with(risk).move_risk("P-1", "r", "assess_risk").risk.status
    assert (
        1
        == pipeline_with(Risk("r"))
        .move_risk("P-1", "r", "assess_risk", data={"probability": 1, "impact": 1})
        .risk.score
    )


def test_one_impact_in_place_of_several():
    """
    An impact that is handed in replaces the several ones.
    """
    pipeline = pipeline_with(Risk("r", impacts={"cost": 1, "time": 4}))
    moved = pipeline.move_risk("P-1", "r", "assess_risk", data={"impact": 2})

    assert (1, (2,)) == moved.risk.pair


def test_coming_true_activates_the_plan():
    """
    With a contingency plan it is activated and the owner told; without one the risk has come true all the same.
    """
    pipeline = pipeline_with(Risk("planned", contingency="Plan B."), Risk("bare"))
    planned, bare = (pipeline.move_risk("P-1", name, "risk_occurs").risk for name in ("planned", "bare"))
    sent = []
    pipeline.deliver(lambda notice, _id: sent.append(notice) or True)

    assert [("occurred", True), ("occurred", False)] == [
        (one.status, one.contingency_active) for one in (planned, bare)
    ]
    assert [("risk_occurred", "planned", 3), ("risk_occurred", "bare", 4)] == [
        (one.topic, one.params["risk"], one.version) for one in sent
    ]


def test_reopening_and_assessing_again():
    """
    A closed risk can come back, and a monitored one can be assessed again.
    """
    pipeline = pipeline_with(Risk("a", status="closed"), Risk("b", status="monitored", **LEFT))

    assert "identified" == pipeline.move_risk("P-1", "a", "reopen_risk").risk.status
    assert "assessed" == pipeline.move_risk("P-1", "b", "reassess_risk").risk.status


def test_clearing_an_attribute():
    """
    None takes an attribute back to what it is without.
    """
    pipeline = pipeline_with(Risk("r", "Delay", exposure=Money("5", "CNY"), owner="li.wei", **ASSESSED))
    moved = pipeline.move_risk("P-1", "r", "assess_risk", data={"owner": None, "exposure": None, "title": None})

    assert Risk("r", status="assessed", **ASSESSED) == moved.risk


def test_a_value_off_the_scale():
    """
    What a risk cannot be is refused before anything is stored.
    """
    pipeline = pipeline_with(Risk("r"))
    with pytest.raises(InputError, match="probability: 6"):
        pipeline.move_risk("P-1", "r", "assess_risk", data={"probability": 6, "impact": 1})

    assert 2 == pipeline.get("P-1").version


def test_an_unknown_risk():
    """
    The answer names the risks there are.
    """
    pipeline = pipeline_with(Risk("delay"))
    with pytest.raises(InputError, match="Did you mean 'delay'"):
        pipeline.move_risk("P-1", "delya", "assess_risk")
    with pytest.raises(InputError, match="none"):
        make_pipeline().risk_options("P-1", "delay")


def test_a_key_is_used_once():
    """
    Repeating a move with its key gives the stored fact; another request with the key is refused.
    """
    pipeline = pipeline_with(Risk("r"))
    first = pipeline.move_risk("P-1", "r", "assess_risk", data=ASSESSED, key="k")
    again = pipeline.move_risk("P-1", "r", "assess_risk", data=ASSESSED, key="k")

    assert (first.fact, True, None) == (again.fact, again.replayed, again.decision)
    assert first.risk == again.risk


def test_options():
    """
    Every trigger from where a risk stands is told, with what it still needs.
    """
    options = pipeline_with(Risk("r")).risk_options("P-1", "r", actor=Actor("wu"))

    assert {"assess_risk": "needs_input", "risk_occurs": "allowed", "close_risk": "needs_input"} == {
        one.trigger: one.status for one in options
    }


def test_a_project_that_has_ended():
    """
    In a final stage of the project its risks are locked with it.
    """
    pipeline = pipeline_with(Risk("r"))
    pipeline.fire("P-1", "win")
    with pytest.raises(ProjectLockedError):
        pipeline.move_risk("P-1", "r", "risk_occurs")

    assert "identified" == pipeline.get("P-1").all(Risk)[0].status
