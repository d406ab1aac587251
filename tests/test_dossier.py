"""
The vocabulary of a sales project.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise
from typing import get_args, get_type_hints

import attrs
import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Money, Pipeline, dossier, load_lifecycle
from salesflow.errors import InputError

from .cases import over_cases


DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CNY = Money("10", "CNY")

FULL = {
    dossier.Acknowledgement: {"id": "3-0", "by": "li", "at": NOON},
    dossier.ApprovalRequest: {
        "id": "a", "name": "initiation", "by": "li", "to": ("role:ceo",), "at": NOON, "comment": "Soon.",
        "subject": "charter", "expires_at": NOON, "status": "granted", "answer": "Fine.",
    },
    dossier.Guidance: {"id": "g", "text": "Ask.", "by": "li", "to": ("owner",), "at": NOON, "question": "q"},
    dossier.Question: {
        "id": "q", "text": "How much?", "by": "kim", "to": ("li",), "asked_at": NOON, "answer": "10",
        "answered_by": "li", "answered_at": NOON,
    },
    dossier.StatusReport: {
        "id": "s", "at": NOON, "by": "li", "done": ("Offer",), "next": ("Visit",), "risks": ("Price",),
        "help_needed": ("Presales",),
    },
    dossier.Subscription: {"id": "li", "topics": ("win",)},
    dossier.Activity: {
        "id": "a", "type": "visit", "at": NOON, "owner": "li", "status": "done", "outcome": "advance", "note": "Good",
        "contact": "Ms Chen", "mentions": ("kim",), "direction": "out", "answers": "b", "planned_for": NOON,
        "planned_until": NOON, "party": "p",
    },
    dossier.Appraisal: {
        "id": "a", "member": "li", "criteria": (dossier.AppraisalCriterion("sales", 80),), "by": "kim", "at": NOON,
        "acknowledged_at": NOON, "start": DAY, "end": DAY,
    },
    dossier.Budget: {"id": "b", "planned": CNY, "category": "travel", "owner": "li", "start": DAY, "end": DAY},
    dossier.ChannelPlan: {
        "id": "c", "channel": "online", "text": "A shop.", "share": Decimal("0.3"), "partner": "p", "owner": "li",
    },
    dossier.CoachingAction: {
        "id": "c", "member": "li", "text": "Practise.", "because": "slow_wins", "evidence": ("P-1",), "coach": "kim",
        "due": DAY, "done_on": DAY, "result": "Better.",
    },
    dossier.DepartmentRequest: {
        "id": "r", "text": "An engineer.", "department": "Presales", "by": "li", "to": ("kim",), "resource": "people",
        "priority": 1, "asked_on": DAY, "needed_by": DAY, "done_on": DAY, "status": "done", "answer": "From Monday.",
    },
    dossier.DevelopmentPlan: {
        "id": "d", "member": "li", "career": "Lead", "skills": {"negotiation": 4}, "actions": ("A course.",),
        "mentor": "kim", "start": DAY, "end": DAY, "status": "done",
    },
    dossier.ExecutionPlan: {
        "id": "e", "activities": "Visits.", "promotion": "A fair.", "team": "Three.", "start": DAY, "end": DAY,
        "owner": "li",
    },
    dossier.HiringNeed: {
        "id": "h", "role": "seller", "skills": {"negotiation": 3}, "count": 2, "reason": "Nobody has it.",
        "owner": "kim", "checks": ("interview",), "raised_on": DAY, "needed_by": DAY, "filled_by": ("wu",),
        "status": "filled",
    },
    dossier.Idea: {
        "id": "i", "title": "Rent it out", "text": "By the month.", "by": "li", "proposed_on": DAY,
        "status": "adopted", "decided_on": DAY, "result": "Two deals.", "award": "r",
    },
    dossier.Incentive: {
        "id": "i", "goal": "g", "attainment": Decimal("1.1"), "amount": CNY, "text": "A dinner.", "members": ("li",),
        "type": "prize",
    },
    dossier.MarketAnalysis: {
        "id": "m", "market": "north", "demand": "Pumps.", "competitors": ("Rival",), "trend": "Up.",
        "potential": "Half.", "sources": ("r",), "made_on": DAY, "owner": "li",
    },
    dossier.PricingPlan: {
        "id": "p", "product": "Pump", "price": CNY, "unit_cost": Money(6, "CNY"), "lowest_price": Money(8, "CNY"),
        "method": "value", "text": "It saves power.", "owner": "li",
    },
    dossier.PromotionPlan: {
        "id": "p", "type": "event", "text": "A fair.", "audience": "Builders", "budget": CNY, "start": DAY, "end": DAY,
        "owner": "li", "status": "done",
    },
    dossier.ResearchPlan: {
        "id": "r", "goal": "demand", "method": "survey", "question": "Who needs it?", "market": "north", "sample": 40,
        "start": DAY, "end": DAY, "findings": "Many.", "opportunity": "Rental.", "owner": "li",
    },
    dossier.Reward: {
        "id": "r", "member": "li", "type": "bonus", "reason": "The goal.", "amount": CNY, "given_on": DAY, "by": "kim",
        "goal": "g", "incentive": "i", "appraisal": "a",
    },
    dossier.TargetCustomer: {
        "id": "t", "segment": "Builders", "needs": "Pumps.", "buying_behaviour": "In spring.",
        "industries": ("building",), "regions": ("north",), "size": "small", "owner": "li",
    },
    dossier.TeamCharter: {
        "id": "t", "mission": "Serve.", "vision": "First.", "goals": ("100",), "values": ("honesty",),
        "agreed_on": DAY, "agreed_by": ("li",), "owner": "li",
    },
    dossier.TeamEvent: {
        "id": "t", "title": "Outing", "held_on": DAY, "type": "outing", "members": ("li",), "note": "Rain.",
    },
    dossier.Delivery: {
        "id": "d", "amount": CNY, "delivered_on": DAY, "accepted_on": DAY, "contract": "c", "note": "In parts.",
    },
    dossier.ImprovementAction: {
        "id": "i", "title": "Ask earlier", "owner": "li", "due": DAY, "lifecycle": "deal", "status": "verified",
        "accepted_on": DAY, "done_on": DAY, "verified_on": DAY, "verified_by": "kim",
        "metric": "win_rate", "before": Decimal("0.2"), "after": Decimal("0.3"), "note": "It helps.",
    },
    dossier.Invoice: {
        "id": "i", "amount": CNY, "issued_on": DAY, "tax_rate": Decimal("0.13"), "taxed": False, "credit": True,
        "number": "044", "bills": "p", "contract": "c",
    },
    dossier.Issue: {
        "id": "i", "title": "It stands still", "severity": "high", "category": "delivery", "customer": "C-7",
        "item": "Pump", "owner": "li", "opened_at": NOON, "due": DAY, "status": "resolved", "resolved_at": NOON,
        "resolution": "A new part.", "reopened": 1, "answer_due": NOON, "resolve_due": NOON, "origin": "risk:r",
    },
    dossier.Approval: {
        "id": "a", "name": "initiation", "by": "li", "roles": ("ceo",), "granted": False, "at": NOON, "visit": 2,
        "subject": "charter", "digest": "sha256:0", "comment": "No.", "owner": "li.wei", "requester": "zhao",
        "on_behalf_of": "wang", "authority": "directory",
        "bound": {"amount": 5, "goal": {"g": "sha256:1"}},
    },
    dossier.Artefact: {
        "type": "charter", "id": "charter-2", "digest": "sha256:0", "title": "Charter", "uri": "c",
        "superseded": True, "status": "superseded",
    },
    dossier.Complaint: {
        "id": "c", "text": "Too loud", "severity": "low", "party": "C-7", "contact": "Ms Chen", "item": "Pump",
        "owner": "li", "raised_at": NOON, "answered_at": NOON, "resolved_at": NOON, "status": "confirmed",
        "issue": "i", "answer_due": NOON, "resolve_due": NOON, "answer": "We look.", "resolution": "A new part.",
    },
    dossier.Contact: {
        "id": "c", "name": "Ms Chen", "party": "C-7", "roles": ("champion",), "title": "Head of purchase",
        "strength": 4, "email": "chen@example.com", "phone": "10086",
    },
    dossier.Need: {
        "id": "n", "text": "Less noise", "party": "C-7", "priority": "must", "stated_on": DAY, "status": "met",
    },
    dossier.Party: {
        "id": "p", "name": "Rival", "type": "competitor", "strength": 3, "industry": "Pumps", "note": "New here.",
    },
    dossier.Purchase: {
        "id": "p", "amount": CNY, "bought_on": DAY, "product": "Pump", "seller": "Rival", "party": "C-7",
    },
    dossier.ServiceStandard: {
        "id": "s", "item": "Pump", "response_hours": Decimal(4), "resolution_hours": Decimal(40), "severity": "high",
    },
    dossier.Contract: {
        "id": "c", "amount": CNY, "parties": ("us", "them"), "signed_on": DAY, "terminated_on": DAY,
        "tax_rate": Decimal("0.13"), "taxed": False,
    },
    dossier.CustomerRecord: {"id": "C-7", "name": "Northern Telecom", "facts": {"industry": "telecom"},
        "contacts": {"champion": "Mr Luo"}},
    dossier.Deposit: {
        "id": "b", "amount": CNY, "type": "performance_bond", "paid_on": DAY, "due_back": DAY, "returned_on": DAY,
        "withheld": CNY, "note": "Half a year.",
    },
    dossier.Duty: {"id": "bid", "title": "The bid", "accountable": ("li",)},
    dossier.Feedback: {"id": "f", "source": "team", "score": Decimal("4.5"), "comment": "Fine.", "declined": True,
        "member": "li", "type": "return_visit"},
    dossier.Checklist: {
        "id": "handover", "items": (dossier.ChecklistItem("keys", "All keys", done=True, by="li", at=NOON),),
    },
    dossier.Confirmation: {
        "id": "c", "what": "solution", "contact": "Mr Luo", "digest": "sha256:01", "at": NOON, "note": "By letter.",
    },
    dossier.ContingencyPlan: {
        "id": "p", "category": "delivery", "trigger": "Ten days late", "steps": ("Call the second supplier",),
        "owner": "li", "risk": "r",
    },
    dossier.GateDecision: {
        "id": "d", "gate": "ATB", "verdict": "conditional_go",
        "conditions": (dossier.GateCondition("price", "Below cost plus ten", met=True, owner="li", due=DAY),),
        "by": "kim", "at": NOON, "note": "Margin is thin.",
    },
    dossier.Goal: {
        "id": "g", "metric": "csat", "target": Decimal(90), "unit": "points", "percent": True, "baseline": Decimal(80),
        "actual": Decimal(85),
        "subject": "north", "direction": "reach", "source": "survey", "supports": "market_entry", "parent": "whole",
        "owner": "li", "start": DAY, "due": DAY, "approved_on": DAY, "milestones": (DAY,), "status": "draft",
        "acknowledged_by": ("li",), "version": 2, "rationale": {"market": "It grows."}, "priority": 1,
    },
    dossier.KpiSnapshot: {
        "id": "s", "at": NOON, "values": (dossier.KpiValue("win_rate", 0.5, n=4),), "basis": "known_today",
    },
    dossier.KpiTarget: {
        "id": "t", "metric": "win_rate", "target": Decimal("0.4"), "unit": "ratio", "variant": "of_all",
        "group": {"owner": "li"}, "owner": "li", "start": DAY, "due": DAY, "approved_on": DAY, "version": 2,
    },
    dossier.Lesson: {
        "id": "l", "text": "Offer early.", "tags": ("offer",), "customer": "C-7", "industry": "Telecom", "stage": "bid",
        "risk_category": "competition",
    },
    dossier.PulseAnswer: {
        "id": "p", "score": Decimal(4), "answered_on": DAY, "topic": "workload", "member": "li", "comment": "Busy.",
    },
    dossier.LessonUse: {"id": "u", "lesson": "l", "project": "P-1", "by": "li", "at": NOON, "note": "Early."},
    dossier.MarketSize: {"id": "m", "market": "north", "amount": CNY, "source": "Union", "start": DAY, "end": DAY},
    dossier.Member: {"id": "li", "roles": ("seller",), "department": "Sales", "skills": {"price": 3}, "active": False,
        "capacity": Decimal("0.5"), "experience": Decimal(8), "potential": 4, "traits": {"teamwork": 5}},
    dossier.Milestone: {
        "id": "m", "title": "Accepted", "due": DAY, "planned": DAY, "met_on": DAY, "owner": "li",
        "partner": "Assembler", "moved_because": "Snow.",
    },
    dossier.Payment: {"id": "p", "amount": CNY, "due": DAY, "received": CNY, "received_on": DAY},
    dossier.PaymentDue: {"id": "p", "amount": CNY, "due": DAY, "type": "advance", "contract": "c", "note": "Soon."},
    dossier.Receipt: {
        "id": "r", "amount": CNY, "received_on": DAY, "refund": True, "pays": "p", "contract": "c", "note": "Back.",
    },
    dossier.Registration: {
        "id": "r", "customer": "C-7", "by": "li", "registered_on": DAY, "valid_until": DAY, "released_on": DAY,
        "note": "By the partner.",
    },
    dossier.RaisedWarning: {
        "id": "quiet", "active": True, "level": "high", "since": NOON, "cleared_at": NOON, "last_alert_at": NOON,
        "evaluations": 2, "evaluated_at": NOON, "value": 0.5,
    },
    dossier.ResourceAllocation: {
        "id": "r", "resource": "people", "amount": Decimal(1), "unit": "days", "member": "li", "load": 0.5,
        "start": DAY, "end": DAY,
    },
    dossier.ResourceDemand: {"id": "r", "resource": "budget", "amount": CNY, "unit": ""},
    dossier.Retrospective: {"id": "r", "sections": {"successes": "Yes."}, "participants": ("li",), "held_at": NOON,
        "source": "expert"},
    dossier.Review: {
        "id": "r", "type": "project_review", "held_at": NOON, "attendees": ("li",), "decision": "Go on.",
        "member": "li",
    },
    dossier.Risk: {
        "id": "r", "title": "Delay", "probability": 3, "impact": 5, "impacts": {"cost": 4}, "exposure": CNY,
        "residual_probability": 2, "residual_impact": 3, "category": "time", "owner": "li",
        "response": "Ask.", "response_due": DAY, "contingency": "Plan B.", "contingency_active": True,
        "status": "closed", "note": "It is over.", "identified_by": "data", "response_type": "avoid",
    },
    dossier.RiskRegister: {"id": "r", "none_found": True, "note": "Looked twice."},
    dossier.SalesCost: {
        "id": "c", "amount": CNY, "spent_on": DAY, "category": "travel", "budget": "b", "member": "li",
        "note": "Train.",
    },
    dossier.Scorecard: {"id": "feasibility", "items": (dossier.ScoreItem("need", 80),), "about": "Rival"},
    dossier.Signal: {
        "id": "s", "text": "Prices fall", "category": "market", "evidence": "News", "by": "li", "seen_at": NOON,
        "decided_at": NOON, "decided_by": "kim", "decision": "Wait.", "offers": "adjust",
    },
    dossier.SkillTarget: {"id": "s", "skill": "谈判", "level": 3, "members": 2, "member": "li", "due": DAY},
    dossier.SuccessCriterion: {
        "id": "c", "text": "The plant runs", "metric": "uptime", "target": Decimal("0.99"), "unit": "ratio",
        "actual": Decimal("0.98"), "met": False, "approved_on": DAY, "version": 2,
    },
    dossier.Survey: {
        "id": "s", "name": "after_delivery", "score": Decimal(9), "scale": "nps", "customer": "C-7",
        "contact": "Ms Chen", "item": "Pump", "answered_at": NOON, "comment": "Good.", "declined": True,
    },
    dossier.StrategyPart: {"id": "market_entry", "text": "Through partners.", "owner": "li"},
    dossier.Task: {
        "id": "t", "title": "Visit", "owner": "li", "role": "presales", "helpers": ("lin",), "due": DAY,
        "start": DAY, "done_on": DAY,
        "part": "market_entry", "goal": "g",
        "stage": "strategy", "mandatory": False, "effort": Decimal(2), "partner": "Assembler", "handover": True,
        "status": "doing", "note": "Half of it.", "priority": 2,
    },
    dossier.TimeBooking: {"id": "b", "member": "li", "day": DAY, "hours": Decimal("7.5"), "task": "t", "note": "Draft"},
    dossier.Training: {
        "id": "t", "title": "Prices", "hours": Decimal(8), "held_on": DAY, "members": ("li",), "skills": ("price",),
        "type": "course", "tools": ("crm",), "trainer": "kim",
    },
}  # fmt: skip
"""Every attribute of every entry, none at its default."""

LEAST = {
    dossier.Appraisal: {"id": "a", "member": "li"},
    dossier.Approval: {"id": "a", "name": "initiation", "by": "li"},
    dossier.Artefact: {"type": "charter"},
    dossier.Budget: {"id": "b", "planned": CNY},
    dossier.CoachingAction: {"id": "c", "member": "li"},
    dossier.Delivery: {"id": "d", "amount": CNY, "delivered_on": DAY},
    dossier.Deposit: {"id": "d", "amount": CNY},
    dossier.DevelopmentPlan: {"id": "d", "member": "li"},
    dossier.Invoice: {"id": "i", "amount": CNY, "issued_on": DAY},
    dossier.MarketSize: {"id": "m", "market": "north", "amount": CNY},
    dossier.PaymentDue: {"id": "p", "amount": CNY},
    dossier.Purchase: {"id": "p", "amount": CNY, "bought_on": DAY},
    dossier.Receipt: {"id": "r", "amount": CNY, "received_on": DAY},
    dossier.Registration: {"id": "r", "customer": "C-7", "by": "li", "registered_on": DAY},
    dossier.Reward: {"id": "r", "member": "li"},
    dossier.SalesCost: {"id": "c", "amount": CNY, "spent_on": DAY},
    dossier.TeamEvent: {"id": "t", "title": "Outing", "held_on": DAY},
    dossier.TimeBooking: {"id": "b", "member": "li", "day": DAY, "hours": 8},
    dossier.Training: {"id": "t", "title": "Prices", "hours": 8, "held_on": DAY},
}
"""What an entry cannot do without, where that is more than its id."""

NAMED = {dossier.Member, dossier.Subscription}
"""Entries whose id is a person's name."""

