"""
Guards on prices and their margin.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Literal

from .._model.values import Label, Money
from .._model.verdict import PASS, Remedy, Verdict, failed, unknown
from ..dossier import PricingPlan
from ..errors import say
from ..typing import Check, Context
from ._base import entry, guard, parameter


@guard(
    "margin_at_least",
    codes={
        "pricing.margin": Label(
            "The margin of {plan} is {margin} %, below {wanted} %.",
            "定价 {plan} 的毛利率为 {margin} %，低于要求的 {wanted} %。",
        ),
        "pricing.unknown": Label(
            "The margin of {plan} cannot be computed without a price and a unit cost.",
            "定价 {plan} 缺少价格或单位成本，无法计算毛利率。",
        ),
        "pricing.none": Label("There is no pricing plan yet.", "尚无定价方案。"),
    },
    kinds=("pricing_plan",),
)
def margin_at_least(ratio: float, *, at: Literal["lowest_price", "price"] = "lowest_price") -> Check:
    """
    Ask that every pricing plan leaves a share of its price after the cost; one verdict for each plan.

    Args:
        ratio: the share, from 0 to below 1.
        at: the price that is looked at; without a lowest price the list price.
    """
    wanted = parameter("ratio", ratio)
    if wanted >= 1:
        raise ValueError(say("param.most", name="ratio", value=ratio, most=0.99))

    def check(ctx: Context) -> tuple[Verdict, ...]:
        plans = ctx.project.all(PricingPlan)
        if not plans:
            return (unknown("pricing.none", entry("pricing_plan", required=("price", "unit_cost"))),)
        return tuple(_kept(plan, wanted, at) for plan in plans)

    return check


def _kept(plan: PricingPlan, wanted: Decimal, at: str) -> Verdict:
    lowest = at == "lowest_price" and plan.lowest_price is not None
    margin = plan.lowest_margin if lowest else plan.margin
    if margin is None or plan.unit_cost is None:
        return unknown("pricing.unknown", _priced(plan), plan=plan.id)
    if margin >= wanted:
        return PASS
    cost = plan.unit_cost
    least = Money((cost.amount / (1 - wanted)).quantize(Decimal("0.01"), ROUND_CEILING), cost.currency)
    remedy = entry("pricing_plan", id=plan.id, min_price=least, min_lowest_price=least if lowest else None)
    return failed("pricing.margin", remedy, plan=plan.id, margin=_percent(margin), wanted=_percent(wanted))


def _priced(plan: PricingPlan) -> Remedy:
    known = next((money.currency for money in (plan.price, plan.unit_cost) if money is not None), None)
    bounds = {"above_price": Decimal(0), "min_unit_cost": Decimal(0)}
    return entry("pricing_plan", id=plan.id, required=("price", "unit_cost"), currency=known, **bounds)


def _percent(share: Decimal) -> Decimal:
    return (100 * share).quantize(Decimal("0.01"))
