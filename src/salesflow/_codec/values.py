"""
Single values to and from JSON, the canonical text, and its fingerprint.

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
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from .._model.frozen import FrozenDict
from .._model.values import Duration, Label, Money
from ..errors import InputError, InvalidValueError, SchemaMismatchError, shown


STORABLE: Final = "text, numbers, true and false, dates, aware times, Decimal, Money, Label, lists, sets and mappings"

# Built once: json.dumps with options builds one for every call.
_to_text: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def canonical(data: Any) -> bytes:
    """
    Return encoded data as its one canonical text: UTF-8, sorted keys, no blanks.

    Raises:
        InvalidValueError: for NaN, infinity, a lone surrogate, or what JSON cannot hold.
    """
    try:
        return _to_text(data).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidValueError(
            "data", f"it has no canonical text ({error}); check it with check_domain first"
        ) from None


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
            raise InvalidValueError("time", f"{value.isoformat()} has no time zone; say which one it is in")
        value = value.astimezone(UTC)
    return value.isoformat()[:-6] + "Z"


def decode_time(text: str) -> datetime:
    """
    Read what :func:`encode_time` wrote.
    """
    return datetime.fromisoformat(text).astimezone(UTC)


def encode_mapping(value: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return a mapping with its values encoded, without a tag.
    """
    return {key: encode_value(item) for key, item in value.items()}


def decode_mapping(data: Mapping[str, Any]) -> FrozenDict[str, Any]:
    """
    Read what :func:`encode_mapping` wrote.
    """
    return FrozenDict({key: decode_value(item) for key, item in data.items()})


def _encode_decimal(value: Decimal) -> dict[str, Any]:
    if not value.is_finite():
        raise InvalidValueError("number", f"{value} is not a finite number")
    return {"n": str(value)}


def _encode_list(value: Any) -> list[Any]:
    return [encode_value(item) for item in value]


_ENCODERS: Final[Mapping[type, Callable[[Any], Any]]] = {
    tuple: _encode_list,
    list: _encode_list,
    Money: lambda value: {"m": [str(value.amount), value.currency]},
    Decimal: _encode_decimal,
    datetime: lambda value: {"t": encode_time(value)},
    date: lambda value: {"d": value.isoformat()},
    timedelta: lambda value: {"s": [value.days, value.seconds, value.microseconds]},
    Duration: lambda value: {"u": str(value)},
    Label: lambda value: {"l": [value.en, value.zh]},
    FrozenDict: lambda value: {"o": encode_mapping(value)},
    Mapping: lambda value: {"o": encode_mapping(value)},
    frozenset: lambda value: {"f": sorted(_encode_list(value), key=canonical)},
    set: lambda value: {"f": sorted(_encode_list(value), key=canonical)},
    # Subclasses of plain types, enumerations above all, are stored as what they hold.
    str: str.__str__,
    int: int,
    float: float,
}
_PLAIN: Final = frozenset({str, int, bool, float, type(None)})


def encode_value(value: Any) -> Any:
    """
    Return one value as JSON data; see the table above.

    Raises:
        InvalidValueError: for a type that cannot be stored, or a time without a zone.
    """
    kind: Any = value.__class__
    if kind in _PLAIN:
        return value
    encode = _ENCODERS.get(kind)
    if encode is None:
        encode = next((found for base, found in _ENCODERS.items() if isinstance(value, base)), None)
    if encode is None:
        raise InvalidValueError("value", f"{shown(value)} is a {kind.__name__}, which cannot be stored; use {STORABLE}")
    return encode(value)


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
        raise InputError("stored value", data, "It must have exactly one tag.")
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
