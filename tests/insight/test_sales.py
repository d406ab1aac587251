"""The KPIs of deals that ended, against a second computation from the facts of each project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import fmean
from typing import Any, NamedTuple

import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Money, Pipeline
from salesflow.errors import InputError
from salesflow.insight import Portfolio, Rates
from salesflow.typing import Transitioned

from .selling import LIFECYCLE, START, sell


DAY = timedelta(days=1)


class End(NamedTuple):
    """How a project ended, read off its history by hand."""

    id: str
    outcome: str
    at: datetime | None
    first_won: datetime | None
    terminated: bool
    opened: datetime
    amount: Money | None
    owner: str | None
    customer: str | None


def ends(pipeline: Pipeline) -> Iterator[End]:
    """How every project of the pipeline ended."""
    for project in pipeline.all():
        outcome, at, first, terminated = "undecided", None, None, False
        for fact in pipeline.history(project.id):
            body = fact.body
            if not isinstance(body, Transitioned):
                continue
            if body.kind == "reopen":
                outcome, at, terminated = "undecided", None, False
            elif body.outcome == "terminated" and outcome == "won":
                terminated = True
            elif body.outcome != outcome:
                outcome, at = body.outcome, fact.at
                if outcome == "won" and first is None:
                    first = fact.at
        then = project if at is None else pipeline.as_of(project.id, at)
        won_as = project if first is None else pipeline.as_of(project.id, first)
        yield End(
            project.id,
            outcome,
            at,
            first,
            terminated,
            project.opened_at,
            then.fields.get("amount"),
            then.fields.get("owner"),
            won_as.fields.get("customer"),
        )


def in_quarter(at: datetime | None) -> bool:
    """Whether a time lies in the first quarter of 2026, in Shanghai."""
    return at is not None and datetime(2025, 12, 31, 16, tzinfo=START.tzinfo) <= at < datetime(
        2026, 3, 31, 16, tzinfo=START.tzinfo
    )


PERIODS: Mapping[str | None, Any] = {None: lambda at: at is not None, "2026-Q1": in_quarter}


def ratio(above: int | Decimal, below: int | Decimal) -> float | None:
    """A quotient, or none of nothing."""
    return float(Fraction(above) / Fraction(below)) if below else None


@pytest.mark.requirement("A13", "A36", "B22")
@given(st.integers(0, 100_000), st.sampled_from([None, "2026-Q1"]))
def test_rates_of_deals_that_ended(seed: int, period: str | None):
    """Win rate in each variant, close rate and termination rate are what the histories say, also for each owner."""
    pipeline, _ = sell(seed)
    portfolio, within = Portfolio.of(pipeline), PERIODS[period]
    found = list(ends(pipeline))
    decided = [each for each in found if within(each.at) and each.outcome != "undecided"]
    closed = [each for each in decided if each.outcome in {"won", "lost"}]
    won = [each for each in closed if each.outcome == "won"]
    created = [each for each in found if within(each.opened)]
    assert portfolio.kpi("win_rate", period=period).value == ratio(len(won), len(closed))
    assert portfolio.kpi("win_rate", period=period, variant="of_closed").value == ratio(len(won), len(decided))
    assert portfolio.kpi("win_rate", period=period, variant="of_all").value == ratio(
        sum(each.outcome == "won" for each in created), len(created)
    )
    assert portfolio.kpi("close_rate", period=period).value == ratio(
        sum(each.outcome == "won" for each in created), len(created)
    )
    assert portfolio.kpi("close_rate", period=period).open == sum(each.outcome == "undecided" for each in created)
    assert portfolio.kpi("termination_rate", period=period).value == ratio(
        sum(each.terminated for each in won), len(won)
    )
    by_owner = portfolio.kpi("win_rate", period=period, by="owner").groups
    assert {name: each.value for name, each in by_owner.items()} == {
        owner: ratio(
            sum(each.owner == owner and each.outcome == "won" for each in closed),
            sum(each.owner == owner for each in closed),
        )
        for owner in {each.owner for each in closed}
    }
    assert sorted(portfolio.kpi("win_rate", period=period).evidence) == sorted(each.id for each in closed)


@given(st.integers(0, 100_000), st.sampled_from([None, "2026-Q1"]))
def test_amounts_of_deals_that_ended(seed: int, period: str | None):
    """Win rate by value and the average deal take the amount at the outcome, and count what has none."""
    pipeline, _ = sell(seed)
    portfolio, within = Portfolio.of(pipeline), PERIODS[period]
    closed = [each for each in ends(pipeline) if within(each.at) and each.outcome in {"won", "lost"}]
    known = [each for each in closed if each.amount is not None]
    everything = sum((each.amount.amount for each in known if each.amount), Decimal())
    gained = [each.amount.amount for each in known if each.outcome == "won" and each.amount]
    rate = portfolio.kpi("win_rate_value", period=period)
    assert (rate.value, rate.skipped) == (ratio(sum(gained, Decimal()), everything), len(closed) - len(known))
    assert portfolio.kpi("win_rate", period=period, variant="by_value").value == rate.value
    average = portfolio.kpi("average_deal_value", period=period)
    assert average.value == (Money(sum(gained) / Decimal(len(gained)), "CNY") if gained else None)


@pytest.mark.requirement("B31", "D07")
@given(st.integers(0, 100_000))
def test_cycle_times(seed: int):
    """Cycle time is from the opening to the outcome, with the time on hold and without it."""
    pipeline, _ = sell(seed)
    won = [each for each in ends(pipeline) if each.outcome == "won"]
    kpi = Portfolio.of(pipeline).kpi("cycle_time")
    days = sorted((each.at - each.opened) / DAY for each in won if each.at)
    assert kpi.n == len(days)
    if not days:
        assert (kpi.value, kpi.reason) == (None, "no_cases")
        return
    assert kpi.value == pytest.approx(days[(len(days) - 1) // 2])
    assert kpi.parts["mean"] == pytest.approx(fmean(days))
    active = [(each.at - each.opened - _held_before(pipeline, each)) / DAY for each in won if each.at]
    assert kpi.parts["active_mean"] == pytest.approx(fmean(active))


def _held_before(pipeline: Pipeline, end: End) -> timedelta:
    """How long a project was on hold before it ended."""
    held, since = timedelta(), None
    for fact in pipeline.history(end.id):
        body = fact.body
        if isinstance(body, Transitioned) and end.at is not None and fact.at <= end.at:
            if body.kind == "hold":
                since = fact.at
            elif since is not None:
                held, since = held + (fact.at - since), None
    return held


@pytest.mark.requirement("D04")
@given(st.integers(0, 100_000))
def test_new_customers(seed: int):
    """A customer is new where the first of its projects that count as won was won."""
    pipeline, _ = sell(seed)
    firsts: dict[str, datetime] = {}
    for end in ends(pipeline):
        if end.outcome == "won" and end.first_won and end.customer:
            firsts[end.customer] = min(end.first_won, firsts.get(end.customer, end.first_won))
    portfolio = Portfolio.of(pipeline)
    assert portfolio.kpi("new_customers").value == len(firsts)
    assert portfolio.kpi("new_customers", period="2026-Q1").value == sum(map(in_quarter, firsts.values()))


@pytest.fixture
def two_currencies() -> Pipeline:
    """Two deals that were won, in different currencies."""
    pipeline = Pipeline(LIFECYCLE, clock=lambda: START + 40 * DAY, actor=Actor("li.wei"))
    for name, amount, day in (("a", Money(100, "EUR"), 1), ("b", Money(100, "CNY"), 35)):
        pipeline.open(name, id=name, fields={"amount": amount}, at=START)
        pipeline.fire(name, "straight", at=START + DAY)
        pipeline.fire(name, "win", at=START + (day + 1) * DAY)
    return pipeline


def test_currencies_are_never_mixed(two_currencies: Pipeline):
    """Amounts in two currencies are refused without rates, and converted at the rate of the day of the outcome."""
    with pytest.raises(InputError, match="CNY, EUR"):
        Portfolio.of(two_currencies).kpi("average_deal_value")
    rates = Rates("CNY", {"EUR": {START.date(): "8", (START + 30 * DAY).date(): "9"}})
    assert Portfolio.of(two_currencies, rates=rates).kpi("average_deal_value").value == Money(450, "CNY")
    late = Rates("CNY", {"EUR": {(START + 30 * DAY).date(): "9"}})
    with pytest.raises(InputError, match="EUR 2025-11-05"):
        Portfolio.of(two_currencies, rates=late).kpi("average_deal_value")


def test_nothing_closed_has_a_reason():
    """Without any deal that ended a rate is none, with the reason, and never zero."""
    pipeline = Pipeline(LIFECYCLE, actor=Actor("li.wei"))
    for portfolio in (Portfolio.of(pipeline), Portfolio.of((pipeline.open("a", id="a"), pipeline)[1])):
        kpi = portfolio.kpi("win_rate")
        assert (kpi.value, kpi.numerator, kpi.denominator, kpi.n, kpi.reason) == (None, 0, 0, 0, "no_cases")


def test_a_group_counts_its_own_open_cases():
    """What is still open is counted for each group, not the whole for each."""
    pipeline = Pipeline(LIFECYCLE, clock=lambda: START, actor=Actor("li.wei"))
    for name, owner in (("a", "zhao"), ("b", "zhao"), ("c", "wang.fang")):
        pipeline.open("deal", id=name, fields={"owner": owner})
    for trigger in ("straight", "win"):
        pipeline.fire("c", trigger)
    rate = Portfolio.of(pipeline).kpi("close_rate", by="owner")
    assert (rate.open, {name: each.open for name, each in rate.groups.items()}) == (2, {"wang.fang": 0, "zhao": 2})
