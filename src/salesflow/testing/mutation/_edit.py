"""
An edit: one change of one item of a definition, and the way it becomes a change of what contains the item.
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
    An item of a definition with one thing changed.

    Attributes:
        path: of what is changed, relative to the item: ``.guards[0].max``.
        key: distinguishes it from the other edits at the same path.
        made: the changed item.
        words: values for the placeholders of the texts about it.
    """

    kind: Kind
    path: str
    key: str
    made: T
    words: Mapping[str, str] = EMPTY

    def inside(self, path: str, put: Callable[[T], U], **words: str) -> Edit[U]:
        """
        Return this edit as an edit of what contains the item; *put* puts the item back into it.
        """
        return Edit(self.kind, path + self.path, self.key, put(self.made), {**words, **self.words})


def replaced(items: Sequence[T], index: int, *by: T) -> tuple[T, ...]:
    """
    Return the items with the item at *index* replaced by others, or left out.
    """
    return (*items[:index], *by, *items[index + 1 :])


def put_at(owner: T, name: str, index: int) -> Callable[..., T]:
    """
    Return a function that gives *owner* with one item of its attribute *name* replaced by others, or left out.
    """
    evolve: Any = attrs.evolve  # its type does not know attributes by name
    return lambda *by: evolve(owner, **{name: replaced(getattr(owner, name), index, *by)})


def shown(value: Any) -> str:
    """
    Return a value of a definition as a short text, for a sentence.
    """
    if isinstance(value, (bool, tuple, Mapping)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