every_class = over_cases("kind", dossier.BUILT_IN, ids=lambda kind: kind.__name__)


def called(kind):
    return getattr(kind, "kind", kind.__name__)


def least(kind):
    return LEAST.get(kind, {"id": "x"})


def test_every_class_is_known():
    """The door names them all, in order, and no two share a kind."""
    kinds = [kind.kind for kind in dossier.BUILT_IN]

    assert set(dossier.BUILT_IN) == set(FULL)
    assert sorted(dossier.BUILT_IN, key=lambda kind: kind.__name__) == list(dossier.BUILT_IN)
    assert len(set(kinds)) == len(kinds)
    assert {kind.__name__ for kind in dossier.BUILT_IN} | {
        "BUILT_IN",
        "AppraisalCriterion",
        "CHOICES",
        "ChecklistItem",
        "GateCondition",
        "instalments",
        "FORECAST_CATEGORIES",
        "KPIS",
        "KpiDefinition",
        "KpiDirection",
        "KpiUnit",
        "KpiValue",
        "KpiVariant",
        "PLANS",
        "IDENTIFIED_BY",
        "IMPACT_TYPES",
        "RESPONSE_TYPES",
        "RISK_STAGES",
        "RiskStage",
        "ScoreItem",
        "name_of",
    } == set(dossier.__all__)


