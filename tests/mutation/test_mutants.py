"""
Which mutants a definition has.
"""

from __future__ import annotations

import pytest

import salesflow as sf
from salesflow import guards
from salesflow.errors import DefinitionError, InputError
from salesflow.testing.mutation import mutants
from salesflow.typing import GuardUse

from ..cases import over_cases
from .factory import BIDS, DEAL, mutants_of_deal


def transition(mutant_id):
    """The transition that a mutant changes, as it would be."""
    return next(one for one in mutants_of_deal()[mutant_id].definition.transitions if one.id == mutant_id.split(".")[0])


@pytest.mark.long
@pytest.mark.untraced
def test_of_simple_deal():
    """
    The mutants of the built-in deal, their order and their lines stay the same.
    """
    found = [f"{one.line} {one.id}{' stillborn' if one.stillborn else ''}" for one in mutants("simple_deal")]

    assert [
        "69 qualify.deadlines[0]:dropped",
        "69 qualify.deadlines[0].after:9bd",
        "69 qualify.deadlines[0].after:11bd",
        "69 qualify.deadlines[0].effects[0]:dropped",
        "69 qualify.deadlines[0].effects[0].topic:absent",
        "69 qualify.deadlines[0].effects[0].to:owner_other",
        "90 propose.deadlines[0]:dropped",
        "90 propose.deadlines[0].after:6bd",
        "90 propose.deadlines[0].after:8bd",
        "90 propose.deadlines[0].effects[0]:dropped",
        "90 propose.deadlines[0].effects[0].topic:absent",
        "90 propose.deadlines[0].effects[0].to:owner_other",
        "134 propose.guards[0]:dropped",
        "134 propose.guards[0]:negated",
        "134 propose.guards[0].fields:-owner",
        "134 propose.guards[0].fields:-amount",
        "134 propose.guards[0].fields:-expected_close",
        "134 propose.guards[0].override:true",
        "132 propose.target:won stillborn",
        "129 propose:removed stillborn",
        "142 revise.guards[0]:dropped",
        "142 revise.guards[0]:negated",
        "142 revise.guards[0].max:2",
        "142 revise.guards[0].max:4",
        "139 revise.target:propose",
        "136 revise:removed",
        "151 win.guards[0]:dropped",
        "151 win.guards[0]:negated",
        "151 win.guards[0].override:true",
        "152 win.guards[1]:dropped",
        "152 win.guards[1]:negated",
        "152 win.guards[1].override:true",
        "154 win.effects[0]:dropped",
        "154 win.effects[0].to:owner_other",
        "149 win.outcome:lost",
        "147 win.target:lost stillborn",
        "144 win:removed stillborn",
        "163 lose.guards[0]:dropped",
        "163 lose.guards[0]:negated",
        "163 lose.guards[0].note:absent",
        "163 lose.guards[0].override:true",
        "162 lose.outcome:won",
        "159 lose.target:qualify stillborn",
        "158 lose.source:-qualify",
        "158 lose.source:-propose",
        "156 lose:removed stillborn",
    ] == found


@over_cases(
    ("start", "found"),
    [
        (
            "talk.deadlines[0]",
            [":dropped", ".after:13d", ".after:15d", ".effects[0]:dropped", ".effects[0].to:owner_other"],
        ),
        ("fast.effects", ["[0]:dropped", "[0].to:team_other"]),
        ("stay.effects", ["[0]:dropped", "[0].due_days:2", "[0].due_days:4", "[0].title:Call_other"]),
        ("win.effects", ["[0]:dropped", "[0].value:true", "[1]:dropped", "[1].to:-owner", "[1].to:-team"]),
        ("fast.guards[0].when", [":dropped", ":negated"]),
        ("fast.guards[1].s", []),
        ("fast.guards[2].o", []),
        ("fast.guards[2]:", ["dropped", "negated", "all_of"]),
        ("fast.guards[2].any_of[0]", [":dropped", ":negated", ".roles:wider"]),
        ("fast.guards[2].any_of[1]", [":dropped", ":negated", ".op:lt", ".value:900 CNY", ".value:1100 CNY"]),
        ("fast.guards[3].quorum", [":1", ":3"]),
        ("fast.guards[3].roles", [":-lead", ":-boss", ":absent"]),
        ("fast.guards[3].distinct_from", [":requester", ":actor", ":absent"]),
        ("fast.guards[3].name", []),
        ("fast:", ["removed", "after-slow"]),
        ("slow.guards[0].roles", [".lead:0", ".lead:2"]),
        ("slow.guards[1].", ["min_ratio:0.72", "min_ratio:0.88", "override:true"]),
        ("stay.guards[0].allow", ["_declined:false"]),
        ("stay.guards[1].value", [":2026-03-01", ":2026-03-03"]),
        ("stay.target", [":talk"]),
        ("win.guards[0]", [":dropped", ":negated", ".none_of[0]:negated", ".none_of[0].note:absent"]),
        ("win.outcome", [":lost"]),
        ("lose.outcome", [":-lost", ":-no_decision"]),
        ("lose.source", [":-talk", ":-offer"]),
        ("again.t", []),
    ],
)
def test_each_kind(start, found):
    """
    What each part of a definition can be changed to.
    """
    ids = [one.removeprefix(start) for one in mutants_of_deal() if one.startswith(start)]

    assert found == ids[: len(found) or None]


