"""
Rules over the life of a project: proved on the graph, checked on a history, watched live, with one meaning.
"""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from salesflow import (
    Actor,
    Definition,
    Fact,
    Pipeline,
    Stage,
    Transition,
    build_lifecycle,
    guards,
    load_lifecycle,
)
from salesflow.dossier import Artefact
from salesflow.errors import InputError
from salesflow.stores import MemoryStore
from salesflow.testing import FrozenClock, assert_exits, assert_reachable, paths, rules
from salesflow.typing import Opened, Transitioned

from ..cases import over_cases
from ..factory import NOW
from .planted_static import APPROVED, HOLD, PAUSED, build


DAY = timedelta(days=1)
ANN, BOSS = Actor("ann"), Actor("boss", roles={"sales_director"})


def told(*names: str, project: str = "P-1") -> list[Fact]:
    """Facts of a project that went through stages: ``sign:contract`` is a transition and where it led."""
    facts, stage = [], "lead"
    bodies = [Opened("Deal", stage, "undecided")]
    for name in names:
        transition, _, target = name.partition(":")
        kind = {"pause": "hold", "resume": "resume"}.get(transition, "forward")
        stays = not target
        bodies.append(Transitioned(transition, transition, kind, stage, target or stage, "undecided", stays=stays))
        stage = target or stage
    for number, body in enumerate(bodies):
        facts.append(Fact(project, number + 1, NOW + number * DAY, ANN, "planted", "1", body))
    return facts


def versions(rule, *names: str) -> list[int]:
    """The facts that break a rule, by version."""
    return [violation.fact.version for violation in rule.check(told(*names))]


SIGNED = ("make_offer:offer", "sign:contract")


@over_cases(
    ("rule", "names", "broken"),
    [
        (rules.never("contract"), SIGNED, [3]),
        (rules.never("sign"), SIGNED, [3]),
        (rules.never("transition:contract"), SIGNED, []),
        (rules.never("lead"), (), [1]),
        (rules.never("offer", after="contract"), (*SIGNED, "back:offer", "back:offer"), [4, 5]),
        (rules.never("offer", until="make_offer"), SIGNED, []),
        (rules.never("offer", until="sign"), SIGNED, [2]),
        (rules.never("sign", after="contract"), SIGNED, []),
        (rules.never("contract", after="sign"), SIGNED, [3]),
        (rules.at_most(1, "offer"), (*SIGNED, "back:offer", "back:offer"), [4, 5]),
        (rules.at_most(1, "offer"), ("make_offer:offer", "pause:paused", "resume:offer"), []),
        (rules.at_most(1, "call"), ("call", "call", "make_offer:offer"), [3]),
        (rules.at_most(1, "call", since="offer"), ("call", "make_offer:offer", "call", "call"), [5]),
        (rules.always_before("sign", "delivery"), (*SIGNED, "deliver:delivery"), []),
        (rules.always_before("sign", "delivery"), ("rush:delivery",), [2]),
        (rules.always_before(("call", "sign"), "delivery"), ("call", "rush:delivery"), []),
        (rules.always_before("sign", "contract", since="offer"), (*SIGNED, "back:offer", "slip:contract"), [5]),
        (rules.always_after("sign", "call", before="won"), (*SIGNED, "win:won"), [4]),
        (rules.always_after("sign", "call", before="won"), (*SIGNED, "call", "win:won"), []),
        (rules.always_after("sign", "call", before="won"), ("win:won",), []),
        (rules.eventually_left("lead", within=2 * DAY), ("call", "call"), []),
        (rules.eventually_left("lead", within=2 * DAY), ("call", "call", "call", "call"), [4]),
        (rules.eventually_left("lead", within=2 * DAY), ("pause:paused", "call", "call", "resume:lead", "call"), []),
        (rules.eventually_left("lead", within=DAY), ("pause:paused", "call", "resume:lead", "call"), [5]),
        (rules.eventually_left("lead"), ("call", "call"), []),
    ],
    ids=range(25),
)
def test_a_history_is_checked(rule, names, broken):
    """Every fact that breaks a rule is told, and no other."""
    assert broken == versions(rule, *names)