@pytest.mark.requirement("A04", "C08", "C36", "D06", "D17", "D31")
@every_class
def test_an_entry_keeps_what_it_is_given(kind):
    """Every attribute comes back as it went in."""
    made = kind(**FULL[kind])

    assert FULL[kind] == {name: getattr(made, name) for name in FULL[kind]}
    assert {field.name for field in attrs.fields(kind)} == set(FULL[kind])


@every_class
def test_an_entry_needs_little(kind):
    """Beside its id, hardly anything; work in progress can be recorded."""
    made = kind(**least(kind))

    assert made == kind(**least(kind))
    assert hash(made) == hash(kind(**least(kind)))
    assert made != kind(**{**FULL[kind], "id": "other"})


@every_class
def test_an_unknown_attribute_is_an_error(kind):
    """A typing error is not stored as if it meant something."""
    with pytest.raises(TypeError, match="ovner"):
        kind(**least(kind), ovner="li")
    with pytest.raises(AttributeError):
        kind(**least(kind)).ovner  # noqa: B018 -- reading it is the test


@every_class
def test_an_entry_is_frozen(kind):
    """Nobody rewrites a fact."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        kind(**least(kind)).id = "other"


@over_cases("kind", sorted(set(dossier.BUILT_IN) - NAMED, key=repr))
def test_a_bad_id_is_refused(kind):
    """The message says what an id looks like."""
    wanted = "An id has 1 to 128 letters, digits, '.', '_' or '-' and starts with a letter or digit."
    for bad in ("", "a/b", ".hidden", "x" * 129, "a\n", None, 7):
        with pytest.raises(InputError) as caught:
            kind(**{**least(kind), "id": bad})

        assert (f"{called(kind)}.id", bad) == (caught.value.what, caught.value.value)
        assert str(caught.value).endswith(wanted)


@over_cases("bad", ["", " ", "x" * 129, "a\n", None, 7])
@over_cases("kind", sorted(NAMED, key=repr))
def test_a_member_is_called_as_the_actor_is(kind, bad):
    """The id of a member or subscriber is a person's name, in any script, and is checked as one."""
    with pytest.raises(InputError, match=rf"{called(kind)}\.id"):
        kind(bad)

    assert "李伟" == kind("李伟").id