def test_cadences():
    """
    A cadence is gone, its slots close a unit sooner or later, a ready one's by its own grace, and effects change.
    """
    found = [one for one in mutants_of_deal().values() if one.path.startswith("cadences")]

    assert [
        "report.grace:1m",
        "report.on_missed[0]:dropped",
        "report.on_missed[0].to:owner_other",
        "report:dropped",
        "training.grace:0bd",
        "training.grace:2bd",
        "training:dropped",
    ] == [one.id for one in found]
    assert "slots of the cadence report close after 1m instead of 0m" == found[0].text.en
    assert ["report"] == [cadence.id for cadence in found[-1].definition.cadences]


def test_a_dropped_guard_is_gone():
    """
    The others keep the ids that they had by their order.
    """
    left = transition("fast.guards[0]:dropped").guards

    assert [("fields_present", "fields_present_2"), ("any_of", "any_of"), ("approval", "approval")] == [
        (use.use, use.id) for use in left
    ]


@over_cases(
    ("mutant", "place", "guard"),
    [
        (
            "fast.guards[0]:negated",
            0,
            guards.none_of(guards.fields_present("owner", "amount")).but(id="fields_present", when={"hot": True}),
        ),
        (
            "win.guards[0]:negated",
            0,
            guards.any_of(guards.reason_given("region", note="note")).but(id="none_of"),
        ),
        (
            "win.guards[0].none_of[0]:negated",
            0,
            guards.none_of(guards.none_of(guards.reason_given("region", note="note"))).but(id="none_of"),
        ),
        (
            "fast.guards[1].when:negated",
            1,
            guards.fields_present("region").but(id="fields_present_2", when={"hot": True}, severity="warn"),
        ),
    ],
)
def test_a_guard_is_negated(mutant, place, guard):
    """
    A negated guard keeps its id, its condition and its severity; a negated condition loses its "not".
    """
    assert guard == transition(mutant).guards[place]


def test_a_parameter_is_changed():
    """
    Whatever a parameter is, the others stay.
    """
    changed = [
        transition(f"fast.guards[3].{one}").guards[3].params for one in ("quorum:1", "roles:absent", "roles:-lead")
    ]
    rest = {"name": "start", "distinct_from": "owner"}

    assert [
        {**rest, "quorum": 1, "roles": ("lead", "boss")},
        {**rest, "quorum": 2},
        {**rest, "quorum": 2, "roles": ("boss",)},
    ] == changed


def test_a_way_is_changed():
    """
    Targets, outcomes, sources and the order of candidates change in the graph alone.
    """
    swapped = [one.id for one in mutants_of_deal()["fast:after-slow"].definition.transitions]
    removed = [one.id for one in mutants_of_deal()["fast:removed"].definition.transitions]

    assert ("won", "lost", ("offer",)) == (
        transition("fast.target:won").target,
        transition("win.outcome:lost").outcome,
        transition("lose.source:-talk").source,
    )
    assert (["slow", "fast", "stay"], ["slow", "stay", "win"]) == (swapped[:3], removed[:3])


def test_what_is_written_once_is_changed_once():
    """
    A rule has mutants of its own; a transition loses it whole. A star gets one exception more, or one less.
    """
    found = mutants_of_deal()

    assert "none_of" == found["ready.guards[0]:negated"].definition.rules["ready"][0].use
    assert ("rules.ready.guards[0]", "ready no longer asks reason_given") == (
        found["ready.guards[0]:dropped"].path,
        found["ready.guards[0]:dropped"].text.en,
    )
    assert found["ready.guards[0]:dropped"].stillborn
    assert () == transition("cancel.guards[0]:dropped").guards
    assert (None, "none_of") == (
        transition("cancel.guards[0].when:dropped").guards[0].when,
        transition("cancel.guards[0]:negated").guards[0].use,
    )
    assert None is transition("cancel.effects[0].when:dropped").effects[0].when
    assert ((), ("*",)) == (transition("cancel.except:offer").except_, transition("cancel.except:offer").source)


def test_a_star_loses_stages():
    """
    Each stage of a star is one that a mutant cannot leave by it.
    """
    stages = (sf.Stage("a", "open"), sf.Stage("b"), sf.Stage("end", "closed"))
    edges = [sf.Transition("go", "a", "b"), sf.Transition("stop", "*", "end"), sf.Transition("touch", "*", "$same")]
    found = mutants(sf.Definition("star", stages=stages, transitions=edges), only=["source_dropped"])

    assert [("stop.source:-a", ("a",)), ("stop.source:-b", ("b",))] == [
        (one.id, one.definition.transitions[1].except_) for one in found[:2]
    ]
    assert ["touch.source:-a", "touch.source:-b"] == [one.id for one in found[2:]]


