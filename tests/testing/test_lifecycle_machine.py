"""
The machine that looks for the illegal path.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import timedelta

import attrs
import pytest
from hypothesis import Phase, settings

import salesflow as sf
from salesflow import Actor, Transition, guards, templates
from salesflow.errors import InputError
from salesflow.guards import guard, passed
from salesflow.stores import JournalStore, MemoryStore, SqliteStore
from salesflow.testing import InvariantError, lifecycle_machine
from salesflow.testing.rules import at_most
from salesflow.typing import DeadlinePassed, Spawn, StoreCheck

from .planted import FAULTS, STAGES, deal, plugin


DEAL = sf.load_lifecycle("simple_deal")


def run(machine, examples=10, phases=(Phase.generate,)):
    case = machine.TestCase("runTest")
    case.settings = settings(case.settings, max_examples=examples, phases=phases, derandomize=True)
    case.runTest()
    return machine


SHORT = ("simple_deal", "sales_planning")
"""Those whose proofs are enough every day; each of the others takes five to twelve seconds."""
PROVED = [pytest.param(name, marks=() if name in SHORT else pytest.mark.deep) for name in templates.PROJECTS]


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize("name", PROVED)
def test_every_transition_is_taken(name):
    """Deep stages too, whatever the examples happened to choose."""
    lifecycle = sf.load_lifecycle(name)
    machine = run(lifecycle_machine(lifecycle))

    assert {one.id for one in lifecycle.transitions} == {name for name, count in machine.taken.items() if count}


@pytest.mark.slow
@pytest.mark.traced
def test_every_way_of_taking_is_tried():
    """As it is, alone, in races, twice."""
    machine = run(lifecycle_machine(DEAL), examples=1)

    assert {"fire", "alone", "race", "strict race", "repeat"} <= set(machine.tried)


def sqlite(place):
    return SqliteStore(place / "sales.db")


@pytest.mark.slow
@pytest.mark.parametrize("store", [pytest.param(JournalStore, marks=pytest.mark.deep), sqlite])
def test_a_durable_store_is_opened_again(store):
    """Each example has a folder of its own."""
    crashed = Counter()

    def crash(store):
        crashed["times"] += 1
        store.close()

    run(lifecycle_machine(deal(), store=store, crash=crash), examples=15)

    assert crashed["times"] > 0


@pytest.mark.slow
@pytest.mark.traced
def test_what_spawns_is_proved_with_what_it_spawns():
    """The children are watched as well."""
    edges = [Transition("next", "won", kind="spawn", spawn=Spawn("simple_deal", carry=("owner",)))]
    machine = run(lifecycle_machine([DEAL, deal(*edges)]))

    assert machine.taken["next"] > 0


@pytest.mark.slow
def test_a_transition_that_nobody_can_take_may_be_excused():
    """By name, or all of them."""
    shut = guards.field_compare("amount", "le", "10 CNY"), guards.field_compare("amount", "ge", "20 CNY")
    lifecycle = deal(Transition("win", "offer", "won", outcome="won", guards=shut))
    run(lifecycle_machine(lifecycle, may_not_take=("win",)), examples=2)
    run(lifecycle_machine(lifecycle, expect_all=False), examples=2)
    with pytest.raises(InvariantError) as caught:
        run(lifecycle_machine(lifecycle), examples=2)

    assert "every transition can be taken" == caught.value.invariant


@pytest.mark.slow
@pytest.mark.traced
@pytest.mark.parametrize("name", ["approval_that_nobody_may_give", "candidate_that_is_never_chosen"])
def test_what_stood_in_the_way_is_said(name):
    """Why nobody could take a transition is told after two examples as it is after a hundred."""
    make, words = FAULTS[name]
    made = make()
    with pytest.raises(InvariantError) as caught:
        run(lifecycle_machine(made.pop("lifecycle"), **made), examples=2)

    assert [] == [word for word in words if word not in str(caught.value)]


def test_a_misspelt_excuse_is_told():
    """With the transition that was meant."""
    with pytest.raises(InputError, match="Did you mean 'win'"):
        lifecycle_machine(deal(), may_not_take=("wim",))


@pytest.mark.long
def test_deadlines_pass_while_time_does():
    """What was due is in the history of the project."""
    store = MemoryStore()
    machine = lifecycle_machine(sf.load_lifecycle("operating_cycle"), store=lambda _place: store)()
    machine.open_project(0)
    before = len(list(store.load("p-1")))
    machine.wait(timedelta(minutes=1))
    soon = len(list(store.load("p-1")))
    machine.wait(timedelta(days=365))
    facts = list(store.load("p-1"))
    machine.teardown()

    assert (before, DeadlinePassed) == (soon, type(facts[-1].body))


def test_every_field_is_edited_in_front_of_every_gate():
    """What an earlier gate asked for may be gone, and that does not depend on which examples are drawn."""
    made = FAULTS["field_that_is_raised_later"][0]()
    machine = lifecycle_machine(made.pop("lifecycle"), **made)
    with pytest.raises(InvariantError, match="discount_is_small"):
        run(machine, examples=1)


def test_everything_is_tried_alone():
    """Nor does it depend on them whether somebody approves what is theirs."""
    made = FAULTS["approval_of_ones_own"][0]()
    machine = lifecycle_machine(made.pop("lifecycle"), **made)
    with pytest.raises(InvariantError, match="approved_by_another"):
        run(machine, examples=1)


def test_every_role_is_tried():
    """An approval that any of three roles may give is given by each of them."""
    made = FAULTS["approval_by_a_role_too_low"][0]()
    machine = lifecycle_machine(made.pop("lifecycle"), **made)
    with pytest.raises(InvariantError, match="approved_by_the_board"):
        run(machine, examples=1)


@pytest.mark.slow
def test_one_director_is_enough_where_no_gate_asks_for_another():
    """Who opens, owns and acts may also approve, unless a gate says otherwise."""
    win = Transition("win", "offer", "won", outcome="won", guards=[guards.approval("deal", roles=("director",))])
    director = Actor("ann", roles={"director"})

    run(lifecycle_machine(deal(win), actors=[director], fields={"owner": "ann"}), examples=3)


def test_an_owner_whom_nobody_can_replace_is_no_fault():
    """Where the field has one choice, no other owner can be handed in."""
    win = Transition("win", "offer", "won", outcome="won", guards=[guards.approval("deal", distinct_from="owner")])
    owners = (sf.Field("amount", "money"), sf.Field("owner", "choice", choices=("ann",)))
    lifecycle = sf.build_lifecycle(
        sf.Definition(
            "deal", fields=owners, stages=STAGES[:3], transitions=(Transition("make_offer", "lead", "offer"), win)
        )
    )

    run(lifecycle_machine(lifecycle, fields={"owner": "ann"}, expect_all=False), examples=3)


@pytest.mark.untraced
def test_a_lifecycle_need_not_end():
    """Where a project may be stuck for good, that can be said."""
    never = guards.loop_budget("make_offer", 1)
    lifecycle = deal(
        Transition("win", "offer", "won", outcome="won", guards=[never]),
        Transition("lose", "offer", "lost", outcome="lost", guards=[never]),
    )

    run(lifecycle_machine(lifecycle, must_end=False, may_not_take=("win", "lose")), examples=3)


def test_a_gate_that_never_opens_leaves_nothing_to_do():
    """A machine without a single way still runs."""
    small, large = (guards.field_compare("amount", op, "0 CNY") for op in ("lt", "gt"))
    lifecycle = deal(
        Transition("make_offer", "lead", "offer", guards=[small, large]),
        Transition("lose", ("lead", "offer"), "lost", kind="exit", outcome="lost", guards=[small, large]),
    )

    run(lifecycle_machine(lifecycle, must_end=False, expect_all=False), examples=5)


def test_rules_are_checked_over_the_history():
    """A rule that is broken is named in its own words."""
    machine = lifecycle_machine(deal(Transition("revise", "offer", "lead", kind="loop")), rules=[at_most(1, "revise")])
    with pytest.raises(InvariantError, match="revise"):
        run(machine, examples=100)


@pytest.mark.slow
def test_actors_who_are_named_are_the_only_ones():
    """Nobody else acts."""
    seen = Counter()

    def note(project):
        seen[project.opened_by] += 1

    run(lifecycle_machine(deal(), actors=[Actor("ann"), Actor("bob")], fields={"owner": "ann"}, invariants=[note]))

    assert {"ann"} == set(seen)


@pytest.mark.slow
@pytest.mark.traced
def test_a_lifecycle_without_fields():
    """There is nothing to edit, and less to do."""
    edges = [Transition("go", "lead", "offer"), Transition("win", "offer", "won")]
    plain = sf.build_lifecycle(sf.Definition("plain", stages=STAGES[:3], transitions=edges))

    assert {"go", "win"} == set(run(lifecycle_machine(plain), examples=30).taken)


def test_a_store_that_finds_problems_itself():
    """It is asked at the end of every example."""

    class Damaged(MemoryStore):
        def check(self, **how):
            return StoreCheck(1, ("a block is gone",))

    with pytest.raises(InvariantError, match="a block is gone"):
        run(lifecycle_machine(deal(), store=Damaged), examples=2)


@pytest.mark.slow
def test_a_gate_that_shuts_later_is_learned():
    """A walk that gets stuck goes on with something else."""
    budget = guards.loop_budget("revise", 1)
    edges = [Transition("revise", "offer", "lead", kind="loop", guards=[budget])]

    assert run(lifecycle_machine(deal(*edges)), examples=40).taken["revise"]


def helping(verdict, project):
    return None


def never(project):
    return project.stage == "won"


def test_a_story_names_what_it_was_made_with():
    """What can be imported is; the rest is to be supplied."""
    machine = lifecycle_machine(
        [DEAL, sf.load_lifecycle("operating_cycle")],
        store=JournalStore,
        crash=JournalStore.close,
        actors=[Actor("ann")],
        values={"owner": "ann"},
        help=helping,
        invariants=[never, lambda project: True],
        rules=[at_most(1, "cancel")],
    )
    story = machine.kit.story([])

    assert f"from {__name__} import " in story
    assert "JournalStore" in story
    assert "# invariants, rules, crash: as they were handed to lifecycle_machine()" in story
    assert story.splitlines()[-1] == (
        "pipeline = CheckedPipeline([load_lifecycle('simple_deal'), load_lifecycle('operating_cycle')], "
        "store=lambda: JournalStore(folder), invariants=[never, invariants[1]], rules=[rules[0]], crash=crash, "
        "help=helping, values={'owner': ('ann',)}, actors=(Actor('ann'),))"
    )


@pytest.mark.slow
def test_a_built_in_lifecycle_with_plugins_is_not_loaded_by_name():
    """By its name alone its plugins would be lost."""
    told = sf.load_lifecycle("simple_deal", plugins=[plugin(salesflow_committed=lambda facts, project: None)])

    assert "CheckedPipeline(lifecycle)" in lifecycle_machine(told).kit.story([])


def test_stores_and_lifecycles_are_named_as_far_as_they_can_be():
    """Those of the package by their door, a user's own by the name they have in the test."""
    machine = lifecycle_machine(deal(), store=SqliteStore)
    elsewhere = attrs.evolve(machine.kit, scope={"__name__": "__main__"})

    assert "from salesflow.stores import SqliteStore" in elsewhere.story([])


