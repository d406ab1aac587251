"""
A definition that was changed under its version: it is noticed, and the store keeps every version that was used.
"""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from salesflow import (
    Field,
    Pipeline,
    Transition,
    build_lifecycle,
    effects,
    guards,
    load_definition,
    load_lifecycle,
)
from salesflow.errors import DefinitionChangedError
from salesflow.guards import guard, passed
from salesflow.plugins.hookspecs import hookimpl
from salesflow.stores import MemoryStore
from salesflow.stores.adapting import decode_fact, fact_text
from salesflow.typing import Deadline, Invariant

from .cases import over_cases
from .equipment import NOW, STORES
from .pipeline_factory import LEAD, SHORT, House, definition, opened


DAY = timedelta(days=1)
NOTIFY = effects.notify(("boss",))
BUILT_IN = {
    ("approval_request", "2"): "ffef97492991ffd4e1a62f52a345b05f",
    ("artefact", "1"): "bd6e6cda3b2795212e780cea61895edc",
    ("complaint", "1"): "224b14f9129858496a3f4ebeb61de100",
    ("four_step_project", "2"): "b2caf8d05379c49bf33c953adf69a9b3",
    ("goal", "1"): "831e58f6eed46ad00bb9f2b79235d03b",
    ("goal_to_feedback_cycle", "2"): "8cee691b9858e2125ce4962f6c411c92",
    ("improvement_action", "1"): "12fdaeab74c44a1984939d1a23c7d0c8",
    ("issue", "1"): "14f4f543bde9b1e4c405c942471609a8",
    ("ltc_gated", "2"): "645b7020efefcc422351aa05cc73173b",
    ("operating_cycle", "5"): "0c5e58a75b02f6870387b270f0302ec0",
    ("project_team_planning", "1"): "158701449e4edde3d4746b06af6e87dc",
    ("risk", "2"): "83049fca98a8b22cbffeadfa32a463da",
    ("sales_planning", "2"): "43af5b76469070a3c8c07b4760f7d6b4",
    ("simple_deal", "2"): "3e26efedf0ba9eb831dcd62bd228c5d0",
    ("task", "1"): "7f05d84058f4e5bd20097358141f2017",
}
"""The digest of each version of a built-in lifecycle: a change to what one decides raises its version."""


def build(**changes):
    """The short lifecycle with parts replaced."""
    return build_lifecycle(definition(**changes), plugins=[House()])


def of(lifecycle, store, **more):
    """A pipeline at one time."""
    return Pipeline(lifecycle, store=store, clock=lambda: NOW, actor=LEAD, **more)


def renamed():
    """The short lifecycle, in which the lead may be lost in fewer ways."""
    kept = [each for each in definition().transitions if each.id != "touch"]
    return build(transitions=kept)


@pytest.fixture
def store():
    """
    A store with a project under the short lifecycle.
    """
    made = MemoryStore()
    opened(of(SHORT, made))
    return made


@pytest.mark.long
@pytest.mark.untraced
def test_each_built_in_version():
    """
    The built-in lifecycles decide what they decided when their version was released.
    """
    names = {name for name, _ in BUILT_IN}
    found = {(each.id, each.version): each.digest for each in map(load_lifecycle, names)}

    assert BUILT_IN == found


def test_what_is_written_out_decides():
    """
    A rule that nobody uses changes no digest; one that is used, a condition of an effect and an exception do.
    """
    first, *others = definition().transitions
    rules = {"spare": [guards.actor_has_role("boss")]}
    asked = attrs.evolve(first, guards=[*first.guards, guards.rules("spare")])
    tells = [attrs.evolve(first, effects=[use]) for use in (NOTIFY, NOTIFY.but(when={"owner": "li"}))]
    changes = [{"rules": rules}, {"rules": rules, "transitions": [asked, *others]}]
    changes += [{"transitions": [each, *others]} for each in tells]
    made = [build(**each).digest for each in ({}, *changes)]

    assert made[0] == made[1]
    assert 4 == len(set(made))


def test_what_people_call_a_stage_or_a_choice_decides_nothing():
    """
    Verb and number of a stage, and the labels of choices, change no digest.
    """
    first, *others = definition().stages
    plain = Field("origin", "choice", choices=["fair"])
    told = attrs.evolve(plain, choice_labels={"fair": {"en": "Fair", "zh": "展会"}})
    numbered = attrs.evolve(first, verb="plan", seq=1)
    made = [
        build(fields=[*definition().fields, field], stages=[stage, *others]).digest
        for field, stage in ((plain, first), (told, numbered))
    ]

    assert made[0] == made[1]


WRITES = {
    "update": lambda p: p.update("P-1", {"note": "x"}),
    "fire": lambda p: p.fire("P-1", "make_offer"),
    "approve": lambda p: p.approve("P-1", "deal"),
    "decide": lambda p: p.decide("P-1", "make_offer"),
    "options": lambda p: p.options("P-1"),
}


@pytest.mark.parametrize("verb", WRITES)
def test_a_changed_definition(store, verb):
    """
    Nothing is decided or written under a definition that was changed under its version, with one error that says so.
    """
    pipeline = of(renamed(), store)
    with pytest.raises(DefinitionChangedError) as caught:
        WRITES[verb](pipeline)

    assert ("P-1", "short", "1") == (caught.value.project_id, caught.value.lifecycle, caught.value.version)
    assert (
        "project 'P-1' runs under lifecycle 'short', version '1', with another definition than the one given here. "
        "Give the changed definition a new version and pass both to the Pipeline, or restore the old one."
        == str(caught.value)
    )
    assert 1 == pipeline.get("P-1").version


