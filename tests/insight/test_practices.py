"""The practices of a sales manager: each item with records that are as it asks, and with records that are not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from typing import Any

import attrs
import pytest

from salesflow import Money, Pipeline, dossier as d
from salesflow.errors import InputError, UnknownProjectError
from salesflow.insight import Portfolio, practices

from ..cases import over_cases
from ..past import put_past
from .selling import AUTHOR, LIFECYCLE


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = date(2026, 3, 2)
CNY = Money(10, "CNY")
GOAL = d.Goal("g", "sales_amount", 1, unit="CNY", subject="north", direction="increase", source="crm", actual=1)
ACTION = d.ImprovementAction("i", lifecycle="deal", owner="li", due=DAY, status="verified", accepted_on=DAY)
APPRAISAL = d.Appraisal("a", "li", [d.AppraisalCriterion("sales", 80, source="crm")], at=NOW, acknowledged_at=NOW)
VISIT = d.Activity("v", "return_visit", status="done", at=NOW, outcome="advance")
RISK = d.Risk("r", "Delay", category="time", response="Ask", owner="li", response_due=DAY)
SNAPSHOT = d.KpiSnapshot("k", NOW, [d.KpiValue("weighted_forecast", 5)])
ITEMS: dict[str, tuple[list[Any], list[Any]]] = {
    "clear_goals/specific": ([GOAL], [d.Goal("h")]),
    "clear_goals/measurable": ([GOAL], [d.Goal("h", "mood", unit="points", source="survey")]),
    "grow_team/train": (
        [d.Training("t", "Prices", 8, DAY, members=["li"]), d.DevelopmentPlan("d", "li", actions=["A course"])],
        [d.Training("u", "Prices", 8, DAY), d.DevelopmentPlan("e", "li")],
    ),
    "improve_process/analyse": (
        [ACTION, d.Review("w", "process_review", held_at=NOW, decision="Shorten it")],
        [d.ImprovementAction("j"), d.Review("x", "process_review", held_at=NOW)],
    ),
    "improve_process/plan": ([ACTION], [d.ImprovementAction("j", lifecycle="deal")]),
    "communicate/internal": (
        [
            d.StatusReport("s", at=NOW, done=["Offer"]),
            d.Review("w", held_at=NOW, attendees=["li", "kim"]),
            d.Question("q", asked_at=NOW, answered_at=NOW),
        ],
        [d.StatusReport("t", at=NOW), d.Review("x", held_at=NOW, attendees=["li"]), d.Question("r", asked_at=NOW)],
    ),
    "communicate/external": ([VISIT], [attrs.evolve(VISIT, id="w", outcome="")]),
    "use_data/analyse": ([SNAPSHOT], [d.KpiSnapshot("l", NOW)]),
    "customer_relations/record": (
        [d.CustomerRecord("c", "Acme", facts={"industry": "steel"}, contacts={"champion": "Ms Chen"})],
        [d.CustomerRecord("e", "Bolt")],
    ),
    "customer_relations/maintain": ([VISIT], [attrs.evolve(VISIT, id="w", status="planned")]),
    "use_tools/choose": (
        [d.Training("t", "CRM", 8, DAY, tools=["crm"])],
        [d.Training("u", "CRM", 8, DAY, type="tool")],
    ),
    "use_tools/apply": (
        [d.Member("li"), d.Training("t", "CRM", 8, DAY, members=["li"], type="tool"), d.Member("ex", active=False)],
        [d.Member("kim"), d.Training("u", "Prices", 8, DAY, members=["kim"])],
    ),
    "manage_risk/identify": ([RISK, d.RiskRegister("r", none_found=True)], [d.Risk("s"), d.RiskRegister("s")]),
    "manage_risk/respond": ([RISK], [d.Risk("s"), d.Risk("t", status="closed")]),
    "appraise/criteria": ([APPRAISAL], [d.Appraisal("b", "li", [d.AppraisalCriterion("x")]), d.Appraisal("c", "li")]),
    "appraise/carry_out": ([APPRAISAL], [attrs.evolve(APPRAISAL, id="b", acknowledged_at=None)]),
    "personal_growth/reflect": (
        [d.Feedback("f", "self", comment="Slow"), d.Retrospective("r", sections={"next": "Ask"}, source="self")],
        [d.Feedback("e", "self"), d.Retrospective("s", source="self")],
    ),
    "personal_growth/learn": (
        [d.Training("t", "A book", 8, DAY, members=["li"], type="book")],
        [d.Training("u", "A fair", 8, DAY, type="conference")],
    ),
    "research/goal": ([d.ResearchPlan("r", "demand", question="Who?")], [d.ResearchPlan("s", "demand")]),
    "research/method": ([d.ResearchPlan("r", method="survey")], [d.ResearchPlan("s", "demand")]),
    "manage_resources/allocate": (
        [
            d.ResourceDemand("p", "people", 5, unit="days"),
            d.ResourceAllocation("q", "people", 2, unit="days"),
            d.ResourceAllocation("r", "people", 3, unit="days"),
            d.ResourceDemand("m", "budget", CNY),
            d.ResourceAllocation("n", "budget", CNY),
        ],
        [d.ResourceDemand("s", "material", 5), d.ResourceDemand("t", "budget", Money(1, "EUR"))],
    ),
    "manage_resources/use": (
        [d.TimeBooking("t", "li", DAY, 8, task="x"), d.SalesCost("c", CNY, DAY, category="travel")],
        [d.TimeBooking("u", "li", DAY, 8), d.SalesCost("e", CNY, DAY)],
    ),
    "innovate/encourage": ([d.Idea("i", status="declined", proposed_on=DAY)], [d.Idea("j")]),
    "innovate/change": (
        [d.Idea("i", status="adopted", result="Two deals"), ACTION],
        [d.Idea("j", status="tried"), d.ImprovementAction("j", status="accepted")],
    ),
    "serve/feedback": (
        [d.Survey("s", score=5, answered_at=NOW), d.Feedback("f", declined=True)],
        [d.Survey("t"), d.Feedback("e", comment=" ")],
    ),
    "brand/promote": ([d.PromotionPlan("p", "event", status="done")], [d.PromotionPlan("q")]),
    "forecast/analyse": ([SNAPSHOT], [d.KpiSnapshot("l", NOW, [d.KpiValue("csat", 5)])]),
    "reach_goals/plan": (
        [d.Task("t", owner="li", due=DAY, goal="g")],
        [d.Task("u", part="pricing"), d.Task("v"), d.Task("w", goal="g", status="dropped")],
    ),
    "reach_goals/track": ([GOAL], [d.Goal("h"), d.Goal("i", status="draft")]),
    "sum_up/shortfalls": (
        [d.Retrospective("r", sections={"shortfalls": "Late"}, held_at=NOW)],
        [d.Retrospective("s", sections={"shortfalls": " "}, held_at=NOW)],
    ),
    "culture/values": ([d.TeamCharter(mission="Serve", values=["honesty"])], [d.TeamCharter("u", mission="Serve")]),
    "culture/climate": (
        [
            d.TeamEvent("e", "Outing", DAY, members=["li"]),
            d.Reward("r", "li", reason="The goal", given_on=DAY),
            d.PulseAnswer("p", 4, answered_on=DAY),
        ],
        [d.TeamEvent("f", "Outing", DAY), d.Reward("s", "li"), d.PulseAnswer("q")],
    ),
    "keep_improving/plan": ([ACTION], [d.ImprovementAction("j"), d.ImprovementAction("k", status="rejected")]),
    "keep_improving/carry_out": ([ACTION], [attrs.evolve(ACTION, id="j", status="done")]),
    "grow_team/recruit": (
        [
            d.Member("li", skills={"talks": 3}),
            d.SkillTarget("t", "talks", 3),
            d.HiringNeed("h", status="filled"),
            d.HiringNeed("i", status="dropped"),
        ],
        [d.SkillTarget("u", "demo", 3), d.HiringNeed("j")],
    ),
    "serve/answer": (
        [
            d.ServiceStandard("s", response_hours=4),
            d.Activity("in", status="done", at=NOW, direction="in"),
            d.Activity("out", status="done", at=NOW, direction="out", answers="in"),
            d.Complaint("c", status="resolved", raised_at=NOW),
        ],
        [
            d.ServiceStandard("s", response_hours=4),
            d.Activity("late", status="done", at=NOW - timedelta(days=3), direction="in"),
            d.Activity("inside", status="done", at=NOW, direction="internal", answers="late"),
            d.Complaint("e", raised_at=NOW),
        ],
    ),
}
"""By item, records that are as it asks, and records that are not; those of projects and of parts are tested below."""


def pipeline_of(*entries: Any, **fields: Any) -> Pipeline:
    """One project with entries, at noon of one day."""
    pipeline = Pipeline(LIFECYCLE, actor=AUTHOR, clock=lambda: NOW)
    pipeline.open("Metro", id="D-1", fields=fields)
    put_past(pipeline, "D-1", *entries)
    return pipeline


def scored(pipeline: Pipeline, name: str, **asked: Any) -> Any:
    """The points of one item."""
    practice, _, item = name.partition("/")
    scores = {score.practice.id: score for score in Portfolio.of(pipeline).practices(**asked).scores}
    return next(each for each in scores[practice].items if each.item.id == item)


@pytest.mark.requirement("D00")
@over_cases("name", ITEMS)
def test_an_item_is_scored_from_records(name: str):
    """Done by all is 2, by none 0, by some 1; what would raise the points is said, and for which records."""
    good, bad = ITEMS[name]
    full, none = scored(pipeline_of(*good), name, period="2026-03"), scored(pipeline_of(*bad), name, period="2026-03")
    some = scored(pipeline_of(*bad, *good), name, period="2026-03")

    assert (2, 0, 1) == (full.points, none.points, some.points)
    assert (True, "") == (bool(full.done), full.advice())
    assert [] == [each for each in full.done if not each.startswith("D-1/")]
    assert (set(full.done), set(none.missing)) == (set(some.done), set(some.missing))
    assert f"0 of {len(none.missing)} are as they should be" in none.advice()
    assert some.missing[0] in some.advice("zh")
    assert none.item.asks.text("zh") in none.advice("zh")


@pytest.mark.requirement("D00")
def test_the_pack_has_twenty_practices_of_two_items():
    """Each has a label and two items, in both languages; without records every item says so."""
    pack = practices()
    report = Portfolio.of(pipeline_of()).practices()

    assert (20, {2}) == (len(pack), {len(each.items) for each in pack.values()})
    labels = [each.label for each in pack.values()]
    labels += [label for each in pack.values() for item in each.items for label in (item.label, item.asks)]
    assert [] == [label for label in labels if label.missing()]
    assert (0, 80, 0.0, None) == (report.points, report.most, report.value, report.period)
    assert (
        "Set clear goals, Goals are specific: nothing is recorded yet. What counts: each live goal names"
        in report.advice()[0]
    )
    assert 40 == len(report.advice("zh"))


@pytest.mark.requirement("D00")
def test_projects_themselves_are_records():
    """Fields that the lifecycle declares are looked at; closed projects need no forecast."""
    pipeline = pipeline_of(amount=CNY, customer="Acme", owner="li", source="web", expected_close=DAY)
    pipeline.open("Tram", id="D-2", fields={"amount": CNY})
    collect = scored(pipeline, "use_data/collect")
    forecast = scored(pipeline, "forecast/collect")
    pipeline.fire("D-2", "lose", outcome="lost")

    assert (("D-1",), ("D-2",)) == (collect.done, collect.missing) == (forecast.done, forecast.missing)
    assert (("D-1",), ()) == (scored(pipeline, "forecast/collect").done, scored(pipeline, "forecast/collect").missing)


@pytest.mark.requirement("D00")
def test_looking_back_counts_projects_that_ended():
    """A project that ended without a retrospective is short of it; one that says what went well is not."""
    pipeline = pipeline_of()
    pipeline.fire("D-1", "lose", outcome="lost")
    before = scored(pipeline, "sum_up/experience")
    other = pipeline_of(d.Retrospective("r", sections={"successes": "Early offer"}, held_at=NOW))
    other.fire("D-1", "lose", outcome="lost")
    after = scored(other, "sum_up/experience")

    assert (0, ("D-1",)) == (before.points, before.missing)
    assert (2, ("D-1", "D-1/r")) == (after.points, after.done)


@pytest.mark.requirement("D00")
def test_the_brand_is_a_part_of_the_strategy():
    """Only the part of that name counts, with text and owner."""
    part = d.StrategyPart("brand", "Quiet pumps", owner="li")

    assert 2 == scored(pipeline_of(part, d.StrategyPart("pricing")), "brand/strategy").points
    assert 0 == scored(pipeline_of(attrs.evolve(part, owner=None)), "brand/strategy").points


@pytest.mark.requirement("D00")
def test_only_the_period_counts():
    """What happened elsewhere does not count, nor what was recorded later; a project that had ended does not either."""
    now = [datetime(2026, 1, 5, 9, tzinfo=UTC)]
    pipeline = Pipeline(LIFECYCLE, actor=AUTHOR, clock=lambda: now[0])
    pipeline.open("Metro", id="D-1")
    now[0] = NOW
    pipeline.add("D-1", d.Training("t", "Prices", 8, date(2026, 1, 9), members=["li"]), GOAL)
    pipeline.open("Tram", id="D-2", entries=[attrs.evolve(GOAL, id="h")])
    pipeline.fire("D-2", "lose", outcome="lost")
    now[0] += timedelta(days=40)
    pipeline.add("D-1", d.Goal("later"), d.ResourceDemand("p", "people", 5), d.ResourceAllocation("q", "people", 9))

    assert [0, 0] == [scored(pipeline, "grow_team/train", period=each).points for each in ("2025", "2026-03")]
    assert 2 == scored(pipeline, "grow_team/train", period="2026-01").points
    assert ("D-1/g", "D-2/h") == scored(pipeline, "clear_goals/specific", period="2026-03").done
    assert () == scored(pipeline, "clear_goals/specific", period="2026-03").missing
    assert (("D-1/g",), ("D-1/later",)) == (
        scored(pipeline, "clear_goals/specific", period="2026-04").done,
        scored(pipeline, "clear_goals/specific", period="2026-04").missing,
    )
    assert () == scored(pipeline, "manage_resources/allocate", period="2026-03").done


@pytest.mark.requirement("D00")
def test_the_score_is_a_figure():
    """K50 is the points by eighty, with the records behind it, by owner; without projects there is none."""
    pipeline = pipeline_of(GOAL, owner="li")
    pipeline.open("Tram", id="D-2", fields={"owner": "kim"}, entries=[d.Goal("h")])
    portfolio = Portfolio.of(pipeline)
    found = portfolio.kpi("practice_score", by="owner")
    points = {key: each.numerator for key, each in found.groups.items()}

    assert (found.value, found.numerator, found.denominator) == (portfolio.practices().value, found.numerator, 80)
    assert {"kim": 0, "li": 6} == points
    assert 3 == found.numerator
    assert {"practice": "clear_goals", "item": "specific", "points": 1, "done": 1, "of": 2} == found.rows[0]
    assert "D-1/g" in found.evidence
    assert "no_cases" == portfolio.kpi("practice_score", period="2020").reason
    assert 0 == portfolio.practices(period="2020").points
    assert [6, 0] == [portfolio.practices(project=name).points for name in ("D-1", "D-2")]


@pytest.mark.skipif(find_spec("numpy") is None, reason="numpy is an extra")
@over_cases("period", [None, "2026-03", "2026-W10", "2025"])
def test_whole_columns_count_the_same(period: str | None):
    """Of records of every kind, of a field that was cleared and of a project that ended, by owner and without."""
    entries = {(each.kind, each.id): each for lists in ITEMS.values() for each in (*lists[1], *lists[0])}
    pipeline = pipeline_of(*entries.values(), amount=CNY, customer="Acme", owner="li", expected_close=DAY)
    pipeline.open("Tram", id="D-2", fields={"amount": CNY, "customer": "Bolt", "owner": "kim", "source": "web"})
    pipeline.open("Bus", id="D-3", fields={"amount": CNY, "expected_close": DAY})
    pipeline.update("D-2", {"customer": None})
    pipeline.fire("D-3", "lose", outcome="lost")
    plain, whole = (Portfolio.of(pipeline, computing=each) for each in ("plain", "numpy"))
    first, second = (each.kpi("practice_score", period=period, by="owner") for each in (plain, whole))

    assert plain.practices(period=period) == whole.practices(period=period)
    assert (first.value, first.rows, list(first.evidence)) == (second.value, second.rows, list(second.evidence))
    assert [(key, each.rows) for key, each in first.groups.items()] == [
        (key, each.rows) for key, each in second.groups.items()
    ]


@pytest.mark.requirement("D00")
def test_what_is_asked_wrongly():
    """A project that is not there, and one that the portfolio leaves out, are refused; so is a parameter."""
    portfolio = Portfolio.of(pipeline_of(owner="li"))

    with pytest.raises(UnknownProjectError):
        portfolio.practices(project="D-9")
    with pytest.raises(UnknownProjectError):
        portfolio.where({"owner": "kim"}).practices(project="D-1")
    with pytest.raises(InputError, match="weights="):
        portfolio.kpi("practice_score", weights=1)
