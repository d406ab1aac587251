"""The KPIs of money that customers owe, against a second computation from the entries of each project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, strategies as st

from salesflow import Money, Pipeline
from salesflow.dossier import Contract, Invoice, Payment, PaymentDue, Receipt
from salesflow.errors import InputError
from salesflow.insight import Portfolio, Rates

from ..cases import over_cases
from .recording import ZONE, day_of, field_at, kept, now_there, record
from .selling import AUTHOR, LIFECYCLE


def cny(amount: Any) -> Money:
    return Money(amount, "CNY")


def near(random: Random, now: datetime) -> date:
    return day_of(now) + timedelta(days=random.randint(-40, 40))


def payment(random: Random, now: datetime, name: str) -> Payment:
    """A payment with or without what was received of it."""
    amount, received = cny(random.randint(1, 900)), cny(random.randint(-20, 900))
    return Payment(
        name,
        amount if random.random() < 0.9 else None,
        due=near(random, now) if random.random() < 0.9 else None,
        received=received if random.random() < 0.7 else None,
        received_on=near(random, now) if random.random() < 0.7 else None,
    )


def due(random: Random, now: datetime, name: str) -> PaymentDue:
    """Something to be paid."""
    return PaymentDue(name, cny(random.randint(0, 900)), near(random, now) if random.random() < 0.8 else None)


def receipt(random: Random, now: datetime, name: str) -> Receipt:
    """Money that came in, or went back, for something that is named or not."""
    pays = f"e1-{random.randint(1, 4)}" if random.random() < 0.4 else None
    amount = cny(random.randint(0, 900))
    return Receipt(name, amount, near(random, now), refund=random.random() < 0.2, pays=pays)


def invoice(random: Random, now: datetime, name: str) -> Invoice:
    """An invoice or a credit note."""
    return Invoice(
        name,
        cny(random.randint(1, 900)),
        near(random, now),
        tax_rate=random.choice(("0", "0.13")),
        taxed=random.random() < 0.5,
        credit=random.random() < 0.2,
    )


def contract(random: Random, now: datetime, name: str) -> Contract:
    """A contract."""
    amount = cny(random.randint(1, 900)) if random.random() < 0.8 else None
    tax = {"tax_rate": random.choice(("0", "0.13")), "taxed": random.random() < 0.5}
    return Contract(name, amount=amount, signed_on=near(random, now) if random.random() < 0.8 else None, **tax)


Q1 = date(2025, 12, 1), date(2026, 1, 15)
"""A period: its first day and the day after its last."""


def asked(pipeline: Pipeline, period: bool) -> tuple[date, date]:
    """The day before the period and its last day, or today while that has not come."""
    today = day_of(Portfolio.of(pipeline).as_of)
    if not period:
        return date.min, today
    before = Q1[0] - timedelta(days=1)
    return before, max(min(today, Q1[1] - timedelta(days=1)), before)


class Item:
    """An item of a plan, and what was paid for it by a day."""

    def __init__(self, name: str, due: date | None, amount: Decimal, paid: Decimal) -> None:
        self.id, self.due, self.amount, self.paid = name, due, amount, paid


def plan(pipeline: Pipeline, day: date) -> tuple[Mapping[str, Sequence[Item]], Mapping[str, Decimal]]:
    """The items of each project with what was paid by a day, and what was paid for none of them."""
    today = day_of(Portfolio.of(pipeline).as_of)
    items: dict[str, list[Item]] = {each.id: [] for each in pipeline.all()}
    advances: dict[str, Decimal] = {}
    for (project, name), versions in kept(pipeline, Payment).items():
        last = versions[-1][2]
        if last is None:
            continue
        if day >= today:
            counts = last.received_on is None or last.received_on <= day
            paid = last.received if counts else None
        else:
            then = [each for at, _, each in versions if each and (each.received_on or day_of(at)) <= day]
            paid = then[-1].received if then else None
        amount = last.amount.amount if last.amount else Decimal(0)
        items[project].append(Item(name, last.due, amount, paid.amount if paid else Decimal(0)))
    for project in pipeline.all():
        dues = [Item(each.id, each.due, each.amount.amount, Decimal(0)) for each in project.all(PaymentDue)]
        dues.sort(key=lambda each: (each.due or date.max, each.id))
        free = Decimal(0)
        for each in project.all(Receipt):
            if each.received_on <= day:
                value = -each.amount.amount if each.refund else each.amount.amount
                named = [item for item in dues if item.id == each.pays]
                for item in named:
                    item.paid += value
                free += 0 if named else value
        # One unit of money after the other: the oldest first, and back from the newest.
        while free and dues:
            if free > 0:
                item = next((each for each in dues if each.paid < each.amount), dues[-1])
                step = min(free, item.amount - item.paid) if item.paid < item.amount else free
            else:
                item = next((each for each in reversed(dues) if each.paid > 0), dues[0])
                step = -min(-free, item.paid) if item.paid > 0 else free
            item.paid += step
            free -= step
        items[project.id] += dues
        advances[project.id] = free
    return items, advances


def ratio(above: Decimal, below: Decimal) -> float | None:
    """A quotient, or none of nothing."""
    return float(Fraction(above) / Fraction(below)) if below > 0 else None


def end_of_day(day: date) -> datetime:
    """The last microsecond of a day."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, 999999, ZONE).astimezone(UTC)


