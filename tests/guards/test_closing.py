"""
Guards on contract, collection, retrospective and feedback.
"""

from __future__ import annotations

import attrs
import pytest

from salesflow import Money, dossier
from salesflow.guards import (
    collection_at_least,
    contract_signed,
    deposits_returned,
    feedback_collected,
    retrospective_done,
)
from salesflow.typing import Label, Remedy

from ..cases import over_cases
from ..inside.guards.cures import cured
from .factory import DAY, NOW, ask, ask_one, context, held, project


TODAY = NOW.date()
SIGNED = dossier.Contract("c", amount=Money("100", "CNY"), parties=["us", "them"], signed_on=TODAY)


def cny(amount):
    return Money(str(amount), "CNY")


@over_cases(
    ("changes", "lacks"),
    [
        ({}, None),
        ({"signed_on": None}, ("signed_on",)),
        ({"signed_on": TODAY + DAY}, ("signed_on",)),
        ({"parties": ("us",)}, ("parties",)),
        ({"parties": ("us", " us ", " ")}, ("parties",)),
        ({"amount": None}, ("amount",)),
        ({"amount": cny(0)}, ("amount",)),
        ({"amount": cny(-1), "signed_on": None, "parties": ()}, ("signed_on", "parties", "amount")),
    ],
)
def test_a_contract_is_signed(changes, lacks):
    """Signed today counts; day, two parties and an amount above zero are needed, and all that lacks is listed."""
    entries = [attrs.evolve(SIGNED, **changes)]

    assert lacks == ask_one(contract_signed, context(project(entries=entries))).evidence.get("lacks")
    assert cured(contract_signed, project(entries=entries))


def test_an_unsigned_contract_is_told():
    """Of several contracts the nearest to signing is spoken of; without one, everything lacks."""
    entries = [dossier.Contract("draft"), attrs.evolve(SIGNED, signed_on=None)]
    verdict = ask_one(contract_signed, context(project(entries=entries)))
    none = ask_one(contract_signed, context())

    assert {"id": "c", "required": ("signed_on",), "max_signed_on": TODAY} == dict(verdict.missing[0].params)
    assert "No contract counts as signed; put right: signed on." == verdict.message()
    assert "尚无有效签署的合同，需补正：签署日期。" == verdict.message("zh")
    assert ("signed_on", "parties", "amount") == none.evidence["lacks"]
    assert "id" not in none.missing[0].params
    assert cured(contract_signed, project())
    assert "pass" == ask_one(contract_signed, context(project(entries=[*entries, SIGNED]))).status


def item(name, amount, received=None, *, due=TODAY, on=None):
    return dossier.Payment(
        name,
        None if amount is None else cny(amount),
        due=due,
        received=None if received is None else cny(received),
        received_on=on,
    )


@over_cases(
    ("entries", "ratio", "code"),
    [
        ([], 1.0, "collection.nothing_due"),
        ([item("a", 100, due=TODAY + DAY)], 1.0, "collection.nothing_due"),
        ([item("a", 100, due=None)], 1.0, "collection.nothing_due"),
        ([item("a", None)], 1.0, "collection.nothing_due"),
        ([item("a", 100, 100)], 1.0, ""),
        ([item("a", 100, "99.99")], 1.0, "collection.low"),
        ([item("a", 100)], 1.0, "collection.low"),
        ([item("a", 100)], 0, ""),
        ([item("a", 100, 80)], 0.8, ""),
        ([item("a", 100, 100, on=TODAY)], 1.0, ""),
        ([item("a", 100, 100, on=TODAY + DAY)], 1.0, "collection.low"),
        ([item("a", 100, 130), item("b", 100, 70)], 1.0, ""),
        ([item("a", 100, 100), item("b", 100, -20)], 0.5, "collection.low"),
        ([item("a", 100, 100), item("b", 100, 100, due=TODAY + DAY)], 1.5, "collection.low"),
        ([item("a", 100, 60), item("b", None, 40)], 1.0, ""),
        ([item("a", 100, 60), item("b", None, 30), item("d", 50, 20), item("e", 10, 10)], 1.0, "collection.low"),
        ([item("a", 100), dossier.Payment("b", Money("1", "USD"), due=TODAY)], 1.0, "collection.currency"),
        ([item("a", 1), dossier.Payment("b", Money("-1", "USD"), due=TODAY)], 1.0, "collection.currency"),
        ([dossier.Payment("a", cny(100), received=Money("100", "USD"), due=TODAY)], 1.0, "collection.currency"),
        ([item("a", 100, 100), dossier.Payment("b", Money("1", "USD"), due=TODAY + DAY)], 1.0, ""),
    ],
)
def test_collection_of_what_is_due(entries, ratio, code):
    """Receipts count up to the day, refunds are taken off, more may come in than is due; the remedies pay the rest."""
    verdict = ask_one(collection_at_least, context(project(entries=entries)), ratio)

    assert code == verdict.code
    assert (
        "unknown" if code == "collection.currency" else "fail" if code == "collection.low" else "pass"
    ) == verdict.status
    if verdict.status != "pass":
        assert cured(collection_at_least, project(entries=entries), ratio)


