"""Cohorts side by side, groups that stand out, and success by the risks that were open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Money, Pipeline
from salesflow.dossier import Risk
from salesflow.errors import InputError
from salesflow.insight import Portfolio

from .selling import AUTHOR, LIFECYCLE, START, sell
from .test_funnel import climbs


DAY = timedelta(days=1)


def deals(*groups: tuple[str, int, int, int]) -> Portfolio:
    """For each owner so many deals that were won at an amount, and so many that were lost."""
    now = [START]
    pipeline = Pipeline(LIFECYCLE, clock=lambda: now[0], actor=Actor("li.wei"))
    for owner, won, lost, amount in groups:
        for number in range(won + lost):
            name = f"{owner}{number}"
            pipeline.open("deal", id=name, fields={"owner": owner, "amount": Money(amount, "CNY")})
            pipeline.fire(name, "straight")
            now[0] += timedelta(minutes=1)
            pipeline.fire(name, "win" if number < won else "lose", outcome=None if number < won else "lost")
    return Portfolio.of(pipeline)


def test_the_interval_of_a_difference_is_newcombes():
    """His example (a) of 56 of 70 against 48 of 80: 0.2, between 0.0524 and 0.3339."""
    portfolio = deals(("a", 56, 14, 1), ("b", 48, 32, 1))
    found = portfolio.where({"owner": "a"}).compare("win_rate", portfolio.where({"owner": "b"}))
    assert round(found.difference, 12) == 0.2
    assert found.interval is not None
    assert [round(each, 4) for each in found.interval] == [0.0524, 0.3339]
    assert (found.verdict, found.first.n, found.second.n) == ("better", 70, 80)
    assert found.text() == "Win rate: 80.0% (n 70) against 60.0% (n 80), a difference of 20.0%: better"
    assert found.text("zh") == "赢单率：80.0%（n 70）对 60.0%（n 80），相差 20.0%：更好"
    other = portfolio.where({"owner": "b"}).compare("win_rate", portfolio.where({"owner": "a"}))
    assert (other.verdict, round(other.interval[0], 4) if other.interval else None) == ("worse", -0.3339)


def test_a_figure_is_written_down():
    """The value with its cases, each group in a line of its own, and why there is no value."""
    portfolio = deals(("a", 2, 1, 100), ("b", 1, 2, 400))
    found = portfolio.kpi("win_rate", by="owner")
    assert found.text() == "Win rate: 50.0% (n 6)\n  a: 66.7% (n 3)\n  b: 33.3% (n 3)"
    assert found.text("zh") == "赢单率：50.0%（n 6）\n  a：66.7%（n 3）\n  b：33.3%（n 3）"
    assert portfolio.kpi("win_rate", period="2001").text("zh") == "赢单率：没有数值（暂无可统计的数据）"
    assert portfolio.kpi("average_deal_value").text() == "Average deal value: 200 CNY (n 3)"


def test_a_difference_that_chance_explains_is_unclear():
    """Two of three against one of three says nothing yet; an amount has no interval at all."""
    portfolio = deals(("a", 2, 1, 100), ("b", 1, 2, 400))
    cohort = portfolio.where({"owner": "a"})
    assert cohort.compare("win_rate", portfolio).verdict == "unclear"
    amounts = cohort.compare("average_deal_value", portfolio.where({"owner": "b"}))
    assert (amounts.difference, amounts.interval, amounts.verdict) == (Money(-300, "CNY"), None, "unclear")
    assert amounts.text() == (
        "Average deal value: 100 CNY (n 2) against 400 CNY (n 1), a difference of -300 CNY: not clear"
    )
    nothing = cohort.compare("win_rate", portfolio.where({"owner": "nobody"}))
    assert (nothing.difference, nothing.interval) == (None, None)
    assert "against - (n 0)" in nothing.text()
    assert "a difference of 0.0: not clear" in cohort.compare("cycle_time").text()


@pytest.mark.requirement("B32")
def test_before_and_after_an_adjustment():
    """The same projects in two periods; a predicate names a cohort of the same portfolio."""
    pipeline, _ = sell(4)
    portfolio = Portfolio.of(pipeline)
    found = portfolio.compare("close_rate", period="2025-12", other_period="2025-11")
    assert (str(found.first.period), str(found.second.period)) == ("2025-12", "2025-11")
    by_source = portfolio.compare("close_rate", {"source": "web"}, period="2025-11")
    assert by_source.second == portfolio.where({"source": "web"}).kpi("close_rate", period="2025-11")
    with pytest.raises(InputError, match="other"):
        portfolio.compare("close_rate", 3)  # type: ignore[arg-type]  # what a user may write


@pytest.mark.requirement("B20")
def test_high_conversion_of_small_deals_asks_for_coaching():
    """Who wins far more than others, but small deals, is found, with what to do and the deals behind it."""
    portfolio = deals(("zhao", 40, 5, 100), ("wang", 40, 60, 900), ("new", 2, 0, 1))
    found = portfolio.diagnose()
    assert [(each.rule.name, each.group) for each in found] == [
        ("high_conversion_low_value", "zhao"),
        ("low_conversion_high_value", "wang"),
    ]
    assert found[0].text().startswith("zhao: wins often, but small deals. Coach negotiation")
    assert found[0].text("zh").startswith("zhao：转化率高但成交金额偏低。安排谈判辅导")
    assert found[0].figures["win_rate"].n == len(found[0].evidence) == 45
    assert found[0].whole["average_deal_value"].n == 82


def test_other_things_that_stand_out():
    """Few wins of large deals, and losing more than others; a small sample says nothing."""
    portfolio = deals(("few", 6, 40, 9_000), ("poor", 5, 60, 100), ("good", 60, 40, 900))
    assert {(each.rule.name, each.group) for each in portfolio.diagnose()} == {
        ("low_conversion_high_value", "few"),
        ("low_conversion", "poor"),
        ("high_conversion_low_value", "good"),
    }
    assert portfolio.diagnose(minimum=1_000) == ()
    rules = [each.rule for each in portfolio.diagnose()]
    assert [rule.name for rule in rules if rule.label.missing() or rule.action.missing()] == []


@pytest.mark.requirement("E46")
@given(st.integers(0, 10_000))
def test_success_by_risk_equals_a_count_by_hand(seed: int):
    """By the worst risk that was open when a project came to a stage, in the five-by-five matrix."""
    random = Random(seed)

    def register(pipeline: Pipeline, _: Any) -> None:
        name = random.choice([each.id for each in pipeline.all()])
        if pipeline.get(name).stage not in {"gone", "done"}:
            score = random.choice((1, 3, 5))
            pipeline.add(name, Risk(f"r{random.randrange(2)}", probability=score, impact=score))

    pipeline, _ = sell(seed, listening=register)
    levels = {1: "low", 9: "medium", 25: "critical"}
    expected: dict[tuple[str, str | None], list[str]] = {}
    for climb in climbs(pipeline):
        for stage, at in climb.at.items():
            risks = [each.score for each in pipeline.as_of(climb.id, at).all(Risk)]
            expected.setdefault((stage, levels[max(risks)] if risks else None), []).append(climb.id)
    ended = {each.id: each.outcome for each in pipeline.all() if each.outcome != "undecided"}
    rows = Portfolio.of(pipeline).success_by_risk()
    assert {(row.stage, row.level): (row.n, row.open, row.won, sorted(row.evidence)) for row in rows} == {
        key: (
            sum(name in ended for name in names),
            sum(name not in ended for name in names),
            sum(ended.get(name) in {"won", "terminated"} for name in names),
            sorted(names),
        )
        for key, names in expected.items()
    }


def test_success_by_risk_is_read_in_both_languages():
    """A stage, a level, the share and of how many; bands of the host's own move the levels."""
    now = [START]
    pipeline = Pipeline(LIFECYCLE, clock=lambda: now[0], actor=AUTHOR)
    pipeline.open("a", id="a")
    now[0] += DAY
    pipeline.add("a", Risk("r", probability=2, impact=2))
    pipeline.fire("a", "straight")
    pipeline.fire("a", "win")
    rows = Portfolio.of(pipeline).success_by_risk()
    assert [row.text() for row in rows][:2] == ["lead, no risk: 100.0% of 1 won", "offer, low: 100.0% of 1 won"]
    assert rows[0].text("zh") == "lead，无风险：1 个中 100.0% 赢单"
    levels: Sequence[str | None] = [row.level for row in Portfolio.of(pipeline).success_by_risk(bands={"high": 4})]
    assert levels == [None, "high", "high", "high"]
    pipeline.open("b", id="b")
    assert Portfolio.of(pipeline).where({"stage": "lead"}).success_by_risk()[0].rate is None
