"""
Records: entries as figures count them, each with its versions, its time, and what it can be grouped by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar, cast

from ..._model.frozen import EMPTY
from ..._model.zones import local_date
from .._cases import Cases
from .._columns.columns import Columns
from .._columns.dossiers import Kept, versions_of
from .._columns.tables import moment


E = TypeVar("E")


class Life(NamedTuple, Generic[E]):
    """
    An entry as it is now, with all its versions.

    Attributes:
        row: of the project.
        name: its id.
        versions: in the order in which they were put; ``None`` in place of an entry where it was taken out.
        entry: the last of them.
    """

    row: int
    name: str
    versions: Sequence[Kept]
    entry: E

    def first(self, read: Callable[[E], Any]) -> Any:
        """
        Return the first value that any version gives, besides ``None``.
        """
        values = (read(cast("E", each.entry)) for each in self.versions if each.entry is not None)
        return next((value for value in values if value is not None), None)

    def since(self, holds: Callable[[E], bool]) -> int:
        """
        Return when the last unbroken run of versions began for which something holds, as it does for the last.
        """
        at = self.versions[-1].at
        for each in reversed(self.versions):
            if each.entry is None or not holds(cast("E", each.entry)):
                break
            at = each.at
        return at


def lives(columns: Columns, kind: type[E]) -> Iterator[Life[E]]:
    """
    Yield the entries of one class, of the projects that count; those taken out are not there.
    """
    name = cast("str", getattr(kind, "kind"))  # noqa: B009 -- every entry class has one
    for (row, key), versions in versions_of(columns, name).items():
        entry = versions[-1].entry
        if isinstance(entry, kind):
            yield Life(row, key, versions, entry)


def day_of(columns: Columns, at: int) -> date:
    """
    Return the day of a time in microseconds, in the zone of the figures.
    """
    return local_date(moment(at), columns.zone)


class Record(NamedTuple):
    """
    One entry, as a case of a figure.

    Attributes:
        row: of the project.
        name: the id of the entry.
        at: when it counts, in microseconds.
        value, total: what it adds above and below the line.
        groups: what it can be grouped by.
    """

    row: int
    name: str
    at: int
    value: Any
    total: Any = 1
    groups: Mapping[str, Any] = EMPTY


def record_cases(
    columns: Columns, records: Sequence[Record], *, skipped: int = 0, open_: int = 0, currency: str | None = None
) -> Cases:
    """
    Return records as cases. Each is shown as ``project/id``.
    """
    names = columns.tables.projects.id
    return Cases(
        [each.row for each in records],
        [each.value for each in records],
        [each.total for each in records],
        [each.at for each in records],
        [f"{names[each.row]}/{each.name}" for each in records],
        {name: [each.groups[name] for each in records] for name in (records[0].groups if records else ())},
        skipped=skipped,
        open=open_,
        currency=currency,
    )
