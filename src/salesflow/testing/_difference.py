"""
The difference of two values, in one line: where they first differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final, cast

import attrs

from ..errors import shown


class _Nothing:
    def __repr__(self) -> str:
        return "nothing"


_NOTHING: Final = _Nothing()


def difference(expected: object, actual: object) -> str:
    """
    Return where two values that are not equal differ first: ``[1].visit.number: 1 expected, 2 found``.
    """
    path = ""
    while True:
        inner = next((each for each in _parts(expected, actual) if each[1] != each[2]), None)
        if inner is None:
            where = f"{path.lstrip('.')}: " if path else ""
            return f"{where}{_said(expected)} expected, {_said(actual)} found"
        path, expected, actual = path + inner[0], inner[1], inner[2]


def _said(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else shown(value)


def _parts(expected: Any, actual: Any) -> list[tuple[str, object, object]]:
    """
    Return the parts of two values of one kind, with their names; nothing where one is no whole of parts.
    """
    kind: type[Any] = expected.__class__
    if kind is not actual.__class__ or kind is str:
        return []
    if attrs.has(kind):
        names = [part.name for part in attrs.fields(kind) if part.eq]
        return [(f".{name}", getattr(expected, name), getattr(actual, name)) for name in names]
    if isinstance(expected, Mapping):
        known = cast("Mapping[object, object]", expected)
        return [(f"[{name!r}]", known.get(name, _NOTHING), actual.get(name, _NOTHING)) for name in {**known, **actual}]
    if isinstance(expected, Sequence):
        pairs = zip_longest(cast("Sequence[object]", expected), actual, fillvalue=_NOTHING)
        return [(f"[{number}]", first, second) for number, (first, second) in enumerate(pairs)]
    return []
