"""
Time in stage with visits that still go on: the Kaplan-Meier estimate of how long a visit lasts, in exact numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from math import prod
from typing import Any, Final

import attrs

from .._model.definition import label_of
from .._model.frozen import EMPTY, FrozenDict, noun
from .._model.messages import render
from .._model.values import Label
from ._cases import Cases, quantile, quotient
from ._columns.columns import Columns
from ._columns.periods import Period
from ._compute import grouped
from ._formulas.stays import stages_left, stays
from ._kpi import Evidence


_DAY: Final = 86_400_000_000
_NEAR: Final = 1e-9
"""Closer than this a float does not tell two shares apart, also after 100,000 products."""


@noun
class Survival:
    """
    The share of visits that last longer than a time (Kaplan and Meier, JASA 53, 1958).

    Attributes:
        times: when any visit ended, in order.
        left: how many ended then.
        at_risk: how many had lasted until then.
    """

    times: tuple[int, ...]
    left: tuple[int, ...]
    at_risk: tuple[int, ...]

    @classmethod
    def of(cls, visits: Sequence[tuple[int, bool]]) -> Survival:
        """
        Estimate it from how long each visit lasted, and whether it goes on; such a visit counts until now.
        """
        found: list[tuple[int, int, int]] = []
        at_risk = len(visits)
        for lasted, same in groupby(sorted(visits), key=lambda each: each[0]):
            going_on = [each for _, each in same]
            left = going_on.count(False)
            if left:
                found.append((lasted, left, at_risk))
            at_risk -= len(going_on)
        times, ended, risks = zip(*found, strict=True) if found else ((), (), ())
        return cls(times, ended, risks)

    def shares(self) -> Sequence[float]:
        """
        Return which share lasts longer than each time.
        """
        share, found = 1.0, list[float]()
        for left, at_risk in zip(self.left, self.at_risk, strict=True):
            share *= (at_risk - left) / at_risk
            found.append(share)
        return found

    def quantile(self, share: Fraction) -> int | None:
        """
        Return the smallest time by which at least so large a share has ended; ``None`` if that is not known yet.
        """
        wanted = 1 - share
        for place, remaining in enumerate(self.shares()):
            if remaining <= float(wanted) - _NEAR or (
                remaining <= float(wanted) + _NEAR and self._remaining(place) <= wanted
            ):
                return self.times[place]
        return None

    def _remaining(self, place: int) -> Fraction:
        pairs = list(zip(self.left, self.at_risk, strict=True))[: place + 1]
        return Fraction(prod(at_risk - left for left, at_risk in pairs), prod(at_risk for _, at_risk in pairs))


@noun
class StageTimes:
    """
    How long visits to a stage last.

    Attributes:
        stage: its id.
        label: what people call it.
        n: how many visits were counted.
        open: how many of them go on; each says only that it lasted until now.
        median, p75, p90: days by which so large a share has left, with the time on hold; ``None`` while so many have
            not left.
        active_median, active_p75, active_p90: the same without the time on hold.
        left_median: the median of the visits that ended, which is too short as long as others go on.
        survival, active: the estimates, in microseconds.
        evidence: the ids of the projects, visit by visit.
    """

    stage: str
    label: Label
    n: int
    open: int
    median: float | None
    p75: float | None
    p90: float | None
    active_median: float | None
    active_p75: float | None
    active_p90: float | None
    left_median: float | None
    survival: Survival = attrs.field(repr=False)
    active: Survival = attrs.field(repr=False)
    evidence: Sequence[str] = ()


_LINE: Final = Label(
    "{stage}: median {median} days ({active} without holds), 90 % within {p90}; visits {n}, going on {open}",
    "{stage}：中位 {median} 天（不含暂停 {active} 天），90 % 在 {p90} 天内；共 {n} 次停留，其中 {open} 次尚未结束",
)


@noun
class TimeInStage:
    """
    How long visits to each stage last.

    Attributes:
        stages: in their order; stages that no project entered are left out.
        n: how many visits were counted.
        period: in which they began; ``None`` for all the time.
        group: of a group, what its projects share.
        groups: the same for each group that was asked for with ``by=``.
    """

    stages: tuple[StageTimes, ...]
    n: int
    period: Period | None = None
    group: Any = None
    groups: Mapping[Any, TimeInStage] = EMPTY

    def text(self, lang: str = "en") -> str:
        """
        Write it down, a line for each stage.
        """
        return "\n".join(_line(each, lang) for each in self.stages)


def _line(times: StageTimes, lang: str) -> str:
    shown = {"median": times.median, "active": times.active_median, "p90": times.p90}
    parts = {name: "-" if value is None else f"{value:.1f}" for name, value in shown.items()}
    return render(_LINE, {"stage": times.label.text(lang), "n": times.n, "open": times.open, **parts}, lang)


_QUANTILES: Final = (Fraction(1, 2), Fraction(3, 4), Fraction(9, 10))


def _stage_times(columns: Columns, stage: str, label: Label, visits: Sequence[int]) -> StageTimes:
    times, project = stays(columns), columns.tables.visits.project
    going_on = [times.going_on[visit] == 1 for visit in visits]
    whole = [times.lasted[visit] for visit in visits]
    survival = Survival.of(list(zip(whole, going_on, strict=True)))
    held = [times.held[visit] for visit in visits]
    active = survival
    if any(held):
        without = [lasted - on_hold for lasted, on_hold in zip(whole, held, strict=True)]
        active = Survival.of(list(zip(without, going_on, strict=True)))
    ended = sorted(lasted for lasted, on in zip(whole, going_on, strict=True) if not on)

    def days(lasted: int | None) -> float | None:
        return None if lasted is None else quotient(lasted, _DAY)

    median, p75, p90 = (days(survival.quantile(share)) for share in _QUANTILES)
    active_median, active_p75, active_p90 = (days(active.quantile(share)) for share in _QUANTILES)
    return StageTimes(
        stage,
        label,
        len(visits),
        sum(going_on),
        median,
        p75,
        p90,
        active_median,
        active_p75,
        active_p90,
        days(quantile(ended, Fraction(1, 2)) if ended else None),
        survival,
        active,
        Evidence([project[visit] for visit in visits], columns.tables.projects.id.__getitem__),
    )


def time_in_stage_of(columns: Columns, period: Period | None, by: str | None, stage: str | None) -> TimeInStage:
    """
    Return how long visits last, and the same for each group.

    Raises:
        InputError: for a stage or group that cannot be meant.
    """
    visits, flags, known = columns.tables.visits, columns.includes(), stages_left(columns, stage)
    start, end = (None, None) if period is None else period.micros
    counted = [
        visit
        for visit, (row, number, at) in enumerate(zip(visits.project, visits.stage, visits.entered, strict=True))
        if flags[row] and number in known and (start is None or end is None or start <= at < end)
    ]

    def made(chosen: Sequence[int], group: Any = None, groups: Mapping[Any, TimeInStage] = EMPTY) -> TimeInStage:
        by_stage: dict[int, list[int]] = {}
        for visit in chosen:
            by_stage.setdefault(visits.stage[visit], []).append(visit)
        found = tuple(
            _stage_times(columns, each.id, label_of(each), by_stage[number])
            for number, each in known.items()
            if number in by_stage
        )
        return TimeInStage(found, len(chosen), period, group, groups)

    places: Mapping[Any, Sequence[int]] = {}
    if by is not None:
        cases = Cases([visits.project[visit] for visit in counted], at=[visits.entered[visit] for visit in counted])
        places = grouped(columns, cases, by)
    groups = {key: made([counted[place] for place in each], key) for key, each in places.items()}
    return made(counted, groups=FrozenDict(groups))
