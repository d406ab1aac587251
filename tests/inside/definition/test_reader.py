"""
Definitions are read item by item with every fault told, and written so that they read back equal.
"""

from __future__ import annotations

import enum
import json
import os
import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from salesflow import Definition, Field, Money, Stage, Transition
from salesflow._definition.reader import read_definition
from salesflow._definition.report import DefinitionText, PartialDefinition
from salesflow._definition.source import LARGEST, toml_lines
from salesflow._definition.writer import definition_data, dump
from salesflow._model.frozen import FrozenDict
from salesflow._model.predicate import Compare, Junction
from salesflow.errors import InputError
from salesflow.results import Fault, Report
from salesflow.typing import Deadline, Duration, EffectUse, GuardUse, Label, Spawn

from ...cases import over_cases


GOOD = """\
schema = 1
id = "cycle"
version = "2"
label = { en = "Cycle", zh = "循环" }

[[fields]]
id = "amount"
type = "money"

[[stages]]
id = "start"
kind = "open"
probability = 0.1
deadlines = [
  { id = "sla", after = "5bd", effects = [{ use = "notify", to = ["owner"] }] },
]

[[stages]]
id = "done"
kind = "won"

[[transitions]]
id = "go"
source = "start"
target = "done"
outcome = "won"
guards = [
  { use = "fields_present", fields = ["amount"] },
  { any_of = [
    { use = "actor_has_role", roles = ["ceo"] },
    { use = "field_compare", field = "amount", op = "le", value = "100 CNY" },
  ], severity = "warn" },
]
effects = [{ use = "notify", to = ["team"] }]
"""

BUILT = Definition(
    "cycle",
    version="2",
    label=Label("Cycle", "循环"),
    initial="start",
    fields=(Field("amount", "money"),),
    stages=(
        Stage(
            "start",
            "open",
            probability=0.1,
            deadlines=(Deadline("sla", Duration(5, "bd"), effects=(EffectUse("notify", {"to": ["owner"]}),)),),
        ),
        Stage("done", "won"),
    ),
    transitions=(
        Transition(
            "go",
            ("start",),
            "done",
            outcome="won",
            guards=(
                GuardUse("fields_present", {"fields": ["amount"]}),
                GuardUse(
                    "any_of",
                    guards=(
                        GuardUse("actor_has_role", {"roles": ["ceo"]}),
                        GuardUse("field_compare", {"field": "amount", "op": "le", "value": "100 CNY"}),
                    ),
                    severity="warn",
                ),
            ),
            effects=(EffectUse("notify", {"to": ["team"]}),),
        ),
    ),
)


class Size(enum.IntEnum):
    """
    A number with a name.
    """

    BIG = 3


def read(text: str, *changes: tuple[str, str]) -> PartialDefinition:
    """
    Read a text with some replacements, each of which must apply.
    """
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_definition(text)


def brief(draft: PartialDefinition) -> list[tuple[str, str, int | None]]:
    """
    Return path, code and line of each fault.
    """
    return [(fault.path, fault.code, fault.line) for fault in draft.faults]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ids_only = re.compile(r"[a-z][a-z0-9_]*")
ids = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
# Words with a meaning of their own in a guard use or a predicate are no names of parameters or fields.
names = ids.filter(lambda name: name not in {"use", "id", "when", "severity", "override", "all", "any", "not"})
free = names.map(lambda name: f"x{name}") | texts.map(lambda text: f"x {text}")
numbers = st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
zones = st.sampled_from([None, UTC, timezone(timedelta(hours=8)), timezone(-timedelta(minutes=90, seconds=7))])
moments = st.dates() | st.times() | st.datetimes(datetime(1000, 1, 2), datetime(9000, 1, 1), timezones=zones)  # noqa: DTZ001 -- local times are literals too


def literals(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """
    Generate what a file can hold.
    """
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3).map(tuple) | st.dictionaries(texts, inner, max_size=3).map(FrozenDict)
        ),
        max_leaves=5,
    )


