"""
Checks on money: the amount, the collection, results against plan, and deals that stay small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from statistics import fmean, quantiles
from typing import Final

from .. import dossier
from .._model.advice import AdviceContext, Finding, OwnerNorm, advises as risk_check
from .._model.frozen import EMPTY
from .._model.risk_matrix import Level
from .._model.values import Label, Money, person
from ..dossier import Goal, Payment, PaymentDue, Receipt
from ..dossier._collection import collected
from ..guards._base import at_least, within_century
from ..guards._goals import absolute_target, live_goals
from ..typing import RiskCheck
from ._base import DAY, clear, fired, unsure, values_of, while_open


_CURRENCIES: Final = Label(
    "It cannot be computed in several currencies: {currencies}.", "存在多种币种（{currencies}），无法判断。"
)


@risk_check(
    "amount_swing",
    codes={
        "amount.swung": Label(
            "The amount went from {before} to {after} in {days} days: {share} %.",
            "金额在 {days} 天内由 {before} 变为 {after}，变动 {share} %。",
        ),
        "amount.zero": Label("The amount was 0 before, so the change has no share.", "原金额为 0，无法计算变动比例。"),
        "amount.currencies": _CURRENCIES,
    },
)
def amount_swing(*, share: float = 0.2, days: int = 30, field: str = "amount", level: Level = "medium") -> RiskCheck:
    """
    Look for an amount that changed by more than *share* within *days* days: ``|new - old| / old``.

    *old* is the value at the beginning of that time, or the first value in it.
    """
    at_least(0, share=share)
    at_least(1, days=days)
    within_century([("days", days)])

    def check(ctx: AdviceContext) -> Finding | None:
        values = [(at, value) for at, value in values_of(ctx, field) if at <= ctx.at and isinstance(value, Money)]
        if not values:
            return None
        earlier = [value for at, value in values if at <= ctx.at - days * DAY]
        old, new = (earlier[-1:] or [values[0][1]])[0], values[-1][1]
        if old.currency != new.currency:
            return unsure("amount_swing", "amount.currencies", currencies=(old.currency, new.currency))
        if old == new:
            return clear("amount_swing", before=old, after=new, days=days)
        if not old.amount:
            return unsure("amount_swing", "amount.zero", before=old, after=new, days=days)
        moved = abs(new.amount - old.amount) / abs(old.amount)
        evidence = {"before": old, "after": new, "days": days, "share": round(float(100 * moved), 1)}
        if moved <= Decimal(str(share)):
            return clear("amount_swing", **evidence)
        action = Label(
            "Find out why the amount changed, and check forecast and approval.", "查明金额变动原因，并复核预测和审批。"
        )
        return fired("amount_swing", level, "amount.swung", action, **evidence)

    return while_open(check, resting=True)


@risk_check(
    "product_underperformance",
    codes={
        "goal.behind": Label(
            "Goal {goal} is at {share} % of its plan to date: {actual} of {planned}.",
            "目标 {goal} 仅完成截至目前计划的 {share} %：{actual}/{planned}。",
        ),
    },
)
def product_underperformance(*, share: float = 0.8, level: Level = "medium") -> RiskCheck:
    """
    Compare what goals reached with their plan to date; fire below *share*.

    Looked at are live goals with *actual*, target, start and due day whose metric adds up (a metric of the
    host's own is taken to). The plan to date is the target times the share of days of its period that have passed.
    """
    at_least(0, share=share)
    least = Fraction(str(share))

    def check(ctx: AdviceContext) -> tuple[Finding, ...] | Finding | None:
        found: list[Finding] = []
        looked = 0
        for goal in live_goals(ctx.project):
            ratio = _progress(goal, ctx)
            if ratio is None:
                continue
            looked += 1
            done, planned = ratio
            if done < least * planned:
                about = {"goal": goal.id, "actual": goal.actual, "planned": round(float(planned), 2)}
                action = Label(
                    "Look at product, price and target group, and adjust the plan.",
                    "复核产品、价格和目标客户，并调整计划。",
                )
                part = round(float(100 * done / planned), 1)
                found.append(fired("product_underperformance", level, "goal.behind", action, **about, share=part))
        if not looked:
            return None
        return tuple(found) or clear("product_underperformance", n=looked)

    return check


def _progress(goal: Goal, ctx: AdviceContext) -> tuple[Fraction, Fraction] | None:
    """
    Return what is reached and what was to be reached by now; ``None`` where that is unknown.
    """
    metric, target = dossier.KPIS.get(goal.metric), absolute_target(goal)
    if (metric is not None and not metric.additive) or goal.actual is None or target is None or target <= 0:
        return None
    if goal.start is None or goal.due is None or not goal.start <= ctx.today or goal.due < goal.start:
        return None
    today = min(ctx.today, goal.due)
    passed = Fraction((today - goal.start).days + 1, (goal.due - goal.start).days + 1)
    return Fraction(goal.actual), target * passed


@risk_check(
    "high_conversion_low_value",
    codes={
        "owner.small_deals": Label(
            "{owner} wins often ({conversion} %) but small: {value} on average; the lowest quarter is up to {low}.",
            "{owner} 的转化率高（{conversion} %），但单笔金额低：平均 {value}，处于同事最低四分之一（{low}）以内。",
        ),
    },
)
def high_conversion_low_value(*, needed: int = 5, peers: int = 3, level: Level = "low") -> RiskCheck:
    """
    Look for an owner who converts as well as the best quarter of the peers, with deals as small as the lowest quarter.

    Conversion is won / closed; a peer is another owner of the norms. Quantiles are inclusive.

    Args:
        needed: how many closed projects the owner and each peer need.
        peers: how many peers are needed.
    """
    at_least(1, needed=needed)
    at_least(2, peers=peers)

    def check(ctx: AdviceContext) -> Finding | None:
        owner = None if ctx.project.owner is None else person(ctx.project.owner)
        if owner is None:
            return None
        norms: Mapping[str, OwnerNorm] = EMPTY if ctx.norms is None else ctx.norms.owners
        known = {name: norm for name, norm in norms.items() if norm.closed >= needed and norm.amounts}
        others = [norm for name, norm in known.items() if name != owner]
        own = known.get(owner)
        if own is None:
            n = norms[owner].closed if owner in norms else 0
            return unsure("high_conversion_low_value", "insufficient_data", n=n, needed=needed)
        if len(others) < peers:
            return unsure("high_conversion_low_value", "insufficient_data", n=len(others), needed=peers)
        high = quantiles([one.won / one.closed for one in others], n=4, method="inclusive")[2]
        low = quantiles([fmean(one.amounts) for one in others], n=4, method="inclusive")[0]
        return _small_deals(owner, own, high, low, level)

    return while_open(check, resting=True)


def _small_deals(owner: str, own: OwnerNorm, high: float, low: float, level: Level) -> Finding:
    conversion, value = own.won / own.closed, fmean(own.amounts)
    evidence = {
        "owner": owner,
        "conversion": round(100 * conversion, 1),
        "value": round(value, 2),
        "low": round(low, 2),
        "high": round(100 * high, 1),
    }
    if conversion < high or value > low:
        return clear("high_conversion_low_value", **evidence)
    action = Label("Coach the owner in negotiating and in asking for more.", "安排谈判辅导，提升单笔成交金额。")
    return fired("high_conversion_low_value", level, "owner.small_deals", action, **evidence)


@risk_check(
    "collection_overdue",
    codes={
        "payment.overdue": Label(
            "{overdue} of {due} due is not paid ({share} %); the oldest item for {oldest} days.",
            "到期应收 {due} 中有 {overdue} 未回款（{share} %），最早一笔已逾期 {oldest} 天。",
        ),
        "payment.currencies": _CURRENCIES,
    },
)
def collection_overdue(
    *, share: float = 0.1, oldest_days: int = 90, level: Level = "medium", old_level: Level = "high"
) -> RiskCheck:
    """
    Look for more than *share* of the amount due unpaid, or an item overdue for more than *oldest_days* days.

    The items are payments, and payments due with the receipts that settle them. Also after the project has ended; the
    second case has *old_level*.
    """
    at_least(0, share=share, oldest_days=oldest_days)

    def check(ctx: AdviceContext) -> Finding | None:
        items = _due(ctx)
        whole = sum((amount.amount for amount, _, _ in items), Decimal(0))
        if whole <= 0:
            return None
        currencies = sorted({money.currency for amount, paid, _ in items for money in (amount, *paid)})
        if len(currencies) > 1:
            return unsure("collection_overdue", "payment.currencies", currencies=tuple(currencies))
        left = [(amount.amount - sum(money.amount for money in paid), age) for amount, paid, age in items]
        overdue = sum((amount for amount, _ in left if amount > 0), Decimal(0))
        oldest = max((age for amount, age in left if amount > 0), default=0)
        evidence = {
            "overdue": Money(overdue, currencies[0]),
            "due": Money(whole, currencies[0]),
            "share": round(float(100 * overdue / whole), 1),
            "oldest": oldest,
        }
        action = Label("Ask for the payment, and settle what holds it up.", "催收款项，并解决影响付款的问题。")
        if oldest > oldest_days:
            return fired("collection_overdue", old_level, "payment.overdue", action, **evidence)
        if overdue > Decimal(str(share)) * whole:
            return fired("collection_overdue", level, "payment.overdue", action, **evidence)
        return clear("collection_overdue", **evidence)

    return check


def _due(ctx: AdviceContext) -> list[tuple[Money, Sequence[Money], int]]:
    """
    Return what is due, what was paid, and for how many days it is overdue, of each item that was due before today.
    """
    today, project = ctx.today, ctx.project
    found = collected((*project.all(Payment), *project.all(PaymentDue), *project.all(Receipt)), today)
    return [
        (each.amount, paid, (today - each.due).days)
        for each, paid in found.items
        if each.amount is not None and each.due is not None and each.due < today
    ]
