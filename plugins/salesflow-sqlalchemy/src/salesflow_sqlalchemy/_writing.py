"""
A commit in several statements, and the question why one was not written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from salesflow import Fact
from salesflow.errors import KeyReusedError, LeaseLostError, StoreCorruptError, VersionConflictError, in_two_languages
from salesflow.typing import Committed

from . import _sql
from ._rows import Draft, Row, Types, read_fact


class MissedError(Exception):
    """
    A project is not where a commit expects it, or a claim does not hold; :func:`why_not` says which.
    """


def write_all(connection: Connection, draft: Draft, types: Types) -> Committed:
    """
    Write a draft statement by statement.

    Heads are locked in the order of their ids and the counter last, so that writers cannot wait in
    a circle and hold up others for as short as possible.

    Raises:
        MissedError: nothing may be committed of it.
        KeyReusedError: the key belongs to another request.
    """
    replayed = _replayed(connection, draft, types)
    if replayed is not None:
        return replayed
    of_tenant = {"tenant": draft.tenant}
    for row in sorted(draft.facts, key=lambda row: row["project"]):
        statement = _sql.HEAD_ADD if row["expected"] == 0 else _sql.HEAD_MOVE
        if not connection.execute(statement, {**of_tenant, **row}).rowcount:
            raise MissedError
    for claim in draft.done:
        if not connection.execute(_sql.WORK_DONE, {**of_tenant, **claim}).rowcount:
            raise MissedError
    for statement, rows in (
        (_sql.WORK_DROP, draft.dropped),
        (_sql.WORK_PUT, draft.work),
        (_sql.ATTEMPT_ADD[connection.dialect.name], draft.attempts),
    ):
        if rows:
            connection.execute(statement, [{**of_tenant, **row} for row in rows])
    if draft.facts:
        _write_facts(connection, draft, of_tenant)
    return Committed(draft.first)


def _write_facts(connection: Connection, draft: Draft, of_tenant: Mapping[str, Any]) -> None:
    count = {"count": len(draft.facts)}
    if draft.relaxed:
        connection.execute(_sql.TENANT_ADD, {**of_tenant, "ordering": "relaxed"})
        positions = list(connection.execute(_sql.NUMBERS, count).scalars())
        statement = _sql.FACT_ADD_RELAXED
    else:
        last = connection.execute(_sql.COUNT, {**of_tenant, **count}).scalar_one()
        positions = list(range(last - len(draft.facts) + 1, last + 1))
        statement = _sql.FACT_ADD
    rows = [{**of_tenant, **row, "pos": pos} for row, pos in zip(draft.facts, positions, strict=True)]
    connection.execute(statement, rows)
    if draft.key is not None:
        connection.execute(_sql.KEY_ADD, {**of_tenant, **draft.key, "pos": positions[0], "at": rows[0]["at"]})


def stored(row: Sequence[Any] | None, key: Row, types: Types) -> Fact | None:
    """
    Return the fact that was stored under a key, or ``None``; *row* is what the table of keys has of it.

    Raises:
        KeyReusedError: the key belongs to another request.
    """
    if row is None:
        return None
    fingerprint, body = row
    if fingerprint not in (key["fingerprint"], key["former"]):
        raise KeyReusedError(key["project"], key["key"])
    place = f"the fact under a key of project {key['project']!r}"
    if body is None:
        raise StoreCorruptError(place, in_two_languages("it is gone", "已不存在"))
    return read_fact(body, types, place)


def _replayed(connection: Connection, draft: Draft, types: Types) -> Committed | None:
    if draft.key is None:
        return None
    row = connection.execute(_sql.KEY, {"tenant": draft.tenant, **draft.key}).first()
    found = stored(row, draft.key, types)
    if found is None:
        return None
    # Whoever repeats a commit may have lost its claims meanwhile, and has nothing to finish then.
    for claim in draft.done:
        connection.execute(_sql.WORK_DONE, {"tenant": draft.tenant, **claim})
    return Committed(found, replayed=True)


def why_not(connection: Connection, draft: Draft, types: Types) -> Committed | None:
    """
    Return the first result of a commit that was repeated, or raise what stands against it.

    ``None`` says that nothing stands against it any more.

    Raises:
        VersionConflictError: for the first project that is not where it should be.
        LeaseLostError: for the first claim that does not hold.
        KeyReusedError: the key belongs to another request.
    """
    replayed = _replayed(connection, draft, types)
    if replayed is not None:
        return replayed
    of_tenant = {"tenant": draft.tenant}
    for row in draft.facts:
        project = row["project"]
        actual = connection.execute(_sql.HEAD_VERSION, {**of_tenant, "project": project}).scalar() or 0
        if actual != row["expected"]:
            raise VersionConflictError(project, row["expected"], actual)
    for claim in draft.done:
        if connection.execute(_sql.WORK_HELD, {**of_tenant, **claim}).first() is None:
            raise LeaseLostError(claim["id"])
    return None
