"""
Every fault of a definition is found in one pass, told once, and told where it is.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

import salesflow as sf
from salesflow import Field, Money, Stage, Transition, guards
from salesflow.effects import effect
from salesflow.errors import DefinitionError
from salesflow.plugins import hookimpl
from salesflow.typing import Deadline, Duration, EffectUse, GuardUse, Label, Spawn

from .cases import over_cases
from .factory import PLUGIN, STAGES, WAYS, definition


TEN = """\
schema = 1
id     = "ten"
colour = "blue"

[[fields]]
id = "amount"
type = "money"

[[fields]]
id = "urgent"
type = "bool"

[[stages]]
id = "start"
kind = "open"
produces = ["offer"]

[[stages]]
id = "work"

[[stages]]
id = "island"

[[stages]]
id = "swamp"

[[stages]]
id = "won"
kind = "won"

[[transitions]]
id = "go"
source = ["start"]
target = "work"
guards = [
  { use = "field_present", fields = ["amount"] },
  { use = "artefact_exists", kind = "offer" },
]

[[transitions]]
id = "win"
source = ["work"]
target = "wonn"
guards = [
  { use = "fields_present", fields = ["amount"], when = { urgently = true } },
  { use = "field_compare", field = "amount", op = "ge", value = 1000 },
]

[[transitions]]
id = "settle"
source = ["work", "island"]
target = "won"

[[transitions]]
id = "sink"
source = ["work"]
target = "swamp"

