"""
Guards on the end of a project: contract, collection, retrospective, feedback.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from .._model.values import Label, Money
from .._model.verdict import PASS, Remedy, Verdict, failed, passed, unknown
from ..dossier import Contract, Deposit, Feedback, Lesson, Payment, PaymentDue, Receipt, Retrospective
from ..dossier._collection import DueItem, collected
from ..typing import Check, Context
from ._base import at_least, cure, entry, guard, held_of, is_set, parameter


_ZERO: Final = Decimal(0)
_VIEWS: Final = {"self": "本人", "team": "团队", "expert": "专家"}


@guard(
    "contract_signed",
    codes={
        "contract.unsigned": Label(
            "No contract counts as signed; put right: {lacks}.", "尚无有效签署的合同，需补正：{lacks}。"
        ),
    },
    kinds=("contract",),
)
def contract_signed() -> Check:
    """
    Ask for a contract with a day of signing that is not ahead, two parties and an amount above zero.

    Of several contracts, the verdict is about the most complete.
    """

    def check(ctx: Context) -> Verdict:
        today = ctx.today
        judged = [(_unsigned(contract, today), contract.id) for contract in ctx.project.all(Contract)]
        lacks, name = min(judged, key=lambda each: len(each[0]), default=(("signed_on", "parties", "amount"), None))
        if not lacks:
            return PASS
        wanted = {
            "signed_on": ("max_signed_on", today),
            "parties": ("parties_count", 2),
            "amount": ("above_amount", _ZERO),
        }
        remedy = entry("contract", id=name, required=lacks, **dict(wanted[each] for each in lacks))
        return failed("contract.unsigned", remedy, lacks=lacks)

    return check


def _unsigned(contract: Contract, today: date) -> tuple[str, ...]:
    parties = {party.strip() for party in contract.parties} - {""}
    signed = {
        "signed_on": contract.signed_on is not None and contract.signed_on <= today,
        "parties": len(parties) >= 2,
        "amount": contract.amount is not None and contract.amount.amount > 0,
    }
    return tuple(name for name, good in signed.items() if not good)


@guard(
    "collection_at_least",
    codes={
        "collection.low": Label(
            "{received} of {due} is collected; {need} is needed.", "应收 {due}，已回款 {received}，要求回款 {need}。"
        ),
        "collection.nothing_due": Label("No payment is due yet.", "目前没有到期的应收款。"),
        "collection.no_contract": Label(
            "The collection rate cannot be computed without a contract amount.", "没有合同金额，无法计算回款率。"
        ),
        "collection.currency": Label(
            "The collection rate cannot be computed across currencies: {currencies}.",
            "涉及多种货币（{currencies}），无法计算回款率。",
        ),
    },
    kinds=("payment", "payment_due", "receipt", "contract"),
)
def collection_at_least(ratio: float, *, basis: Literal["due", "contract"] = "due") -> Check:
    """
    Ask that the collection rate is at least *ratio*.

    - basis ``due``: received for the items that are due by the day of the decision, divided by their amounts. While
      nothing is due the guard passes with the note ``collection.nothing_due``;
    - basis ``contract``: received for all items, divided by the amounts of the contracts, with tax. Without one it
      cannot be determined.

    The items are payments, and payments due with the receipts that settle them. A receipt counts unless its day is
    ahead. More than is due may come in, and a refund is taken off.
    """
    share = parameter("ratio", ratio)

    def check(ctx: Context) -> Verdict:
        today, project = ctx.today, ctx.project
        receipts = project.all(Receipt)
        found = collected((*project.all(Payment), *project.all(PaymentDue), *receipts), today)
        whole = basis == "contract"
        contracts, advances = (project.all(Contract), found.advances) if whole else ((), ())
        items = [each for each in found.items if whole or (each.entry.due is not None and each.entry.due <= today)]
        owed = contracts if whole else [item.entry for item in items]
        owing = [each.gross if isinstance(each, Contract) else each.amount for each in owed]
        amounts = [money for money in owing if money is not None]
        currency = amounts[0].currency if amounts else ""
        named = {item.entry.id for item in items if isinstance(item.entry, PaymentDue)}
        counted = [each for each in receipts if each.received_on <= today and (each.pays in named or each in advances)]
        strange = list(_strange(contracts, items, counted, currency)) if amounts else []
        if strange:
            currencies = (currency, *dict.fromkeys(each for each, _ in strange))
            return unknown("collection.currency", *(remedy for _, remedy in strange), currencies=currencies)
        total = sum((money.amount for money in amounts), _ZERO)
        if total <= 0:
            remedy = entry("contract", above_amount=_ZERO, id=next((contract.id for contract in contracts), None))
            return passed("collection.nothing_due") if basis == "due" else unknown("collection.no_contract", remedy)
        received = sum((item.received for item in items), _ZERO)
        received += sum((each.paid.amount for each in advances), _ZERO)
        need = share * total
        if received >= need:
            return PASS
        evidence = {"received": received, "due": total, "need": need}
        money = {name: Money(amount, currency) for name, amount in evidence.items()}
        return failed("collection.low", *_collect(items, need - received, currency, today), **money)

    return check


def _strange(
    contracts: Iterable[Contract], items: Iterable[DueItem], receipts: Iterable[Receipt], currency: str
) -> Iterator[tuple[str, Remedy]]:
    """
    Yield each other currency, and the entry that is in it.
    """
    amounts: list[tuple[Contract | Payment | PaymentDue | Receipt, tuple[Money | None, ...]]] = [
        *[(contract, (contract.amount,)) for contract in contracts],
        *[(item.entry, (item.entry.amount, *(item.paid if isinstance(item.entry, Payment) else ()))) for item in items],
        *[(receipt, (receipt.amount,)) for receipt in receipts],
    ]
    for each, moneys in amounts:
        others = [money.currency for money in moneys if money is not None and money.currency != currency]
        if others:
            yield others[0], entry(each.kind, id=each.id, currency=currency)


def _collect(items: Sequence[DueItem], short: Decimal, currency: str, today: date) -> Iterator[Remedy]:
    """
    Yield what must come in for each item until nothing is short; the last one takes what no item owes.
    """
    for item in items:
        due, received = item.entry, item.received
        owed = due.amount.amount - received if due.amount is not None else _ZERO
        part = short if item is items[-1] else min(short, owed)
        if part > 0:
            short -= part
            if isinstance(due, Payment):
                yield entry("payment", id=due.id, min_received=Money(received + part, currency), max_received_on=today)
            else:
                yield entry("receipt", amount=Money(part, currency), pays=due.id, refund=False, max_received_on=today)
    if not items:
        money = Money(short, currency)
        yield entry("payment", amount=money, received=money, due=today, max_received_on=today)


@guard(
    "retrospective_done",
    codes={
        "retro.missing": Label("No retrospective was held since the outcome was set.", "确定结果之后尚未复盘。"),
        "retro.thin": Label(
            "The retrospective is thin; still open: {thin:section}.", "复盘内容不充分，待补充：{thin:section}。"
        ),
    },
    kinds=("retrospective", "lesson"),
)
def retrospective_done(
    sections: tuple[str, ...],
    *,
    min_lessons: int = 1,
    min_participants: int = 0,
    sources: tuple[Literal["self", "team", "expert"], ...] = (),
) -> Check:
    """
    Ask for a retrospective, recorded after the outcome was set, with these *sections* filled.

    At least *min_lessons* lessons were recorded after the outcome too, and the retrospective names
    at least *min_participants* participants. Of several retrospectives the latest counts. With *sources* there is one
    from each of these points of view: of the owner alone (``self``), of the ``team``, of an ``expert``.
    """
    at_least(0, min_lessons=min_lessons, min_participants=min_participants)

    def fresh(source: str | None) -> Remedy:
        people = min_participants or None
        return entry("retrospective", id=source, source=source, sections=sections, participants_count=people)

    def check(ctx: Context) -> Verdict:
        since = ctx.project.outcome_version
        looks = [(held.version, look) for look, held in held_of(ctx.project, Retrospective) if 0 < since < held.version]
        lessons = [lesson for lesson, held in held_of(ctx.project, Lesson) if 0 < since < held.version]
        learned = sum(is_set(lesson.text) for lesson in lessons)
        more = [entry("lesson", required=("text",), count=min_lessons - learned)] if learned < min_lessons else []
        if not looks:
            first = () if since else (cure("field", "outcome"),)
            return failed("retro.missing", *first, *map(fresh, sources or (None,)), *more)
        look = max(looks, key=lambda each: each[0])[1]
        blank = tuple(name for name in sections if not is_set(look.sections.get(name)))
        people = len({name.strip() for name in look.participants} - {""})
        thin: list[str | Label] = [*blank]
        remedies = more
        if blank:
            remedies.append(entry("retrospective", id=look.id, sections=blank))
        if people < min_participants:
            thin.append(Label(f"participants {people}/{min_participants}", f"参与人 {people}/{min_participants}"))
            remedies.append(entry("retrospective", id=look.id, participants_count=min_participants))
        if learned < min_lessons:
            thin.append(Label(f"lessons {learned}/{min_lessons}", f"经验教训 {learned}/{min_lessons}"))
        for source in sources:
            if all(each.source != source for _, each in looks):
                thin.append(Label(f"point of view: {source}", f"视角：{_VIEWS[source]}"))
                remedies.append(fresh(source))
        return failed("retro.thin", *remedies, thin=tuple(thin)) if thin else PASS

    return check


@guard(
    "feedback_collected",
    codes={
        "feedback.missing": Label(
            "Feedback from {source:choice} is missing: {have} of {need} answers.",
            "缺少来自 {source:choice} 的反馈：已收到 {have}/{need} 份。",
        ),
    },
    kinds=("feedback",),
)
def feedback_collected(sources: tuple[str, ...], *, min_responses: int = 1, allow_declined: bool = False) -> Check:
    """
    Ask for at least *min_responses* answers from each of the *sources*; one verdict for each.

    A recorded refusal to answer counts only with *allow_declined*.
    """
    at_least(0, min_responses=min_responses)

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        answers = [each.source for each in ctx.project.all(Feedback) if allow_declined or not each.declined]
        return tuple(_answered(source, answers.count(source), min_responses) for source in sources) or PASS

    return check


def _answered(source: str, have: int, need: int) -> Verdict:
    if have >= need:
        return PASS
    remedy = entry("feedback", source=source, declined=False, count=need - have)
    return failed("feedback.missing", remedy, source=source, have=have, need=need)


@guard(
    "deposits_returned",
    codes={
        "deposit.out": Label(
            "{deposit} ({type:deposit}) of {amount} has not come back yet; it was due on {due}.",
            "{deposit}（{type:deposit}）{amount} 尚未退回，应退日期 {due}。",
        ),
    },
    kinds=("deposit",),
)
def deposits_returned(types: tuple[str, ...] = ()) -> Check:
    """
    Ask that every deposit that was paid, such as a bid bond, has come back, or is lost; one verdict for each.

    Args:
        types: of the deposits that are looked at; empty for all.
    """

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        today = ctx.today
        paid = [each for each in ctx.project.all(Deposit) if each.paid_on is not None and each.paid_on <= today]
        out = [each for each in paid if each.type in (types or (each.type,)) and not _back(each, today)]
        return tuple([_out(each, today) for each in out]) or PASS

    return check


def _back(deposit: Deposit, today: date) -> bool:
    lost = deposit.withheld is not None and deposit.withheld == deposit.amount
    return lost or (deposit.returned_on is not None and deposit.returned_on <= today)


def _out(deposit: Deposit, today: date) -> Verdict:
    remedy = entry("deposit", id=deposit.id, returned_on=today)
    about = {"deposit": deposit.id, "type": deposit.type, "amount": deposit.amount, "due": deposit.due_back}
    return failed("deposit.out", remedy, **about)
