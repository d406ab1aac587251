"""The figures of a public CRM export of 8,800 deals, against those that were computed from it elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesflow import Money, Pipeline, load_lifecycle
from salesflow.exchange import replay_file
from salesflow.insight import Portfolio
from salesflow.stores import MemoryStore


EXAMPLE = Path(__file__).parents[2] / "examples" / "maven"


@pytest.fixture(scope="module")
def portfolio(real_data: Path) -> Portfolio:
    """The portfolio of the export."""
    store, lifecycle = MemoryStore(), EXAMPLE / "lifecycle.toml"
    path = real_data / "maven_crm" / "sales_pipeline.csv"
    replay_file(path, mapping=EXAMPLE / "map.toml", lifecycle=lifecycle, store=store)
    return Portfolio.of(Pipeline(load_lifecycle(lifecycle), store=store))


@pytest.mark.requirement("A13")
def test_revenue_and_win_rates(portfolio: Portfolio):
    """Revenue to the dollar, and the win rate of won and lost and of all deals."""
    assert portfolio.kpi("sales_amount").value == Money(10_005_534, "USD")
    assert f"{portfolio.kpi('win_rate').value:.4%}".startswith("63.15")
    assert f"{portfolio.kpi('win_rate', variant='of_all').value:.2%}" == "48.16%"
    assert portfolio.kpi("win_rate").n == 6711


def test_cycles(portfolio: Portfolio):
    """The mean cycle of won deals is 51.78 days, its median 57; that of lost ones 41.48 and 14."""
    won, lost = portfolio.kpi("cycle_time"), portfolio.kpi("cycle_time", variant="lost")
    assert (f"{won.parts['mean']:.2f}", won.value) == ("51.78", 57)
    assert (f"{lost.parts['mean']:.2f}", lost.value) == ("41.48", 14)


def test_wins_by_quarter(portfolio: Portfolio):
    """The won deals of each quarter of 2017."""
    wins = portfolio.kpi("average_deal_value", by="quarter").groups
    assert {name: each.n for name, each in wins.items()} == {
        "2017-Q1": 531,
        "2017-Q2": 1254,
        "2017-Q3": 1257,
        "2017-Q4": 1196,
    }