def definitions(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Definition]:
    """
    Generate definitions with literals made of *leaves*; they need not make sense as a whole.
    """
    values = literals(leaves)
    labels = st.builds(Label, texts, texts)
    many = st.lists(texts, max_size=2).map(tuple)
    compares = (
        st.builds(Compare, names, st.sampled_from(["eq", "ne", "lt", "ge"]), values)
        | st.builds(Compare, names, st.sampled_from(["in", "not_in"]), st.lists(values, max_size=2))
        | st.builds(Compare, names, st.just("set"), st.booleans())
    )
    predicates = st.recursive(
        compares,
        lambda inner: (
            st.builds(Junction, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=2).map(tuple))
            | st.builds(lambda part: Junction("not", (part,)), inner)
        ),
        max_leaves=3,
    )
    options: dict[str, Any] = {
        "id": st.none() | texts,
        "when": st.none() | predicates,
        "severity": st.sampled_from(["block", "warn", "shadow"]),
        "override": st.booleans(),
    }
    rules = st.builds(GuardUse, st.just("rules"), st.builds(lambda name: {"name": name}, texts), **options)
    guards = st.recursive(
        st.builds(GuardUse, free, st.dictionaries(free, values, max_size=2), **options) | rules,
        lambda inner: st.builds(
            lambda word, joined, more: GuardUse(word, guards=joined, **more),
            st.sampled_from(["all_of", "any_of", "none_of"]),
            st.lists(inner, min_size=1, max_size=2),
            st.fixed_dictionaries({}, optional=options),
        ),
        max_leaves=4,
    )
    effect = st.builds(EffectUse, free, st.dictionaries(free, values, max_size=2), when=st.none() | predicates)
    effects = st.lists(effect, max_size=2)
    durations = st.builds(Duration, st.integers(0, 999), st.sampled_from(["d", "bd", "h", "m"]))
    fields = st.builds(
        Field,
        texts,
        st.sampled_from(["text", "choice"]),
        label=labels,
        default=st.none() | values,
        choices=many,
        choice_labels=st.dictionaries(texts, labels, max_size=2),
    )
    stages = st.builds(
        Stage,
        texts,
        st.sampled_from(["open", "active", "won"]),
        label=labels,
        phase=st.none() | texts,
        verb=st.sampled_from([None, "plan", "optimise"]),
        seq=st.none() | st.integers(1, 9),
        probability=st.none() | st.floats(0, 1) | st.sampled_from(["keep", "by_outcome"]),
        forecast=st.sampled_from([None, "pipeline", "by_outcome"]),
        requires=many,
        produces=many,
        guidance=labels,
        deadlines=st.lists(st.builds(Deadline, texts, durations, effects=effects), max_size=2),
    )
    transitions = st.builds(
        Transition,
        texts,
        many,
        st.none() | texts,
        kind=st.sampled_from(["forward", "spawn"]),
        trigger=texts,
        label=labels,
        guards=st.lists(guards, max_size=2),
        effects=effects,
        except_=many,
        outcome=st.none() | texts | many,
        spawn=st.none() | st.builds(Spawn, texts, carry=many),
    )
    return st.builds(
        Definition,
        texts,
        version=texts,
        label=labels,
        description=labels,
        initial=texts,
        calendar=texts,
        outcomes=many,
        fields=st.lists(fields, max_size=2),
        rules=st.dictionaries(texts, st.lists(guards, max_size=2), max_size=2),
        stages=st.lists(stages, max_size=2),
        transitions=st.lists(transitions, max_size=2),
        kpi_targets=st.dictionaries(texts, values, max_size=2),
        plugins=st.dictionaries(texts, st.dictionaries(texts, values, max_size=2), max_size=2),
    )


@pytest.mark.slow
@given(definitions(texts | numbers | moments))
def test_toml_reads_back_equal(definition: Definition) -> None:
    """
    Whatever a definition holds that TOML can hold, it is the same after writing and reading.
    """

    assert PartialDefinition(definition, lines=FrozenDict()) == without_lines(read_definition(dump(definition) + "\n"))