@over_cases(
    ("entries", "code"),
    [
        ([], "collection.no_contract"),
        ([dossier.Contract("c")], "collection.no_contract"),
        ([dossier.Contract("c", amount=cny(0)), item("a", 100, 100)], "collection.no_contract"),
        ([SIGNED], "collection.low"),
        ([SIGNED, item("a", 60, 60), item("b", 40, due=None)], "collection.low"),
        ([SIGNED, item("a", 60, 60), item("b", 40, 40, due=TODAY + DAY)], ""),
        ([SIGNED, dossier.Contract("more", amount=cny(1)), item("a", 100, 100)], "collection.low"),
        ([SIGNED, dossier.Contract("more", amount=Money("1", "EUR")), item("a", 100, 100)], "collection.currency"),
        ([SIGNED, dossier.Payment("a", Money("100", "EUR"), received=Money("100", "EUR"))], "collection.currency"),
    ],
)
def test_collection_of_the_contract(entries, code):
    """All receipts are held against the amounts of the contracts; without an amount it is unknown."""
    proposed = project(entries=entries)

    assert code == ask_one(collection_at_least, context(proposed), 1.0, basis="contract").code
    assert cured(collection_at_least, proposed, 1.0, basis="contract")


def owes(name, amount, due=TODAY, currency="CNY"):
    return dossier.PaymentDue(name, Money(amount, currency), due)


def came(name, amount, *, on=TODAY, currency="CNY", **about):
    return dossier.Receipt(name, Money(amount, currency), on, **about)


BOTH = [owes("new", 100, TODAY), owes("old", 100, TODAY - DAY), owes("later", 100, TODAY + DAY)]


@over_cases(
    ("entries", "received"),
    [
        (BOTH, "0"),
        ([*BOTH, came("r", 120)], "120"),
        ([*BOTH, came("r", 120, on=TODAY + DAY)], "0"),
        ([*BOTH, came("r", 120, pays="new")], "120"),
        ([*BOTH, came("r", 250)], "200"),
        ([*BOTH, came("r", 250, pays="later"), came("s", 50)], "50"),
        ([*BOTH, came("r", 50, pays="old"), came("s", 120)], "170"),
        ([*BOTH, came("r", 200), came("back", 70, refund=True)], "130"),
        ([*BOTH, came("r", 100, pays="old"), came("back", 30, refund=True)], "70"),
        ([*BOTH, came("back", 30, refund=True)], "-30"),
        ([*BOTH, item("p", 100, 60), came("r", 40)], "100"),
        ([BOTH[0], came("r", 130, pays="unknown")], "130"),
        ([BOTH[0], came("r", 130, currency="USD")], "0"),
    ],
)
def test_receipts_settle_what_is_due(entries, received):
    """Those that name an item settle it, others the oldest; the guard's remedies pay the rest."""
    need = len([each for each in entries if getattr(each, "due", None) in {TODAY, TODAY - DAY}]) * 100
    verdict = ask_one(collection_at_least, context(project(entries=entries)), 2.0)

    assert (cny(received), cny(need)) == (verdict.evidence["received"], verdict.evidence["due"])
    assert cured(collection_at_least, project(entries=entries), 1.0)


@over_cases(
    ("entries", "code"),
    [
        ([SIGNED, came("r", 60), came("s", 60), came("back", 20, refund=True)], ""),
        ([SIGNED, came("r", 60)], "collection.low"),
        ([SIGNED, owes("a", 100, None), came("r", 60)], "collection.low"),
        ([SIGNED, came("r", 60, currency="EUR")], "collection.currency"),
        ([SIGNED, owes("a", 100), came("r", 60, currency="EUR", pays="a")], "collection.currency"),
        ([SIGNED, owes("a", 100, currency="EUR")], "collection.currency"),
    ],
)
def test_receipts_and_the_contract(entries, code):
    """All that came in is held against the contract, also what no item takes."""
    proposed = project(entries=entries)

    assert code == ask_one(collection_at_least, context(proposed), 1.0, basis="contract").code
    assert cured(collection_at_least, proposed, 1.0, basis="contract")


