"""
The JSON Schema of definitions accepts exactly what the reader takes for well-formed.
"""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import example, given, strategies as st

from salesflow import Definition, Field, Stage, Transition
from salesflow._definition.json_schema import definition_schema
from salesflow._definition.reader import read_definition
from salesflow._definition.shape import RESERVED
from salesflow._definition.writer import definition_data
from salesflow.typing import Deadline, EffectUse, GuardUse, Spawn

from ...cases import over_cases
from .test_reader import BUILT, GOOD, definitions, moments, numbers, texts


ROOT = Path(__file__).parents[3]
FILES = [*sorted((ROOT / "src/salesflow/templates").glob("*.toml")), *sorted(ROOT.glob("examples/*/lifecycle.toml"))]

SCHEMA = definition_schema()
EXPLAINING = {"$schema", "$defs", "title", "description", "default"}
TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def is_type(value: Any, name: str, _schema: Any) -> bool:
    return TYPES[name](value)


def named_ones(value: Any, properties: dict[str, Any], _schema: Any) -> bool:
    return not isinstance(value, dict) or all(
        conforms(value[key], properties[key]) for key in value if key in properties
    )


def other_ones(value: Any, other: Any, schema: Any) -> bool:
    others = (
        [] if not isinstance(value, dict) else [value[key] for key in value if key not in schema.get("properties", ())]
    )
    return not others if other is False else all(conforms(one, other) for one in others)


# The keywords that the schema uses, and no more; what a keyword does not speak of, it accepts.
KEYWORDS: dict[str, Callable[[Any, Any, Any], bool]] = {
    "$ref": lambda value, name, _: conforms(value, SCHEMA["$defs"][name.removeprefix("#/$defs/")]),
    "type": is_type,
    "enum": lambda value, words, _: any(value == word and type(value) is type(word) for word in words),
    "pattern": lambda value, pattern, _: not isinstance(value, str) or re.search(pattern, value) is not None,
    "required": lambda value, keys, _: not isinstance(value, dict) or all(key in value for key in keys),
    "properties": named_ones,
    "additionalProperties": other_ones,
    "minProperties": lambda value, least, _: not isinstance(value, dict) or len(value) >= least,
    "items": lambda value, item, _: not isinstance(value, list) or all(conforms(one, item) for one in value),
    "minimum": lambda value, least, _: not TYPES["number"](value) or value >= least,
    "minItems": lambda value, least, _: not isinstance(value, list) or len(value) >= least,
    "anyOf": lambda value, parts, _: any(conforms(value, part) for part in parts),
    "allOf": lambda value, parts, _: all(conforms(value, part) for part in parts),
    "not": lambda value, part, _: not conforms(value, part),
}


def conforms(value: Any, schema: dict[str, Any] = SCHEMA) -> bool:
    """
    Tell whether a value is what a schema describes.
    """
    return all(KEYWORDS[word](value, schema[word], schema) for word in schema if word not in EXPLAINING)


def places(data: Any) -> Iterator[tuple[Any, Any]]:
    """
    Yield every place in the data: the table or list, and the key or position in it.
    """
    if isinstance(data, (dict, list)):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield data, key
            yield from places(value)


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """
    Generate definitions as data, with one thing in them changed, removed or added; some stay in order.
    """
    data = copy.deepcopy(definition_data(draw(definitions(texts | numbers) | st.just(BUILT))))
    holder, key = draw(st.sampled_from(list(places(data))))
    words = ["use", "id", "any_of", "when", "severity", "override", "set", "in", "all", "not", "zh", "spawn", "x"]
    if isinstance(holder, dict) and draw(st.booleans()):
        key = draw(st.sampled_from(words))
    values = [None, True, 5, 0.5, "any_of", "warn", "5bd", "5 weeks", [], ["a"], [5], [None], {}, {"a": None}]
    values += [
        {"en": "x"},
        {"fr": "x"},
        {"amount": {"gt": 5}},
        {"all": []},
        {"x": {"set": 5}},
        {"use": "x"},
        [{"x": 1}],
    ]
    values += [[{"use": "x", "id": None, "y": None}], {"id": "x"}, [{"id": "x", "source": "y", "spawn": None}]]
    if draw(st.booleans()):
        holder[key] = copy.deepcopy(draw(st.sampled_from(values)))
    else:
        holder.pop(key if isinstance(holder, list) or key in holder else next(iter(holder)))
    return data


