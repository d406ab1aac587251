"""
What sales calls its parts of a strategy, activities, documents and topics needs no code: a definition names it.
"""

from __future__ import annotations

import pytest

from salesflow import Actor, Pipeline, build_lifecycle, load_lifecycle
from salesflow.dossier import Activity, Artefact, Contact, Goal, Member, Party, StrategyPart
from salesflow.errors import InputError
from salesflow.insight import Portfolio
from salesflow.stores import MemoryStore


ANN = Actor("ann")


def asking(*guards):
    """A pipeline whose one transition asks for what is given, with a project in it."""
    stages = [
        {"id": "plan", "produces": ["market_research_report", "competitor_analysis"]},
        {"id": "go", "kind": "closed"},
    ]
    move = {"id": "start", "source": "plan", "target": "go", "guards": list(guards)}
    fields = [{"id": name} for name in ("product", "market", "customer", "source")]
    lifecycle = build_lifecycle(
        {"id": "words", "version": "1", "fields": fields, "stages": stages, "transitions": [move]}
    )
    pipeline = Pipeline(lifecycle, store=MemoryStore(), actor=ANN)
    pipeline.open("Campus", id="p")
    return pipeline


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(
            ("market_segmentation", "customer_relationship", "promotion", "channel_expansion"),
            marks=pytest.mark.requirement("B08"),
        ),
        pytest.param(("market_entry", "customer_development"), marks=pytest.mark.requirement("E10")),
        pytest.param(("brand",), marks=pytest.mark.requirement("D36")),
    ],
)
def test_parts_of_a_strategy(parts):
    """
    A gate asks for the parts that a company's strategy has, and names each that is missing.
    """
    pipeline = asking({"use": "strategy_complete", "parts": list(parts)})
    missing = {remedy.params.get("id") for remedy in pipeline.decide("p", "start").missing}
    pipeline.add("p", *(StrategyPart(part, "as agreed", owner="ann") for part in parts))

    assert missing >= set(parts)
    assert pipeline.decide("p", "start").accepted


@pytest.mark.parametrize(
    "types",
    [
        pytest.param(("customer_visit", "negotiation", "contract_signing"), marks=pytest.mark.requirement("B10")),
        pytest.param(("advertising", "public_relations", "social_media"), marks=pytest.mark.requirement("D37")),
    ],
)
def test_types_of_activities(types):
    """
    An activity has the type that sales calls it by, and is found by it.
    """
    pipeline = asking()
    pipeline.add("p", *(Activity(name, name, outcome="held") for name in types))

    assert list(types) == [each.type for each in pipeline.get("p").all(Activity)]


@pytest.mark.requirement("C29")
def test_documents_of_research():
    """
    A gate asks for the research of the market and the analysis of rivals, and passes with both.
    """
    types = ("market_research_report", "competitor_analysis")
    pipeline = asking(*({"use": "artefact_exists", "id": each, "type": each} for each in types))
    missing = [remedy.params["type"] for remedy in pipeline.decide("p", "start").missing]
    pipeline.add("p", *map(Artefact, types))

    assert list(types) == missing
    assert pipeline.decide("p", "start").accepted


@pytest.mark.requirement("B29")
def test_knowledge_is_a_skill():
    """
    What somebody knows of a market or a product has a level, and a gap is found like that of any skill.
    """
    definition = {"id": "words", "version": "1", "stages": [{"id": "plan"}, {"id": "go", "kind": "closed"}]}
    definition["transitions"] = [{"id": "start", "source": "plan", "target": "go"}]
    definition["risks"] = [{"use": "skill_gap", "skills": {"medical_market": 1}, "min_level": 4}]
    pipeline = Pipeline(build_lifecycle(definition), store=MemoryStore(), actor=ANN)
    pipeline.open("Campus", id="p", entries=[Member("li", skills={"medical_market": 3})])
    before = [finding.status for finding in pipeline.risks("p").findings]
    pipeline.add("p", Member("li", skills={"medical_market": 4}))

    assert (["fired"], ["clear"]) == (before, [finding.status for finding in pipeline.risks("p").findings])


@pytest.mark.requirement("D10", "D57", "E43")
def test_parties_and_contacts_with_them():
    """
    Customers, partners, rivals and suppliers are parties with a strength; what is done is done with one, or internally.
    """
    parties = [Party(each, type=each, strength=4) for each in ("customer", "partner", "competitor", "supplier")]
    pipeline = asking()
    pipeline.add("p", *parties, Contact("chen", party="customer", roles=["champion"], strength=5))
    pipeline.add("p", Activity("call", direction="out", party="partner"), Activity("sync", direction="internal"))
    project = pipeline.get("p")

    assert {"customer", "partner", "competitor", "supplier"} == {each.type for each in project.all(Party)}
    assert [("out", "partner"), ("internal", "")] == [(each.direction, each.party) for each in project.all(Activity)]
    assert [("customer", 5)] == [(each.party, each.strength) for each in project.all(Contact)]
    for wrong in ({"type": "friend"}, {"strength": 6}):
        with pytest.raises(InputError):
            Party("x", **wrong)


@pytest.mark.untraced
@pytest.mark.requirement("E42")
def test_roles_have_the_names_of_sales():
    """
    The templates ask for the roles that a sales organisation has.
    """
    names = ("four_step_project", "goal_to_feedback_cycle", "project_team_planning", "sales_planning", "ltc_gated")
    text = " ".join(str(load_lifecycle(name).definition) for name in names)

    assert [] == [role for role in ("industry_director", "sales_manager", "account_manager") if f"'{role}'" not in text]


@pytest.mark.requirement("C02")
def test_unclear_goals_block_the_planning_of_a_team():
    """
    In the planning of a project team a goal that is not SMART stops the move; nobody may pass it on their word.
    """
    pipeline = Pipeline(load_lifecycle("project_team_planning"), store=MemoryStore(), actor=ANN)
    pipeline.open("Team", id="p", entries=[Goal("more", subject="sell more")])
    smart = [
        verdict.spec for verdict in pipeline.decide("p", "agree_goals").blocking if verdict.spec.guard == "goals_smart"
    ]

    assert {("block", False)} == {(spec.severity, spec.overridable) for spec in smart}


@pytest.mark.requirement("D12")
@pytest.mark.parametrize(
    "by", ["product", "market", "customer", pytest.param("source", marks=pytest.mark.requirement("E44"))]
)
def test_a_figure_by_a_field(by):
    """
    A figure is divided by what a field says, and its groups add up to the whole.
    """
    pipeline = asking()
    for number, value in enumerate(("A", "A", "B")):
        pipeline.open(f"Deal {number}", fields={by: value})
    found = Portfolio.of(pipeline).kpi("close_rate", by=by)

    assert (4, {"A": 2, "B": 1, None: 1}) == (found.n, {name: each.n for name, each in found.groups.items()})
