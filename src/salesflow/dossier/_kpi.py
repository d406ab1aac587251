"""
What a KPI is, the targets that are set for it, and the figures that were computed at some time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Final, Literal, TypeAlias, get_args

import attrs

from .._model.argument_types import explain_types
from .._model.frozen import EMPTY
from .._model.values import Label, Money
from ..errors import InputError, nearest, say
from ._base import (
    a_date,
    between,
    entry_id,
    many,
    maybe_number,
    maybe_quantity,
    moment,
    not_before,
    one_of,
    strings,
    texts,
)
from ._entry import entry


KpiUnit: TypeAlias = Literal[
    "ratio", "money", "money_per_day", "days", "working_days", "hours", "count", "points", "score", "table"
]
"""The unit of a KPI. A ratio of 1 is 100 per cent; points and scores are marks; a table has rows of figures."""

KpiDirection: TypeAlias = Literal["higher", "lower", "neutral"]
"""Whether more or less of a KPI is better, or neither."""

_UNITS: Final[tuple[str, ...]] = get_args(KpiUnit)
_DIRECTIONS: Final[tuple[str, ...]] = get_args(KpiDirection)


@entry
class KpiVariant:
    """
    One way to compute a KPI, where public definitions differ.

    Attributes:
        label: what people call it.
        unit: what it is measured in.
        direction: whether more or less of it is better.
    """

    name: str
    label: Label
    unit: KpiUnit = attrs.field(validator=one_of(*_UNITS))
    direction: KpiDirection = attrs.field(validator=one_of(*_DIRECTIONS))


def _variants(value: Iterable[KpiVariant]) -> tuple[KpiVariant, ...]:
    return many(value, KpiVariant, "variants of a KPI")


@entry
class KpiDefinition:
    """
    A figure that is registered, so that everybody means the same by its name; how it is computed stands elsewhere.

    Attributes:
        name: unique, snake_case; plugins prefix theirs.
        code: its short code, such as ``K01``; two figures of one idea share it.
        unit: what it is measured in.
        direction: whether more or less of it is better.
        label: what people call it.
        meaning: the formula in words.
        source: where the formula comes from.
        variants: named ways to compute it; the first is meant where none is named.
        fields: the roles of fields that it reads, as ``[insight]`` of a definition names them.
        entries: the kinds of entries that it reads.
        by: what it is usually broken down by.
        additive: whether the parts of a whole sum up to it (those of a rate do not).
        version: of the meaning; a figure carries it.
    """

    name: str = attrs.field(converter=entry_id)
    code: str = ""
    unit: KpiUnit = attrs.field(default="ratio", validator=one_of(*_UNITS), kw_only=True)
    direction: KpiDirection = attrs.field(default="higher", validator=one_of(*_DIRECTIONS), kw_only=True)
    label: Label = attrs.field(default=Label(), kw_only=True)
    meaning: Label = attrs.field(default=Label(), kw_only=True)
    source: Label = attrs.field(default=Label(), kw_only=True)
    variants: tuple[KpiVariant, ...] = attrs.field(default=(), converter=_variants, kw_only=True)
    fields: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    entries: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    by: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    additive: bool = attrs.field(default=False, kw_only=True)
    version: int = attrs.field(default=1, kw_only=True)

    @explain_types
    def variant(self, name: str = "") -> KpiVariant:
        """
        Return a way to compute it: the named one, or the first; a KPI without variants is its own.

        Raises:
            InputError: for a name that it does not have.
        """
        known = {each.name: each for each in self.variants}
        if not name:
            return next(iter(self.variants), KpiVariant("", self.label, self.unit, self.direction))
        if name not in known:
            hint = say("input.choice", known=tuple(known), near=nearest(name, known))
            raise InputError(say("what.kpi_variant", name=self.name), name, hint)
        return known[name]


@entry
class KpiTarget:
    """
    A value that a KPI is to reach, and who answers for it; an approval that binds it freezes what it promises.

    Attributes:
        metric: the name of the KPI.
        target: the number to reach, in *unit*.
        unit: of the target, for example ``ratio`` or ``CNY``; by default that of the KPI.
        variant: which way to compute it; by default the first.
        group: for whom it holds, for example ``{"owner": "li.wei"}``; by default the whole.
        owner: who answers for it.
        start: the first day of its period.
        due: the last day of its period, included.
        approved_on: the day the target was fixed.
        version: from 1; another metric, target, unit or period of an approved target needs the next version.
    """

    kind: ClassVar[str] = "kpi_target"

    id: str = attrs.field(converter=entry_id)
    metric: str = ""
    target: Decimal | None = attrs.field(default=None, converter=maybe_number)
    unit: str = attrs.field(default="", kw_only=True)
    variant: str = attrs.field(default="", kw_only=True)
    group: Mapping[str, str] = attrs.field(default=EMPTY, converter=texts, kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    start: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    due: date | None = attrs.field(default=None, validator=[a_date, not_before("start")], kw_only=True)
    approved_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    version: int = attrs.field(default=1, validator=between(1, 9999), kw_only=True)


@entry
class KpiValue:
    """
    One figure of a snapshot, as it was computed.

    Attributes:
        metric: the name of the KPI.
        value: a number or money; ``None`` with a *reason*.
        unit: what it is measured in.
        variant: which way it was computed.
        group: for whom, for example ``{"owner": "li.wei"}``; empty for the whole.
        period: the period it is about, for example ``2026-Q1``.
        numerator: what was divided.
        denominator: by what.
        n: how many records it was computed from.
        reason: the code of why there is no value.
        version: of the meaning it was computed by.
    """

    metric: str
    value: Decimal | Money | None = attrs.field(default=None, converter=maybe_quantity)
    unit: str = attrs.field(default="", kw_only=True)
    variant: str = attrs.field(default="", kw_only=True)
    group: Mapping[str, str] = attrs.field(default=EMPTY, converter=texts, kw_only=True)
    period: str = attrs.field(default="", kw_only=True)
    numerator: Decimal | Money | None = attrs.field(default=None, converter=maybe_quantity, kw_only=True)
    denominator: Decimal | Money | None = attrs.field(default=None, converter=maybe_quantity, kw_only=True)
    n: int = attrs.field(default=0, validator=between(0, 2**53), kw_only=True)
    reason: str = attrs.field(default="", kw_only=True)
    version: int = attrs.field(default=1, validator=between(1, 9999), kw_only=True)


def _values(value: Iterable[KpiValue]) -> tuple[KpiValue, ...]:
    return many(value, KpiValue, "figures")


@entry
class KpiSnapshot:
    """
    Figures that were computed at one time and kept, so that later figures can be compared with them.

    Attributes:
        at: as of when they were computed, UTC.
        values: the figures.
        basis: what they were computed from: the facts that were known then, or those known today about then.
    """

    kind: ClassVar[str] = "kpi_snapshot"

    id: str = attrs.field(converter=entry_id)
    at: datetime | None = attrs.field(default=None, converter=moment)
    values: tuple[KpiValue, ...] = attrs.field(default=(), converter=_values)
    basis: Literal["known_then", "known_today"] = attrs.field(
        default="known_then", validator=one_of("known_then", "known_today"), kw_only=True
    )