def test_the_stillborn():
    """
    A mutant that cannot be built says why.
    """
    mutant = mutants_of_deal()["win:removed"]

    assert (True, ["stage.unreachable"]) == (mutant.stillborn, [fault.code for fault in mutant.faults])


def test_a_second_choice():
    """
    Where the next target cannot be built, another one is taken.
    """
    stages = (sf.Stage("a", "open"), sf.Stage("b"), sf.Stage("rest", "hold"), sf.Stage("end", "closed"))
    edges = [
        sf.Transition("go", "a", "b"),
        sf.Transition("skip", "a", "b"),
        sf.Transition("pause", "b", "rest", kind="hold"),
        sf.Transition("resume", "rest", "$previous", kind="resume"),
        sf.Transition("finish", "b", "end"),
    ]
    found = mutants(sf.Definition("four", stages=stages, transitions=edges), only=["target_changed"])

    assert [
        ("go.target:end", False),  # a hold is entered by a transition of its own kind
        ("skip.target:end", False),
        ("pause.target:end", True),
        ("resume.target:a", True),
        ("finish.target:a", True),
    ] == [(one.id, one.stillborn) for one in found]


@pytest.mark.long
@pytest.mark.untraced
def test_only():
    """
    Some kinds can be asked for; their mutants are the ones of the whole list.
    """
    kinds = ("guard_dropped", "target_changed")

    assert [one for one in mutants_of_deal().values() if one.kind in kinds] == list(mutants(DEAL, only=kinds))


def test_an_unknown_kind():
    """
    A kind that is not there is named, with the nearest.
    """
    with pytest.raises(InputError, match=r"'guard_droped' is not usable.*Did you mean 'guard_dropped'"):
        mutants(DEAL, only=["guard_droped"])


def test_a_definition_with_faults():
    """
    What cannot be built has no mutants.
    """
    with pytest.raises(DefinitionError):
        mutants(sf.Definition("empty"))


def test_guards_of_a_plugin():
    """
    A plugin's guard may take whatever it wants; what a signature does not name is changed by its value.
    """

    @sf.hookimpl
    def salesflow_guards():
        @guards.guard("house.rule", codes={})
        def rule(*, depth="deep", mode="off", **more):
            return lambda ctx: ()

        return [rule]

    class House:
        pass

    House.salesflow_guards = staticmethod(salesflow_guards)
    use = GuardUse("house.rule", {"depth": "deep", "mode": "on", "level": 3})
    stages = (sf.Stage("a", "open"), sf.Stage("end", "closed"))
    made = sf.Definition("house", stages=stages, transitions=[sf.Transition("go", "a", "end", guards=[use])])
    found = [one.id for one in mutants(made, plugins=[House]) if one.kind.startswith("parameter")]

    assert ["go.guards[0].mode:absent", "go.guards[0].level:2", "go.guards[0].level:4"] == found


def test_tasks_of_a_stage():
    """
    A task is dropped, due a unit sooner or later, or no longer mandatory; both languages say what a test would show.
    """
    made = mutants(BIDS, only=["task_changed", "task_dropped", "task_optional"])

    assert [
        "bid.tasks[0]:dropped",
        "bid.tasks[0].within:2d",
        "bid.tasks[0].within:4d",
        "bid.tasks[0].mandatory:optional",
        "bid.tasks[1]:dropped",
    ] == [each.id for each in made]
    assert "bid can be left without its task prices" == made[3].text.en
    assert "bid 的任务 prices 的期限由 3d 改为 2d" == made[1].text.zh
    assert not any(each.stillborn for each in made)


@over_cases(
    ("count", "found"),
    [
        (1, ["2", "[0]:dropped", "[1]:dropped", "[2]:dropped"]),
        (2, ["1", "3", "[0]:dropped", "[1]:dropped", "[2]:dropped"]),
        (3, ["2"]),
    ],
)
def test_how_many_of_several(count, found):
    """
    One more or one less has to pass; a part is dropped where as many are left.
    """
    use = guards.at_least(count, *(guards.fields_present(name) for name in "abc"))
    edges = [sf.Transition("win", "open", "won", outcome="won", guards=[use])]
    stages = [sf.Stage("open", "open"), sf.Stage("won", "won")]
    definition = sf.Definition("deal", fields=[sf.Field(name) for name in "abc"], stages=stages, transitions=edges)
    ids = [one.id.removeprefix("win.guards[0]") for one in mutants(definition)]

    changed = [one.removeprefix(".count:") for one in ids if one.startswith(".count:")]
    dropped = [
        one.removeprefix(".at_least") for one in ids if one.startswith(".at_least[") and one.endswith("]:dropped")
    ]
    assert found == [*changed, *dropped]
