"""
Whether the rows of a tenant fit together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, TextClause

from salesflow import Fact, Project
from salesflow.errors import SalesflowError
from salesflow.stores import adapting
from salesflow.typing import StoreCheck

from . import _sql
from ._rows import Types, read_fact, read_project


_PAGE: Final = 500

_RULES: Final[tuple[tuple[TextClause, str], ...]] = (
    (_sql.CHECK_GAPS, "project {!r}: its versions have a gap."),
    (_sql.CHECK_HEADS, "project {!r}: its head is not at the version of its last fact."),
    (_sql.CHECK_KEYS, "project {!r}: a key belongs to a fact that is gone."),
    (_sql.CHECK_COUNTER, "the counter stands at {}, behind the last fact."),
)


def check_rows(connection: Connection, tenant: str, types: Types, *, deep: bool) -> StoreCheck:
    """
    Look at the rows of a tenant; *deep* reads every fact and folds it.
    """
    asked = {"tenant": tenant}
    problems = [
        sentence.format(place) for rule, sentence in _RULES for place in connection.execute(rule, asked).scalars()
    ]
    if not deep:
        return StoreCheck(connection.execute(_sql.CHECK_COUNT, asked).scalar_one(), tuple(problems))
    # Both lists grow while they are read; what cannot be read is a problem and left out of the fold.
    facts = list(_facts(connection, tenant, types, problems))
    heads = dict(_heads(connection, tenant, types, problems))
    comparable = {
        project: head
        for project, head in heads.items()
        if head is not None and not any(problem.startswith(f"project {project!r}") for problem in problems)
    }
    folded = adapting.check_facts((fact for fact in facts if fact.project_id in comparable), comparable, problems)
    return StoreCheck(len(facts), folded.problems)


def _facts(connection: Connection, tenant: str, types: Types, problems: list[str]) -> Iterator[Fact]:
    asked: dict[str, Any] = {"tenant": tenant, "project": "", "version": 0, "limit": _PAGE}
    while rows := connection.execute(_sql.CHECK_FACTS, asked).all():
        for row in rows:
            place = f"project {row.project!r}, version {row.version}"
            try:
                fact = read_fact(row.body, types, place)
            except SalesflowError as error:
                problems.append(f"{place}: {error}")
                continue
            if (fact.project_id, fact.version) != (row.project, row.version):
                problems.append(f"{place}: the row holds version {fact.version} of project {fact.project_id!r}.")
                continue
            yield fact
        asked.update(project=rows[-1].project, version=rows[-1].version)


def _heads(
    connection: Connection, tenant: str, types: Types, problems: list[str]
) -> Iterator[tuple[str, Project | None]]:
    asked: dict[str, Any] = {"tenant": tenant, "after": "", "limit": _PAGE}
    while rows := connection.execute(_sql.page_of((), begun=True), asked).all():
        for row in rows:
            place = f"project {row.project!r}, its head"
            try:
                yield row.project, read_project(row.body, types, lambda: None, place)
            except SalesflowError as error:
                problems.append(f"{place}: {error}")
        asked.update(after=rows[-1].project)
