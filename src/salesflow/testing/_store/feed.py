"""
Section C of the contract: whoever follows the feed sees every fact once, and in order.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ... import Fact
from ...errors import InputError, VersionConflictError
from ...typing import Page, Store
from .facts import NOW, changed, commit, grow, opened, write
from .hooks import Hooks


_WRITERS = 4
_EACH = 25


class Feed(Hooks):
    """
    Cursors, pages, and readers that follow while others write.
    """

    def test_feed_gives_every_fact_once(self, store: Store) -> None:
        """
        Every fact comes once and in commit order, with any size of page, and late facts come later.

        At the end a page is empty, and its cursor is the given cursor.
        """
        for number in range(3):
            grow(store, f"P-{number}", facts=2)
        store.commit(commit(opened("B"), opened("A")))
        seen, cursor = follow(store, "")
        pages = [follow(store, "", limit=limit) for limit in (1, 2, 3, 7)]
        end = store.feed(cursor)
        grow(store, "late", facts=1)

        assert [(f"P-{n}", v) for n in range(3) for v in (1, 2)] + [("B", 1), ("A", 1)] == _names(seen)
        assert [(seen, cursor)] * 4 == pages
        assert (Page((), cursor), [("late", 1)]) == (end, _names(store.feed(cursor).facts))

    def test_foreign_cursor(self, store: Store) -> None:
        """
        A cursor that no page had is refused, not taken for the beginning.
        """
        grow(store)
        with pytest.raises(InputError, match="cursor"):
            store.feed("no page had this one")

    def test_refused_commit_leaves_no_gap(self, store: Store) -> None:
        """
        A commit that was refused does not stop those who follow.
        """
        first = write(store, opened())
        cursor = store.feed(limit=1).cursor
        with contextlib.suppress(VersionConflictError):
            store.commit(commit(opened("P-2"), opened()))
        second = changed(first)
        write(store, second)

        assert (second.fact,) == store.feed(cursor).facts

    def test_cursors_outlive_the_handle(self, tmp_path: Path) -> None:
        """
        After purging and opening again a cursor leads to what came behind it, and to nothing twice.
        """
        store = self.make_store(tmp_path)
        project = grow(store)
        cursor = store.feed().cursor
        store.purge(keys_before=NOW)
        store = self.reopen(store, tmp_path)
        late = changed(project)
        write(store, late)
        after, everything = store.feed(cursor), store.feed()
        store.close()

        assert ((late.fact,), [1, 2, 3, 4]) == (after.facts, [each.version for each in everything.facts])
        assert cursor != after.cursor == everything.cursor

    def test_reader_misses_nothing(self, store: Store) -> None:
        """
        A reader that follows while four threads write on projects of their own sees every fact once, in order.
        """
        with ThreadPoolExecutor(_WRITERS) as pool:
            names = [f"P-{number}" for number in range(_WRITERS)]
            writing = [pool.submit(grow, store, name, facts=_EACH) for name in names]
            found = _names(follow_while(store, lambda: not all(each.done() for each in writing)))

        assert [each.result() for each in writing] == list(store.find())
        assert _EACH * _WRITERS == len(found)
        assert [list(range(1, _EACH + 1))] * _WRITERS == [[v for n, v in found if n == name] for name in names]

    def test_order_is_that_of_time(self, store: Store) -> None:
        """
        What was committed before something else began comes before it, whichever thread wrote it.
        """
        self.needs("shared_order")
        with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
            for number in range(20):
                pool = second if number % 2 else first
                pool.submit(write, store, opened(f"P-{number}")).result()

        assert [f"P-{number}" for number in range(20)] == [each.project_id for each in store.feed().facts]


def follow(store: Store, cursor: str, *, limit: int = 100) -> tuple[list[Fact], str]:
    """
    Read the feed from a cursor to its end; return the facts and the last cursor.
    """
    seen: list[Fact] = []
    while (page := store.feed(cursor, limit=limit)).facts:
        seen += page.facts
        cursor = page.cursor
    return seen, cursor


def follow_while(store: Store, going: Callable[[], bool]) -> list[Fact]:
    """
    Read the feed page by page while others write, and then to its end.
    """
    seen: list[Fact] = []
    cursor = ""
    while going():
        page = store.feed(cursor, limit=3)
        seen += page.facts
        cursor = page.cursor
    return seen + follow(store, cursor)[0]


def _names(facts: Sequence[Fact]) -> list[tuple[str, int]]:
    return [(each.project_id, each.version) for each in facts]