def without_lines(draft: PartialDefinition) -> PartialDefinition:
    """
    Return a draft as if it had been read from data.
    """
    return PartialDefinition(draft.definition, draft.faults, FrozenDict(), draft.dropped, draft.kept)


@pytest.mark.untraced
@given(definitions(texts | numbers))
def test_json_reads_back_equal(definition: Definition) -> None:
    """
    The same holds for JSON, which has no dates of its own.
    """

    assert PartialDefinition(definition, lines=FrozenDict()) == without_lines(read_definition(dump(definition, "json")))


@pytest.mark.traced
@pytest.mark.slow
@given(definitions(texts | numbers | moments))
def test_every_block_has_its_line(definition: Definition) -> None:
    """
    The scan finds the header of each block, whatever stands in texts and lists.
    """
    text = dump(definition)
    lines = toml_lines(text)
    written = text.split("\n")
    expected = {
        f"{block}[{number}]": f"[[{block}]]"
        for block in ("fields", "stages", "transitions")
        for number in range(len(getattr(definition, block)))
    }
    expected |= {f"rules.{name}": f"[rules.{name}]" for name in definition.rules if ids_only.fullmatch(name)}

    assert expected == {path: written[lines[path] - 1] for path in expected}


def replaced(data: Any, path: list[int], by: Any) -> Any:
    """
    Return data with one of its parts, found by counting along *path*, replaced.
    """
    if not path or not data or not isinstance(data, (dict, list)):
        return by
    at = path[0] % len(data)
    if isinstance(data, list):
        return [*data[:at], replaced(data[at], path[1:], by), *data[at + 1 :]]
    return {key: replaced(item, path[1:], by) if at == n else item for n, (key, item) in enumerate(data.items())}


def thawed(value: Any) -> Any:
    """
    Return lists and dictionaries as a JSON reader gives them.
    """
    if isinstance(value, dict):
        return {key: thawed(item) for key, item in value.items()}
    return [thawed(item) for item in value] if isinstance(value, tuple) else value


@given(st.lists(st.integers(0, 99), max_size=8), literals(texts | numbers | st.none()).map(thawed))
def test_nothing_in_a_file_makes_the_reader_raise(path: list[int], junk: Any) -> None:
    """
    Whatever stands in whatever place, there is a draft, and it is without faults only if it reads back.
    """
    draft = read_definition(json.dumps(replaced(json.loads(dump(BUILT, "json")), path, junk)))

    assert draft.faults or draft.definition == read_definition(dump(draft.definition)).definition


def test_a_file_is_read(tmp_path: Path) -> None:
    """
    A path may be a Path or a text, of TOML or JSON, with a byte order mark and Windows line ends or not.
    """
    toml, windows, data, other = (tmp_path / name for name in ("a.toml", "b.toml", "c.json", "d.cycle"))
    toml.write_text(GOOD, "utf-8")
    windows.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    data.write_text(dump(BUILT, "json"), "utf-8")
    other.write_text(GOOD, "utf-8")
    sources = (
        toml,
        str(toml),
        windows,
        data,
        str(data),
        other,
        GOOD,
        DefinitionText(GOOD),
        definition_data(BUILT),
        BUILT,
    )

    assert [(BUILT, ())] * len(sources) == [(d.definition, d.faults) for d in map(read_definition, sources)]


def test_a_definition_has_a_size(tmp_path: Path) -> None:
    """
    What has more than 4 MiB is refused before it is looked at, as a file and as a text.
    """
    large = "#" * LARGEST + "\n"
    path = tmp_path / "large.toml"
    path.write_text(large)

    assert [[("", "file.too_large", None)]] * 3 == [
        brief(read_definition(source)) for source in (path, large, DefinitionText(large))
    ]


def test_the_writing_is_readable() -> None:
    """
    What people wrote by hand comes out as people write it.
    """
    effects = 'effects = [{ use = "notify", to = ["team"] }]'
    stacked = 'effects = [\n  { use = "notify", to = ["team"] },\n]'
    expected = GOOD.replace('source = "start"', 'source = ["start"]').replace(effects, stacked)

    assert expected == dump(BUILT)


