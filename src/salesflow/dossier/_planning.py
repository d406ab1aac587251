"""
Plans: the market, customers, channels, prices, promotion, execution and research.

Each is a part of the strategy, with sections that the guard ``strategy_complete`` looks into.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final, Literal, TypeAlias, get_args

import attrs

from .._model.frozen import FrozenDict
from .._model.values import Money
from ..errors import InputError, say
from ._base import a_date, between, entry_id, maybe_number, money, not_before, not_negative, one_of, strings
from ._entry import entry


_SHARE: Final = attrs.validators.optional(between(0, 1))


@entry
class MarketAnalysis:
    """
    A market analysis: what is known about a market.

    Attributes:
        market: which market it is about, as projects name it.
        demand: what customers there ask for, and how much of it.
        competitors: who else sells there.
        trend: where it is going.
        potential: what there is still to win.
        sources: where that comes from, for example ids of research plans.
        made_on: the day it was made.
        owner: who answers for it.
    """

    kind: ClassVar[str] = "market_analysis"
    part: ClassVar[str] = "market_analysis"
    sections: ClassVar[tuple[str, ...]] = ("demand", "competitors", "trend")

    id: str = attrs.field(converter=entry_id)
    market: str = ""
    demand: str = attrs.field(default="", kw_only=True)
    competitors: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    trend: str = attrs.field(default="", kw_only=True)
    potential: str = attrs.field(default="", kw_only=True)
    sources: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    made_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)


@entry
class TargetCustomer:
    """
    A kind of customers that the strategy aims at.

    Attributes:
        segment: who they are.
        needs: what they need.
        buying_behaviour: how they buy: when, how often, who decides, what they look at.
        industries: what they do.
        regions: where they are.
        size: how large they are, in the host's own words.
        owner: who answers for it.
    """

    kind: ClassVar[str] = "target_customer"
    part: ClassVar[str] = "target_customers"
    sections: ClassVar[tuple[str, ...]] = ("segment", "needs", "buying_behaviour")

    id: str = attrs.field(converter=entry_id)
    segment: str = ""
    needs: str = attrs.field(default="", kw_only=True)
    buying_behaviour: str = attrs.field(default="", kw_only=True)
    industries: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    regions: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    size: str = attrs.field(default="", kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)


@entry
class ChannelPlan:
    """
    A channel by which is to be sold.

    Attributes:
        channel: ``online``, ``offline``, ``direct``, another of ``CHOICES["channel"]``, or a name of the host's own.
        text: what is planned there.
        share: of the expected sales, 0 to 1.
        partner: the party that sells there, if it is not us.
        owner: who answers for it.
    """

    kind: ClassVar[str] = "channel_plan"
    part: ClassVar[str] = "channels"
    sections: ClassVar[tuple[str, ...]] = ("channel", "text")

    id: str = attrs.field(converter=entry_id)
    channel: str = ""
    text: str = attrs.field(default="", kw_only=True)
    share: Decimal | None = attrs.field(default=None, converter=maybe_number, validator=_SHARE, kw_only=True)
    partner: str = attrs.field(default="", kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)


def _same_currency(instance: object, attribute: attrs.Attribute[Any], value: Money | None) -> None:
    price = getattr(instance, "price", None)
    if value is not None and price is not None and value.currency != price.currency:
        raise InputError(attribute.name, value, say("input.same_currency", name="price", currency=price.currency))


def _below_price(instance: object, attribute: attrs.Attribute[Any], value: Money | None) -> None:
    price = getattr(instance, "price", None)
    if value is not None and price is not None and value.amount > price.amount:
        raise InputError(attribute.name, value, say("input.not_above", name="price", most=price))


@entry
class PricingPlan:
    """
    A pricing plan: the price of a product, its cost and its margin.

    Attributes:
        product: what is sold.
        price: the list price, zero or more.
        unit_cost: what the product costs us, zero or more.
        lowest_price: down to which price it may be sold; not above the list price.
        method: how the price was found.
        text: why.
        owner: who answers for it.
    """

    kind: ClassVar[str] = "pricing_plan"
    part: ClassVar[str] = "pricing"
    sections: ClassVar[tuple[str, ...]] = ("price", "unit_cost")

    id: str = attrs.field(converter=entry_id)
    product: str = ""
    price: Money | None = attrs.field(default=None, validator=[money, not_negative], kw_only=True)
    unit_cost: Money | None = attrs.field(default=None, validator=[money, not_negative, _same_currency], kw_only=True)
    lowest_price: Money | None = attrs.field(
        default=None, validator=[money, not_negative, _same_currency, _below_price], kw_only=True
    )
    method: Literal["", "cost_plus", "value", "competition", "penetration", "skimming"] = attrs.field(
        default="", validator=one_of("", "cost_plus", "value", "competition", "penetration", "skimming"), kw_only=True
    )
    text: str = attrs.field(default="", kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)

    @property
    def margin(self) -> Decimal | None:
        """
        The share of the list price that is left after the cost; below 0 for a loss, ``None`` where it is not known.
        """
        return self._left_of(self.price)

    @property
    def lowest_margin(self) -> Decimal | None:
        """
        The share that is left at the lowest price; without a lowest price, as at the list price.
        """
        return self._left_of(self.price if self.lowest_price is None else self.lowest_price)

    def _left_of(self, price: Money | None) -> Decimal | None:
        if price is None or self.unit_cost is None or not price.amount or price.currency != self.unit_cost.currency:
            return None
        return (price.amount - self.unit_cost.amount) / price.amount


PromotionType: TypeAlias = Literal[
    "", "advertising", "sales_promotion", "public_relations", "event", "content", "other"
]


@entry
class PromotionPlan:
    """
    A promotion: an activity that makes a product known.

    Attributes:
        type: what it is.
        text: what is planned.
        audience: the readers that it is for.
        budget: what it may cost, zero or more.
        start: its first day.
        end: its last day, included.
        owner: who answers for it.
        status: where it stands.
    """

    kind: ClassVar[str] = "promotion_plan"
    part: ClassVar[str] = "promotion"
    sections: ClassVar[tuple[str, ...]] = ("type", "text")

    id: str = attrs.field(converter=entry_id)
    type: PromotionType = attrs.field(default="", validator=one_of(*get_args(PromotionType)))
    text: str = attrs.field(default="", kw_only=True)
    audience: str = attrs.field(default="", kw_only=True)
    budget: Money | None = attrs.field(default=None, validator=[money, not_negative], kw_only=True)
    start: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    end: date | None = attrs.field(default=None, validator=[a_date, not_before("start")], kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    status: Literal["planned", "running", "done", "dropped"] = attrs.field(
        default="planned", validator=one_of("planned", "running", "done", "dropped"), kw_only=True
    )


@entry
class ExecutionPlan:
    """
    How the strategy is carried out.

    Attributes:
        activities: what is done to sell: visits, demonstrations, offers.
        promotion: how promotion goes along with it.
        team: who does it, and who is still missing.
        start: its first day.
        end: its last day, included.
        owner: who answers for it.
    """

    kind: ClassVar[str] = "execution_plan"
    part: ClassVar[str] = "execution"
    sections: ClassVar[tuple[str, ...]] = ("activities", "promotion", "team")

    id: str = attrs.field(converter=entry_id)
    activities: str = ""
    promotion: str = attrs.field(default="", kw_only=True)
    team: str = attrs.field(default="", kw_only=True)
    start: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    end: date | None = attrs.field(default=None, validator=[a_date, not_before("start")], kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)


ResearchGoal: TypeAlias = Literal["", "demand", "competitors", "potential", "other"]
ResearchMethod: TypeAlias = Literal["", "survey", "interview", "data_analysis", "observation", "other"]


@entry
class ResearchPlan:
    """
    A research plan: what is to be found out about a market, and what was found.

    Attributes:
        goal: what it is about.
        method: how it is found out.
        question: what is asked.
        market: which market it is about.
        sample: how many are asked or looked at, 0 to 1,000,000.
        start: its first day.
        end: its last day, included.
        findings: what was found; blank while it goes on.
        opportunity: what could be sold because of it, to open a project for.
        owner: who answers for it.
    """

    kind: ClassVar[str] = "research_plan"
    part: ClassVar[str] = "research"
    sections: ClassVar[tuple[str, ...]] = ("goal", "method", "question")

    id: str = attrs.field(converter=entry_id)
    goal: ResearchGoal = attrs.field(default="", validator=one_of(*get_args(ResearchGoal)))
    method: ResearchMethod = attrs.field(default="", validator=one_of(*get_args(ResearchMethod)))
    question: str = attrs.field(default="", kw_only=True)
    market: str = attrs.field(default="", kw_only=True)
    sample: int = attrs.field(default=0, validator=between(0, 1_000_000), kw_only=True)
    start: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    end: date | None = attrs.field(default=None, validator=[a_date, not_before("start")], kw_only=True)
    findings: str = attrs.field(default="", kw_only=True)
    opportunity: str = attrs.field(default="", kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)


PLANS: Final[Mapping[str, type[Any]]] = FrozenDict(
    {
        each.part: each
        for each in (
            MarketAnalysis,
            TargetCustomer,
            ChannelPlan,
            PricingPlan,
            PromotionPlan,
            ExecutionPlan,
            ResearchPlan,
        )
    }
)
"""By part of a strategy, the class of the entries that write it down in sections."""
