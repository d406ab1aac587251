"""
Computing a figure: its cases are found once, grouped, and each group summed up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final, NamedTuple

from .._model.frozen import EMPTY, FrozenDict
from .._model.values import person
from ..errors import InputError, PluginError, SalesflowError, nearest, say
from ._cases import Ask, Cases, Summary
from ._columns.columns import Columns
from ._columns.periods import UNITS, Period, Unit, period_of
from ._columns.tables import moment
from ._kpi import Evidence, Kpi
from ._registry import KpiFormula, find_formula


LATEST: Final = 2**63 - 1
"""Where a period ends that has no end; it begins at the opposite."""

_ROLES: Final = ("owner", "customer", "product", "market", "source")
STATE: Final = ("stage", "phase", "outcome", "lifecycle", "project", "cycle")


class _Answer(NamedTuple):
    """
    The summary of some cases.
    """

    cases: Cases
    summary: Summary


class _Answers(NamedTuple):
    """
    The summaries of all cases, and of those of each group.
    """

    whole: _Answer
    groups: Mapping[Any, _Answer]


def compute(
    columns: Columns,
    known: Mapping[str, KpiFormula],
    formula: KpiFormula,
    period: Period | None,
    by: str | None,
    variant: str,
    params: Mapping[str, Any],
) -> Kpi:
    """
    Compute a figure, and the same for each group.

    Raises:
        InputError: for an unknown variant or group, and for amounts in several currencies without rates.
        PluginError: if the formula of a plugin or of the host fails itself.
    """
    ask = ask_of(columns, formula, period, variant, params, by)
    try:
        whole, groups = _answers(known, formula, ask, by)
    except SalesflowError:
        raise
    except Exception as error:
        problem = say("plugin.kpi_raised", kpi=formula.definition.name, name=type(error).__name__, error=error)
        raise PluginError(formula.plugin, problem, remedy=say("plugin.kpi_mend")) from error

    def made(answer: _Answer, group: Any = None, of: Mapping[Any, Kpi] | None = None) -> Kpi:
        cases, summary = answer
        chosen = formula.definition.variant(variant)
        return Kpi(
            formula.definition,
            chosen.name,
            summary.value,
            chosen.unit,
            summary.numerator,
            summary.denominator,
            len(cases.rows),
            period,
            columns.now,
            _evidence(columns, cases),
            summary.reason,
            FrozenDict(summary.parts),
            tuple(summary.rows),
            cases.skipped,
            cases.open,
            group,
            FrozenDict(of or {}),
        )

    return made(whole, of={key: made(each, key) for key, each in groups.items()})


def ask_of(
    columns: Columns,
    formula: KpiFormula,
    period: Period | None,
    variant: str = "",
    params: Mapping[str, Any] = EMPTY,
    by: str | None = None,
) -> Ask:
    """
    Return what a formula is asked.

    Raises:
        InputError: for a variant that it does not have.
    """
    chosen = formula.definition.variant(variant)
    # Without a period everything counts, also what is dated later than now.
    start, end = (-LATEST, LATEST) if period is None else period.micros
    return Ask(columns, start, end, period, chosen.name, FrozenDict(params), by)


def _answers(known: Mapping[str, KpiFormula], formula: KpiFormula, ask: Ask, by: str | None) -> _Answers:
    if formula.find is None:
        return _combined(known, formula, ask, by)
    cases = formula.find(ask)
    summarise = formula.by_variant.get(ask.variant, formula.summarise)
    if cases.reason is not None:
        return _Answers(_Answer(cases, Summary(reason=cases.reason)), {})
    assert summarise is not None  # noqa: S101 -- a formula that finds cases sums them up
    # What a formula groups by itself is among its cases only where there are any.
    groups: Mapping[Any, Sequence[int]] = {}
    if by is not None and (cases.rows or by not in formula.definition.by):
        groups = grouped(ask.columns, cases, by)
    return _Answers(
        _Answer(cases, summarise(cases)),
        {key: _Answer(each := cases.only(places), summarise(each)) for key, places in groups.items()},
    )


def _combined(known: Mapping[str, KpiFormula], formula: KpiFormula, ask: Ask, by: str | None) -> _Answers:
    combine = formula.combine
    assert combine is not None  # noqa: S101 -- a formula finds cases or is made of others
    parts: dict[str, _Answers] = {}
    for written in formula.of:
        name, _, variant = written.partition(":")
        other = find_formula(name, known)
        parts[written] = _answers(known, other, ask_of(ask.columns, other, ask.period, variant, ask.params, by), by)
    nothing = _Answer(Cases(), Summary(reason="no_cases"))

    def joined(key: Any, *, whole: bool = False) -> _Answer:
        found = {name: each.whole if whole else each.groups.get(key, nothing) for name, each in parts.items()}
        cases = next(iter(found.values())).cases
        return _Answer(cases, combine(ask, {name: each.summary for name, each in found.items()}))

    keys = dict.fromkeys(key for each in parts.values() for key in each.groups)
    return _Answers(joined(None, whole=True), {key: joined(key) for key in keys})


def grouped(columns: Columns, cases: Cases, by: str) -> Mapping[Any, Sequence[int]]:
    """
    Return the places of the cases of each group, in the order of the groups; an unset value comes last.

    Raises:
        InputError: for a group that cannot be meant.
    """
    found: Mapping[Any, Sequence[int]]
    key_at = key_of(columns, cases, by)
    if columns.computed is not None:
        found = columns.computed.grouped(columns, cases, by, key_at)
    else:
        lists: dict[Any, list[int]] = {}
        for place in range(len(cases.rows)):
            lists.setdefault(key_at(place), []).append(place)
        found = dict(lists)
    return dict(sorted(found.items(), key=lambda each: (each[0] is None, str(each[0]))))


def field_named(columns: Columns, name: str) -> str | None:
    """
    Return the id of the field that a group names, by its role or by its id; ``None`` if there is none.
    """
    return columns.field_of(name) if name in _ROLES else name if name in columns.field_ids() else None


def key_of(columns: Columns, cases: Cases, by: str) -> Callable[[int], Any]:
    """
    Return the function that says to which group the case at a place belongs.

    Raises:
        InputError: for a group that cannot be meant, with those that are near.
    """
    own = cases.groups.get(by)
    if own is not None:
        return own.__getitem__
    rows, at = cases.rows, cases.at
    if by in UNITS:
        if at is None:
            raise InputError("by=", by, say("input.no_time_of_cases"))
        return _periods_of(at, by, columns.zone)
    if by in STATE:
        column = columns.state(by)
        return lambda place: column[rows[place]]
    field = field_named(columns, by)
    if field is None:
        choices = dict.fromkeys((*_ROLES, *STATE, *UNITS, *cases.groups, *columns.field_ids()))
        raise InputError("by=", by, say("input.choice", known=tuple(choices), near=nearest(str(by), choices)))
    name = field
    now = columns.values(name)

    def value(place: int) -> Any:
        # What a deal was by then: who won it, not who looks after it today.
        found = now[rows[place]] if at is None else columns.value_at(name, rows[place], at[place])
        return person(found) if isinstance(found, str) else found

    return value


def _periods_of(at: Sequence[int], unit: Unit, zone: tzinfo) -> Callable[[int], str]:
    """
    Return the function that says in which period the case at a place lies; each period is looked up once.
    """
    starts: list[int] = []
    found: list[tuple[int, str]] = []

    def name_of(place: int) -> str:
        when = at[place]
        here = bisect_right(starts, when)
        if here and when < found[here - 1][0]:
            return found[here - 1][1]
        period = period_of(moment(when), unit, zone)
        start, end = period.micros
        starts.insert(here, start)
        found.insert(here, (end, period.name))
        return period.name

    return name_of


def _evidence(columns: Columns, cases: Cases) -> Sequence[str]:
    if cases.ids is not None:
        return Evidence(range(len(cases.ids)), cases.ids.__getitem__)
    return Evidence(cases.rows, columns.tables.projects.id.__getitem__)