@over_cases(
    ("changes", "expected"),
    [
        ([('id = "cycle"', "id = 5")], [("id", "value.type", 2)]),
        ([('id = "cycle"', "")], [("", "key.missing", None)]),
        ([('id = "cycle"', 'idd = "cycle"')], [("idd", "key.unknown", 2)]),
        ([('version = "2"', "version = true")], [("version", "value.type", 3)]),
        ([("schema = 1", "schema = true")], [("schema", "value.type", 1)]),
        ([("schema = 1", 'schema = "1"')], [("schema", "value.type", 1)]),
        ([("schema = 1", "schema = 2")], [("schema", "schema.newer", 1)]),
        ([("label = {", "label = { fr = 'x',")], [("label", "value.type", 4)]),
        ([('{ en = "Cycle", zh = "循环" }', "5")], [("label", "value.type", 4)]),
        ([("probability = 0.1", "probability = true")], [("stages[0].probability", "value.type", 13)]),
        ([("probability = 0.1", 'probability = "kep"')], [("stages[0].probability", "value.choice", 13)]),
        ([("probability = 0.1", "probabilty = 0.1")], [("stages[0].probabilty", "key.unknown", 13)]),
        ([("probability = 0.1", 'verb = "plann"')], [("stages[0].verb", "value.choice", 13)]),
        ([("probability = 0.1", 'seq = "1"')], [("stages[0].seq", "value.type", 13)]),
        ([('type = "money"', "choice_labels = 5")], [("fields[0].choice_labels", "value.type", 8)]),
        ([('type = "money"', "choice_labels = { a = 5 }")], [("fields[0].choice_labels", "value.type", 8)]),
        ([("5bd", "5 weeks")], [("stages[0].deadlines[0].after", "duration.malformed", 15)]),
        ([('"5bd"', "5")], [("stages[0].deadlines[0].after", "duration.malformed", 15)]),
        (
            [('source = "start"', "source = ['a', 5, true]")],
            [("transitions[0].source[1]", "value.type", 24), ("transitions[0].source[2]", "value.type", 24)],
        ),
        ([('source = "start"', "source = 5")], [("transitions[0].source", "value.type", 24)]),
        ([('source = "start"', "")], [("transitions[0]", "key.missing", 22)]),
        ([('outcome = "won"', "outcome = [1]")], [("transitions[0].outcome", "value.type", 26)]),
        ([('outcome = "won"', "spawn = {}")], [("transitions[0].spawn", "key.missing", 26)]),
        ([('outcome = "won"', "spawn = 5")], [("transitions[0].spawn", "value.type", 26)]),
        ([('severity = "warn"', 'severity = "wran"')], [("transitions[0].guards[1].severity", "value.choice", 29)]),
        ([('severity = "warn"', "when = {}")], [("transitions[0].guards[1].when", "predicate.malformed", 29)]),
        ([('severity = "warn"', 'serverity = "warn"')], [("transitions[0].guards[1].serverity", "key.unknown", 29)]),
        ([('severity = "warn"', 'use = "x"')], [("transitions[0].guards[1]", "key.conflict", 29)]),
        ([('use = "fields_present"', 'uze = "x"')], [("transitions[0].guards[0]", "key.missing", 28)]),
        ([('use = "fields_present"', 'use = "any_of"')], [("transitions[0].guards[0].use", "value.choice", 28)]),
        ([('use = "fields_present"', "use = []")], [("transitions[0].guards[0].use", "value.type", 28)]),
        (
            [('{ use = "notify", to = ["team"] }', "{ to = 5 }, 6")],
            [("transitions[0].effects[0]", "key.missing", 34), ("transitions[0].effects[1]", "value.type", 34)],
        ),
        ([('{ use = "notify", to = ["team"] }', "{ use = 5 }")], [("transitions[0].effects[0].use", "value.type", 34)]),
        ([("[[fields]]", "[fields]")], [("fields", "value.type", 6)]),
        ([('type = "money"', 'type = "mony"')], [("fields[0].type", "value.choice", 8)]),
    ],
)
def test_each_fault_has_path_code_and_line(changes: list[tuple[str, str]], expected: list[Any]) -> None:
    """
    What is wrong is told with its place, and nothing else is told because of it.
    """

    assert expected == brief(read(GOOD, *changes))