[[transitions]]
id = "again"
source = ["won"]
target = "work"
guards = [
  { use = "artefact_exists", type = "offfer" },
]
"""

TOLD = [
    ("colour", "key.unknown", 3, "Also possible here: "),
    (
        "transitions[0].guards[0].use",
        "guard.unknown",
        36,
        "Did you mean 'fields_present'?",
    ),
    ("transitions[0].guards[1].kind", "guard.parameter_unknown", 37, "It takes: type, min, since. Missing: type."),
    ("transitions[1].target", "stage.unknown", 43, "Did you mean 'won'?"),
    (
        "transitions[1].guards[0].when",
        "field.undeclared",
        45,
        "Declare it under [[fields]]. Did you mean 'urgent'?",
    ),
    ("transitions[1].guards[1].value", "literal.type", 46, "It takes money: "),
    ("stages[2]", "stage.unreachable", 21, "Add a transition to it, or remove it."),
    ("stages[3]", "stage.dead_end", 24, "Add a transition from it, or make it final by its kind."),
    (
        "transitions[4].source",
        "stage.final",
        61,
        "Only transitions of kind 'reopen' or 'spawn' may leave a final stage.",
    ),
    (
        "transitions[4].guards[0].type",
        "artefact.unproduced",
        64,
        "Add it to produces or requires of a stage. Did you mean 'offer'?",
    ),
]


def found(source: Any, plugins: Any = ()) -> list[tuple[str, str]]:
    """
    Return path and code of every fault.
    """
    return [(fault.path, fault.code) for fault in sf.check_definition(source, plugins=plugins).faults]


def warned(source: Any) -> list[tuple[str, str]]:
    """
    Return path and code of every warning of a definition without faults.
    """
    report = sf.check_definition(source)
    assert report.ok, str(report)
    return [(fault.path, fault.code) for fault in report.warnings]


def test_a_file_with_many_faults(tmp_path):
    """
    Ten planted faults of as many kinds are told at once, each with its place, line and next step, and nothing else.
    """
    file = tmp_path / "ten.toml"
    file.write_text(TEN, encoding="utf-8")
    report = sf.check_definition(file)
    told = {(fault.path, fault.code, fault.line): fault.hint for fault in report.faults}

    assert sorted((path, code, line) for path, code, line, _ in TOLD) == sorted(told)
    assert [] == [hint for path, code, line, hint in TOLD if not told[path, code, line].startswith(hint)]
    assert () == report.warnings


def test_faults_are_told_in_the_order_of_the_file():
    """
    Whoever reads the report goes through the file once.
    """
    lines = [fault.line for fault in sf.check_definition(TEN).faults]

    assert sorted(lines) == lines


def test_building_raises_the_whole_report():
    """
    The error has the report, and its text names every fault.
    """
    with pytest.raises(DefinitionError) as raised:
        sf.build_lifecycle(TEN)

    assert 10 == len(raised.value.report.faults)
    assert str(raised.value).startswith("ten: 10 faults, no warnings:\n  - colour (line 3): unknown key 'colour' ")
    assert "transitions[1].target (line 43): there is no stage 'wonn' [stage.unknown]. Did you mean 'won'?" in str(
        raised.value
    )


def go(*uses: GuardUse, **more: Any) -> Transition:
    return Transition("go", "start", "middle", guards=uses, **more)


def held(*more: Transition, kind: str = "hold") -> sf.Definition:
    stages = (*STAGES, Stage("rest", "hold"))
    ways = (
        Transition("hold", "middle", "rest", kind=kind),  # type: ignore[arg-type]  # some are wrong
        Transition("resume", "rest", "$previous", kind="resume"),
    )
    return definition(*ways, *more, stages=stages)


ON_AMOUNT = guards.fields_present("amount")

ONE_FAULT: dict[str, tuple[Any, str, str]] = {
    # names
    "id of the definition": (sf.Definition("Small", stages=STAGES, transitions=WAYS), "id", "id.malformed"),
    "id of a stage": (
        definition(Transition("x", "start", "B side"), stages=(*STAGES[:1], Stage("B side", "closed"), *STAGES[1:])),
        "stages[1].id",
        "id.malformed",
    ),
    "dotted id": (definition(fields=(Field("a.b"),)), "fields[0].id", "id.malformed"),
    "long id": (definition(fields=(Field("a" * 10_000),)), "fields[0].id", "id.malformed"),
    "id with a path in it": (definition(fields=(Field("../../etc"),)), "fields[0].id", "id.malformed"),
    "id with a control character": (definition(fields=(Field("a\x00b"),)), "fields[0].id", "id.malformed"),
    "field called outcome": (definition(fields=(Field("outcome"),)), "fields[0].id", "id.reserved"),
    "field called not": (definition(fields=(Field("not"),)), "fields[0].id", "id.reserved"),
    "field twice": (definition(fields=(Field("a"), Field("a"))), "fields[1].id", "id.duplicate"),
    "trigger": (definition(go(trigger="Go!")), "transitions[0].trigger", "id.malformed"),
    "trigger called state": (definition(go(trigger="state")), "transitions[0].trigger", "id.reserved"),
    "outcomes": (definition(outcomes=("Undecided!",)), "outcomes", "outcome.malformed"),
    "an outcome twice": (definition(outcomes=("undecided", "won", "won")), "outcomes", "outcome.malformed"),
    "no outcomes": (definition(outcomes=()), "outcomes", "outcome.malformed"),
    # choices
    "calendar": (definition(calendar="moon"), "calendar", "value.choice"),
    "type of a field": (definition(fields=(Field("a", "monye"),)), "fields[0].type", "value.choice"),  # type: ignore[arg-type]
    "kind of a stage": (
        definition(stages=(*STAGES[:2], Stage("won", "wonn"), STAGES[3])),  # type: ignore[arg-type]
        "stages[2].kind",
        "value.choice",
    ),
    "kind of a transition": (definition(go(kind="forwards")), "transitions[0].kind", "value.choice"),
    "forecast": (
        definition(stages=(Stage("start", "open", forecast="sure"), *STAGES[1:])),  # type: ignore[arg-type]
        "stages[0].forecast",
        "value.choice",
    ),
    "severity": (
        definition(go(ON_AMOUNT.but(severity="blocks"))),
        "transitions[0].guards[0].severity",
        "value.choice",
    ),
    "probability": (
        definition(stages=(Stage("start", "open", probability=20), *STAGES[1:])),
        "stages[0].probability",
        "value.range",
    ),
    "probability in words": (
        definition(stages=(Stage("start", "open", probability="high"), *STAGES[1:])),  # type: ignore[arg-type]
        "stages[0].probability",
        "value.range",
    ),
    "verb": (
        definition(stages=(Stage("start", "open", verb="plann"), *STAGES[1:])),  # type: ignore[arg-type]
        "stages[0].verb",
        "value.choice",
    ),
    "number of a stage": (
        definition(stages=(Stage("start", "open", seq=0), *STAGES[1:])),
        "stages[0].seq",
        "value.range",
    ),
    "true for a number of a stage": (
        definition(stages=(Stage("start", "open", seq=True), *STAGES[1:])),
        "stages[0].seq",
        "value.type",
    ),
    # fields
    "label of no choice": (
        definition(fields=(Field("a", "choice", choices=("x",), choice_labels={"y": Label("Why", "为什么")}),)),
        "fields[0].choice_labels.y",
        "value.choice",
    ),
    "labels that are no table": (
        definition(fields=(Field("a", "choice", choices=("x",), choice_labels="x"),)),  # type: ignore[arg-type]
        "fields[0].choice_labels",
        "value.type",
    ),
    "choice without choices": (definition(fields=(Field("a", "choice"),)), "fields[0].choices", "field.choices"),
    "choices without choice": (
        definition(fields=(Field("a", "text", choices=("x",)),)),
        "fields[0].choices",
        "field.choices",
    ),
    "default": (definition(fields=(Field("a", "money", default=5),)), "fields[0].default", "literal.type"),
    # the graph
    "no stage": (sf.Definition("none"), "stages", "stage.none"),
    "no stage, but transitions": (sf.Definition("none", transitions=WAYS), "stages", "stage.none"),
    "initial unknown": (definition(initial="begin"), "initial", "stage.unknown"),
    "initial final": (definition(initial="won"), "initial", "stage.initial"),
    "initial on hold": (
        sf.Definition(
            "h",
            initial="rest",
            stages=(Stage("a"), Stage("rest", "hold"), Stage("end", "closed")),
            transitions=(
                Transition("hold", "a", "rest", kind="hold"),
                Transition("resume", "rest", "$previous", kind="resume"),
                Transition("end", "a", "end"),
            ),
        ),
        "initial",
        "stage.initial",
    ),
    "source unknown": (
        definition(Transition("x", ("start", "strat"), "middle")),
        "transitions[3].source",
        "stage.unknown",
    ),
    "only source unknown": (definition(Transition("go", "begin", "middle")), "transitions[0].source", "stage.unknown"),
    "no source": (definition(Transition("go", (), "middle")), "transitions[0].source", "transition.no_source"),
    "target unknown": (definition(Transition("lose", "middle", "away")), "transitions[2].target", "stage.unknown"),
    "target of its own": (definition(Transition("x", "start", "$next")), "transitions[3].target", "stage.unknown"),
    "neither target nor spawn": (definition(Transition("go", "start")), "transitions[0].target", "transition.target"),
    "target and spawn": (
        definition(Transition("go", "start", "middle", spawn=Spawn("small"))),
        "transitions[0].target",
        "transition.target",
    ),
    "spawn of another kind": (
        definition(Transition("x", "won", spawn=Spawn("small"), kind="reopen")),
        "transitions[3].kind",
        "transition.kind",
    ),
    "kind spawn without spawn": (
        definition(Transition("x", "middle", "start", kind="spawn")),
        "transitions[3].kind",
        "transition.kind",
    ),
    "resume to a stage": (
        definition(Transition("x", "middle", "start", kind="resume"), stages=STAGES),
        "transitions[3].kind",
        "transition.kind",
    ),
    "previous without resume": (
        definition(Transition("x", "middle", "$previous", kind="loop")),
        "transitions[3].kind",
        "transition.kind",
    ),
    "resume from where nothing is held": (
        definition(Transition("x", "middle", "$previous", kind="resume")),
        "transitions[3].source",
        "transition.kind",
    ),
    "hold by another kind": (held(kind="forward"), "transitions[3].kind", "transition.kind"),
    "hold elsewhere": (
        definition(Transition("x", "start", "middle", kind="hold")),
        "transitions[3].kind",
        "transition.kind",
    ),
    "leaving a final stage": (definition(Transition("x", "won", "middle")), "transitions[3].source", "stage.final"),
    "unreachable": (
        definition(Transition("x", "isle", "won"), stages=(*STAGES, Stage("isle"))),
        "stages[4]",
        "stage.unreachable",
    ),
    "unreachable, told at the root": (
        definition(
            Transition("x", "isle", "beach"),
            Transition("y", "beach", "won"),
            stages=(*STAGES, Stage("beach"), Stage("isle")),
        ),
        "stages[5]",
        "stage.unreachable",
    ),
    "unreachable ring": (
        definition(
            Transition("x", "isle", "beach"),
            Transition("y", "beach", "isle"),
            Transition("z", "beach", "won"),
            stages=(*STAGES, Stage("beach"), Stage("isle")),
        ),
        "stages[4]",
        "stage.unreachable",
    ),
    "dead end": (
        definition(Transition("x", "start", "swamp"), stages=(*STAGES, Stage("swamp"))),
        "stages[4]",
        "stage.dead_end",
    ),
    "dead end that only stays": (
        definition(
            Transition("x", "start", "swamp"), Transition("y", "swamp", "$same"), stages=(*STAGES, Stage("swamp"))
        ),
        "stages[4]",
        "stage.dead_end",
    ),
    "no way to an end": (
        definition(
            Transition("x", "start", "round"),
            Transition("y", "round", "about"),
            Transition("z", "about", "round"),
            stages=(*STAGES, Stage("round"), Stage("about")),
        ),
        "stages[4]",
        "stage.no_exit",
    ),
    "no final stage": (
        sf.Definition(
            "ring", stages=(Stage("a"), Stage("b")), transitions=(Transition("x", "a", "b"), Transition("y", "b", "a"))
        ),
        "stages",
        "stage.no_final",
    ),
    "final kind forgotten": (
        sf.Definition("line", stages=(Stage("a"), Stage("b")), transitions=(Transition("x", "a", "b"),)),
        "stages[1]",
        "stage.dead_end",
    ),
    # guards
    "guard unknown": (definition(go(GuardUse("aproval", {}))), "transitions[0].guards[0].use", "guard.unknown"),
    "guard unlike any": (definition(go(GuardUse("zzzz", {}))), "transitions[0].guards[0].use", "guard.unknown"),
    "guard id twice": (
        definition(go(ON_AMOUNT.but(id="a"), ON_AMOUNT.but(id="a"))),
        "transitions[0].guards[1].id",
        "id.duplicate",
    ),
    "guard id like a default": (
        definition(go(ON_AMOUNT, ON_AMOUNT.but(id="fields_present"))),
        "transitions[0].guards[1].id",
        "id.duplicate",
    ),
    "guard id malformed": (definition(go(ON_AMOUNT.but(id="a b"))), "transitions[0].guards[0].id", "id.malformed"),
    "parameter unknown": (
        definition(go(GuardUse("approval", {"name": "x", "quorums": 2}))),
        "transitions[0].guards[0].quorums",
        "guard.parameter_unknown",
    ),
    "parameter missing": (
        definition(go(GuardUse("approval", {}))),
        "transitions[0].guards[0].name",
        "guard.parameter_missing",
    ),
    "parameter of a wrong type": (
        definition(go(GuardUse("approval", {"name": "x", "quorum": True}))),
        "transitions[0].guards[0].quorum",
        "guard.parameter_type",
    ),
    "parameter of a wrong value": (
        definition(go(guards.approval("x", quorum=0))),
        "transitions[0].guards[0]",
        "guard.parameter_value",
    ),
    "field undeclared": (
        definition(go(guards.fields_present("amuont"))),
        "transitions[0].guards[0]",
        "field.undeclared",
    ),
    "outcome as a field": (
        definition(go(guards.fields_present("outcome"))),
        "transitions[0].guards[0]",
        "field.undeclared",
    ),
    "artefact nobody produces": (
        definition(go(guards.artefact_exists("offer"))),
        "transitions[0].guards[0].type",
        "artefact.unproduced",
    ),
    "budget of an unknown transition": (
        definition(go(guards.loop_budget("goo", 3))),
        "transitions[0].guards[0].transition",
        "transition.unknown",
    ),
    "combinator of nothing": (definition(go(guards.any_of())), "transitions[0].guards[0]", "guard.empty"),
    "severity inside a combinator": (
        definition(go(guards.any_of(ON_AMOUNT.but(severity="warn")))),
        "transitions[0].guards[0].any_of[0]",
        "guard.joined",
    ),
    "fault inside a combinator": (
        definition(go(guards.all_of(guards.any_of(GuardUse("aproval", {}))))),
        "transitions[0].guards[0].all_of[0].any_of[0].use",
        "guard.unknown",
    ),
    # literals and conditions
    "bare number against money": (
        definition(go(guards.field_compare("amount", "ge", 5))),
        "transitions[0].guards[0].value",
        "literal.type",
    ),
    "choice that is none": (
        definition(go(guards.field_compare("region", "eq", "nroth"))),
        "transitions[0].guards[0].value",
        "literal.type",
    ),
    "one of a list": (
        definition(go(guards.field_compare("amount", "in", ["5 CNY", 6]))),
        "transitions[0].guards[0].value",
        "literal.type",
    ),
    "undeclared in a condition": (
        definition(go(ON_AMOUNT.but(when={"urgent": True}))),
        "transitions[0].guards[0].when",
        "field.undeclared",
    ),
    "bare number in a condition": (
        definition(go(ON_AMOUNT.but(when={"amount": {"gt": 5}}))),
        "transitions[0].guards[0].when.amount",
        "literal.type",
    ),
    "list for eq": (
        definition(go(ON_AMOUNT.but(when={"region": ["north", "south"]}))),
        "transitions[0].guards[0].when.region",
        "literal.type",
    ),
    "nothing in a condition": (
        definition(go(ON_AMOUNT.but(when={"region": None}))),
        "transitions[0].guards[0].when.region",
        "literal.type",
    ),
    "unknown outcome in a condition": (
        definition(go(ON_AMOUNT.but(when={"outcome": "wonn"}))),
        "transitions[0].guards[0].when.outcome",
        "literal.type",
    ),
    "unknown stage in a condition": (
        definition(go(ON_AMOUNT.but(when={"stage": {"in": ["strat"]}}))),
        "transitions[0].guards[0].when.stage",
        "literal.type",
    ),
    # effects
    "effect unknown": (
        definition(go(effects=[EffectUse("notfy", {})])),
        "transitions[0].effects[0].use",
        "effect.unknown",
    ),
    "effect parameter": (
        definition(go(effects=[EffectUse("notify", {"to": "ann"})])),
        "transitions[0].effects[0].to",
        "effect.parameter_type",
    ),
    "effect without parameter": (
        definition(go(effects=[EffectUse("notify", {})])),
        "transitions[0].effects[0].to",
        "effect.parameter_missing",
    ),
    "effect on an undeclared field": (
        definition(go(effects=[EffectUse("set_field", {"field": "ownr", "value": "x"})])),
        "transitions[0].effects[0]",
        "field.undeclared",
    ),
    "effect with a wrong literal": (
        definition(go(effects=[EffectUse("set_field", {"field": "amount", "value": 5})])),
        "transitions[0].effects[0].value",
        "literal.type",
    ),
    "effect of a deadline": (
        definition(
            stages=(
                Stage("start", "open", deadlines=[Deadline("sla", "1d", effects=[EffectUse("notfy", {})])]),
                *STAGES[1:],
            )
        ),
        "stages[0].deadlines[0].effects[0].use",
        "effect.unknown",
    ),
    # outcomes, spawns, deadlines
    "outcome unknown": (definition(go(outcome="wonn")), "transitions[0].outcome", "outcome.unknown"),
    "one of the outcomes unknown": (
        definition(go(outcome=["won", "wonn"])),
        "transitions[0].outcome",
        "outcome.unknown",
    ),
    "carrying nothing known": (
        definition(Transition("x", "won", kind="spawn", spawn=Spawn("small", carry=["amount", "leson"]))),
        "transitions[3].spawn.carry",
        "spawn.carry",
    ),
    "deadline of no time": (
        definition(stages=(Stage("start", "open", deadlines=[Deadline("sla", "0d")]), *STAGES[1:])),
        "stages[0].deadlines[0].after",
        "deadline.after",
    ),
    "working days without calendar": (
        definition(stages=(Stage("start", "open", deadlines=[Deadline("sla", Duration(5, "bd"))]), *STAGES[1:])),
        "stages[0].deadlines[0].after",
        "deadline.calendar",
    ),
    "deadline twice": (
        definition(
            stages=(Stage("start", "open", deadlines=[Deadline("sla", "1d"), Deadline("sla", "2d")]), *STAGES[1:])
        ),
        "stages[0].deadlines[1].id",
        "id.duplicate",
    ),
}


@over_cases("name", ONE_FAULT)
def test_one_fault_is_told_once(name):
    """
    A definition with one mistake has one fault, at its place, with a text and mostly a hint.
    """
    source, path, code = ONE_FAULT[name]
    report = sf.check_definition(source)

    assert [(path, code)] == found(source)
    assert all(one.problem and not one.problem.endswith(".") for one in report.faults)


GOOD = {
    "id": "good",
    "outcomes": ["undecided", "won"],
    "calendar": "weekdays",
    "fields": [{"id": "amount", "type": "money"}],
    "stages": [
        {"id": "a", "kind": "open", "produces": ["offer"], "deadlines": [{"id": "sla", "after": "5bd"}]},
        {"id": "b"},
        {"id": "won", "kind": "won"},
    ],
    "transitions": [
        {
            "id": "go",
            "source": ["a"],
            "target": "b",
            "guards": [
                {"use": "fields_present", "fields": ["amount"], "when": {"stage": "a", "outcome": {"ne": "won"}}},
                {"use": "artefact_exists", "type": "offer"},
                {"use": "loop_budget", "transition": "win", "max": 3},
            ],
        },
        {"id": "win", "source": ["b"], "target": "won", "outcome": "won"},
        {
            "id": "back",
            "source": ["b"],
            "target": "a",
            "kind": "loop",
            "guards": [{"use": "loop_budget", "transition": "back", "max": 2}],
        },
    ],
}


def spoiled(**changes: Any) -> str:
    """
    Return the good definition as JSON with values replaced, by path: ``stages__0__id=5``; ``...`` deletes.
    """
    data: Any = json.loads(json.dumps(GOOD))
    for path, value in changes.items():
        *parts, last = [int(part) if part.isdecimal() else part for part in path.split("__")]
        at = data
        for part in parts:
            at = at[part]
        if value is ...:
            del at[last]
        else:
            at[last] = value
    return json.dumps(data)


def test_the_good_definition_is_good():
    """
    Nothing is wrong with what the next test spoils.
    """
    assert [] == found(spoiled())
    assert [] == warned(spoiled())


@over_cases(
    ("changes", "path", "code"),
    [
        ({"stages": 5}, "stages", "value.type"),
        ({"stages": ..., "stage": GOOD["stages"]}, "stage", "key.unknown"),
        ({"stages__1__id": 5}, "stages[1].id", "value.type"),
        ({"stages__1__id": ...}, "stages[1]", "key.missing"),
        ({"stages__0__id": 5}, "stages[0].id", "value.type"),
        ({"stages__1__kind": "actve"}, "stages[1].kind", "value.choice"),
        ({"stages__2__kind": "wonn"}, "stages[2].kind", "value.choice"),
        ({"stages__0__kind": ["open"]}, "stages[0].kind", "value.type"),
        ({"stages__0__produces": 5}, "stages[0].produces", "value.type"),
        ({"stages__0__produces": ..., "stages__0__produced": ["offer"]}, "stages[0].produced", "key.unknown"),
        ({"stages__0__deadlines__0__after": "soon"}, "stages[0].deadlines[0].after", "duration.malformed"),
        ({"fields": 5}, "fields", "value.type"),
        ({"fields": ..., "field": GOOD["fields"]}, "field", "key.unknown"),
        ({"fields__0__id": ...}, "fields[0]", "key.missing"),
        ({"fields__0__type": "mony"}, "fields[0].type", "value.choice"),
        ({"fields__0__typ": "money", "fields__0__type": ...}, "fields[0].typ", "key.unknown"),
        ({"outcomes": 5}, "outcomes", "value.type"),
        ({"outcomes": ..., "outcome": ["undecided", "won"]}, "outcome", "key.unknown"),
        ({"outcomes__1": {"id": "won", "class": "wonn"}}, "outcomes[1].class", "value.choice"),
        ({"outcomes__1": {"id": "won", "class_": "won"}}, "outcomes[1].class_", "key.unknown"),
        ({"outcomes__1": {"class": "won"}}, "outcomes[1]", "key.missing"),
        (
            {"outcomes": ["undecided", "done"], "transitions__1__outcome": "done", "outcomes__1": 5},
            "outcomes[1]",
            "value.type",
        ),
        ({"calendar": 5}, "calendar", "value.type"),
        ({"initial": 5}, "initial", "value.type"),
        ({"transitions": 5}, "transitions", "value.type"),
        ({"transitions": ..., "transition": GOOD["transitions"]}, "transition", "key.unknown"),
        ({"transitions__1": 5}, "transitions[1]", "value.type"),
        ({"transitions__1__id": ...}, "transitions[1]", "key.missing"),
        ({"transitions__1__target": 5}, "transitions[1].target", "value.type"),
        ({"transitions__1__kind": "forwards"}, "transitions[1].kind", "value.choice"),
        ({"transitions__1__source": ["c"]}, "transitions[1].source", "stage.unknown"),
        ({"transitions__1__target": "wonn"}, "transitions[1].target", "stage.unknown"),
        ({"transitions__0__guards__0__use": "field_present"}, "transitions[0].guards[0].use", "guard.unknown"),
        ({"transitions__0__guards__0": 5}, "transitions[0].guards[0]", "value.type"),
        ({"transitions__2__guards__0": 5}, "transitions[2].guards[0]", "value.type"),
        ({"transitions__2__guards__0__max": "2"}, "transitions[2].guards[0].max", "guard.parameter_type"),
        ({"transitions__2__guards__0__use": "loop_budgte"}, "transitions[2].guards[0].use", "guard.unknown"),
        ({"colour": "blue"}, "colour", "key.unknown"),
        ({"id": ...}, "", "key.missing"),
        ({"id": ..., "idx": "good"}, "idx", "key.unknown"),
        ({"id": 5}, "id", "value.type"),
    ],
    ids=str,
)
def test_what_cannot_be_read_causes_nothing_else(changes, path, code):
    """
    A malformed part is told, and neither what names it nor what hangs on it is told as well.
    """
    source = spoiled(**changes)
    report = sf.check_definition(source)

    assert [(path, code)] == found(source)
    assert () == report.warnings


def test_a_fault_beside_a_dropped_part_is_still_told():
    """
    Dropping one part hides nothing of what is wrong elsewhere.
    """
    source = spoiled(
        stages__1__kind="actve", transitions__0__guards__0__fields=["amuont"], transitions__1__outcome="gone"
    )

    assert [
        ("stages[1].kind", "value.choice"),
        ("transitions[0].guards[0]", "field.undeclared"),
        ("transitions[1].outcome", "outcome.unknown"),
    ] == found(source)


@over_cases(
    ("source", "code", "says"),
    [
        ("id = \n[[stages]]", "file.malformed", "this is not valid TOML: Invalid value (at line 1, column 6)"),
        ('{"id": "a",}', "file.malformed", "this is not valid JSON: "),
        ("nowhere.toml", "file.unreadable", "nowhere.toml cannot be read (No such file or directory)"),
        ("simple_deel", "source.unknown", "'simple_deel' is not a definition"),
        (5, "source.unknown", "5 is not a definition"),
        ("schema = 2\nid = 'a'", "schema.newer", "schema 2 is newer than 1"),
    ],
)
def test_what_is_no_definition(source, code, says):
    """
    A source that cannot be read at all has one fault, which says why.
    """
    (fault,) = sf.check_definition(source).faults

    assert code == fault.code
    assert fault.problem.startswith(says)


def test_a_name_that_is_nearly_known():
    """
    Whoever misspells a lifecycle is told the names there are and the nearest one.
    """
    with pytest.raises(DefinitionError) as raised:
        sf.load_lifecycle("simple_deel")

    assert "sales_planning, simple_deal, task. Did you mean 'simple_deal'?" in str(raised.value)


def test_a_guard_of_a_plugin_is_checked_alike():
    """
    A guard that a plugin brings is known with the plugin, and unknown without it.
    """
    source = definition(go(GuardUse("test.says", {"status": "pass"})))

    assert [] == found(source, [PLUGIN])
    assert [("transitions[0].guards[0].use", "guard.unknown")] == found(source)


def test_a_factory_that_raises_is_a_fault():
    """
    A plugin whose factory fails does not take the check down; the fault says what was raised.
    """

    @guards.guard("bad.factory", codes={})
    def factory(x: int) -> Any:
        raise KeyError("x")

    @guards.guard("bad.silent", codes={})
    def silent() -> Any:
        raise LookupError

    @guards.guard("bad.forgetful", codes={})
    def forgetful() -> Any:
        pass

    @effect("bad.effect")
    def bad_effect() -> Any:
        raise ValueError("no such thing.")

    plugin = SimpleNamespace(
        name="bad",
        salesflow_guards=hookimpl(lambda: (factory, silent, forgetful)),
        salesflow_effects=hookimpl(lambda: (bad_effect,)),
    )
    source = definition(go(factory(x=1), silent(), forgetful(), effects=[bad_effect()]))

    assert [
        ("transitions[0].effects[0]", "effect.parameter_value", "no such thing"),
        ("transitions[0].guards[0]", "guard.parameter_value", "'x'"),
        ("transitions[0].guards[1]", "guard.parameter_value", "LookupError"),
        (
            "transitions[0].guards[2]",
            "guard.parameter_value",
            "the factory of this guard returned NoneType, not a function",
        ),
    ] == [(one.path, one.code, one.problem) for one in sf.check_definition(source, plugins=[plugin]).faults]


def test_a_label_may_be_written_as_a_mapping():
    """
    In Python a label is a label, an English text, or both languages by name.
    """
    written = definition(label={"en": "Small", "zh": "小"}, description="Only English")

    assert (Label("Small", "小"), Label("Only English")) == (written.label, written.description)


def test_money_literals_are_money():
    """
    A literal may be written as text or given as the value it stands for.
    """
    texts = definition(go(guards.field_compare("amount", "in", ["5 CNY", Money("6", "CNY")])))

    assert [] == found(texts)


WARNED = {
    "label": (definition(label=Label("Only English")), "label", "label.untranslated"),
    "description": (definition(description=Label(zh="只有中文")), "description", "label.untranslated"),
    "field label": (definition(fields=(Field("a", label=Label("A")),)), "fields[0].label", "label.untranslated"),
    "stage label": (
        definition(stages=(Stage("start", "open", label=Label("Start")), *STAGES[1:])),
        "stages[0].label",
        "label.untranslated",
    ),
    "guidance": (
        definition(stages=(Stage("start", "open", guidance=Label("Start")), *STAGES[1:])),
        "stages[0].guidance",
        "label.untranslated",
    ),
    "transition label": (definition(go(label=Label("Go"))), "transitions[0].label", "label.untranslated"),
    "shadowed": (
        definition(Transition("go_too", "start", "won", trigger="go")),
        "transitions[3]",
        "transition.shadowed",
    ),
    "shadowed behind a warning": (
        definition(go(ON_AMOUNT.but(severity="warn")), Transition("go_too", ("start", "middle"), "won", trigger="go")),
        "transitions[3]",
        "transition.shadowed",
    ),
    "loop": (definition(Transition("x", "middle", "start", kind="loop")), "transitions[3]", "loop.unbudgeted"),
    "falling": (
        definition(stages=(Stage("start", "open", probability=0.5), Stage("middle", probability=0.4), *STAGES[2:])),
        "transitions[0]",
        "probability.falls",
    ),
    "backwards": (
        definition(stages=(Stage("start", "open", seq=2), Stage("middle", seq=1), *STAGES[2:])),
        "transitions[0]",
        "seq.falls",
    ),
    "choice in one language": (
        definition(fields=(*definition().fields, Field("a", "choice", choices=("x",), choice_labels={"x": "Ex"}))),
        "fields[3].choice_labels.x",
        "label.untranslated",
    ),
}


@over_cases("name", WARNED)
def test_a_warning_stops_nothing(name):
    """
    What should not be left as it is gets a warning, and can be built.
    """
    source, path, code = WARNED[name]

    assert [(path, code)] == warned(source)
    assert sf.build_lifecycle(source).id == "small"


QUIET = {
    "guarded candidate": definition(go(ON_AMOUNT), Transition("go_too", "start", "won", trigger="go")),
    "budget inside a combinator": definition(
        Transition("x", "middle", "start", kind="loop", guards=[guards.any_of(guards.loop_budget("x", 2), ON_AMOUNT)])
    ),
    "no probabilities": definition(
        stages=(Stage("start", "open", probability=0.5), Stage("middle", probability="keep"), *STAGES[2:])
    ),
    "falling to the end": definition(
        stages=(
            Stage("start", "open", probability=0.1),
            Stage("middle", probability=0.2),
            Stage("won", "won", probability=0.0),
            STAGES[3],
        )
    ),
    "rising": definition(
        stages=(Stage("start", "open", probability=0.1), Stage("middle", probability=0.2), *STAGES[2:])
    ),
    "holds share a trigger": held(Transition("hold_too", "start", "rest", kind="hold", trigger="hold")),
}


@over_cases("name", QUIET)
def test_nothing_to_warn_of(name):
    """
    What only looks like a reason for a warning is left alone.
    """
    assert [] == warned(QUIET[name])


LEAVES = [
    pytest.param(path, id="__".join(map(str, path)))
    for path in (
        ("fields", 0, "type"),
        ("stages", 0, "kind"),
        ("stages", 2, "kind"),
        ("transitions", 0, "source"),
        ("transitions", 0, "target"),
        ("transitions", 1, "outcome"),
        ("transitions", 2, "kind"),
        ("transitions", 0, "guards", 0, "use"),
        ("transitions", 0, "guards", 0, "fields"),
        ("transitions", 0, "guards", 1, "type"),
        ("transitions", 0, "guards", 2, "transition"),
    )
]


@over_cases("path", LEAVES)
@over_cases("value", [5, {"a": 1}, [[]], "zzz"], ids=str)
def test_a_spoiled_value_is_one_fault(path, value):
    """
    Whatever stands where something else belongs, it is told once, at or right around its place.
    """
    told = found(spoiled(**{"__".join(map(str, path)): value}))

    assert 1 == len(told), told
    assert told[0][0].startswith(f"{path[0]}[{path[1]}]")


def test_faults_of_invariants_and_preconditions():
    """
    What a definition states for tests is checked like any predicate: its fields, stages, literals and ids.
    """
    text = """\
