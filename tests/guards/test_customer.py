"""
What is known of the customer, and what it confirmed.
"""

from __future__ import annotations

import attrs
import pytest

from salesflow import Money
from salesflow.dossier import Artefact, Confirmation, Contact, CustomerRecord, Need, Party, Purchase, Registration
from salesflow.guards import customer_confirmed, customer_record_complete, registration_valid

from ..cases import over_cases
from ..inside.guards.cures import cured
from .factory import DAY, NOW, ask_one, context, held, project


YES = Confirmation("c-1", "solution", contact="Mr Luo", digest="sha256:01", at=NOW - DAY)
PAPER = Artefact("solution", digest="sha256:01")
BARE = Artefact("solution")


@pytest.mark.requirement("A32")
@over_cases(
    ("entries", "code"),
    [
        ([], "customer.unconfirmed"),
        ([YES], ""),
        ([attrs.evolve(YES, what="price")], "customer.unconfirmed"),
        ([attrs.evolve(YES, contact=" ")], "customer.unconfirmed"),
        ([attrs.evolve(YES, at=NOW + DAY)], "customer.unconfirmed"),
        ([attrs.evolve(YES, at=None)], ""),
        ([PAPER, YES], ""),
        ([PAPER, attrs.evolve(YES, digest="sha256:02")], "customer.changed"),
        ([PAPER, attrs.evolve(YES, digest="")], "customer.changed"),
        ([attrs.evolve(PAPER, superseded=True), attrs.evolve(YES, digest="")], ""),
        ([held(BARE, version=6), held(YES, version=6)], ""),
        ([held(BARE, version=7), held(YES, version=6)], "customer.changed"),
        ([PAPER, attrs.evolve(YES, digest=""), attrs.evolve(YES, id="c-2")], ""),
    ],
)
def test_the_customer_confirmed_what_is_there_now(entries, code):
    """The latest version counts, confirmed by somebody with a name; another confirmation is enough."""
    proposed = project(entries=entries)

    assert code == ask_one(customer_confirmed, context(proposed), "solution").code
    assert cured(customer_confirmed, proposed, "solution")


@over_cases(
    ("contact", "party", "code"),
    [
        ("k-1", "customer", ""),
        ("Mr Luo", "customer", ""),
        ("k-1", "partner", "customer.unconfirmed"),
        ("Mr Luo", "competitor", "customer.unconfirmed"),
        ("Ms Chen", "partner", ""),
    ],
)
def test_a_contact_of_somebody_else_confirms_nothing(contact, party, code):
    """Only a contact of the customer counts; who is not known as a contact is taken for one."""
    entries = [attrs.evolve(YES, contact=contact), Contact("k-1", "Mr Luo", party="p-1"), Party("p-1", type=party)]

    assert code == ask_one(customer_confirmed, context(project(entries=entries)), "solution").code


def test_a_contact_without_a_party_is_the_customers():
    """By default a contact is one of the customer of the project."""
    for contact in (Contact("k-1", "Mr Luo"), Contact("k-1", "Mr Luo", party="unknown")):
        assert "" == ask_one(customer_confirmed, context(project(entries=[YES, contact])), "solution").code


def test_what_a_confirmation_says():
    """The message names what and who, and the remedy the version."""
    verdict = ask_one(customer_confirmed, context(project(entries=[PAPER, attrs.evolve(YES, digest="")])), "solution")

    assert "solution is another now than what Mr Luo confirmed; the customer has to confirm it again." == (
        verdict.message()
    )
    assert {"what": "solution", "digest": "sha256:01", "at": NOW, "required": ("contact",)} == dict(
        verdict.missing[0].params
    )
    with pytest.raises(ValueError, match="what is empty"):
        customer_confirmed.factory(" ")


FULL = CustomerRecord(
    "C-7", "Northern", facts={"industry": "telecom", "region": "north"}, contacts={"economic_buyer": "Ms Chen"}
)


