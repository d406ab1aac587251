"""Forecasts: weighted amounts, categories, what was left out, and the distribution of what will be won."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Money, Pipeline, Project, load_lifecycle
from salesflow.errors import InputError
from salesflow.exchange import replay_file
from salesflow.insight import Distribution, Forecast, Portfolio, Rates
from salesflow.stores import MemoryStore
from salesflow.typing import Transitioned

from ..cases import over_cases
from .selling import START, sell


NOW = START
TEXT = """
id = "deals"
version = "1"
outcomes = ["undecided", "won", "lost"]
fields = [
    { id = "amount", type = "money" }, { id = "owner" }, { id = "probability", type = "number" }, { id = "forecast" },
    { id = "expected_close", type = "date" },
]
stages = [
    { id = "open", probability = 0.5 }, { id = "silent" }, { id = "kept", probability = "keep", forecast = "commit" },
    { id = "rest", kind = "hold" }, { id = "shelf", kind = "hold", probability = 0.05, forecast = "omitted" },
    { id = "won", kind = "won" }, { id = "lost", kind = "lost" },
]
transitions = [
    { id = "hush", source = "open", target = "silent" }, { id = "keep", source = "open", target = "kept" },
    { id = "rest", source = ["open", "kept"], target = "rest", kind = "hold" },
    { id = "shelve", source = ["open", "kept"], target = "shelf", kind = "hold" },
    { id = "resume", source = ["rest", "shelf"], target = "$previous", kind = "resume" },
    { id = "win", source = ["open", "kept"], target = "won", outcome = "won" },
    { id = "lose", source = ["open", "silent", "kept"], target = "lost", outcome = "lost", kind = "exit" },
]
"""
DEALS = load_lifecycle(text=TEXT)
GOLDEN = ((100_000, "0.1"), (50_000, "0.5"), (20_000, "0.8"))


def selling(*deals: Mapping[str, Any], moves: Mapping[str, str] | None = None) -> Portfolio:
    """A portfolio of deals with these fields, called d1, d2 and so on, each moved as *moves* say."""
    pipeline = Pipeline(DEALS, clock=lambda: NOW, actor=Actor("li.wei"))
    for number, fields in enumerate(deals, 1):
        pipeline.open("deal", id=f"d{number}", fields=fields)
    for name, triggers in (moves or {}).items():
        for trigger in triggers.split():
            pipeline.fire(name, trigger)
    return Portfolio.of(pipeline)


def deal(amount: int | str | None = None, probability: str | None = None, **fields: Any) -> Mapping[str, Any]:
    """The fields of a deal."""
    own = {
        "amount": None if amount is None else Money(amount, "CNY"),
        "probability": probability and Decimal(probability),
    }
    return {**{name: value for name, value in own.items() if value is not None}, **fields}


def cny(amount: int | str) -> Money:
    """An amount in the currency of these tests."""
    return Money(amount, "CNY")


@pytest.mark.requirement("D38")
def test_the_worked_example():
    """Amounts times probabilities of what is open; what is lost counts nothing, and what is won counts in full."""
    found = selling(
        *[deal(*each) for each in GOLDEN], deal(7, "0.9"), deal(1_000, "0.9"), moves={"d4": "lose", "d5": "win"}
    ).forecast()
    assert (found.weighted_pipeline, found.weighted_forecast) == (cny(51_000), cny(52_000))
    assert (found.open, found.won, found.n, found.n_won) == (cny(170_000), cny(1_000), 3, 1)
    assert found.evidence == ["d1", "d2", "d3", "d5"]


def test_the_forecast_report_of_another_system():
    """3,800 at 90 per cent and 22,500 at 20 per cent are 7,920."""
    assert selling(deal(3_800, "0.9"), deal(22_500, "0.2")).forecast().weighted_pipeline == cny(7_920)


def test_categories_are_those_of_the_stage_unless_somebody_set_another():
    """Each category has its own amount, and that of all surer ones; what is omitted is weighted with nothing."""
    found = selling(
        deal(50),
        deal(100, forecast="commit"),
        deal(150, forecast="best_case"),
        deal(200),
        deal(30, forecast="omitted"),
        deal(10, forecast="upside"),
        moves={"d1": "win"},
    ).forecast()
    assert {each.name: (each.n, each.amount, each.cumulative) for each in found.categories} == {
        "closed": (1, cny(50), cny(50)),
        "commit": (1, cny(100), cny(150)),
        "best_case": (1, cny(150), cny(300)),
        "pipeline": (1, cny(200), cny(500)),
        "upside": (1, cny(10), cny(510)),
        "omitted": (1, cny(30), None),
    }
    assert found.open == cny(460)
    assert found.categories[-1].weighted == cny(0)
    assert [found.categories[1].label.text(lang) for lang in ("en", "zh")] == ["Commit", "承诺"]


def test_a_hold_leaves_the_probability_as_it_was():
    """A stage that keeps, and a hold that states nothing, leave probability and category; a hold may state its own."""
    portfolio = selling(
        deal(100),
        deal(100),
        deal(100),
        deal(100),
        moves={"d1": "keep", "d2": "keep rest", "d3": "rest", "d4": "shelve"},
    )
    found = portfolio.forecast()
    names = {each.name: (each.n, each.weighted) for each in found.categories if each.n}
    assert names == {"commit": (2, cny(100)), "pipeline": (1, cny(50)), "omitted": (1, cny(0))}


def test_nothing_is_left_out_in_silence():
    """What lacks an amount, a probability or a date is listed, and so is what is open although its day has passed."""
    portfolio = selling(
        deal(100),
        deal(None, expected_close=date(2025, 11, 2)),
        deal(100, "7", expected_close=date(2025, 11, 3)),
        deal(100, expected_close=date(2026, 1, 1)),
        moves={"d4": "hush"},
    )
    found = portfolio.forecast()
    assert found.missing == {
        "no_amount": ["d2"],
        "no_probability": ["d3", "d4"],
        "no_close_date": ["d1"],
        "close_date_past": ["d2"],
    }
    assert (found.n, found.weighted_pipeline, found.open) == (4, cny(50), cny(300))
    year = portfolio.forecast(period="2026")
    assert (year.evidence, year.missing["no_close_date"], year.weighted_pipeline) == (["d4"], ["d1"], cny(0))


def test_groups_are_owners_or_the_periods_of_the_expected_close():
    """Each group has its own forecast; what has no date is the group without a name."""
    portfolio = selling(
        deal(100, owner="li.wei", expected_close=date(2026, 1, 31)),
        deal(200, owner="zhao", expected_close=date(2026, 2, 1)),
        deal(300, owner="zhao"),
    )
    owners = portfolio.forecast(by="owner").groups
    assert {name: each.weighted_pipeline for name, each in owners.items()} == {"li.wei": cny(50), "zhao": cny(250)}
    months = portfolio.forecast(by="month").groups
    assert {name: each.evidence for name, each in months.items()} == {
        "2026-01": ["d1"],
        "2026-02": ["d2"],
        None: ["d3"],
    }
    assert months[None].missing["no_close_date"] == ["d3"]
    assert portfolio.forecast(period="2026-01", by="owner").groups["zhao"].missing["no_close_date"] == ["d3"]


@pytest.mark.requirement("D39", "E38")
def test_a_probability_of_the_host():
    """A host says how likely each project is to be won, or that it does not know."""
    portfolio = selling(deal(100), deal(100))
    found = portfolio.forecast(probability={"d1": 0.25}.get)
    assert (found.weighted_pipeline, found.missing["no_probability"]) == (cny(25), ["d2"])
    assert portfolio.forecast(probability=lambda _name: Fraction(1, 3)).weighted_pipeline == cny("66.67")
    for wrong in (25, "much", [1], "nan", Fraction(4, 3)):
        with pytest.raises(InputError, match=r"probability=: .*d1: "):
            portfolio.forecast(probability={"d1": wrong}.get)
    assert portfolio.forecast(probability=lambda _name: Decimal("1e-999999")).weighted_pipeline == cny(0)


def test_age_lowers_a_probability_only_if_asked_to():
    """A project that is twice as old as three quarters of the won ones counts half, and never below the floor."""
    now = [START]
    pipeline = Pipeline(DEALS, clock=lambda: now[0], actor=Actor("li.wei"))
    pipeline.open("deal", id="won", fields=deal(1))
    pipeline.open("deal", id="old", fields=deal(100))
    pipeline.open("deal", id="rested", fields=deal(1_000))
    assert Portfolio.of(pipeline).forecast(age_floor="0.3").weighted_pipeline == cny("550.50")
    now[0] += timedelta(days=10)
    pipeline.fire("won", "win")
    pipeline.fire("rested", "rest")
    now[0] += timedelta(days=10)
    pipeline.fire("rested", "resume")
    portfolio = Portfolio.of(pipeline)
    assert portfolio.forecast().weighted_pipeline == cny(550)
    assert portfolio.forecast(age_floor="0.3").weighted_pipeline == cny(525)
    assert portfolio.forecast(age_floor="0.8").weighted_pipeline == cny(540)
    with pytest.raises(InputError, match="age_floor="):
        portfolio.forecast(age_floor=3)


def test_a_real_export(real_data: Path):
    """The sample of another system has 1,094,500 weighted and open, and 3,909,500 with what was won."""
    examples, store = Path(__file__).parents[2] / "examples" / "salesforce", MemoryStore()
    path, lifecycle = real_data / "salesforce_history" / "OpportunityHistory.csv", examples / "lifecycle.toml"
    replay_file(path, mapping=examples / "map.toml", lifecycle=lifecycle, store=store)
    found = Portfolio.of(Pipeline(load_lifecycle(lifecycle), store=store)).forecast()
    assert found.weighted_pipeline == Money(1_094_500, "USD")
    assert found.weighted_forecast == Money(3_909_500, "USD")


def test_currencies_are_not_mixed():
    """Amounts of two currencies need rates, also where one is open and the other was won."""
    deals = deal(100), {"amount": Money(10, "EUR")}
    for moves in ({}, {"d2": "win"}):
        with pytest.raises(InputError, match="CNY, EUR"):
            selling(*deals, moves=moves).forecast()
    pipeline = Pipeline(DEALS, clock=lambda: NOW, actor=Actor("li.wei"))
    for number, fields in enumerate(deals):
        pipeline.open("deal", id=f"e{number}", fields=fields)
    assert Portfolio.of(pipeline, rates=Rates("CNY", {"EUR": 8})).forecast().open == cny(180)


def test_a_forecast_needs_the_fields_that_it_reads():
    """Without an amount there is none, and without an expected close none of a period."""
    text = TEXT.replace('{ id = "expected_close", type = "date" },', "")
    pipeline = Pipeline(load_lifecycle(text=text), clock=lambda: NOW, actor=Actor("li.wei"))
    pipeline.open("deal", id="d", fields={"amount": cny(100)})
    portfolio = Portfolio.of(pipeline)
    assert (portfolio.forecast().open, portfolio.forecast(period="2026").reason) == (cny(100), "field_not_declared")
    nothing = selling().forecast()
    assert (nothing.n, nothing.open, nothing.currency, nothing.reason) == (0, None, None, "no_cases")


def test_a_close_may_have_a_time_of_day():
    """A field of times serves as the expected close."""
    text = TEXT.replace('"expected_close", type = "date"', '"expected_close", type = "datetime"')
    pipeline = Pipeline(load_lifecycle(text=text), clock=lambda: NOW, actor=Actor("li.wei"))
    pipeline.open("deal", id="d", fields={"amount": cny(100), "expected_close": datetime(2026, 1, 31, 23, tzinfo=UTC)})
    assert Portfolio.of(pipeline).forecast(period="2026-01").weighted_pipeline == cny(50)


def test_the_figures_of_nothing():
    """Without amounts the weighted sum is 0; without a field for them there is none."""
    assert selling(deal()).kpi("weighted_pipeline").value == 0
    assert selling(deal()).kpi("weighted_pipeline").skipped == 1
    assert selling().kpi("weighted_forecast").reason == "no_cases"
    omitted = selling(deal(100), deal(200, forecast="omitted")).kpi("weighted_forecast", by="month")
    assert (omitted.value, omitted.parts["amount"], omitted.skipped) == (cny(50), cny(100), 0)
    assert list(omitted.groups) == [None]


@over_cases(
    ("asked", "says"),
    [
        ({"period": ("2026-02-01", "2026-01-01")}, "period"),
        ({"period": (date(2026, 2, 1), date(2026, 1, 1))}, "period"),
        ({"by": "ownr"}, "owner"),
    ],
)
def test_bad_input_is_named(asked: Mapping[str, Any], says: str):
    """A period that ends before it begins, and an unknown group, are errors that say what is meant."""
    with pytest.raises(InputError, match=says):
        selling(deal(1)).forecast(**asked)


def test_a_clock_before_the_first_fact():
    """Before anything happened there is nothing to forecast."""
    pipeline, _ = sell(1)
    found = Portfolio.of(pipeline, as_of=START - timedelta(days=9)).forecast()
    assert (found.n, found.n_won, found.evidence) == (0, 0, [])


# --- A second computation -------------------------------------------------------------------------------------------


CHANCES = {"lead": "0.1", "offer": "0.4", "talks": "0.7"}


def chance_of(pipeline: Pipeline, project: Project) -> Fraction | None:
    """The probability of a project, by its last stage that is no hold."""
    bodies = [fact.body for fact in pipeline.history(project.id)]
    stages = [each.target for each in bodies if isinstance(each, Transitioned) and each.target != "paused"]
    found = CHANCES.get(("lead", *stages)[-1])
    return None if found is None else Fraction(found)


@pytest.mark.untraced
@given(st.integers(0, 100_000), st.sampled_from([None, "2025-12", "2026-01"]))
def test_weighted_amounts_are_what_the_projects_say(seed: int, period: str | None):
    """The figures, and those of each owner, are the sums over the projects as they stand."""
    pipeline, _ = sell(seed)
    months = {None: lambda _day: True, "2025-12": lambda day: (day.year, day.month) == (2025, 12)}
    within = months.get(period, lambda day: (day.year, day.month) == (2026, 1))
    found = Portfolio.of(pipeline).forecast(period=period, by="owner")
    expected: dict[Any, Fraction] = {}
    total, n = Fraction(), 0
    for project in pipeline.all():
        day = project.fields.get("expected_close")
        if project.outcome != "undecided" or project.closed_at or (period and (day is None or not within(day))):
            continue
        n += 1
        amount, chance = project.fields.get("amount"), chance_of(pipeline, project)
        share = Fraction(amount.amount) * chance if amount is not None and chance is not None else Fraction()
        total += share
        owner = project.fields.get("owner")
        expected[owner] = expected.get(owner, Fraction()) + share
    assert found.n == n
    assert money_of(found) == total
    assert {name: money_of(each) for name, each in found.groups.items() if each.n} == expected
    assert found.weighted_pipeline == Portfolio.of(pipeline).kpi("weighted_pipeline", period=period).value


def money_of(found: Forecast) -> Fraction:
    """The weighted pipeline as a number."""
    return Fraction(0) if found.weighted_pipeline is None else Fraction(found.weighted_pipeline.amount)


# --- The distribution -----------------------------------------------------------------------------------------------


def spread(*deals: tuple[int, str], **asked: Any) -> Distribution:
    """The distribution of deals with amounts and probabilities."""
    return selling(*[deal(*each) for each in deals]).forecast().distribution(**asked)


def test_the_exact_distribution_of_the_worked_example():
    """Every sum with its probability; a quantile is the smallest sum that is not exceeded with at least that share."""
    found = spread(*GOLDEN)
    assert [(int(each.amount), float(share)) for each, share in found.points] == [
        (0, 0.09),
        (20_000, 0.36),
        (50_000, 0.09),
        (70_000, 0.36),
        (100_000, 0.01),
        (120_000, 0.04),
        (150_000, 0.01),
        (170_000, 0.04),
    ]
    assert (found.method, found.mean) == ("exact", cny(51_000))
    assert (found.p10, found.p50, found.p90) == (cny(20_000), cny(50_000), cny(70_000))
    assert found.quantile("0.09") == cny(0)
    assert (found.chance(cny(0)), found.chance(cny(50_001)), found.chance(cny(170_001))) == (1, pytest.approx(0.46), 0)
    assert "independen" in found.note.text("en").casefold()
    assert repr(found) == "<Distribution, exact: P10 20000.00 CNY, P50 50000.00 CNY, P90 70000.00 CNY>"


def test_sure_and_impossible_deals():
    """What is sure is in every sum, what is impossible in none, and no deal at all is a sum of nothing."""
    found = spread((100, "1"), (10, "0"), (1, "0.5"))
    assert [(each, share) for each, share in found.points] == [
        (cny(100), Fraction(1, 2)),
        (cny(101), Fraction(1, 2)),
    ]
    assert selling().forecast().distribution().points == [(Money(0, "XXX"), 1)]


amounts = st.lists(st.tuples(st.integers(0, 50), st.sampled_from(["0", "0.1", "0.25", "0.5", "0.9", "1"])), max_size=6)


@given(amounts)
def test_the_exact_distribution_is_what_counting_every_case_gives(deals: list[tuple[int, str]]):
    """It sums up to 1, has the mean of the amounts, and equals the sum over all ways to win and lose."""
    counted: dict[int, Fraction] = {}
    for wins in product((True, False), repeat=len(deals)):
        share, total = Fraction(1), 0
        for won, (amount, chance) in zip(wins, deals, strict=True):
            share *= Fraction(chance) if won else 1 - Fraction(chance)
            total += amount if won else 0
        if share:
            counted[total] = counted.get(total, Fraction()) + share
    found = spread(*deals, method="exact")
    assert [(Fraction(each.amount), share) for each, share in found.points] == sorted(counted.items())
    assert sum(share for _, share in found.points) == 1
    assert sum(Fraction(each.amount) * share for each, share in found.points) == Fraction(found.mean.amount)


@given(amounts, st.lists(st.integers(1, 100), min_size=2, max_size=6), st.sampled_from(["exact", "simulation"]))
def test_quantiles_rise(deals: list[tuple[int, str]], shares: list[int], method: str):
    """A larger share has no smaller quantile, and the quantile is reached with at least its share."""
    found = spread(*deals, method=method, runs=200)
    ordered = sorted(Fraction(share, 100) for share in shares)
    values = [found.quantile(share) for share in ordered]
    assert values == sorted(values)
    for share, value in zip(ordered, values, strict=True):
        assert sum(part for each, part in found.points if each <= value) >= share


@pytest.mark.untraced
@pytest.mark.long
@given(st.integers(0, 1_000))
def test_a_simulation_comes_close_to_the_exact_distribution(seed: int):
    """With 5,000 runs no probability of a sum is off by more than 0.035: five standard errors of the largest."""
    runs = 5_000
    exact = dict(spread(*GOLDEN).points)
    drawn: dict[Money, Fraction] = {}
    for each, share in spread(*GOLDEN, method="simulation", runs=runs, seed=seed).points:
        drawn[each] = drawn.get(each, Fraction()) + share
    assert drawn.keys() <= exact.keys()
    assert all(abs(exact[each] - drawn.get(each, 0)) < Fraction(35, 1_000) for each in exact)


def test_a_simulation_is_repeatable_and_says_what_it_drew():
    """The same seed gives the same figures, another seed others."""
    one, again, other = (spread(*GOLDEN, method="simulation", runs=50, seed=seed) for seed in (7, 7, 8))
    assert (one.points, one.runs, one.seed) == (again.points, 50, 7)
    assert one.points != other.points


@pytest.mark.long
def test_many_deals_are_simulated():
    """Too many sums to add up are drawn: the median lies near the mean, and exact is refused."""
    found = selling(*[deal(1_000 + 7 * number * number, "0.5") for number in range(450)]).forecast()
    drawn = found.distribution(runs=400)
    assert (drawn.method, drawn.runs) == ("simulation", 400)
    assert abs(float(drawn.p50.amount / drawn.mean.amount) - 1) < 0.03
    assert drawn.p10 < drawn.p50 < drawn.p90
    with pytest.raises(InputError, match="450 open projects"):
        found.distribution("exact")


@over_cases(
    ("asked", "says"),
    [
        ({"method": "exacd"}, "exact"),
        ({"runs": 0}, "runs"),
        ({"runs": 1.5}, "runs"),
        ({"seed": "x"}, "seed"),
        ({"seed": True}, "seed"),
    ],
)
def test_what_a_distribution_cannot_be(asked: Mapping[str, Any], says: str):
    """Each wrong argument is named."""
    with pytest.raises(InputError, match=says):
        spread((1, "0.5"), **asked)


@over_cases("share", [0, "2", "x", "1/0", -1])
def test_what_a_quantile_cannot_be(share: Any):
    """A share lies above 0, and is at most 1."""
    with pytest.raises(InputError, match="share"):
        spread((1, "0.5")).quantile(share)