id = "stated"
[[fields]]
id = "amount"
type = "money"
[[stages]]
id = "start"
kind = "open"
[[stages]]
id = "won"
kind = "won"
[[transitions]]
id = "win"
source = "start"
target = "won"
precondition = { amuont = { set = true } }
[[transitions]]
id = "more"
source = "start"
target = "start"
kind = "loop"
guards = [{ use = "loop_budget", transition = "more", max = 2 }]
precondition = "amount"
[[invariants]]
id = "priced"
holds = { amount = { gt = 5 } }
stages = ["wom"]
[[invariants]]
id = "priced"
holds = { stage = "nowhere" }
[[invariants]]
id = "empty"
[[invariants]]
id = "Large"
holds = { any = [] }
"""
    report = sf.check_definition(text=text)

    assert [
        ("transitions[0].precondition", "field.undeclared", 15),
        ("transitions[1].precondition", "predicate.malformed", 22),
        ("invariants[0].holds.amount", "literal.type", 25),
        ("invariants[0].stages", "stage.unknown", 26),
        ("invariants[1].id", "id.duplicate", 28),
        ("invariants[1].holds.stage", "literal.type", 29),
        ("invariants[2]", "key.missing", 30),
        ("invariants[3].holds", "predicate.malformed", 34),
    ] == [(each.path, each.code, each.line) for each in report.faults]