@pytest.mark.requirement("A18")
@over_cases(
    ("asked", "answered", "took"),
    [(NOON, NOON + timedelta(hours=3), timedelta(hours=3)), (NOON, None, None), (None, NOON, None)],
)
def test_the_reply_time_of_a_question(asked, answered, took):
    """How long an answer took is known where both times are."""
    assert took == dossier.Question("q", asked_at=asked, answered_at=answered).reply_time


BAD = [
    (dossier.Goal, "target", "ten", "number: 'ten' is not usable. Pass a finite number."),
    (dossier.Goal, "target", float("nan"), "number: nan is not usable. Pass a finite number."),
    (dossier.Goal, "baseline", True, "number: True is not usable. Pass a finite number."),
    (dossier.Goal, "baseline", "Infinity", "number: 'Infinity' is not usable. Pass a finite number."),
    (dossier.ResourceDemand, "amount", [1], "number: [1] is not usable. Pass a finite number."),
    (dossier.Goal, "status", "actve", "Did you mean 'active'?"),
    (dossier.Member, "skills", {"price": 9}, "skills['price']: 9 is not usable. Pass a whole number from 1 to 5."),
    (dossier.Goal, "direction", "up", "direction: 'up' is not usable. Use one of increase, decrease, reach."),
    (dossier.Task, "status", "open", "Use one of todo, doing, blocked, done, dropped."),
    (dossier.Risk, "status", 1, "status: 1 is not usable."),
    (dossier.Activity, "status", "", "status: '' is not usable."),
    (dossier.Goal, "due", "2026-03-02", "due: '2026-03-02' is not usable. Pass a datetime.date."),
    (dossier.Task, "due", NOON, "Pass a datetime.date."),
    (dossier.Goal, "milestones", [NOON], "Pass datetime.date items; they have no time of day."),
    (dossier.Goal, "milestones", ["2026-03-02"], "list of dates: ['2026-03-02'] is not usable. Pass a list;"),
    (dossier.Goal, "milestones", DAY, "Pass a list; each item is a date."),
    (dossier.Review, "held_at", datetime(2026, 3, 2), "It has no time zone"),  # noqa: DTZ001 -- the fault under test
    (dossier.Activity, "at", DAY, "Pass an aware datetime"),
    (dossier.Contract, "amount", 10, "amount: 10 is not usable. Pass Money(amount, currency)."),
    (dossier.Payment, "received", "10 CNY", "Pass Money(amount, currency)."),
    (dossier.Member, "roles", "seller", "list of texts: 'seller' is not usable. Pass a list; each item is a str."),
    (dossier.Member, "roles", ["seller", 1], "Pass a list; each item is a str."),
    (dossier.Duty, "accountable", None, "Pass a list; each item is a str."),
    (dossier.Member, "skills", ["price"], "table: ['price'] is not usable. Pass a mapping of names to int."),
    (dossier.Member, "skills", {"price": "high"}, "Pass a mapping of names to int."),
    (dossier.CustomerRecord, "facts", {1: "x"}, "Pass a mapping of names to str."),
    (dossier.Retrospective, "sections", None, "Pass a mapping of names to str."),
    (dossier.PulseAnswer, "score", 6, "Pass a number from 1 to 5."),
    (dossier.Risk, "probability", 0, "probability: 0 is not usable. Pass a number from 1 to 5."),
    (dossier.Risk, "impact", 6, "Pass a number from 1 to 5."),
    (dossier.Risk, "impact", True, "Pass a number from 1 to 5."),
    (dossier.Risk, "impact", "5", "Pass a number from 1 to 5."),
    (dossier.ResourceAllocation, "load", -0.1, "Pass a number from 0 to 10."),
    (dossier.ResourceAllocation, "load", float("nan"), "Pass a number from 0 to 10."),
    (dossier.Activity, "answers", "x", "answers: 'x' is not usable. It is this entry itself; name another."),
    (dossier.PaymentDue, "amount", Money(-1, "CNY"), "Pass an amount of zero or more."),
    (dossier.Deposit, "amount", Money(-1, "CNY"), "Pass an amount of zero or more."),
    (dossier.Deposit, "withheld", 5, "Pass Money(amount, currency)."),
    (dossier.PaymentDue, "amount", None, "Pass Money(amount, currency)."),
    (dossier.Receipt, "received_on", None, "Pass a datetime.date."),
    (dossier.Budget, "planned", 10, "Pass Money(amount, currency)."),
    (dossier.Contract, "tax_rate", "13", "Pass a number from 0 to 1."),
    (dossier.Invoice, "tax_rate", "1.3", "Pass a number from 0 to 1."),
    (dossier.TimeBooking, "hours", 25, "Pass a number from 0 to 24."),
    (dossier.TimeBooking, "member", "", "Every fact says who acted"),
    (dossier.Member, "capacity", 2, "Pass a number from 0 to 1."),
    (dossier.Survey, "score", 6, "score: 6 is not usable. Pass a number from 1 to 5."),
    (dossier.Survey, "score", 0, "Pass a number from 1 to 5."),
    (dossier.Party, "type", "friend", "Use one of customer, partner, competitor, supplier."),
    (dossier.Party, "strength", 6, "Pass a number from 1 to 5."),
    (dossier.Contact, "strength", 0, "Pass a number from 1 to 5."),
    (dossier.Need, "priority", "urgent", "Use one of must, should, could."),
    (dossier.ServiceStandard, "response_hours", -1, "Pass a number from 0 to 10000."),
    (dossier.Purchase, "amount", Money(-1, "CNY"), "Pass an amount of zero or more."),
    (dossier.Survey, "scale", "stars", "Use one of csat, nps."),
    (dossier.Survey, "scale", ["csat"], "Use one of csat, nps."),
    (dossier.Issue, "severity", "bad", "Use one of low, medium, high, critical."),
    (dossier.SkillTarget, "level", 6, "Pass a number from 1 to 5."),
    (dossier.SkillTarget, "members", 0, "Pass a number from 1 to 9999."),
    (dossier.Training, "hours", -1, "Pass a number from 0 to 1000."),
    (dossier.Appraisal, "criteria", ["sales"], "Pass a list; each item is a AppraisalCriterion."),
    (dossier.KpiSnapshot, "values", [1], "Pass a list; each item is a KpiValue."),
    (
        dossier.Goal,
        "rationale",
        {"mood": "Good."},
        "rationale: 'mood' is not usable. Use one of strategy, market, team",
    ),
    (dossier.Goal, "priority", 0, "Pass a number from 1 to 5."),
    (dossier.Task, "priority", 6, "Pass a number from 1 to 5."),
    (dossier.ChannelPlan, "share", "1.2", "Pass a number from 0 to 1."),
    (dossier.PricingPlan, "price", Money(-1, "CNY"), "Pass an amount of zero or more."),
    (dossier.PricingPlan, "price", 100, "Pass Money(amount, currency)."),
    (dossier.PricingPlan, "method", "guess", "Use one of cost_plus, value, competition, penetration, skimming."),
    (dossier.PromotionPlan, "type", "advert", "Did you mean 'advertising'?"),
    (dossier.ResearchPlan, "goal", "rivals", "Use one of demand, competitors, potential, other."),
    (dossier.ResearchPlan, "method", "polls", "Use one of survey, interview, data_analysis, observation, other."),
    (dossier.ResearchPlan, "sample", -1, "Pass a number from 0 to 1000000."),
    (dossier.Member, "experience", 61, "Pass a number from 0 to 60."),
    (dossier.Member, "potential", 0, "Pass a number from 1 to 5."),
    (
        dossier.Member,
        "traits",
        {"teamwork": 6},
        "traits['teamwork']: 6 is not usable. Pass a whole number from 1 to 5.",
    ),
    (dossier.DevelopmentPlan, "skills", {"negotiation": 0}, "skills['negotiation']: 0 is not usable."),
    (dossier.HiringNeed, "skills", {"negotiation": 6}, "skills['negotiation']: 6 is not usable."),
    (dossier.HiringNeed, "count", 0, "Pass a number from 1 to 9999."),
    (dossier.Training, "type", "tools", "Did you mean 'tool'?"),
    (dossier.Incentive, "attainment", 11, "Pass a number from 0 to 10."),
    (dossier.Incentive, "amount", Money(-1, "CNY"), "Pass an amount of zero or more."),
    (dossier.Reward, "type", "cash", "Use one of praise, bonus, prize, promotion, time_off, other."),
    (dossier.Reward, "member", "", "Every fact says who acted"),
    (dossier.TeamEvent, "held_on", None, "Pass a datetime.date."),
    (dossier.Feedback, "type", "phone", "Use one of survey, return_visit, complaint, interview."),
    (dossier.Activity, "direction", "external", "Did you mean 'internal'?"),
    (dossier.DepartmentRequest, "status", "closed", "Use one of open, accepted, done, declined."),
    (dossier.Scorecard, "items", [{"id": "need"}], "Pass a list; each item is a ScoreItem."),
    (dossier.Checklist, "items", ["keys"], "Pass a list; each item is a ChecklistItem."),
    (dossier.GateDecision, "conditions", ["price"], "Pass a list; each item is a GateCondition."),
    (dossier.GateDecision, "verdict", "maybe", "Use one of go, conditional_go, kill, hold, recycle."),
    (dossier.Confirmation, "at", DAY, "Pass an aware datetime"),
]


