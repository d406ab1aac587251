"""
The plain model that generated sequences of calls are held against, step by step.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from salesflow.errors import InputError, KeyReusedError, LeaseLostError, VersionConflictError
from salesflow.stores import JournalStore
from salesflow.testing import LEASE, NOW, StoreContract, changed, commit, due, key, notice, opened
from salesflow.testing._store.machine import Model, StoreMachine
from salesflow.typing import Capabilities, Claim


class Journals(StoreContract):
    """A contract whose machine is driven by hand."""

    caps = Capabilities(durable=True)

    def make_store(self, place):
        return JournalStore(place)

    def crash(self, store):
        store.close()


@pytest.fixture
def model():
    """A model that was told of one project with a notice and a deadline."""
    made = Model()
    made.commit(commit(opened(), key=key(), notices=[notice()], dues=[due()]))
    return made


def held(model, kind="notice"):
    """The claim of the one thing there is to do, under the next token."""
    (work,) = model.claimable(kind, 1, NOW)
    return model.claimed(Claim(work, "worker", 1, NOW + LEASE, 1), LEASE, NOW)


def test_refusals(model):
    """
    It refuses what a store has to refuse.
    """
    with pytest.raises(VersionConflictError):
        model.commit(commit(opened()))
    with pytest.raises(KeyReusedError):
        model.commit(commit(opened(), key=key(request="b")))
    lost = held(model)
    model.release(lost, NOW, "busy")
    with pytest.raises(LeaseLostError):
        model.commit(commit(changed(opened().project), done=[lost]))
    with pytest.raises(InputError):
        model.requeue("n:P-1:1:0", NOW)

    assert [opened().fact] == model.facts


def test_repeat_finishes_its_claims(model):
    """
    A repeat finishes the claims that still hold.
    """
    again = model.commit(commit(opened(), key=key(), done=[held(model)]))

    assert (True, None, NOW) == (again.replayed, model.next_due("notice"), model.next_due("deadline"))


def test_dead_work_comes_back(model):
    """
    Work that was given up is listed, and is claimed again once it is queued.
    """
    model.release(held(model), None, "busy")
    dead = model.dead("notice")
    model.requeue("n:P-1:1:0", NOW)

    assert ([("n:P-1:1:0", 1, "busy")], []) == (dead, model.dead("notice"))
    assert (2, 1) == (held(model).token, len(model.claimable("deadline", 9, NOW)))


def test_deadlines_change(model):
    """
    A deadline that is set again keeps its tokens, and a dropped one is gone.
    """
    old = held(model, "deadline")
    model.commit(commit(dues=[due()]))
    new = held(model, "deadline")
    model.commit(commit(dropped=[("P-1", 1)]))

    assert (1, 2, None) == (old.token, new.token, model.next_due("deadline"))


def test_purge(model):
    """
    Keys of facts from before a time are forgotten, once.
    """
    assert [0, 1, 0] == [model.purge(NOW), model.purge(NOW + LEASE), model.purge(NOW + LEASE)]


def test_every_step_of_the_machine(tmp_path):
    """
    Each rule works on a store and the model alike, in each of its ways.
    """
    place = tmp_path / "place"
    machine = StoreMachine(Journals(), place)
    minute = timedelta(minutes=1)
    usual = {"both": False, "name": None, "request": "a", "notices": 2, "visit": 1, "wait": None, "drop": None}
    machine.write("A", 0, None, **usual, finished=set())
    machine.write("A", 0, "offer", **{**usual, "both": True, "name": "k-1", "wait": minute}, finished=set())
    machine.write("A", -1, None, **usual, finished=set())
    machine.write("A", 1, None, **{**usual, "drop": 2}, finished=set())
    machine.write("new", 1, None, **usual, finished=set())
    machine.claim("notice", "one", 3, minute, minute)
    for how in ("extend", "requeue", "retry", "finish"):
        machine.use_a_claim(0, how, minute)
    machine.use_a_claim(1, "give up", minute)
    machine.use_a_claim(1, "requeue", minute)
    machine.use_a_claim(2, "finish", minute)
    machine.write("A", 0, None, **{**usual, "wait": minute}, finished={0, 1})
    for what in ("clock", "purge", "reopen", "crash"):
        machine.meanwhile(what, 1)
    machine.agree()
    machine.teardown()

    assert not place.exists()