def test_reads_go_on(store):
    """
    What only reads works under any definition.
    """
    pipeline = of(renamed(), store)

    assert (["P-1"], 1) == ([each.id for each in pipeline.find()], len(pipeline.history("P-1")))
    assert pipeline.get("P-1") == pipeline.as_of("P-1", NOW)
    assert pipeline.lifecycle is pipeline.lifecycle_of(pipeline.get("P-1"))


def test_opening_under_a_changed_definition(store):
    """
    A store that keeps another definition under the same version takes no new project of it; a new version is taken.
    """
    with pytest.raises(DefinitionChangedError, match=r"the store knows lifecycle 'short', version '1'"):
        opened(of(renamed(), store), "P-2")
    both = of([SHORT, build(version="2")], store)
    opened(both, "P-2")

    assert ("1", "2") == (both.get("P-1").lifecycle_version, both.get("P-2").lifecycle_version)
    assert 2 == both.update("P-1", {"note": "x"}).project.version


def test_facts_without_a_digest(store):
    """
    A project whose opening says no digest, as 0.1.0 wrote it, goes on under any definition.
    """
    (fact,) = store.load("P-1")
    data = json.loads(fact_text(fact, {}))
    del data["body"]["digest"]
    old = decode_fact(data, {})

    assert (None, SHORT.digest) == (old.body.digest, fact.body.digest)
    assert fact == attrs.evolve(old, body=attrs.evolve(old.body, digest=SHORT.digest))


@pytest.mark.untraced
@pytest.mark.requirement("A49")
@pytest.mark.parametrize("kind", STORES)
def test_definitions_are_kept(kind, tmp_path):
    """
    Every version under which a project was opened can be read back from the store and built.
    """
    with STORES[kind](tmp_path) as store:
        for version in ("1", "2"):
            opened(of(build(version=version), store), f"P-{version}")
            opened(of(build(version=version), store), f"P-{version}-again")
        kept = store.definitions()

    assert [("short", "1"), ("short", "2")] == [(each.id, each.version) for each in kept]
    assert [definition(), definition(version="2")] == [load_definition(each.text) for each in kept]
    assert SHORT.digest == kept[0].digest


ALIKE = {
    "words": {"label": "Other", "description": "Other"},
    "words of a stage": {
        "stages": [attrs.evolve(each, label="S", guidance="G", phase="p") for each in definition().stages]
    },
    "words of a field": {"fields": [attrs.evolve(each, label="F") for each in definition().fields]},
    "a version": {"version": "2"},
    "an invariant": {"invariants": [Invariant("owned", {"owner": {"set": True}})]},
    "a precondition": {
        "transitions": [attrs.evolve(each, precondition={"stage": "lead"}) for each in definition().transitions]
    },
    "defaults": {"initial": "lead", "calendar": "calendar_days"},
}


@over_cases("what", ALIKE)
def test_what_decides_nothing(what):
    """
    Words, defaults and the version itself are no part of a digest.
    """
    assert SHORT.digest == build(**ALIKE[what]).digest


DIFFERENT = {
    "the kind of a stage": {
        "stages": tuple(
            attrs.evolve(each, kind="active") if each.id == "lead" else each for each in definition().stages
        )
    },
    "a field": {"fields": (*definition().fields, Field("other"))},
    "an outcome": {"outcomes": (*definition().outcomes, "other")},
    "a calendar": {"calendar": "weekdays"},
    "a deadline": {
        "stages": tuple(
            attrs.evolve(each, deadlines=[Deadline("sla", "1d")]) if each.id == "offer" else each
            for each in definition().stages
        )
    },
    "a guard": {
        "transitions": tuple(
            attrs.evolve(each, guards=[*each.guards, guards.loop_budget("revise", 3)]) if each.id == "win" else each
            for each in definition().transitions
        )
    },
    "words that an effect writes": {
        "transitions": tuple(
            attrs.evolve(each, effects=[effects.create_task("Write to them")]) if each.id == "make_offer" else each
            for each in definition().transitions
        )
    },
    "the order": {"transitions": (*definition().transitions[1:], definition().transitions[0])},
}


@over_cases("what", DIFFERENT)
def test_what_decides(what):
    """
    Whatever may change a decision, or what it writes, changes the digest.
    """
    assert SHORT.digest != build(**DIFFERENT[what]).digest


def test_numbers_of_every_format():
    """
    A number is the same however it is written.
    """
    fields = [*definition().fields, Field("share", "number")]
    digests = {
        build(fields=fields, transitions=[*definition().transitions, _budget(number)]).digest for number in (3, 3.0)
    }

    assert 1 == len(digests)


def _budget(number):
    return Transition("more", "lead", "offer", guards=[guards.field_compare("share", "ge", number)])


def test_a_definition_that_no_file_can_hold():
    """
    A literal that only Python has leaves a definition without a digest, and its projects unchecked.
    """

    @guard("slow.down", codes={})
    def slow(pause: Any):
        return lambda ctx: passed()

    lifecycle = build_lifecycle(
        definition(
            transitions=[*definition().transitions, Transition("go", "lead", "offer", guards=[slow(timedelta(1))])]
        ),
        plugins=[House(), SimpleNamespace(name="slow", salesflow_guards=hookimpl(lambda: [slow]))],
    )
    pipeline = of(lifecycle, MemoryStore())
    opened(pipeline)

    assert (None, None) == (lifecycle.digest, pipeline.get("P-1").digest)
    assert ("offer", ()) == (pipeline.fire("P-1", "go").project.stage, pipeline.store.definitions())