def test_all_faults_come_at_once() -> None:
    """
    One reading finds the faults of every item.
    """
    draft = read(
        GOOD,
        ('"open"', '"opn"'),
        ("probability = 0.1", "probability = []"),
        ('"money"', "5"),
        ('target = "done"', "target = 1"),
    )

    assert ["fields[0].type", "stages[0].kind", "stages[0].probability", "transitions[0].target"] == [
        fault.path for fault in draft.faults
    ]


@over_cases(
    ("changes", "dropped"),
    [
        ([('"open"', '"opn"')], {"start"}),
        ([('kind = "open"', 'kinnd = "open"')], {"start"}),
        ([('id = "start"', "id = 5")], {""}),
        ([('type = "money"', "type = 5")], {"amount"}),
        ([('target = "done"', "target = 5")], {"go"}),
        ([('outcome = "won"', "spawn = { lifecycle = 5 }")], {"transitions[0].spawn", "go"}),
        ([("[[fields]]", "[[stages]]"), ('type = "money"', "probability = 5")], set()),
        ([('"fields_present"', "5")], {"transitions[0].guards[0]"}),
        ([('{ use = "actor_has_role", roles = ["ceo"] }', "5")], {"transitions[0].guards[1].any_of[0]"}),
        (
            [('{ use = "actor_has_role", roles = ["ceo"] }', "5"), ('use = "field_compare"', "use = 5")],
            {"transitions[0].guards[1].any_of[0]", "transitions[0].guards[1].any_of[1]", "transitions[0].guards[1]"},
        ),
        ([("5bd", "5")], {"stages[0].deadlines[0]"}),
    ],
)
def test_what_was_left_out_is_named(changes: list[tuple[str, str]], dropped: set[str]) -> None:
    """
    As little as possible is left out, and later checks can tell what.
    """

    assert dropped == read(GOOD, *changes).dropped


def test_a_first_stage_that_is_lost_stays_the_initial_one() -> None:
    """
    The second stage does not become the initial one because the first has a typo.
    """

    assert "start" == read(GOOD, ('"open"', '"opn"')).definition.initial


@over_cases("stages", ["5", "[]", "[5]"])
def test_without_a_readable_stage_there_is_no_initial_one(stages: str) -> None:
    """
    There is a definition all the same, so that the rest of it is looked at.
    """

    assert Definition("x", initial="") == read_definition(f'id = "x"\nstages = {stages}').definition


def test_a_misspelt_key_is_kept_out_and_suggested() -> None:
    """
    An unknown key is told with the one that was meant, which is then not missing as well.
    """
    draft = read(GOOD, ('source = "start"', 'sorce = "start"'))

    assert [
        Fault(
            "transitions[0].sorce",
            "key.unknown",
            "unknown key 'sorce'",
            "Also possible here: source, kind, trigger, label, except, spawn, precondition. Did you mean 'source'?",
            24,
        )
    ] == list(draft.faults)


def test_positions_of_what_is_left_lead_back_to_the_source() -> None:
    """
    A fault found in the definition is told at the place in the file that it came from.
    """
    draft = read(GOOD, ('"open"', '"opn"'), ('"fields_present"', "5"))
    stage = draft.locate(Fault("stages[0].kind", "x", "y"))
    guard = draft.locate(Fault("transitions[0].guards[0].any_of[1].op", "x", "y"))
    whole = draft.locate(Fault("", "x", "y", line=7))

    assert [("stages[1].kind", 20), ("transitions[0].guards[1].any_of[1].op", 29), ("", 7)] == [
        (fault.path, fault.line) for fault in (stage, guard, whole)
    ]