@over_cases(("kind", "name", "value", "text"), BAD)
def test_a_bad_value_is_refused(kind, name, value, text):
    """The message names kind and attribute, the value and the next step."""
    with pytest.raises(InputError) as caught:
        kind(**{**least(kind), name: value})

    assert re.match(rf"{called(kind)}\.{name}\b", caught.value.what)
    assert text.split(": ", 1)[-1] in str(caught.value)


EVE = DAY - timedelta(days=1)
SOON = NOON - timedelta(hours=1)
BACKWARDS = [
    (dossier.Activity, {"planned_for": NOON, "planned_until": SOON}),
    (dossier.Appraisal, {"at": NOON, "acknowledged_at": SOON}),
    (dossier.ApprovalRequest, {"at": NOON, "expires_at": SOON}),
    (dossier.Appraisal, {"start": DAY, "end": EVE}),
    (dossier.Budget, {"start": DAY, "end": EVE}),
    (dossier.Contract, {"signed_on": DAY, "terminated_on": EVE}),
    (dossier.DepartmentRequest, {"asked_on": DAY, "needed_by": EVE}),
    (dossier.DepartmentRequest, {"asked_on": DAY, "done_on": EVE}),
    (dossier.DevelopmentPlan, {"start": DAY, "end": EVE}),
    (dossier.Deposit, {"paid_on": DAY, "due_back": EVE}),
    (dossier.Deposit, {"paid_on": DAY, "returned_on": EVE}),
    (dossier.Registration, {"registered_on": DAY, "valid_until": EVE}),
    (dossier.Registration, {"registered_on": DAY, "released_on": EVE}),
    (dossier.Delivery, {"delivered_on": DAY, "accepted_on": EVE}),
    (dossier.ExecutionPlan, {"start": DAY, "end": EVE}),
    (dossier.HiringNeed, {"raised_on": DAY, "needed_by": EVE}),
    (dossier.Idea, {"proposed_on": DAY, "decided_on": EVE}),
    (dossier.PromotionPlan, {"start": DAY, "end": EVE}),
    (dossier.Question, {"asked_at": NOON, "answered_at": SOON}),
    (dossier.ResearchPlan, {"start": DAY, "end": EVE}),
    (dossier.ResourceAllocation, {"start": DAY, "end": EVE}),
    (dossier.ImprovementAction, {"accepted_on": DAY, "done_on": EVE}),
    (dossier.ImprovementAction, {"done_on": DAY, "verified_on": EVE}),
    (dossier.Complaint, {"raised_at": NOON, "answered_at": SOON}),
    (dossier.Complaint, {"raised_at": NOON, "resolved_at": SOON}),
    (dossier.Issue, {"opened_at": NOON, "resolved_at": SOON}),
    (dossier.KpiTarget, {"start": DAY, "due": EVE}),
    (dossier.MarketSize, {"start": DAY, "end": EVE}),
    (dossier.Signal, {"seen_at": NOON, "decided_at": SOON}),
    (dossier.Task, {"start": DAY, "due": EVE}),
]


