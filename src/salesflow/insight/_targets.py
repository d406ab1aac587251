"""
What was promised and what came: goals, KPI targets and the targets of definitions, against the figures.

A target of a period project, which has the fields ``period_start`` and ``period_end``, is about all projects in the
time of the target; so is one for a group. Where projects belong to the period, it is about those. A target of any
other project is about that project alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import attrs

from .._lifecycle.bind_cadences import PERIOD
from .._model.frozen import EMPTY, noun
from .._model.predicate import Compare, Junction
from .._model.values import Money
from ..dossier import KPIS, Goal, KpiTarget
from ..guards._goals import absolute_target
from ._cases import NO_CASES
from ._columns.amounts import NOT_DECLARED
from ._columns.columns import Columns, narrowed
from ._columns.periods import Period, named_period, to_period
from ._columns.promises import Promise, promises_of
from ._compute import compute, field_named
from ._kpi import Kpi
from ._registry import KpiFormula, formulas


_DAY: Final = timedelta(days=1)
_DERIVED: Final = frozenset({"attainment", "pace"})  # they are made of targets themselves
_NO_KPI: Final = "not_computed"


@noun
class TargetFigure:
    """
    A goal or target, compared with the result.

    Attributes:
        id: of the goal or target; of a definition, that of the lifecycle.
        kind: ``goal``, ``kpi_target``, or ``definition``.
        project: the id of the project that has it; ``None`` of a definition.
        metric: the name of the KPI, or of a figure of the host's own.
        variant: which way to compute it.
        group: for whom, such as ``{"owner": "li.wei"}``.
        owner: who answers for it.
        period: when it holds; ``None`` for all the time.
        version: of the promise; a target that was set again has one result for each version.
        approved: whether that version is frozen by an approval.
        latest: whether it is the version that holds now.
        target: the number to reach.
        unit: of it.
        actual: what came.
        attainment: actual divided by target, or target by actual where less is better.
        pace: attainment divided by the share of the working time of the period that has passed.
        attained: whether it is reached now.
        reason: why there is no attainment, as a code.
    """

    id: str
    kind: str
    project: str | None
    metric: str
    variant: str
    group: Mapping[str, str]
    owner: str | None
    period: Period | None
    version: int
    approved: bool
    latest: bool
    target: Fraction | None
    unit: str
    actual: Any = None
    attainment: float | None = None
    pace: float | None = None
    attained: bool | None = None
    reason: str | None = None


def targets(columns: Columns, known: Mapping[str, KpiFormula]) -> Sequence[TargetFigure]:
    """
    Return every version of every goal and target, and the targets of the definitions, each with what came.
    """
    figures = Figures(columns, known)
    promises = [each for kind in (Goal, KpiTarget) for each in promises_of(columns, kind.kind).values()]
    found = [figures.of(promise) for versions in promises for promise in versions]
    return [*found, *_of_definitions(columns, figures)]


def _of_definitions(columns: Columns, figures: Figures) -> Iterator[TargetFigure]:
    seen: dict[tuple[str, str], None] = {}
    for definition in reversed(columns.source.definitions):
        if definition is None or columns.lifecycle not in {None, definition.id}:
            continue
        for metric, written in definition.kpi_targets.items():
            if (
                (definition.id, metric) in seen
                or isinstance(written, bool)
                or not isinstance(written, (int, float, Decimal))
            ):
                continue
            seen[definition.id, metric] = None
            empty = TargetFigure(
                definition.id, "definition", None, metric, "", EMPTY, None, None, 1, True, True,
                Fraction(str(written)), _unit(metric),
            )  # fmt: skip
            kpi = figures.whole(metric, "", None, {}, definition.id)
            yield _compared(empty, kpi, "", None)


def _unit(metric: str) -> str:
    found = KPIS.get(metric)
    return "" if found is None else found.unit


@noun
class Figures:
    """
    Computes figures for targets, each once.
    """

    columns: Columns
    known: Mapping[str, KpiFormula]
    cache: dict[Any, Kpi] = attrs.Factory(dict[Any, Kpi])
    periods: dict[int, Figures] = attrs.Factory(dict[int, "Figures"])

    def of(self, promise: Promise) -> TargetFigure:
        """
        Return what came of a goal or a target.
        """
        columns, entry = self.columns, promise.entry
        goal = isinstance(entry, Goal)
        name = columns.tables.projects.id[promise.row]
        period = _period(columns, entry.start, entry.due)
        variant, group = ("", EMPTY) if goal else (entry.variant, entry.group)
        written = absolute_target(entry) if goal else entry.target
        result = TargetFigure(
            entry.id,
            entry.kind,
            name,
            entry.metric,
            variant,
            group,
            entry.owner,
            period,
            entry.version,
            promise.approved,
            promise.latest,
            None if written is None else Fraction(written),
            entry.unit or _unit(entry.metric),
        )
        if goal and entry.actual is not None:
            came: Any = entry.actual
        else:
            came = self.scoped(promise.row, entry.metric, variant, period, group)
        direction = {"increase": "higher", "decrease": "lower"}.get(getattr(entry, "direction", ""), "")
        return _compared(result, came, direction, _passed(columns, promise.row, period))

    def figure(self, target: KpiTarget, row: int, period: Period | None) -> tuple[Kpi | str, str]:
        """
        Return the figure that a target is about, or the code of why there is none, and the name of its period.
        """
        own = _period(self.columns, target.start, target.due) or period
        found = self.scoped(row, target.metric, target.variant, own, target.group)
        return found or _NO_KPI, "" if own is None else own.name

    def scoped(
        self, row: int, metric: str, variant: str, period: Period | None, group: Mapping[str, str]
    ) -> Kpi | str | None:
        """
        Return the figure of the project, or of all projects where it stands for a period or a group is meant.
        """
        columns, name = self.columns, self.columns.tables.projects.id[row]
        if group or is_period(columns, row):
            return self._under(row).whole(metric, variant, period, group)
        kpi = self._kpi(columns, metric, variant, None, "project")
        return None if kpi is None else kpi.groups.get(name, kpi.reason or NO_CASES)

    def _under(self, row: int) -> Figures:
        """
        Return the figures over the projects that belong to a period; over all of them where none does.
        """
        name = self.columns.tables.projects.id[row]
        if not is_period(self.columns, row) or not self.columns.below(name):
            return self
        if row not in self.periods:
            self.periods[row] = Figures(narrowed(self.columns, None, None, name), self.known)
        return self.periods[row]

    def whole(
        self, metric: str, variant: str, period: Period | None, group: Mapping[str, str], lifecycle: str | None = None
    ) -> Kpi | str | None:
        """
        Return the figure of all projects, or of a group of them; the code of a reason where the group has none.
        """
        columns = self.columns
        if lifecycle is not None and lifecycle != columns.lifecycle:
            columns = attrs.evolve(columns, lifecycle=lifecycle, cache={})
        fields = {name: field_named(columns, name) for name in group}
        if None in fields.values():
            return NOT_DECLARED
        by, *others = group or ("",)
        if others:
            wanted = tuple(Compare(fields[name] or name, "eq", group[name]) for name in others)
            kept = wanted if columns.where is None else (columns.where, *wanted)
            columns = attrs.evolve(columns, where=Junction("all", kept), cache={})
        kpi = self._kpi(columns, metric, variant, period, by or None, (*[group[name] for name in others], lifecycle))
        return kpi if kpi is None or not by else kpi.groups.get(group[by], kpi.reason or NO_CASES)

    def _kpi(
        self, columns: Columns, metric: str, variant: str, period: Period | None, by: str | None, scope: Any = ()
    ) -> Kpi | None:
        formula = None if metric in _DERIVED else self.known.get(metric)
        if formula is None or (variant and variant not in {each.name for each in formula.definition.variants}):
            return None
        key = metric, variant, period, by, scope
        if key not in self.cache:
            self.cache[key] = compute(columns, self.known, formula, period, by, variant, EMPTY)
        return self.cache[key]


def is_period(columns: Columns, row: int) -> bool:
    """
    Tell whether a project stands for a period: it has the fields between which a period lies.
    """
    return all(columns.values(name)[row] is not None for name in PERIOD)


def period_of_project(columns: Columns, row: int) -> Period | None:
    """
    Return the period that a project stands for.
    """
    return _period(columns, *[columns.values(name)[row] for name in PERIOD])


def _period(columns: Columns, start: date | None, due: date | None) -> Period | None:
    if start is None or due is None:
        return None
    return named_period(to_period((start, due + _DAY), columns.zone), columns.zone)


def _passed(columns: Columns, row: int, period: Period | None) -> Fraction | None:
    """
    Return the share of the working time of a period that has passed; ``None`` before it, and without one.
    """
    if period is None or columns.now <= period.start:
        return None
    calendar = columns.calendar_of(row)
    whole = calendar.working_between(period.start, period.end)
    gone = calendar.working_between(period.start, min(columns.now, period.end))
    return Fraction(gone // timedelta(microseconds=1), whole // timedelta(microseconds=1)) if whole else None


def _compared(result: TargetFigure, came: Any, direction: str, passed: Fraction | None) -> TargetFigure:
    if came is None or isinstance(came, str):
        return attrs.evolve(result, reason=came or _NO_KPI)
    if isinstance(came, Kpi):
        direction = direction or came.definition.variant(came.variant).direction
        if came.value is None:
            return attrs.evolve(result, reason=came.reason or "table")
        came = came.value
    shown = attrs.evolve(result, actual=came)
    if isinstance(came, Money) and len(result.unit) == 3 and result.unit != came.currency:
        return attrs.evolve(shown, reason="other_currency")
    actual = Fraction(came.amount if isinstance(came, Money) else str(came))
    lower = direction == "lower"
    above, below = (result.target, actual) if lower else (actual, result.target)
    if result.target is None or above is None or not below:
        return attrs.evolve(shown, reason="no_target" if result.target is None else "zero_below")
    return attrs.evolve(
        shown,
        attainment=float(above / below),
        pace=float(above / below / passed) if passed else None,
        attained=actual <= result.target if lower else actual >= result.target,
    )


def kept_targets(columns: Columns) -> Sequence[TargetFigure]:
    """
    Return the targets of a portfolio, computed once until it is read again.
    """
    return columns.derive("targets", lambda: targets(columns, formulas()))
