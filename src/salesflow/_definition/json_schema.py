"""
Describes the files of definitions as a JSON Schema, for editors and other programs.

The nouns are read from their classes, so that a new attribute is there by itself; what a file
writes flatter than the classes hold it (uses, predicates, labels, durations) is spelled out here.
The schema accepts what the reader takes for well-formed; whether a definition makes sense as a
whole, only :func:`salesflow.check_definition` can tell.

Some editors know only old drafts. So a ``$ref`` has no neighbours but explanations, and there
is neither ``const`` nor ``true`` or ``false`` in place of a schema.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from datetime import date
from types import UnionType
from typing import Any, Final, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

import attrs

from .._model.definition import (
    RULES,
    Definition,
    FieldLock,
    GuardUse,
    Outcome,
    Spawn,
)
from .._model.predicate import OPS, Compare, Junction
from .._model.uses import AdviceUse, EffectUse
from .._model.values import Duration, Label
from .reader import RuleShape
from .shape import ADVICE_OPTIONS, AT_LEAST, COMBINATORS, EFFECT_OPTIONS, NOUNS, RESERVED, SCHEMA


_Schema: TypeAlias = dict[str, Any]

_SHORT: Final = {"early_warning": "warning", "override_rule": "override", "signal_rule": "signal"}
"""Names of classes that a schema has no need of in full."""


def _name(kind: type[Any]) -> str:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    return _SHORT.get(name, name)


_NAMES: Final[Mapping[Any, str]] = {
    **{kind: _name(kind) for kind in (*NOUNS, Duration, Label, Outcome)},
    AdviceUse: "advice",
    Compare: "predicate",
    EffectUse: "effect",
    GuardUse: "guard",
    Junction: "predicate",
    RuleShape: "rule",
    Any: "value",
}
_TYPES: Final = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
_TEXT: Final = {"type": "string"}
_DAY: Final = {**_TEXT, "format": "date"}
_ARGUMENT: Final = re.compile(r"^    (\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list(item: _Schema) -> _Schema:
    return {"type": "array", "items": item}


# A null may stand for an absent value, but never inside another value.
_VALUE: Final = {"items": _ref("literal"), "additionalProperties": _ref("literal")}
_TABLE: Final = {"type": "object", "additionalProperties": _ref("value")}


def definition_schema() -> dict[str, Any]:
    """
    Return the JSON Schema (draft 2020-12) of a definition as TOML or JSON writes it.

    >>> definition_schema()["required"]
    ['id']
    """
    whole = _noun(Definition)
    format_number = {"enum": list(range(1, SCHEMA + 1)), "description": "Version of the format of the file."}
    units = "|".join(get_args(get_type_hints(Duration)["unit"]))
    length = f"^[0-9]{{1,6}}(\\.[0-9]{{1,4}})?({units})$"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "salesflow definition",
        **whole,
        "properties": {"schema": format_number, **whole["properties"]},
        "$defs": {
            **{_NAMES[kind]: _noun(kind) for kind in (*NOUNS, RuleShape)},
            "advice": _use(AdviceUse, *ADVICE_OPTIONS),
            "duration": {**_TEXT, "pattern": length, "description": _told(Duration)[0]},
            "effect": _use(EffectUse, *EFFECT_OPTIONS),
            "guard": _guard(),
            "label": {"anyOf": [_TEXT, _noun(Label)]},
            "outcome": {"anyOf": [_TEXT, _noun(Outcome)]},
            "literal": {**_VALUE, "not": {"type": "null"}},
            "predicate": _predicate(),
            "comparison": _comparison(),
            "value": _VALUE,
        },
    }


def _noun(kind: type[attrs.AttrsInstance]) -> _Schema:
    """
    Describe a class whose keys in a file are its attributes.
    """
    needed = [one.name.rstrip("_") for one in attrs.fields(kind) if one.default is attrs.NOTHING]
    return {
        "description": _told(kind)[0],
        "type": "object",
        **({"required": needed} if needed else {}),
        "properties": _properties(kind),
        "additionalProperties": False,
    }


def _properties(kind: type[attrs.AttrsInstance]) -> dict[str, _Schema]:
    hints, (_, arguments) = get_type_hints(kind), _told(kind)
    found: dict[str, _Schema] = {}
    for one in attrs.fields(kind):
        found[one.name.rstrip("_")] = schema = dict(_shape(hints[one.name]))
        default: Any = one.default
        if isinstance(default, (str, bool)):
            schema["default"] = default
        if one.name in arguments:
            schema["description"] = arguments[one.name]
    return found


def _told(kind: type[Any]) -> tuple[str, dict[str, str]]:
    """
    Return what the docstring of a class says about it, and about its arguments.
    """
    plain = (inspect.getdoc(kind) or "").replace("``", "").replace("*", "")
    arguments = {name: " ".join(said.split()) for name, said in _ARGUMENT.findall(plain)}
    return " ".join(plain.partition("\n\n")[0].split()), arguments


def _shape(hint: Any) -> _Schema:
    """
    Describe what the type of an attribute looks like in a file.
    """
    origin, args = get_origin(hint), get_args(hint)
    if hint in _NAMES:
        return _ref(_NAMES[hint])
    if hint is date:
        return _DAY
    if origin is Literal:
        return {"enum": list(args)}
    if origin is tuple:
        many = _list(_shape(args[0]))
        # A single text needs no brackets.
        return {"anyOf": [_TEXT, many]} if args[0] in (str, Duration, Outcome) else many
    if origin in (Union, UnionType):
        # A spawn is left out, not null.
        left_out = next((each for each in (Spawn, FieldLock) if each in args), None)
        return _shape(left_out) if left_out is not None else _any_of([_shape(arg) for arg in args])
    if origin is Mapping:
        inner = _ref("rule") if GuardUse in get_args(args[1]) else _shape(args[1])
        return {"type": "object", "additionalProperties": inner}
    return {"type": _TYPES[hint]}


def _any_of(parts: list[_Schema]) -> _Schema:
    flat = [inner for part in parts for inner in part.get("anyOf", [part])]
    return {"anyOf": [part for number, part in enumerate(flat) if part not in flat[:number]]}


def _use(kind: type[attrs.AttrsInstance], *names: str) -> _Schema:
    """
    Describe the use of an effect, a scorer or a risk check: a name with free parameters and a few options.
    """
    own = _properties(kind)
    options = {key: own[key] for key in ("use", *names)}
    return {**_TABLE, "required": ["use"], "properties": options, "description": _told(kind)[0]}


def _guard() -> _Schema:
    """
    Describe a guard: a name with free parameters, or one of the words that join guards, or the name of a rule.
    """
    summary, arguments = _told(GuardUse)
    own = _properties(GuardUse)
    options = {key: own[key] for key in RESERVED if key in own and key != "use"}
    joins = {**_list(_ref("guard")), "description": arguments["guards"]}
    words = (*COMBINATORS, RULES)
    plain = [word for word in words if word != AT_LEAST]
    absent: _Schema = {word: {"not": {}} for word in words}
    known: _Schema = {key: {} for key in options}
    count: _Schema = {"type": "integer", "minimum": 1, "description": "how many of at_least have to pass"}
    return {
        **_TABLE,
        "description": summary,
        "properties": {
            "use": {**_TEXT, "not": {"enum": list(words)}, "description": arguments["use"]},
            **options,
            **dict.fromkeys(COMBINATORS, joins),
            RULES: {**_TEXT, "description": "the name of a rule, whose guards stand here"},
        },
        "anyOf": [
            {"required": ["use"], "properties": absent},
            *({"required": [word], "properties": {word: {}, **known}, "additionalProperties": False} for word in plain),
            {
                "required": [AT_LEAST, "count"],
                "properties": {AT_LEAST: {}, "count": count, **known},
                "additionalProperties": False,
            },
        ],
    }


def _predicate() -> _Schema:
    some = {**_list(_ref("predicate")), "minItems": 1}
    scalar = {"allOf": [_ref("literal"), {"not": {"type": "object"}}]}
    return {
        "description": "A condition: field = literal, field = { operator = literal }, or all, any, not of conditions.",
        "type": "object",
        "minProperties": 1,
        "properties": {"all": some, "any": some, "not": _ref("predicate")},
        "additionalProperties": {"anyOf": [scalar, _ref("comparison")]},
    }


def _comparison() -> _Schema:
    operands = {op: _list(_ref("literal")) if op in ("in", "not_in") else _ref("literal") for op in OPS}
    return {
        "description": "Comparisons of one field, all of which must hold.",
        "type": "object",
        "minProperties": 1,
        "properties": {**operands, "set": {"type": "boolean"}},
        "additionalProperties": False,
    }
