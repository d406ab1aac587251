"""
One change of one part of a definition, and how it becomes a change of what the part stands in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import attrs

from ..._model.frozen import EMPTY
from ._words import Kind


T = TypeVar("T")
U = TypeVar("U")


@attrs.frozen
class Edit(Generic[T]):
    """
    A part of a definition with one thing changed.

    Attributes:
        path: of what is changed, below the part: ``.guards[0].max``.
        key: tells it from the other edits at the same path.
        made: the part as it would be.
        said: what the sentences about it name.
    """

    kind: Kind
    path: str
    key: str
    made: T
    said: Mapping[str, str] = EMPTY

    def inside(self, path: str, put: Callable[[T], U], **said: str) -> Edit[U]:
        """
        Return this edit as one of the thing around the part; *put* puts the part back into it.
        """
        return Edit(self.kind, path + self.path, self.key, put(self.made), {**said, **self.said})


def replaced(items: Sequence[T], index: int, *by: T) -> tuple[T, ...]:
    """
    Return the items with one of them replaced by others, or by none.
    """
    return (*items[:index], *by, *items[index + 1 :])


def told(value: Any) -> str:
    """
    Write a value of a definition shortly, for a sentence.
    """
    if isinstance(value, (bool, tuple, Mapping)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
