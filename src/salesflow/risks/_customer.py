"""
Checks on the customer and the competition: contacts, buyers, needs, satisfaction, rivals.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from .._model.advice import AdviceContext, Finding, advises as risk_check
from .._model.facts import EntryPut
from .._model.frozen import EMPTY
from .._model.risk_matrix import Level
from .._model.values import Label, person, same_person
from ..dossier import (
    Activity,
    Artefact,
    Complaint,
    Contact,
    CustomerRecord,
    Feedback,
    Issue,
    Party,
    Scorecard,
    ServiceStandard,
)
from ..dossier._party import standard_hours
from ..guards._base import at_least, some, within_century
from ..typing import RiskCheck
from ._base import DAY, clear, fired, reached, unsure, while_open


@risk_check(
    "single_threaded",
    codes={
        "contact.few": Label(
            "People of the customer who were talked to in {days} days: {n}; {needed} are needed.",
            "{days} 天内只接触了 {n} 位客户联系人，至少需要 {needed} 位。",
        ),
        "contact.unnamed": Label(
            "{n} activities of the last {days} days do not say with whom they were.",
            "最近 {days} 天的 {n} 次活动未注明联系人。",
        ),
    },
)
def single_threaded(
    *,
    needed: int = 2,
    days: int = 30,
    from_stage: str = "",
    from_probability: float = 0.35,
    level: Level = "medium",
) -> RiskCheck:
    """
    Look for fewer than *needed* contacts in the done activities of the last *days* days, from strategy on.

    Args:
        from_stage: from which stage on; by default where *from_probability* is reached.
    """
    at_least(1, needed=needed, days=days)
    within_century([("days", days)])

    def check(ctx: AdviceContext) -> Finding | None:
        if not reached(ctx, from_stage, from_probability):
            return None
        start = ctx.at - days * DAY
        done = [
            one
            for one in ctx.project.all(Activity)
            if one.status == "done" and one.at is not None and start < one.at <= ctx.at
        ]
        names = {one.contact.strip() for one in done} - {""}
        if len(names) >= needed:
            return clear("single_threaded", contacts=tuple(sorted(names)))
        if done and not names:
            return unsure("single_threaded", "contact.unnamed", n=len(done), days=days)
        action = Label("Get to know further people on the customer's side.", "拓展客户侧的更多联系人。")
        return fired("single_threaded", level, "contact.few", action, n=len(names), days=days, needed=needed)

    return while_open(check)


@risk_check(
    "buyer_gap",
    codes={
        "buyer.unknown": Label("Not known at the customer: {roles:attribute}.", "客户侧尚未明确：{roles:attribute}。")
    },
)
def buyer_gap(
    *,
    roles: tuple[str, ...] = ("economic_buyer", "champion"),
    card: str = "meddpicc",
    from_stage: str = "",
    from_probability: float = 0.5,
    min_strength: int = 1,
    level: Level = "high",
) -> RiskCheck:
    """
    Look for buying roles without a known person, at bid or later.

    A role is known if a contact has it, if a customer record names somebody for it, or if its item in the scorecard
    *card* has a mark.

    Args:
        from_stage: from which stage on; by default where *from_probability* is reached.
        min_strength: from which strength of the relationship on a contact counts; without a strength it does.
    """
    some("roles", roles)
    at_least(1, min_strength=min_strength)

    def check(ctx: AdviceContext) -> Finding | None:
        if not reached(ctx, from_stage, from_probability):
            return None
        contacts = {
            role for one in ctx.project.all(CustomerRecord) for role, name in one.contacts.items() if name.strip()
        }
        contacts |= {
            role
            for one in ctx.project.all(Contact)
            if one.strength is None or one.strength >= min_strength
            for role in one.roles
        }
        marked = {
            item.id for one in ctx.project.all(Scorecard) if one.id == card for item in one.items if item.score > 0
        }
        gaps = tuple(role for role in roles if role not in contacts | marked)
        if not gaps:
            return clear("buyer_gap", roles=roles)
        action = Label("Find out who decides and who speaks for us.", "明确决策人以及支持我方的内部教练。")
        return fired("buyer_gap", level, "buyer.unknown", action, roles=gaps)

    return while_open(check)


@risk_check(
    "customer_need_change",
    codes={
        "need.changed": Label(
            "Changes of the customer's needs in the last {days} days: {count}.",
            "客户需求在 {days} 天内变更了 {count} 次。",
        ),
    },
)
def customer_need_change(
    *,
    count: int = 2,
    days: int = 30,
    artefacts: tuple[str, ...] = ("customer_needs",),
    activities: tuple[str, ...] = ("need_change",),
    level: Level = "medium",
) -> RiskCheck:
    """
    Count changes of the customer's needs in the last *days* days.

    A change is a new digest of an artefact of one of these types, or a done activity of one of these types.
    """
    at_least(1, count=count, days=days)
    within_century([("days", days)])

    def check(ctx: AdviceContext) -> Finding:
        start = ctx.at - days * DAY
        moments = [*_rewritten(ctx, artefacts)]
        moments += [
            one.at
            for one in ctx.project.all(Activity)
            if one.type in activities and one.status == "done" and one.at is not None
        ]
        found = sum(start < moment <= ctx.at for moment in moments)
        if found < count:
            return clear("customer_need_change", count=found, days=days)
        action = Label(
            "Agree on the needs again, and look at scope, price and plan.", "重新确认需求，并复核范围、报价和计划。"
        )
        return fired("customer_need_change", level, "need.changed", action, count=found, days=days)

    return while_open(check, resting=True)


def _rewritten(ctx: AdviceContext, types: tuple[str, ...]) -> Iterator[datetime]:
    """
    Yield when an artefact of these types got another digest than before.
    """
    known: dict[str, str] = {}
    for fact in ctx.history:
        for change in fact.body.changes:
            entry = change.entry if isinstance(change, EntryPut) else None
            if isinstance(entry, Artefact) and entry.type in types:
                if known.get(entry.id, entry.digest) != entry.digest:
                    yield fact.at
                known[entry.id] = entry.digest


@risk_check(
    "satisfaction_drop",
    codes={
        "csat.dropped": Label(
            "Satisfaction fell by {drop} points, from {before} to {after}.",
            "客户满意度下降 {drop} 个百分点，由 {before} 降至 {after}。",
        ),
    },
)
def satisfaction_drop(
    *, points: float = 10, days: int = 90, needed: int = 5, top: float = 4, level: Level = "medium"
) -> RiskCheck:
    """
    Compare the customers' satisfaction of the last *days* days with the time before of the same length.

    Satisfaction is the percentage of marks of *top* or more (the top two of five); at least *needed*
    answers are needed in each period. The time of an answer is when it was put into the dossier.
    """
    at_least(1, days=days, needed=needed)
    within_century([("days", days)])

    def check(ctx: AdviceContext) -> Finding | None:
        marks: tuple[list[bool], list[bool]] = ([], [])
        for held in ctx.project.held(Feedback.kind).values():
            entry, age = held.entry, (ctx.at - held.at) // (days * DAY)
            if isinstance(entry, Feedback) and entry.source == "customer" and entry.score is not None and age in (0, 1):
                marks[age].append(entry.score >= top)
        now, earlier = marks
        if not now and not earlier:
            return None
        fewest = min(len(now), len(earlier))
        if fewest < needed:
            return unsure("satisfaction_drop", "insufficient_data", n=fewest, needed=needed)
        before, after = (round(100 * sum(part) / len(part), 1) for part in (earlier, now))
        evidence = {"before": before, "after": after, "drop": round(before - after, 1)}
        if before - after < points:
            return clear("satisfaction_drop", **evidence)
        action = Label("Ask the customers who are not content what went wrong.", "回访不满意的客户，了解原因。")
        return fired("satisfaction_drop", level, "csat.dropped", action, **evidence)

    return check


_RIVALS: Final = Label("Show where we are better, or change what we offer.", "突出我方优势，或调整方案。")


@risk_check(
    "competition",
    codes={
        "rival.strong": Label(
            "Competitor {rival} is as strong as we are, or stronger, in: {items:scorecard}.",
            "竞争对手 {rival} 在以下必备项上不弱于我方：{items:scorecard}。",
        ),
        "rival.unknown": Label("No competitor is named at this stage.", "到此阶段仍未明确竞争对手。"),
        "rival.no_card": Label(
            "Competitors are scored, but our own scorecard {card:scorecard} is not filled in.",
            "已评估竞争对手，但我方评分卡 {card:scorecard} 尚未填写。",
        ),
    },
)
def competition(
    *,
    card: str = "competition",
    from_stage: str = "",
    from_probability: float = 0.5,
    level: Level = "medium",
) -> RiskCheck:
    """
    Look for a competitor whose score in a must-have is at least ours, or for none being known at bid or later.

    Competitors are parties of that type, or have scorecards that say whom they are *about*; must-haves are the items
    of our own scorecard *card* whose *met* is answered.

    Args:
        from_stage: from which stage on one must be known; by default where *from_probability* is reached.
    """

    def check(ctx: AdviceContext) -> Finding | tuple[Finding, ...]:
        cards = ctx.project.all(Scorecard)
        rivals = [one for one in cards if one.about]
        named = tuple(one.name or one.id for one in ctx.project.all(Party) if one.type == "competitor")
        if not rivals and named:
            return clear("competition", rivals=named)
        if not rivals:
            late = reached(ctx, from_stage, from_probability)
            name = Label("Find out who else is bidding.", "了解还有哪些竞争者参与。")
            return fired("competition", level, "rival.unknown", name) if late else clear("competition", rivals=())
        ours = {item.id: item.score for one in cards if one.id == card for item in one.items if item.met is not None}
        if not ours:
            return unsure("competition", "rival.no_card", card=card)
        found: list[Finding] = []
        for rival in rivals:
            items = tuple(item.id for item in rival.items if item.id in ours and item.score >= ours[item.id])
            if items:
                found.append(fired("competition", level, "rival.strong", _RIVALS, rival=rival.about, items=items))
        return tuple(found) or clear("competition", rivals=tuple(rival.about for rival in rivals))

    return while_open(check)


@risk_check(
    "service_overdue",
    codes={
        "service.overdue": Label("Beyond the service standard: {overdue}.", "超出服务标准时限：{overdue}。"),
    },
)
def service_overdue(*, level: Level = "high") -> RiskCheck:
    """
    Look for customers who wait for longer than the service standards of the project allow.

    That is a contact of a customer without a reply, a complaint without an answer or a resolution, and an issue without
    a resolution, in working hours by the calendar of the lifecycle. Without a standard there is nothing to find.
    """

    def check(ctx: AdviceContext) -> Finding | None:
        standards = ctx.project.all(ServiceStandard)
        if not standards:
            return None

        def late(since: datetime | None, hours: str, item: str, severity: str) -> bool:
            allowed = standard_hours(standards, hours, item=item, severity=severity)
            if since is None or since > ctx.at or allowed is None:
                return False
            return ctx.calendar.working_between(since, ctx.at, "bh") > timedelta(hours=float(allowed))

        found = tuple(
            f"{kind} {name}"
            for kind, name, since, hours, item, severity in _waiting(ctx)
            if late(since, hours, item, severity)
        )
        if not found:
            return clear("service_overdue", standards=len(standards))
        action = Label("Answer now, and say by when it will be settled.", "立即答复客户，并告知解决时间。")
        return fired("service_overdue", level, "service.overdue", action, overdue=found)

    return while_open(check, resting=True)


def _waiting(ctx: AdviceContext) -> Iterator[tuple[str, str, datetime | None, str, str, str]]:
    """
    Yield who waits: kind, id, since when, for what, item, severity.
    """
    activities = ctx.project.all(Activity)
    answered = {one.answers for one in activities if one.direction in ("", "out") and one.status == "done"}
    for one in activities:
        if one.direction == "in" and one.status != "dropped" and one.id not in answered:
            yield one.kind, one.id, one.at, "response_hours", "", ""
    for held in ctx.project.held(Complaint.kind).values():
        complaint = held.entry
        if isinstance(complaint, Complaint) and complaint.status in ("received", "answered"):
            hours = "response_hours" if complaint.answered_at is None else "resolution_hours"
            yield (
                complaint.kind,
                complaint.id,
                complaint.raised_at or held.at,
                hours,
                complaint.item,
                complaint.severity,
            )
    for held in ctx.project.held(Issue.kind).values():
        issue = held.entry
        if isinstance(issue, Issue) and issue.open:
            yield issue.kind, issue.id, issue.opened_at or held.at, "resolution_hours", issue.item, issue.severity


@risk_check(
    "customer_conflict",
    codes={
        "customer.shared": Label(
            "{customer} is also served by {owners}, in {projects}.",
            "{customer} 另由 {owners} 跟进（{projects}），存在撞单。",
        ),
        "customer.unasked": Label(
            "Who else serves {customer} is not known without norms.",
            "未提供同类项目数据，无法判断 {customer} 是否另有人跟进。",
        ),
    },
)
def customer_conflict(*, field: str = "customer", level: Level = "medium") -> RiskCheck:
    """
    Look for open projects of the same customer with another owner (撞单).

    Args:
        field: names the customer.
    """

    def check(ctx: AdviceContext) -> Finding | None:
        customer, owner = ctx.project.fields.get(field), ctx.project.owner
        if not isinstance(customer, str) or not owner:
            return None
        if ctx.norms is None:
            return unsure("customer_conflict", "customer.unasked", customer=customer)
        served = ctx.norms.customers.get(person(customer), EMPTY)
        others = {name: who for name, who in served.items() if not same_person(who, owner)}
        others.pop(ctx.project.id, None)
        if not others:
            return clear("customer_conflict", customer=customer)
        action = Label(
            "Agree who serves the customer, by the registration of the deal.", "以报备记录为准，明确由谁跟进该客户。"
        )
        about = {"owners": tuple(sorted({*others.values()})), "projects": tuple(sorted(others))}
        return fired("customer_conflict", level, "customer.shared", action, customer=customer, **about)

    return while_open(check, resting=True)
