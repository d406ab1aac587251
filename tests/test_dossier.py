"""
The vocabulary of a sales project.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import attrs
import pytest

from salesflow import Money, dossier
from salesflow.errors import InputError


DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CNY = Money("10", "CNY")

FULL = {
    dossier.Acknowledgement: {"id": "3-0", "by": "li", "at": NOON},
    dossier.ApprovalRequest: {
        "id": "a", "name": "initiation", "by": "li", "to": ("role:ceo",), "at": NOON, "comment": "Soon.",
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
        "contact": "Ms Chen", "mentions": ("kim",),
    },
    dossier.Approval: {
        "id": "a", "name": "initiation", "by": "li", "roles": ("ceo",), "granted": False, "at": NOON, "visit": 2,
        "subject": "charter", "digest": "sha256:0", "comment": "No.", "owner": "li.wei", "requester": "zhao",
        "bound": {"amount": 5, "goal": {"g": "sha256:1"}},
    },
    dossier.Artefact: {
        "type": "charter", "id": "charter-2", "digest": "sha256:0", "title": "Charter", "uri": "c",
        "superseded": True,
    },
    dossier.Contract: {"id": "c", "amount": CNY, "parties": ("us", "them"), "signed_on": DAY},
    dossier.CustomerRecord: {"id": "C-7", "name": "Northern Telecom", "facts": {"industry": "telecom"},
        "contacts": {"champion": "Mr Luo"}},
    dossier.Duty: {"id": "bid", "title": "The bid", "accountable": ("li",)},
    dossier.Feedback: {"id": "f", "source": "team", "score": Decimal("4.5"), "comment": "Fine.", "declined": True,
        "member": "li"},
    dossier.Goal: {
        "id": "g", "metric": "csat", "target": Decimal(90), "unit": "points", "percent": True, "baseline": Decimal(80),
        "actual": Decimal(85),
        "subject": "north", "direction": "reach", "source": "survey", "supports": "market_entry", "parent": "whole",
        "owner": "li", "start": DAY, "due": DAY, "approved_on": DAY, "milestones": (DAY,), "status": "draft",
        "acknowledged_by": ("li",), "version": 2,
    },
    dossier.KpiSnapshot: {
        "id": "s", "at": NOON, "values": (dossier.KpiValue("win_rate", 0.5, n=4),), "basis": "known_today",
    },
    dossier.KpiTarget: {
        "id": "t", "metric": "win_rate", "target": Decimal("0.4"), "unit": "ratio", "variant": "of_all",
        "group": {"owner": "li"}, "owner": "li", "start": DAY, "due": DAY, "approved_on": DAY, "version": 2,
    },
    dossier.Lesson: {"id": "l", "text": "Offer early.", "tags": ("offer",)},
    dossier.Member: {"id": "li", "roles": ("seller",), "department": "Sales", "skills": {"price": 3}, "active": False},
    dossier.Payment: {"id": "p", "amount": CNY, "due": DAY, "received": CNY, "received_on": DAY},
    dossier.RaisedWarning: {
        "id": "quiet", "active": True, "level": "high", "since": NOON, "cleared_at": NOON, "last_alert_at": NOON,
        "evaluations": 2, "evaluated_at": NOON, "value": 0.5,
    },
    dossier.ResourceAllocation: {
        "id": "r", "resource": "people", "amount": Decimal(1), "unit": "days", "member": "li", "load": 0.5,
        "start": DAY, "end": DAY,
    },
    dossier.ResourceDemand: {"id": "r", "resource": "budget", "amount": CNY, "unit": ""},
    dossier.Retrospective: {"id": "r", "sections": {"successes": "Yes."}, "participants": ("li",), "held_at": NOON},
    dossier.Review: {
        "id": "r", "type": "project_review", "held_at": NOON, "attendees": ("li",), "decision": "Go on.",
        "member": "li",
    },
    dossier.Risk: {
        "id": "r", "title": "Delay", "probability": 3, "impact": 5, "impacts": {"cost": 4}, "exposure": CNY,
        "residual_probability": 2, "residual_impact": 3, "category": "time", "owner": "li",
        "response": "Ask.", "response_due": DAY, "contingency": "Plan B.", "contingency_active": True,
        "status": "closed", "note": "It is over.",
    },
    dossier.RiskRegister: {"id": "r", "none_found": True, "note": "Looked twice."},
    dossier.Scorecard: {"id": "feasibility", "items": (dossier.ScoreItem("need", 80),), "about": "Rival"},
    dossier.StrategyPart: {"id": "market_entry", "text": "Through partners.", "owner": "li"},
    dossier.Task: {
        "id": "t", "title": "Visit", "owner": "li", "role": "presales", "helpers": ("lin",), "due": DAY,
        "part": "market_entry", "goal": "g",
        "stage": "strategy", "mandatory": False, "effort": Decimal(2), "partner": "Assembler", "handover": True,
        "status": "doing",
    },
}  # fmt: skip
"""Every attribute of every entry, none at its default."""

LEAST = {dossier.Approval: {"id": "a", "name": "initiation", "by": "li"}, dossier.Artefact: {"type": "charter"}}
"""What an entry cannot do without, where that is more than its id."""

NAMED = {dossier.Member, dossier.Subscription}
"""Entries whose id is a person's name."""

