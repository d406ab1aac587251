"""
What a checked pipeline holds each fact against.
"""

from __future__ import annotations

import attrs
import pytest

from salesflow import Actor, Money
from salesflow.stores import MemoryStore
from salesflow.testing import NOW, CheckedPipeline, InvariantError
from salesflow.testing._machine.invariants import check_fact, check_stored

from ...testing.planted import deal


ANN = Actor("ann")
AMOUNT = {"amount": Money("5", "CNY")}


def made(lifecycle=None, **more):
    pipeline = CheckedPipeline(deal() if lifecycle is None else lifecycle, actor=ANN, clock=lambda: NOW, **more)
    pipeline.open("A deal", id="P")
    return pipeline


def test_a_change_in_a_final_stage_is_found():
    """However it got there."""
    pipeline = made()
    pipeline.fire("P", "lose")
    lost = pipeline.get("P")
    fact = attrs.evolve(pipeline.history("P")[-1], version=lost.version + 1)
    changed = attrs.evolve(fact, body=made_change(AMOUNT))
    with pytest.raises(InvariantError, match="a final stage is locked"):
        check_fact(pipeline.lifecycle, lost, changed, attrs.evolve(lost, version=fact.version))


def made_change(fields):
    pipeline = made()
    return pipeline.update("P", fields).fact.body


def test_nothing_is_expected_of_a_project_that_is_not_there():
    """Then there is neither a history nor a head."""
    check_stored(MemoryStore(), "P", (), None)