@pytest.mark.long
@pytest.mark.requirement("A36")
@given(st.integers(0, 100_000), st.booleans())
def test_what_was_due_and_what_is_overdue(seed: int, period: bool):
    """Each item counts by its due day with what was paid by the end, for each owner too; overdue is what is left."""
    pipeline = record(seed, payment, due, receipt)
    portfolio, (before, day) = Portfolio.of(pipeline), asked(pipeline, period)
    items = [(project, item) for project, found in plan(pipeline, day)[0].items() for item in found if item.due]
    counted = [(project, item) for project, item in items if before < item.due <= day]
    rate = portfolio.kpi("collection_rate", period=Q1 if period else None, by="owner")
    paid, owed = (sum((getattr(item, name) for _, item in counted), Decimal()) for name in ("paid", "amount"))
    assert (rate.value, rate.n) == (ratio(paid, owed), len(counted))
    assert sorted(rate.evidence) == sorted(f"{project}/{item.id}" for project, item in counted)
    by_owner: dict[Any, list[Item]] = {}
    for project, item in counted:
        by_owner.setdefault(field_at(pipeline, project, "owner", end_of_day(item.due)), []).append(item)
    assert {name: each.value for name, each in rate.groups.items()} == {
        name: ratio(sum((each.paid for each in found), Decimal()), sum((each.amount for each in found), Decimal()))
        for name, found in by_owner.items()
    }
    late = [((day - item.due).days, item.amount - item.paid) for _, item in items if item.due < day]
    late = [(days, left) for days, left in late if left > 0]
    ageing = portfolio.kpi("overdue_ageing", period=Q1 if period else None)
    assert ageing.n == len(late)
    if late:
        assert ageing.value == cny(sum(left for _, left in late))
        assert ageing.parts["oldest"] == max(days for days, _ in late)
    for row, (low, high) in zip(ageing.rows, ((1, 30), (31, 60), (61, 90), (91, 10_000)), strict=True):
        inside = [left for days, left in late if low <= days <= high]
        assert row["items"] == len(inside)
        assert row["amount"] == (cny(sum(inside)) if late else 0)


