"""
A pipeline that checks itself, the watch on clocks and chance, and the store in between.
"""

from __future__ import annotations

import itertools
from datetime import timedelta

import attrs
import pytest

from salesflow import Actor, Money, Transition, guards
from salesflow.dossier import Lesson
from salesflow.effects import effect
from salesflow.errors import InputError, ProjectLockedError, TransitionRefusedError, VersionConflictError
from salesflow.stores import JournalStore, MemoryStore
from salesflow.testing import NOW, CheckedPipeline, InvariantError, lifecycle_machine
from salesflow.typing import Committed, EffectUse, FieldSet, Invariant

from .planted import FAULTS, deal, plugin


ANN = Actor("ann")
AMOUNT = {"amount": Money("5", "CNY")}


def made(lifecycle=None, **more):
    pipeline = CheckedPipeline(deal() if lifecycle is None else lifecycle, actor=ANN, clock=lambda: NOW, **more)
    pipeline.open("A deal", id="P")
    return pipeline


def test_every_call_is_noted():
    """With its arguments, in order; what was expected to be refused says so."""
    pipeline = made()
    pipeline.update("P", AMOUNT)
    pipeline.add("P", Lesson("one", "text"))
    pipeline.remove("P", "lesson", "one")
    pipeline.approve("P", "deal")
    pipeline.decline("P", "deal", comment="no")
    pipeline.tick(NOW)
    with pytest.raises(TransitionRefusedError):
        pipeline.fire("P", "make_offer", data={"amount": None})
    with pytest.raises(VersionConflictError):
        pipeline.race("P", "make_offer", strict=True, at=NOW)
    pipeline.race("P", "make_offer", at=NOW)
    pipeline.repeat("P", "win", key="k")
    pipeline.reopen_store()
    pipeline.check_end("P", at=NOW)
    with pytest.raises(ProjectLockedError):
        pipeline.update("P", AMOUNT)

    assert [
        "open", "update", "add", "remove", "approve", "decline", "tick",
        "fire", "race", "race", "repeat", "reopen_store", "check_end", "update",
    ] == [call.name for call in pipeline.calls]  # fmt: skip
    assert ["TransitionRefusedError", "VersionConflictError", "ProjectLockedError"] == [
        call.raised for call in pipeline.calls if call.raised
    ]


def test_options_and_decisions_are_checked():
    """What is fine is not noted: it changed nothing."""
    pipeline = made()

    assert ["needs_input", "allowed"] == [option.status for option in pipeline.options("P")]
    assert not pipeline.decide("P", "make_offer").accepted
    assert ["open"] == [call.name for call in pipeline.calls]


def test_options_that_lie_are_found():
    """They must say what a decision says."""

    pipeline = made()
    (first, *_) = super(CheckedPipeline, pipeline).options("P")
    lying = attrs.evolve(first, status="allowed")

    class Optimist(CheckedPipeline.__base__):
        def options(self, project_id, **how):
            return (lying,)

    class Both(CheckedPipeline, Optimist):
        pass

    both = Both(deal(), actor=ANN, clock=lambda: NOW)
    both.open("A deal", id="P")
    with pytest.raises(InvariantError, match="options agree with fire"):
        both.options("P")

    assert "options" == both.calls[-1].name


def test_a_project_that_can_end_does_not_move():
    """The walk to the end happens on a copy."""
    pipeline = made()
    pipeline.check_end("P", at=NOW)

    assert "lead" == pipeline.get("P").stage


def test_a_given_store_stays_as_it_is():
    """Only what was opened by the pipeline can be opened again."""
    store = MemoryStore()
    pipeline = made(store=store)
    pipeline.reopen_store(crash=True)

    assert store is pipeline.relay.inner


def test_a_store_is_crashed_and_opened_again(tmp_path):
    """What crashes it gets the store as it was; what was acknowledged is there again."""
    crashed = []

    def crash(store):
        crashed.append(store)
        store.close()

    pipeline = made(store=lambda: JournalStore(tmp_path), crash=crash)
    first = pipeline.relay.inner
    pipeline.reopen_store(crash=True)

    assert ([first], "P") == (crashed, pipeline.get("P").id)
    assert first is not pipeline.relay.inner

    pipeline.relay.inner.close()


def test_own_invariants_may_assert():
    """What they say is in the failure."""

    def small(project):
        assert "amount" not in project.fields, "there is an amount"

    pipeline = made(invariants=[small])
    with pytest.raises(InvariantError, match=r"'small'.*there is an amount"):
        pipeline.update("P", AMOUNT)


