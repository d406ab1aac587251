"""
Batches of a SQLite file: transactions of at most 1,000 commits, seen by their thread and by others when durable.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest

from salesflow.errors import StoreClosedError, StoreFailedError, StoreUnavailableError, VersionConflictError
from salesflow.stores import SqliteStore

from .factory import attempt, changed, claimed, commit, grow, notice, opened, write


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sales.db"


@pytest.fixture
def store(path):
    with SqliteStore(path) as made:
        yield made


@pytest.fixture
def other(store, path):
    """Another handle, as of another process."""
    with SqliteStore(path, timeout=0) as made:
        yield made


def in_thread(call, *arguments):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call, *arguments).result()


def test_others_do_not_see_what_waits(store, other):
    """
    What waits is seen by the thread of the batch alone, and by everybody after the block.
    """
    with store.batch():
        project = grow(store)
        inside = store.head("P-1"), in_thread(store.head, "P-1"), in_thread(store.feed).facts, other.head("P-1")

    assert (project, None, (), None) == inside
    assert [project] * 3 == [store.head("P-1"), in_thread(store.head, "P-1"), other.head("P-1")]


def test_a_chunk_is_durable_in_the_middle(store, other):
    """
    After 1,000 commits others see them, and may write in between.
    """
    with store.batch():
        for number in range(1000):
            store.commit(commit(attempts=[attempt(f"P-{number}")]))
        seen = len(other.attempts("P-999"))
        write(other, opened("Q-1"))
        store.commit(commit(opened("Q-2")))

    assert (1, ["Q-1", "Q-2"]) == (seen, [each.project_id for each in other.feed().facts])


def test_other_threads_write_what_waits(store, other):
    """
    A commit of another thread of the handle is durable when it returns, and the batch before it is as well.
    """
    called = []
    with store.batch():
        write(store, opened())
        store.when_durable(lambda: called.append("P-1"))
        in_thread(store.commit, commit(opened("P-2")))
        seen = [each.project_id for each in other.feed().facts]
        before = list(called)
        write(store, opened("P-3"))
        store.when_durable(lambda: called.append("P-3"))

    assert (["P-1", "P-2"], [], ["P-1", "P-3"]) == (seen, before, called)


def test_what_is_called_may_commit_and_wait(store, other):
    """
    What is called commits into the same batch; its own calls come after all that wait already, when they are durable.
    """
    called = []

    def look(number):
        called.append((number, len(other.feed().facts)))
        if number < 3:
            write(store, opened(f"Q-{number}"))
            store.when_durable(lambda: look(number + 2))

    with store.batch():
        for number in (1, 2):
            write(store, opened(f"P-{number}"))
            store.when_durable(lambda number=number: look(number))

    assert [(1, 2), (2, 3), (3, 4), (4, 4)] == called


def test_two_threads_with_batches(store):
    """
    Threads with a batch each take turns, and nothing gets lost.
    """

    def work(name):
        with store.batch():
            grow(store, name, facts=20)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, [f"P-{number}" for number in range(4)]))
    found = store.check(deep=True)

    assert (80, ()) == (found.facts, found.problems)


def test_check_in_a_batch_writes_it(store, other):
    """
    A check looks at what is durable, so it writes what waits.
    """
    with store.batch():
        grow(store)
        found = store.check(deep=True)
        seen = len(other.feed().facts)

    assert (3, (), 3) == (found.facts, found.problems, seen)


def test_closing_writes_the_batch(store, path):
    """
    Closing a store in a batch writes it, and a closed store has none.
    """
    with store.batch():
        project = grow(store)
        store.close()
    with pytest.raises(StoreClosedError):
        store.batch()
    with SqliteStore(path) as again:
        assert project == again.head("P-1")


def test_batch_that_cannot_be_written(store, path):
    """
    If a batch cannot be written the handle takes no more, nothing is called, and reading says what is there.
    """
    called = []
    before = write(store, opened())

    def lose():
        with store.batch():
            write(store, changed(before))
            store.when_durable(lambda: called.append(1))
            path.rename(path.with_name("away"))

    with pytest.raises(StoreUnavailableError, match="removed or replaced"):
        lose()
    path.with_name("away").rename(path)
    with pytest.raises(StoreFailedError, match="A batch could not be written"):
        write(store, opened("P-2"))

    assert (before, []) == (store.head("P-1"), called)


def test_a_refused_opening_of_a_large_project(store):
    """
    A large project that could not be opened, in a batch or not, leaves nothing behind that the next try stumbles on.
    """
    large = opened("P-1", name="x" * 5000)
    write(store, opened("P-2"))
    for block in (nullcontext, store.batch, nullcontext):
        with block(), pytest.raises(VersionConflictError):
            store.commit(commit(large, opened("P-2")))
    write(store, large)

    assert (large.project, True) == (store.head("P-1"), store.check(deep=True).ok)


def test_claims_in_a_batch(store, other):
    """
    A claim in a batch is durable with it.
    """
    write(store, opened())
    store.commit(commit(changed(opened().project), notices=[notice()]))
    with store.batch():
        taken = claimed(store)

    assert (1, ()) == (len(taken), tuple(claimed(other)))
