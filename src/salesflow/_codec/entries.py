"""
Entries of the dossier to and from JSON: attributes by name, defaults left out.

The classes need no code of their own: how each is written and read is worked out once
from its attributes and their type hints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any, Final, get_args, get_type_hints

import attrs

from .._model.facts import Entry
from .._model.frozen import FrozenDict
from .._model.values import Duration, Label, Money
from ..errors import InputError, SchemaMismatchError, did_you_mean
from .values import decode_value, encode_value, tagged


_VALUES: Final = (Money, Label, Duration)  # attrs classes that have a tag of their own


@attrs.frozen
class _Part:
    name: str
    alias: str
    default: Any
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def is_part(kind: type) -> bool:
    """
    Tell whether values of this class are written attribute by attribute.
    """
    return attrs.has(kind) and kind not in _VALUES


@cache
def parts_of(kind: Any) -> tuple[_Part, ...]:
    """
    Return how each attribute of a class is written and read.

    Raises:
        TypeError: if an attribute can hold several attrs classes, which no reader could tell apart.
    """
    hints = get_type_hints(kind)
    return tuple(_part(kind, attribute, hints[attribute.name]) for attribute in attrs.fields(kind) if attribute.init)


def _part(kind: type, attribute: attrs.Attribute[Any], hint: Any) -> _Part:
    inner = set(_classes(hint))
    if len(inner) > 1:
        names = ", ".join(sorted(found.__name__ for found in inner))
        msg = f"{kind.__name__}.{attribute.name} may hold {names}. Give each class an attribute of its own."
        raise TypeError(msg)
    read, write = (partial(_read_nested, inner.pop()), _write_nested) if inner else (decode_value, encode_value)
    return _Part(attribute.name, attribute.alias or attribute.name, attribute.default, write, read)


def _classes(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and is_part(hint):
        yield hint
    for part in get_args(hint):
        yield from _classes(part)


def _is_default(value: Any, default: Any) -> bool:
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # attrs types Factory as a function; it is a class
        return not default.takes_self and bool(value == default.factory())
    return bool(value == default)


def encode_entry(entry: Any) -> dict[str, Any]:
    """
    Return the attributes of an entry that differ from their defaults.

    Raises:
        InvalidValueError: for a value that cannot be stored.
    """
    data: dict[str, Any] = {}
    for part in parts_of(entry.__class__):
        value = getattr(entry, part.name)
        if not _is_default(value, part.default):
            data[part.alias] = part.write(value)
    return data


def decode_entry(kind: str, data: Mapping[str, Any], entry_types: Mapping[str, type]) -> Entry:
    """
    Read an entry back as the class that *entry_types* has for its kind.

    Raises:
        SchemaMismatchError: for an unknown kind.
        InputError: for an attribute that the class does not have, lacks, or does not accept.
    """
    found = entry_types.get(kind)
    if found is None:
        raise SchemaMismatchError("an entry of the dossier", found=kind, wanted=tuple(sorted(entry_types)))
    entry: Entry = _build(found, data)
    return entry


def _build(kind: type, data: Mapping[str, Any]) -> Any:
    readers = {part.alias: part.read for part in parts_of(kind)}
    for name in data:
        if name not in readers:
            hint = f"It has: {', '.join(readers)}.{did_you_mean(name, readers)}"
            raise InputError(f"attribute of a stored {kind.__name__}", name, hint)
    try:
        return kind(**{name: readers[name](value) for name, value in data.items()})
    except TypeError as error:
        raise InputError(f"stored {kind.__name__}", dict(data), f"{error}.") from None


def _write_nested(value: Any) -> Any:
    kind: Any = value.__class__
    if kind in (tuple, list):
        return [_write_nested(item) for item in value]
    if kind in (FrozenDict, dict):
        return {"o": {key: _write_nested(item) for key, item in value.items()}}
    return {"a": encode_entry(value)} if is_part(kind) else encode_value(value)


def _read_nested(kind: type, data: Any) -> Any:
    found: Any = data.__class__
    if found is list:
        return tuple(_read_nested(kind, item) for item in data)
    if found is not dict:
        return decode_value(data)
    tag, content = tagged(data)
    if tag == "a":
        return _build(kind, content)
    if tag == "o":
        return FrozenDict({key: _read_nested(kind, item) for key, item in content.items()})
    return decode_value(data)