every_class = pytest.mark.parametrize("kind", dossier.BUILT_IN, ids=lambda kind: kind.__name__)


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
        "KPIS",
        "KpiDefinition",
        "KpiDirection",
        "KpiUnit",
        "KpiValue",
        "KpiVariant",
        "RISK_STAGES",
        "RiskStage",
        "ScoreItem",
    } == set(dossier.__all__)


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


@pytest.mark.parametrize("kind", sorted(set(dossier.BUILT_IN) - NAMED, key=repr))
@pytest.mark.parametrize("bad", ["", "a/b", ".hidden", "x" * 129, "a\n", None, 7])
def test_a_bad_id_is_refused(kind, bad):
    """The message says what an id looks like."""
    with pytest.raises(InputError) as caught:
        kind(**{**least(kind), "id": bad})

    assert "id of an entry" == caught.value.what
    assert str(caught.value).endswith(
        "An id has 1 to 128 letters, digits, '.', '_' or '-' and starts with a letter or digit."
    )


@pytest.mark.parametrize("bad", ["", " ", "x" * 129, "a\n", None, 7])
@pytest.mark.parametrize("kind", sorted(NAMED, key=repr))
def test_a_member_is_called_as_the_actor_is(kind, bad):
    """The id of a member or subscriber is a person's name, in any script, and is checked as one."""
    with pytest.raises(InputError, match="actor name"):
        kind(bad)

    assert "李伟" == kind("李伟").id


@pytest.mark.parametrize(
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
    (dossier.Goal, "direction", "up", "direction: 'up' is not usable. Use one of , increase, decrease, reach."),
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
    (dossier.Risk, "probability", 0, "probability: 0 is not usable. Pass a number from 1 to 5."),
    (dossier.Risk, "impact", 6, "Pass a number from 1 to 5."),
    (dossier.Risk, "impact", True, "Pass a number from 1 to 5."),
    (dossier.Risk, "impact", "5", "Pass a number from 1 to 5."),
    (dossier.ResourceAllocation, "load", -0.1, "Pass a number from 0 to 10."),
    (dossier.ResourceAllocation, "load", float("nan"), "Pass a number from 0 to 10."),
    (dossier.Scorecard, "items", [{"id": "need"}], "Pass a list; each item is a ScoreItem."),
]


@pytest.mark.parametrize(("kind", "name", "value", "text"), BAD)
def test_a_bad_value_is_refused(kind, name, value, text):
    """The message names the thing, the value and the next step."""
    with pytest.raises(InputError) as caught:
        kind(**least(kind), **{name: value})

    assert text in str(caught.value)


@pytest.mark.parametrize(("name", "value"), [("score", 101), ("score", -1), ("weight", 1001), ("weight", -1)])
def test_a_score_has_bounds(name, value):
    """Scores are 0 to 100, weights 0 to 1000."""
    with pytest.raises(InputError, match=name):
        dossier.ScoreItem("need", **{name: value})


@pytest.mark.parametrize("written", [7, 7.0, "7", Decimal("7.00")], ids=repr)
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


@pytest.mark.parametrize(
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
