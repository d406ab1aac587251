"""
A figure with its receipt: the value, how it was computed, and the projects behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast, overload

import attrs

from .._model.frozen import EMPTY, noun
from .._model.messages import format_value, render
from .._model.values import Label, Money
from ..dossier import KpiDefinition
from ._columns.periods import Period
from ._reasons import reason_label


@attrs.define(eq=False, repr=False)
class Evidence(Sequence[str]):
    """
    The evidence of a figure, by id: projects, or entries as ``project/id``. The ids are looked up when they are read.

    Equal to any sequence of the same ids.
    """

    places: Sequence[int]
    look_up: Callable[[int], str]

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, place: int, /) -> str: ...

    @overload
    def __getitem__(self, place: slice, /) -> Evidence: ...

    def __getitem__(self, place: int | slice, /) -> str | Evidence:
        if isinstance(place, slice):
            return Evidence(self.places[place], self.look_up)
        return self.look_up(self.places[place])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return tuple(self) == tuple(cast("Sequence[object]", other))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        more = f", … {len(self)} in all" if len(self) > 3 else ""
        return f"<Evidence: {', '.join(self[:3])}{more}>"


@noun
class Kpi:
    """
    A figure that was computed.

    Attributes:
        definition: what it means, in words.
        variant: the way in which it was computed; empty where there is only one.
        value: the figure; ``None`` where *reason* says why there is none.
        unit: what it is measured in.
        numerator, denominator: what was divided; ``None`` for a figure that is not a quotient.
        n: how many cases were counted.
        period: when they were; ``None`` for all the time until *as_of*.
        as_of: the time up to which it knows of anything.
        evidence: the projects or entries behind it, by id.
        reason: why there is no value, as a code such as ``no_cases`` or ``field_not_declared``.
        parts: further figures of the same cases, by name.
        rows: of a figure that is a table, its rows.
        skipped: how many cases were left out because a value is missing.
        open: how many are still open, so that the figure may change.
        group: of a group, what its cases share.
        groups: the same figure for each group that was asked for with ``by=``.
    """

    definition: KpiDefinition
    variant: str
    value: Any
    unit: str
    numerator: Any = None
    denominator: Any = None
    n: int = 0
    period: Period | None = None
    as_of: datetime | None = None
    evidence: Sequence[str] = ()
    reason: str | None = None
    parts: Mapping[str, Any] = EMPTY
    rows: Sequence[Mapping[str, Any]] = ()
    skipped: int = 0
    open: int = 0
    group: Any = None
    groups: Mapping[Any, Kpi] = EMPTY

    @property
    def name(self) -> str:
        """
        The name of the KPI.
        """
        return self.definition.name

    @property
    def version(self) -> int:
        """
        The version of its definition.
        """
        return self.definition.version

    @property
    def label(self) -> Label:
        """
        The displayed name of the KPI, or of the variant if it is not the first.
        """
        first = next((each.name for each in self.definition.variants), "")
        return self.definition.label if self.variant == first else self.definition.variant(self.variant).label

    def text(self, lang: str = "en") -> str:
        """
        Write it down in a line, and each group in one of its own; the rows of a table are in *rows*.
        """
        groups = (_line(each, each.group, lang) for each in self.groups.values())
        return "\n  ".join([_line(self, self.label, lang), *groups])


def _line(kpi: Kpi, name: object, lang: str) -> str:
    line = _NONE if kpi.value is None and not kpi.rows else _LINE
    parts = {"name": name, "value": written(kpi.value, kpi.unit, lang), "n": kpi.n, "reason": reason_label(kpi.reason)}
    return render(line, parts, lang)


_LINE: Final = Label("{name}: {value} (n {n})", "{name}：{value}（n {n}）")
_NONE: Final = Label("{name}: no value ({reason})", "{name}：没有数值（{reason}）")


def written(value: Any, unit: str, lang: str) -> str:
    """
    Write a value for people; ``-`` for none.
    """
    if value is None:
        return "-"
    if unit == "ratio":
        return f"{value:.1%}"
    return format_value(value, lang) if isinstance(value, (Money, int)) else f"{value:.1f}"
