"""
Every question goes along an index, however many rows there are.
"""

from __future__ import annotations

import pytest
from salesflow_sqlalchemy import SqlAlchemyStore, _sql
from sqlalchemy import text


ROWS = 20_000
TENANT = {"tenant": "plans"}
ASKED = {
    "claim": (_sql.CLAIM, {"kind": "notice", "owner": "me", "limit": 100, "until": 20, "at": 10}),
    "next_due": (_sql.WORK_NEXT, {"kind": "notice"}),
    "dead": (_sql.WORK_DEAD, {"kind": "notice", "limit": 100}),
    "drop": (_sql.WORK_DROP, {"project": "P-77", "visit": 1}),
    "head": (_sql.HEAD, {"project": "P-77"}),
    "load": (_sql.FACTS, {"project": "P-77", "after": 0, "upto": 9, "limit": 100}),
    "feed": (_sql.FEED, {"pos": 19_000, "limit": 100}),
    "find": (_sql.page_of((), begun=True), {"after": "P-77", "limit": 100}),
    "find by stage": (_sql.page_of(("stage",)), {"stage": "s-7", "limit": 100}),
    "find by owner": (_sql.page_of(("owner",)), {"owner": "o-7", "limit": 100}),
    "find by outcome": (_sql.page_of(("outcome",)), {"outcome": "w-7", "limit": 100}),
    "find by parent": (_sql.page_of(("parent",)), {"parent": "w-7", "limit": 100}),
    "count by stage": (_sql.how_many(("stage",)), {"stage": "s-7"}),
    "count closed": (_sql.how_many(("closed",)), {"closed_from": 50, "closed_to": 60}),
    **{
        f"find by {key}, {begun=}, {descending=}": (
            _sql.page_of((), key, descending, begun),
            {"limit": 100, **({"value": value, "after": "P-77"} if begun else {})},
        )
        for key, value in {"opened_at": 77, "closed_at": 77, "stage": "s-7", "owner": "o-7"}.items()
        for begun in (False, True)
        for descending in (False, True)
    },
    "upcoming": (_sql.WORK_UPCOMING, {"kind": "notice", "until": 90, "due": 10, "id": "", "limit": 100}),
    "committed": (_sql.KEY, {"project": "P-77", "key": "k"}),
    "purge": (_sql.KEYS_FORGET, {"before": 10}),
    "refusals": (_sql.REFUSALS, {"xid": 0, "id": 77, "limit": 100}),
    "attempts": (_sql.ATTEMPTS, {"project": "P-77"}),
}

FILL = (
    """INSERT INTO salesflow_head
       SELECT 'plans', 'P-' || n, 1, 's-' || n % 200, 'w-' || n % 200, 'o-' || n % 200, '{}', NULL, n, n
         FROM generate_series(1, :rows) AS n""",
    """INSERT INTO salesflow_fact SELECT 'plans', n, 0, 'P-' || n, 1, n, '{}' FROM generate_series(1, :rows) AS n""",
    """INSERT INTO salesflow_key SELECT 'plans', 'P-' || n, 'k', 'f', n, n FROM generate_series(1, :rows) AS n""",
    """INSERT INTO salesflow_attempt (tenant, xid, project, body)
       SELECT 'plans', 0, 'P-' || n, '{}' FROM generate_series(1, :rows) AS n""",
    """INSERT INTO salesflow_work (tenant, id, kind, project, visit, due, status, until, token, attempts, body)
       SELECT 'plans', k || n, k, 'P-' || n, 1, n, (ARRAY['ready', 'leased', 'dead'])[1 + n % 50 / 48 + n % 50 / 49], n,
              0, 0, '{}'
         FROM generate_series(1, :rows) AS n, (VALUES ('notice'), ('deadline')) AS kinds (k)""",
)


@pytest.fixture(scope="module")
def filled(pg_engine):
    """
    Tables with many rows, looked at by the planner.
    """
    SqlAlchemyStore(pg_engine, tenant="plans").close()
    with pg_engine.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement), {"rows": ROWS})
    with pg_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return pg_engine


def plan(connection, name: str, how: str) -> list[str]:
    """The lines of the plan for a question."""
    statement, values = ASKED[name]
    statement = statement[connection.dialect.name] if isinstance(statement, dict) else statement
    rows = connection.execute(text(f"{how} {statement.text}"), {**TENANT, **values}).all()
    return [str(row[-1]) for row in rows]


def test_postgresql(filled):
    """
    PostgreSQL reads no table from one end to the other.
    """
    with filled.connect() as connection:
        found = {name: plan(connection, name, "EXPLAIN") for name in ASKED}

    assert [] == [(name, line) for name, lines in found.items() for line in lines if "Seq Scan" in line]


def test_sqlite(lite_engine):
    """
    SQLite reads no table from one end to the other.
    """
    with SqlAlchemyStore(lite_engine, tenant="plans"), lite_engine.connect() as connection:
        found = {name: plan(connection, name, "EXPLAIN QUERY PLAN") for name in ASKED}
    scans = "SCAN salesflow", "SCAN f", "SCAN k"

    assert [] == [
        (name, line) for name, lines in found.items() for line in lines if any(each in line for each in scans)
    ]


def test_a_claim_touches_what_it_takes(filled):
    """
    Of very many rows that are due, a claim locks a hundred of each sort, and no more.
    """
    with filled.connect() as connection:
        found = plan(connection, "claim", "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF)")
        connection.rollback()
    locked = [line for line in found if "LockRows" in line]

    assert 2 == len(locked)
    assert [] == [line for line in locked if float(line.partition("rows=")[2].split()[0]) > 100]
