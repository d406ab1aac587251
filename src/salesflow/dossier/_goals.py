"""
Goals, and the criteria by which a project is called a success.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal, TypeAlias, cast, get_args

import attrs

from .._model.frozen import EMPTY
from ._base import PRIORITY, a_date, between, dates, entry_id, maybe_number, names_in, one_of, strings, texts
from ._entry import entry


Reason: TypeAlias = Literal["strategy", "market", "team"]


def _reasons(value: Mapping[Reason, str]) -> Mapping[Reason, str]:
    return cast("Mapping[Reason, str]", texts(cast("Mapping[str, str]", value)))


GoalStatus: TypeAlias = Literal["draft", "approved", "active", "attained", "missed", "replaced"]


@entry
class Goal:
    """
    One goal, with what the five SMART questions ask about it.

    Attributes:
        metric: a name in :data:`KPIS`, or a name of the host's own.
        target: the number to reach, in *unit*; with *percent*, the change in percent of the baseline.
        unit: of target, baseline and actual, for example ``CNY`` or ``days``.
        percent: whether the target is a change of the baseline.
        baseline: the metric at the start, in *unit*.
        actual: what was reached so far, in *unit*.
        subject: what it is about: a team, product, market or customer.
        direction: which way the metric should go.
        source: where the figure is read.
        supports: the id of the strategy part that the goal serves.
        parent: the id of the goal that this goal is a part of.
        owner: who answers for it.
        approved_on: the day the target was fixed.
        milestones: days on which progress is looked at.
        start: the first day of its period.
        due: the last day of its period, included; by then it is to be reached.
        version: from 1; another metric, target, unit or due date of an approved goal needs the next version.
        status: where it stands; ``Pipeline.move_entry`` takes it further. It counts unless it was missed or replaced,
            and from ``approved`` on its promise is frozen.
        acknowledged_by: the members who have said that they know it.
        rationale: why it is this goal, by what it follows from: ``strategy`` of the company, ``market``, ``team``.
        priority: 1 (first) to 5 (last) among the goals of its owner.
    """

    kind: ClassVar[str] = "goal"

    id: str = attrs.field(converter=entry_id)
    metric: str = ""
    target: Decimal | None = attrs.field(default=None, converter=maybe_number)
    unit: str = attrs.field(default="", kw_only=True)
    percent: bool = attrs.field(default=False, kw_only=True)
    baseline: Decimal | None = attrs.field(default=None, converter=maybe_number, kw_only=True)
    actual: Decimal | None = attrs.field(default=None, converter=maybe_number, kw_only=True)
    subject: str = attrs.field(default="", kw_only=True)
    direction: Literal["", "increase", "decrease", "reach"] = attrs.field(
        default="", validator=one_of("", "increase", "decrease", "reach"), kw_only=True
    )
    source: str = attrs.field(default="", kw_only=True)
    supports: str = attrs.field(default="", kw_only=True)
    parent: str | None = attrs.field(default=None, kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    start: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    due: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    approved_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    milestones: tuple[date, ...] = attrs.field(default=(), converter=dates, kw_only=True)
    status: GoalStatus = attrs.field(default="draft", validator=one_of(*get_args(GoalStatus)), kw_only=True)
    acknowledged_by: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    rationale: Mapping[Reason, str] = attrs.field(
        default=EMPTY, converter=_reasons, validator=names_in(*get_args(Reason)), kw_only=True
    )
    priority: int | None = attrs.field(default=None, validator=PRIORITY, kw_only=True)
    version: int = attrs.field(default=1, validator=between(1, 9999), kw_only=True)

    @property
    def counts(self) -> bool:
        """
        Whether it is a goal of the project: neither missed nor replaced.
        """
        return self.status not in ("missed", "replaced")


@entry
class SuccessCriterion:
    """
    A criterion that the project must meet to count as a success; an approval that binds it freezes it.

    Attributes:
        text: the criterion in words.
        metric: a name in :data:`KPIS`, or a name of the host's own, if it is a figure.
        target: the number to reach, in *unit*.
        unit: of target and actual.
        actual: what was reached, in *unit*.
        met: whether it is met; ``None`` while that is open.
        approved_on: the day it was fixed.
        version: from 1; another text, metric, target or unit of an approved criterion needs the next version.
    """

    kind: ClassVar[str] = "success_criterion"

    id: str = attrs.field(converter=entry_id)
    text: str = ""
    metric: str = attrs.field(default="", kw_only=True)
    target: Decimal | None = attrs.field(default=None, converter=maybe_number, kw_only=True)
    unit: str = attrs.field(default="", kw_only=True)
    actual: Decimal | None = attrs.field(default=None, converter=maybe_number, kw_only=True)
    met: bool | None = attrs.field(default=None, kw_only=True)
    approved_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    version: int = attrs.field(default=1, validator=between(1, 9999), kw_only=True)
