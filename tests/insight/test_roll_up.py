"""
Roll-up: the figures of a period are computed over the facts of what belongs to it, at any depth.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from salesflow import Actor, Definition, Field, Money, Pipeline, Stage, Transition, build_lifecycle, replay
from salesflow.dossier import Goal
from salesflow.errors import UnknownProjectError
from salesflow.insight import Portfolio
from salesflow.stores import MemoryStore
from salesflow.typing import Append, Commit, Spawn

from .selling import AUTHOR, LIFECYCLE, sell


PERIOD = build_lifecycle(
    Definition(
        "period",
        time_zone="Asia/Shanghai",
        fields=(Field("owner"), Field("period_start", "date"), Field("period_end", "date")),
        stages=(Stage("running", "open"), Stage("over", "closed")),
        transitions=(
            Transition("close", "running", "over"),
            Transition("next", "over", kind="spawn", spawn=Spawn("period")),
        ),
    )
)
FIGURES = (
    "win_rate",
    "cycle_time",
    "average_deal_value",
    "sales_amount",
    "funnel",
    "pipeline_velocity",
    "loss_breakdown",
    "time_in_stage",
    "loop_count",
)
MARCH = datetime(2026, 3, 2, 9, tzinfo=UTC)


def levels(seed, computing=None):
    """
    Return a pipeline with a year, two quarters and deals that belong to some of them, and who belongs to whom.
    """
    sold, times = sell(seed)
    now = times[-1] + timedelta(days=1)
    pipeline = Pipeline([PERIOD, LIFECYCLE], store=sold.store, clock=lambda: now, actor=AUTHOR)
    pipeline.open("2026", id="year", lifecycle=PERIOD)
    for name in ("q1", "q2"):
        pipeline.open(name, id=name, lifecycle=PERIOD, parent="year")
    random, parents = Random(seed), {}
    for deal in pipeline.all(stage=None):
        parent = random.choice((None, "year", "q1", "q2"))
        if deal.lifecycle == "selling" and parent is not None:
            pipeline.reparent(deal.id, parent)
            parents[deal.id] = parent
    return pipeline, parents


def alone(pipeline, names):
    """
    Return a pipeline whose store has the facts of some projects, and of no others.
    """
    store, known = MemoryStore(), {}
    for fact in pipeline.store.feed(limit=10_000).facts:
        if fact.project_id in names:
            facts = known.setdefault(fact.project_id, [])
            facts.append(fact)
            store.commit(Commit((Append(fact.version - 1, fact, replay(facts)),)))
    now = Portfolio.of(pipeline).as_of
    return Pipeline([PERIOD, LIFECYCLE], store=store, clock=lambda: now, actor=AUTHOR)


def said(portfolio, name, **asked):
    """What a figure says, without the version of its evidence."""
    found = portfolio.kpi(name, lifecycle="selling", **asked)
    return found.value, found.n, found.numerator, found.denominator, found.reason, sorted(found.evidence)


@pytest.mark.long
@pytest.mark.requirement("E27")
@settings(max_examples=10)
@given(seed=st.integers(0, 10_000), computing=st.sampled_from(("plain", "numpy")))
def test_a_roll_up_is_the_figure_over_the_facts_below(seed, computing):
    """
    Every figure of a period equals that of a store which has the facts of its projects alone, directly and over others.
    """
    pipeline, parents = levels(seed)
    whole = Portfolio.of(pipeline, computing=computing)
    for period, below in (("q1", {"q1"}), ("year", {"year", "q1", "q2"})):
        names = [deal for deal, parent in parents.items() if parent in below]
        own = Portfolio.of(alone(pipeline, names), computing=computing)
        for name in FIGURES:
            assert said(own, name) == said(whole, name, under=period)
        assert said(own, "win_rate", by="owner") == said(whole.where(under=period), "win_rate", by="owner")


def tree():
    """
    Return a year with a quarter, a deal in each, and one in neither; two are won, of different worth.
    """
    now = [MARCH]
    pipeline = Pipeline([PERIOD, LIFECYCLE], clock=lambda: now[0], actor=Actor("li.wei"))
    span = {"period_start": date(2026, 1, 1), "period_end": date(2026, 12, 31)}
    pipeline.open("2026", id="year", lifecycle=PERIOD, fields=span)
    pipeline.open("q1", id="q1", lifecycle=PERIOD, parent="year")
    for name, parent, worth in (("D-1", "q1", 300), ("D-2", "year", 50), ("D-3", None, 700), ("D-4", "q1", 9)):
        fields = {"amount": Money(worth, "CNY"), "owner": "li.wei"}
        pipeline.open(name, id=name, parent=parent, fields=fields)
        pipeline.fire(name, "straight")
        pipeline.fire(name, "lose" if name == "D-4" else "win", outcome="lost" if name == "D-4" else None)
    return pipeline, now


def test_no_mean_of_figures():
    """
    A year with a quarter of one in two and a deal of its own won has two in three, and not the mean of both.
    """
    portfolio = Portfolio.of(tree()[0])
    rates = [portfolio.kpi("win_rate", under=name).value for name in ("q1", "year")]

    assert ([0.5, pytest.approx(2 / 3)], 3) == (rates, len(portfolio.where(under="year", lifecycle="selling")))
    assert 1 == portfolio.where(under="year").kpi("win_rate", under="q1", by="owner").groups["li.wei"].numerator
    assert 4 == len(Portfolio.of(tree()[0], under="year"))
    assert 0 == len(portfolio.where(under="D-1"))


def test_what_was_spawned_comes_after_and_is_no_part():
    """
    The next cycle of a quarter is not a part of it, unless somebody puts it there.
    """
    pipeline, _ = tree()
    pipeline.fire("q1", "close")
    after = pipeline.fire("q1", "next", spawn_id="q2").spawned
    pipeline.open("late", id="D-5", parent="q2")
    before = len(Portfolio.of(pipeline, under="q1"))
    cycle = Portfolio.of(pipeline).kpi("win_rate", by="cycle", lifecycle="period").groups
    pipeline.reparent(after.id, "year")

    assert (2, set()) == (before, set(cycle) - {1, 2})
    assert 6 == len(Portfolio.of(pipeline, under="year"))


def test_a_roll_up_of_the_past_has_the_parents_of_then():
    """
    A deal that moved to another quarter counts in its old one as of before, also while the portfolio reads on.
    """
    pipeline, now = tree()
    portfolio = Portfolio.of(pipeline)
    first = len(portfolio.where(under="q1"))
    now[0] += timedelta(days=30)
    pipeline.reparent("D-1", None)
    portfolio.refresh()

    assert (2, 1) == (first, len(portfolio.where(under="q1")))
    assert 2 == len(Portfolio.of(pipeline, as_of=MARCH, under="q1"))


def test_an_unknown_project():
    """
    A project that no fact knows is named.
    """
    with pytest.raises(UnknownProjectError, match="q9"):
        Portfolio.of(tree()[0]).kpi("win_rate", under="q9")


def test_a_goal_of_a_period_is_about_what_belongs_to_it():
    """
    What comes of a year's goal is what its projects brought, where some belong to it; else what all brought.
    """
    pipeline, _ = tree()
    goal = Goal("sales", "sales_amount", 700, unit="CNY", start=date(2026, 1, 1), due=date(2026, 12, 31))
    pipeline.add("year", goal, attrs.evolve(goal, id="again"))
    pipeline.open("other", id="other", lifecycle=PERIOD, fields=dict(pipeline.get("year").fields))
    pipeline.add("other", goal)
    came = {(each.project, each.id): each.attainment for each in Portfolio.of(pipeline).targets()}

    assert {("year", "sales"): 0.5, ("year", "again"): 0.5, ("other", "sales"): 1.5} == came