@pytest.mark.requirement("D13")
@over_cases(
    ("entries", "ratio", "lacks"),
    [
        ([], 1, ("name", "industry", "region", "economic_buyer")),
        ([], 0, ("name", "industry", "region", "economic_buyer")),
        ([FULL], 1, None),
        ([attrs.evolve(FULL, name=" ")], 1, ("name",)),
        ([attrs.evolve(FULL, facts={"industry": " "})], 1, ("industry", "region")),
        ([attrs.evolve(FULL, facts={"industry": " "})], 0.5, None),
        ([attrs.evolve(FULL, facts={"industry": " "})], 0.51, ("industry", "region")),
        ([attrs.evolve(FULL, contacts={})], 1, ("economic_buyer",)),
        ([attrs.evolve(FULL, contacts={}), Contact("k", "Ms Chen", roles=["economic_buyer"])], 1, None),
        ([CustomerRecord("C-1"), FULL], 1, None),
    ],
)
def test_a_customer_record_is_complete(entries, ratio, lacks):
    """So much as is asked for; the most complete record counts, and filling it is enough."""
    proposed = project(entries=entries)

    assert lacks == ask_one(customer_record_complete, context(proposed), min_ratio=ratio).evidence.get("lacks")
    assert cured(customer_record_complete, proposed, min_ratio=ratio)


@pytest.mark.requirement("D13")
@over_cases(
    ("entries", "lacks"),
    [
        ([FULL], ("need", "purchase")),
        ([FULL, Need("n", "Less noise")], ("purchase",)),
        ([FULL, Need("n"), Purchase("p", Money(10, "CNY"), NOW.date())], None),
        ([Need("n")], ("name", "industry", "region", "economic_buyer", "purchase")),
    ],
)
def test_needs_and_purchases_belong_to_it(entries, lacks):
    """Where the gate asks for them there has to be one of each; adding it is enough."""
    proposed, asked = project(entries=entries), {"records": ("need", "purchase")}

    assert lacks == ask_one(customer_record_complete, context(proposed), **asked).evidence.get("lacks")
    assert cured(customer_record_complete, proposed, **asked)


def test_what_an_incomplete_record_says():
    """How much is filled in, and what is not."""
    verdict = ask_one(customer_record_complete, context(), facts=("budget",), contacts=())

    assert "The customer record is incomplete, 0 of 2; still open: name, budget." == verdict.message()
    with pytest.raises(ValueError, match="min_ratio is 80; it must be at most 1"):
        customer_record_complete.factory(min_ratio=80)


TODAY = NOW.date()
OURS = Registration("r", "C-7", "li.wei", TODAY - DAY, valid_until=TODAY)


@over_cases(
    ("entries", "code"),
    [
        ([], "registration.missing"),
        ([OURS], ""),
        ([attrs.evolve(OURS, valid_until=None)], ""),
        ([attrs.evolve(OURS, valid_until=TODAY - DAY)], "registration.expired"),
        ([attrs.evolve(OURS, released_on=TODAY)], "registration.expired"),
        ([attrs.evolve(OURS, customer="C-8")], "registration.missing"),
        ([attrs.evolve(OURS, id="s", valid_until=TODAY - DAY), OURS], ""),
    ],
)
def test_a_deal_is_registered(entries, code):
    """A registration of the customer holds today; registering anew is enough."""
    proposed = project(entries=entries, fields={"customer": "C-7"})

    assert code == ask_one(registration_valid, context(proposed), customer="customer").code
    assert cured(registration_valid, proposed, customer="customer")
    assert ("customer",) == tuple(registration_valid.reads(customer="customer"))


def test_any_registration_will_do_where_no_customer_is_named():
    """And one that is over says until when it was valid."""
    over = attrs.evolve(OURS, customer="C-8", valid_until=TODAY - DAY)

    assert "" == ask_one(registration_valid, context(project(entries=[attrs.evolve(OURS, customer="C-8")]))).code
    assert "The registration by li.wei has expired; it was valid until 2026-03-01." == (
        ask_one(registration_valid, context(project(entries=[over]))).message()
    )
