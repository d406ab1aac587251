"""
Stores that every released version wrote: they open, say what they said, and go on.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from salesflow import Money, replay
from salesflow.stores import JournalStore, MemoryStore, SqliteStore, copy_facts
from salesflow.stores.adapting import HEAD_SCHEMA, canonical, encode_project
from salesflow.testing import LEASE, NOW, changed, claim, commit, grow, key, opened

from .golden.make import DEFINITION, DELIVERY, KEY, TENANTS, bodies


FOLDERS = sorted(each for each in (Path(__file__).parent / "golden").iterdir() if each.name[0].isdigit())


def journal(folder, place):
    """A journal whose files are a version's lines."""
    place.mkdir(mode=0o700)
    for each in folder.glob("*.sfj"):
        shutil.copyfile(each, place / each.name)
    return JournalStore(place)


def sqlite(tenant):
    """Opens a tenant of a database that is made from a version's dump."""

    def opener(folder, place):
        place.mkdir()
        with closing(sqlite3.connect(place / "sales.db")) as connection:
            connection.executescript((folder / "sales.sql").read_text("utf-8"))
        return SqliteStore(place / "sales.db", tenant=tenant)

    return opener


OPENERS = {"journal": journal, **{f"sqlite, {tenant}": sqlite(tenant) for tenant in TENANTS}}


@pytest.fixture(params=[(folder, how) for folder in FOLDERS for how in OPENERS], ids=lambda it: f"{it[0].name}-{it[1]}")
def golden(request, tmp_path):
    """
    A store as a version left it, and the heads that it had.
    """
    folder, how = request.param
    store = OPENERS[how](folder, tmp_path / "golden")
    store.heads = heads_of(folder)
    yield store
    store.close()


def heads_of(folder):
    """The heads that a version recorded, as this version writes them: with what later schemas added."""
    heads = [json.loads(line) for line in (folder / "heads.jsonl").read_bytes().splitlines()]
    added = [
        {
            "digest": None,
            "closed": each["updated"] if each["outcome"] == "won" else None,
            "takers": "" if not each["taken"] else "li.wei" if each["id"] == "P-1" else "王伟",
        }
        for each in heads
    ]
    return [canonical({**new, **head, "v": HEAD_SCHEMA}) for new, head in zip(added, heads, strict=True)]


def test_what_0_2_0_brought(golden):
    """
    Every kind of fact is read as it was written, with the refusals, the delivery and the definition beside them.
    """
    if golden.head("P-3") is None:
        pytest.skip("an older version has nothing of it")
    golden.requeue("n:P-1:1:1", at=NOW)
    found = [each.body for each in golden.load("P-3")]
    (delivery,) = claim(golden, at=NOW + timedelta(days=10))[-1:]
    head = golden.head("P-3")

    assert list(bodies()) == found
    assert (DEFINITION,) == tuple(golden.definitions())
    assert DELIVERY == delivery.work.body
    assert ["go", "go", "win"] == [each.trigger for each in golden.refusals().attempts]
    assert (NOW + timedelta(hours=11), "P-2", DEFINITION.digest) == (head.closed_at, head.parent, head.digest)
    assert (["N-1"], 1) == (list(head.opaque["crm.note"]), len(head.entries["risk"]["R-1"].moves))
    assert golden.committed(KEY).recorded_at == NOW + timedelta(hours=1) + LEASE


def texts(projects):
    return [canonical(encode_project(each)) for each in projects]


def test_histories(golden):
    """
    The histories fold to the heads that were recorded, and the stored heads are these.
    """
    folded = [replay(golden.load(each.id)) for each in golden.find()]

    assert golden.heads == texts(folded) == texts(golden.find())
    assert () == golden.check(deep=True).problems


def test_everything_else(golden):
    """
    Keys, refused attempts, waiting and dead work are there as they were left.
    """
    first, *_ = golden.load("P-1")
    of_first = [each for each in claim(golden) if each.work.project_id == "P-1"]
    found = [golden.committed(key()), golden.committed(key("k-2", request="b")).version]
    waiting = [each.work.id for each in of_first], [each.work.id for each in claim(golden, "deadline")]

    assert [first, 4] == found
    assert ("王伟", Money("1200000.50", "CNY")) == tuple(replay([first]).fields[each] for each in ("owner", "amount"))
    assert ["go"] == [each.trigger for each in golden.attempts("P-1")]
    assert (["n:P-1:1:2"], []) == waiting
    assert NOW + timedelta(days=3) == golden.next_due("deadline")
    assert [("n:P-1:1:1", 1, "no such address")] == [
        (each.work.id, each.attempts, each.error) for each in golden.dead("notice")
    ]


def test_going_on(golden):
    """
    It takes new facts, repeats the old ones, and gives all of them to another store.
    """
    head, before = golden.head("P-2"), len(golden.feed().facts)
    again = golden.commit(commit(opened("P-1"), key=key()))
    golden.commit(commit(changed(head)))
    grow(golden, "P-9")
    copied = copy_facts(golden, MemoryStore())

    assert (True, 2, before + 4) == (again.replayed, golden.head("P-2").version, copied)
    assert golden.check(deep=True).ok


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_checkpoint_is_not_read(folder, tmp_path):
    """
    A checkpoint that an older version left beside a journal changes nothing, whatever is in it.
    """
    place = tmp_path / "golden"
    journal(folder, place).close()
    names = [f"checkpoint-{7:020}.json", "checkpoint-draft"]
    for name in names:
        (place / name).write_bytes(b"00000000 {}")
    with JournalStore(place) as store:
        found = texts(store.find())

    assert heads_of(folder) == found
    assert names == sorted(path.name for path in place.glob("checkpoint*"))


def test_this_version_is_there():
    """
    Every version that writes stores has left some.
    """
    from salesflow import __version__

    assert __version__ in [each.name for each in FOLDERS]
