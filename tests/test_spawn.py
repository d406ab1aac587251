"""
Opening the next project in the same commit: what it carries, its id, and what must fit.
"""

from __future__ import annotations

import attrs
import pytest

from salesflow import Definition, Field, Pipeline, Stage, Transition, build_lifecycle, dossier
from salesflow.errors import InputError, VersionConflictError
from salesflow.plugins.hookspecs import hookimpl
from salesflow.stores import MemoryStore
from salesflow.typing import Spawn

from .cases import over_cases
from .equipment import NOW, Clock
from .pipeline_factory import AMOUNT, LEAD, SHORT, House, definition, journal, make_pipeline, won


@pytest.fixture(params=["memory", "journal"])
def pipeline(request, tmp_path):
    """
    A pipeline with a won project that has an artefact.
    """
    store = MemoryStore() if request.param == "memory" else journal(tmp_path / "sales")
    made = make_pipeline(store)
    made.open("Core network", id="P-1", fields={"owner": "li.wei", "amount": AMOUNT, "note": "n"})
    made.add("P-1", dossier.Artefact("quote", digest="sha256:01"), dossier.Task("t-1", "Call"))
    made.fire("P-1", "make_offer")
    made.fire("P-1", "win", overrides={"approval": "agreed"})
    yield made
    store.close()


def test_child(pipeline):
    """
    The child has the parent's name, the fields and entries that are carried, its own defaults, and its parent's id.
    """
    fired = pipeline.fire("P-1", "again")
    child = fired.spawned

    assert ("P-1-5", "Core network", "short", "lead", "undecided", "P-1", 1) == (
        child.id,
        child.name,
        child.lifecycle,
        child.stage,
        child.outcome,
        child.parent,
        child.version,
    )
    assert {"owner": "li.wei", "amount": AMOUNT, "level": "low"} == child.fields
    assert {"artefact": ["quote"]} == {kind: list(held) for kind, held in child.entries.items()}
    assert (child.id, child) == (fired.fact.body.spawned, pipeline.get(child.id))


def test_parent_stays(pipeline):
    """
    The parent stays where it is, in the same visit, and may spawn again.
    """
    before = pipeline.get("P-1")
    first = pipeline.fire("P-1", "again")
    second = pipeline.fire("P-1", "again")

    assert ("won", "won", before.visit) == (first.project.stage, first.project.outcome, first.project.visit)
    assert (["P-1-5", "P-1-6"], 2) == ([first.spawned.id, second.spawned.id], second.project.taken["again"])


def test_same_commit(pipeline):
    """
    Parent and child are next to each other in the feed, at the same time and by the same actor.
    """
    count = len(pipeline.store.feed().facts)
    fired = pipeline.fire("P-1", "again")
    parent, child = pipeline.store.feed(str(count)).facts

    assert (fired.fact, "P-1-5") == (parent, child.project_id)
    assert (NOW, LEAD) == (child.at, child.actor)


def test_own_id(pipeline):
    """
    The caller may choose the child's id.
    """
    assert "P-2" == pipeline.fire("P-1", "again", spawn_id="P-2").spawned.id


@over_cases(("child_id", "error"), [("../P", InputError), ("", InputError), ("P-1", InputError)])
def test_unusable_id(pipeline, child_id, error):
    """
    An id that is none, or the parent's own, is refused, and nothing is written.
    """
    before = pipeline.get("P-1")
    with pytest.raises(error) as caught:
        pipeline.fire("P-1", "again", spawn_id=child_id)

    assert (child_id, before) == (caught.value.value, pipeline.get("P-1"))


def test_taken_id(pipeline):
    """
    An id that is taken is a conflict at once: nothing that is decided anew would make it free.
    """
    pipeline.open("Other", id="P-2")
    before = pipeline.get("P-1")
    with pytest.raises(VersionConflictError) as caught:
        pipeline.fire("P-1", "again", spawn_id="P-2")

    assert "project 'P-2' exists already, at version 1. Choose another id." == str(caught.value)
    assert before == pipeline.get("P-1")


def test_what_is_handed_in_is_carried(pipeline):
    """
    The child gets the project as the move proposes it: data handed in is carried, and a cleared field is not.
    """
    child = pipeline.fire("P-1", "again", data={"owner": "chen.yu", "amount": None}).spawned

    assert {"owner": "chen.yu", "level": "low"} == child.fields


def test_both_are_told(pipeline):
    """
    Listeners are told of the parent, then of the child.
    """
    told = []
    telling = make_pipeline(
        pipeline.store, listeners=[lambda facts, project: told.append((facts[0].project_id, project.id))]
    )
    telling.fire("P-1", "again")

    assert [("P-1", "P-1"), ("P-1-5", "P-1-5")] == told


