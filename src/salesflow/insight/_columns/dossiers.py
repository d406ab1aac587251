"""
The entries of many dossiers: as they are now, and each as it was over time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from ...errors import InputError, say
from .columns import Columns


E = TypeVar("E")


class Kept(NamedTuple):
    """
    One version of an entry.

    Attributes:
        row: of the project.
        at: when it was put, in microseconds.
        by: the number of who did it.
        entry: as it was put; ``None`` where it was taken out.
        known: since when that and all before it of the project is recorded.
    """

    row: int
    at: int
    by: int
    entry: object
    known: int


def versions_of(columns: Columns, kind: str) -> Mapping[tuple[int, str], Sequence[Kept]]:
    """
    Return every entry of one kind, of the projects that count, with its versions in the order in which they were put.

    The keys are the row of the project and the id of the entry.
    """
    return columns.derive(("versions", kind), lambda: _versions(columns, kind))


def _versions(columns: Columns, kind: str) -> Mapping[tuple[int, str], Sequence[Kept]]:
    table, counts = columns.tables.entries.get(kind), columns.includes()
    found: dict[tuple[int, str], list[Kept]] = {}
    if table is None:
        return found
    for row, name, *each in zip(table.project, table.id, table.at, table.by, table.entry, table.known, strict=True):
        if counts[row]:
            found.setdefault((row, name), []).append(Kept(row, *each))
    return found


def _kind_of(given: type[object]) -> str:
    """
    Return the kind of a class of entries.

    Raises:
        InputError: for another class.
    """
    kind = getattr(given, "kind", None)
    if not isinstance(kind, str):
        raise InputError("kind", given, say("input.entry_class"))
    return kind


def entries_of(columns: Columns, kind: type[E]) -> Sequence[tuple[int, E]]:
    """
    Return the entries of one class as they are now, each with the row of its project; those taken out are not there.
    """
    name = _kind_of(kind)
    return columns.derive(("entries", kind), lambda: _last(columns, name, kind))


def _last(columns: Columns, name: str, kind: type[E]) -> Sequence[tuple[int, E]]:
    table, counts = columns.tables.entries.get(name), columns.includes()
    if table is None:
        return []
    last = dict(zip(zip(table.project, table.id, strict=True), table.entry, strict=True))  # in the order of the first
    return [(row, entry) for (row, _), entry in last.items() if counts[row] and isinstance(entry, kind)]


def entries_at(columns: Columns, kind: type[E], at: int) -> Sequence[tuple[int, E]]:
    """
    Return the entries of one class as they were at a time, in microseconds.
    """
    name = _kind_of(kind)
    found: list[tuple[int, E]] = []
    for versions in versions_of(columns, name).values():
        then = [each for each in versions if each.at <= at]
        if then and isinstance(entry := then[-1].entry, kind):
            found.append((then[-1].row, entry))
    return found