@over_cases(("kind", "given"), BACKWARDS, ids=lambda each: getattr(each, "__name__", None))
def test_nothing_ends_before_it_begins(kind, given):
    """The message names both, in both languages; either may be missing, and both may be the same."""
    (start, first), (end, last) = given.items()
    with pytest.raises(InputError) as caught:
        kind(**{**least(kind), **given})

    assert f"{called(kind)}.{end}" == caught.value.what
    when = f"{first:%Y-%m-%d %H:%M} UTC" if isinstance(first, datetime) else first
    assert f"It lies before {start}, which is {when}" in caught.value.text("en")
    assert f"它早于 {start}" in caught.value.text("zh")
    assert kind(**{**least(kind), start: last, end: last})
    assert kind(**{**least(kind), end: last}) if start not in least(kind) else True


@over_cases(
    ("written", "gross", "net"),
    [
        ({"tax_rate": "0.13"}, "113.00", "100.00"),
        ({"tax_rate": "0.13", "taxed": False}, "127.69", "113.00"),
        ({"tax_rate": "0.06", "credit": True}, "-113.00", "-106.60"),
        ({}, "113.00", "113.00"),
    ],
)
def test_an_invoice_with_and_without_tax(written, gross, net):
    """Either amount is had from the other and the rate, to the cent; a credit note counts below zero."""
    made = dossier.Invoice("i", Money(113, "CNY"), DAY, **written)

    assert (Money(gross, "CNY"), Money(net, "CNY")) == (made.gross, made.net)
    assert made.gross == Money(made.net.amount + made.tax.amount, "CNY")