def test_invariants_of_the_definition():
    """What a definition states is checked after every commit, in the stages it names; unknown is not true."""
    priced = Invariant("priced", {"amount": {"gt": "0 CNY"}}, stages="won")
    bare = made(deal(Transition("make_offer", "lead", "offer"), invariants=[priced]))
    bare.fire("P", "make_offer")
    with pytest.raises(InvariantError, match=r"'priced'.*in stage 'won', version 3: it cannot be.*amount is None"):
        bare.fire("P", "win")
    cheap = made(deal(invariants=[priced]))
    cheap.fire("P", "make_offer", data={"amount": Money("0", "CNY")})
    with pytest.raises(InvariantError, match=r"it is false; stage is 'won', amount is Money"):
        cheap.fire("P", "win")


def test_preconditions_of_transitions():
    """A transition that is allowed where its precondition is not true is an error; what a guard stops is none."""
    stated = {"precondition": {"note": {"set": True}, "stage": "offer"}, "outcome": "won"}
    asks = made(deal(Transition("win", "offer", "won", guards=[guards.fields_present("note")], **stated)))
    asks.fire("P", "make_offer", data=AMOUNT)
    with pytest.raises(TransitionRefusedError):
        asks.fire("P", "win")
    lets = made(deal(Transition("win", "offer", "won", **stated)))
    lets.fire("P", "make_offer", data=AMOUNT)
    with pytest.raises(InvariantError, match=r"'precondition of win'.*version 2: it is false; note is None, stage is"):
        lets.options("P")

    assert "won" == asks.fire("P", "win", data={"note": "signed"}).project.stage
    assert "won" == lets.fire("P", "win", data={"note": "signed"}).project.stage


def test_what_is_wrong_inside_a_call_is_part_of_it():
    """The story ends with the call, not with what was asked in it."""
    clock = FAULTS["guard_that_reads_the_clock"][0]()["lifecycle"]
    pipeline = made(clock)
    pipeline.fire("P", "make_offer", data=AMOUNT)
    with pytest.raises(InvariantError, match="a decision is pure"):
        pipeline.fire("P", "win")

    assert ["open", "fire", "fire"] == [call.name for call in pipeline.calls]


class Careless(MemoryStore):
    """
    Takes in what is outdated.
    """

    def commit(self, commit):
        expected = [self.head(each.fact.project_id) for each in commit.appends]
        return Committed(None) if any(expected) else super().commit(commit)


def test_an_outdated_write_that_is_taken_in_is_found():
    """A second pipeline wrote first, and the store let both."""
    store = Careless()
    pipeline = made(store=store)
    pipeline.relay.facts["P"].append(pipeline.relay.facts["P"][0])
    with pytest.raises(InvariantError, match="a store refuses what is outdated"):
        pipeline.update("P", AMOUNT)


def test_a_fact_that_became_another_is_found():
    """The history is compared fact by fact."""

    class Rewriting(MemoryStore):
        def load(self, project_id, **which):
            return iter([attrs.evolve(fact, at=fact.at + timedelta(1)) for fact in super().load(project_id, **which)])

    with pytest.raises(InvariantError, match="history is what was committed"):
        made(store=Rewriting())


@effect("planted.turns", writes=lambda: ("note",))
def turns():
    """
    Write something else each time, of its own making.
    """
    count = itertools.count()
    return lambda ctx: [FieldSet("note", str(next(count)))]


def test_an_effect_with_a_memory_is_found():
    """It is asked twice, and looks at nothing outside."""
    offer = Transition("make_offer", "lead", "offer", effects=[EffectUse("planted.turns")])
    pipeline = made(deal(offer, plugins=(plugin(effects=(turns,)),)))
    with pytest.raises(InvariantError, match="effects are deterministic"):
        pipeline.fire("P", "make_offer")


def test_wrong_input_changes_nothing():
    """It is passed on as it is."""
    pipeline = made()
    with pytest.raises(InputError):
        pipeline.update("P", {"nonsense": 1})

    assert 1 == pipeline.get("P").version


async def always(_project):
    """An invariant that nobody would await; its coroutine counts as true."""


@pytest.mark.parametrize("make", [CheckedPipeline, lifecycle_machine])
def test_an_invariant_is_no_coroutine_function(make):
    """Such an invariant could never fail, so it is refused by its name."""
    with pytest.raises(InputError, match="invariants=: 'always' is not usable"):
        make(deal(), invariants=[always])
