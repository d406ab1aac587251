"""
Sign-off: an approval holds for what was approved, by somebody else than whom it leaves out, in the order asked for.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

import salesflow as sf
from salesflow import guards
from salesflow.dossier import Goal, Risk
from salesflow.errors import InputError, TransitionRefusedError

from .pipeline_factory import NOW, Clock


FIVE, NINETY = sf.Money("5000000", "EUR"), sf.Money("90000000", "EUR")
KIM, ROBIN, SASHA = (sf.Actor(name, roles={"director"}) for name in ("kim", "robin", "sasha"))
FINANCE = sf.Actor("fin", roles={"finance"})


def pipeline(**asked):
    """A pipeline whose one gate asks for the approval of a price; owned by kim, of five million."""
    ask = guards.approval("price", **asked)
    definition = sf.Definition(
        "deals",
        fields=[sf.Field("amount", "money"), sf.Field("owner"), sf.Field("note")],
        stages=[sf.Stage("bid", "open"), sf.Stage("deal"), sf.Stage("won", "won")],
        transitions=[
            sf.Transition("sign", "bid", "deal", guards=[ask]),
            sf.Transition("redo", "deal", "bid", kind="loop"),
            sf.Transition("win", "deal", "won", outcome="won"),
        ],
    )
    made = sf.Pipeline(sf.build_lifecycle(definition), actor=KIM, clock=Clock())
    made.open("A deal", id="P-1", fields={"amount": FIVE, "owner": "kim"})
    return made


def blocked(made, **handed_in):
    """The codes that stop the move; none if it is allowed."""
    return [verdict.code for verdict in made.decide("P-1", "sign", **handed_in).blocking]


def test_a_changed_amount_voids_the_approval():
    """
    An approval of five million does not hold for ninety; the verdict names the value, before and now.
    """
    made = pipeline(binds=["amount"])
    made.approve("P-1", "price", actor=ROBIN)
    assert [] == blocked(made)

    made.update("P-1", {"amount": NINETY})
    (verdict,) = made.decide("P-1", "sign").blocking

    assert ("approval.changed", "amount", FIVE, NINETY) == (
        verdict.code,
        *(verdict.evidence[name] for name in ("what", "was", "now")),
    )
    assert ["no longer counts" in verdict.message(), "已失效" in verdict.message("zh")] == [True, True]
    assert [("approval", "price")] == [(cure.kind, cure.name) for cure in verdict.missing]


def test_a_value_that_is_handed_in_counts():
    """
    The gate looks at the amount as it would be, so the move itself cannot bring another one.
    """
    made = pipeline(binds=["amount"])
    made.approve("P-1", "price", actor=ROBIN)

    assert [["approval.changed"], []] == [blocked(made, data={"amount": amount}) for amount in (NINETY, FIVE)]


def test_restored_and_unbound_values_do_not_matter():
    """
    A value that was changed and restored is the approved one; what is not bound may change.
    """
    made = pipeline(binds=["amount"])
    made.approve("P-1", "price", actor=ROBIN)
    made.update("P-1", {"amount": NINETY, "note": "x"})
    made.update("P-1", {"amount": FIVE})

    assert [] == blocked(made)


def test_a_new_approval_heals():
    """
    Whoever approves again, approves what there is now.
    """
    made = pipeline(binds=["amount"])
    made.approve("P-1", "price", actor=ROBIN)
    made.update("P-1", {"amount": NINETY})
    made.approve("P-1", "price", actor=ROBIN)

    assert [] == blocked(made)


@pytest.mark.parametrize("change", ["add", "edit", "remove"])
def test_entries_are_bound_by_their_digest(change):
    """
    An approval that binds a kind of entries is void when one of them comes, changes or goes.
    """
    made = pipeline(binds=["goal"])
    made.add("P-1", Goal("g", "revenue", 5))
    made.approve("P-1", "price", actor=ROBIN)
    made.add("P-1", Risk("r"))
    assert [] == blocked(made)
    if change == "remove":
        made.remove("P-1", "goal", "g")
    else:
        made.add("P-1", Goal("g" if change == "edit" else "h", "revenue", 6))

    assert ["approval.changed"] == blocked(made)
    assert "goal was" in made.decide("P-1", "sign").explain()


@pytest.mark.parametrize("any_visit", [False, True])
def test_visits(any_visit):
    """
    An approval is for one stay in the stage, unless the definition says for any.
    """
    made = pipeline(binds=["amount"], any_visit=any_visit)
    made.approve("P-1", "price", actor=ROBIN)
    made.fire("P-1", "sign")
    made.fire("P-1", "redo")

    assert ([] if any_visit else ["approval.pending"]) == blocked(made)


def test_what_is_bound_is_declared():
    """
    A name that is neither a field nor a kind of entries is a fault, and so is one that is both.
    """
    move = sf.Transition("go", "a", "b", guards=[guards.approval("price", binds=["amuont", "goal", "goals"])])
    stages = [sf.Stage("a", "open"), sf.Stage("b", "won")]
    fields = [sf.Field("amount", "money"), sf.Field("goal")]
    report = sf.check_definition(sf.Definition("d", fields=fields, stages=stages, transitions=[move]))

    assert [("binds.unknown", True), ("binds.ambiguous", False), ("binds.unknown", True)] == [
        (fault.code, "Did you mean" in fault.hint) for fault in report.faults
    ]


@pytest.mark.parametrize("owner", ["kim", "robin", ""])
def test_nobody_makes_room_for_himself_with_the_move(owner):
    """
    The owner's own approval does not count, whoever is handed in as the owner with the move.
    """
    made = pipeline(distinct_from="owner")
    made.approve("P-1", "price", actor=KIM)
    expected = "approval.self" if owner else "approval.no_owner"

    assert [expected] == blocked(made, data={"owner": owner or None})


def test_nobody_makes_room_for_himself_before_the_move():
    """
    The owner at the time of the approval is kept with it, so that handing the project over afterwards helps nobody.
    """
    made = pipeline(distinct_from="owner")
    made.approve("P-1", "price", actor=KIM)
    made.update("P-1", {"owner": "robin"})
    assert ["approval.self"] == blocked(made)

    made.approve("P-1", "price", actor=SASHA)
    assert [] == blocked(made)


def test_who_becomes_the_owner_cannot_have_approved():
    """
    Whoever takes the project over with the move must not be the one who approved it.
    """
    made = pipeline(distinct_from="owner")
    made.approve("P-1", "price", actor=ROBIN)

    assert [[], ["approval.self"]] == [blocked(made, data={"owner": owner}) for owner in ("sasha", "robin")]


@pytest.mark.parametrize("stored", ["José", "Jose\u0301"])
@pytest.mark.parametrize("shape", ["{}", " {}", "{} "])
def test_one_person_in_many_spellings(stored, shape):
    """
    Blanks at the ends and another Unicode form make no other person of the owner.
    """
    made = pipeline(distinct_from="owner")
    made.update("P-1", {"owner": shape.format(stored)})
    made.approve("P-1", "price", actor=sf.Actor("José"))

    assert ["approval.self"] == blocked(made)


@pytest.mark.parametrize("name", [" kim", "kim ", "Jose\u0301"])
def test_an_actor_has_the_normal_form(name):
    """
    A name that differs from its normal form is refused where a call names an actor.
    """
    with pytest.raises(InputError, match="differs from its normal form"):
        pipeline().approve("P-1", "price", actor=sf.Actor(name))


def test_all_of_the_roles():
    """
    A person of each role has to approve, in any order; the verdict asks for the role that is still open.
    """
    made = pipeline(roles=["director", "finance"], mode="all")
    made.approve("P-1", "price", actor=FINANCE)
    (verdict,) = made.decide("P-1", "sign").blocking
    made.approve("P-1", "price", actor=ROBIN)

    assert (("director",), []) == (verdict.missing[0].params["roles"], blocked(made))


def test_in_order():
    """
    What a later role said before the earlier one was through does not count.
    """
    made = pipeline(roles=["director", "finance"], mode="in_order")
    made.approve("P-1", "price", actor=FINANCE, at=NOW)
    made.approve("P-1", "price", actor=ROBIN, at=NOW + timedelta(hours=1))
    (verdict,) = made.decide("P-1", "sign").blocking
    made.approve("P-1", "price", actor=FINANCE, at=NOW + timedelta(hours=2))

    assert (("finance",), []) == (verdict.missing[0].params["roles"], blocked(made))


def test_modes_need_roles():
    """
    Without roles there is nothing to ask all of.
    """
    with pytest.raises(sf.errors.DefinitionError, match="roles is empty"):
        pipeline(mode="all")


CHANGES = st.lists(st.sampled_from(["amount", "owner", "approve", "restore"]), max_size=6)


@given(CHANGES)
@settings(deadline=None)
def test_never_another_amount(changes):
    """
    Whatever happens in between, a gate is only passed with the amount that somebody else than the owner approved.
    """
    made = pipeline(binds=["amount"], distinct_from="owner")
    approved = None
    for change in changes:
        project = made.get("P-1")
        if change == "approve":
            made.approve("P-1", "price", actor=ROBIN)
            approved = (project.fields["amount"], project.owner)
        elif change == "owner":
            made.update("P-1", {"owner": "robin" if project.owner == "kim" else "kim"})
        else:
            made.update("P-1", {"amount": NINETY if change == "amount" else FIVE})
    project = made.get("P-1")
    sound = (
        approved is not None and approved[0] == project.fields["amount"] and "robin" not in (approved[1], project.owner)
    )
    if sound:
        made.fire("P-1", "sign")
    else:
        with pytest.raises(TransitionRefusedError):
            made.fire("P-1", "sign")
