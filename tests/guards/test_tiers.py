"""
Approvals that depend on an amount.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

import salesflow as sf
from salesflow.dossier import Approval
from salesflow.errors import DefinitionError
from salesflow.guards import amount_tier_approval

from ..cases import over_cases
from ..equipment import HOUR, NOW as START, Clock
from .factory import ask_one, context, project


SMALL = {"up_to": sf.Money("100000", "CNY"), "roles": ("manager",)}
LARGE = {"up_to": sf.Money("1000000", "CNY"), "roles": ("director", "finance")}
ANY = {"roles": ("ceo", "chair"), "mode": "any"}
MANAGER, DIRECTOR, FINANCE, CEO = (sf.Actor(name, roles={name}) for name in ("manager", "director", "finance", "ceo"))


def asked(amount, *tiers, granted=(), **params):
    given = [Approval(name, "amount", name, roles=(name,), visit=2, bound={"amount": amount}) for name in granted]
    proposed = project(fields={"amount": amount, "owner": "li.wei"}, entries=given)
    return ask_one(amount_tier_approval, context(proposed), "amount", tiers or (SMALL, LARGE), **params)


@over_cases(
    ("amount", "granted", "code"),
    [
        ("1", ["manager"], ""),
        ("100000", ["manager"], ""),
        ("100000", ["director"], "approval.tier"),
        ("100000.01", ["manager"], "approval.tier"),
        ("100000.01", ["director"], "approval.tier"),
        ("100000.01", ["director", "finance"], ""),
        ("1000000", ["director", "finance"], ""),
        ("1000000.01", ["director", "finance"], "approval.no_tier"),
    ],
)
def test_the_first_tier_that_holds_the_amount_decides(amount, granted, code):
    """Its end belongs to it, and all of its roles have to approve."""
    assert code == asked(sf.Money(amount, "CNY"), granted=granted).code


@pytest.mark.parametrize(("granted", "code"), [(["chair"], ""), (["manager"], "approval.tier")])
def test_a_tier_without_a_limit_holds_the_rest(granted, code):
    """The last tier may have none, and says itself how its roles approve."""
    assert code == asked(sf.Money(10**9, "CNY"), SMALL, ANY, granted=granted).code


@over_cases("amount", [None, sf.Money(1, "EUR"), Decimal(5), "5"])
def test_an_amount_that_does_not_compare_is_unknown(amount):
    """Absent, in another currency, or no amount at all: it cannot be told who approves."""
    verdict = asked(amount)

    assert ("unknown", "approval.no_amount") == (verdict.status, verdict.code)
    assert ("field", "amount") == (verdict.missing[0].kind, verdict.missing[0].name)


@pytest.mark.parametrize(("amount", "code"), [(3, ""), (Decimal("3.5"), "approval.no_tier")])
def test_an_amount_may_be_a_number(amount, code):
    """Tiers of a number are numbers; without any limit, there is still an amount."""
    assert code == asked(amount, {"up_to": 3, "roles": ("manager",)}, granted=["manager"]).code
    assert "approval.no_amount" == asked(True, ANY).code


def test_what_a_tier_says():
    """Amount, roles and how many have granted; what is above all tiers has to become less."""
    pending, beyond = asked(sf.Money(500000, "CNY")), asked(sf.Money(10**7, "CNY"))

    said = "amount is 500,000 CNY, so approval amount is needed: 0 of 1 granted (director; all of director, finance)."
    assert said == pending.message()
    assert ("approval", "amount") == (pending.missing[0].kind, pending.missing[0].name)
    assert "amount 为 10,000,000 CNY，超出最高审批权限 1,000,000 CNY。" == beyond.message("zh")
    assert {"op": "le", "value": sf.Money(1000000, "CNY")} == dict(beyond.missing[0].params)


def deals(tiers, **params):
    """A lifecycle with one gate, whose approval depends on the amount, and a deal of a small amount."""
    gate = sf.Transition("sign", "bid", "won", outcome="won", guards=[amount_tier_approval("amount", tiers, **params)])
    definition = sf.Definition(
        "deals",
        fields=[sf.Field("amount", "money"), sf.Field("owner")],
        stages=[sf.Stage("bid", "open"), sf.Stage("won", "won")],
        transitions=[gate],
    )
    made = sf.Pipeline(sf.build_lifecycle(definition), actor=MANAGER, clock=Clock())
    made.open("A deal", id="P-1", fields={"amount": sf.Money(90000, "CNY"), "owner": "manager"})
    return made


def blocked(made):
    """The codes that stop the move; none if it is allowed."""
    return [verdict.code for verdict in made.decide("P-1", "sign").blocking]


@pytest.mark.requirement("A33")
def test_another_amount_needs_another_approval():
    """The approval binds the amount, also one that falls into a smaller tier; limits are money, also from a text."""
    rest = {"roles": ["director", "finance"], "mode": "in_order"}
    made = deals([{"up_to": "100000 CNY", "roles": ["manager"]}, rest])
    made.approve("P-1", "amount")
    assert [] == blocked(made)

    made.update("P-1", {"amount": sf.Money(80000, "CNY")})
    assert ["approval.changed"] == blocked(made)

    made.update("P-1", {"amount": sf.Money(800000, "CNY")})
    for hour, (who, codes) in enumerate([(FINANCE, ["approval.tier"]), (DIRECTOR, ["approval.tier"]), (FINANCE, [])]):
        made.approve("P-1", "amount", actor=who, at=START + hour * HOUR)
        assert codes == [verdict.code for verdict in made.decide("P-1", "sign", at=START + hour * HOUR).blocking]


def test_ones_own_approval_does_not_count():
    """Distinctness, name and what else is bound are as in an approval."""
    made = deals([{"roles": ["manager", "ceo"], "mode": "any"}], name="price", distinct_from="owner", binds=["owner"])
    made.approve("P-1", "price")
    assert ["approval.self"] == blocked(made)

    made.approve("P-1", "price", actor=CEO)
    assert [] == blocked(made)
    assert {"amount", "owner"} == made.get("P-1").all(Approval)[-1].bound.keys()


@over_cases(
    ("tiers", "text"),
    [
        ([], "tiers is empty"),
        ([{"up_to": "5 CNY"}], "tiers[0] needs roles"),
        ([{"roles": "manager"}], "tiers[0] needs roles"),
        ([{"roles": []}], "tiers[0] needs roles"),
        ([{"roles": ["a"], "upto": "5 CNY"}], "tiers[0]: 'upto' is unknown. Known are up_to, roles, mode, quorum"),
        ([{"roles": ["a"], "mode": "some"}], "tiers[0].mode: 'some' is unknown."),
        ([{"roles": ["a"], "quorum": True}], "tiers[0].quorum is True"),
        ([{"roles": ["a"], "quorum": 0}], "quorum is 0"),
        ([{"roles": ["a"]}, {"roles": ["b"]}], "tiers[1].up_to has to be more"),
        ([{"roles": ["a"], "up_to": "5 CNY"}, {"roles": ["b"], "up_to": "5 CNY"}], "tiers[1].up_to has to be more"),
        ([{"roles": ["a"], "up_to": "5 CNY"}, {"roles": ["b"], "up_to": "6 EUR"}], "tiers[1].up_to has to be more"),
        ([{"roles": ["a"], "up_to": "five"}], "five"),
    ],
)
def test_tiers_that_cannot_be_meant(tiers, text):
    """Unknown keys, absent roles, limits of another type and tiers out of order are faults with their place."""
    with pytest.raises(DefinitionError) as caught:
        deals(tiers)

    assert text in str(caught.value)


def test_a_limit_has_the_type_of_its_field():
    """A plain number is no limit of money; the fault names the tier."""
    with pytest.raises(DefinitionError) as caught:
        deals([{"roles": ["a"], "up_to": 5}])

    assert "transitions[0].guards[0].tiers[0].up_to" in str(caught.value)


@given(st.sets(st.integers(1, 50), min_size=1, max_size=5).map(sorted), st.integers(0, 60), st.booleans())
def test_one_tier_decides(limits, amount, last):
    """Whatever the tiers, the roles asked are those of the first that holds the amount; above all of them, nobody's."""
    tiers = [{"up_to": limit, "roles": (f"role_{limit}",)} for limit in limits] + [{"roles": ("chair",)}] * last
    wanted = next((tier["roles"] for tier in tiers if amount <= tier.get("up_to", amount)), None)
    verdict = asked(Decimal(amount), *tiers)

    assert wanted == (verdict.missing[0].params.get("roles") if verdict.code == "approval.tier" else None)
    assert "approval.no_tier" == verdict.code or wanted is not None
