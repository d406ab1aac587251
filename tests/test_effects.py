"""
Effects: what a transition also does, purely, in the same commit.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs
import pytest

import salesflow as sf
from salesflow import Field, Money, Stage, Transition, effects as kinds
from salesflow.dossier import Approval, Artefact, Task
from salesflow.errors import EffectError
from salesflow.typing import Changed, EffectUse, EntryDropped, EntryPut, FieldSet, Notice

from .cases import over_cases
from .factory import ANN, FIELDS, PLUGIN, STAGES, build, decide, definition, effects, gives, moved, opened


SHARE = (Field("probability", "number"), Field("forecast", "choice", choices=("pipeline", "closed", "omitted")))


def planned(*uses: Any, fields: Any = (), data: Any = (), stages: Any = STAGES, outcome: Any = None) -> Any:
    """
    Return body and notices of ``go`` with these effects.
    """
    go = attrs.evolve(effects(*uses), outcome=outcome)
    lifecycle = build(go, fields=(*FIELDS, *fields), stages=stages, plugins=[PLUGIN])
    project = opened(lifecycle, {"owner": "li"})
    return lifecycle.plan(decide(lifecycle, project, "go", data=dict(data)))


def test_notify():
    """
    A notice says whom to tell, about which move of which project, in the version of the commit.
    """
    body, notices = planned(kinds.notify(to=("team", "role:boss")), kinds.notify(to=("owner",), topic="hello"))
    about = {"transition": "go", "source": "start", "target": "middle", "actor": "ann"}

    assert (
        Notice("P-1", 2, ("team", "role:boss"), "go", about),
        Notice("P-1", 2, ("owner",), "hello", about),
    ) == notices
    assert () == body.changes


def test_set_field():
    """
    A literal of the definition is set as a value of the field's type; an empty one clears it.
    """
    body, _ = planned(kinds.set_field("amount", "5 CNY"), kinds.set_field("owner", ""), kinds.set_field("region", ""))

    assert (FieldSet("amount", Money("5", "CNY")), FieldSet("owner", None), FieldSet("region", None)) == body.changes


def test_what_is_handed_in_comes_first():
    """
    The changes of the call stand before those of the effects, which so have the last word.
    """
    body, _ = planned(kinds.set_field("region", "north"), data={"region": "south"})

    assert (FieldSet("region", "south"), FieldSet("region", "north")) == body.changes


@pytest.mark.requirement("A05")
def test_create_task():
    """
    A task belongs to the owner unless somebody is named, and is due in so many days.
    """
    body, _ = planned(kinds.create_task("Call", due_days=3), kinds.create_task("Write", owner="bo"))

    assert (
        EntryPut(Task("go-2", "Call", owner="li", due=date(2026, 3, 5))),
        EntryPut(Task("go-2-2", "Write", owner="bo")),
    ) == body.changes


def test_tasks_of_every_passage_are_kept():
    """
    Taking a transition again adds new tasks instead of replacing the earlier ones.
    """
    lifecycle = build(effects(kinds.create_task("Call")), Transition("back", "middle", "start", kind="loop"))
    project = opened(lifecycle)
    for trigger in ("go", "back", "go"):
        project = moved(lifecycle, project, trigger)

    assert ["go-2", "go-4"] == [task.id for task in project.all(Task)]


def test_later_effects_see_earlier_changes():
    """
    A task after a change of the owner belongs to the new one.
    """
    body, _ = planned(kinds.set_field("owner", "bo"), kinds.create_task("Call"))

    assert "bo" == body.changes[1].entry.owner


def test_an_effect_with_a_condition():
    """
    It runs where the condition is true, as the earlier effects left the project; else it leaves no trace.
    """
    said = kinds.notify(to=("boss",))
    uses = [
        said.but(when={"amount": {"ge": "10 CNY"}}),
        said.but(when={"not": {"amount": {"ge": "10 CNY"}}}),
        kinds.set_field("region", "north").but(when={"owner": "li"}),
        kinds.set_field("owner", "bo").but(when={"region": "north", "stage": "start"}),
    ]
    large, small, unset = (
        planned(*uses, data=data)
        for data in ({"amount": Money(10, "CNY")}, {"amount": Money(9, "CNY"), "owner": "al"}, {"owner": "al"})
    )
    passed_on = (FieldSet("region", "north"), FieldSet("owner", "bo"))

    assert [(1, passed_on), (1, ()), (0, ())] == [
        (len(notices), tuple(each for each in body.changes if each in passed_on))
        for body, notices in (large, small, unset)
    ]
    assert uses[0] == kinds.notify(to=("boss",)).but(when={"amount": {"ge": Money(10, "CNY")}})


def test_the_condition_of_an_effect_sees_the_outcome_after_the_move():
    """
    A final stage that settles the outcome has settled it when the effects run.
    """
    told = [kinds.notify(to=(name,)).but(when={"outcome": name}) for name in ("won", "lost", "undecided")]
    lifecycle = build(Transition("win", "middle", "won", effects=told))
    _, notices = lifecycle.plan(decide(lifecycle, moved(lifecycle, opened(lifecycle), "go"), "win"))

    assert [("won",)] == [notice.to for notice in notices]


def test_the_condition_of_an_effect_is_checked():
    """
    A condition of an effect is checked as one of a guard, and is the same in a file.
    """
    use = kinds.notify(to=("boss",)).but(when={"mood": "good", "amount": 5})
    faults = sf.check_definition(definition(effects(use))).faults
    good = definition(effects(use.but(when={"amount": {"ge": "5 CNY"}})))

    assert [
        ("transitions[0].effects[0].when", "field.undeclared"),
        ("transitions[0].effects[0].when.amount", "literal.type"),
    ] == [(each.path, each.code) for each in faults]
    assert good == sf.load_definition(text=sf.dump_definition(good))
    assert 'to = ["boss"], when = { amount = { ge = "5 CNY" } } }' in sf.dump_definition(good)


def test_clear_fields():
    """
    Several fields are emptied, those that are locked too; what is empty already leaves no trace.
    """
    use = kinds.clear_fields(("owner", "region", "owner"))
    fields = tuple(attrs.evolve(each, locked={"from": "start"}) for each in FIELDS)
    lifecycle = build(effects(use), fields=fields)
    project = opened(lifecycle, {"owner": "li"})
    body, _ = lifecycle.plan(decide(lifecycle, project, "go"))

    assert (FieldSet("owner", None),) == body.changes
    assert "owner" not in moved(lifecycle, project, "go").fields


@over_cases(
    ("fields", "expected"),
    [
        ((), ("transitions[0].effects[0]", "effect.parameter_value")),
        (("ownr",), ("transitions[0].effects[0]", "field.undeclared")),
        ("owner", ("transitions[0].effects[0].fields", "effect.parameter_type")),
    ],
)
def test_what_cannot_be_cleared(fields, expected):
    """
    Some declared fields are named, in a list.
    """
    faults = sf.check_definition(definition(effects(EffectUse("clear_fields", {"fields": fields})))).faults

    assert [expected] == [(each.path, each.code) for each in faults]


@over_cases(
    ("probability", "forecast", "outcome", "expected"),
    [
        (0.4, "pipeline", None, [FieldSet("probability", 0.4), FieldSet("forecast", "pipeline")]),
        (1, None, None, [FieldSet("probability", 1)]),
        ("keep", "omitted", None, [FieldSet("forecast", "omitted")]),
        (None, None, None, []),
        ("by_outcome", "by_outcome", "won", [FieldSet("probability", 1.0), FieldSet("forecast", "closed")]),
        ("by_outcome", "by_outcome", "lost", [FieldSet("probability", 0.0), FieldSet("forecast", "omitted")]),
    ],
)
def test_set_forecast(probability, forecast, outcome, expected):
    """
    The target stage says the probability and the category, or leaves them to the outcome.
    """
    stages = (STAGES[0], Stage("middle", probability=probability, forecast=forecast), *STAGES[2:])
    body, _ = planned(kinds.set_forecast(), fields=SHARE, stages=stages, outcome=outcome)

    assert tuple(expected) == body.changes


def test_the_forecast_knows_a_settled_outcome():
    """
    Where the final stage settles the outcome, the effects see it settled.
    """
    stages = (*STAGES[:2], Stage("won", "won", probability="by_outcome"), STAGES[3])
    win = Transition("win", "middle", "won", effects=[kinds.set_forecast()])
    lifecycle = build(win, fields=SHARE, stages=stages)
    project = moved(lifecycle, moved(lifecycle, opened(lifecycle), "go"), "win")

    assert 1.0 == project.fields["probability"]


@over_cases(
    ("use", "cause"),
    [
        (gives("raise"), "ZeroDivisionError: integer division or modulo by zero"),
        (gives("nothing"), "InputError: result of an effect: 'nothing' is not usable."),
        (kinds.set_forecast(), "InputError: field 'forecast': 'best_case' is not usable."),
    ],
)
def test_an_effect_that_fails(use, cause):
    """
    The error names effect and transition, says why, and that nothing was stored.
    """
    stages = (STAGES[0], Stage("middle", forecast="best_case"), *STAGES[2:])
    with pytest.raises(EffectError) as raised:
        planned(use, fields=SHARE, stages=stages)

    assert (use.use, "go") == (raised.value.effect, raised.value.transition)
    assert str(raised.value).startswith(f"effect {use.use!r} of transition 'go' failed ({cause}")
    assert str(raised.value).endswith("Nothing was stored.")


def plugin(*results: Any) -> Any:
    """
    Return a plugin with the effect ``mine`` that gives these results.
    """
    from types import SimpleNamespace

    mine = kinds.effect("mine")(lambda: lambda ctx: results)
    return SimpleNamespace(name="mine", salesflow_effects=sf.hookimpl(lambda: (mine,)))


def planned_by(*results: Any) -> Any:
    from salesflow.typing import EffectUse

    lifecycle = build(effects(EffectUse("mine")), plugins=[plugin(*results)])
    project = opened(lifecycle, {}, Artefact("offer"))
    return lifecycle, project, lifecycle.plan(decide(lifecycle, project, "go"))[0]


def test_an_effect_may_take_entries_out():
    """
    An entry that an effect drops is gone after the move.
    """
    lifecycle, project, body = planned_by(EntryDropped("artefact", "offer"))

    assert (EntryDropped("artefact", "offer"),) == body.changes
    assert ((Artefact("offer"),), ()) == (project.all(Artefact), moved(lifecycle, project, "go").all(Artefact))


@over_cases("wrong", [EntryPut(Approval("a", "x", "boss")), FieldSet("amuont", 5), Changed(())])
def test_an_effect_writes_only_what_a_caller_may(wrong):
    """
    An effect can forge no approval, and sets no undeclared field.
    """
    with pytest.raises(EffectError):
        planned_by(wrong)


def test_the_same_question_gives_the_same_plan():
    """
    Effects are pure: planning twice is planning once.
    """
    lifecycle = build(effects(kinds.create_task("Call", due_days=1), kinds.notify(to=("ann",))))
    project = opened(lifecycle)
    accepted = decide(lifecycle, project, "go", actor=ANN)

    assert lifecycle.plan(accepted) == lifecycle.plan(accepted)
