"""How far forecasts were off: from what was stored, from what was known then, and against a naive forecast."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, strategies as st

from salesflow import Actor, Fact, Money, Pipeline, replay
from salesflow.dossier import KpiSnapshot, KpiValue
from salesflow.errors import InputError
from salesflow.insight import Portfolio, Rates
from salesflow.testing import commit
from salesflow.typing import Append, Changed, EntryPut

from ..cases import over_cases
from .selling import LIFECYCLE, sell
from .test_forecast import DEALS, cny, deal


FORECASTS, ACTUALS = (110, 60, 10, 150), (100, 80, 0, 120)
CLOCK = datetime(2026, 1, 1, tzinfo=UTC)


def month(number: int) -> datetime:
    """The beginning of a month of 2026."""
    return datetime(2026, number, 1, tzinfo=UTC)


def kept(pipeline: Pipeline, snapshot: KpiSnapshot, at: datetime, recorded_at: datetime | None = None) -> None:
    """Write figures into the period project as they were computed at a time, whatever they say."""
    facts = [*pipeline.history("period")]
    body = Changed((EntryPut(snapshot),))
    last = facts[-1]
    fact = Fact(
        "period",
        last.version + 1,
        at,
        last.actor,
        last.lifecycle,
        last.lifecycle_version,
        body,
        recorded_at=recorded_at or at,
    )
    pipeline.store.commit(commit(Append(last.version, fact, replay([*facts, fact]))))


def sold(forecasts: tuple[int, ...] = FORECASTS, *, late: int = 0, owner: str | None = None) -> Pipeline:
    """A pipeline that kept a forecast before each month from February on, and won the actuals of the example."""
    now = [CLOCK]
    pipeline = Pipeline(DEALS, clock=lambda: now[0], actor=Actor("li.wei"))
    pipeline.open("period", id="period")
    group = {"owner": owner} if owner else {}
    for place, (ours, came) in enumerate(zip(forecasts, ACTUALS, strict=True)):
        now[0] = month(place + 2) + timedelta(days=late)
        value = KpiValue("weighted_forecast", cny(ours), period=f"2026-0{place + 2}", group=group)
        kept(pipeline, KpiSnapshot(f"s{place}", at=month(place + 2), values=(value,)), now[0])
        if came:
            now[0] = month(place + 2) + timedelta(days=20)
            pipeline.open("deal", id=f"d{place}", fields=deal(came, owner="li.wei"))
            pipeline.fire(f"d{place}", "win")
    now[0] = month(6) + timedelta(days=9)
    return pipeline


def test_the_worked_example():
    """Forecasts that were stored before each month, against what came: WAPE first, a month without sales left out."""
    found = Portfolio.of(sold()).accuracy(period="2026")
    assert (found.value, found.numerator, found.denominator) == (pytest.approx(0.2333, abs=1e-4), cny(70), cny(300))
    assert found.parts["mape"] == pytest.approx(0.20)
    assert found.parts["bias"] == pytest.approx(0.10)
    assert (found.parts["left_out"], found.parts["basis"], found.skipped) == (1, "stored", 1)
    assert [dict(each) for each in found.rows[:2]] == [
        {"period": "2026-02", "forecast": cny(110), "actual": cny(100), "naive": cny(0), "basis": "stored"},
        {"period": "2026-03", "forecast": cny(60), "actual": cny(80), "naive": cny(100), "basis": "stored"},
    ]


def test_variants_and_the_naive_forecast():
    """MAPE and bias have names of their own; value added is the error of the naive forecast less ours."""
    portfolio = Portfolio.of(sold())
    assert portfolio.kpi("forecast_accuracy", period="2026", variant="mape").value == pytest.approx(0.2)
    assert portfolio.kpi("forecast_accuracy", period="2026", variant="bias").value == pytest.approx(0.1)
    added = portfolio.kpi("forecast_value_added", period="2026")
    assert added.value == pytest.approx((100 + 20 + 80 + 120) / 300 - 70 / 300)
    assert added.evidence == ["2026-02", "2026-03", "2026-04", "2026-05"]


def test_what_was_typed_in_afterwards_was_not_forecast():
    """A snapshot that was put into a month counts for nothing, whatever time it says; then what was known counts."""
    found = Portfolio.of(sold(late=1)).accuracy(period="2026")
    assert (found.parts["basis"], found.parts["wape"], found.n) == ("known_then", 1.0, 4)


def test_groups_are_those_of_the_snapshots():
    """A snapshot with figures of each owner serves the figure by owner, and others are not mixed with it."""
    portfolio = Portfolio.of(sold(owner="li.wei"))
    found = portfolio.accuracy(period="2026", by="owner")
    assert {name: each.value for name, each in found.groups.items()} == {"li.wei": pytest.approx(70 / 300)}
    assert (found.value, found.parts["basis"]) == (pytest.approx(70 / 300), "stored")
    assert portfolio.accuracy(period="2026").parts["basis"] == "known_then"
    assert list(portfolio.accuracy(period="2026", by="project").groups) == ["d0", "d1", "d3"]
    by_period = Portfolio.of(sold()).accuracy(period="2026", by="period").groups
    assert by_period["2026-03"].value == pytest.approx(0.25)
    assert Portfolio.of(sold()).accuracy(period="2026", by="quarter").groups["2026-Q1"].n == 2


def test_a_lead_asks_for_what_was_forecast_earlier():
    """With a lead of a week the snapshot of the first day of a month comes too late."""
    found = Portfolio.of(sold()).accuracy(period="2026", lead=7)
    assert found.parts["basis"] == "known_then"


def test_snapshots_of_projects_that_do_not_count():
    """Where the period project is left out, what it keeps is not used."""
    found = Portfolio.of(sold(), where={"owner": "li.wei"}).accuracy(period="2026")
    assert (found.parts["basis"], found.denominator) == ("known_then", cny(300))


def test_nothing_to_compare():
    """Without periods, without sales and without projects there is a reason, and no figure."""
    assert Portfolio.of(sold()).accuracy(period="2025").reason == "no_cases"
    nothing = Portfolio.of(Pipeline(DEALS, clock=lambda: CLOCK))
    assert (nothing.accuracy().value, nothing.accuracy().reason) == (None, "no_cases")
    assert Portfolio.of(sold()).accuracy(period="2026-04").reason == "no_sales"


@over_cases(
    ("asked", "says"),
    [({"over": "monthh"}, "month"), ({"lead": -1}, "lead"), ({"lead": True}, "lead"), ({"basis": "x"}, "known_then")],
)
def test_bad_input_is_named(asked: Mapping[str, Any], says: str):
    """Each wrong argument is named, with what is meant."""
    with pytest.raises(InputError, match=says):
        Portfolio.of(sold()).accuracy(**asked)


def test_currencies_are_not_mixed():
    """A snapshot in another currency than the sales needs rates."""
    pipeline = sold()
    value = KpiValue("weighted_forecast", Money(11, "EUR"), period="2026-03")
    kept(pipeline, KpiSnapshot("s9", values=(value,)), month(3), month(6))
    with pytest.raises(InputError, match="CNY, EUR"):
        Portfolio.of(pipeline).accuracy(period="2026", basis="known_today")
    rated = Portfolio.of(pipeline, rates=Rates("CNY", {"EUR": 6}))
    assert rated.accuracy(period="2026-03").rows[0]["forecast"] == cny(60)
    assert rated.accuracy(period="2026-03", basis="known_today").rows[0]["forecast"] == cny(66)


@given(st.integers(0, 100_000), st.sampled_from([0, 10]))
@example(1244, 10)  # an owner that was backfilled later
@example(seed=5156, lead=0)  # takes lines that few others do
@example(seed=204, lead=10)
def test_what_was_known_then_is_what_a_portfolio_of_then_forecasts(seed: int, lead: int):
    """For each month the forecast is that of a portfolio which knows nothing later, and the actual is what was won."""
    pipeline, _ = sell(seed)
    whole = Portfolio.of(pipeline)
    found = {each["period"]: each for each in whole.accuracy(lead=lead).rows}
    by_owner = whole.accuracy(lead=lead, by="owner", basis="known_today").groups
    for name, row in found.items():
        year, number = (int(part) for part in name.split("-"))
        start = datetime.combine(date(year, number, 1), datetime.min.time(), ZoneInfo("Asia/Shanghai")).astimezone(UTC)
        just_before = start - timedelta(days=lead, microseconds=1)
        then = Portfolio.of(pipeline, as_of=just_before, known_at=just_before).forecast(period=name)
        expected = Fraction() if then.weighted_pipeline is None else Fraction(then.weighted_pipeline.amount)
        assert number_of(row["forecast"]) == expected
        assert number_of(row["actual"]) == number_of(whole.forecast(period=name).won)
        # Who owned a project is taken as it is known today, so that a group holds the same projects in every row.
        groups = Portfolio.of(pipeline, as_of=just_before).forecast(period=name, by="owner").groups
        for owner, group in groups.items():
            if owner in by_owner and group.weighted_pipeline is not None:
                rows = [each["forecast"] for each in by_owner[owner].rows if each["period"] == name]
                assert sum(map(number_of, rows)) == Fraction(group.weighted_pipeline.amount)


def number_of(given: Any) -> Fraction:
    """An amount as a number, and 0 for none."""
    return Fraction(given.amount) if isinstance(given, Money) else Fraction(given or 0)


def test_a_past_that_was_imported_is_known_today_only():
    """What was backfilled was not known then; asked for what is known today about then, it is there."""
    now = [month(6)]
    pipeline = Pipeline(LIFECYCLE, clock=lambda: now[0], actor=Actor("li.wei"))
    fields = {"amount": cny(100), "expected_close": date(2026, 3, 9)}
    pipeline.open("deal", id="d", fields=fields, at=month(1))
    pipeline.fire("d", "straight", at=month(2), backfill=True)
    pipeline.fire("d", "win", at=month(3) + timedelta(days=8), backfill=True)
    portfolio = Portfolio.of(pipeline)
    assert portfolio.accuracy(period="2026").reason == "no_cases"
    found = portfolio.accuracy(period="2026-03", basis="known_today")
    assert (found.rows[0]["forecast"], found.value, found.parts["basis"]) == (
        cny(70),
        pytest.approx(0.3),
        "known_today",
    )