def test_a_violation_says_where_and_what():
    """It names project, version, time, actor, what happened and the rule."""
    rule = rules.always_before("sign", "delivery")
    (found,) = rule.check(told("rush:delivery"))
    said = "P-1 version 2 (2026-03-03 09:00 by ann) entered stage 'delivery', against the rule: "

    assert f"{said}'sign' always before 'delivery'" == str(found)
    assert "'sign' always before 'delivery'" == str(rule) == found.rule
    assert "stage 'lead' is eventually left within 1 day, 0:00:00" == str(rules.eventually_left("lead", within=DAY))


def test_projects_may_be_mixed():
    """A feed holds the facts of many projects, and each is followed for itself."""
    one, other = told(*SIGNED), told("rush:contract", project="P-2")
    mixed = [fact for pair in zip(one, other, strict=False) for fact in pair] + one[2:]

    assert ["P-2"] == [found.fact.project_id for found in rules.always_before("sign", "contract").check(mixed)]


def make_pipeline(lifecycle, *listeners, store=None):
    """A pipeline with a clock that stands still."""
    return Pipeline(lifecycle, store=store or MemoryStore(), clock=FrozenClock(), actor=ANN, listeners=listeners)


def test_a_guard_counts_where_it_passed():
    """What must come before may be a guard: its having passed, not its having been skipped or overridden."""
    asked = APPROVED.but(override=True)
    lifecycle = build(
        Transition("make_offer", "lead", "offer", guards=(APPROVED.but(id="twice", when={"stage": "won"}),)),
        Transition("sign", "offer", "contract", guards=(asked,)),
    )
    rule = rules.always_before("guard:approval", "contract")
    pipeline = make_pipeline(lifecycle)
    for name, approved in (("P-1", True), ("P-2", False)):
        pipeline.open("Deal", id=name)
        pipeline.fire(name, "make_offer")
        if approved:
            pipeline.approve(name, "deal", actor=BOSS)
        pipeline.fire(name, "sign", overrides={} if approved else {"approval": "in a hurry"})

    assert ["P-2"] == [found.fact.project_id for found in rule.check(pipeline.store.feed().facts)]
    assert "--sign--> contract" in str(rule.prove(lifecycle))


@over_cases(
    ("make", "says"),
    [
        (lambda: rules.never(()), "at least one"),
        (lambda: rules.never("phase:one"), "'stage', 'transition', 'guard' or 'entry'"),
        (lambda: rules.never("guard:approval"), "may be skipped"),
        (lambda: rules.always_before("lead", "guard:approval"), "may be skipped"),
        (lambda: rules.at_most(-1, "offer"), "0 or more"),
        (lambda: rules.eventually_left("transition:sign"), "Only a stage"),
        (lambda: rules.eventually_left("offer", within=timedelta()), "positive"),
    ],
    ids=range(7),
)
def test_a_rule_that_cannot_be_meant_is_refused(make, says):
    """What makes no sense is said when the rule is made."""
    with pytest.raises(InputError, match=says):
        make()


@over_cases(
    ("name", "says"),
    [
        ("ofer", "stage or transition in a rule: .*Did you mean 'offer'"),
        ("stage:sign", "stage in a rule: "),
        ("both", "write 'stage:both' or 'transition:both'"),
    ],
)
def test_a_proof_knows_every_name(name, says):
    """A name that the lifecycle does not have, or has twice, is refused with what to write."""
    lifecycle = build(Transition("both", "offer", "both"), Transition("on", "both", "won"), more=(Stage("both"),))
    with pytest.raises(InputError, match=says):
        rules.never(name).prove(lifecycle)


def test_a_proof_knows_every_guard():
    """A guard must be used in the lifecycle."""
    with pytest.raises(InputError, match="guard in a rule: "):
        rules.always_before("guard:aproval", "won").prove(build())


