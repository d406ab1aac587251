"""
The people behind entries: who looks after them, and the departments that members of teams come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..._model.values import person
from ...dossier import Member
from .columns import Columns
from .dossiers import entries_of


def owner_of(columns: Columns) -> Callable[[str | None, int, int], Any]:
    """
    Return the function that says who looks after an entry: whom it names, else the owner of the project at a time.
    """
    field = columns.field_of("owner")

    def owner(named: str | None, row: int, at: int) -> Any:
        found = named or (None if field is None else columns.value_at(field, row, at))
        return person(found) if isinstance(found, str) else found

    return owner


def customer_of(columns: Columns) -> Callable[[str, int], str | None]:
    """
    Return the function that says which customer an entry is about: whom it names, else that of the project.
    """
    field = columns.field_of("customer")
    values = None if field is None else columns.values(field)

    def customer(named: str, row: int) -> str | None:
        found = named or (None if values is None else values[row])
        return None if found is None else person(str(found))

    return customer


def departments_of(columns: Columns) -> Callable[[int, Iterable[str]], Mapping[str, None]]:
    """
    Return the function that says which departments some people of a project come from, in their order.

    People are given by their names, or as ``role:…``: then the members with that role are meant.
    """
    by_name: Mapping[tuple[int, str], list[str]] = columns.derive("departments", lambda: _departments(columns))

    def departments(row: int, people: Iterable[str]) -> Mapping[str, None]:
        return dict.fromkeys(each for name in people for each in by_name.get((row, person(name)), ()))

    return departments


def _departments(columns: Columns) -> Mapping[tuple[int, str], list[str]]:
    found: dict[tuple[int, str], list[str]] = {}
    for row, member in entries_of(columns, Member):
        if member.department.strip():
            for name in (member.id, *[f"role:{role}" for role in member.roles]):
                found.setdefault((row, person(name)), []).append(member.department.strip())
    return found
