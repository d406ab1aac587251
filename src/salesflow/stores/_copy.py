"""
Copies the facts of one store into another, whatever either of them is.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from .._model.commit import Append, Commit
from .._model.facts import Attempt, Fact
from .._model.fold import evolve
from .._model.parameters import check_plain
from ..errors import InputError, say
from ..typing import DefinitionStore, Store


_LOG: Final = logging.getLogger("salesflow")


def copy_facts(source: Store, target: Store, *, progress: Callable[[int], Any] | None = None) -> int:
    """
    Copy every fact, refused attempt and definition of *source*, in order; return how many facts *target* did not have.

    Copying again goes on where it stopped. A fact that cannot be read is logged and left out, with all that follow it
    in its project, as they mean nothing without it. Keys of requests and open work are not copied: a repeated
    request is new to the target, and deadlines are watched from the next move on, or from
    :meth:`salesflow.Pipeline.rearm` on.

    Args:
        progress: called with the number of facts read so far, page by page.

    Raises:
        InputError: if the target has other facts under the same project and version.
    """
    if progress is not None:
        check_plain("progress=", progress)
    if isinstance(source, DefinitionStore) and isinstance(target, DefinitionStore):
        for definition in source.definitions():
            target.keep_definition(definition)
    cursor, seen, new = "", 0, 0
    torn: set[str] = set()
    while True:
        page = source.feed(cursor)
        with target.batch():
            new += sum(_copy_fact(target, fact, torn) for fact in page.facts)
        seen += len(page.facts)
        if progress is not None and page.facts:
            progress(seen)
        if not page.facts:
            break
        cursor = page.cursor
    _copy_refusals(source, target)
    return new


def _copy_refusals(source: Store, target: Store) -> None:
    """
    Copy the refused attempts that the target does not have; equal attempts are counted.
    """
    cursor, there = "", dict[str, Counter[Attempt]]()
    while (page := source.refusals(cursor)).attempts:
        with target.batch():
            for attempt in page.attempts:
                if attempt.project_id not in there:
                    there[attempt.project_id] = Counter(target.attempts(attempt.project_id))
                known = there[attempt.project_id]
                if known[attempt] > 0:
                    known[attempt] -= 1
                else:
                    target.commit(Commit(attempts=(attempt,)))
        cursor = page.cursor


def _copy_fact(target: Store, fact: Fact, torn: set[str]) -> bool:
    """
    Commit a fact unless the target has it; return whether it was new.

    Args:
        torn: projects with a fact that could not be read, which end there.
    """
    head = target.head(fact.project_id)
    version = 0 if head is None else head.version
    if fact.version > version + 1:
        if fact.project_id not in torn:
            torn.add(fact.project_id)
            _LOG.error("left out: project %r from version %d on, which cannot be read", fact.project_id, version + 1)
        return False
    if fact.version > version:
        target.commit(Commit((Append(fact.version - 1, fact, evolve(head, fact)),)))
        return True
    if fact != next(target.load(fact.project_id, after=fact.version - 1, upto=fact.version)):
        where = say("what.fact", version=fact.version, project_id=fact.project_id)
        raise InputError(where, "the target", say("input.copy"))
    return False
