"""
Goals, and the metrics that measure them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Final, Literal

import attrs

from .._model.frozen import FrozenDict, noun
from .._model.values import Label
from ._base import a_date, between, dates, entry_id, maybe_number, one_of, strings


@noun
class Metric:
    """
    A figure that is registered, so that everybody means the same by its name.

    Attributes:
        label: what people call it.
        additive: whether the parts of a goal sum up to the whole (a rate does not).
        lower_is_better: whether reaching less is reaching more.
    """

    label: Label
    additive: bool = False
    lower_is_better: bool = False


METRICS: Final = FrozenDict(
    {
        "sales_amount": Metric(Label("Sales amount", "销售额"), additive=True),
        "new_customers": Metric(Label("New customers", "新增客户数"), additive=True),
        "market_share": Metric(Label("Market share", "市场份额")),
        "csat": Metric(Label("Customer satisfaction", "客户满意度")),
        "nps": Metric(Label("Net promoter score", "净推荐值")),
        "win_rate": Metric(Label("Win rate", "赢单率")),
        "close_rate": Metric(Label("Close rate", "成交率")),
        "collection_rate": Metric(Label("Collection rate", "回款率")),
        "retention_rate": Metric(Label("Retention rate", "客户留存率")),
        "project_success_rate": Metric(Label("Project success rate", "项目成功率")),
        "sales_growth": Metric(Label("Sales growth", "销售增长率")),
        "cycle_time": Metric(Label("Cycle time", "销售周期"), lower_is_better=True),
        "response_time": Metric(Label("Response time", "响应速度"), lower_is_better=True),
        "cost_of_sale": Metric(Label("Cost of sale", "销售成本率"), lower_is_better=True),
        "dso": Metric(Label("Days sales outstanding", "应收账款周转天数"), lower_is_better=True),
    }
)
"""The metrics known by name; a guard may name more."""


@noun
class Goal:
    """
    One goal, with what the five SMART questions ask about it.

    Attributes:
        metric: a name in :data:`METRICS`, or a name of the host's own.
        target: the number to reach, in *unit*; with *percent*, the change in percent of the baseline.
        unit: of target, baseline and actual, for example ``CNY`` or ``days``.
        percent: whether the target is a change of the baseline.
        baseline: where the metric stands before, in *unit*.
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
        status: it counts while ``active`` and once ``attained``.
        acknowledged_by: the members who have said that they know it.
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
    status: Literal["draft", "active", "attained", "missed", "replaced"] = attrs.field(
        default="active", validator=one_of("draft", "active", "attained", "missed", "replaced"), kw_only=True
    )
    acknowledged_by: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    version: int = attrs.field(default=1, validator=between(1, 9999), kw_only=True)
