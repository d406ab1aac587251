"""Planning, people and customers from end to end: research that opens a project, budgets, priorities, what is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import attrs
import pytest

from salesflow import Actor, Money, Pipeline, load_lifecycle
from salesflow.dossier import (
    Activity,
    Budget,
    Contact,
    DevelopmentPlan,
    Goal,
    Idea,
    MarketAnalysis,
    Member,
    Need,
    Party,
    Purchase,
    ResearchPlan,
    Reward,
    SalesCost,
    Task,
    TeamCharter,
    Training,
)
from salesflow.errors import TransitionRefusedError
from salesflow.insight import snapshot
from salesflow.typing import EntryPut


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = date(2026, 3, 2)

TEXT = """
id = "research"
[[stages]]
id = "study"
[[stages]]
id = "reported"
kind = "closed"
[[transitions]]
id = "report"
source = "study"
target = "reported"
guards = [
  { use = "strategy_complete", parts = ["research", "market_analysis"], sections = true },
  { use = "kpi_check", metric = "budget_variance", op = "le", value = 0.1, id = "budget" },
]
[[transitions]]
id = "seize"
source = "reported"
kind = "spawn"
spawn = { lifecycle = "simple_deal", carry = ["research_plan", "market_analysis"] }
"""


def pipeline_of() -> Pipeline:
    """A project that studies a market, and the lifecycle of the deals that come of it."""
    lifecycles = load_lifecycle(text=TEXT), load_lifecycle("simple_deal")
    pipeline = Pipeline(lifecycles, actor=Actor("li.wei"), clock=lambda: NOW)
    pipeline.open("Rental of pumps", id="R-1", lifecycle=lifecycles[0])
    return pipeline


@pytest.mark.requirement("D27", "D28", "D61", "C13")
def test_research_opens_a_project():
    """The gate asks for goal, method and question; what was found goes along into the project that it opens."""
    pipeline = pipeline_of()
    plan = ResearchPlan("demand", "demand", question="Who would rent?", owner="li.wei")
    analysis = MarketAnalysis("north", demand="Pumps", competitors=["Rival"], trend="Up", owner="li.wei")
    pipeline.add("R-1", plan, analysis, Budget("b", Money(100, "CNY"), end=DAY), SalesCost("c", Money(90, "CNY"), DAY))
    snapshot(pipeline, "R-1", metrics=["budget_variance"])
    with pytest.raises(TransitionRefusedError) as caught:
        pipeline.fire("R-1", "report")
    pipeline.add("R-1", attrs.evolve(plan, method="interview", findings="Many", opportunity="Rental by the month"))
    pipeline.fire("R-1", "report")
    child = pipeline.fire("R-1", "seize").spawned

    assert ["The strategy lacks research; still open: method."] == [
        verdict.message() for verdict in caught.value.decision.blocking
    ]
    assert child is not None
    assert "simple_deal" == child.lifecycle
    assert ["Rental by the month"] == [each.opportunity for each in child.all(ResearchPlan)]
    assert [("Rival",)] == [each.competitors for each in child.all(MarketAnalysis)]


@pytest.mark.requirement("D62")
def test_spending_beyond_the_budget_stops_the_gate():
    """The figure is computed from what was spent, kept, and read by the guard."""
    pipeline = pipeline_of()
    plan = ResearchPlan("r", "demand", "survey", question="Who?", owner="li.wei")
    analysis = MarketAnalysis("north", demand="Pumps", competitors=["Rival"], trend="Up", owner="li.wei")
    pipeline.add("R-1", plan, analysis, Budget("b", Money(100, "CNY"), end=DAY), SalesCost("c", Money(120, "CNY"), DAY))
    kept = snapshot(pipeline, "R-1", metrics=["budget_variance"])
    with pytest.raises(TransitionRefusedError) as caught:
        pipeline.fire("R-1", "report")

    assert ["0.2"] == [str(value.value) for value in kept.values]
    assert ["kpi.threshold"] == [verdict.code for verdict in caught.value.decision.blocking]


@pytest.mark.requirement("B27", "D02", "D44")
def test_a_change_of_priorities_is_on_record():
    """Who moved the focus of the team, and from which priority, stands in the history; so does why a goal is set."""
    pipeline = pipeline_of()
    why = {"strategy": "Grow in the north", "market": "Demand rises", "team": "Two sellers free"}
    goal = Goal("g", "sales_amount", 100, rationale=why, priority=3)
    pipeline.add("R-1", goal, Task("t", priority=2), TeamCharter(mission="Serve", vision="First", values=["honesty"]))
    pipeline.add("R-1", attrs.evolve(goal, priority=1), actor=Actor("kim"))
    puts = [
        (fact.actor.name, change.entry.priority)
        for fact in pipeline.history("R-1")
        for change in fact.body.changes
        if isinstance(change, EntryPut) and isinstance(change.entry, Goal)
    ]

    assert [("li.wei", 3), ("kim", 1)] == puts
    assert [why] == [each.rationale for each in pipeline.get("R-1").all(Goal)]
    assert [("team_charter", "Serve")] == [(each.id, each.mission) for each in pipeline.get("R-1").all(TeamCharter)]


@pytest.mark.requirement("C08", "C36", "D06", "D17", "D26", "D31", "D58")
def test_what_is_known_of_people_is_kept():
    """Skills, experience, potential and traits of a member, trainings with tools, plans, and ideas with an award."""
    pipeline = pipeline_of()
    member = Member("li.wei", skills={"negotiation": 4}, experience=8, potential=4, traits={"teamwork": 5})
    training = Training("crm", "The new CRM", 4, DAY, type="tool", tools=["crm"], members=["li.wei"], trainer="kim")
    plan = DevelopmentPlan("li", "li.wei", career="Lead", skills={"negotiation": 5}, actions=["A course"])
    award = Reward("prize", "li.wei", "prize", reason="Idea of the year", given_on=DAY)
    idea = Idea("rent", "Rent it out", by="li.wei", status="adopted", award="prize")
    pipeline.add("R-1", member, training, plan, award, idea)
    pipeline.add("R-1", attrs.evolve(training, id="book", type="book", tools=[], title="Prices"))
    project = pipeline.get("R-1")

    assert (member,) == project.all(Member)
    assert [("tool", ("crm",)), ("book", ())] == [(each.type, each.tools) for each in project.all(Training)]
    assert [award.id] == [each.award for each in project.all(Idea)]
    assert (plan,) == project.all(DevelopmentPlan)


@pytest.mark.requirement("D10", "D13", "D57", "E43")
def test_what_is_known_of_customers_is_kept():
    """Parties of every sort, contacts with their strength, needs, purchases, and contacts with a partner."""
    pipeline = pipeline_of()
    parties = [Party(name, type=name, strength=3) for name in ("customer", "partner", "competitor", "supplier")]
    contact = Contact("chen", "Ms Chen", party="customer", roles=["champion"], strength=4)
    need, bought = Need("quiet", "Less noise", priority="must"), Purchase("pump", Money(100, "CNY"), DAY)
    talk = Activity("talk", "call", direction="out", party="partner", status="done", at=NOW)
    pipeline.add("R-1", *parties, contact, need, bought, talk, attrs.evolve(talk, id="inside", direction="internal"))
    project = pipeline.get("R-1")

    assert parties == list(project.all(Party))
    assert [("out", "partner"), ("internal", "partner")] == [(a.direction, a.party) for a in project.all(Activity)]
    assert ((contact,), (need,), (bought,)) == (project.all(Contact), project.all(Need), project.all(Purchase))
