"""
Persons are compared in one form, wherever they are compared, and requests by their values.
"""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256

import pytest

from salesflow import (
    Actor,
    Definition,
    Fact,
    Field,
    Money,
    Pipeline,
    Stage,
    Transition,
    build_lifecycle,
    dossier,
    guards,
    replay,
)
from salesflow.errors import InputError, KeyReusedError
from salesflow.stores.adapting import canonical
from salesflow.typing import Append, Changed, Commit, EntryPut, FieldSet, Key

from .cases import over_cases
from .equipment import NOW, STORES
from .pipeline_factory import DIRECTOR, LEAD, House, definition, make_pipeline, opened


COMPOSED, DECOMPOSED = "Jos\u00e9", "Jose\u0301"
SPELLINGS = ["kim ", " kim", "kim\u3000", "\u3000kim"]


def of(guard, **fields):
    """A pipeline whose only move meets a guard, with one open project."""
    lifecycle = build_lifecycle(
        Definition(
            "sign_off",
            fields=[Field("owner")],
            stages=[Stage("draft", "open"), Stage("won", "won")],
            transitions=[Transition("win", "draft", "won", guards=[guard])],
        )
    )
    made = Pipeline(lifecycle, actor=LEAD, clock=lambda: NOW)
    made.open("Metro", id="P-1", fields=fields)
    return made


@over_cases("name", ["kim ", " kim", DECOMPOSED])
def test_the_door(name):
    """
    A name that is not in the form in which persons are compared is refused where a call names the actor.
    """
    pipeline = make_pipeline()
    opened(pipeline)
    calls = [
        lambda who: pipeline.update("P-1", {"note": "x"}, actor=who),
        lambda who: pipeline.approve("P-1", "deal", actor=who),
        lambda who: pipeline.fire("P-1", "make_offer", actor=who),
        lambda who: pipeline.open("Two", id="P-2", actor=who),
        lambda who: pipeline.decide("P-1", "make_offer", actor=who),
        pipeline.acting,
    ]
    for call in calls:
        with pytest.raises(InputError, match="Unicode NFC"):
            call(Actor(name))

    assert 1 == len(pipeline.store.feed().facts)
    assert "kim" == pipeline.acting(Actor("kim")).actor.name


@over_cases("owner", ["kim", *SPELLINGS])
def test_the_owner_approves(owner):
    """
    However the owner is spelt, their own approval does not count, and somebody else's does.
    """
    pipeline = of(guards.approval("board", distinct_from="owner"), owner=owner)
    pipeline.approve("P-1", "board", actor=Actor("kim"))
    own = pipeline.decide("P-1", "win")
    pipeline.approve("P-1", "board", actor=Actor("robin"))

    assert (False, "approval.self") == (own.accepted, own.blocking[0].code)
    assert pipeline.decide("P-1", "win").accepted


def test_forms_of_unicode():
    """
    Two forms of one name are one person; another case is another person.
    """
    pipeline = of(guards.approval("board", distinct_from="owner"), owner=DECOMPOSED)
    pipeline.approve("P-1", "board", actor=Actor(COMPOSED))
    own = pipeline.decide("P-1", "win").accepted
    pipeline.approve("P-1", "board", actor=Actor(COMPOSED.lower()))

    assert (False, True) == (own, pipeline.decide("P-1", "win").accepted)


def test_a_quorum_of_old_facts():
    """
    Facts of older versions are read as they are, and one person in two spellings is one vote.
    """
    pipeline = of(guards.approval("board", quorum=2))
    for name in ("kim", "kim ", DECOMPOSED, COMPOSED):
        _approved_long_ago(pipeline, name)
    first = [pipeline.decide("P-1", "win").accepted]
    assert ["kim", "kim ", DECOMPOSED, COMPOSED] == [each.actor.name for each in pipeline.history("P-1")[1:]]

    alone = of(guards.approval("board", quorum=2))
    for name in ("kim", "kim "):
        _approved_long_ago(alone, name)

    assert ([True], False) == (first, alone.decide("P-1", "win").accepted)