@pytest.mark.long
@given(st.integers(0, 100_000), st.booleans())
def test_what_was_billed_and_received(seed: int, period: bool):
    """Receivables and revenue are what invoices say, or what was due; received is all that came in, less refunds."""
    pipeline = record(seed, payment, due, receipt, invoice)
    portfolio, (before, day) = Portfolio.of(pipeline), asked(pipeline, period)
    bills: dict[str, list[tuple[date, Decimal]]] = {}
    for project, each in now_there(pipeline, Invoice):
        bills.setdefault(project, []).append((each.issued_on, each.gross.amount))
    (old, old_rest), (new, new_rest) = plan(pipeline, before), plan(pipeline, day)
    opening = billed = received = Decimal()
    for project in old:
        charged = bills.get(project) or [(item.due, item.amount) for item in new[project] if item.due]
        paid_before = sum((item.paid for item in old[project]), old_rest[project])
        opening += sum((amount for at, amount in charged if at <= before), Decimal()) - paid_before
        billed += sum((amount for at, amount in charged if before < at <= day), Decimal())
        received += sum((item.paid for item in new[project]), new_rest[project]) - paid_before
    asking = {"period": Q1 if period else None}
    assert portfolio.kpi("collection_rate", variant="revenue", **asking).value == ratio(received, billed)
    assert portfolio.kpi("collection_rate", variant="receivable", **asking).value == ratio(received, opening + billed)
    dso = portfolio.kpi("dso", **asking)
    if not period:
        assert (dso.value, dso.reason) == (None, "no_period")
        return
    days = (day - before).days
    if billed > 0:
        assert dso.value == float(Fraction(opening + billed - received) * days / Fraction(billed))
    else:
        assert (dso.value, dso.reason) == (None, "no_revenue" if dso.n else "no_cases")


@pytest.mark.long
@given(st.integers(0, 100_000), st.booleans())
def test_what_was_received_of_contracts(seed: int, period: bool):
    """All that came in for a project is held against its contracts that were signed in the period."""
    pipeline = record(seed, payment, due, receipt, contract)
    _, day = asked(pipeline, period)
    items, advances = plan(pipeline, day)
    signed: dict[str, Decimal] = {}
    missing = 0
    for project, each in now_there(pipeline, Contract):
        if period and not (each.signed_on and Q1[0] <= each.signed_on < Q1[1]):
            continue
        if each.amount is None:
            missing += 1
        else:
            gross = each.amount.amount * (1 if each.taxed else 1 + each.tax_rate)
            signed[project] = signed.get(project, Decimal()) + gross
    paid = sum((item.paid for name in signed for item in items[name]), Decimal())
    rate = Portfolio.of(pipeline).kpi("collection_rate", variant="contract", period=Q1 if period else None)
    assert rate.value == ratio(
        paid + sum((advances[name] for name in signed), Decimal()), sum(signed.values(), Decimal())
    )
    assert (rate.skipped, sorted(rate.evidence)) == (missing, sorted(signed))


NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)
YEAR = "2026-Q1"


def pipe(*entries: Any, now: datetime = NOW, **fields: Any) -> Pipeline:
    """A pipeline with one project, which was opened in 2025."""
    clock = [datetime(2025, 6, 2, 9, tzinfo=UTC)]
    pipeline = Pipeline(LIFECYCLE, clock=lambda: clock[0], actor=AUTHOR)
    pipeline.open("deal", id="d", fields=fields)
    clock[0] = now
    if entries:
        pipeline.add("d", *entries)
    return pipeline


def test_the_basis_of_a_collection_rate():
    """With receivables of 200, revenue of 1000 and receivables of 300, the two ways say 0.75 and 0.90."""
    pipeline = pipe(
        Invoice("old", cny(200), date(2025, 12, 1)),
        Invoice("new", cny(1000), date(2026, 2, 1)),
        Receipt("r", cny(920), date(2026, 3, 31)),
        Receipt("back", cny(20), date(2026, 3, 31), refund=True),
        Receipt("later", cny(300), date(2026, 4, 1)),
    )
    portfolio = Portfolio.of(pipeline)
    rates = {each: portfolio.kpi("collection_rate", variant=each, period=YEAR) for each in ("receivable", "revenue")}
    assert {name: each.value for name, each in rates.items()} == {"receivable": 0.75, "revenue": 0.9}
    assert (cny(900), cny(1200)) == (rates["receivable"].numerator, rates["receivable"].denominator)
    assert portfolio.kpi("dso", period=YEAR).value == 300 / 1000 * 90
    assert portfolio.kpi("collection_rate", variant="contract").reason == "no_cases"
    assert portfolio.kpi("dso", period="2027").reason == "no_cases"


