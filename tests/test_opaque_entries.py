"""
Entries whose plugin is gone: their projects are read, changed, moved and copied, and the entries come back with it.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import attrs
import pytest

from salesflow import (
    Actor,
    Definition,
    Field,
    Pipeline,
    Stage,
    Transition,
    build_lifecycle,
    dossier,
    guards,
    hookimpl,
    replay,
)
from salesflow.errors import InputError
from salesflow.plugins import Plugins
from salesflow.stores import JournalStore, MemoryStore, copy_facts
from salesflow.stores.adapting import decode_fact
from salesflow.typing import OpaqueEntry, Spawn


@attrs.frozen
class Visit:
    """A visit at the customer's."""

    kind: ClassVar[str] = "acme.visit"
    id: str
    city: str = ""
    notes: tuple[Any, ...] = ()


ACME = SimpleNamespace(name="acme", salesflow_entries=hookimpl(lambda: [Visit]))
TURIN = Visit("v-1", "Turin", ({"who": ("kim",)},))
ROME = Visit("v-2", "Rome")
URLS = ["sqlite:sales.db", "journal:sales"]


def lifecycle(*plugins, guard=None):
    """Two stages and a way between them, with what *plugins* bring."""
    moves = [
        Transition("win", "lead", "won", guards=[] if guard is None else [guard]),
        Transition("again", "won", kind="spawn", spawn=Spawn("short", carry=("owner", "artefact"))),
    ]
    stages = [Stage("lead", "open"), Stage("won", "won")]
    return build_lifecycle(
        Definition("short", fields=[Field("owner")], stages=stages, transitions=moves), plugins=plugins
    )


def of(built, store):
    """A pipeline for somebody."""
    return Pipeline(built, store=store, actor=Actor("kim"))


@pytest.fixture(params=URLS, ids=["sqlite", "journal"])
def url(request, tmp_path, monkeypatch):
    """
    A store in which a plugin left entries: one put twice, one dropped again.
    """
    monkeypatch.chdir(tmp_path)
    with Plugins(ACME).open_store(request.param) as store:
        pipeline = of(lifecycle(ACME), store)
        pipeline.open("One", id="P-1", entries=[Visit("v-1")])
        pipeline.open("Two", id="P-2")
        pipeline.add("P-1", TURIN, ROME, dossier.Artefact("a-1"))
        pipeline.remove("P-1", "acme.visit", "v-2")
    return request.param


def test_without_the_plugin(url):
    """
    Without the plugin the projects are listed, read, changed, moved and checked; its entries are kept apart.
    """
    with Plugins().open_store(url) as store:
        pipeline = of(lifecycle(), store)
        found = [each.id for each in pipeline.find(stage="lead")]
        pipeline.update("P-1", {"owner": "kim"})
        project = pipeline.fire("P-1", "win").project
        child = pipeline.fire("P-1", "again", spawn_id="P-3").spawned
        checked = store.check(deep=True)

        assert (["P-1", "P-2"], ()) == (found, checked.problems)
        assert (["artefact"], {"v-1"}) == (list(project.entries), set(project.opaque["acme.visit"]))
        assert replay(pipeline.history("P-1")) == pipeline.get("P-1")
        assert (["artefact"], {}) == (list(child.entries), child.opaque)


def test_when_it_is_back(url):
    """
    What was written meanwhile changes nothing of the entries: with the plugin they are as they were.
    """
    with Plugins().open_store(url) as store:
        of(lifecycle(), store).update("P-1", {"owner": "kim"})
    with Plugins(ACME).open_store(url) as store:
        project = of(lifecycle(ACME), store).get("P-1")

        assert ((TURIN,), {}) == (project.all(Visit), project.opaque)
        assert ("kim", 4) == (project.fields["owner"], project.version)


def test_export(url, tmp_path):
    """
    A store without the plugin copies the entries into another one, to the letter.
    """
    with Plugins().open_store(url) as source, JournalStore(tmp_path / "copy") as target:
        copied = copy_facts(source, target)
        facts = list(source.load("P-1"))
    with JournalStore(tmp_path / "copy", entries=[Visit]) as known:
        project, told = known.head("P-1"), replay(known.load("P-1"))

    assert (4, (TURIN,)) == (copied, project.all(Visit))
    assert OpaqueEntry("acme.visit", "v-1", {"id": "v-1"}) == facts[0].body.changes[0].entry
    assert project == told


def test_nobody_adds_one(url):
    """
    An opaque entry is read and never handed in, not by a call and not with a move; none can be taken out.
    """
    with Plugins().open_store(url) as store:
        pipeline = of(lifecycle(), store)
        entry = pipeline.get("P-1").opaque["acme.visit"]["v-1"].entry
        for call in (
            lambda: pipeline.add("P-2", entry),
            lambda: pipeline.open("Three", id="P-3", entries=[entry]),
            lambda: pipeline.fire("P-2", "win", entries=[entry]),
            lambda: pipeline.remove("P-1", "acme.visit", "v-1"),
        ):
            with pytest.raises(InputError):
                call()

        assert 1 == pipeline.get("P-2").version


def test_guards_do_not_see_them(url):
    """
    A guard that asks for entries of the kind finds none.
    """
    seen = []

    @guards.guard("house.look", codes={})
    def look():
        def check(ctx):
            seen.append((dict(ctx.project.held("acme.visit")), list(ctx.project.entries)))
            return guards.passed()

        return check

    house = SimpleNamespace(name="house", salesflow_guards=hookimpl(lambda: [look]))
    with Plugins().open_store(url) as store:
        project = of(lifecycle(), store).get("P-1")
    lifecycle(house, guard=look()).options(project, actor=Actor("kim"), at=project.updated_at)

    assert [({}, ["artefact"])] == seen


def test_a_known_kind_of_another_shape():
    """
    Only an unknown kind is opaque: what a known class does not take stays an error.
    """
    store = MemoryStore()
    pipeline = of(lifecycle(ACME), store)
    pipeline.open("One", id="P-1", entries=[TURIN])
    data = {"type": "opened", "body": {"changes": [["put", "acme.visit", {"id": "v-1", "town": "Turin"}]]}}

    with pytest.raises(InputError, match="town"):
        decode_fact(_whole(data), {"acme.visit": Visit})
    with pytest.raises(InputError, match="It has no id"):
        decode_fact(_whole({**data, "body": {"changes": [["put", "acme.visit", {"town": "Turin"}]]}}), {})


def _whole(data):
    rest = {"name": "One", "stage": "lead", "outcome": "undecided"}
    return {
        "v": 1,
        "project": "P-1",
        "version": 1,
        "at": "2026-03-02T09:00:00Z",
        "actor": ["kim", []],
        "lifecycle": ["short", "1"],
        "type": data["type"],
        "body": {**rest, **data["body"]},
    }
