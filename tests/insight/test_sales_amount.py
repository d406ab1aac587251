"""Sales amounts by the day that each variant goes by, their growth, and how good probabilities were."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Money, Pipeline
from salesflow.dossier import Contract, Delivery, Receipt
from salesflow.errors import InputError
from salesflow.insight import Portfolio

from ..cases import over_cases
from .selling import START, sell
from .test_forecast import DEALS, cny, deal
from .test_sales import PERIODS, ends


@pytest.mark.requirement("A13", "C28")
@given(st.integers(0, 100_000), st.sampled_from([None, "2026-Q1"]))
def test_what_was_won(seed: int, period: str | None):
    """The amount is that at the outcome, in all and for each owner; projects without one are counted."""
    pipeline, _ = sell(seed)
    won = [each for each in ends(pipeline) if each.outcome == "won" and PERIODS[period](each.at)]
    amounts = [(each.owner, each.amount.amount) for each in won if each.amount]
    found = Portfolio.of(pipeline).kpi("sales_amount", period=period, by="owner")
    assert found.value == (cny(str(sum(amount for _, amount in amounts))) if amounts else 0)
    assert (found.n, found.skipped) == (len(amounts), len(won) - len(amounts))
    assert {name: each.value for name, each in found.groups.items()} == {
        name: cny(str(sum(amount for owner, amount in amounts if owner == name))) for name, _ in amounts
    }


def test_what_was_booked_delivered_and_received():
    """Each variant goes by its own day, and a refund is subtracted."""
    pipeline = Pipeline(DEALS, clock=lambda: START, actor=Actor("li.wei"))
    pipeline.open("deal", id="d", fields={"owner": "zhao"})
    pipeline.add(
        "d",
        Contract("c1", signed_on=date(2026, 1, 31), amount=cny(500)),
        Contract("c2", amount=cny(9)),
        Delivery("v1", cny(300), date(2026, 2, 1)),
        Receipt("r1", cny(200), date(2026, 1, 1)),
        Receipt("r2", cny(50), date(2026, 1, 31), refund=True),
        Receipt("r3", cny(7), date(2026, 1, 31)),
    )
    pipeline.remove("d", "receipt", "r3")
    portfolio = Portfolio.of(pipeline)
    booked = portfolio.kpi("sales_amount", period="2026-01", variant="booked")
    assert (booked.value, booked.evidence, booked.skipped) == (cny(500), ["d/c1"], 1)
    assert portfolio.kpi("sales_amount", period="2026-01", variant="delivered").value == 0
    assert portfolio.kpi("sales_amount", variant="delivered").value == cny(300)
    received = portfolio.kpi("sales_amount", period="2026-01", variant="received", by="owner")
    assert (received.value, received.groups["zhao"].value) == (cny(150), cny(150))


def won_on(*days: tuple[datetime, int | None]) -> Portfolio:
    """A portfolio of deals that were won at these times, for these amounts."""
    now = [START]
    pipeline = Pipeline(DEALS, clock=lambda: now[0], actor=Actor("li.wei"))
    for place, (at, amount) in enumerate(days):
        now[0] = at
        pipeline.open("deal", id=f"d{place}", fields=deal(amount))
        pipeline.fire(f"d{place}", "win")
    return Portfolio.of(pipeline)


@pytest.mark.requirement("B30")
@over_cases(
    ("period", "last"),
    [
        ("2026", datetime(2025, 12, 31, 23, tzinfo=UTC)),
        ("2026-Q1", datetime(2025, 10, 1, tzinfo=UTC)),
        ("2026-03", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("FY2026", datetime(2025, 1, 1, tzinfo=UTC)),
        ((date(2026, 3, 1), date(2026, 3, 11)), datetime(2026, 2, 19, tzinfo=UTC)),
    ],
)
def test_growth_is_over_the_period_before(period: Any, last: datetime):
    """What the period before brought is the base: 150 after 100 is a growth of a half."""
    found = won_on((last, 100), (datetime(2026, 3, 5, tzinfo=UTC), 150)).kpi("sales_growth", period=period)
    assert (found.value, found.numerator, found.denominator) == (0.5, cny(50), cny(100))


def test_growth_without_a_base():
    """Without sales before, and without a period, there is a reason and no figure."""
    portfolio = won_on((datetime(2026, 3, 5, tzinfo=UTC), 150))
    assert portfolio.kpi("sales_growth", period="2026-03").reason == "no_sales_before"
    assert portfolio.kpi("sales_growth", period="2026-01").reason == "no_cases"
    assert portfolio.kpi("sales_growth").reason == "no_period"


def scored(*deals: tuple[str | None, str]) -> Pipeline:
    """A pipeline of deals with these probabilities that took these transitions."""
    now = [START]
    pipeline = Pipeline(DEALS, clock=lambda: now[0], actor=Actor("li.wei"))
    for place, (chance, triggers) in enumerate(deals):
        pipeline.open("deal", id=f"d{place}")
        now[0] += timedelta(days=1)
        if chance is not None:
            pipeline.update(f"d{place}", {"probability": Decimal(chance)})
        for trigger in triggers.split():
            now[0] += timedelta(days=1)
            pipeline.fire(f"d{place}", trigger)
            pipeline.update(f"d{place}", {"owner": "zhao"}) if trigger == "keep" else None
    return pipeline


def test_the_worked_example_of_scores():
    """Probabilities .9, .6, .2, .4 of two won and two lost deals have a Brier score of 0.0925, with ten bins."""
    pipeline = scored(("0.9", "win"), ("0.6", "keep win"), ("0.2", "lose"), ("0.4", "keep lose"), ("0.5", "keep"))
    found = Portfolio.of(pipeline).kpi("score_quality")
    assert (found.value, found.denominator, found.n) == (pytest.approx(0.0925), 4, 4)
    assert [(each["low"], each["n"], each["predicted"], each["won"]) for each in found.rows] == [
        (0.2, 1, 0.2, 0),
        (0.4, 1, 0.4, 0),
        (0.6, 1, 0.6, 1),
        (0.9, 1, 0.9, 1),
    ]


def test_a_score_is_taken_as_it_was_at_a_stage():
    """What a project scored when it left the stage counts; a stage's own probability stands in for a missing field."""
    pipeline = scored((None, "win"), ("0.9", "keep"), ("0.5", "hush lose"))
    pipeline.update("d1", {"probability": Decimal("0.1")})
    pipeline.fire("d1", "win", at=pipeline.history("d1")[-1].at + timedelta(hours=1))
    portfolio = Portfolio.of(pipeline)
    assert portfolio.kpi("score_quality", stage="open").value == pytest.approx((0.25 + 0.01 + 0.25) / 3)
    kept = portfolio.kpi("score_quality", stage="kept")
    assert (kept.value, kept.n, kept.skipped) == (pytest.approx(0.81), 1, 2)
    assert portfolio.kpi("score_quality", stage="won").reason == "no_cases"
    with pytest.raises(InputError, match="kept"):
        portfolio.kpi("score_quality", stage="keppt")
    with pytest.raises(InputError, match="stage"):
        portfolio.kpi("score_quality", stages="open")
    assert Portfolio.of(scored()).kpi("score_quality").value is None


def test_money_of_a_currency():
    """An amount in another currency needs rates."""
    pipeline = Pipeline(DEALS, clock=lambda: START, actor=Actor("li.wei"))
    pipeline.open("deal", id="d")
    pipeline.add("d", Receipt("r1", cny(2), START.date()), Receipt("r2", Money(1, "EUR"), START.date()))
    with pytest.raises(InputError, match="CNY, EUR"):
        Portfolio.of(pipeline).kpi("sales_amount", variant="received")
