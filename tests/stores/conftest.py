"""
The stores that every promise of the contract is held against.
"""

from __future__ import annotations

import pytest

from salesflow.stores import JournalStore, MemoryStore, SqliteStore


@pytest.fixture(params=["memory", "journal", "sqlite"])
def store(request, tmp_path):
    """
    An empty store, closed at the end.
    """
    openers = {
        "memory": MemoryStore,
        "journal": lambda: JournalStore(tmp_path / "sales"),
        "sqlite": lambda: SqliteStore(tmp_path / "sales.db"),
    }
    made = openers[request.param]()
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path):
    """
    Where a journal goes; it is not there yet.
    """
    return tmp_path / "sales"
