"""
The commit of one fact on PostgreSQL: one statement, so one round trip, and all or nothing by construction.

Every part hangs on ``h``, the head that was moved; if it was not at the expected version, or a
claim does not hold any more, ``h`` is empty and nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import TextClause, text

from ._rows import Draft


class Shape(NamedTuple):
    """
    Which parts a commit has; there is one statement for each combination.
    """

    opens: bool
    moves: bool
    keyed: bool
    relaxed: bool
    done: bool
    dropped: bool
    work: bool
    attempts: bool


# The rows of claims that still hold are locked before the head is touched.
_HELD: Final = """held AS MATERIALIZED (
    SELECT w.id FROM salesflow_work AS w
      JOIN unnest(CAST(:done_ids AS text[]), CAST(:done_owners AS text[]), CAST(:done_tokens AS bigint[]))
           AS d (id, owner, token) ON w.id = d.id AND w.owner = d.owner AND w.token = d.token
     WHERE w.tenant = :tenant AND w.status = 'leased' ORDER BY w.id FOR UPDATE OF w)"""
_ALL_HELD: Final = "(SELECT count(*) FROM held) = :done_count"

_OPEN: Final = """h AS (
    INSERT INTO salesflow_head (tenant, project, version, stage, outcome, owner, body, parent, opened, closed)
    SELECT :tenant, :project, :version, :stage, :outcome, CAST(:owner AS text), :head, CAST(:parent AS text),
           CAST(:opened AS bigint), CAST(:closed AS bigint)
     WHERE {held}
    ON CONFLICT DO NOTHING RETURNING version)"""
_MOVE: Final = """h AS (
    UPDATE salesflow_head
       SET version = :version, stage = :stage, outcome = :outcome, owner = :owner, body = :head, closed = :closed,
           parent = :parent
     WHERE tenant = :tenant AND project = :project AND version = :expected AND {held} RETURNING version)"""
_NEITHER: Final = "h AS (SELECT 1 AS version WHERE {held})"

_COUNTED: Final = """c AS (
    INSERT INTO salesflow_counter (tenant, pos, ordering) SELECT :tenant, 1, 'total' FROM h
    ON CONFLICT (tenant) DO UPDATE SET pos = salesflow_counter.pos + 1 RETURNING pos, 0 AS xid)"""
_DRAWN: Final = """t AS (
    INSERT INTO salesflow_counter (tenant, pos, ordering) SELECT :tenant, 0, 'relaxed' FROM h ON CONFLICT DO NOTHING),
