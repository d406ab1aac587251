"""
What an entry says of who did it: nobody writes it in the name of another person.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import attrs
import pytest

import salesflow as sf
from salesflow import dossier as d
from salesflow.errors import InputError

from .past import put_past


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LI, WANG = sf.Actor("li.wei"), sf.Actor("wang.fang", roles={"sales_director"})
DECIDED = d.GateDecision("g", "ATB", conditions=[d.GateCondition("site", "Seen")], by="wang.fang")
TICKED = d.Checklist("c", [d.ChecklistItem("keys", done=True, by="wang.fang"), d.ChecklistItem("maps")])
FORGED = {
    "by of gate_decision 'g'": DECIDED,
    "by of checklist 'keys'": TICKED,
    "by of acknowledgement '3-0'": d.Acknowledgement("3-0", by="wang.fang"),
    "by of appraisal 'a'": d.Appraisal("a", "kim", by="wang.fang"),
    "by of approval_request 'q'": d.ApprovalRequest("q", "price", by="wang.fang"),
    "verified_by of improvement_action 'i'": d.ImprovementAction("i", verified_by="wang.fang"),
    "decided_by of signal 's'": d.Signal("s", decided_by="wang.fang"),
}
DEAL = sf.build_lifecycle(
    sf.Definition(
        "deal",
        fields=[sf.Field("owner")],
        stages=[sf.Stage("lead", "open"), sf.Stage("won", "won")],
        transitions=[sf.Transition("win", "lead", "won")],
    )
)
WAYS = {
    "add": lambda p, entry: p.add("P-1", entry),
    "open": lambda p, entry: p.open("Tram", id="P-2", entries=[entry]),
    "decide": lambda p, entry: p.decide("P-1", "win", entries=[entry]),
    "fire": lambda p, entry: p.fire("P-1", "win", entries=[entry]),
}


def pipeline_with(*entries):
    """A pipeline of li.wei with one project, P-1, and entries that were there before."""
    made = sf.Pipeline(DEAL, actor=LI, clock=lambda: NOW)
    made.open("Metro", id="P-1")
    put_past(made, "P-1", *entries)
    return made


@pytest.mark.parametrize("way", WAYS)
def test_in_every_way_in(way):
    """
    Whatever call hands it in, who decided, ticked, rated, asked, verified or took note is who acts, or is left out.
    """
    pipeline, found = pipeline_with(), {}
    for entry in FORGED.values():
        with pytest.raises(
            InputError, match=r"li\.wei writes this: leave it out, or let wang\.fang write it"
        ) as caught:
            WAYS[way](pipeline, entry)
        found[str(caught.value.what)] = caught.value.value

    assert dict.fromkeys(FORGED, "wang.fang") == found
    assert 2 == pipeline.get("P-1").version


def test_in_their_own_name():
    """
    Who did it may write it, and nobody has to say who it was.
    """
    pipeline = pipeline_with()
    pipeline.add("P-1", *FORGED.values(), actor=WANG)
    pipeline.add("P-1", attrs.evolve(DECIDED, id="h", by=""), attrs.evolve(DECIDED, id="i", by=" li.wei "))

    assert {"wang.fang", "", " li.wei "} == {each.by for each in pipeline.get("P-1").all(d.GateDecision)}


KEPT = {
    "condition met": (DECIDED, attrs.evolve(DECIDED, conditions=[d.GateCondition("site", "Seen", met=True)]), True),
    "another verdict": (DECIDED, attrs.evolve(DECIDED, verdict="kill"), False),
    "no condition": (DECIDED, attrs.evolve(DECIDED, conditions=()), False),
    "another line": (TICKED, attrs.evolve(TICKED, items=[*TICKED.items, d.ChecklistItem("cars")]), True),
    "another text": (TICKED, attrs.evolve(TICKED, items=[attrs.evolve(TICKED.items[0], text="Cars")]), False),
    "comment": (FORGED["by of approval_request 'q'"], d.ApprovalRequest("q", "price", by="wang.fang"), True),
    "another name": (FORGED["by of approval_request 'q'"], d.ApprovalRequest("q", "price", by="li.wei"), False),
}


@pytest.mark.parametrize("case", KEPT)
def test_what_others_said_stays(case):
    """
    What somebody said keeps the name while others change the rest, and not if it says something else.
    """
    before, after, taken = KEPT[case]
    pipeline = pipeline_with(before)
    if not taken:
        with pytest.raises(InputError, match=r"'(wang\.fang|li\.wei)' is not usable"):
            pipeline.add("P-1", after)
    else:
        pipeline.add("P-1", after)

    assert (after if taken else before) == pipeline.get("P-1").held(before.kind)[before.id].entry


def test_with_the_move_of_an_entry():
    """
    The data of a move names nobody else either.
    """
    action = d.ImprovementAction("i", status="done", metric="win_rate", before=1, after=2, done_on=date(2026, 3, 1))
    pipeline = pipeline_with(action)
    with pytest.raises(InputError, match="verified_by of improvement_action 'i'"):
        pipeline.move_entry("P-1", "improvement_action", "i", "verify_action", data={"verified_by": "wang.fang"})
    done = pipeline.move_entry("P-1", "improvement_action", "i", "verify_action", data={"verified_by": "li.wei"})

    assert "li.wei" == done.entry.verified_by
