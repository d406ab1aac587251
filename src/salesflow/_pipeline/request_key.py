"""
Request keys: an idempotency key, bound to a hash of what is asked for under it.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .._model.commit import Key
from .._model.facts import Change, FieldSet
from .._model.lazy import LazyModule
from ..errors import InputError, say


if TYPE_CHECKING:
    from .._codec import facts as codec, values
else:  # only a call with a key needs them
    codec, values = LazyModule("salesflow._codec.facts"), LazyModule("salesflow._codec.values")


def request_key(key: str, project_id: str, verb: str, changes: Iterable[Change] = (), **parts: Any) -> Key:
    """
    Return the idempotency key of a request, bound to a hash of everything it asks for.

    The time is left out, so that repeating a call a little later is the same request. Requests are equal when their
    values are: neither the order of fields counts nor how a number is written.

    Raises:
        InputError: see :func:`check_key`.
        InvalidValueError: for a part that cannot be stored.
    """
    given = list(changes)
    # A field is set once; entries count in the order in which they replace each other.
    fields = sorted((each for each in given if isinstance(each, FieldSet)), key=lambda each: each.field)
    others = [each for each in given if not isinstance(each, FieldSet)]
    told = {name: values.encode_value(part) for name, part in parts.items() if part is not None}
    asked = {
        "verb": verb,
        "changes": [_alike_change(*codec.encode_change(each)) for each in (*fields, *others)],
        "parts": _alike_members(told),
    }
    former = {"verb": verb, "changes": [codec.encode_change(each) for each in given], "parts": told}
    return Key(project_id, check_key(key), values.fingerprint(asked), values.fingerprint(former))


def _alike_change(verb: str, name: str, content: Any) -> list[Any]:
    return [verb, name, _alike_members(content) if verb == "put" else _alike(content)]


def _alike_members(data: Any) -> dict[str, Any]:
    return {name: _alike(each) for name, each in data.items()}


def _alike(data: Any) -> Any:
    """
    Return an encoded value in which equal numbers, of whatever type, and equal amounts of money are written alike.
    """
    kind: Any = data.__class__
    if kind is int or kind is float:
        return {"n": _shortest(str(data))}
    if kind is list:
        return [_alike(each) for each in data]
    if kind is not dict:
        return data
    ((tag, content),) = data.items()
    if tag == "n":
        return {"n": _shortest(content)}
    if tag == "m":
        return {"m": [_shortest(content[0]), content[1]]}
    return {tag: _alike_members(content) if tag in ("o", "a") else content}


def _shortest(number: str) -> str:
    return str(Decimal(number).normalize() + 0)  # so that minus zero is zero


def check_key(key: object) -> str:
    """
    Return an idempotency key that can be kept.

    Raises:
        InputError: for anything but a text of 1 to 256 printable characters.
    """
    if isinstance(key, str) and 0 < len(key) <= 256 and key.isprintable():
        return key
    raise InputError("key=", key, say("input.key"))
