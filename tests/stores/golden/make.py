"""
Writes the golden files of this version: ``python tests/stores/golden/make.py``.

Run it once for a version that is released, and never again for that version: what was written then is what
later versions have to read. Journals carry their checksums, so no tool may touch their ends of lines.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from salesflow import Money, __version__, dossier
from salesflow.stores import JournalStore, SqliteStore
from salesflow.stores.adapting import canonical, encode_project
from salesflow.testing import LEASE, NOW, attempt, changed, claim, commit, due, key, moved, notice, opened
from salesflow.typing import EntryDropped, EntryPut, FieldSet


HERE = Path(__file__).parent
TENANTS = ("main", "south")


def fill(store):
    """Leave something of everything: each kind of value, of fact, of work, and a key."""
    artefact = dossier.Artefact("market_research_report", digest="sha256:00", title="市场调研报告")
    first = opened("P-1", FieldSet("amount", Money("1200000.50", "CNY")), EntryPut(artefact), owner="王伟", key="k-1")
    parts = {"notices": [notice(amount=7), notice(), notice()], "dues": [due(), due(at=NOW + LEASE, deadline="rot")]}
    store.commit(commit(first, opened("P-2"), key=key(), **parts))
    held = claim(store, limit=2)
    second = moved(first.project, at=NOW + LEASE)
    store.commit(commit(second, attempts=[attempt()], done=held[:1]))
    store.release(held[1], retry_at=None, error="no such address")
    third = changed(second.project, FieldSet("amount", None), EntryDropped(artefact.kind, artefact.id))
    store.commit(commit(third, dropped=[("P-1", 1)], dues=[due("P-1", visit=2, at=NOW + timedelta(days=3))]))
    won = moved(third.project, "won", outcome="won", at=NOW + timedelta(days=1))
    store.commit(commit(won, key=key("k-2", request="b")))


def main():
    """Write a dump of a SQLite file with two tenants, the lines of a journal, and the heads they lead to."""
    target = HERE / __version__
    target.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sales.db")
        for tenant in TENANTS:
            with SqliteStore(path, tenant=tenant) as store:
                fill(store)
                heads = [canonical(encode_project(each)) for each in store.find()]
        with closing(sqlite3.connect(path)) as connection:
            (target / "sales.sql").write_text("\n".join(connection.iterdump()) + "\n", "utf-8")
        with JournalStore(Path(folder, "journal")) as store:
            fill(store)
        for each in Path(folder, "journal").glob("*.sfj"):
            (target / each.name).write_bytes(each.read_bytes())
    (target / "heads.jsonl").write_bytes(b"".join(each + b"\n" for each in heads))


if __name__ == "__main__":
    main()