def test_newest_version_is_spawned():
    """
    The child runs under the last given version of its lifecycle.
    """
    newer = build_lifecycle(definition(version="2"), plugins=[House()])
    store = MemoryStore()
    won(make_pipeline(store))
    both = Pipeline([SHORT, newer], store=store, actor=LEAD, clock=Clock())

    assert "2" == both.fire("P-1", "again").spawned.lifecycle_version


def test_long_ids_have_room():
    """
    The id of a child of a child fits, however long the first one is.
    """
    pipeline = make_pipeline()
    won(pipeline, "P" * 128)

    assert f"{'P' * 100}-5" == pipeline.fire("P" * 128, "again").spawned.id


def parent_of(carry):
    """A lifecycle that spawns."""
    return build_lifecycle(
        Definition(
            "deal",
            fields=(Field("owner"), Field("level", "choice", choices=("a", "b"))),
            stages=(Stage("open", "open"), Stage("won", "won")),
            transitions=(
                Transition("win", "open", "won"),
                Transition("follow", ("won",), kind="spawn", spawn=Spawn("follow_up", carry=carry)),
            ),
        )
    )


def child_with(*fields, **options):
    """A lifecycle that is spawned."""
    written = Definition(
        "follow_up",
        fields=fields,
        stages=(Stage("open", "open"), Stage("done", "closed")),
        transitions=(Transition("finish", "open", "done"),),
    )
    return build_lifecycle(written, **options)


def test_missing_lifecycle():
    """
    A pipeline without the lifecycle that is spawned is refused when it is made.
    """
    with pytest.raises(InputError) as caught:
        Pipeline(parent_of(()))

    assert (
        "transition 'follow' of lifecycle 'deal': 'follow_up' is not usable. "
        "It spawns this lifecycle; pass it to the Pipeline too. Given: deal." == str(caught.value)
    )


@over_cases(
    ("name", "fields"),
    [("owner", ()), ("owner", (Field("owner", "integer"),)), ("level", (Field("level", "choice", choices=("a",)),))],
    ids=["undeclared", "another type", "other choices"],
)
def test_carried_field_must_fit(name, fields):
    """
    A field that the child does not declare alike cannot be carried.
    """
    with pytest.raises(InputError) as caught:
        Pipeline([parent_of((name,)), child_with(*fields)])

    assert (name, "It carries this field, which 'follow_up' declares differently.") == (
        caught.value.value,
        caught.value.hint,
    )


def test_carried_kind_must_be_known():
    """
    A kind of entry that the child's lifecycle does not know cannot be carried.
    """

    @attrs.frozen
    class Visit:
        kind = "house.visit"
        id: str

    class Visits:
        name = "house.visits"
        salesflow_entries = staticmethod(hookimpl(lambda: (Visit,)))

    parent = build_lifecycle(parent_of(()).definition, plugins=[Visits()])
    spawning = attrs.evolve(
        parent.definition.transitions[1], spawn=Spawn("follow_up", carry=("house.visit",)), source=("won",)
    )
    moves = (parent.definition.transitions[0], spawning)
    carrying = build_lifecycle(attrs.evolve(parent.definition, transitions=moves), plugins=[Visits()])
    with pytest.raises(InputError, match="It carries this kind of entry, which 'follow_up' does not know"):
        Pipeline([carrying, child_with()])

    assert Pipeline([carrying, child_with(plugins=[Visits()])])


def test_approvals_are_not_carried():
    """
    An approval belongs to a visit of its project and would open the child's gates.
    """
    with pytest.raises(InputError, match="Approvals belong to a visit and are not carried over"):
        Pipeline([parent_of(("approval",)), child_with()])

    assert Pipeline([parent_of(("artefact",)), child_with()])


def test_child_of_another_lifecycle():
    """
    The child may run under another lifecycle, which takes the fields that both declare.
    """
    parent = parent_of(("owner",))
    pipeline = Pipeline([parent, child_with(Field("owner"))], actor=LEAD, clock=Clock())
    deal = pipeline.open("Deal", id="P-1", lifecycle=parent, fields={"owner": "li.wei"})
    pipeline.fire(deal.id, "win")

    assert ("follow_up", "li.wei") == (
        (child := pipeline.fire(deal.id, "follow").spawned).lifecycle,
        child.fields["owner"],
    )


def test_an_id_for_no_project(pipeline):
    """
    An id for a spawned project is refused where nothing is spawned.
    """
    pipeline.open("Next", id="P-9", fields={"amount": AMOUNT})
    with pytest.raises(InputError, match="opens no project"):
        pipeline.fire("P-9", "make_offer", spawn_id="P-10")

    assert 1 == pipeline.get("P-9").version
