"""
Request keys: an idempotency key, bound to a hash of what is asked for under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._codec.facts import encode_change
from .._codec.values import encode_value, fingerprint
from .._model.commit import Key
from .._model.facts import Change
from ..errors import InputError


def request_key(key: str, project_id: str, verb: str, changes: Iterable[Change] = (), **parts: Any) -> Key:
    """
    Return the idempotency key of a request, bound to a hash of everything it asks for.

    The time is left out, so that repeating a call a little later is the same request.

    Raises:
        InputError: see :func:`check_key`.
        InvalidValueError: for a part that cannot be stored.
    """
    asked: Mapping[str, Any] = {
        "verb": verb,
        "changes": [encode_change(change) for change in changes],
        "parts": {name: encode_value(part) for name, part in parts.items() if part is not None},
    }
    return Key(project_id, check_key(key), fingerprint(asked))


def check_key(key: object) -> str:
    """
    Return an idempotency key that can be kept.

    Raises:
        InputError: for anything but a text of 1 to 256 printable characters.
    """
    if isinstance(key, str) and 0 < len(key) <= 256 and key.isprintable():
        return key
    raise InputError("key=", key, "Pass 1 to 256 printable characters, for example a request id.")