@over_cases(
    "entries",
    [
        (Payment("a", cny(100), due=date(2026, 2, 1), received=cny(150), received_on=date(2026, 2, 1)),),
        (PaymentDue("a", cny(100), date(2026, 2, 1)), Receipt("r", cny(150), date(2026, 2, 1))),
        (
            PaymentDue("a", cny(100), date(2026, 2, 1)),
            Receipt("r", cny(170), date(2026, 1, 1), pays="a"),
            Receipt("s", cny(20), date(2026, 3, 1), refund=True),
        ),
    ],
)
def test_both_forms_of_records_count(entries: Sequence[Any]):
    """What was paid in advance brings the rate above 1, and a refund is taken off."""
    rate = Portfolio.of(pipe(*entries)).kpi("collection_rate", period=YEAR)
    assert (rate.value, rate.numerator, rate.denominator) == (1.5, cny(150), cny(100))
    assert rate.evidence == ("d/a",)


def test_nothing_due_is_no_rate():
    """Nothing due, and a sum of zero, have no rate; each says why."""
    portfolio = Portfolio.of(pipe(PaymentDue("a", cny(0), date(2026, 2, 1)), PaymentDue("b", cny(1), date(2027, 1, 1))))
    assert portfolio.kpi("collection_rate", period=YEAR).reason == "nothing_due"
    assert portfolio.kpi("collection_rate", period="2027").reason == "no_cases"
    assert (portfolio.kpi("overdue_ageing").value, portfolio.kpi("overdue_ageing").n) == (cny(0), 0)


def test_a_payment_settles_the_oldest_item():
    """Of two that are overdue the older is paid first, and what is left is shown by its age."""
    pipeline = pipe(
        PaymentDue("young", cny(100), date(2026, 3, 20)),
        PaymentDue("old", cny(100), date(2025, 12, 1)),
        Receipt("r", cny(120), date(2026, 3, 30)),
        customer="Acme",
    )
    ageing = Portfolio.of(pipeline).kpi("overdue_ageing", by="customer")
    assert (ageing.value, ageing.parts["1-30"], ageing.parts[">90"]) == (cny(80), cny(80), cny(0))
    assert ageing.groups["Acme"].value == cny(80)
    earlier = Portfolio.of(pipeline).kpi("overdue_ageing", period="2026-03", by="age")
    assert {name: each.value for name, each in earlier.groups.items()} == {"1-30": cny(80)}
    assert Portfolio.of(pipeline).kpi("overdue_ageing", period="2026-02").parts["61-90"] == cny(100)


def test_currencies_of_a_collection():
    """Two currencies are refused without rates, and an item paid in another one is settled at the rate of the day."""
    pipeline = pipe(
        PaymentDue("a", cny(100), date(2026, 2, 1)), Receipt("r", Money(10, "EUR"), date(2026, 2, 1), pays="a")
    )
    with pytest.raises(InputError, match="CNY, EUR"):
        Portfolio.of(pipeline).kpi("collection_rate")
    rates = Rates("CNY", {"EUR": "7.5"})
    assert Portfolio.of(pipeline, rates=rates).kpi("collection_rate").value == 0.75
    assert Portfolio.of(pipeline, rates=rates).kpi("overdue_ageing").value == cny(25)
    with pytest.raises(InputError, match="basis"):
        Portfolio.of(pipeline).kpi("collection_rate", basis="due")
