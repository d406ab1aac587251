"""
Guards on what was judged: reviews that were held, scorecards that were filled in.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from .._model.values import Label, person
from .._model.verdict import PASS, Verdict, failed, unknown
from ..dossier import Review, Scorecard, ScoreItem
from ..typing import Check, Context
from ._base import Since, counts, days, entry, guard, held_of, is_set, parameter
from ._team import active_members


@guard(
    "review_held",
    codes={
        "review.missing": Label(
            "No complete review {type:review} of {about} was held in time; it needs a past date, attendees and a "
            "decision.",
            "{about} 缺少按时召开且记录完整的 {type:review} 评审：需要已召开的日期、参会人和结论。",
        ),
        "review.no_members": Label(
            "Cannot tell whether every member had a review {type:review}: there is no active member.",
            "没有在岗成员，无法判断是否人人都已完成 {type:review} 评审。",
        ),
    },
    kinds=("review", "member", "visit"),
)
def review_held(
    type: str,
    *,
    since: Since = "",
    within_days: int = 0,
    per: Literal["", "member"] = "",
) -> Check:
    """
    Ask that a review of this *type* was held, with a date that is not ahead, attendees and a decision.

    With *since* it was recorded after the current visit to the stage began. With *within_days*
    above zero it was held at most so many days ago, exactly so many included. With *per*
    ``"member"`` there is one about each active member, and one verdict for each.
    """
    span = days("within_days", within_days)

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        earliest = ctx.at - span if span else None
        done = {
            person(review.member or "")
            for review, held in held_of(ctx.project, Review)
            if review.type == type and counts(held, ctx.project, since) and _complete(review, earliest, ctx.at)
        }
        bounds = {"min_held_at": earliest, "max_held_at": ctx.at, "required": ("held_at", "attendees", "decision")}
        if not per:
            if done:
                return PASS
            return failed("review.missing", entry("review", type=type, **bounds), type=type, about=ctx.project.name)
        members = [member.id for member in active_members(ctx.project)]
        if not members:
            return (unknown("review.no_members", entry("member", active=True), type=type),)
        return tuple(
            PASS
            if person(member) in done
            else failed("review.missing", entry("review", type=type, member=member, **bounds), type=type, about=member)
            for member in members
        )

    return check


def _complete(review: Review, earliest: datetime | None, at: datetime) -> bool:
    held_at = review.held_at
    if held_at is None or held_at > at or (earliest is not None and held_at < earliest):
        return False
    return is_set(review.decision) and any(is_set(name) for name in review.attendees)


def _asked(name: str, **_: object) -> tuple[tuple[str, str], ...]:
    return (("scorecard", name),)


@guard(
    "scorecard_at_least",
    codes={
        "scorecard.missing": Label(
            "The scorecard {name:scorecard} is not filled in.", "评分表 {name:scorecard} 尚未填写。"
        ),
        "scorecard.must_meet": Label(
            "Scorecard {name:scorecard} does not meet what it must: {items:scorecard}.",
            "评分表 {name:scorecard} 未满足必备条件：{items:scorecard}。",
        ),
        "scorecard.low": Label(
            "Scorecard {name:scorecard} has {score} of 100; {min} are needed.",
            "评分表 {name:scorecard} 得分 {score}，低于要求的 {min} 分。",
        ),
    },
    asks=_asked,
    kinds=("scorecard",),
)
def scorecard_at_least(
    name: str, min: float, *, must_meet: tuple[str, ...] = (), evidence_required: bool = False
) -> Check:
    """
    Ask that the scorecard *name* meets its must-meet items and scores at least *min* of 100.

    The score is the average of the items weighted by their weight; items of weight 0 are left
    out, and a scorecard with no other scores 0. With *evidence_required* an item without
    evidence counts 0. An item of *must_meet* that is absent or unanswered is not met.
    """
    need = parameter("min", min)

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        card = next((card for card in ctx.project.all(Scorecard) if card.id == name), None)
        if card is None:
            remedy = entry("scorecard", id=name, required=("items",), met=must_meet, min_score=need)
            return (failed("scorecard.missing", remedy, name=name),)
        found: list[Verdict] = []
        met = {item.id for item in card.items if item.met is True}
        unmet = tuple(item for item in must_meet if item not in met)
        if unmet:
            found.append(failed("scorecard.must_meet", entry("scorecard", id=name, met=unmet), name=name, items=unmet))
        score = _score(card.items, evidence_required=evidence_required)
        if score < need:
            remedy = entry("scorecard", id=name, min_score=need, evidence_required=evidence_required)
            shown = score.quantize(Decimal("0.01"), ROUND_FLOOR)
            found.append(failed("scorecard.low", remedy, name=name, score=shown, min=need))
        return tuple(found) or PASS

    return check


def _score(items: tuple[ScoreItem, ...], *, evidence_required: bool) -> Decimal:
    weights = sum((item.weight for item in items), Decimal(0))
    if not weights:
        return Decimal(0)
    points = (
        Decimal(0) if evidence_required and not is_set(item.evidence) else item.score * item.weight for item in items
    )
    return sum(points, Decimal(0)) / weights
