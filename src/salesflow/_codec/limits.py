"""
What every store can keep, checked once at the door, before anything is written.

Depth at most 32 and whole numbers within ±(2**53 - 1), because readers in other languages
go no further; no NaN or infinity; no lone surrogate and no U+0000 in texts; keys are texts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

from .._model.facts import Change, EntryPut, Fact, FieldSet, Opened, Transitioned
from .._model.frozen import FrozenDict
from .._model.values import Duration, Label, Money
from .._model.verdict import Verdict
from ..errors import InvalidValueError, TooLargeError, shown
from .entries import is_part, parts_of
from .facts import encode_fact
from .values import STORABLE, canonical


DEPTH: Final = 32
LARGEST: Final = 2**53 - 1
_FEW: Final = 500  # so many plain verdicts stay far below the limit
LIMIT_FACT: Final = 256 * 1024
"""How many bytes the canonical text of one fact may take."""

_LEAST: Final = 16  # no value takes less than this part of what is guessed for it: 1, is 2 bytes for 32
_ESCAPED: Final = 6  # bytes that JSON needs at most for one character: \u0001
_NUMBER: Final = 32  # bytes that hold any whole number in range, float, date or tag
_IN_CHANGE: Final = 5  # how deep the value of a change lies in its fact
_SHOWN: Final = 256  # bits of a number that a message may hold; Python does not write out very large ones
_ENVELOPE: Final = 4096  # bytes for keys, ids and times around the values of a fact


def check_domain(data: Any, path: str = "data") -> None:
    """
    Check encoded data, as JSON has it.

    Raises:
        InvalidValueError: with the path of the first value that stores cannot keep.
    """
    _plain(data, path, 1)


def _plain(data: Any, path: str, depth: int) -> None:
    kind: Any = data.__class__
    if kind is dict:
        _deep(path, depth)
        for key, item in data.items():
            _key(key, path)
            _plain(item, f"{path}.{key}", depth + 1)
    elif kind is list:
        _deep(path, depth)
        for number, item in enumerate(data):
            _plain(item, f"{path}[{number}]", depth + 1)
    elif kind not in _SCALARS:
        raise InvalidValueError(path, f"{shown(data)} is a {kind.__name__}, which JSON does not have")
    else:
        _SCALARS[kind](data, path)


def check_fact(data: Mapping[str, Any]) -> bytes:
    """
    Return the canonical text of an encoded fact, checked for its size.

    Raises:
        TooLargeError: over :data:`LIMIT_FACT` bytes.
    """
    text = canonical(data)
    if len(text) > LIMIT_FACT:
        raise TooLargeError(f"fact {data['version']} of project {data['project']!r}", size=len(text), limit=LIMIT_FACT)
    return text


def check_values(fact: Fact) -> None:
    """
    Check the values in a fact without encoding it: the same rules, at a fraction of the work.

    Only what could come near :data:`LIMIT_FACT` is encoded after all, to be measured.

    Raises:
        InvalidValueError: naming the value.
        TooLargeError: over :data:`LIMIT_FACT` bytes.
    """
    body = fact.body
    if not body.changes and isinstance(body, Transitioned) and body.reason is None and _is_plain(body, fact.key):
        return  # nearly every move: nothing in it but names that the lifecycle checked
    size = _ENVELOPE + _changes(body.changes)
    if isinstance(body, Transitioned):
        size += sum([_verdict(verdict, 4) for verdict in body.verdicts])
        for override in body.overrides:
            size += _ENVELOPE + _text(override.reason, f"reason of override {override.use_id!r}")
        if body.reason is not None:
            size += _text(body.reason, "reason")
    elif isinstance(body, Opened):
        size += _text(body.name, "name")
    if fact.key is not None:
        size += _text(fact.key, "key")
    if size > LIMIT_FACT:
        check_fact(encode_fact(fact))


def _is_plain(body: Transitioned, key: str | None) -> bool:
    if key is not None or body.overrides or len(body.verdicts) > _FEW:
        return False
    for verdict in body.verdicts:
        if verdict.status != "pass" or verdict.evidence or verdict.missing or verdict.inner:
            return False
    return True


def _changes(changes: Iterable[Change]) -> int:
    size = 0
    for change in changes:
        if isinstance(change, FieldSet):
            size += _NUMBER + _value(change.value, f"field {change.field!r}", _IN_CHANGE)
        elif isinstance(change, EntryPut):
            entry = change.entry
            size += _NUMBER + _attributes(entry, f"{entry.kind} {entry.id!r}", _IN_CHANGE)
        else:
            size += _NUMBER + _text(change.id, f"id of a dropped {change.kind}")
    return size


def _verdict(verdict: Verdict, depth: int) -> int:
    size = _ENVELOPE // 4
    if verdict.status == "pass" and not (verdict.evidence or verdict.missing or verdict.inner or verdict.error):
        return size
    where = f"evidence of guard use {verdict.spec.use_id!r}"
    _deep(where, depth)
    if verdict.evidence:
        size += _mapping(verdict.evidence, where, depth + 1)
    for remedy in verdict.missing:
        size += _ENVELOPE // 4 + _mapping(remedy.params, where, depth + 3)
    if verdict.error is not None:
        size += _text(verdict.error, f"error of guard use {verdict.spec.use_id!r}")
    return size + sum([_verdict(inner, depth + 2) for inner in verdict.inner])


def _value(value: Any, path: str, depth: int) -> int:
    """
    Check one value as it will be encoded at *depth*; return how many bytes it takes at most.
    """
    kind: Any = value.__class__
    scalar = _SCALARS.get(kind)
    if scalar is not None:
        return scalar(value, path)
    flat = _FLAT.get(kind)
    if flat is not None:
        _deep(path, depth + (kind in _TAGGED_LISTS))
        return flat(value, path)
    if kind in (tuple, list):
        _deep(path, depth)
        return _NUMBER + _sum((_value(item, f"{path}[{at}]", depth + 1) for at, item in enumerate(value)), path)
    if kind in (set, frozenset):
        _deep(path, depth + 1)
        return _NUMBER + _sum((_value(item, path, depth + 2) for item in value), path)
    if issubclass(kind, Mapping):
        return _NUMBER + _mapping(value, path, depth + 1)
    for base in _BASES:
        if issubclass(kind, base):
            return _SCALARS[base](value, path)
    raise InvalidValueError(path, f"{shown(value)} is a {kind.__name__}, which cannot be stored; use {STORABLE}")


def _mapping(value: Mapping[Any, Any], path: str, depth: int) -> int:
    _deep(path, depth)
    sizes = (_key(key, path) + _value(item, f"{path}.{key}", depth + 1) for key, item in value.items())
    return _sum(sizes, path)


def _sum(sizes: Iterable[int], path: str) -> int:
    # A few lists within each other may hold more than anybody can walk, so this stops where nothing can save them.
    total = 0
    for size in sizes:
        total += size
        if total > _LEAST * LIMIT_FACT:
            raise TooLargeError(f"{path}, as far as it was read,", size=total // _LEAST, limit=LIMIT_FACT)
    return total


def _attributes(value: Any, path: str, depth: int) -> int:
    _deep(path, depth)
    return sum(
        [
            _NUMBER + len(part.name) + _nested(getattr(value, part.name), f"{path}.{part.name}", depth + 1)
            for part in parts_of(value.__class__)
        ]
    )


def _nested(value: Any, path: str, depth: int) -> int:
    kind: Any = value.__class__
    if kind in (tuple, list):
        _deep(path, depth)
        return _NUMBER + sum([_nested(item, f"{path}[{at}]", depth + 1) for at, item in enumerate(value)])
    if kind in (FrozenDict, dict):
        _deep(path, depth + 1)
        return sum([_key(key, path) + _nested(item, f"{path}.{key}", depth + 2) for key, item in value.items()])
    return _NUMBER + _attributes(value, path, depth + 1) if is_part(kind) else _value(value, path, depth)


def _deep(path: str, depth: int) -> None:
    if depth > DEPTH:
        raise InvalidValueError(path, f"it is nested deeper than {DEPTH} levels")


def _key(key: object, path: str) -> int:
    if not isinstance(key, str):
        raise InvalidValueError(path, f"the key {shown(key)} is no text")
    return _text(key, f"{path}, a key")


def _text(value: str, path: str) -> int:
    if len(value) > LIMIT_FACT:
        raise TooLargeError(path, size=len(value), limit=LIMIT_FACT)
    if "\0" in value:
        raise InvalidValueError(path, "it contains U+0000, which databases cannot keep")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidValueError(path, "it contains half a character (a lone surrogate)") from None
    return _NUMBER + _ESCAPED * len(value)


def _whole(value: int, path: str) -> int:
    if not -LARGEST <= value <= LARGEST:
        told = shown(value) if value.bit_length() <= _SHOWN else f"a whole number of {value.bit_length():,} bits"
        raise InvalidValueError(path, f"{told} lies outside ±(2**53 - 1); store it as text or Decimal")
    return _NUMBER


def _floating(value: float, path: str) -> int:
    if not math.isfinite(value):
        raise InvalidValueError(path, f"{value} is not a finite number")
    return _NUMBER


def _decimal(value: Decimal, path: str) -> int:
    if not value.is_finite():
        raise InvalidValueError(path, f"{value} is not a finite number")
    return _NUMBER + len(str(value))


def _time(value: datetime, path: str) -> int:
    if value.utcoffset() is None:
        raise InvalidValueError(path, f"{value.isoformat()} has no time zone; say which one it is in")
    return 2 * _NUMBER


def _small(_value: object, _path: str) -> int:
    return 2 * _NUMBER


_Check: TypeAlias = Callable[[Any, str], int]

_SCALARS: Final[Mapping[Any, _Check]] = {
    str: _text,
    int: _whole,
    float: _floating,
    bool: _small,
    None.__class__: _small,
}
_BASES: Final = (str, int, float)  # what enumerations are made of
_FLAT: Final[Mapping[Any, _Check]] = {
    Money: lambda value, path: _decimal(value.amount, path),
    Decimal: _decimal,
    datetime: _time,
    date: _small,
    timedelta: _small,
    Duration: _small,
    Label: lambda value, path: _text(value.en, path) + _text(value.zh, path),
}
_TAGGED_LISTS: Final = frozenset({Money, Label, timedelta})