def test_blocks_below_a_block_have_lines_too() -> None:
    """
    Guards may be written as blocks of their own; headers in texts and comments do not count.
    """
    text = """
id = "x" # [[stages]]
description = '''
[[stages]]
'''
"quoted" = [["[[stages]]", [ # ]
]]]
[[transitions]]
id = "a"
[[transitions]]
id = "b"
[[transitions.guards]]
use = "one"
[[ transitions . "guards" ]]
use = 5
[transitions.spawn]
lifecycle = 5
[kpi_targets.deep]
x = 1
"""

    assert [
        ("transitions[1].guards[1].use", 15),
        ("transitions[1].spawn.lifecycle", 17),
    ] == [(path, line) for path, _, line in brief(read_definition(text)) if path.count(".") == 2 or "spawn" in path]


@over_cases(
    ("text", "line"),
    [
        ('id = "x"\nversion = = 1\n', 2),
        ('id = "x"\nlabel = """\n', 2),
        ('{\n"id": "x",\n}', 3),
        ("{" + '"a": {' * 100 + "}" * 101, None),
        ('{"id": "x", "id": "y"}', None),
        ('{"a":' * 100_000, None),
        (f"id = {'[' * 20_000}\n", None),
        (f"x = {'[' * 70}{']' * 70}\n", None),
    ],
)
def test_a_text_that_does_not_parse_is_one_fault(text: str, line: int | None) -> None:
    """
    The parser's own message and line are told, and the draft is empty.
    """
    draft = read_definition(text)

    assert (Definition("", initial=""), [("", "file.malformed", line)]) == (draft.definition, brief(draft))


def test_a_file_that_is_no_definition_is_one_fault(tmp_path: Path) -> None:
    """
    Files that are absent, not UTF-8, not an object, or not files at all, say so.
    """
    latin, listing = tmp_path / "latin.toml", tmp_path / "list.json"
    latin.write_bytes(b'id = "\xff"')
    listing.write_text("[]")
    pipe, other = tmp_path / "pipe.toml", tmp_path / "secret"
    os.mkfifo(pipe)
    other.write_text("password = 5")
    sources = (
        tmp_path / "none.toml",
        f"{tmp_path}/none.json",
        tmp_path,
        "\0.toml",
        latin,
        listing,
        str(pipe),
        "nothing",
        str(other),
        "x" * 9999,
        5,
        DefinitionText("id"),
        DefinitionText(str(latin)),
    )

    assert [
        "file.unreadable",
        "file.unreadable",
        "file.unreadable",
        "file.unreadable",
        "file.malformed",
        "file.malformed",
        "file.unreadable",
        "source.unknown",
        "source.unknown",
        "source.unknown",
        "source.unknown",
        "file.malformed",
        "file.malformed",
    ] == [read_definition(source).faults[0].code for source in sources]


def test_null_is_the_same_as_absent_and_nowhere_inside_a_value() -> None:
    """
    JSON may say null for a parameter; within a literal it is a fault, as TOML could not say it.
    """
    guards = [
        {"use": "g", "a": None},
        {"use": "g", "a": [None]},
        {"use": "g", "when": {"amount": None}},
        {"use": "g", "when": None},
    ]
    draft = read_definition({"id": "x", "transitions": [{"id": "t", "source": [], "guards": guards}]})

    assert (
        [
            ("transitions[0].guards[1].params", "value.type", None),
            ("transitions[0].guards[2].when", "value.type", None),
        ],
        (GuardUse("g"), GuardUse("g")),
    ) == (brief(draft), draft.definition.transitions[0].guards)


def test_names_that_are_no_text_are_faults() -> None:
    """
    A mapping built in Python may hold what no file can.
    """
    data = {
        "id": "x",
        5: 6,
        "kpi_targets": {1: 2},
        "transitions": [{"id": "t", "source": [], "guards": [{"use": "g", 1: 2}]}],
    }

    assert ["transitions[0].guards[0].params", "5", "kpi_targets"] == [
        fault.path for fault in read_definition(data).faults
    ]