def test_a_refund_is_subtracted():
    """What goes back counts below zero."""
    assert [CNY, Money(-10, "CNY")] == [dossier.Receipt("r", CNY, DAY, refund=back).paid for back in (False, True)]


@over_cases(("name", "value"), [("score", 101), ("score", -1), ("weight", 1001), ("weight", -1)])
def test_a_score_has_bounds(name, value):
    """Scores are 0 to 100, weights 0 to 1000."""
    with pytest.raises(InputError, match=name):
        dossier.ScoreItem("need", **{name: value})


@over_cases("written", [7, 7.0, "7", Decimal("7.00")], ids=repr)
def test_numbers_are_exact(written):
    """A float is taken as it prints; equal numbers are equal however they are written."""
    assert Decimal(7) == dossier.Goal("g", target=written).target
    assert Decimal("0.1") == dossier.Goal("g", target=0.1).target


def test_a_quantity_may_be_money():
    """Budget is money, people and material are numbers."""
    amounts = [dossier.ResourceDemand("r", "x", amount).amount for amount in (CNY, "2.5")]

    assert [CNY, Decimal("2.5")] == amounts


def test_lists_and_tables_are_frozen():
    """What is handed in can change afterwards; the entry does not."""
    roles, skills = ["seller"], {"price": 3}
    member = dossier.Member("li", roles=roles, skills=skills)
    roles.append("ceo")
    skills["price"] = 5

    assert (("seller",), {"price": 3}) == (member.roles, member.skills)
    with pytest.raises(TypeError, match="frozen"):
        member.skills["price"] = 5


def test_times_are_kept_in_utc():
    """A moment in Beijing is the same moment."""
    beijing = datetime(2026, 3, 2, 20, tzinfo=timezone(timedelta(hours=8)))

    assert NOON == dossier.Review("r", held_at=beijing).held_at
    assert UTC is dossier.Review("r", held_at=beijing).held_at.tzinfo


def test_an_artefact_is_its_type_by_default():
    """Adding it again replaces the version before."""
    assert "charter" == dossier.Artefact("charter").id


def test_the_score_of_a_risk():
    """Probability times impact."""
    assert 15 == dossier.Risk("r", probability=3, impact=5).score


def test_an_old_risk_is_identified():
    """
    What was stored as open before risks had stages reads as identified.
    """

    assert "identified" == dossier.Risk("r", status="open").status


def test_an_impact_is_on_the_scale():
    """
    Each of several impacts is 1 to 5.
    """
    with pytest.raises(InputError, match=r"impacts\['cost'\]: 6 is not usable. Pass a whole number from 1 to 5."):
        dossier.Risk("r", impacts={"cost": 6})


@over_cases(
    ("risk", "pairs"),
    [
        (dossier.Risk("r", probability=3, impact=4), ((3, (4,)), None, (3, (4,)))),
        (dossier.Risk("r", probability=3, impacts={"cost": 2, "time": 5}), ((3, (2, 5)), None, (3, (2, 5)))),
        (dossier.Risk("r", probability=3, impact=4, residual_probability=1), ((3, (4,)), (1, (4,)), (3, (4,)))),
        (
            dossier.Risk("r", probability=3, impacts={"cost": 2}, residual_impact=1, status="monitored"),
            ((3, (2,)), (3, (1,)), (3, (1,))),
        ),
        (dossier.Risk("r", probability=3, impact=4, status="monitored"), ((3, (4,)), None, (3, (4,)))),
    ],
)
def test_the_pairs_of_a_risk(risk, pairs):
    """
    What is left after the response holds once the risk is monitored; what is not stated stays as it was.
    """

    assert pairs == (risk.pair, risk.residual, risk.current)


@pytest.mark.requirement("C16")
def test_the_margin_of_a_price():
    """What is left of the list price and of the lowest price, and when that cannot be told."""
    plan = dossier.PricingPlan("p", price=Money(100, "CNY"), unit_cost=Money(70, "CNY"))

    assert (Decimal("0.3"), Decimal("0.3")) == (plan.margin, plan.lowest_margin)
    assert Decimal("0.125") == attrs.evolve(plan, lowest_price=Money(80, "CNY")).lowest_margin
    assert Decimal("-0.4") == attrs.evolve(plan, unit_cost=Money(140, "CNY")).margin
    assert [None, None, None] == [
        dossier.PricingPlan("p", **given).margin
        for given in ({}, {"price": Money(1, "CNY")}, {"price": Money(0, "CNY"), "unit_cost": Money(1, "CNY")})
    ]
    assert dossier.PricingPlan("p", unit_cost=Money(1, "EUR"), lowest_price=Money(1, "CNY")).lowest_margin is None


@pytest.mark.requirement("C16")
@over_cases(
    ("given", "english", "chinese"),
    [
        (
            {"unit_cost": Money(7, "EUR")},
            "Pass an amount in CNY, as price is.",
            "请传入以 CNY 计的金额，与 price 一致。",
        ),
        ({"lowest_price": Money(7, "EUR")}, "Pass an amount in CNY, as price is.", "请传入以 CNY 计的金额"),
        ({"lowest_price": Money(11, "CNY")}, "It lies above price, which is 10 CNY", "它高于 price（10 CNY）"),
    ],
)
def test_prices_of_a_plan_go_together(given, english, chinese):
    """A cost in another currency, and a lowest price above the list price, are refused."""
    with pytest.raises(InputError) as caught:
        dossier.PricingPlan("p", price=CNY, **given)

    assert english in caught.value.text("en")
    assert chinese in caught.value.text("zh")


