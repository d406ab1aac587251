"""
What the threads of the contract of stores do, done in one thread.
"""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier

import pytest

from salesflow.errors import VersionConflictError
from salesflow.stores import JournalStore, MemoryStore
from salesflow.testing import NOW, commit, due, opened, write
from salesflow.testing._store.processes import commit_at_once, compete, open_at_once
from salesflow.testing._store.work import take_what_is_due
from salesflow.typing import FieldSet


@pytest.fixture
def store():
    """An empty store without files."""
    return MemoryStore()


def test_compete(store):
    """
    Who is alone wins every time.
    """
    write(store, opened("P-1", FieldSet("sum", 0)))

    assert (5, 5) == (compete(store, Barrier(1)), store.head("P-1").fields["sum"])


def test_compete_and_lose(store, monkeypatch):
    """
    Who is refused does not count.
    """
    write(store, opened("P-1", FieldSet("sum", 0)))

    def refuse(commit):
        raise VersionConflictError("P-1", 1, 2)

    monkeypatch.setattr(store, "commit", refuse)

    assert 0 == compete(store, Barrier(1))


def test_commit_at_once(store):
    """
    The second of two equal requests is answered from the first.
    """
    answers = [commit_at_once(store, Barrier(1)).replayed for _ in range(2)]

    assert [False, True] == answers


def test_open_at_once(tmp_path):
    """
    The store is made, used and closed.
    """
    open_at_once(JournalStore, tmp_path, Barrier(1), "P-7")
    with JournalStore(tmp_path) as store:
        found = [each.id for each in store.find()]

    assert ["P-7"] == found


def test_take_what_is_due(store):
    """
    One worker gets everything, each piece once.
    """
    write(store, opened())
    store.commit(commit(dues=[due(deadline=f"in_{number}") for number in range(7)]))

    assert [f"in_{number}" for number in range(7)] == sorted(
        take_what_is_due(store, "worker", NOW + timedelta(hours=1))
    )