def test_literals_of_python_are_written_as_text() -> None:
    """
    Money, decimals, durations and members of enums get the form that the field or parameter reads again.
    """
    params = {
        "a": Money("1.50", "CNY"),
        "b": Decimal("0.1"),
        "c": Duration(5, "bd"),
        "d": Size.BIG,
        "e": None,
        "f": [True],
    }
    definition = Definition("x", initial="", transitions=[Transition("t", "s", guards=[GuardUse("g", params)])])

    assert FrozenDict(a="1.50 CNY", b=0.1, c="5bd", d=3, f=(True,)) == (
        read_definition(dump(definition)).definition.transitions[0].guards[0].params
    )


def test_dates_are_iso_text_in_json() -> None:
    """
    JSON has no dates; the field or parameter reads the text again.
    """
    values = {"day": date(2026, 1, 2), "at": datetime(2026, 1, 2, 3, tzinfo=UTC), "hour": time(3)}

    assert {"day": "2026-01-02", "at": "2026-01-02T03:00:00+00:00", "hour": "03:00:00"} == (
        json.loads(dump(Definition("x", initial="", kpi_targets=values), "json"))["kpi_targets"]
    )


@over_cases(
    ("use", "format", "match"),
    [
        (GuardUse("g", {"id": 1}), "toml", "parameter of guard 'g'"),
        (GuardUse("any_of", {"x": 1}), "toml", "takes no parameters"),
        (GuardUse("g", guards=(GuardUse("h"),)), "toml", "Only all_of"),
        (GuardUse("g", {"x": object()}), "toml", "literal of a definition"),
        (GuardUse("g", {"x": (None,)}), "toml", "literal of a definition"),
        (GuardUse("g", {"x": float("nan")}), "toml", "literal of a definition"),
        (GuardUse("g", {"x": {1: 2}}), "toml", "key in a definition"),
        (GuardUse("g", {"x": "\ud800"}), "toml", "Half a character"),
        (GuardUse("g", {"x": "\ud800"}), "json", "Half a character"),
        (GuardUse("g", {"x": float("inf")}), "json", "write TOML"),
        (GuardUse("g", when=Compare("not", "eq", 1)), "toml", "rename the field"),
    ],
)
def test_what_no_file_can_hold_is_refused(use: GuardUse, format: Any, match: str) -> None:  # noqa: A002 -- as in dump
    """
    Nothing is written that would not read back.
    """
    definition = Definition("x", initial="", transitions=[Transition("t", "s", guards=[use])])
    with pytest.raises(InputError, match=match) as caught:
        dump(definition, format)

    assert caught.value.hint


def test_a_report_tells_everything_in_order() -> None:
    """
    Faults come by line, then by path with numbers as numbers; warnings follow.
    """
    report = Report(
        [
            Fault("transitions[10].kind", "b", "second"),
            Fault(
                "transitions[3].guards[0].roles",
                "guard.unknown_parameter",
                "unknown parameter 'rolls'",
                "It takes: roles.",
                41,
            ),
            Fault("transitions[2].kind", "a", "first"),
            Fault("", "id.missing", "no id", "Add id = ….", 7),
        ],
        [Fault("stages[0]", "label.missing", "no Chinese label", severity="warning")],
        source="definition 'cycle'",
    )
    expected = """\
definition 'cycle': 4 faults, 1 warning:
  - transitions[2].kind: first [a].
  - transitions[10].kind: second [b].
  - definition (line 7): no id [id.missing]. Add id = ….
  - transitions[3].guards[0].roles (line 41): unknown parameter 'rolls' [guard.unknown_parameter]. It takes: roles.
  - warning: stages[0]: no Chinese label [label.missing]."""

    assert (expected, False) == (str(report), report.ok)


def test_an_empty_report_is_fine() -> None:
    """
    Without faults a definition can be built.
    """

    assert ("definition: no faults, no warnings.", True) == (str(Report()), Report().ok)
