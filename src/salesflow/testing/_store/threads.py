"""
Section G of the contract: many threads share one handle.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

from ... import Project, replay
from ...errors import VersionConflictError
from ...typing import Committed, FieldSet, Store
from .facts import changed, commit, grow, key, opened, write
from .hooks import Hooks


class Threads(Hooks):
    """
    Own projects, one project, one key, and readers in between.
    """

    def test_threads_on_own_projects(self, store: Store) -> None:
        """
        Eight threads on projects of their own lose nothing.
        """
        names = [f"P-{number}" for number in range(8)]
        with ThreadPoolExecutor(8) as pool:
            growing = [pool.submit(grow, store, name, facts=10) for name in names]
        heads = [each.result() for each in growing]

        assert heads == list(store.find())
        assert 80 == len(store.feed().facts)

    def test_threads_on_one_project(self, store: Store) -> None:
        """
        Of eight threads that write on top of one version exactly one wins, and no addition is lost.
        """
        write(store, opened("P-1", FieldSet("sum", 0)))
        together = Barrier(8, timeout=60)
        with ThreadPoolExecutor(8) as pool:
            competing = [pool.submit(compete, store, together) for _ in range(8)]
        won = sum(each.result() for each in competing)
        facts = list(store.load("P-1"))

        assert (5, [1, 2, 3, 4, 5, 6]) == (won, [each.version for each in facts])
        assert [5] == [each.fields["sum"] for each in store.find()]
        assert replay(facts) == store.head("P-1")

    def test_threads_with_one_key(self, store: Store) -> None:
        """
        The same request from four threads at once makes one fact.
        """
        start = Barrier(4, timeout=60)
        with ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(commit_at_once, store, start) for _ in range(4)]
        answers = [each.result() for each in asking]

        assert [False, True, True, True] == sorted(each.replayed for each in answers)
        assert (opened().fact,) == store.feed().facts

    def test_readers_see_whole_commits(self, store: Store) -> None:
        """
        While money moves between two projects, every look at both finds the same sum.
        """
        left = write(store, opened("A", FieldSet("sum", 100)))
        right = write(store, opened("B", FieldSet("sum", 100)))
        sums: set[int] = set()
        pages: set[int] = set()
        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(move_money, store, left, right)
            while not writing.done():
                sums |= {sum(each.fields["sum"] for each in store.find()) for _ in range(5)}
                pages.add(len(store.feed().facts) % 2)
            writing.result()

        assert ({200}, {0}) == (sums | {200}, pages | {0})
        assert [41, 41] == [each.version for each in store.find()]


# What the threads do stands apart, so that it can be run and traced in one thread as well.


def compete(store: Store, together: Barrier) -> int:
    """
    Add to one number five times, on top of the version that everybody has read; return how often that was accepted.
    """
    won = 0
    for _ in range(5):
        together.wait()
        (head,) = store.find()
        together.wait()
        with suppress(VersionConflictError):
            store.commit(commit(changed(head, FieldSet("sum", head.fields["sum"] + 1))))
            won += 1
    return won


def commit_at_once(store: Store, start: Barrier) -> Committed:
    """
    Make the request that all others make at the same moment.
    """
    start.wait()
    return store.commit(commit(opened(), key=key()))


def move_money(store: Store, left: Project, right: Project) -> None:
    """
    Move money from one project to the other in forty commits.
    """
    for amount in range(1, 41):
        out = changed(left, FieldSet("sum", left.fields["sum"] - amount))
        into = changed(right, FieldSet("sum", right.fields["sum"] + amount))
        store.commit(commit(out, into))
        left, right = out.project, into.project
