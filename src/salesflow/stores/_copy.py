"""
Copies the facts of one store into another, whatever either of them is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._model.commit import Append, Commit
from .._model.project import evolve
from ..errors import InputError
from ..typing import DefinitionStore, Store


def copy_facts(source: Store, target: Store, *, progress: Callable[[int], Any] | None = None) -> int:
    """
    Copy every fact of *source*, in commit order, and the definitions it keeps; return how many were new to *target*.

    Copying again goes on where it stopped. Keys of requests and open work are not copied:
    a repeated request is new to the target, and deadlines are watched from the next move on, or from
    :meth:`salesflow.Pipeline.rearm` on.

    Args:
        progress: told how many facts were looked at, page by page.

    Raises:
        InputError: if the target has other facts under the same project and version.
    """
    if isinstance(source, DefinitionStore) and isinstance(target, DefinitionStore):
        for definition in source.definitions():
            target.keep_definition(definition)
    cursor, seen, new = "", 0, 0
    while True:
        page = source.feed(cursor)
        for fact in page.facts:
            head = target.head(fact.project_id)
            version = 0 if head is None else head.version
            if fact.version > version:
                target.commit(Commit((Append(fact.version - 1, fact, evolve(head, fact)),)))
                new += 1
            elif fact != next(target.load(fact.project_id, after=fact.version - 1, upto=fact.version)):
                where = f"fact {fact.version} of project {fact.project_id!r}"
                raise InputError(where, "the target", "It has another fact there. Copy into an empty store.")
        seen += len(page.facts)
        if progress is not None and page.facts:
            progress(seen)
        if not page.facts:
            return new
        cursor = page.cursor