def test_collection_is_told():
    """Amounts are told with their currency, and the remedies name what each item still owes."""
    entries = [item("a", 100, 70), item("b", 100, 100), item("c", 100, 20, on=TODAY + DAY)]
    low = ask_one(collection_at_least, context(project(entries=entries)), 0.9)
    nothing = ask_one(collection_at_least, context(), 1.0)
    mixed = ask_one(
        collection_at_least,
        context(project(entries=[item("a", 1), dossier.Payment("b", Money("1", "USD"), due=TODAY)])),
        1,
    )

    assert "170 CNY of 300 CNY is collected; 270 CNY is needed." == low.message()
    assert "应收 300 CNY，已回款 170 CNY，要求回款 270 CNY。" == low.message("zh")
    assert [
        {"id": "a", "min_received": cny(100), "max_received_on": TODAY},
        {"id": "c", "min_received": cny(70), "max_received_on": TODAY},
    ] == [dict(remedy.params) for remedy in low.missing]
    assert ("pass", "目前没有到期的应收款。") == (nothing.status, nothing.message("zh"))
    assert "The collection rate cannot be computed across currencies: CNY, USD." == mixed.message()


LESSONS = Label("lessons 0/1", "经验教训 0/1")
LOOK = dossier.Retrospective(
    sections={"successes": "Early demo.", "shortfalls": "Late offer."}, participants=["li.wei"]
)
LESSON = dossier.Lesson("l1", "Offer early.")
SECTIONS = ("successes", "shortfalls")


@pytest.mark.requirement("A38", "A55", "B16", "B17", "D43", "D56", "E13")
@over_cases(
    ("entries", "params", "code", "thin"),
    [
        ([held(LOOK), held(LESSON)], {}, "", None),
        ([held(LOOK, version=4), held(LESSON)], {}, "retro.missing", None),
        ([held(LESSON)], {}, "retro.missing", None),
        ([], {"min_participants": 2}, "retro.missing", None),
        ([held(LOOK)], {}, "retro.thin", (LESSONS,)),
        ([held(LOOK), held(LESSON, version=4)], {}, "retro.thin", (LESSONS,)),
        ([held(LOOK), held(attrs.evolve(LESSON, text=" "))], {}, "retro.thin", (LESSONS,)),
        ([held(LOOK)], {"min_lessons": 0}, "", None),
        (
            [held(attrs.evolve(LOOK, sections={"successes": "Yes.", "shortfalls": " "}))],
            {"min_lessons": 0},
            "retro.thin",
            ("shortfalls",),
        ),
        ([held(LOOK)], {"min_lessons": 0, "min_participants": 1}, "", None),
        (
            [held(attrs.evolve(LOOK, sections={}, participants=["a", " a ", ""]))],
            {"min_lessons": 2, "min_participants": 2},
            "retro.thin",
            ("successes", "shortfalls", Label("participants 1/2", "参与人 1/2"), Label("lessons 0/2", "经验教训 0/2")),
        ),
        (
            [held(LOOK), held(dossier.Retrospective("again"), version=6), held(LESSON)],
            {},
            "retro.thin",
            ("successes", "shortfalls"),
        ),
        (
            [held(LOOK), held(LESSON)],
            {"sources": ("self", "team")},
            "retro.thin",
            (Label("point of view: self", "视角：本人"),),
        ),
        ([held(LESSON)], {"sources": ("self", "team", "expert")}, "retro.missing", None),
    ],
)
def test_a_retrospective_after_the_outcome(entries, params, code, thin):
    """Only what was recorded after the outcome counts, of that the latest; all that is thin is listed."""
    proposed = project(entries=entries, outcome="won", outcome_version=4)
    verdict = ask_one(retrospective_done, context(proposed), SECTIONS, **params)

    assert (code, thin) == (verdict.code, verdict.evidence.get("thin"))
    assert cured(retrospective_done, proposed, SECTIONS, **params)


def test_without_an_outcome_there_is_nothing_to_look_back_on():
    """A retrospective before the outcome is none, and the remedies begin with the outcome."""
    proposed = project(entries=[held(LOOK), held(LESSON)])
    verdict = ask_one(retrospective_done, context(proposed), SECTIONS)

    assert "retro.missing" == verdict.code
    assert Remedy("field", "outcome") == verdict.missing[0]
    assert ["field", "entry", "entry"] == [remedy.kind for remedy in verdict.missing]
    assert "No retrospective was held since the outcome was set." == verdict.message()
    assert "确定结果之后尚未复盘。" == verdict.message("zh")
    assert cured(retrospective_done, proposed, SECTIONS)


def test_a_thin_retrospective_is_told():
    """Sections are named, counts are given."""
    proposed = project(entries=[held(attrs.evolve(LOOK, sections={}))], outcome_version=4)
    verdict = ask_one(retrospective_done, context(proposed), SECTIONS)

    assert "The retrospective is thin; still open: successes, shortfalls, lessons 0/1." == verdict.message()
    assert "复盘内容不充分，待补充：成功经验、不足之处、经验教训 0/1。" == verdict.message("zh")


