"""
Single values to and from JSON, the limits of what every store can keep, the canonical text, and its fingerprint.

A value is checked while it is encoded: depth at most 32 and whole numbers within ±(2**53 - 1),
because readers in other languages go no further; no NaN or infinity; no lone surrogate and no
U+0000 in texts; keys are texts.

What JSON has is written as it is; everything else is an object with one short tag:

======  =====================================================
tag     holds
======  =====================================================
``m``   money: ``["1200000", "CNY"]``
``n``   a decimal number, as text
``d``   a date, ISO 8601
``t``   a time, RFC 3339 in UTC, ending in ``Z``
``s``   a length of time: days, seconds, microseconds
``u``   a duration as a definition writes it: ``"5bd"``
``l``   a label: ``[en, zh]``
``o``   a mapping
``f``   a set, its items in the order of their canonical text
``a``   a part of an entry, by attribute
======  =====================================================
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

from .._model.frozen import FrozenDict
from .._model.values import Duration, Label, Money
from ..errors import InputError, InvalidValueError, SchemaMismatchError, TooLargeError, say, shown


STORABLE: Final = "text, numbers, true and false, dates, aware times, Decimal, Money, Label, lists, sets and mappings"

DEPTH: Final = 32
LARGEST: Final = 2**53 - 1
LIMIT_FACT: Final = 256 * 1024
"""How many bytes the canonical text of one fact may take."""

MOST: Final = LIMIT_FACT // 2
"""How many items one value may hold; none takes less than two bytes, such as ``1,``."""

_SHOWN: Final = 256  # bits of a number that a message may hold; Python does not write out very large numbers

# Built once: json.dumps with options builds one for every call.
_to_text: Final = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
).encode


def canonical(data: Any) -> bytes:
    """
    Return encoded data as its one canonical text: UTF-8, sorted keys, no blanks.

    Raises:
        InvalidValueError: for NaN, infinity, a lone surrogate, or what JSON cannot hold.
    """
    try:
        return _to_text(data).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidValueError("data", say("stored.no_text", error=error)) from None


def fingerprint(data: Any) -> str:
    """
    Return the SHA-256 of the canonical text, in hex.
    """
    return hashlib.sha256(canonical(data)).hexdigest()


def encode_time(value: datetime) -> str:
    """
    Return an aware time as RFC 3339 in UTC.

    Raises:
        InvalidValueError: if it has no time zone.
    """
    if value.tzinfo is not UTC:
        if value.utcoffset() is None:
            raise InvalidValueError("value", say("stored.zone", when=value.isoformat()))
        value = value.astimezone(UTC)
    return value.isoformat()[:-6] + "Z"


def decode_time(text: str) -> datetime:
    """
    Read what :func:`encode_time` wrote.
    """
    return datetime.fromisoformat(text).astimezone(UTC)


def encode_maybe_time(value: datetime | None) -> str | None:
    """
    Return a time as :func:`encode_time` does, or ``None``.
    """
    return None if value is None else encode_time(value)


def decode_maybe_time(text: str | None) -> datetime | None:
    """
    Read what :func:`encode_maybe_time` wrote.
    """
    return None if text is None else decode_time(text)


def encode_mapping(value: Mapping[str, Any], depth: int = 1) -> dict[str, Any]:
    """
    Return a mapping with its values encoded, without a tag; for the rest see :func:`encode_value`.
    """
    return _mapping(value, depth, [MOST], unstorable)


def decode_mapping(data: Mapping[str, Any]) -> FrozenDict[str, Any]:
    """
    Read what :func:`encode_mapping` wrote.
    """
    return FrozenDict({key: decode_value(item) for key, item in data.items()})


Other: TypeAlias = Callable[[Any, int, list[int]], Any]
"""Encodes what is no value by itself, at a depth; the list holds how many items may still come."""


def named(error: InvalidValueError | TooLargeError, place: str) -> InvalidValueError | TooLargeError:
    """
    Return an error of :func:`encode_value` with *place* for the ``value`` that its path begins with, if not empty.

    An error whose place is known already stays as it is.
    """
    path = error.path if isinstance(error, InvalidValueError) else error.what
    rest = path.removeprefix("value")
    if rest == path or rest[:1] not in ("", ".", "[", ","):
        return error
    where = f"{place}{rest}".removeprefix(".")
    if isinstance(error, InvalidValueError):
        return InvalidValueError(where, error.why)
    return TooLargeError(where, size=error.size, limit=error.limit)


def encode_text(value: str) -> str:
    """
    Return a text that every store can keep.

    Raises:
        InvalidValueError: for U+0000 or a lone surrogate.
        TooLargeError: it alone is larger than a fact may be.
    """
    if len(value) > LIMIT_FACT:
        raise TooLargeError("value", size=len(value), limit=LIMIT_FACT)
    if "\0" in value:
        raise InvalidValueError("value", say("stored.nul"))
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidValueError("value", say("stored.surrogate")) from None
    return value


def _encode_whole(value: int) -> int:
    if not -LARGEST <= value <= LARGEST:
        number = shown(value) if value.bit_length() <= _SHOWN else f"a whole number of {value.bit_length():,} bits"
        raise InvalidValueError("value", say("stored.big", number=number))
    return value


def _encode_float(value: float) -> float:
    if not math.isfinite(value):
        raise InvalidValueError("value", say("stored.finite", value=value))
    return value


def _encode_decimal(value: Decimal) -> dict[str, Any]:
    if not value.is_finite():
        raise InvalidValueError("value", say("stored.finite", value=value))
    return {"n": str(value)}


def _same(value: Any) -> Any:
    return value


_ENCODERS: Final[Mapping[Any, Callable[[Any], Any]]] = {
    str: encode_text,
    int: _encode_whole,
    float: _encode_float,
    bool: _same,
    None.__class__: _same,
    Money: lambda value: {"m": [str(value.amount), value.currency]},
    Decimal: _encode_decimal,
    datetime: lambda value: {"t": encode_time(value)},
    date: lambda value: {"d": value.isoformat()},
    timedelta: lambda value: {"s": [value.days, value.seconds, value.microseconds]},
    Duration: lambda value: {"u": str(value)},
    Label: lambda value: {"l": [encode_text(value.en), encode_text(value.zh)]},
}
_FLAT: Final = frozenset({str, int, float, bool, None.__class__})
_TAGGED_LISTS: Final = frozenset({Money, Label, timedelta})
# What enumerations are made of: they are stored as what they hold.
_BASES: Final[Mapping[type, Callable[[Any], Any]]] = {str: str.__str__, int: int, float: float}


def encode_value(value: Any, depth: int = 1) -> Any:
    """
    Return one value as JSON data; see the table above.

    Args:
        depth: the level of JSON at which it will stand.

    Raises:
        InvalidValueError: for what stores cannot keep, and for a time without a zone; its path begins with ``value``.
        TooLargeError: for what is larger than a fact may be.
    """
    encode = _ENCODERS.get(value.__class__)
    return encode_nested(value, depth, [MOST], unstorable) if encode is None else encode(value)


def unstorable(value: Any, _depth: int, _left: list[int]) -> Any:
    """
    Refuse a value of a type that cannot be stored.
    """
    kind = value.__class__.__name__
    raise InvalidValueError("value", say("stored.kind", value=value, kind=kind, kinds=STORABLE))


def encode_nested(value: Any, depth: int, left: list[int], other: Other) -> Any:
    """
    Return a value as JSON data; *other* encodes everything that is not a value.
    """
    kind: Any = value.__class__
    encode = _ENCODERS.get(kind)
    if encode is not None:
        if kind not in _FLAT:
            check_depth(depth + (kind in _TAGGED_LISTS))
        return encode(value)
    if kind in (tuple, list):
        return _items(value, depth, left, other)
    if kind in (set, frozenset):
        return {"f": sorted(_items(value, depth + 1, left, unstorable), key=canonical)}
    if issubclass(kind, Mapping):
        return {"o": _mapping(value, depth + 1, left, other)}
    for base, plain in _BASES.items():
        if issubclass(kind, base):
            encode_plain: Any = _ENCODERS[base]
            return encode_plain(plain(value))
    return other(value, depth, left)


def check_depth(depth: int) -> None:
    """
    Raise ``InvalidValueError`` for a level that readers do not go to.
    """
    if depth > DEPTH:
        raise InvalidValueError("value", say("stored.deep", limit=DEPTH))


def _take(number: int, left: list[int]) -> None:
    # A few lists within each other may hold more than anybody can walk.
    left[0] -= number
    if left[0] < 0:
        raise TooLargeError("value, as far as it was read,", size=2 * (MOST - left[0]), limit=LIMIT_FACT)


def _items(values: Any, depth: int, left: list[int], other: Other) -> list[Any]:
    check_depth(depth)
    _take(len(values), left)
    done: list[Any] = []
    try:
        for item in values:
            done.append(encode_nested(item, depth + 1, left, other))  # noqa: PERF401 -- the length says where it stopped
    except (InvalidValueError, TooLargeError) as error:
        raise named(error, f"value[{len(done)}]") from None
    return done


def _mapping(value: Mapping[Any, Any], depth: int, left: list[int], other: Other) -> dict[str, Any]:
    check_depth(depth)
    _take(len(value), left)
    done: dict[str, Any] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise InvalidValueError("value", say("stored.key", key=key))
        place = "value, a key"
        try:
            encode_text(key)
            place = f"value.{key}"
            done[key] = encode_nested(item, depth + 1, left, other)
        except (InvalidValueError, TooLargeError) as error:
            raise named(error, place) from None
    return done


_DECODERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "m": lambda data: Money(*data),
    "n": Decimal,
    "d": date.fromisoformat,
    "t": decode_time,
    "s": lambda data: timedelta(*data),
    "u": Duration.parse,
    "l": lambda data: Label(*data),
    "o": decode_mapping,
    "f": lambda data: frozenset(map(decode_value, data)),
}


def tagged(data: Mapping[str, Any]) -> tuple[str, Any]:
    """
    Return the one tag of an object and what it holds.

    Raises:
        InputError: if there is not exactly one.
    """
    if len(data) != 1:
        raise InputError("stored value", data, say("input.one_tag"))
    return next(iter(data.items()))


def decode_value(data: Any) -> Any:
    """
    Read what :func:`encode_value` wrote; lists become tuples.

    Raises:
        SchemaMismatchError: for an unknown tag.
    """
    kind: Any = data.__class__
    if kind is list:
        return tuple(map(decode_value, data))
    if kind is not dict:
        return data
    tag, content = tagged(data)
    decode = _DECODERS.get(tag)
    if decode is None:
        raise SchemaMismatchError("a stored value", found=tag, wanted=tuple(_DECODERS))
    return decode(content)
