"""
Stored data that somebody spoilt by hand: named by an error of the library, and no hindrance to the rest.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from decimal import Decimal

import attrs
import pytest

from salesflow import Actor, Definition, Pipeline, Stage, Transition, build_lifecycle
from salesflow.errors import StoreCorruptError
from salesflow.stores import JournalStore, MemoryStore, SqliteStore, copy_facts
from salesflow.stores.adapting import canonical
from salesflow.testing import NOW, attempt, changed
from salesflow.typing import Cadence, Deadline, FieldSet

from ..inside.builders import journal_line
from .factory import SEGMENT, claimed, commit, due, opened, write


SPOILT = {"no number": '{"n":"abc"}', "many digits": "9" * 5000, "deep": "[" * 100_000}


@pytest.fixture
def path(tmp_path):
    """A database with three projects, each with a decimal and a deadline."""
    made = tmp_path / "sales.db"
    with SqliteStore(made) as store:
        for number in range(3):
            name = f"P-{number}"
            store.commit(commit(opened(name, FieldSet("size", Decimal("5.25"))), dues=[due(project_id=name)]))
    return made


def spoil(path, table, value):
    """Replace the decimal, or a whole row of work, of one project."""
    body = 'replace(body, \'{"n":"5.25"}\', ?)' if table != "sf_work" else "?"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        changed = connection.execute(f"UPDATE {table} SET body = {body} WHERE project = 'P-1'", (value,)).rowcount
    assert 1 == changed


@pytest.mark.parametrize("value", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_head(path, caplog, value):
    """
    The project is refused by its name, left out and logged where many are asked for, and named by a check.
    """
    spoil(path, "sf_heads", value)
    with SqliteStore(path) as store:
        with pytest.raises(StoreCorruptError, match="P-1"):
            store.head("P-1")
        pages = [[each.id for each in store.find(after=after, limit=1)] for after in (None, "P-0")]
        problems = store.check(deep=True).problems

    assert [["P-0"], ["P-2"]] == pages
    assert [True] == ["P-1" in each for each in caplog.messages]
    assert [True] == ["'P-1'" in each for each in problems]


@pytest.mark.parametrize("value", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_fact(path, value):
    """
    A fact that cannot be read is refused with its place, and named by a check.
    """
    spoil(path, "sf_facts", value)
    with SqliteStore(path) as store:
        with pytest.raises(StoreCorruptError, match="P-1"):
            list(store.load("P-1"))
        found = [each.id for each in store.find()], ["P-1" in each for each in store.check(deep=True).problems]

    assert (["P-0", "P-1", "P-2"], [True]) == found


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 100_000, '{"v":1,"at":"noon"}', '{"v":99}'], ids=range(4))
def test_spoilt_work(path, value):
    """
    Work that cannot be read is given up, or left to the newer version that set it; the rest is done.
    """
    spoil(path, "sf_work", value)
    with SqliteStore(path) as store:
        taken = [each.work.project_id for each in claimed(store, "deadline")]
        again = [each.work.project_id for each in claimed(store, "deadline", days=2)]

        assert (["P-0", "P-2"], ["P-0", "P-2"], ()) == (taken, again, tuple(store.dead("deadline")))


@pytest.mark.parametrize("value", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_line(tmp_path, value):
    """
    A journal whose line was made by hand, with a good checksum, is refused with its place.
    """
    with JournalStore(tmp_path / "sales") as store:
        write(store, opened("P-1", FieldSet("size", Decimal("5.25"))))
    path = tmp_path / "sales" / SEGMENT
    header, line = path.read_bytes().splitlines(keepends=True)
    payload = line.split(b" ", 3)[3].rstrip().replace(canonical({"n": "5.25"}), value.encode())
    path.write_bytes(header + journal_line(header, payload))
    with pytest.raises(StoreCorruptError, match=f"{SEGMENT}:2"):
        JournalStore(tmp_path / "sales")


@pytest.mark.parametrize("value", ['{"v":1}', *list(SPOILT.values())[1:]], ids=["torn", *list(SPOILT)[1:]])
def test_a_spoilt_fact_among_others(path, caplog, value):
    """
    The feed, copies and whatever reads all projects leave the project out from the spoilt fact on, and log its name.
    """
    with SqliteStore(path) as store:
        write(store, changed(store.head("P-2")))
        write(store, changed(write(store, changed(store.head("P-1")))))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE sf_facts SET body = ? WHERE project = 'P-1' AND version = 1", (value,))
    short = build_lifecycle(
        Definition(
            "short",
            stages=[Stage("lead", kind="open"), Stage("won", kind="won")],
            transitions=[Transition("win", "lead", "won")],
        )
    )
    with SqliteStore(path) as store, MemoryStore() as target:
        pages = [[(each.project_id, each.version) for each in store.feed(after, limit=1).facts] for after in ("", "1")]
        named = [each for each in caplog.messages if "'P-1', version 1" in each]
        copied = copy_facts(store, target)
        histories = [facts[0].project_id for facts in Pipeline(short, store=store).histories()]

        assert ([[("P-0", 1)], [("P-2", 1)]], 1) == (pages, len(named))
        assert (3, ["P-0", "P-2"]) == (copied, [each.id for each in target.find()])
        assert [True] == ["'P-1' from version 1" in each for each in caplog.messages if "on, which" in each]
        assert ["P-0", "P-2"] == histories
        assert {} == Pipeline(short, store=store).norms().owners


def test_a_spoilt_attempt(path, caplog):
    """
    A refused attempt that cannot be read is logged and left out of the pages of all.
    """
    with SqliteStore(path) as store:
        store.commit(commit(attempts=[attempt(trigger=each) for each in ("one", "two", "three")]))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE sf_attempts SET body = '{' WHERE number = 2")
    with SqliteStore(path) as store:
        page = store.refusals("1", limit=1)
        target = MemoryStore()
        copy_facts(store, target)

        assert (["three"], "3") == ([each.trigger for each in page.attempts], page.cursor)
        assert ["one", "three"] == [each.trigger for each in target.refusals().attempts]
        assert any("attempt 2" in each for each in caplog.messages)


@pytest.mark.parametrize("table", ["sf_heads", "sf_facts"])
def test_what_is_due_beside_a_spoilt_project(tmp_path, caplog, table):
    """
    Deadlines, agenda and stand-up leave the project out, log its name, and show the others; asked for alone, it is
    refused.
    """
    stages = [Stage("bid", "open", deadlines=[Deadline("sla", "1d")]), Stage("won", "won")]
    definition = Definition("deals", stages=stages, transitions=[Transition("sign", "bid", "won")])
    numbered = Cadence("sprint", "daily 09:00", met_by={"review": "x"}, numbered=True)
    lifecycle = build_lifecycle(attrs.evolve(definition, cadences=[numbered]))
    path, day = tmp_path / "deals.db", timedelta(days=1)
    with SqliteStore(path) as store:
        pipeline = Pipeline(lifecycle, store=store, actor=Actor("li"), clock=lambda: NOW)
        for number in range(3):
            pipeline.open("A deal", id=f"P-{number}")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"UPDATE {table} SET body = '{{' WHERE project = 'P-1'")
    with SqliteStore(path) as store:
        pipeline = Pipeline(lifecycle, store=store, clock=lambda: NOW)
        dues = [each.project.id for each in pipeline.due(NOW, NOW + 2 * day)]
        agenda = {each.project_id for each in pipeline.agenda(NOW, NOW + 3 * day)}
        views = {each.project_id for each in pipeline.stand_up()}
        with pytest.raises(StoreCorruptError, match="P-1"):
            pipeline.agenda(NOW, NOW + day, project_id="P-1")
        with pytest.raises(StoreCorruptError, match="P-1"):
            pipeline.stand_up(project_id="P-1")

    assert ["P-0", "P-2"] == [each for each in dues if table == "sf_heads" or each != "P-1"]
    assert ({"P-0", "P-2"}, {"P-0", "P-2"}) == (agenda, views)
    assert ["P-1"] == sorted({"P-1" for each in caplog.messages if "P-1" in each})