def answers(*sources, declined=False):
    return [dossier.Feedback(f"{source}-{n}", source, declined=declined) for n, source in enumerate(sources)]


@pytest.mark.requirement("C22")
@over_cases(
    ("entries", "params", "codes"),
    [
        (answers("customer"), {}, ["pass", "feedback.missing"]),
        (answers("customer", "team"), {}, ["pass", "pass"]),
        (answers("customer", "customer", "team"), {"min_responses": 2}, ["pass", "feedback.missing"]),
        (answers("customer", "team", declined=True), {}, ["feedback.missing", "feedback.missing"]),
        (answers("customer", "team", declined=True), {"allow_declined": True}, ["pass", "pass"]),
        ([], {"min_responses": 0}, ["pass", "pass"]),
    ],
)
def test_feedback_is_counted_by_source(entries, params, codes):
    """Each source has its verdict; refusals to answer count where they are allowed to."""
    proposed = project(entries=entries)
    verdicts = ask(feedback_collected, context(proposed), ("customer", "team"), **params)

    assert codes == [verdict.code or verdict.status for verdict in verdicts]
    assert cured(feedback_collected, proposed, ("customer", "team"), **params)


def test_missing_feedback_is_told():
    """The message counts; no source asks for nothing."""
    verdict = ask_one(feedback_collected, context(project(entries=answers("customer"))), ("customer",), min_responses=3)

    assert "Feedback from customer is missing: 1 of 3 answers." == verdict.message()
    assert "缺少来自 客户 的反馈：已收到 1/3 份。" == verdict.message("zh")
    assert (Remedy("entry", "feedback", {"source": "customer", "declined": False, "count": 2}),) == verdict.missing
    assert ["pass"] == [v.status for v in ask(feedback_collected, context(), ())]


@over_cases(
    ("guard", "params"),
    [
        (collection_at_least, {"ratio": -0.1}),
        (retrospective_done, {"sections": SECTIONS, "min_lessons": -1}),
        (retrospective_done, {"sections": SECTIONS, "min_participants": -1}),
        (feedback_collected, {"sources": ("customer",), "min_responses": -1}),
    ],
)
def test_parameters_without_sense_are_refused(guard, params):
    """A definition with them does not build."""
    with pytest.raises(ValueError, match="at least 0"):
        guard.factory(**params)


BOND = dossier.Deposit("b", cny(50000), paid_on=TODAY - DAY, due_back=TODAY + DAY)


@over_cases(
    ("deposits", "types", "codes"),
    [
        ([], (), ["pass"]),
        ([BOND], (), ["deposit.out"]),
        ([BOND], ("performance_bond",), ["pass"]),
        ([BOND], ("bid_bond",), ["deposit.out"]),
        ([attrs.evolve(BOND, paid_on=None)], (), ["pass"]),
        ([attrs.evolve(BOND, paid_on=TODAY + DAY)], (), ["pass"]),
        ([attrs.evolve(BOND, returned_on=TODAY)], (), ["pass"]),
        ([attrs.evolve(BOND, returned_on=TODAY + DAY)], (), ["deposit.out"]),
        ([attrs.evolve(BOND, withheld=cny(50000))], (), ["pass"]),
        ([attrs.evolve(BOND, withheld=cny(10000))], (), ["deposit.out"]),
        ([BOND, attrs.evolve(BOND, id="c")], (), ["deposit.out", "deposit.out"]),
    ],
)
def test_deposits_have_come_back(deposits, types, codes):
    """What was paid is back or lost; when it comes back, that is enough."""
    proposed = project(entries=deposits)

    assert codes == [v.code or v.status for v in ask(deposits_returned, context(proposed), types)]
    assert cured(deposits_returned, proposed, types)


def test_what_a_deposit_says():
    """Which it is, how much, and when it was due."""
    (verdict,) = ask(deposits_returned, context(project(entries=[BOND])))

    assert "b (bid bond) of 50,000 CNY has not come back yet; it was due on 2026-03-03." == verdict.message()


@pytest.mark.parametrize(("taxed", "code"), [(True, "pass"), (False, "collection.low")])
def test_a_contract_without_tax_is_paid_with_it(taxed, code):
    """What was agreed without tax is collected with it: of 100 and 13 percent, 113."""
    contract = attrs.evolve(SIGNED, tax_rate="0.13", taxed=taxed)
    entries = [contract, dossier.Receipt("r", cny(100), TODAY), dossier.PaymentDue("p", cny(113), TODAY)]
    verdict = ask_one(collection_at_least, context(project(entries=entries)), 1.0, basis="contract")

    assert code == (verdict.code or verdict.status)
    assert taxed or cny("113.00") == verdict.evidence["due"]