def test_a_rule_that_the_opening_breaks():
    """A path may have no step at all."""
    broken = rules.never("lead").prove(build())

    assert ("lead", ()) == (str(broken.path), broken.path.transitions)
    assert "never 'lead': opening a project enters stage 'lead'\n  lead" == str(broken)


def test_the_operating_cycle():
    """The built-in cycle has no dead corner, and is won only by way of launch or a reopening."""
    lifecycle = load_lifecycle("operating_cycle")
    assert_reachable(lifecycle)
    assert_exits(lifecycle)
    assert_exits(lifecycle, to="closed_won")

    assert None is rules.always_before(("launch", "reopen"), "closed_won").prove(lifecycle)


def test_unknown_ends_are_refused():
    """A stage or transition that the lifecycle does not have is an error, not a proof."""
    with pytest.raises(InputError, match="stage"):
        assert_exits(build(), to="wonn")
    with pytest.raises(InputError, match="transition"):
        assert_exits(build(), without="looze")


def test_nothing_leads_to_a_stage_behind_one_that_nothing_leads_to():
    """The message says why each way into it is closed."""
    stages = (Stage("audit"), Stage("jail"), PAUSED)
    edges = (
        Transition("pause", ("offer", "audit", "jail"), "paused", kind="hold"),
        HOLD[1],
        Transition("sentence", "audit", "jail"),
        Transition("free", ("jail", "audit"), "offer"),
    )
    with pytest.raises(AssertionError, match="audit --sentence--> jail: nothing leads to 'audit'"):
        assert_reachable(build(*edges, more=stages), "stage:jail")


def test_a_rule_is_watched():
    """A listener follows every commit; the pipeline returns what it found as a listener's failure."""
    watcher = rules.watch(rules.never("contract"), rules.at_most(0, "sign"))
    pipeline = make_pipeline(build(), watcher)
    pipeline.open("Deal", id="P-1")
    calm = pipeline.fire("P-1", "make_offer")
    fired = pipeline.fire("P-1", "sign")
    (failure,) = fired.listener_failures

    assert ((), AssertionError) == (calm.listener_failures, type(failure.error))
    assert ["never 'contract'", "'sign' at most 0 time(s)"] == [found.rule for found in watcher.violations]


def test_a_project_that_was_open_before():
    """Its facts are read from the store; without one it is not judged, since its past is not known."""
    store = MemoryStore()
    make_pipeline(build(), store=store).open("Deal", id="P-1")
    knowing, blind = (rules.watch(rules.always_before("lead", "offer"), store=given) for given in (store, None))
    late = rules.watch(rules.never("offer"), store=store)
    fired = make_pipeline(build(), knowing, blind, late, store=store).fire("P-1", "make_offer")

    assert 1 == len(fired.listener_failures)
    assert [0, 0, 1] == [len(watcher.violations) for watcher in (knowing, blind, late)]


def test_commits_that_are_told_out_of_turn():
    """Threads may tell of their commits in any order; each fact is followed once, in its turn."""
    watcher = rules.watch(rules.at_most(1, "offer"))
    one, two, three, four = told("make_offer:offer", "back:offer", "sign:contract")
    project = SimpleNamespace(id="P-1", version=4)
    watcher((three, four), project)
    watcher((one,), project)
    with pytest.raises(AssertionError, match="version 3"):
        watcher((two,), project)
    watcher((two,), project)

    assert [three] == [found.fact for found in watcher.violations]


SHEET = Artefact("price_sheet")
OF_THIS_ROUND = rules.always_before("entry:artefact/price_sheet", "win", since="stage:offer")
TEN_DAYS = rules.time_between("make_offer", "win", at_least=10 * DAY, at_most=20 * DAY)
REVISED = build_lifecycle(
    Definition(
        "revised",
        stages=(Stage("lead", "open"), Stage("offer"), Stage("won", "won")),
        transitions=(
            Transition("make_offer", "lead", "offer"),
            Transition("revise", "offer", "lead", kind="loop"),
            Transition("win", "offer", "won", guards=[guards.approval("deal").but(severity="warn")]),
        ),
    )
)