@over_cases("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_of_the_project_conform(path: Path) -> None:
    """
    The built-in lifecycles and the examples are what the schema describes.
    """

    assert conforms(tomllib.loads(path.read_text("utf-8")))


@pytest.mark.untraced
@pytest.mark.long
@given(definitions(texts | numbers | moments))
def test_whatever_is_written_conforms(definition: Definition) -> None:
    """
    Every definition that can be written is one by the schema.
    """

    assert conforms(definition_data(definition))


@pytest.mark.slow
@given(spoilt())
@example({"id": "x", "transitions": [{"id": "t", "source": "s", "spawn": None}]})
@example({"id": "x", "schema": 2})
@example({"id": "x", "schema": True})
def test_it_accepts_what_the_reader_accepts(data: dict[str, Any]) -> None:
    """
    A file conforms if and only if the reader finds nothing misshapen in it.
    """
    shown = json.dumps(data)

    assert (not read_definition(json.loads(shown)).faults) == conforms(data), shown


@over_cases(
    "change",
    [
        ('id = "cycle"', ""),
        ('version = "2"', "version = 2"),
        ("probability = 0.1", "probabilty = 0.1"),
        ("5bd", "5 weeks"),
        ('source = "start"', "source = [1]"),
        ('outcome = "won"', "spawn = {}"),
        ('severity = "warn"', 'severity = "wran"'),
        ('severity = "warn"', "roles = []"),
        ('severity = "warn"', 'use = "x"'),
        ('severity = "warn"', "when = { amount = { above = 5 } }"),
        ('use = "fields_present"', 'use = "any_of"'),
        ('{ use = "notify", to = ["team"] }', '{ to = ["team"] }'),
    ],
)
def test_usual_mistakes_are_seen(change: tuple[str, str]) -> None:
    """
    What an editor should underline does not conform.
    """
    data = tomllib.loads(GOOD.replace(*change))

    assert (True, False) == (conforms(tomllib.loads(GOOD)), conforms(data))


@over_cases("kind", [Deadline, Definition, Field, Spawn, Stage, Transition])
def test_every_attribute_is_a_key(kind: type[attrs.AttrsInstance]) -> None:
    """
    A class has its attributes as keys, and only those.
    """
    found = SCHEMA if kind is Definition else SCHEMA["$defs"][kind.__name__.lower()]
    extra = {"schema"} if kind is Definition else set()

    assert {*extra, *(one.name.rstrip("_") for one in attrs.fields(kind))} == set(found["properties"])


def test_uses_are_flat() -> None:
    """
    Guards have the reserved keys, effects their name and condition, and parameters stand beside them.
    """
    guard, effect = SCHEMA["$defs"]["guard"], SCHEMA["$defs"]["effect"]

    assert [set(RESERVED), {"use", "when"}] == [set(guard["properties"]), set(effect["properties"])]
    assert {"use", "params", "when"} == {one.name for one in attrs.fields(EffectUse)}
    assert {"use", "id", "when", "severity", "override"} | {"params", "guards"} == {
        one.name for one in attrs.fields(GuardUse)
    }


def test_keys_are_explained() -> None:
    """
    What the docstring of a class says about an attribute is there for the editor, without its markup.
    """
    expected = {
        "enum": ["block", "warn", "shadow"],
        "default": "block",
        "description": "block, warn or shadow.",
    }

    assert expected == SCHEMA["$defs"]["guard"]["properties"]["severity"]


def test_older_drafts_understand_it() -> None:
    """
    Beside a reference stand explanations only, and a reference leads somewhere.
    """
    tables = [holder for holder, key in places(SCHEMA) if key == "$ref"]
    names = {table["$ref"].removeprefix("#/$defs/") for table in tables}

    assert [] == [table for table in tables if set(table) - EXPLAINING != {"$ref"}]
    assert set(SCHEMA["$defs"]) == names
