"""
Whether the tables of a tenant fit together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import groupby
from sqlite3 import Cursor
from typing import Any, Final

from ..._codec.project import HEAD_SCHEMA, decode_project
from ..._model.commit import StoreCheck
from ..._model.fold import replay
from ..._model.project import Project
from ...errors import SalesflowError
from ..adapting import read_fact, read_text


COUNTED: Final = """
    SELECT count(*), coalesce(min(position), 1), coalesce(max(position), 0) FROM sf_facts WHERE tenant = ?
"""
POSITION: Final = "SELECT coalesce(max(position), 0) FROM sf_counters WHERE tenant = ?"
BEHIND: Final = """
    SELECT f.project, coalesce(h.version, 0), f.facts, f.last
    FROM (
        SELECT project, count(*) AS facts, min(version) AS first, max(version) AS last
        FROM sf_facts WHERE tenant = :tenant GROUP BY project
    ) AS f
    LEFT JOIN sf_heads AS h ON h.tenant = :tenant AND h.project = f.project
    WHERE h.version IS NOT f.facts OR f.first <> 1 OR f.last <> f.facts
    ORDER BY f.project
"""
BARE: Final = """
    SELECT project FROM sf_heads AS h
    WHERE tenant = ? AND NOT EXISTS (SELECT 1 FROM sf_facts AS f WHERE f.tenant = h.tenant AND f.project = h.project)
    ORDER BY project
"""
LOST_KEYS: Final = """
    SELECT project, key FROM sf_keys AS k
    WHERE tenant = ? AND NOT EXISTS (SELECT 1 FROM sf_facts AS f WHERE f.tenant = k.tenant AND f.position = k.position)
    ORDER BY project, key
"""
HISTORIES: Final = """
    SELECT f.project, f.version, f.body, h.version, h.stage, h.owner, h.outcome, h.closed, h.folded, h.body
    FROM sf_facts AS f JOIN sf_heads AS h ON h.tenant = f.tenant AND h.project = f.project
    WHERE f.tenant = ? ORDER BY f.project, f.version
"""


def check_tables(
    cursor: Cursor,
    tenant: str,
    types: Mapping[str, type[Any]],
    name: str,
    columns: Callable[[Project], Any],
    *,
    deep: bool,
) -> StoreCheck:
    """
    Look at one state of the database; *deep* reads every page of the file and folds every fact.

    Args:
        name: how problems call the database.
        columns: what a head's row says of a project, beside its text.
    """
    cursor.execute("BEGIN")
    try:
        count, problems = _counts(cursor, tenant)
        if deep:
            problems += _pages(cursor)
            problems += _folds(cursor, tenant, types, name, columns)
    finally:
        cursor.execute("ROLLBACK")
    return StoreCheck(count, tuple(problems))


def _counts(cursor: Cursor, tenant: str) -> tuple[int, list[str]]:
    count, first, last = cursor.execute(COUNTED, (tenant,)).fetchone()
    counter = cursor.execute(POSITION, (tenant,)).fetchone()[0]
    problems: list[str] = []
    if not (first == 1 and last == count == counter):
        problems.append(f"{count} facts have the positions {first} to {last}, and {counter} were given out.")
    problems += [
        f"project {project!r}: its head is at version {version}, and it has {facts} facts up to version {last}."
        for project, version, facts, last in cursor.execute(BEHIND, {"tenant": tenant}).fetchall()
    ]
    problems += [f"project {row[0]!r}: it has a head and no facts." for row in cursor.execute(BARE, (tenant,))]
    problems += [
        f"key {key!r} of project {project!r}: its fact is missing."
        for project, key in cursor.execute(LOST_KEYS, (tenant,)).fetchall()
    ]
    return count, problems


def _pages(cursor: Cursor) -> Iterator[str]:
    try:
        found = [row[0] for row in cursor.execute("PRAGMA integrity_check").fetchall()]
    except sqlite3.DatabaseError as error:
        found = [type(error).__name__]
    return (f"database: {text}." for text in found if text != "ok")


def _folds(
    cursor: Cursor, tenant: str, types: Mapping[str, type[Any]], name: str, columns: Callable[[Project], Any]
) -> Iterator[str]:
    for project_id, rows in groupby(cursor.execute(HISTORIES, (tenant,)), lambda row: row[0]):
        history = list(rows)
        *said, folded, text = history[0][3:]
        try:
            facts = [read_fact(row[2], types, f"{name}, project {project_id!r}, version {row[1]}") for row in history]
            project, told = replay(facts), replay(facts[:folded])
            head = read_text(text, partial(_head, types=types, otherwise=told), f"{name}, head of {project_id!r}")
        except SalesflowError as error:
            yield f"project {project_id!r}: {error}"
            continue
        if (head, tuple(said)) != (told, columns(project)):
            yield f"project {project_id!r}: its head is not what its facts add up to."


def _head(data: Any, types: Mapping[str, type[Any]], otherwise: Project) -> Project:
    # A head of another schema is not read but folded again.
    return decode_project(data, types) if data["v"] == HEAD_SCHEMA else otherwise
