"""
From a name, a file, a text or Python to the same lifecycle.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

import salesflow as sf
from salesflow import (
    Field,
    Stage,
    Transition,
    build_lifecycle,
    check_definition,
    effects as kinds,
    guards,
    load_definition,
    load_lifecycle,
    templates,
)
from salesflow.errors import DefinitionError, InputError, PluginError
from salesflow.plugins import Plugins, hookimpl
from salesflow.typing import Deadline, Invariant, Label, Outcome

from .cases import over_cases
from .factory import PLUGIN, decide, definition, opened, says, uses


TEXTS = tomllib.loads(templates.read("simple_deal"))


def label(part: dict[str, Any], key: str = "label") -> Label:
    return Label(**part[key])


FIELDS = {field["id"]: field for field in TEXTS["fields"]}
STAGES = {stage["id"]: stage for stage in TEXTS["stages"]}
WAYS = {way["id"]: way for way in TEXTS["transitions"]}


def quiet(after: str) -> Deadline:
    return Deadline("rot", after, effects=[kinds.notify(to=("owner",), topic="stage_quiet")])


def stage(name: str, kind: Any, probability: float, forecast: Any, **more: Any) -> Stage:
    words = {"label": label(STAGES[name]), "guidance": label(STAGES[name], "guidance")}
    more |= {"verb": STAGES[name]["verb"], "seq": STAGES[name]["seq"]}
    return Stage(name, kind, probability=probability, forecast=forecast, **words, **more)


def way(name: str, source: Any, target: str, **more: Any) -> Transition:
    return Transition(name, source, target, label=label(WAYS[name]), **more)


IN_PYTHON = sf.Definition(
    "simple_deal",
    version="2",
    calendar="weekdays",
    label=label(TEXTS),
    description=label(TEXTS, "description"),
    outcomes=["undecided", "won", "lost"],
    fields=[
        Field("owner", label=label(FIELDS["owner"])),
        Field("amount", "money", label=label(FIELDS["amount"])),
        Field("expected_close", "date", label=label(FIELDS["expected_close"])),
        Field(
            "source",
            "choice",
            label=label(FIELDS["source"]),
            choices=FIELDS["source"]["choices"],
            choice_labels=FIELDS["source"]["choice_labels"],
        ),
        Field("lost_reason", "choice", label=label(FIELDS["lost_reason"]), choices=FIELDS["lost_reason"]["choices"]),
        Field("lost_reason_note", label=label(FIELDS["lost_reason_note"])),
    ],
    stages=[
        stage("qualify", "open", 0.20, "pipeline", deadlines=[quiet("10bd")]),
        stage("propose", "active", 0.50, "best_case", produces=["offer"], deadlines=[quiet("7bd")]),
        stage("won", "won", 1.0, "closed"),
        stage("lost", "lost", 0.0, "omitted"),
    ],
    transitions=[
        way("propose", "qualify", "propose", guards=[guards.fields_present("owner", "amount", "expected_close")]),
        way("revise", "propose", "qualify", kind="loop", guards=[guards.loop_budget("revise", 3).but(severity="warn")]),
        way(
            "win",
            "propose",
            "won",
            outcome="won",
            guards=[guards.fields_present("amount"), guards.contract_signed()],
            effects=[kinds.notify(to=("owner",))],
        ),
        way(
            "lose",
            "*",
            "lost",
            kind="exit",
            outcome="lost",
            guards=[guards.reason_given("lost_reason", note="lost_reason_note")],
        ),
    ],
)


def test_three_ways_of_writing_are_one_definition(tmp_path):
    """
    TOML, JSON and Python say the same.
    """
    toml, as_json = tmp_path / "deal.toml", tmp_path / "deal.json"
    toml.write_text(templates.read("simple_deal"), encoding="utf-8")
    as_json.write_text(json.dumps(TEXTS), encoding="utf-8")
    sources: list[Any] = [
        toml,
        str(toml),
        as_json,
        templates.read("simple_deal"),
        json.dumps(TEXTS),
        TEXTS,
        "simple_deal",
    ]

    assert [IN_PYTHON] * len(sources) == [sf.load_definition(source) for source in sources]


@pytest.mark.untraced
@pytest.mark.requirement("A49")
@over_cases("name", templates.BUILT_IN)
@over_cases("form", ["toml", "json"])
def test_what_is_dumped_loads_equal(name, form, tmp_path):
    """
    Writing a built-in lifecycle and reading the file gives it back, whole.
    """
    definition = sf.load_definition(name)
    file = tmp_path / f"copy.{form}"
    file.write_text(sf.dump_definition(definition, format=form), encoding="utf-8")

    assert definition == sf.load_definition(file)
    assert sf.check_definition(file).ok


def test_there_are_two_forms():
    """
    Another form than those that are read back is refused.
    """
    with pytest.raises(InputError, match=r"format=: .yaml. is not usable\. Use one of toml, json\."):
        sf.dump_definition(sf.load_definition("simple_deal"), format="yaml")


def test_the_source_is_not_touched():
    """
    Data that is handed in is as it was afterwards.
    """
    before = json.dumps(TEXTS, sort_keys=True)
    sf.build_lifecycle(TEXTS)

    assert before == json.dumps(TEXTS, sort_keys=True)


@pytest.mark.untraced
def test_built_in_lifecycles_by_name():
    """
    A name loads what it names, and building takes what loading takes.
    """
    lifecycles = [load(name) for load in (sf.load_lifecycle, sf.build_lifecycle) for name in templates.BUILT_IN]

    assert [*templates.BUILT_IN, *templates.BUILT_IN] == [lifecycle.id for lifecycle in lifecycles]


def test_lifecycles_of_a_plugin(tmp_path):
    """
    A plugin brings lifecycles as objects, as files or as text, and they are loaded by name.
    """
    file = tmp_path / "deal.toml"
    file.write_text(templates.read("simple_deal"), encoding="utf-8")
    brought = {
        "bringer.as_object": IN_PYTHON,
        "bringer.as_file": Path(file),
        "bringer.as_text": templates.read("simple_deal"),
    }
    plugin = SimpleNamespace(name="bringer", salesflow_lifecycles=hookimpl(lambda: brought))
    plugins = Plugins(plugin)

    assert [IN_PYTHON] * 3 == [sf.load_definition(name, plugins=plugins) for name in brought]
    with pytest.raises(DefinitionError) as raised:
        sf.load_lifecycle("bringer.as_txt", plugins=plugins)
    assert (
        "by name: approval_request, artefact, bringer.as_file, bringer.as_object, bringer.as_text, complaint,"
        in str(raised.value)
    )
    assert "Did you mean 'bringer.as_text'?" in str(raised.value)


def test_the_plugins_of_a_lifecycle():
    """
    A lifecycle is built with the plugins it is given and knows them; without any it shares the built-in ones.
    """
    source = definition(uses(says("fail")))
    lifecycle = sf.build_lifecycle(source, plugins=[PLUGIN])

    assert ("salesflow", "test") == lifecycle.plugins.names
    assert not decide(lifecycle, opened(lifecycle), "go").accepted
    assert sf.load_lifecycle("simple_deal").plugins is sf.load_lifecycle("operating_cycle").plugins


def test_a_plugin_that_does_not_fit():
    """
    What is no plugin is told before anything is built.
    """
    with pytest.raises(PluginError):
        sf.build_lifecycle("simple_deal", plugins=[object()])


def test_loading_a_malformed_definition():
    """
    A definition that cannot be read whole is not handed out; the error names its source.
    """
    with pytest.raises(DefinitionError) as raised:
        sf.load_definition({"id": "a", "colour": "blue"})

    assert str(raised.value).startswith("a: 1 fault, no warnings:\n  - colour: unknown key 'colour'")


@over_cases(
    ("source", "headline"),
    [
        ("nowhere.toml", "nowhere.toml: 1 fault, no warnings:"),
        (Path("a/nowhere.toml"), "a/nowhere.toml: 1 fault, no warnings:"),
        ("id = 5\n", "definition: 1 fault, no warnings:"),
        ({"id": "a"}, "a: 1 fault, no warnings:"),
        (5, "definition: 1 fault, no warnings:"),
    ],
    ids=str,
)
def test_a_report_names_its_source(source, headline):
    """
    The headline of a report says what was looked at and how much was found.
    """
    assert headline == str(sf.check_definition(source)).splitlines()[0]


def test_a_text_is_never_a_path(tmp_path):
    """
    What is handed in as a text is read as one, also where it is the path of a file.
    """
    path = tmp_path / "secret.toml"
    path.write_text('id = "secret"\n')
    one_line = '{"id": "x", "stages": [{"id": "a"}, {"id": "b", "kind": "won"}], "transitions": []}'
    (fault,) = check_definition(text=str(path)).faults

    assert ("x", "file.malformed", False) == (load_definition(text=one_line).id, fault.code, "secret'" in str(fault))


@over_cases("plugins", [5, "acme", None])
def test_plugins_are_a_list(plugins):
    """
    Anything else in the place of the plugins is refused.
    """
    with pytest.raises(InputError, match=r"plugins=.*Pass a list of plugins"):
        load_lifecycle("simple_deal", plugins=plugins)


@over_cases("call", [check_definition, load_definition, build_lifecycle, load_lifecycle])
@over_cases("given", [{}, {"source": "simple_deal", "text": "x"}, {"text": 5}])
def test_a_source_or_a_text(call, given):
    """
    Exactly one of the two is passed.
    """
    with pytest.raises(InputError, match="Pass a source, or the text of a definition as text="):
        call(**given)


@pytest.mark.parametrize("form", ["toml", "json"])
def test_outcomes_with_a_class(form, tmp_path):
    """
    An outcome may have a class and a label; what is plain is written plain, and all of it reads back.
    """
    outcomes = ("new", "won", Outcome("declined", class_="lost", label={"en": "Declined", "zh": "谢绝"}), "parked")
    stages = [sf.Stage("open", "open"), sf.Stage("end", "closed")]
    definition = sf.Definition("d", outcomes=outcomes, stages=stages, transitions=[sf.Transition("go", "open", "end")])
    text = sf.dump_definition(definition, format=form)
    (tmp_path / f"d.{form}").write_text(text, "utf-8")
    loaded = sf.load_definition(tmp_path / f"d.{form}")

    assert definition == loaded
    assert ["undecided", "won", "lost", "other"] == [outcome.class_ for outcome in loaded.outcomes]
    assert ("new", "won", "declined", "parked") == loaded.outcome_ids
    assert '"won", {' in " ".join(text.split())


@pytest.mark.parametrize("form", ["toml", "json"])
def test_invariants_and_preconditions(form):
    """
    What a definition states for tests to prove is written and read back, with money as its text.
    """
    go = sf.Transition("go", "open", "end", precondition={"amount": {"gt": "0 CNY"}})
    definition = sf.Definition(
        "d",
        fields=[sf.Field("amount", "money")],
        stages=[sf.Stage("open", "open"), sf.Stage("end", "closed")],
        transitions=[go],
        invariants=[
            Invariant("paid", {"amount": {"ge": sf.Money("5", "CNY")}}, stages="end"),
            Invariant("x", {"not": {"stage": "gone"}}),
        ],
    )
    text = sf.dump_definition(definition, format=form)

    assert definition == sf.load_definition(text=text)
    assert 2 == text.count("CNY")


def test_a_single_outcome_needs_no_list():
    """
    Where there is one outcome alone, its id is enough.
    """
    text = 'id = "d"\noutcomes = "undecided"\n[[stages]]\nid = "open"\nkind = "open"\n'

    assert ("undecided",) == sf.load_definition(text).outcome_ids


def test_the_class_of_an_outcome_decides_nothing():
    """
    Classes and labels of outcomes leave the digest as it is; other outcomes change it.
    """
    plain = definition()
    classes = {"cancelled": "lost"}
    written = [Outcome(name, class_=classes.get(name, name), label=name.title()) for name in plain.outcome_ids]
    digests = [
        build_lifecycle(attrs.evolve(plain, outcomes=outcomes)).digest
        for outcomes in (
            plain.outcomes,
            written,
            ("undecided", "won"),
            [Outcome("undecided"), Outcome("won", label="W")],
        )
    ]

    assert (True, True, False) == (digests[0] == digests[1], digests[2] == digests[3], digests[0] == digests[2])
