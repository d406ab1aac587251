"""
Section I of the contract: the commits of a batch, each whole, durable together, heard of in order.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from ...errors import VersionConflictError
from ...typing import Store
from .facts import attempt, changed, claim, commit, dump, grow, key, notice, opened, write
from .hooks import Hooks


_CHUNK = 1000


class Batches(Hooks):
    """
    What :meth:`~salesflow.typing.Store.batch` and ``when_durable`` promise; a store may write at once all the same.
    """

    def test_batch_is_seen_by_its_thread(self, store: Store) -> None:
        """
        Inside of a batch a thread finds everything that it committed, by every way of asking.
        """
        with store.batch():
            first = opened(owner="li.wei")
            store.commit(commit(first, key=key(), attempts=[attempt()], notices=[notice()]))
            project = write(store, changed(first.project))
            inside = dump(store)
            found = (
                store.head("P-1"),
                [each.version for each in store.load("P-1")],
                [each.id for each in store.find(owner="li.wei")],
                store.committed(key()),
                len(store.feed().facts),
            )

        assert (project, [1, 2], ["P-1"], first.fact, 2) == found
        assert inside == dump(store)

    def test_batch_that_raises_keeps_its_commits(self, tmp_path: Path) -> None:
        """
        A block that ends with an error keeps what was committed in it, durably if the store is durable.
        """
        store = self.make_store(tmp_path)

        def stop() -> None:
            with store.batch():
                grow(store)
                raise LookupError("stop")

        with pytest.raises(LookupError):
            stop()
        before = dump(store)
        store = self.reopen(store, tmp_path)
        after, found = dump(store), store.check(deep=True)
        store.close()

        assert (3, ()) == (found.facts, found.problems)
        assert before == after

    def test_refused_commit_in_a_batch(self, store: Store) -> None:
        """
        A commit that is refused in a batch leaves nothing of itself, and the others as they are.
        """
        with store.batch():
            project = grow(store)
            with pytest.raises(VersionConflictError):
                store.commit(commit(opened("P-2"), opened("P-1"), notices=[notice("P-2")]))
            project = write(store, changed(project))
        answer = store.check(deep=True)

        assert (project, None, (), 4) == (store.head("P-1"), store.head("P-2"), answer.problems, answer.facts)
        assert [] == claim(store)

    def test_batch_in_a_batch(self, store: Store) -> None:
        """
        A batch in a batch belongs to the outer one.
        """
        with store.batch():
            with store.batch():
                project = grow(store)
            write(store, changed(project))

        assert 4 == len(store.feed().facts)

    def test_batch_replays_and_does_work(self, store: Store) -> None:
        """
        Keys and work are the same inside of a batch: a repeat finds its fact, a claim is finished with a commit.
        """
        with store.batch():
            first = opened()
            store.commit(commit(first, key=key(), notices=[notice()]))
            again = store.commit(commit(first, key=key()))
            store.commit(commit(changed(first.project), done=claim(store)))

        assert (True, first.fact) == (again.replayed, again.fact)
        assert (None, 2) == (store.next_due("notice"), len(store.feed().facts))

    def test_large_batch(self, tmp_path: Path) -> None:
        """
        A batch of more than 1,000 commits is durable to the last, and those it keeps are called in order, each once.
        """
        store = self.make_store(tmp_path)
        called: list[int] = []
        with store.batch():
            for number in range(_CHUNK + 2):
                store.commit(commit(attempts=[attempt(trigger=str(number))]))
                if not store.when_durable(partial(called.append, number)):
                    called.append(number)
            inside = len(called)
        store = self.reopen(store, tmp_path)
        kept = [each.trigger for each in store.attempts("P-1")]
        store.close()

        assert list(range(_CHUNK + 2)) == called
        assert list(map(str, called)) == kept
        assert inside >= _CHUNK

    def test_durable_when_called(self, tmp_path: Path) -> None:
        """
        What is called when a commit is durable finds it in another handle, and may commit by itself.
        """
        self.needs("multi_process")
        store = self.make_store(tmp_path)
        found: list[object] = []

        def look() -> None:
            other = self.make_store(tmp_path)
            found.append(other.head("P-1"))
            other.close()
            write(store, opened("P-2"))

        with store.batch():
            project = grow(store)
            if not store.when_durable(look):
                look()
        last = store.head("P-2")
        store.close()

        assert ([project], opened("P-2").project) == (found, last)

    def test_durable_outside_of_a_batch(self, store: Store) -> None:
        """
        Outside of a batch everything is durable at once, and nothing is kept to be called.
        """
        called: list[int] = []
        grow(store)

        assert (False, []) == (store.when_durable(lambda: called.append(1)), called)
