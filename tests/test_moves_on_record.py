"""
Deadlines and entries that move on record: the facts, what they add up to, and their stored form.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from salesflow import Fact, replay
from salesflow.dossier import Risk
from salesflow.stores.adapting import decode_project, encode_project, entry_types, fact_text, read_fact
from salesflow.typing import (
    Append,
    Commit,
    DeadlineMoved,
    EntryMove,
    EntryMoved,
    EntryPut,
    GuardSpec,
    Override,
    Verdict,
)

from .cases import over_cases
from .equipment import STORES
from .work_factory import DAY, LI, NOW, make_pipeline, offered


TYPES = entry_types([])


@pytest.fixture(params=STORES)
def pipeline(request, tmp_path):
    """
    A pipeline whose project has an offer that waits, and a risk; on each store.
    """
    store = STORES[request.param](tmp_path)
    made = offered(make_pipeline(store))
    made.add("P-1", Risk("r-1", title="Late"))
    yield made
    store.close()


def write(pipeline, *bodies, at=NOW):
    """Append facts as the recorder does, and return the project."""
    for body in bodies:
        history = list(pipeline.history("P-1"))
        fact = Fact("P-1", len(history) + 1, at, LI, "limits", "1", body)
        before, after = replay(history), replay([*history, fact])
        pipeline.store.commit(Commit((Append(before.version, fact, after),)))
    return pipeline.get("P-1")


def again(project):
    """A project after its head was written and read."""
    return decode_project(json.loads(json.dumps(encode_project(project))), TYPES)


def dues(pipeline):
    """What is watched of the current stay, in days from the beginning."""
    found = pipeline.lifecycle.dues(pipeline.get("P-1"))
    return {each.deadline: (each.at - NOW) / DAY for each in found}


def test_a_deadline_moves(pipeline):
    """
    A moved deadline is due at its new time, the last move counts, and the others stay; ``None`` withdraws one.
    """
    first = write(pipeline, DeadlineMoved("sla", 2, NOW + 14 * DAY, NOW + 20 * DAY, "field end"))
    moved = dues(pipeline)
    write(pipeline, DeadlineMoved("sla", 2, NOW + 20 * DAY, None), DeadlineMoved("remind", 2, None, NOW + DAY))
    last = dues(pipeline)

    assert ({"remind": 3.0, "sla": 20.0}, {"remind": 1.0}) == (moved, last)
    assert (("sla", NOW + 20 * DAY),) == first.visit.moved
    assert pipeline.get("P-1") == again(pipeline.get("P-1")) == replay(pipeline.history("P-1"))


def test_a_deadline_that_had_passed(pipeline):
    """
    One that passed and moves to a later time is watched again; a move of another stay changes nothing here.
    """
    pipeline.tick(NOW + 3 * DAY, ahead=True)
    passed = pipeline.get("P-1").visit.passed
    other = write(pipeline, DeadlineMoved("remind", 1, None, NOW + 9 * DAY), at=NOW + 3 * DAY)
    write(pipeline, DeadlineMoved("remind", 2, NOW + 3 * DAY, NOW + 9 * DAY), at=NOW + 3 * DAY)

    assert (("remind",), ("remind",)) == (passed, other.visit.passed)
    assert {"remind": 9.0, "sla": 14.0} == dues(pipeline)


def test_an_entry_moves(pipeline):
    """
    An entry keeps who took it where, under which lifecycle; putting it again keeps that.
    """
    after = Risk("r-1", title="Late", status="assessed")
    body = EntryMoved(
        "risk", "r-1", "assess_risk", "identified", "assessed", (EntryPut(after),), lifecycle="risk", version="1"
    )
    project = write(pipeline, body, at=NOW + DAY)
    pipeline.add("P-1", Risk("r-1", title="Later", status="assessed"), at=NOW + DAY)
    held = pipeline.get("P-1").held("risk")["r-1"]

    move = EntryMove("assess_risk", "assessed", NOW + DAY, "li.wei", "risk", "1")
    assert ((move,), "assessed") == (project.held("risk")["r-1"].moves, project.all(Risk)[0].status)
    assert ((move,), "Later") == (held.moves, held.entry.title)
    assert pipeline.get("P-1") == again(pipeline.get("P-1")) == replay(pipeline.history("P-1"))
    assert () == pipeline.store.check(deep=True).problems


def test_an_entry_that_is_not_there(pipeline):
    """
    A move of an entry that the dossier does not have changes nothing.
    """
    before = pipeline.get("P-1")
    after = write(pipeline, EntryMoved("risk", "r-9", "close_risk", "identified", "closed"))

    assert before.entries == after.entries


BODIES = [
    DeadlineMoved("sla", 2, NOW, NOW + timedelta(days=1), "field end"),
    DeadlineMoved("sla", 2, None, None),
    EntryMoved("risk", "r-1", "close_risk", "open", "closed"),
    EntryMoved(
        "risk",
        "r-1",
        "close_risk",
        "open",
        "closed",
        (EntryPut(Risk("r-1")),),
        (Verdict(GuardSpec("approval", "approval"), "fail", "approval.pending"),),
        "because",
        (Override("approval", "late", "li.wei"),),
        "risk",
        "1",
    ),
]


@over_cases("body", BODIES, ids=range(len(BODIES)))
def test_stored_form(body):
    """
    The bodies come back from their stored text as they were.
    """
    fact = Fact("P-1", 2, NOW, LI, "limits", "1", body)

    assert fact == read_fact(fact_text(fact, TYPES).decode(), TYPES, "here")
