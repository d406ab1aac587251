"""
A project in any stage, with facts that could have happened.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import strategies as st

import salesflow as sf
from salesflow import Actor, Definition, Money, Pipeline, Stage, Transition, guards
from salesflow.dossier import Approval, Artefact, KpiSnapshot
from salesflow.errors import InputError, SalesflowError, UnknownFieldError
from salesflow.guards import failed, guard, passed, unknown
from salesflow.testing import NOW, NoRouteError, project_in
from salesflow.typing import GuardUse, Remedy, Spawn

from ..cases import over_cases
from .planted import AMOUNT, CODES, deal, plugin


CYCLE, DEAL = sf.load_lifecycle("operating_cycle"), sf.load_lifecycle("simple_deal")
EVERY = [(lifecycle, stage.id) for lifecycle in (CYCLE, DEAL) for stage in lifecycle.stages]


def path(pipeline, project):
    return [fact.body.transition for fact in pipeline.history(project.id) if hasattr(fact.body, "transition")]


@pytest.mark.untraced
@over_cases(("lifecycle", "stage"), EVERY, ids=lambda each: getattr(each, "id", each))
def test_any_stage_is_reached(lifecycle, stage):
    """The facts add up to the project, and every approval is somebody else's than the opener's."""
    pipeline = Pipeline(lifecycle)
    project = project_in(stage, lifecycle, pipeline=pipeline)

    assert stage == project.stage
    assert project == sf.replay(pipeline.history(project.id))
    assert {project.opened_by} & {each.by for each in project.all(Approval)} == set()


def test_the_way_is_the_shortest():
    """It goes forward where that is possible, and records what the gates ask for."""
    pipeline = Pipeline(CYCLE)
    project = project_in("execution", CYCLE, pipeline=pipeline)

    assert ["approve_initiation", "confirm_goals", "commit_resources", "launch"] == path(pipeline, project)


def test_a_hold_interrupts_the_stage_that_is_asked_for():
    """A project on hold can be resumed to it."""
    assert "strategy" == project_in("on_hold", CYCLE, held="strategy").suspended.stage


def test_what_is_given_is_used():
    """Id, name, fields, actor and time are the caller's."""
    ann = Actor("ann")
    fields = {"owner": "bob"}
    project = project_in("propose", DEAL, id="X", name="Y", fields=fields, actor=ann, at=NOW + timedelta(days=1))

    assert ("X", "Y", "bob", "ann") == (project.id, project.name, project.owner, project.opened_by)
    assert NOW + timedelta(days=1) == project.opened_at


@over_cases("values", [Money("7", "EUR"), [Money("7", "EUR")], st.just(Money("7", "EUR"))])
def test_values_come_first(values):
    """One, a list or a strategy."""
    assert Money("7", "EUR") == project_in("propose", DEAL, values={"amount": values}).fields["amount"]


def test_only_those_who_are_there_act():
    """Actors who are named have the roles, and nobody is made up."""
    actors = [Actor("ann"), Actor("bob", roles={"project_lead"}), Actor("eve", roles={"sales_director"})]
    pipeline = Pipeline(CYCLE)
    project = project_in("rejected", CYCLE, pipeline=pipeline, actors=actors)

    assert {"ann", "eve"} == {fact.actor.name for fact in pipeline.history(project.id)}


@pytest.mark.parametrize("names", [(), ("ann", "bob")])
def test_somebody_else_makes_a_move_that_asks_for_it(names):
    """Four eyes: one of those who are there, or somebody made up; where nobody else is there, it is not possible."""
    edges = [
        Transition("submit", "draft", "checked"),
        Transition("accept", "checked", "won", outcome="won", guards=[guards.not_same_actor("submit")]),
    ]
    stages = [Stage("draft", "open"), Stage("checked"), Stage("won", "won")]
    lifecycle = sf.build_lifecycle(Definition("four_eyes", stages=stages, transitions=edges))
    project = project_in("won", lifecycle, actors=[Actor(name) for name in names])

    assert 2 == len(set(project.taken_by.values()))
    assert not names or {*names} == set(project.taken_by.values())
    with pytest.raises(SalesflowError, match="somebody else than ann"):
        project_in("won", lifecycle, actors=[Actor("ann")])


@pytest.mark.parametrize("names", [(), ("ann", "kim")])
def test_whom_a_field_names_makes_the_move(names):
    """One of those who are there, or somebody made up; where the person is not there, it is not possible."""
    move = Transition("go", "draft", "won", outcome="won", guards=[guards.actor_has_role(fields=("owner",))])
    stages = [Stage("draft", "open"), Stage("won", "won")]
    lifecycle = sf.build_lifecycle(
        Definition("own", fields=[sf.Field("owner")], stages=stages, transitions=[move], time_zone="UTC")
    )
    pipeline, given = Pipeline(lifecycle), {"owner": "kim"}
    project = project_in("won", lifecycle, pipeline=pipeline, fields=given, actors=[Actor(name) for name in names])

    assert "kim" == pipeline.history(project.id)[-1].actor.name
    with pytest.raises(SalesflowError, match="acting as kim"):
        project_in("won", lifecycle, fields=given, actors=[Actor("ann")])


def test_a_wrong_stage_is_told():
    """With the stages there are."""
    with pytest.raises(InputError, match="Did you mean 'qualify'"):
        project_in("qualfy", DEAL)


def test_a_wrong_field_is_told():
    """With the one that was meant."""
    with pytest.raises(UnknownFieldError, match="'amount'"):
        project_in("propose", DEAL, values={"amout": 1})