FILE = """
from salesflow import Definition, Stage, Transition, build_lifecycle
from salesflow import Field
from salesflow import guards
from salesflow.testing import lifecycle_machine

lifecycle = build_lifecycle(
    Definition(
        "mine",
        fields=[Field("amount", "money")],
        stages=[Stage("lead", "open"), Stage("won", "won")],
        transitions=[Transition("win", "lead", "won", guards=[guards.fields_present("amount")])],
    )
)


def never_won(project):
    assert project.stage != "won", "it was won"


TestMine = lifecycle_machine(lifecycle, invariants=[never_won]).TestCase
"""


@pytest.mark.slow
def test_a_one_liner_in_a_test_file(tmp_path):
    """It is collected, fails with the invariant's name, and prints a story that runs beside the file."""
    (tmp_path / "test_mine.py").write_text(FILE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    told = done.stdout.partition("as Python:")[2]
    lines = [line.removeprefix("E").strip() for line in told.splitlines()]
    story = [line for line in lines if line.startswith(("from", "pipeline", "import"))]
    again = subprocess.run(
        [sys.executable, "-c", "\n".join(story)], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert 1 == done.returncode
    assert "invariant 'never_won' does not hold" in done.stdout
    assert "from test_mine import lifecycle, never_won" in story
    assert "invariant 'never_won' does not hold" in again.stderr


@guard("planted.open", codes={})
def always_open():
    """Ask for nothing."""
    return lambda ctx: passed()


def overridden_in(*uses, **more):
    """Return the ids of the guard uses that a machine overrode in front of the last transition."""
    seen = Counter()

    class Noting(MemoryStore):
        def commit(self, commit):
            seen.update(one.use_id for each in commit.appends for one in getattr(each.fact.body, "overrides", ()))
            return super().commit(commit)

    first = Transition(
        "make_offer", "lead", "offer", guards=[guards.fields_present("note"), guards.roles_filled({"pm": 1})]
    )
    win = Transition("win", "offer", "won", outcome="won", guards=uses)
    lifecycle = deal(first, win, plugins=(plugin(guards=(always_open,)),))
    run(lifecycle_machine(lifecycle, store=Noting, expect_all=False, must_end=False, **more), examples=1)
    return set(seen)


@pytest.mark.slow
@pytest.mark.traced
def test_every_guard_that_may_be_is_overridden():
    """Also one that was met before: a field is cleared for it, an entry dropped, or time passes."""
    uses = [
        guards.approval("deal").but(override=True),
        guards.fields_present("note").but(override={"roles": ["boss"], "not_by": ["owner", "requester"]}),
        guards.roles_filled({"pm": 1}).but(override=True),
        guards.max_time_in_stage(10).but(override=True),
        always_open().but(override=True),
    ]

    assert {"approval", "fields_present", "roles_filled", "max_time_in_stage"} == overridden_in(*uses)


@pytest.mark.slow
def test_where_nobody_may_override_nothing_is_overridden():
    """The only person is the one who opened it."""
    use = guards.approval("deal").but(override={"not_by": ["requester"]})

    assert set() == overridden_in(use, actors=[Actor("ann", roles={"pm"})], values={"note": "x"})


@pytest.mark.slow
@pytest.mark.traced
def test_what_is_fixed_is_written_as_it_may_be():
    """An approved goal in its next version, a locked field by a role that may change it."""
    price = sf.Field("price", "money", locked={"from": "offer", "unless": ["director"]})
    first = Transition(
        "make_offer", "lead", "offer", guards=[guards.goals_cover("revenue"), guards.approval("deal", binds=["goal"])]
    )
    win = Transition(
        "win", "offer", "won", outcome="won", guards=[guards.goals_smart(), guards.fields_present("price")]
    )
    lose = Transition("lose", ("lead", "offer"), "lost", kind="exit", outcome="lost")
    fixed = sf.build_lifecycle(
        sf.Definition("deal", fields=[price], stages=STAGES, transitions=(first, win, lose)),
    )
    machine = run(lifecycle_machine(fixed), examples=3)
    run(lifecycle_machine(fixed, actors=[Actor("ann"), Actor("bob")], may_not_take=("win",)), examples=2)

    assert {"make_offer", "win", "lose"} == {name for name, count in machine.taken.items() if count}
