"""
The funnel: how many projects reached each stage, and which share of them went on. KPIs of stages in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple, cast

import attrs

from ..._model.definition import label_of
from ..._model.frozen import EMPTY, FrozenDict, noun
from ..._model.messages import render
from ..._model.values import Label, Money
from ...errors import InputError, say
from ...scores import wilson
from .._cases import NO_CASES, Ask, Cases, Summary, quotient, share
from .._columns.amounts import amounts_at
from .._columns.columns import Columns
from .._columns.decisions import UNDECIDED, Decided, decided
from .._columns.periods import Period
from .._columns.reached import NO_DEFINITION, Climbs, Ladder, climbs, ladder
from .._columns.tables import NEVER
from .._columns.vectors import above, filled, having, joined, numbered, pick, total, within
from .._compute import ask_of, grouped
from .._kpi import Evidence
from .._registry import kpi, no_params


@kpi("stage_conversion", share)
def stage_conversion(ask: Ask) -> Cases:
    """
    Find the projects that reached a stage in the period: each adds one below the line, and above it if it went on.

    Parameters: ``stage`` and ``to``, by default the next; without a stage, every step from a stage to the next.
    """
    no_params(ask.params, "stage", "to")
    steps = ladder(ask.columns)
    if not steps.stages:
        return Cases(reason=NO_DEFINITION)
    found, ends = climbs(ask.columns), decided(ask.columns)
    undecided = ends.among(UNDECIDED)
    rows: list[Sequence[int]] = []
    went_on: list[Sequence[int]] = []
    at: list[Sequence[int]] = []
    stages: list[str] = []
    still = 0
    for stage, to in _pairs(ask, steps):
        here = within(ask.columns.included(), found.times[stage], ask.start, ask.end)
        going_on = len(having(here, ends.codes, undecided))
        still += going_on
        if ask.variant == "closed_only":
            here = having(here, ends.codes, {*ends.numbers.values()} - undecided)
        rows.append(here)
        went_on.append(above(pick(found.heights, here), to))
        at.append(pick(found.times[stage], here))
        stages.extend([steps.stages[stage].id] * len(here))
    return Cases(joined(rows), joined(went_on), [1] * len(stages), joined(at), groups={"stage": stages}, open=still)


def _pairs(ask: Ask, steps: Ladder) -> Sequence[tuple[int, int]]:
    stage, to, last = ask.params.get("stage"), ask.params.get("to"), len(steps.stages) - 1
    if stage is None and to is None:
        return [(place, place + 1) for place in range(last)]
    start = 0 if stage is None else steps.place("stage=", stage)
    end = start + 1 if to is None else steps.place("to=", to)
    if not start < end <= last:
        raise InputError("to=", to, say("input.later_stage", stage=steps.stages[start].id))
    return [(start, end)]


class Window(NamedTuple):
    """
    What a funnel is made of besides its projects.

    Attributes:
        steps: the stages.
        start, end: of the period in which they were reached.
        climbs: how far projects came.
        ends: how they ended.
        look_up: returns the id of a project.
    """

    steps: Ladder
    start: int
    end: int
    climbs: Climbs
    ends: Decided
    look_up: Callable[[int], str]


@noun
class FunnelStep:
    """
    One stage of a funnel.

    Attributes:
        stage: its id.
        label: what people call it.
        reached: how many projects reached it in the period; one that skipped it reached it as well.
        amount: of those, as it is now; ``None`` where no project has any.
        skipped: how many of those have no amount.
        before: how many reached the stage before in the period; ``None`` of the first stage.
        advanced: how many of those went on to this stage, whenever.
        conversion: their share; ``None`` if no project reached the stage before.
        closed_only: the same share of those that have an outcome.
        interval: within which the conversion lies with 95 % (Wilson).
        open: how many of *before* have no outcome yet.
        evidence: the ids of the projects that reached it.
    """

    stage: str
    label: Label
    reached: int
    amount: Money | None
    skipped: int
    before: int | None
    advanced: int | None
    conversion: float | None
    closed_only: float | None
    interval: tuple[float, float] | None
    open: int
    evidence: Sequence[str]


def steps_of(cases: Cases) -> tuple[FunnelStep, ...]:
    """
    Return the stages of a funnel: who reached each in the period, and who of the stage before went on.
    """
    if not cases.values:
        return ()
    window: Window = cases.common
    here: list[_Here] = []
    for times in window.climbs.times:
        places = within(numbered(cases.rows), pick(times, cases.rows), window.start, window.end)
        here.append(_Here(pick(cases.rows, places), pick(cases.values, places)))
    return tuple(_step(window, here, place, cases.currency) for place in range(len(here)))


class _Here(NamedTuple):
    """
    The projects that reached a stage in the period, with their amounts.
    """

    rows: Sequence[int]
    amounts: Sequence[Decimal | None]


def _step(window: Window, here: Sequence[_Here], place: int, currency: str | None) -> FunnelStep:
    stage, ends, rows = window.steps.stages[place], window.ends, here[place].rows
    known = filled(here[place].amounts)
    before = here[place - 1].rows if place else ()
    closed = having(before, ends.codes, {*ends.numbers.values()} - ends.among(UNDECIDED))
    advanced, went_on = (
        total(above(pick(window.climbs.heights, some), place)) if some else 0 for some in (before, closed)
    )
    return FunnelStep(
        stage.id,
        label_of(stage),
        len(rows),
        None if currency is None else Money(total(pick(here[place].amounts, known)) + Decimal(0), currency),
        len(rows) - len(known),
        len(before) if place else None,
        advanced if place else None,
        quotient(advanced, len(before)) if before else None,
        quotient(went_on, len(closed)) if closed else None,
        wilson(advanced, len(before)) if before else None,
        len(before) - len(closed),
        Evidence(rows, window.look_up),
    )


def _table(cases: Cases) -> Summary:
    """
    Sum up a funnel: a row for each stage.
    """
    rows = [attrs.asdict(step, recurse=False) for step in steps_of(cases)]
    return Summary(rows=rows, reason=None if rows else NO_CASES)


@kpi("funnel", _table)
def funnel(ask: Ask) -> Cases:
    """
    Find the projects that reached any stage in the period, each with how far it came and its amount.
    """
    no_params(ask.params)
    columns, steps = ask.columns, ladder(ask.columns)
    if not steps.stages:
        return Cases(reason=NO_DEFINITION)
    found, ends = climbs(columns), decided(columns)
    window = Window(steps, ask.start, ask.end, found, ends, columns.tables.projects.id.__getitem__)
    at = _first_times(columns, found, ask)
    rows = within(columns.included(), at, ask.start, ask.end)
    amounts = amounts_at(columns, rows)
    still = len(having(rows, ends.codes, ends.among(UNDECIDED)))
    return Cases(rows, amounts.numbers, at=pick(at, rows), open=still, currency=amounts.currency, common=window)


def _first_times(columns: Columns, found: Climbs, ask: Ask) -> Sequence[int]:
    """
    Return when each project first reached a stage in the period; where it reached none, a time outside.
    """
    if columns.computed is not None:
        return cast("Sequence[int]", columns.computed.first_within(found.times, ask.start, ask.end))
    return [next((at for at in each if ask.start <= at < ask.end), NEVER) for each in zip(*found.times, strict=True)]


_FIRST: Final = Label("{stage}: {count}", "{stage}：{count}")
_NEXT: Final = Label(
    "{stage}: {count}, {conversion} of {before}, of closed projects {closed_only}",
    "{stage}：{count}，自前一阶段 {before} 个的转化率 {conversion}，仅计已结项目 {closed_only}",
)


@noun
class Funnel:
    """
    How many projects reached each stage, and which share went on.

    Attributes:
        steps: the stages in their order.
        n: how many projects reached any of them in the period.
        period: ``None`` for all the time.
        group: of a group, what its projects share.
        groups: the same for each group that was asked for with ``by=``.
        reason: why there are no steps, as a code.
    """

    steps: tuple[FunnelStep, ...]
    n: int
    period: Period | None = None
    group: Any = None
    groups: Mapping[Any, Funnel] = EMPTY
    reason: str | None = None

    def text(self, lang: str = "en") -> str:
        """
        Write it down, a line for each stage.
        """
        return "\n".join(_line(step, lang) for step in self.steps)


def percent(value: float | None) -> str:
    """
    Write a share for people; ``-`` for none.
    """
    return "-" if value is None else f"{value:.1%}"


def _line(step: FunnelStep, lang: str) -> str:
    parts = {
        "stage": step.label.text(lang),
        "count": step.reached,
        "before": step.before,
        "conversion": percent(step.conversion),
        "closed_only": percent(step.closed_only),
    }
    return render(_FIRST if step.before is None else _NEXT, parts, lang)


def funnel_of(columns: Columns, period: Period | None, by: str | None) -> Funnel:
    """
    Return the funnel of a portfolio, and the same for each group.

    Raises:
        InputError: for several lifecycles, a group that cannot be meant, and amounts in several currencies.
    """
    assert funnel.find is not None  # noqa: S101 -- as it is made above
    found = funnel.find(ask_of(columns, funnel, period))

    def made(cases: Cases, group: Any = None, groups: Mapping[Any, Funnel] = EMPTY) -> Funnel:
        steps = steps_of(cases)
        reason = cases.reason or (None if steps else NO_CASES)
        return Funnel(steps, len(cases.rows), period, group, groups, reason)

    places: Mapping[Any, Sequence[int]] = {} if by is None else grouped(columns, found, by)
    return made(found, groups=FrozenDict({key: made(found.only(each), key) for key, each in places.items()}))