def test_what_cannot_be_reached_is_explained():
    """It names the transition, its verdicts and what was tried; the parts are attributes."""
    shut = guards.field_compare("amount", "le", "10 CNY"), guards.field_compare("amount", "ge", "20 CNY")
    lifecycle = deal(Transition("win", "offer", "won", outcome="won", guards=shut))
    with pytest.raises(NoRouteError) as caught:
        project_in("won", lifecycle)
    (stuck,) = {each.transition: each for each in caught.value.stuck}.values()

    assert isinstance(caught.value, SalesflowError)
    assert ("win", "offer") == (stuck.transition, stuck.stage)
    assert ["field.compare"] == [verdict.code for verdict in stuck.verdicts]
    assert "amount = Money(" in str(caught.value)


def test_a_spawned_lifecycle_is_taken_from_the_pipeline():
    """The scouts know what the pipeline knows."""
    stages = (Stage("a", "open"), Stage("b", "won"))
    mother = sf.build_lifecycle(
        Definition(
            "mother",
            stages=stages,
            transitions=[Transition("go", "a", "b"), Transition("next", "b", kind="spawn", spawn=Spawn("simple_deal"))],
        )
    )

    assert "b" == project_in("b", mother, pipeline=Pipeline([mother, DEAL])).stage


@guard("planted.secret", codes=CODES)
def secret():
    """
    Ask for something that no remedy says.
    """

    def check(ctx):
        if ctx.project.fields.get("note") == "sesame":
            return passed()
        return failed("planted.no", why="say the word")

    return check


def with_guard(kind, **more):
    use = GuardUse(kind.name)
    return deal(
        Transition("win", "offer", "won", outcome="won", guards=[use]), plugins=(plugin(guards=(kind,)),), **more
    )


@pytest.mark.parametrize(
    "asked",
    [
        lambda verdict, project: {"note": "sesame"} if verdict.spec.guard == "planted.secret" else None,
        None,
    ],
)
def test_what_no_remedy_says_can_be_helped(asked):
    """By a callback, or by values, of which each is tried."""
    values = None if asked else {"note": ["open", "sesame"]}

    assert "won" == project_in("won", with_guard(secret), help=asked, values=values).stage


@guard("planted.chain", codes=CODES)
def chain():
    """
    Ask for an actor, a day and an artefact, one after the other, in words of its own.
    """

    def check(ctx):
        if ctx.actor.name != "eve":
            return unknown("planted.no", why="eve")
        if ctx.at < NOW + timedelta(days=2):
            return failed("planted.no", Remedy("wait", "a while"), why="too early")
        if not ctx.project.all(Artefact):
            return failed("planted.no", why="no paper")
        return passed()

    return check


def test_help_may_be_anything_that_helps():
    """Somebody else, time, or entries."""
    answers = {"eve": Actor("eve"), "too early": timedelta(days=2), "no paper": Artefact("paper")}
    project = project_in(
        "won", with_guard(chain), help=lambda verdict, project: answers.get(verdict.evidence.get("why"))
    )

    assert ["paper"] == [each.type for each in project.all(Artefact)]


def test_a_taken_transition_may_be_what_a_gate_asks_for():
    """Where no direct way is open, other transitions are taken first."""

    @guard("planted.revised", codes=CODES)
    def revised():
        """
        Ask that the offer was revised.
        """
        return lambda ctx: passed() if ctx.project.taken.get("revise") else failed("planted.no", why="not revised")

    lifecycle = deal(
        Transition("revise", "offer", "lead", kind="loop"),
        Transition("win", "offer", "won", outcome="won", guards=[GuardUse("planted.revised")]),
        plugins=(plugin(guards=(revised,)),),
    )
    pipeline = Pipeline(lifecycle)
    project = project_in("won", lifecycle, pipeline=pipeline)

    assert ["make_offer", "revise", "make_offer", "win"] == path(pipeline, project)


def test_another_candidate_is_kept_from_being_chosen():
    """A field is changed so that the one before it fails."""
    first = Transition("quick", "offer", "won", trigger="win", outcome="won", guards=[AMOUNT])
    lifecycle = deal(first, Transition("win", "offer", "lost", outcome="lost"))
    pipeline = Pipeline(lifecycle)
    project = project_in("lost", lifecycle, pipeline=pipeline)

    assert "lost" == project.stage


def test_a_field_of_the_definition_need_not_be_there():
    """A lifecycle without fields and gates is walked as well."""
    edges = [Transition("go", "a", "b")]
    bare = sf.build_lifecycle(Definition("bare", stages=(Stage("a", "open"), Stage("b", "won")), transitions=edges))

    assert "b" == project_in("b", bare).stage


def test_walkers_give_up(monkeypatch):
    """After so many ways, also where the next one might have been open."""
    monkeypatch.setattr("salesflow.testing._navigate.route.ATTEMPTS", 1)
    shut = guards.field_compare("amount", "le", "10 CNY"), guards.field_compare("amount", "ge", "20 CNY")
    lifecycle = deal(Transition("win", "offer", "won", outcome="won", guards=shut))
    with pytest.raises(NoRouteError) as caught:
        project_in("won", lifecycle)

    assert ["win"] == [stuck.transition for stuck in caught.value.stuck]


def test_figures_that_a_gate_asks_for_are_there():
    """They are kept as if they had been computed, though nobody may type them in."""
    asked = guards.kpis_reported(("win_rate",))
    lifecycle = deal(Transition("win", "offer", "won", outcome="won", guards=[asked]))
    project = project_in("won", lifecycle, pipeline=(pipeline := Pipeline(lifecycle, actor=Actor("li.wei"))))
    (kept,) = project.all(KpiSnapshot)

    assert ["win_rate"] == [each.metric for each in kept.values]
    with pytest.raises(InputError, match=r"insight\.snapshot"):
        pipeline.add(project.id, kept)
