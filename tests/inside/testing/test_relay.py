"""
The store between a checked pipeline and its store.
"""

from __future__ import annotations

from salesflow import Actor
from salesflow.stores import MemoryStore
from salesflow.testing import NOW, CheckedPipeline, StoreContract
from salesflow.testing._machine.checked import Relay
from salesflow.typing import Attempt, Commit

from ...testing.planted import deal


ANN = Actor("ann")


def made(lifecycle=None, **more):
    pipeline = CheckedPipeline(deal() if lifecycle is None else lifecycle, actor=ANN, clock=lambda: NOW, **more)
    pipeline.open("A deal", id="P")
    return pipeline


class TestRelay(StoreContract):
    """The store in between keeps every promise of the store behind it."""

    def make_store(self, place):
        return Relay(MemoryStore())


def test_refused_attempts_go_through():
    """The side log is the store's, and nothing of it is in the ledger."""
    relay = Relay(MemoryStore())
    relay.commit(Commit(attempts=(Attempt("P", 1, NOW, "ann", "win", ()),)))

    assert ({}, 1) == (relay.facts, len(relay.attempts("P")))


def test_a_batch_goes_through():
    """The store behind it has its batch, and keeps what waits for its end."""
    called = []
    with made().batch(), Relay(MemoryStore()).batch():
        kept = Relay(MemoryStore()).when_durable(lambda: called.append(1))

    assert (False, []) == (kept, called)
