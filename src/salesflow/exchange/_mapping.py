"""
What a mapping says: how the columns of a CRM's export become projects, fields and moves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeAlias

from .._model.frozen import EMPTY, noun
from .._model.values import within_reach
from .._model.zones import doubt_of, in_zone as to_utc, zone_named


MappingKind: TypeAlias = Literal["snapshot", "history"]

ISO: Final = "iso8601"
"""The format of times in ISO 8601, such as ``2026-03-31T08:00:00Z``."""

ROW_ORDER: Final = "row"
"""The tie-break that keeps the order of the file."""


@noun
class PathStep:
    """
    One step that a deal of a snapshot has behind it.

    Attributes:
        stage: the stage that was entered.
        column: where the time of entering it stands.
        when_missing: the time if the cell is empty.
    """

    stage: str
    column: str | None = None
    when_missing: str | None = None


@noun
class FieldColumn:
    """
    Where the value of a field comes from.

    Attributes:
        field: a field of the lifecycle.
        column: a column of the file.
        when_missing: the value if the cell is empty; without it the field is left as it is.
        currency: of a field of money, ISO 4217; with *currency_column*, for rows where that cell is empty.
        currency_column: where the currency of each row stands.
        values: what stands for a cell: the CRM's word, and the value as this field takes it.
        min: the smallest value that is taken.
        formats: how dates of this field are written.
        on: the stages whose entering brings the value; none for the opening.
    """

    field: str
    column: str
    when_missing: str | None = None
    currency: str | None = None
    currency_column: str | None = None
    values: Mapping[str, str] = EMPTY
    min: Decimal | None = None
    formats: tuple[str, ...] = ()
    on: tuple[str, ...] = ()


@noun
class ColumnMapping:
    """
    How the rows of a file become projects. Read one with :func:`load_mapping`.

    Attributes:
        kind: ``snapshot`` has one row a deal, ``history`` one row a change.
        lifecycle: id of the lifecycle it is written for, or ``None`` for any.
        stages: stage id by the CRM's word.
        formats: how times are written, for ``datetime.strptime`` or ``iso8601``, tried in order.
        slug: whether ids with other characters are made into ids of the library.
        decimal: the mark before the decimals of a number.
        thousands: what may stand between groups of digits; empty for nothing.
        ignore: columns of currencies that are left out on purpose.
        timezone: IANA name of the zone they are written in; how times are read that its clocks show twice or not at
            all is said at :attr:`ImportReport.notes`.
        time_column: when the row's stage began; of a history.
        tie_break: ``row``, or the column that orders rows of one deal with equal times.
        paths: the steps behind a deal by the stage it is in; of a snapshot.
    """

    kind: MappingKind
    id_column: str
    stage_column: str
    stages: Mapping[str, str]
    formats: tuple[str, ...]
    lifecycle: str | None = None
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    slug: bool = False
    decimal: str = "."
    thousands: str = ""
    ignore: tuple[str, ...] = ()
    name_columns: tuple[str, ...] = ()
    name_join: str = " "
    actor_column: str | None = None
    actor_when_missing: str | None = None
    timezone: str = "UTC"
    time_column: str | None = None
    tie_break: str = ROW_ORDER
    paths: Mapping[str, tuple[PathStep, ...]] = EMPTY
    fields: tuple[FieldColumn, ...] = ()

    @property
    def zone(self) -> tzinfo:
        """
        The time zone that the file is written in.
        """
        return zone_named(self.timezone) or UTC

    @property
    def columns(self) -> tuple[str, ...]:
        """
        Every column that the mapping names, each once.
        """
        tie = None if self.tie_break == ROW_ORDER else self.tie_break
        steps = (step.column for path in self.paths.values() for step in path)
        fields = (name for field in self.fields for name in (field.column, field.currency_column))
        single = (self.id_column, *self.name_columns, self.actor_column, self.stage_column, self.time_column, tie)
        return tuple(dict.fromkeys(name for name in (*single, *steps, *fields) if name is not None))


def read_time(text: str, formats: tuple[str, ...]) -> datetime | None:
    """
    Return the time that *text* says in one of the formats, or ``None``.
    """
    for form in formats:
        try:
            if form == ISO:
                return datetime.fromisoformat(text)
            return datetime.strptime(text, form)  # noqa: DTZ007 -- the mapping's zone is put in by the caller
        except (ValueError, re.error):  # a directive twice is an error of the pattern that it becomes
            continue
    return None


class ReadTime(NamedTuple):
    """
    A time of a file, in UTC.

    Attributes:
        at: the time; where it exists twice, the first.
        doubt: whether clocks of the zone showed it ``twice`` or not at all (``missing``).
        second: where it exists twice, the second.
    """

    at: datetime
    doubt: Literal["twice", "missing"] | None = None
    second: datetime | None = None


def in_zone(when: datetime, zone: tzinfo) -> ReadTime | None:
    """
    Return a time in UTC, ``None`` if it is out of reach; one that names no zone is of *zone*.
    """
    if not within_reach(when):
        return None
    if when.tzinfo is not None:
        return ReadTime(when.astimezone(UTC))
    doubt = doubt_of(when, zone)
    return ReadTime(to_utc(when, zone), doubt, to_utc(when, zone, fold=1) if doubt == "twice" else None)