CHOSEN = {
    "pricing_method": (dossier.PricingPlan, "method"),
    "promotion_type": (dossier.PromotionPlan, "type"),
    "research_goal": (dossier.ResearchPlan, "goal"),
    "research_method": (dossier.ResearchPlan, "method"),
    "training_type": (dossier.Training, "type"),
    "reward_type": (dossier.Reward, "type"),
    "event_type": (dossier.TeamEvent, "type"),
    "feedback_type": (dossier.Feedback, "type"),
}


@pytest.mark.requirement("C17", "D06", "D17", "D26", "D27", "D28", "D35", "D45")
@over_cases("name", CHOSEN)
def test_every_choice_has_its_label(name):
    """The labels of a choice are those of what its class accepts, in both languages."""
    kind, attribute = CHOSEN[name]
    accepted = set(get_args(get_type_hints(kind)[attribute])) - {""}

    assert accepted == set(dossier.CHOICES[name])
    assert [] == [label for label in dossier.CHOICES[name].values() if label.missing()]


@pytest.mark.requirement("C15", "D58", "D59")
def test_catalogues_that_a_host_may_extend():
    """Channels, skills and traits have labels, and an entry may hold a name of the host's own."""
    labels = dossier.CHOICES

    assert ["线上销售", "线下销售", "直销"] == [labels["channel"][name].zh for name in ("online", "offline", "direct")]
    assert {"communication", "negotiation"} < set(labels["skill"])
    assert {"professionalism", "teamwork"} < set(labels["trait"])
    assert "tv_shop" == dossier.ChannelPlan("c", "tv_shop").channel
    assert {"craft": 2} == dossier.Member("li", skills={"craft": 2}, traits={"craft": 2}).traits


@over_cases(
    ("written", "gross", "net"),
    [
        ({}, "113", "113"),
        ({"tax_rate": "0.13"}, "113", "100.00"),
        ({"tax_rate": "0.13", "taxed": False}, "127.69", "113"),
    ],
)
def test_a_contract_with_and_without_tax(written, gross, net):
    """The customer pays the amount with tax, and the payment plan splits that; without an amount there is neither."""
    made = dossier.Contract("c", amount=Money(113, "CNY"), **written)
    (item,) = dossier.instalments(made, {"whole": 1})

    assert (Money(gross, "CNY"), Money(net, "CNY")) == (made.gross, made.net)
    assert made.gross == item.amount
    assert (None, None) == (dossier.Contract("c", **written).gross, dossier.Contract("c", **written).net)


CONTRACT = dossier.Contract("c", amount=Money("99999.99", "CNY"))


def test_a_price_in_instalments():
    """The items are the shares of the amount, to the cent, and add up; each knows its contract and its day."""
    plan = dossier.instalments(CONTRACT, {"advance": 0.3, "delivery": "0.6", "retention": "0.1"}, due={"advance": DAY})

    assert ["30000.00", "59999.99", "10000.00"] == [str(each.amount.amount) for each in plan]
    assert [("c-advance", DAY), ("c-delivery", None), ("c-retention", None)] == [(each.id, each.due) for each in plan]
    assert {"c"} == {each.contract for each in plan}
    assert ["advance", "delivery", "retention"] == [each.type for each in plan]


@given(st.decimals("0.01", "99999999", places=2, allow_nan=False), st.sets(st.integers(1, 999), max_size=7).map(sorted))
def test_instalments_add_up(amount, cuts):
    """Whatever the shares, the items are the amount together."""
    parts = [end - start for start, end in pairwise([0, *cuts, 1000])]
    shares = {f"part-{n}": Decimal(each) / 1000 for n, each in enumerate(parts)}
    plan = dossier.instalments(attrs.evolve(CONTRACT, amount=Money(amount, "CNY")), shares)

    assert amount == sum(each.amount.amount for each in plan)


@over_cases(
    ("contract", "shares", "due", "text"),
    [
        (CONTRACT, {"a": "0.3", "b": "0.6"}, {}, "Each share is more than 0, and together they are 1; these are 0.9."),
        (CONTRACT, {"a": "1.1", "b": "-0.1"}, {}, "together they are 1"),
        (CONTRACT, {}, {}, "these are 0."),
        (CONTRACT, {"a": "x"}, {}, "Pass a finite number."),
        (CONTRACT, {"advance": 1}, {"advanse": DAY}, "Did you mean 'advance'?"),
        (dossier.Contract("c"), {"a": 1}, {}, "The contract has no amount that could be split."),
    ],
)
def test_a_split_that_does_not_add_up(contract, shares, due, text):
    """It is refused, with what is wrong."""
    with pytest.raises(InputError) as caught:
        dossier.instalments(contract, shares, due=due)

    assert text in str(caught.value)


@over_cases(
    ("more", "before", "first", "last", "after"),
    [
        ({"valid_until": DAY + timedelta(days=2)}, False, True, True, False),
        ({}, False, True, True, True),
        ({"released_on": DAY + timedelta(days=2)}, False, True, False, False),
    ],
)
def test_for_how_long_a_registration_holds(more, before, first, last, after):
    """From its day to the last day of its validity; the day on which it is released is free again."""
    made = dossier.Registration("r", "C-7", "li", DAY, **more)

    assert [before, first, last, after] == [made.holds_on(DAY + timedelta(days=n)) for n in (-1, 0, 2, 3)]


def test_a_plain_attribute_of_the_wrong_type_is_refused():
    """Where an entry takes a text or truth value as it comes, whoever writes it is told kind and attribute."""
    pipeline = Pipeline(load_lifecycle("simple_deal"), actor=Actor("li"))
    pipeline.open("Metro", id="m")
    wrong = [dossier.Task("t", 5), dossier.Task("t", mandatory="yes"), dossier.Task("t", owner=True)]
    told = []
    for each in wrong:
        with pytest.raises(InputError) as caught:
            pipeline.add("m", each)
        told.append((caught.value.what, caught.value.value))

    assert [("task.title", 5), ("task.mandatory", "yes"), ("task.owner", True)] == told