def _approved_long_ago(pipeline, name):
    """Append what a version before this one stored for somebody of that name."""
    history = pipeline.history("P-1")
    project = pipeline.get("P-1")
    approval = dossier.Approval(f"board-{project.version}", "board", name, at=NOW, visit=1)
    fact = Fact("P-1", project.version + 1, NOW, Actor(name), "sign_off", "1", Changed((EntryPut(approval),)))
    pipeline.store.commit(Commit((Append(project.version, fact, replay([*history, fact])),)))


def test_members_and_their_work():
    """
    Who is accountable for a duty, or had a review, is told by the person and not by the spelling.
    """
    pipeline = of(guards.responsibility_clear())
    pipeline.add("P-1", dossier.Member("kim"), dossier.Duty("d-1", "Plan", accountable=("kim ",)))

    assert pipeline.decide("P-1", "win").accepted


ALIKE = {
    "the order of fields": [{"note": "x", "seats": 1}, {"seats": 1, "note": "x"}],
    "an amount": [{"amount": Money("1.0", "EUR")}, {"amount": Money("1.00", "EUR")}, {"amount": Money("1", "EUR")}],
    "a number": [{"share": 1}, {"share": 1.0}, {"share": Decimal("1.00")}],
    "zero": [{"share": 0}, {"share": -0.0}, {"share": Decimal("-0.0")}],
}


@pytest.fixture(params=STORES)
def pipeline(request, tmp_path):
    """
    A pipeline with one open project, on each store.
    """
    store = STORES[request.param](tmp_path)
    fields = [*definition().fields, Field("share", "number")]
    lifecycle = build_lifecycle(definition(fields=fields), plugins=[House()])
    made = Pipeline(lifecycle, store=store, actor=LEAD, clock=lambda: NOW)
    opened(made)
    yield made
    store.close()


@pytest.mark.parametrize("what", ALIKE)
def test_equal_requests(pipeline, what):
    """
    A request that is equal by its values is a repeat, however it is written.
    """
    first, *others = ALIKE[what]
    done = pipeline.update("P-1", first, key="k")
    again = [pipeline.update("P-1", each, key="k") for each in others]

    assert ([True] * len(others), {done.fact}) == ([each.replayed for each in again], {each.fact for each in again})
    assert 2 == pipeline.get("P-1").version


def test_other_requests(pipeline):
    """
    Another value, another actor and another order of entries are other requests.
    """
    tasks = dossier.Task("t-1", "Call"), dossier.Task("t-1", "Write")
    pipeline.update("P-1", {"seats": 1}, key="k")
    pipeline.add("P-1", *tasks, key="entries")
    for other in (
        lambda: pipeline.update("P-1", {"seats": 2}, key="k"),
        lambda: pipeline.update("P-1", {"note": "1"}, key="k"),
        lambda: pipeline.update("P-1", {"seats": 1}, key="k", actor=DIRECTOR),
        lambda: pipeline.add("P-1", *reversed(tasks), key="entries"),
    ):
        with pytest.raises(KeyReusedError):
            other()

    assert 3 == pipeline.get("P-1").version


def test_keys_of_older_versions(pipeline):
    """
    A key that an older version stored is known again by the request as that version would have written it.
    """
    asked = {
        "verb": "update",
        "changes": [["set", "note", "x"], ["set", "amount", {"m": ["1.00", "EUR"]}]],
        "parts": {"actor": LEAD.name},
    }
    old = Key("P-1", "old", sha256(canonical(asked)).hexdigest())
    fields = {"note": "x", "amount": Money("1.00", "EUR")}
    written = pipeline.update("P-1", fields)
    fact = Fact("P-1", 3, NOW, LEAD, "short", "1", Changed((FieldSet("note", "y"),)), "old")
    history = pipeline.history("P-1")
    pipeline.store.commit(Commit((Append(2, fact, replay([*history, fact])),), key=old))
    again = pipeline.update("P-1", fields, key="old")

    assert (True, fact, 2) == (again.replayed, again.fact, written.project.version)
