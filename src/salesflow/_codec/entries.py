"""
Encodes entries of the dossier and other frozen nouns as JSON: attributes by name, without defaults.

The classes need no code of their own: how each is written and read is worked out once
from its attributes and their type hints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from operator import attrgetter
from typing import Any, Final, NamedTuple, get_args, get_type_hints

import attrs

from .._model.facts import Entry, OpaqueEntry
from .._model.frozen import FrozenDict, freeze
from .._model.values import Duration, Label, Money
from ..errors import InputError, InvalidValueError, TooLargeError, nearest, say
from .values import MOST, check_depth, decode_value, encode_nested, encode_value, named, tagged, unstorable


_VALUES: Final = (Money, Label, Duration)  # attrs classes that have a tag of their own
_MADE: Final = object()  # stands for a default that is made from the rest, and equals nothing


class Part(NamedTuple):
    """
    How one attribute is written and read.

    Attributes:
        alias: its name in JSON.
        default: not written; ``attrs.NOTHING`` for an attribute that always is.
        write: takes the value and the level of JSON at which it will stand; ``None`` for a name that needs no check.
        read: takes what was written; ``None`` for what is taken as it is.
    """

    name: str
    alias: str
    default: Any
    write: Callable[[Any, int], Any] | None
    read: Callable[[Any], Any] | None


def is_part(kind: type) -> bool:
    """
    Tell whether values of this class are written attribute by attribute.
    """
    return attrs.has(kind) and kind not in _VALUES


@cache
def parts_of(kind: Any) -> tuple[Part, ...]:
    """
    Return how each attribute of an entry class is written and read.

    Raises:
        TypeError: if an attribute can hold several attrs classes, which no reader could tell apart.
    """
    hints = get_type_hints(kind)
    return tuple(_part(kind, attribute, hints[attribute.name]) for attribute in attrs.fields(kind) if attribute.init)


def _part(kind: type, attribute: attrs.Attribute[Any], hint: Any) -> Part:
    inner = set(_classes(hint))
    if len(inner) > 1:
        names = ", ".join(sorted(found.__name__ for found in inner))
        msg = f"{kind.__name__}.{attribute.name} may hold {names}. Give each class an attribute of its own."
        raise TypeError(msg)
    default: Any = attribute.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # attrs types Factory as a function; it is a class
        default = _MADE if default.takes_self else default.factory()
    read, write = (partial(_read_nested, inner.pop()), _write_nested) if inner else (decode_value, encode_value)
    return Part(attribute.name, attribute.alias or attribute.name, default, write, read)


def _classes(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and is_part(hint):
        yield hint
    for part in get_args(hint):
        yield from _classes(part)


class Form(NamedTuple):
    """
    How a class is written and read.

    Attributes:
        encode: returns the attributes of a noun that differ from their defaults; the number is the level of JSON
            at which they will stand. Raises ``InvalidValueError`` and ``TooLargeError``.
        decode: calls the class with what was written, and passes over other names. Raises ``KeyError`` for an
            attribute that is missing.
    """

    encode: Callable[[Any, int], dict[str, Any]]
    decode: Callable[[Callable[..., Any], Mapping[str, Any]], Any]


def make_form(parts: Sequence[Part]) -> Form:
    """
    Return the form of a class, laid out so that attributes which hold their default cost next to nothing.

    Args:
        parts: in the order in which the class takes them.
    """
    required = [part for part in parts if part.default is attrs.NOTHING]
    optional = [part for part in parts if part.default is not attrs.NOTHING]
    aliases, get_required, get_optional = [part.alias for part in required], _getter(required), _getter(optional)
    written = [(part.name, part.alias, part.write) for part in required if part.write is not None]
    defaults = tuple([part.default for part in optional])

    def encode(noun: Any, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = dict(zip(aliases, get_required(noun)))  # noqa: B905 -- hot, and of one list
        at = ""
        try:
            for at, alias, write in written:  # noqa: B007 -- the handler names it
                data[alias] = write(data[alias], depth + 1)
            values = get_optional(noun)
            if values != defaults:
                for part, value in zip(optional, values):  # noqa: B905 -- as above
                    if value is not part.default and value != part.default:
                        at = part.name
                        data[part.alias] = value if part.write is None else part.write(value, depth + 1)
        except (InvalidValueError, TooLargeError) as error:
            raise named(error, f"value.{at}") from None
        return data

    def decode(kind: Callable[..., Any], data: Mapping[str, Any]) -> Any:
        given: list[Any] = []
        for _, alias, default, _, read in parts:
            if default is not attrs.NOTHING and alias not in data:
                given.append(default)
            else:
                given.append(data[alias] if read is None else read(data[alias]))
        return kind(*given)

    return Form(encode, decode)


def _getter(parts: Sequence[Part]) -> Callable[[Any], tuple[Any, ...]]:
    names = [part.name for part in parts]
    return attrgetter(*names) if len(names) > 1 else lambda noun: tuple([getattr(noun, name) for name in names])


@cache
def _form_of(kind: type) -> Form:
    return make_form(parts_of(kind))


def encode_entry(entry: Any, depth: int = 1) -> dict[str, Any]:
    """
    Return the attributes of an entry that differ from their defaults; see :class:`Form`.
    """
    if isinstance(entry, OpaqueEntry):
        return entry.data
    check_depth(depth)
    return _form_of(entry.__class__).encode(entry, depth)


def _write_nested(value: Any, depth: int) -> Any:
    return encode_nested(value, depth, [MOST], _encode_part)


def _encode_part(value: Any, depth: int, left: list[int]) -> Any:
    return {"a": encode_entry(value, depth + 1)} if is_part(value.__class__) else unstorable(value, depth, left)


def decode_entry(kind: str, data: Mapping[str, Any], entry_types: Mapping[str, type]) -> Entry | OpaqueEntry:
    """
    Read an entry back as the class that *entry_types* has for its kind, or as it stands if there is none.

    Raises:
        InputError: for an attribute that the class does not have, lacks, or does not accept, or an entry without an id.
    """
    found = entry_types.get(kind)
    if found is None:
        entry_id = data.get("id")
        if not isinstance(entry_id, str):
            raise InputError(say("what.stored_entry", kind=kind), data, say("input.no_id"))
        return OpaqueEntry(kind, entry_id, freeze(data))
    entry: Entry = _build(found, data, kind)
    return entry


def _build(kind: type, data: Mapping[str, Any], called: str) -> Any:
    readers = {part.alias: part.read or decode_value for part in parts_of(kind)}
    for name in data:
        if name not in readers:
            hint = say("input.attributes", known=readers, near=nearest(name, readers))
            raise InputError(say("what.stored_attribute", kind=called), name, hint)
    absent = [part.alias for part in parts_of(kind) if part.default is attrs.NOTHING and part.alias not in data]
    if absent:
        raise InputError(f"{called}.{absent[0]}", None, say("input.attributes", known=readers, near=None))
    try:
        return kind(**{name: readers[name](value) for name, value in data.items()})
    except TypeError as error:
        raise InputError(say("what.stored", kind=called), dict(data), f"{error}.") from None


def _read_nested(kind: type, data: Any) -> Any:
    found: Any = data.__class__
    if found is list:
        return tuple(_read_nested(kind, item) for item in data)
    if found is not dict:
        return decode_value(data)
    tag, content = tagged(data)
    if tag == "a":
        return _build(kind, content, kind.__name__)
    if tag == "o":
        return FrozenDict({key: _read_nested(kind, item) for key, item in content.items()})
    return decode_value(data)