def recorded(*calls, days=1):
    """The facts of a project after calls of a pipeline, each so many days after the one before."""
    clock = FrozenClock()
    pipeline = Pipeline(REVISED, clock=clock, actor=ANN)
    pipeline.open("A deal", id="P")
    for verb, what in calls:
        clock.advance(days * DAY)
        getattr(pipeline, verb)("P", what)
    return list(pipeline.history("P"))


def test_the_sheet_is_of_this_round():
    """An entry that was recorded before the stage was entered again does not count."""
    round_one = [("fire", "make_offer"), ("add", SHEET)]
    sound = recorded(*round_one, ("fire", "win"))
    stale = recorded(*round_one, ("fire", "revise"), ("fire", "make_offer"), ("fire", "win"))

    assert ([], [6]) == ([*OF_THIS_ROUND.check(sound)], [each.fact.version for each in OF_THIS_ROUND.check(stale)])


def test_an_approval_happens_when_it_is_granted():
    """One that was refused does not happen."""
    rule = rules.always_before("entry:approval/deal", "win")
    granted = recorded(("fire", "make_offer"), ("approve", "deal"), ("fire", "win"))
    refused = recorded(("fire", "make_offer"), ("decline", "deal"), ("fire", "win"))

    assert ([], [4]) == ([*rule.check(granted)], [each.fact.version for each in rule.check(refused)])


@over_cases(("days", "said"), [(9, ["after 9 days"]), (10, []), (20, []), (21, ["after 21 days"])])
def test_a_certain_time_lies_between(days, said):
    """At least ten days, and at most twenty, are within the bounds."""
    found = TEN_DAYS.check(recorded(("fire", "make_offer"), ("fire", "win"), days=days))

    assert said == [each.text.partition("'win' ")[2].partition(",")[0] for each in found]


def test_the_last_one_counts():
    """The time begins anew with each offer, and without any there is nothing to check."""
    again = [("fire", "make_offer"), ("fire", "revise"), ("fire", "make_offer"), ("fire", "win")]
    never = rules.time_between("revise", "win", at_most=DAY)

    assert 1 == len(TEN_DAYS.check(recorded(*again, days=9)))
    assert () == never.check(recorded(("fire", "make_offer"), ("fire", "win"), days=9))


def test_times_are_not_on_the_graph():
    """So a path on which the two follow each other is a counterexample, and none is a proof."""
    told_so = TEN_DAYS.prove(REVISED)
    proved = rules.time_between("win", "make_offer", at_least=DAY).prove(REVISED)

    assert "at least 10 days, 0:00:00 and at most 20 days, 0:00:00 from 'make_offer' to 'win'" == str(TEN_DAYS)
    assert ("make_offer", "win") == told_so.path.transitions
    assert proved is None


@pytest.mark.parametrize(("limits", "name"), [({}, "at_least"), ({"at_most": -DAY}, "at_most")])
def test_a_time_is_positive(limits, name):
    """And at least one is given."""
    with pytest.raises(InputError, match=f"{name}.* Pass at_least= or at_most="):
        rules.time_between("make_offer", "win", **limits)


def test_when_entries_are_recorded_cannot_be_proved():
    """What has to come before may be one: then any path without it is a counterexample."""
    with pytest.raises(InputError, match="An entry may be recorded anywhere"):
        rules.never("entry:artefact", after="win").prove(REVISED)
    with pytest.raises(InputError, match="entry in a rule: "):
        rules.always_before("entry:artefct", "win").prove(REVISED)

    assert ("make_offer", "win") == OF_THIS_ROUND.prove(REVISED).path.transitions


def test_paths_take_every_edge():
    """Each of a lifecycle that can be taken, from the opening on; few paths do."""
    lifecycle = load_lifecycle("operating_cycle")
    found = paths(lifecycle)
    taken = {name for path in found for name in path.transitions}

    assert {each.id for each in lifecycle.transitions} == taken
    assert (2, ("make_offer", "revise")) == (len(paths(REVISED)), paths(REVISED)[0].transitions)
