"""
Goals, KPI targets and success criteria over time: each version of them, and whether it was approved and so is frozen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ...dossier import Approval
from ...guards._bound import entry_digest
from .columns import Columns
from .dossiers import versions_of


class Promise(NamedTuple):
    """
    One version of an entry that promises something.

    Attributes:
        row: of the project.
        entry: as it was last put under this version.
        approved: whether somebody's approval, or a day of approval, freezes it.
        latest: whether it is the version that holds now.
    """

    row: int
    entry: Any
    approved: bool
    latest: bool


def promises_of(columns: Columns, kind: str) -> Mapping[tuple[int, str], list[Promise]]:
    """
    Return the versions of each entry of a kind that is there now, in order, by the row of its project and its id.
    """
    return columns.derive(("promises", kind), lambda: dict(_promises(columns, kind)))


def _promises(columns: Columns, kind: str) -> Iterator[tuple[tuple[int, str], list[Promise]]]:
    bound = _bound(columns, kind)
    for key, kept in versions_of(columns, kind).items():
        if kept[-1].entry is None:
            continue
        entries: dict[int, Any] = {}
        for each in kept:
            entry: Any = each.entry
            if entry is not None:
                entries[entry.version] = entry
        last = max(entries)
        approved = bound.get(key, frozenset[str]())
        yield (
            key,
            [
                Promise(
                    key[0],
                    entry,
                    entry.approved_on is not None or bool(approved and entry_digest(entry) in approved),
                    version == last,
                )
                for version, entry in sorted(entries.items())
            ],
        )


def _bound(columns: Columns, kind: str) -> Mapping[tuple[int, str], set[str]]:
    """
    Return the digests that approvals hold, or once held, of entries of a kind.
    """
    found: dict[tuple[int, str], set[str]] = {}
    for versions in versions_of(columns, Approval.kind).values():
        for each in versions:
            if isinstance(each.entry, Approval) and each.entry.granted:
                for name, digest in each.entry.bound.get(kind, {}).items():
                    found.setdefault((each.row, name), set()).add(digest)
    return found
