"""
Makes stores of many projects quickly: a few histories are walked, and the rest is copied from them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import _selling
import attrs
from _deal import AMOUNT

import salesflow as sf
from salesflow._model.definition import Deadline
from salesflow.stores import JournalStore, SqliteStore, copy_facts


ENDS: Final = (("negotiate", "revise"), ("negotiate", "hold"), ("negotiate", "win"))
"""How the histories end: a third is proposed again, with a deadline, a third on hold, a third won."""

OWNERS: Final = 100
LIMIT: Final = "14d"

_COPY: Final = (
    """
    INSERT INTO sf_facts SELECT tenant, position + :ahead, :id, version, at,
        replace(replace(body, :model, :id), 'owner-00', :owner)
    FROM sf_facts WHERE tenant = 'main' AND project = :model
    """,
    """
    INSERT INTO sf_heads SELECT tenant, :id, version, stage, :owner, outcome, folded,
        replace(replace(body, :model, :id), 'owner-00', :owner)
    FROM sf_heads WHERE tenant = 'main' AND project = :model
    """,
    """
    INSERT INTO sf_work SELECT tenant, replace(id, :model, :id), kind, :id, visit, due, status, sf_work.owner, until,
        token, attempts, error, replace(body, :model, :id)
    FROM sf_work WHERE tenant = 'main' AND project = :model AND visit IS NOT NULL -- by its index
    """,
)


def lifecycle() -> sf.Lifecycle:
    """
    Build the shared lifecycle with a deadline on one stage.
    """
    written = _selling.definition()
    stages = [
        attrs.evolve(stage, deadlines=[Deadline("sla", LIMIT)]) if stage.id == "proposed" else stage
        for stage in written.stages
    ]
    return sf.build_lifecycle(attrs.evolve(written, stages=stages), plugins=[_selling.Bench()])


def project_id(number: int) -> str:
    """
    Return an id of the length that made ones have.
    """
    return f"p-{number:016x}"


def fill_sqlite(path: Path, projects: int, loops: int) -> int:
    """
    Make a database; return how many facts each of its projects has.

    Args:
        projects: how many, in the end.
        loops: how often each went back and forth; 7 make 20 facts.
    """
    with SqliteStore(path) as store:
        pipeline = _selling.seller_pipeline(store, lifecycle())
        for number, end in enumerate(ENDS):
            walk(pipeline, project_id(number), ("qualify", "propose", *(("negotiate", "revise") * loops), *end))
        facts = store.check().facts
    each = facts // len(ENDS)
    with closing(sqlite3.connect(path)) as connection:
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
            connection.execute(f"PRAGMA {setting}").fetchall()  # nobody needs this file after a crash
        for statement in _COPY:
            connection.executemany(statement, copies(projects, facts))
        connection.execute("UPDATE sf_counters SET position = ?", (projects * each,))
        connection.commit()
    with SqliteStore(path) as store:
        found = store.check()
    if not found.ok or found.facts != projects * each:
        raise SystemExit(f"the database was filled badly: {found}")
    return each


def walk(pipeline: sf.Pipeline, deal: str, triggers: tuple[str, ...]) -> None:
    """
    Open one project, say whose it is, and move it on.
    """
    at = _selling.AT
    pipeline.open("Deal", id=deal, fields={"amount": AMOUNT}, at=at)
    pipeline.update(deal, {"owner": "owner-00"}, at=at)
    for trigger in triggers:
        pipeline.fire(deal, trigger, at=at)


def copies(projects: int, facts: int) -> Iterator[dict[str, object]]:
    """
    Yield the parameters for each project beyond the walked ones, the histories in turns.
    """
    for number in range(len(ENDS), projects):
        turn, model = divmod(number, len(ENDS))
        yield {
            "id": project_id(number),
            "model": project_id(model),
            "ahead": turn * facts,
            "owner": f"owner-{number % OWNERS:02}",
        }


def fill_journal(folder: Path, source: Path) -> None:
    """
    Copy the facts of a database into a journal.
    """
    with SqliteStore(source) as store, JournalStore(folder) as journal, journal.batch():
        copy_facts(store, journal)
