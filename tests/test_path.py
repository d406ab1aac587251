"""
The path to a stage: the shortest way from where a project stands, what its gates miss, who is needed, and how long.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from salesflow import (
    Actor,
    Definition,
    Field,
    Money,
    Pipeline,
    Stage,
    Transition,
    build_lifecycle,
    guards,
    load_lifecycle,
)
from salesflow.effects import effect
from salesflow.errors import InputError, UnknownProjectError
from salesflow.guards import failed, guard, unknown
from salesflow.plugins.hookspecs import hookimpl
from salesflow.testing import project_in
from salesflow.typing import Duration, Label, StageTask

from .cases import over_cases
from .inside.following import follow
from .pipeline_factory import LEAD


MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
BUILT_IN = (
    "four_step_project",
    "goal_to_feedback_cycle",
    "ltc_gated",
    "operating_cycle",
    "project_team_planning",
    "sales_planning",
    "simple_deal",
)
PAIRS = [
    (name, source.id, target.id)
    for name in BUILT_IN
    for lifecycle in [load_lifecycle(name)]
    for source in lifecycle.stages
    for target in lifecycle.stages
]


@pytest.mark.untraced
@pytest.mark.long
@given(st.sampled_from(PAIRS))
def test_following_a_path_reaches_the_stage(pair):
    """
    From every stage of every built-in lifecycle, whoever does what the remedies of the path's gates say gets there.
    """
    name, source, target = pair
    lifecycle = load_lifecycle(name)
    pipeline = Pipeline(lifecycle)
    project = project_in(source, lifecycle, pipeline=pipeline)
    found = pipeline.path(project.id, target, at=project.updated_at)
    if found.reachable:
        follow(pipeline, project.id, found)

    assert (target if found.reachable else source) == pipeline.get(project.id).stage


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_lifecycle_leads_to_its_ends(name):
    """
    From where projects open there is a way to every stage of a built-in lifecycle, with detours where it takes them.
    """
    lifecycle = load_lifecycle(name)
    pipeline = Pipeline(lifecycle, clock=lambda: MONDAY, actor=LEAD)
    pipeline.open("A project", id="P-1")
    ways = {each.id: pipeline.path("P-1", each.id, also=("hold", "exit")) for each in lifecycle.stages}

    assert [] == [stage for stage, found in ways.items() if not found.reachable]
    assert all("\n" in found.text(lang) for found in ways.values() if found.steps for lang in ("en", "zh"))


@guard("house.oracle", codes={"oracle.silent": Label("The oracle is silent.", "神谕未作答。")})
def oracle():
    """
    Never tells.
    """
    return lambda _ctx: unknown("oracle.silent")


@guard("house.shut", codes={"shut": Label("Shut for good.", "永久关闭。")})
def shut():
    """
    Always refuses, and nothing helps.
    """
    return lambda _ctx: failed("shut")


@effect("house.break")
def breaking():
    """
    Fails.
    """

    def run(_ctx):
        raise ZeroDivisionError("by nothing")

    return run


class House:
    """A plugin with the guards and the effect above."""

    name = "house"

    @hookimpl
    def salesflow_guards(self):
        return (oracle, shut)

    @hookimpl
    def salesflow_effects(self):
        return (breaking,)


TASKS = (
    StageTask("prices", label=Label("Prices", "报价"), role="presales", within=Duration(3, "bd"), mandatory=True),
    StageTask("visit", label=Label("Visit", "拜访"), within=Duration(1, "bd"), mandatory=True),
)
SALE = build_lifecycle(
    Definition(
        "sale",
        time_zone="Asia/Shanghai",
        calendar="weekdays",
        fields=(Field("owner"), Field("amount", "money")),
        stages=(
            Stage("lead", "open", label=Label("Lead", "线索")),
            Stage("offer", "active", label=Label("Offer", "报价"), tasks=TASKS),
            Stage("talks", "active", label=Label("Talks", "谈判")),
            Stage("side", "active"),
            Stage("paused", "hold"),
            Stage("won", "won", label=Label("Won", "赢单")),
            Stage("lost", "lost"),
            Stage("odd", "closed"),
        ),
        transitions=(
            Transition("start", "lead", "offer", guards=(guards.fields_present("owner", "amount"),)),
            Transition("talk", "offer", "talks", guards=(guards.fields_present("owner", "amount"),)),
            Transition("aside", "offer", "side"),
            Transition("inside", "side", "won", outcome="won", guards=(oracle(),)),
            Transition(
                "win",
                "talks",
                "won",
                outcome="won",
                guards=(
                    guards.min_time_in_stage(5, unit="bd"),
                    guards.approval("price", roles=("sales_director",)),
                    guards.actor_has_role("closer"),
                ),
                label=Label("Win", "赢单"),
            ),
            Transition("revise", "talks", "offer", kind="loop", guards=(guards.loop_budget("revise", max=1),)),
            Transition("pause", ("lead", "offer", "talks"), "paused", kind="hold"),
            Transition("resume", "paused", "$previous", kind="resume"),
            Transition("lose", ("lead", "paused"), "lost", kind="exit", outcome="lost"),
            Transition("reopen", "lost", "lead", kind="reopen", outcome="undecided"),
            Transition("odd", "talks", "odd", guards=(shut(),)),
            Transition("break", "side", "odd", effects=(breaking(),), label=Label("Break", "打破")),
        ),
    ),
    plugins=[House()],
)


def sale(**fields):
    """
    Return a pipeline with a sale that was opened on a Monday at nine in Shanghai.
    """
    pipeline = Pipeline(SALE, clock=lambda: MONDAY, actor=LEAD)
    pipeline.open("Core network", id="P-1", fields=fields)
    return pipeline


def moves(found):
    """The moves of a path."""
    return [step.transition for step in found.steps]


def test_the_shortest_way_and_those_as_short():
    """
    The first of the shortest ways comes with the others that are as short; nothing is written.
    """
    pipeline = sale()
    found = pipeline.path("P-1", "won")

    assert (["start", "talk", "win"], [["start", "aside", "inside"]]) == (moves(found), list(map(moves, found.others)))
    assert (1, ()) == (pipeline.get("P-1").version, tuple(pipeline.attempts("P-1")))


def test_what_each_gate_misses_who_and_how_long():
    """
    Waiting and tasks with a day take time, the longest of each gate counts; roles and approvals are for other people.
    """
    start, talk, win = sale(owner="li.wei").path("P-1", "won").steps
    missing = {need.verdict.code: need for need in (*start.needs, *talk.needs, *win.needs)}

    assert [0, Decimal("3.6"), 5] == [round(step.days, 1) for step in (start, talk, win)]
    assert [("role:presales", True), ("owner", False)] == [
        (need.who[0], need.parallel) for need in talk.needs if need.verdict.code == "task.open"
    ]
    assert (("time",), False, 5) == tuple(
        getattr(missing["stage.too_early"], each) for each in ("who", "parallel", "days")
    )
    assert (("role:sales_director",), True) == (missing["approval.pending"].who, missing["approval.pending"].parallel)
    assert "start" == next(need for need in talk.needs if need.verdict.code == "fields.missing").earlier
    assert MONDAY + timedelta(days=9) < win.at


def test_whoever_acts_has_what_the_role_gives():
    """
    Without an actor every role is needed; an actor's own roles are not.
    """
    pipeline = sale(owner="li.wei")
    closer = Actor("zhao", roles={"closer"})

    assert ("role:presales", "role:sales_director", "role:closer") == pipeline.path("P-1", "won").who
    assert ("role:presales", "role:sales_director") == pipeline.path("P-1", "won", actor=closer).who


def test_the_text_in_both_languages():
    """
    The text has the moves by their labels, who does what, and how long it takes at least.
    """
    found = sale(owner="li.wei").path("P-1", "won")
    english, chinese = found.text().splitlines(), found.text("zh").splitlines()

    assert "Core network (P-1): from Lead to Won: moves: 3, working days: at least 8.6." == english[0]
    assert "3. Win → Won (outcome: won), working days: 5" in english
    assert any(line.endswith("(as for start)") for line in english)
    assert "   - Approval price is pending: 0 of 1 granted (sales director). (sales director, meanwhile)" in english
    assert "Needed: presales, sales director, closer." == english[-1]
    assert "Core network (P-1)：从“线索”到“赢单”：共 3 步，至少 8.6 个工作日。" == chinese[0]
    assert "需要：售前、销售总监、closer。" == chinese[-1]


def test_a_guard_that_cannot_tell_is_a_step():
    """
    A guard that cannot tell stays on the way and says so; a gate without anything missing says that as well.
    """
    pipeline = sale(owner="li.wei")
    pipeline.update("P-1", {"amount": Money(5, "CNY")})
    (other,) = pipeline.path("P-1", "won").others

    assert [False, False, True] == [any(need.untold for need in step.needs) for step in other.steps]
    assert ["   Nothing is missing.", "   ? Cannot tell: The oracle is silent."] == [
        line for line in other.text().splitlines() if line.startswith("   ") and "task" not in line.lower()
    ]


def test_a_gate_that_refuses_for_good_closes_a_way():
    """
    Where every way is closed the verdicts say why: a guard that nothing cures, or an effect that fails.
    """
    found = sale(owner="li.wei").path("P-1", "odd")

    said = "The effect house.break of Break fails: ZeroDivisionError: by nothing."

    assert (False, (), {"shut", "effect.failed"}, Decimal(0)) == (
        found.reachable, found.steps, {each.code for each in found.closed}, found.days,
    )  # fmt: skip
    assert {"Core network (P-1): no way leads from Lead to odd.", "   - Shut for good.", f"   - {said}"} == {
        *found.text().splitlines()
    }
    assert "   - 打破 的附带动作 house.break 执行出错：ZeroDivisionError: by nothing。" in found.text("zh")


def test_holds_and_exits_only_if_asked_for():
    """
    A hold or an exit is the last move into the stage, or on the way where the call says so; from a hold one resumes.
    """
    pipeline = sale(owner="li.wei")
    last = [moves(pipeline.path("P-1", stage)) for stage in ("paused", "lost")]
    pipeline.fire("P-1", "pause")
    on = moves(pipeline.path("P-1", "offer"))
    pipeline.fire("P-1", "lose")

    assert [["pause"], ["lose"]] == last
    assert ["resume", "start"] == on
    assert ["reopen", "start"] == moves(pipeline.path("P-1", "offer"))


def test_exits_lead_on_where_they_are_asked_for():
    """
    A stage that only an exit leads on to is out of reach, unless exits may lie on the way.
    """
    line = build_lifecycle(
        Definition(
            "line",
            stages=(Stage("a", "open"), Stage("b", "active"), Stage("c", "won")),
            transitions=(
                Transition("leave", "a", "b", kind="exit"),
                Transition("close", "b", "c", outcome="won"),
                Transition("shorten", "a", "c", outcome="won", guards=(guards.outcome_set("lost"),)),
            ),
        )
    )
    pipeline = Pipeline(line, clock=lambda: MONDAY, actor=LEAD)
    pipeline.open("A", id="P-1")

    assert (False, ["leave", "close"]) == (
        pipeline.path("P-1", "c").reachable,
        moves(pipeline.path("P-1", "c", also=["exit"])),
    )


def test_a_way_behind_another_candidate_is_closed():
    """
    A move that comes after one of the same trigger which would be taken is no way, and one as short that is closed is
    left out.
    """
    fork = build_lifecycle(
        Definition(
            "fork",
            stages=(Stage("a", "open"), Stage("b", "active"), Stage("c", "active"), Stage("d", "won")),
            transitions=(
                Transition("first", "a", "b", trigger="go", guards=(guards.none_of(oracle()).but(severity="warn"),)),
                Transition("second", "a", "c", trigger="go", guards=(shut().but(severity="warn"),)),
                Transition("left", "b", "d", outcome="won"),
                Transition("right", "c", "d", outcome="won"),
                Transition("shut", "a", "d", kind="loop", outcome="won", guards=(shut(),)),
            ),
        ),
        plugins=[House()],
    )
    pipeline = Pipeline(fork, clock=lambda: MONDAY, actor=LEAD)
    pipeline.open("A", id="P-1")
    found = pipeline.path("P-1", "d")

    assert (["first", "left"], ()) == (moves(found), found.others)
    assert (False, ()) == (pipeline.path("P-1", "c").reachable, pipeline.path("P-1", "c").closed)


def test_a_hold_is_resumed_where_it_began():
    """
    From a hold the way goes back to the held stage, and on from there; a candidate that is refused is passed by.
    """
    pipeline = sale(owner="li.wei")
    pipeline.update("P-1", {"amount": Money(5, "CNY")})
    pipeline.fire("P-1", "start")
    pipeline.fire("P-1", "pause")
    pair = build_lifecycle(
        Definition(
            "pair",
            stages=(Stage("a", "open"), Stage("b", "active"), Stage("c", "won")),
            transitions=(
                Transition("first", "a", "b", trigger="go", guards=(oracle(),)),
                Transition("second", "a", "c", trigger="go", outcome="won"),
                Transition("back", "b", "a", kind="loop"),
            ),
        ),
        plugins=[House()],
    )
    other = Pipeline(pair, clock=lambda: MONDAY, actor=LEAD)
    other.open("A", id="P-1")

    assert ["resume", "aside"] == moves(pipeline.path("P-1", "side"))
    assert ["second"] == moves(other.path("P-1", "c"))


def test_loops_up_to_their_budget():
    """
    A loop is taken where nothing else leads back, until its budget is used up.
    """
    pipeline = sale(owner="li.wei")
    pipeline.update("P-1", {"amount": Money(5, "CNY")})

    def to_talks():
        for task in ("prices", "visit"):
            pipeline.move_entry("P-1", "task", f"offer.{task}", "finish_task")
        pipeline.fire("P-1", "talk")

    pipeline.fire("P-1", "start")
    to_talks()
    once = moves(pipeline.path("P-1", "side"))
    pipeline.fire("P-1", "revise")
    to_talks()
    twice = pipeline.path("P-1", "side")

    assert (["revise", "aside"], False, ["loop.exhausted"]) == (
        once, twice.reachable, [each.code for each in twice.closed],
    )  # fmt: skip


def test_where_it_is():
    """
    A project that stands in the stage needs nothing.
    """
    found = sale().path("P-1", "lead")

    assert (True, (), "Core network (P-1): already in Lead.") == (found.reachable, found.steps, found.text())


@over_cases(
    ("arguments", "error", "said"),
    [
        (("P-9", "won"), UnknownProjectError, "P-9"),
        (("P-1", "wonn"), InputError, "Did you mean 'won'"),
        (("P-1", None), InputError, "stage"),
    ],
)
def test_what_is_not_there(arguments, error, said):
    """
    A project or stage that is not there is named, with what was probably meant.
    """
    with pytest.raises(error, match=said):
        sale().path(*arguments)


@over_cases("also", ["hold", ("loop",), 5])
def test_what_may_lie_on_the_way(also):
    """
    Only holds and exits can be allowed, as a list.
    """
    with pytest.raises(InputError, match="also"):
        sale().path("P-1", "won", also=also)
