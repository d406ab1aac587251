"""
The guard that asks for more approvals the larger an amount is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, NamedTuple, cast, get_args

import attrs

from .._model.frozen import FrozenDict
from .._model.predicate import compare
from .._model.project import field_value
from .._model.values import Label, Money
from .._model.verdict import Verdict, failed, unknown
from .._model.written import conforms
from ..errors import say
from ..typing import Check, Context
from ._approvals import DistinctFrom, Mode, approval
from ._base import cure, guard, some


_KEYS: Final = ("up_to", "roles", "mode", "quorum")
_MODES: Final = get_args(Mode)


class Tier(NamedTuple):
    """
    Up to which amount it holds, ``None`` without limit, and the check that its roles approved.
    """

    up_to: Any
    check: Callable[[Context], Verdict]


def _reads(field: str, *_args: Any, distinct_from: str = "", **_params: Any) -> tuple[str, ...]:
    return (field, "owner") if distinct_from == "owner" else (field,)


def _binds(
    field: str, *_args: Any, name: str = "", binds: tuple[str, ...] = (), **_params: Any
) -> Mapping[str, tuple[str, ...]]:
    return {name or field: (field, *binds)}


@guard(
    "amount_tier_approval",
    codes={
        **approval.codes,
        "approval.tier": Label(
            "{field} is {amount}, so approval {name:approval} is needed: {granted} of {quorum} granted{asked}.",
            "{field} 为 {amount}，审批 {name:approval} 尚未完成：已同意 {granted} 人，需 {quorum} 人{asked}。",
        ),
        "approval.no_tier": Label(
            "{field} is {amount}; nobody may approve more than {most}.",
            "{field} 为 {amount}，超出最高审批权限 {most}。",
        ),
        "approval.no_amount": Label(
            "Cannot tell who has to approve: {field} has no value that compares with {limit}.",
            "{field} 没有可与 {limit} 比较的值，无法判断由谁审批。",
        ),
    },
    reads=_reads,
    kinds=("approval",),
    typed_by={"tiers.up_to": "field"},
    binds=_binds,
)
def amount_tier_approval(
    field: str,
    tiers: tuple[Mapping[str, Any], ...],
    *,
    name: str = "",
    distinct_from: DistinctFrom = "",
    binds: tuple[str, ...] = (),
    any_visit: bool = False,
    expires_days: int = 0,
) -> Check:
    """
    Ask for the approval of the roles that the size of an amount needs: the first tier that holds it decides.

    The approval binds the amount, so another amount needs another approval. In all else it is as in ``approval``.

    Args:
        field: the amount: money, or a number.
        tiers: from small to large, each a table: ``up_to``, the largest amount that it holds, itself included, of
            which the last tier may have none; ``roles``; ``mode``, by default ``all`` of them, or ``any``, or
            ``in_order``; ``quorum``, how many of each role, by default 1.
        name: of the approval, by default that of the field.
        distinct_from: whose own approval does not count.
        binds: fields, and kinds of entries, that the approval is given for besides the amount.
        any_visit: whether an approval that was given in an earlier stay counts as well.
        expires_days: how many days of 24 hours an approval is good for; 0 for ever.

    Raises:
        ValueError: for a tier without roles, with an unknown key, or that does not go further than the tier before.
    """
    some("tiers", tiers)
    kept: dict[str, Any] = {"name": name or field, "binds": (field, *binds), "distinct_from": distinct_from}
    kept |= {"any_visit": any_visit, "expires_days": expires_days}
    made = [_tier(f"tiers[{index}]", table, kept) for index, table in enumerate(tiers)]
    for index, (before, tier) in enumerate(pairwise(made), 1):
        if before.up_to is None or (tier.up_to is not None and compare("gt", tier.up_to, before.up_to) is not True):
            raise ValueError(say("param.tier_order", name=f"tiers[{index}]"))

    def check(ctx: Context) -> Verdict:
        amount = field_value(ctx.project, field)
        for tier in made:
            within = compare("le", amount, tier.up_to) if tier.up_to is not None else _is_amount(amount)
            if within is None or not _is_amount(amount):
                limit = next((each.up_to for each in made if each.up_to is not None), "0")
                return unknown("approval.no_amount", cure("field", field), field=field, limit=limit)
            if within:
                return _about(tier, ctx, field=field, amount=amount)
        most = made[-1].up_to
        remedy = cure("field", field, op="le", value=most)
        return failed("approval.no_tier", remedy, field=field, amount=amount, most=most)

    return check


def _is_amount(value: object) -> bool:
    return isinstance(value, (Money, Decimal, int, float)) and not isinstance(value, bool)


def _tier(name: str, table: Mapping[str, Any], kept: Mapping[str, Any]) -> Tier:
    for key in table:
        if key not in _KEYS:
            raise ValueError(say("param.key", name=name, key=key, known=_KEYS))
    roles, mode, quorum = table.get("roles"), table.get("mode", "all"), table.get("quorum", 1)
    if not roles or not conforms(roles, tuple[str, ...]):
        raise ValueError(say("param.tier_roles", name=name))
    if mode not in _MODES:
        raise ValueError(say("param.key", name=f"{name}.mode", key=mode, known=_MODES))
    if quorum.__class__ is not int:  # and no truth value
        raise ValueError(say("param.least", name=f"{name}.quorum", value=quorum, given="1"))
    check = approval.factory(**kept, roles=roles, mode=mode, quorum=quorum)
    return Tier(table.get("up_to"), cast("Callable[[Context], Verdict]", check))


def _about(tier: Tier, ctx: Context, **amount: Any) -> Verdict:
    """
    Return what the approval of a tier answers, and while it is pending, for which amount and by whom it is needed.
    """
    answer = tier.check(ctx)
    if answer.code != "approval.pending":
        return answer
    return attrs.evolve(answer, code="approval.tier", evidence=FrozenDict({**answer.evidence, **amount}))
