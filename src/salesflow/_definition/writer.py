"""
Writes a definition as TOML or JSON. What it writes reads back as the same definition.

Defaults are left out. Literals that a file does not have are written in the form that the field,
or the parameter, they are for reads back: money as ``"100 CNY"``, durations as their text, a member
of an enum as its value. Dates and times are native in TOML and ISO text in JSON. A parameter that is
``None`` is left out, which means the same.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final, Literal, cast

import attrs

from .._model.definition import (
    RULES,
    Definition,
    GuardUse,
    Outcome,
)
from .._model.predicate import Compare, Junction, Predicate, fields_of, to_data
from .._model.uses import AdviceUse, EffectUse
from .._model.values import Label
from .._model.written import written
from ..errors import InputError, say
from .shape import ADVICE_OPTIONS, AT_LEAST, COMBINATORS, EFFECT_OPTIONS, NOUNS, RESERVED, SCHEMA, is_list, is_table


_BARE: Final = re.compile(r"[A-Za-z0-9_-]+\Z")
_UNSAFE: Final = re.compile(r'["\\\x00-\x1f\x7f]')
_SHORT: Final = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_BLOCKS: Final = ("fields", "stages", "transitions", "invariants", "cadences", "scores", "risks", "warnings", "signals")
_STACKED: Final = ("guards", "effects", "deadlines", "tasks", "on_missed", *COMBINATORS)  # one item a line
_WIDTH: Final = 100


def dump(definition: Definition, format: Literal["toml", "json"] = "toml") -> str:  # noqa: A002 -- the word of the domain
    """
    Return a definition as the text of a file.

    Reading it back gives an equal definition: literals are equal when their written forms are, and
    each is typed again by its field or parameter.

    Raises:
        InputError: for a literal that no file can hold, or a parameter whose name is reserved.
    """
    data = definition_data(definition)
    if format == "json":
        text = json.dumps(_map(data, _json_leaf), ensure_ascii=False, indent=2) + "\n"
    else:
        text = "".join(_toml(data))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError("text in a definition", error.object[error.start], say("input.surrogate")) from None
    return text


def definition_data(definition: Definition) -> dict[str, Any]:
    """
    Return a definition as the data of a file: what a reader of TOML or JSON would give.
    """
    data = {"schema": SCHEMA, **_noun(definition, skip=(RULES,))}
    if definition.rules:
        data[RULES] = {name: {"guards": _part(uses)} for name, uses in definition.rules.items()}
    return data


def _noun(noun: attrs.AttrsInstance, *, skip: tuple[str, ...] = ()) -> dict[str, Any]:
    """
    Return the attributes of a noun that differ from their defaults.
    """
    data: dict[str, Any] = {}
    for attribute in attrs.fields(noun.__class__):
        if attribute.name in skip:
            continue
        value = getattr(noun, attribute.name)
        default: Any = attribute.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # attrs types Factory as a function; it is a class
            default = default.factory(noun)
        if default is attrs.NOTHING or value != default:
            data[attribute.name.rstrip("_")] = _part(value)
    return data


def _part(value: Any) -> Any:
    if isinstance(value, GuardUse):
        return _guard(value)
    if isinstance(value, (AdviceUse, EffectUse)):
        data = _noun(value, skip=("params",))
        what, options = ("effect ", EFFECT_OPTIONS) if isinstance(value, EffectUse) else ("", ADVICE_OPTIONS)
        params = _params(value.params, ("use", *options), f"{what}{value.use!r}")
        return {"use": data.pop("use"), **params, **data}
    if isinstance(value, Label):
        return _label(value)
    if isinstance(value, Outcome):
        data = _noun(value)
        return data if len(data) > 1 else value.id
    if isinstance(value, (Compare, Junction)):
        return _predicate(value)
    if isinstance(value, NOUNS):
        return _noun(value)
    items: Any = value
    if is_table(items):
        return {written(key): _part(item) for key, item in items.items()}
    return [_part(item) for item in items] if is_list(items) else _literal(items)


def _predicate(predicate: Predicate) -> Any:
    for field in fields_of(predicate):
        if field in ("all", "any", "not"):
            raise InputError("field in a predicate", field, say("input.predicate_word"))
    return _literal(to_data(predicate))


def _label(label: Label) -> Any:
    return {"en": label.en, "zh": label.zh} if label.zh else label.en


def _guard(use: GuardUse) -> dict[str, Any]:
    data = _noun(use, skip=("params", "guards"))
    rule = use.params.get("name")
    if use.use == RULES and isinstance(rule, str) and len(use.params) == 1 and not use.guards:
        return {data.pop("use"): rule, **data}
    params = _params(use.params, RESERVED, f"guard {use.use!r}")
    if use.use == RULES:
        raise InputError("use of a rule", use, say("input.rule_use"))
    if use.use not in COMBINATORS:
        if use.guards:
            raise InputError(say("what.guard", name=use.use), use.guards, say("input.joiners"))
        return {"use": data.pop("use"), **params, **data}
    if params.keys() - ({"count"} if use.use == AT_LEAST else set()):
        raise InputError(say("what.guard", name=use.use), dict(params), say("input.joins"))
    return {data.pop("use"): [_guard(inner) for inner in use.guards], **params, **data}


def _params(params: Mapping[str, Any], reserved: tuple[str, ...], what: str) -> dict[str, Any]:
    for name in params:
        if name in reserved:
            raise InputError(say("what.parameter", what=what), name, say("input.reserved"))
    return {name: _literal(value) for name, value in params.items() if value is not None}


def _literal(value: Any) -> Any:
    if is_table(value):
        return {written(key): _literal(item) for key, item in value.items()}
    if is_list(value):
        return [_literal(item) for item in value]
    plain = written(value)
    if isinstance(plain, tuple):  # a set
        return [_literal(item) for item in cast("tuple[object, ...]", plain)]
    if isinstance(plain, (str, int, float)) and plain == plain:  # noqa: PLR0124 -- what is no number equals nothing
        # TOML has dates and times of its own, but no time of day in a zone.
        native = isinstance(value, date) or (isinstance(value, time) and value.tzinfo is None)
        return value if native else plain
    raise InputError("literal of a definition", value, say("input.literal"))


def _map(data: Any, leaf: Callable[[Any], Any]) -> Any:
    if is_table(data):
        return {key: _map(item, leaf) for key, item in data.items()}
    return [_map(item, leaf) for item in data] if is_list(data) else leaf(data)


def _json_leaf(value: Any) -> Any:
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError("literal of a definition", value, say("input.json_number"))
    return value


def _toml(data: Mapping[str, Any]) -> Iterator[str]:
    for key, value in data.items():
        if key not in (*_BLOCKS, RULES, "plugins"):
            yield _statement(key, value)
    for name, rule in data.get(RULES, {}).items():
        yield f"\n[rules.{_key(name)}]\n{_statement('guards', rule['guards'])}"
    for block in _BLOCKS:
        for item in data.get(block, ()):
            yield f"\n[[{block}]]\n"
            # What takes several lines comes last, so that the short keys stand together.
            for key, value in sorted(item.items(), key=lambda pair: pair[0] in _STACKED):
                yield _statement(key, value)
    for name, settings in data.get("plugins", {}).items():
        yield f"\n[plugins.{_key(name)}]\n"
        yield from (_statement(key, value) for key, value in settings.items())


def _statement(key: str, value: Any) -> str:
    return f"{_key(key)} = {_stacked(value, '') if _stacks(key, value) else _inline(value)}\n"


def _stacks(key: str, value: Any) -> bool:
    return key in _STACKED and is_list(value) and all(map(is_table, value))


def _stacked(items: list[Any], indent: str) -> str:
    """
    Return a list with one item a line; a combinator is stacked again where it grows too wide.
    """
    lines = "".join(f"{indent}  {_use(item, indent + '  ')},\n" for item in items)
    return f"[\n{lines}{indent}]" if items else "[]"


def _use(item: Any, indent: str) -> str:
    inline = _inline(item)
    if len(indent) + len(inline) <= _WIDTH:
        return inline
    # Line breaks are allowed inside a list, not between the keys of an inline table.
    parts = [
        f"{_key(key)} = {_stacked(value, indent) if _stacks(key, value) else _inline(value)}"
        for key, value in item.items()
    ]
    return f"{{ {', '.join(parts)} }}"


def _inline(value: Any) -> str:
    if is_table(value):
        inside = ", ".join(f"{_key(key)} = {_inline(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if is_list(value):
        return f"[{', '.join(map(_inline, value))}]"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _datetime(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    return int.__repr__(value) if isinstance(value, int) else float.__repr__(value)


def _datetime(value: datetime) -> str:
    offset = value.utcoffset()
    if offset is not None and (offset.seconds % 60 or offset.microseconds):
        value = value.astimezone(UTC)  # TOML writes offsets to the minute
    return value.isoformat()


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise InputError("key in a definition", key, say("input.text_key", key=key))
    return key if _BARE.match(key) else _quoted(key)


def _quoted(text: str) -> str:
    return f'"{_UNSAFE.sub(lambda found: _SHORT.get(found[0]) or f"{chr(92)}u{ord(found[0]):04x}", text)}"'
