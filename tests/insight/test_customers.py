"""The KPIs of markets, of customers who come back and of what selling costs, against a second computation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given, strategies as st

from salesflow import Money, Pipeline, load_lifecycle
from salesflow.dossier import MarketSize, SalesCost
from salesflow.errors import InputError
from salesflow.insight import Portfolio, Rates
from salesflow.typing import Transitioned

from ..cases import over_cases
from .recording import ZONE, day_of, field_at, now_there, record
from .selling import AUTHOR, LIFECYCLE, START


PERIOD = date(2025, 12, 1), date(2026, 2, 1)


def cny(amount: Any) -> Money:
    """An amount in yuan."""
    return Money(amount, "CNY")


def cost(random: Random, now: datetime, name: str) -> SalesCost:
    """Money spent on selling."""
    return SalesCost(name, cny(random.randint(0, 400)), day_of(now) + timedelta(days=random.randint(-20, 5)))


class Sale(NamedTuple):
    """A project that was won, and when."""

    at: datetime
    id: str


def sales(pipeline: Pipeline) -> Sequence[Sale]:
    """Every project that counts as won: by the last time after a reopening; a termination later takes nothing back."""
    found: list[Sale] = []
    for project in pipeline.all():
        won, outcome = None, "undecided"
        for fact in pipeline.history(project.id):
            body = fact.body
            if isinstance(body, Transitioned):
                if body.kind == "reopen":
                    won = None
                elif body.outcome != outcome:
                    won = fact.at if body.outcome == "won" else won if body.outcome == "terminated" else None
                outcome = body.outcome
        if won is not None:
            found.append(Sale(won, project.id))
    return sorted(found)


def within(at: datetime, period: bool) -> bool:
    """Whether a time lies in the period, if there is one."""
    return not period or PERIOD[0] <= day_of(at) < PERIOD[1]


def ratio(above: Any, below: Any) -> float | None:
    """A quotient, or none of nothing."""
    return float(Fraction(above) / Fraction(below)) if below else None


@pytest.mark.long
@pytest.mark.requirement("A46", "A48")
@given(st.integers(0, 100_000), st.booleans())
def test_customers_who_come_back(seed: int, period: bool):
    """Who had bought before and bought again, and who bought and had before; without a customer it is skipped."""
    pipeline = record(seed, cost, projects=20)
    portfolio = Portfolio.of(pipeline)
    bought: dict[str, list[Sale]] = {}
    unknown = 0
    for sale in sales(pipeline):
        name = field_at(pipeline, sale.id, "customer", sale.at)
        if name is None:
            unknown += within(sale.at, period)
        else:
            bought.setdefault(name, []).append(sale)
    start = datetime(*PERIOD[0].timetuple()[:3], tzinfo=ZONE)
    risk = {name: [each for each in found if each.at < start] for name, found in bought.items()}
    risk = {name: found for name, found in risk.items() if found}
    again = [name for name in risk if any(within(each.at, True) for each in bought[name])]
    retention = portfolio.kpi("retention_rate", period=PERIOD, by="owner")
    assert (retention.value, retention.n) == (ratio(len(again), len(risk)), len(risk))
    assert sorted(retention.evidence) == sorted(found[-1].id for found in risk.values())
    owners = {name: field_at(pipeline, found[-1].id, "owner", found[-1].at) for name, found in risk.items()}
    assert {key: each.n for key, each in retention.groups.items()} == {
        owner: list(owners.values()).count(owner) for owner in owners.values()
    }
    assert portfolio.kpi("retention_rate").reason == "no_period"
    buyers = {name: [each for each in found if within(each.at, period)] for name, found in bought.items()}
    buyers = {name: found for name, found in buyers.items() if found}
    repeated = [name for name, found in buyers.items() if bought[name].index(found[-1]) > 0]
    repeat = portfolio.kpi("repeat_purchase_rate", period=PERIOD if period else None)
    assert (repeat.value, repeat.skipped) == (ratio(len(repeated), len(buyers)), unknown)


@pytest.mark.long
@pytest.mark.requirement("A48")
@given(st.integers(0, 100_000), st.booleans())
def test_what_selling_costs(seed: int, period: bool):
    """What was spent in the period by what was won in it, for each owner at the time."""
    pipeline = record(seed, cost)
    above: dict[Any, Decimal] = {}
    below: dict[Any, Decimal] = {}
    for project, each in now_there(pipeline, SalesCost):
        at = datetime(*each.spent_on.timetuple()[:3], 23, 59, 59, 999999, tzinfo=ZONE)
        if within(at, period):
            owner = field_at(pipeline, project, "owner", at)
            above[owner] = above.get(owner, Decimal()) + each.amount.amount
    for sale in sales(pipeline):
        amount = field_at(pipeline, sale.id, "amount", sale.at)
        if within(sale.at, period) and amount is not None:
            owner = field_at(pipeline, sale.id, "owner", sale.at)
            below[owner] = below.get(owner, Decimal()) + amount.amount
    found = Portfolio.of(pipeline).kpi("cost_of_sale", period=PERIOD if period else None, by="owner")
    assert found.value == ratio(sum(above.values()), sum(below.values()))
    assert {name: each.value for name, each in found.groups.items()} == {
        name: ratio(above.get(name, 0), below.get(name, 0)) for name in {*above, *below}
    }
    assert found.reason == (None if below else "no_sales" if above else "no_cases")


def sold(*entries: Any, **markets: str) -> Portfolio:
    """A portfolio of projects that were won in March 2026 for 100 each, in a market each."""
    now = [datetime(2026, 3, 2, tzinfo=UTC)]
    pipeline = Pipeline(LIFECYCLE, clock=lambda: now[0], actor=AUTHOR)
    for name, market in markets.items():
        pipeline.open("deal", id=name, fields={"amount": cny(100), "market": market, "owner": f"owner-{name}"})
        pipeline.fire(name, "straight")
        pipeline.fire(name, "win")
    pipeline.open("period", id="period")
    if entries:
        pipeline.add("period", *entries)
    now[0] = datetime(2026, 5, 1, tzinfo=UTC)
    return Portfolio.of(pipeline)


MARCH = date(2026, 3, 1), date(2026, 3, 31)


@pytest.mark.requirement("C28")
def test_the_share_of_a_market():
    """Own sales by the size of the markets that are known; by market, each by its own size, also without a sale."""
    sizes = [
        MarketSize("s", "south", cny(400), source="survey", start=MARCH[0], end=MARCH[1]),
        MarketSize("n", "north", cny(600), source="survey", start=MARCH[0], end=MARCH[1]),
    ]
    portfolio = sold(*sizes, a="south", b="south", c="east")
    found = portfolio.kpi("market_share", period="2026-03", by="market")
    assert (found.value, found.numerator, found.denominator, found.skipped) == (0.2, cny(200), cny(1000), 1)
    assert {name: each.value for name, each in found.groups.items()} == {"north": 0.0, "south": 0.5}
    assert tuple(found.groups["north"].evidence) == ("period/n",)
    by_owner = portfolio.kpi("market_share", period="2026-03", by="owner")
    assert {name: each.value for name, each in by_owner.groups.items()} == {"owner-a": 0.1, "owner-b": 0.1}
    assert (by_owner.n, tuple(by_owner.evidence)) == (2, ("a", "b"))


@over_cases(
    ("spans", "period", "value"),
    [
        ([MARCH], "2026-03", 0.1),
        ([MARCH], "2026-Q1", None),
        ([MARCH], None, None),
        ([(date(2026, 1, 1), date(2026, 2, 28)), MARCH], "2026-Q1", 0.05),
        ([(date(2026, 1, 1), date(2026, 2, 27)), MARCH], "2026-Q1", None),
        ([(date(2026, 1, 1), date(2026, 2, 28))], "2026-Q1", None),
        ([(None, None)], "2026-Q1", 0.1),
        ([(None, None)], None, 0.1),
        ([(date(2026, 1, 1), date(2026, 3, 31)), MARCH], "2026-Q1", 0.1),
        ([], "2026-Q1", None),
    ],
)
def test_the_period_of_a_market_size(spans: Sequence[Any], period: str | None, value: float | None):
    """A size counts for its own period, or with others that make the asked one up; else it is not known."""
    sizes = [MarketSize(f"m{n}", "south", cny(1000), start=start, end=end) for n, (start, end) in enumerate(spans)]
    found = sold(*sizes, a="south").kpi("market_share", period=period)
    assert (found.value, found.reason) == (value, None if value else "market_size_unknown")


def test_currencies_of_markets_and_costs():
    """Amounts of several currencies need rates."""
    size = MarketSize("m", "south", Money(100, "EUR"))
    spent = SalesCost("c", Money(1, "EUR"), date(2026, 3, 3))
    portfolio = sold(size, spent, a="south")
    for name in ("market_share", "cost_of_sale"):
        with pytest.raises(InputError, match=r"CNY, EUR|EUR, CNY"):
            portfolio.kpi(name)
    pipeline = Pipeline(LIFECYCLE, clock=lambda: START, actor=AUTHOR)
    pipeline.open("deal", id="a", fields={"amount": cny(100), "market": "south"})
    pipeline.add("a", size, SalesCost("c", Money(1, "EUR"), day_of(START)))
    for name in ("straight", "win"):
        pipeline.fire("a", name)
    worth = Portfolio.of(pipeline, rates=Rates("CNY", {"EUR": 8}))
    assert (worth.kpi("market_share").value, worth.kpi("cost_of_sale").value) == (100 / 800, 0.08)


@pytest.mark.parametrize("declared", ["other", "market"])
def test_figures_of_fields_that_nobody_declares(declared: str):
    """Without the field there is no figure, and the reason says so."""
    text = """
id = "bare"
[[fields]]
id = "%s"
[[stages]]
id = "a"
[[stages]]
id = "b"
kind = "closed"
[[transitions]]
id = "t"
source = "a"
target = "b"
"""
    bare = load_lifecycle(text=text % declared)
    pipeline = Pipeline(bare, clock=lambda: START, actor=AUTHOR)
    pipeline.open("deal", id="a")
    pipeline.add("a", MarketSize("m", "south", cny(100)))
    portfolio = Portfolio.of(pipeline)
    for name in ("market_share", "cost_of_sale", "repeat_purchase_rate"):
        assert portfolio.kpi(name).reason == "field_not_declared"
    assert portfolio.kpi("retention_rate", period="2026").reason == "field_not_declared"
    for name in ("market_share", "cost_of_sale", "repeat_purchase_rate", "retention_rate"):
        with pytest.raises(InputError, match="window"):
            portfolio.kpi(name, window="90d")
