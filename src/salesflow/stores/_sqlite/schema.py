"""
The tables, and the numbered steps that create them.

A step is never changed once it was released; what comes later is a step of its own. Times
are microseconds since 1970, UTC.
"""

from __future__ import annotations

from sqlite3 import Cursor
from typing import Final

from ...errors import SchemaMismatchError, StoreCorruptError, say


_LEDGER: Final = (
    "CREATE TABLE sf_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    "CREATE TABLE sf_counters (tenant TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT",
    """
    CREATE TABLE sf_facts (
        tenant TEXT NOT NULL, position INTEGER NOT NULL, project TEXT NOT NULL, version INTEGER NOT NULL,
        at INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (tenant, position), UNIQUE (tenant, project, version)
    ) STRICT
    """,
    """
    CREATE TABLE sf_heads (
        tenant TEXT NOT NULL, project TEXT NOT NULL, version INTEGER NOT NULL,
        stage TEXT NOT NULL, owner TEXT, outcome TEXT NOT NULL,
        folded INTEGER NOT NULL, body TEXT NOT NULL, -- the head at version "folded", which may be an earlier one
        PRIMARY KEY (tenant, project)
    ) STRICT
    """,
    "CREATE INDEX sf_heads_stage ON sf_heads (tenant, stage, project)",
    "CREATE INDEX sf_heads_owner ON sf_heads (tenant, owner, project) WHERE owner IS NOT NULL",
    "CREATE INDEX sf_heads_outcome ON sf_heads (tenant, outcome, project)",
    """
    CREATE TABLE sf_keys (
        tenant TEXT NOT NULL, project TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,
        position INTEGER NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (tenant, project, key)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX sf_keys_at ON sf_keys (tenant, at)",
    """
    CREATE TABLE sf_attempts (
        number INTEGER PRIMARY KEY, tenant TEXT NOT NULL, project TEXT NOT NULL, body TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX sf_attempts_project ON sf_attempts (tenant, project)",
)

_WORK: Final = (
    """
    CREATE TABLE sf_work (
        tenant TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, project TEXT NOT NULL, visit INTEGER,
        due INTEGER NOT NULL, status TEXT NOT NULL, owner TEXT, until INTEGER, token INTEGER NOT NULL,
        attempts INTEGER NOT NULL, error TEXT, body TEXT NOT NULL,
        PRIMARY KEY (tenant, id)
    ) STRICT
    """,
    "CREATE INDEX sf_work_ready ON sf_work (tenant, kind, due, id) WHERE status = 'ready'",
    "CREATE INDEX sf_work_leased ON sf_work (tenant, kind, until) WHERE status = 'leased'",
    "CREATE INDEX sf_work_dead ON sf_work (tenant, kind, id) WHERE status = 'dead'",
    "CREATE INDEX sf_work_stay ON sf_work (tenant, project, visit) WHERE visit IS NOT NULL",
)

_DEFINITIONS: Final = (
    """
    CREATE TABLE sf_definitions (
        tenant TEXT NOT NULL, id TEXT NOT NULL, version TEXT NOT NULL, digest TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (tenant, id, version)
    ) STRICT
    """,
)

_QUERIES: Final = (
    "CREATE INDEX sf_attempts_tenant ON sf_attempts (tenant, number)",
    "ALTER TABLE sf_heads ADD COLUMN parent TEXT",
    "UPDATE sf_heads SET parent = json_extract(body, '$.parent') WHERE json_extract(body, '$.parent') IS NOT NULL",
    "CREATE INDEX sf_heads_parent ON sf_heads (tenant, parent, project) WHERE parent IS NOT NULL",
)

# Facts of before this step say by their outcome alone whether they close a project, and a reopening closes none.
_CLOSING: Final = """
    UPDATE sf_heads AS h SET closed = (
        SELECT f.at FROM sf_facts AS f
        WHERE f.tenant = h.tenant AND f.project = h.project AND {f} = h.outcome AND f.version > {before}
        ORDER BY f.version LIMIT 1
    )
    WHERE outcome <> 'undecided' AND NOT EXISTS (
        SELECT 1 FROM sf_facts AS r
        WHERE r.tenant = h.tenant AND r.project = h.project AND r.version > {before} AND {kind} = 'reopen'
    )
"""
_BEFORE: Final = """coalesce((
    SELECT max(g.version) FROM sf_facts AS g WHERE g.tenant = h.tenant AND g.project = h.project AND {g} <> h.outcome
), 0)"""


def _part(table: str, name: str) -> str:
    return f"CASE WHEN json_valid({table}.body) THEN json_extract({table}.body, '$.body.{name}') END"


_ORDERS: Final = (
    "ALTER TABLE sf_heads ADD COLUMN opened INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sf_heads ADD COLUMN closed INTEGER",
    """
    UPDATE sf_heads AS h SET opened = coalesce((
        SELECT at FROM sf_facts AS f WHERE f.tenant = h.tenant AND f.project = h.project AND f.version = 1
    ), 0)
    """,
    _CLOSING.format(f=_part("f", "outcome"), kind=_part("r", "kind"), before=_BEFORE.format(g=_part("g", "outcome"))),
    "CREATE INDEX sf_heads_opened ON sf_heads (tenant, opened, project)",
    "CREATE INDEX sf_heads_closed ON sf_heads (tenant, closed, project) WHERE closed IS NOT NULL",
)

STEPS: Final = (_LEDGER, _WORK, _DEFINITIONS, _QUERIES, _ORDERS)
LEDGER: Final = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sf_meta'"
"""Whether there is anything of ours."""
SCHEMA: Final = len(STEPS)


def migrate(cursor: Cursor, name: str) -> None:
    """
    Bring the tables to :data:`SCHEMA`, inside the caller's transaction.

    Other tables of the host are left alone.

    Raises:
        SchemaMismatchError: a newer version made them.
        StoreCorruptError: nobody can say which version made them.
    """
    found = _found(cursor, name)
    if found > SCHEMA:
        raise SchemaMismatchError(f"database {name!r}", found=found, wanted=SCHEMA)
    for step in STEPS[found:]:
        for statement in step:
            cursor.execute(statement)
    if found < SCHEMA:
        cursor.execute("INSERT OR REPLACE INTO sf_meta VALUES ('schema', ?)", (str(SCHEMA),))


def _found(cursor: Cursor, name: str) -> int:
    if cursor.execute(LEDGER).fetchone() is None:
        return 0
    row = cursor.execute("SELECT value FROM sf_meta WHERE name = 'schema'").fetchone()
    if row is None or not row[0].isdecimal():
        raise StoreCorruptError(f"{name}, table sf_meta", say("corrupt.schema"))
    return int(row[0])
