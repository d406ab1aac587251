"""
Every statement but the one that commits on PostgreSQL: constants with bound parameters, the same for both databases.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from sqlalchemy import TextClause, text


SCHEMA_READ: Final = text("SELECT v FROM salesflow_meta WHERE k = 'schema'")
SCHEMA_WRITE: Final = text("INSERT INTO salesflow_meta (k, v) VALUES ('schema', :schema)")
SCHEMA_RAISE: Final = text("UPDATE salesflow_meta SET v = :schema WHERE k = 'schema'")
# An arbitrary number that no other program is likely to lock.
SCHEMA_LOCK: Final = text("SELECT pg_advisory_xact_lock(7310867193525)")
# Every commit rewrites the row of its tenant and of its project; room on the page keeps the new version there.
ROOM: Final = (
    text("ALTER TABLE salesflow_counter SET (fillfactor = 10)"),
    text("ALTER TABLE salesflow_head SET (fillfactor = 70)"),
)

TENANT_ADD: Final = text(
    "INSERT INTO salesflow_counter (tenant, pos, ordering) VALUES (:tenant, 0, :ordering) ON CONFLICT DO NOTHING"
)
TENANT_ORDERING: Final = text("SELECT ordering FROM salesflow_counter WHERE tenant = :tenant")
SYNCHRONOUS: Final = text("SELECT current_setting('synchronous_commit')")

HEAD_ADD: Final = text("""
    INSERT INTO salesflow_head (tenant, project, version, stage, outcome, owner, body, parent, opened, closed)
    VALUES (:tenant, :project, :version, :stage, :outcome, :owner, :head, :parent, :opened, :closed)
    ON CONFLICT DO NOTHING""")
HEAD_MOVE: Final = text("""
    UPDATE salesflow_head
       SET version = :version, stage = :stage, outcome = :outcome, owner = :owner, body = :head, closed = :closed,
           parent = :parent
     WHERE tenant = :tenant AND project = :project AND version = :expected""")
HEAD_VERSION: Final = text("SELECT version FROM salesflow_head WHERE tenant = :tenant AND project = :project")
HEAD: Final = text("SELECT body FROM salesflow_head WHERE tenant = :tenant AND project = :project")

COUNT: Final = text("""
    INSERT INTO salesflow_counter (tenant, pos, ordering) VALUES (:tenant, :count, 'total')
    ON CONFLICT (tenant) DO UPDATE SET pos = salesflow_counter.pos + :count RETURNING pos""")
NUMBERS: Final = text("SELECT nextval('salesflow_position') FROM generate_series(1, :count) ORDER BY 1")
FACT_ADD: Final = text("""
    INSERT INTO salesflow_fact (tenant, pos, xid, project, version, at, body)
    VALUES (:tenant, :pos, 0, :project, :version, :at, :fact)""")
FACT_ADD_RELAXED: Final = text("""
    INSERT INTO salesflow_fact (tenant, pos, xid, project, version, at, body)
    VALUES (:tenant, :pos, CAST(CAST(pg_current_xact_id() AS text) AS bigint), :project, :version, :at, :fact)""")

FACTS: Final = text("""
    SELECT project, version, body FROM salesflow_fact
     WHERE tenant = :tenant AND project = :project AND version > :after AND version <= :upto
     ORDER BY version LIMIT :limit""")
FEED: Final = text("""
    SELECT 0 AS xid, pos, project, version, body FROM salesflow_fact
     WHERE tenant = :tenant AND pos > :pos ORDER BY pos LIMIT :limit""")
# Behind the horizon everybody has finished, so nobody can still put a fact in front of one that was read.
FEED_RELAXED: Final = text("""
    SELECT xid, pos, project, version, body FROM salesflow_fact
     WHERE tenant = :tenant AND xid > 0 AND (xid, pos) > (CAST(:xid AS bigint), CAST(:pos AS bigint))
       AND xid < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)
     ORDER BY xid, pos LIMIT :limit""")

KEY_ADD: Final = text("""
    INSERT INTO salesflow_key (tenant, project, key, fingerprint, pos, at)
    VALUES (:tenant, :project, :key, :fingerprint, :pos, :at)""")
KEY: Final = text("""
    SELECT k.fingerprint, f.body FROM salesflow_key AS k
      LEFT JOIN salesflow_fact AS f ON f.tenant = k.tenant AND f.pos = k.pos
     WHERE k.tenant = :tenant AND k.project = :project AND k.key = :key""")
KEYS_FORGET: Final = text("DELETE FROM salesflow_key WHERE tenant = :tenant AND at < :before")

ATTEMPT_ADD: Final = {
    "postgresql": text("""
        INSERT INTO salesflow_attempt (tenant, xid, project, body)
        VALUES (:tenant, CAST(CAST(pg_current_xact_id() AS text) AS bigint), :project, :body)"""),
    "sqlite": text("INSERT INTO salesflow_attempt (tenant, xid, project, body) VALUES (:tenant, 0, :project, :body)"),
}
_REFUSALS: Final = """
    SELECT xid, id, body FROM salesflow_attempt
     WHERE tenant = :tenant AND (xid, id) > (CAST(:xid AS bigint), CAST(:id AS bigint))"""
# As in a relaxed feed: nobody can still put an attempt in front of one that was read.
REFUSALS: Final = {
    "postgresql": text(
        _REFUSALS
        + """ AND xid < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)
     ORDER BY xid, id LIMIT :limit"""
    ),
    "sqlite": text(_REFUSALS + " ORDER BY xid, id LIMIT :limit"),
}
_ADD_XID: Final = {
    "postgresql": text("ALTER TABLE salesflow_attempt ADD COLUMN xid BIGINT NOT NULL DEFAULT 0"),
    "sqlite": text("ALTER TABLE salesflow_attempt ADD COLUMN xid INTEGER NOT NULL DEFAULT 0"),
}
_COLLATED: Final = {"postgresql": ' COLLATE "C"', "sqlite": ""}
_SET_PARENT: Final = {
    "postgresql": text("UPDATE salesflow_head SET parent = CAST(body AS json) ->> 'parent'"),
    "sqlite": text("UPDATE salesflow_head SET parent = json_extract(body, '$.parent')"),
}
_PART: Final = {
    "postgresql": "CAST({}.body AS json) -> 'body' ->> '{}'",
    "sqlite": "json_extract({}.body, '$.body.{}')",
}
# Facts of before this version say by their outcome alone whether they close a project, and a reopening closes none.
_BEFORE: Final = """coalesce((
    SELECT max(g.version) FROM salesflow_fact AS g
     WHERE g.tenant = h.tenant AND g.project = h.project AND {g} <> h.outcome), 0)"""
_SET_CLOSED: Final = """
    UPDATE salesflow_head AS h SET closed = (
      SELECT f.at FROM salesflow_fact AS f
       WHERE f.tenant = h.tenant AND f.project = h.project AND {f} = h.outcome AND f.version > {before}
       ORDER BY f.version LIMIT 1)
     WHERE outcome <> 'undecided' AND NOT EXISTS (
      SELECT 1 FROM salesflow_fact AS r
       WHERE r.tenant = h.tenant AND r.project = h.project AND r.version > {before} AND {kind} = 'reopen')"""


def _set_closed(dialect: str) -> TextClause:
    part = _PART[dialect].format
    before = _BEFORE.format(g=part("g", "outcome"))
    statement = _SET_CLOSED.format(f=part("f", "outcome"), kind=part("r", "kind"), before=before)
    return text(statement)


_WHOLE: Final = {"postgresql": "BIGINT", "sqlite": "INTEGER"}
# What the tables of an earlier version lack, by version and database.
UPGRADES: Final = {
    ("1", dialect): (
        added,
        text("CREATE INDEX salesflow_attempt_order ON salesflow_attempt (tenant, xid, id)"),
        text("ALTER TABLE salesflow_head ADD COLUMN parent TEXT" + _COLLATED[dialect]),
        _SET_PARENT[dialect],
        text("CREATE INDEX salesflow_head_parent ON salesflow_head (tenant, parent, project)"),
    )
    for dialect, added in _ADD_XID.items()
} | {
    ("2", dialect): (
        text("ALTER TABLE salesflow_head ADD COLUMN opened " + whole + " NOT NULL DEFAULT 0"),
        text("ALTER TABLE salesflow_head ADD COLUMN closed " + whole),
        text("""
            UPDATE salesflow_head AS h SET opened = coalesce((
              SELECT at FROM salesflow_fact AS f
               WHERE f.tenant = h.tenant AND f.project = h.project AND f.version = 1), 0)"""),
        _set_closed(dialect),
        text("CREATE INDEX salesflow_head_opened ON salesflow_head (tenant, opened, project)"),
        text("CREATE INDEX salesflow_head_closed ON salesflow_head (tenant, closed, project)"),
    )
    for dialect, whole in _WHOLE.items()
}
ATTEMPTS: Final = text("SELECT body FROM salesflow_attempt WHERE tenant = :tenant AND project = :project ORDER BY id")

WORK_PUT: Final = text("""
    INSERT INTO salesflow_work (tenant, id, kind, project, visit, due, status, token, attempts, body)
    VALUES (:tenant, :id, :kind, :project, :visit, :due, 'ready', :token, 0, :body)
    ON CONFLICT (tenant, id) DO UPDATE
       SET due = excluded.due, status = 'ready', owner = NULL, until = NULL,
           token = CASE WHEN excluded.token > salesflow_work.token THEN excluded.token
                        ELSE salesflow_work.token + 1 END,
           attempts = 0, error = NULL, body = excluded.body""")
WORK_DROP: Final = text("""
    DELETE FROM salesflow_work
     WHERE tenant = :tenant AND kind = 'deadline' AND project = :project AND visit = :visit""")

WORK_HELD: Final = text("""
    SELECT 1 FROM salesflow_work
     WHERE tenant = :tenant AND id = :id AND owner = :owner AND token = :token AND status = 'leased'""")
WORK_DONE: Final = text("""
    DELETE FROM salesflow_work
     WHERE tenant = :tenant AND id = :id AND owner = :owner AND token = :token AND status = 'leased'""")
WORK_EXTEND: Final = text("""
    UPDATE salesflow_work SET until = :until
     WHERE tenant = :tenant AND id = :id AND owner = :owner AND token = :token AND status = 'leased'""")
WORK_RETRY: Final = text("""
    UPDATE salesflow_work SET status = 'ready', due = :due, owner = NULL, until = NULL
     WHERE tenant = :tenant AND id = :id AND owner = :owner AND token = :token AND status = 'leased'""")
WORK_BURY: Final = text("""
    UPDATE salesflow_work SET status = 'dead', error = :error, owner = NULL, until = NULL
     WHERE tenant = :tenant AND id = :id AND owner = :owner AND token = :token AND status = 'leased'""")
WORK_REQUEUE: Final = text("""
    UPDATE salesflow_work SET status = 'ready', due = :due, attempts = 0, error = NULL
     WHERE tenant = :tenant AND id = :id AND status = 'dead'""")
WORK_DEAD: Final = text("""
    SELECT * FROM salesflow_work
     WHERE tenant = :tenant AND kind = :kind AND status = 'dead' ORDER BY id LIMIT :limit""")
WORK_UPCOMING: Final = text("""
    SELECT * FROM (
      SELECT * FROM (
        SELECT * FROM salesflow_work WHERE tenant = :tenant AND kind = :kind AND status = 'ready'
           AND due <= :until AND due >= :due AND (due > :due OR id > :id) ORDER BY due, id LIMIT :limit) AS ready
      UNION ALL
      SELECT * FROM salesflow_work WHERE tenant = :tenant AND kind = :kind AND status = 'leased'
         AND due <= :until AND due >= :due AND (due > :due OR id > :id)) AS open
     ORDER BY due, id LIMIT :limit""")
WORK_NEXT: Final = text("""
    SELECT (SELECT min(due) FROM salesflow_work WHERE tenant = :tenant AND kind = :kind AND status = 'ready') AS ready,
           (SELECT min(until) FROM salesflow_work WHERE tenant = :tenant AND kind = :kind AND status = 'leased')
             AS leased""")

_LEASE: Final = """
     SET status = 'leased', owner = :owner, until = :until, token = token + 1, attempts = attempts + 1
   WHERE tenant = :tenant AND id IN (SELECT id FROM taken) RETURNING *"""
DEFINITION_ADD: Final = text("""
    INSERT INTO salesflow_definition (tenant, id, version, digest, body)
    VALUES (:tenant, :id, :version, :digest, :body) ON CONFLICT DO NOTHING""")
DEFINITION: Final = text("""
    SELECT id, version, digest, body FROM salesflow_definition
     WHERE tenant = :tenant AND id = :id AND version = :version""")
DEFINITIONS: Final = text("""
    SELECT id, version, digest, body FROM salesflow_definition WHERE tenant = :tenant ORDER BY id, version""")

_READY: Final = """
    SELECT id, due FROM salesflow_work WHERE tenant = :tenant AND kind = :kind AND status = 'ready' AND due <= :at
     ORDER BY due, id LIMIT :limit"""
_LAPSED: Final = """
    SELECT id, due FROM salesflow_work WHERE tenant = :tenant AND kind = :kind AND status = 'leased' AND until <= :at
     ORDER BY due, id LIMIT :limit"""
_TAKEN: Final = """
    SELECT id FROM (SELECT * FROM ready UNION ALL SELECT * FROM lapsed) AS open ORDER BY due, id LIMIT :limit"""
_SKIP: Final = " FOR UPDATE SKIP LOCKED"

# One after the other, each along its own index; materialized, so that rows are locked once and no more than the limit.
CLAIM: Final = {
    "postgresql": text(
        "WITH ready AS MATERIALIZED (" + _READY + _SKIP + "), lapsed AS MATERIALIZED (" + _LAPSED + _SKIP + "),"
        " taken AS MATERIALIZED (" + _TAKEN + ") UPDATE salesflow_work" + _LEASE
    ),
    "sqlite": text(
        "WITH ready AS (" + _READY + "), lapsed AS (" + _LAPSED + "), taken AS (" + _TAKEN + ")"
        " UPDATE salesflow_work" + _LEASE
    ),
}

CHECK_COUNT: Final = text("SELECT count(*) FROM salesflow_fact WHERE tenant = :tenant")
CHECK_GAPS: Final = text("""
    SELECT project FROM salesflow_fact WHERE tenant = :tenant
     GROUP BY project HAVING min(version) <> 1 OR max(version) <> count(*) ORDER BY project""")
CHECK_HEADS: Final = text("""
    SELECT h.project FROM salesflow_head AS h WHERE h.tenant = :tenant AND h.version <>
      (SELECT coalesce(max(f.version), 0) FROM salesflow_fact AS f WHERE f.tenant = h.tenant AND f.project = h.project)
    UNION SELECT f.project FROM salesflow_fact AS f LEFT JOIN salesflow_head AS h
        ON h.tenant = f.tenant AND h.project = f.project WHERE f.tenant = :tenant AND h.project IS NULL
     ORDER BY 1""")
CHECK_KEYS: Final = text("""
    SELECT k.project FROM salesflow_key AS k LEFT JOIN salesflow_fact AS f ON f.tenant = k.tenant AND f.pos = k.pos
     WHERE k.tenant = :tenant AND f.pos IS NULL ORDER BY 1""")
CHECK_COUNTER: Final = text("""
    SELECT c.pos FROM salesflow_counter AS c WHERE c.tenant = :tenant AND c.ordering = 'total'
       AND c.pos < (SELECT max(pos) FROM salesflow_fact WHERE tenant = :tenant)""")
CHECK_FACTS: Final = text("""
    SELECT project, version, body FROM salesflow_fact
     WHERE tenant = :tenant AND (project, version) > (:project, :version) ORDER BY project, version LIMIT :limit""")


_CONDITIONS: Final = {
    "stage": " AND stage = :stage",
    "owner": " AND owner = :owner",
    "outcome": " AND outcome = :outcome",
    "parent": " AND parent = :parent",
    "closed": " AND closed >= :closed_from AND closed < :closed_to",
}
COLUMNS: Final = {
    "id": "project", "opened_at": "opened", "closed_at": "closed", "stage": "stage", "owner": "owner",
}  # fmt: skip
"""What can be ordered along an index."""


def may_lack(key: str) -> bool:
    """
    Return whether projects may have no such value.
    """
    return COLUMNS[key] in ("closed", "owner")


@cache
def page_of(
    conditions: tuple[str, ...], key: str = "id", descending: bool = False, begun: bool = False, lacking: bool = False
) -> TextClause:
    """
    Return the statement that reads a page of heads along an index.

    Args:
        conditions: names of those that hold, in the order stage, owner, outcome, parent, closed.
        begun: whether it goes on behind a position.
        lacking: whether it reads those without a value, which come last.
    """
    column = COLUMNS[key]
    alone = lacking or column == "project"
    sign, direction = ("<", "DESC") if descending else (">", "ASC")
    parts = [f"SELECT project, body, {column} FROM salesflow_head WHERE tenant = :tenant"]  # noqa: S608 -- from here
    parts += map(_CONDITIONS.__getitem__, conditions)
    if may_lack(key):
        parts.append(f" AND {column} IS {'NULL' if lacking else 'NOT NULL'}")
    if begun:
        parts.append(f" AND project {sign} :after" if alone else f" AND ({column}, project) {sign} (:value, :after)")
    parts.append(f" ORDER BY {'' if alone else f'{column} {direction}, '}project {direction} LIMIT :limit")
    return text("".join(parts))


@cache
def how_many(conditions: tuple[str, ...]) -> TextClause:
    """
    Return the statement that counts heads; for *conditions* see :func:`page_of`.
    """
    parts = map(_CONDITIONS.__getitem__, conditions)
    return text("SELECT count(*) FROM salesflow_head WHERE tenant = :tenant" + "".join(parts))  # noqa: S608 -- from here