c AS (SELECT nextval('salesflow_position') AS pos, CAST(CAST(pg_current_xact_id() AS text) AS bigint) AS xid FROM h)"""
_FACT: Final = """f AS (
    INSERT INTO salesflow_fact (tenant, pos, xid, project, version, at, body)
    SELECT :tenant, c.pos, c.xid, :project, :version, CAST(:at AS bigint), :fact FROM c)"""
_KEY: Final = """k AS (
    INSERT INTO salesflow_key (tenant, project, key, fingerprint, pos, at)
    SELECT :tenant, :key_project, :key, :fingerprint, c.pos, CAST(:at AS bigint) FROM c)"""

_FINISH: Final = """g AS (
    DELETE FROM salesflow_work AS w USING h, held WHERE w.tenant = :tenant AND w.id = held.id)"""
_DROP: Final = """p AS (
    DELETE FROM salesflow_work AS w
     USING h, unnest(CAST(:drop_projects AS text[]), CAST(:drop_visits AS bigint[])) AS x (project, visit)
     WHERE w.tenant = :tenant AND w.kind = 'deadline' AND w.project = x.project AND w.visit = x.visit)"""
_WORK: Final = """w AS (
    INSERT INTO salesflow_work (tenant, id, kind, project, visit, due, status, token, attempts, body)
    SELECT :tenant, x.id, x.kind, x.project, x.visit, x.due, 'ready', x.token, 0, x.body
      FROM h, unnest(CAST(:work_ids AS text[]), CAST(:work_kinds AS text[]), CAST(:work_projects AS text[]),
                     CAST(:work_visits AS bigint[]), CAST(:work_dues AS bigint[]), CAST(:work_tokens AS bigint[]),
                     CAST(:work_bodies AS text[]))
           AS x (id, kind, project, visit, due, token, body)
    ON CONFLICT (tenant, id) DO UPDATE
       SET due = excluded.due, status = 'ready', owner = NULL, until = NULL,
           token = greatest(excluded.token, salesflow_work.token + 1),
           attempts = 0, error = NULL, body = excluded.body)"""
_ATTEMPTS: Final = """a AS (
    INSERT INTO salesflow_attempt (tenant, xid, project, body)
    SELECT :tenant, CAST(CAST(pg_current_xact_id() AS text) AS bigint), x.project, x.body
      FROM h, unnest(CAST(:attempt_projects AS text[]), CAST(:attempt_bodies AS text[])) WITH ORDINALITY
           AS x (project, body, n) ORDER BY x.n)"""


@cache
def _statement(shape: Shape) -> TextClause:
    head = _OPEN if shape.opens else _MOVE if shape.moves else _NEITHER
    parts = [head.replace("{held}", _ALL_HELD if shape.done else "true")]
    if shape.opens or shape.moves:
        parts += [_DRAWN if shape.relaxed else _COUNTED, _FACT]
    chosen = (
        (shape.keyed, _KEY),
        (shape.done, _FINISH),
        (shape.dropped, _DROP),
        (shape.work, _WORK),
        (shape.attempts, _ATTEMPTS),
    )
    parts += [part for wanted, part in chosen if wanted]
    if shape.done:
        parts.insert(0, _HELD)
    return text("WITH " + ",\n".join(parts) + "\nSELECT version FROM h")


def fits_one(draft: Draft) -> bool:
    """
    Return whether one statement can write a draft: at most one fact, and no row touched twice.
    """
    if len(draft.facts) > 1 or (draft.key is not None and not draft.facts):
        return False
    opened = {work["id"] for work in draft.work}
    stays = {(work["project"], work["visit"]) for work in draft.work}
    return opened.isdisjoint(claim["id"] for claim in draft.done) and stays.isdisjoint(
        (stay["project"], stay["visit"]) for stay in draft.dropped
    )


def one_statement(draft: Draft) -> tuple[TextClause, Mapping[str, Any]]:
    """
    Return the statement that writes a draft which fits one, and its values.

    It returns a row if it has written. If not, a project is not where it should be, or a claim does
    not hold any more.
    """
    fact = draft.facts[0] if draft.facts else None
    shape = Shape(
        opens=fact is not None and fact["expected"] == 0,
        moves=fact is not None and fact["expected"] > 0,
        keyed=draft.key is not None,
        relaxed=draft.relaxed,
        done=bool(draft.done),
        dropped=bool(draft.dropped),
        work=bool(draft.work),
        attempts=bool(draft.attempts),
    )
    return _statement(shape), _parameters(draft)


def _parameters(draft: Draft) -> dict[str, Any]:
    values: dict[str, Any] = {"tenant": draft.tenant}
    if draft.facts:
        values.update(draft.facts[0])
    if draft.key is not None:
        key = draft.key
        values.update(key_project=key["project"], key=key["key"], fingerprint=key["fingerprint"])
    if draft.done:
        values.update(done_count=len(draft.done), **_lists(draft.done, done_ids="id", done_owners="owner"))
        values.update(_lists(draft.done, done_tokens="token"))
    values.update(_lists(draft.dropped, drop_projects="project", drop_visits="visit"))
    values.update(_lists(draft.work, work_ids="id", work_kinds="kind", work_projects="project"))
    values.update(_lists(draft.work, work_visits="visit", work_dues="due", work_tokens="token"))
    values.update(_lists(draft.work, work_bodies="body"))
    values.update(_lists(draft.attempts, attempt_projects="project", attempt_bodies="body"))
    return values


def _lists(rows: tuple[Mapping[str, Any], ...], **columns: str) -> dict[str, list[Any]]:
    return {name: [row[column] for row in rows] for name, column in columns.items()} if rows else {}
