"""
The stores that every promise of the contract is held against.
"""

from __future__ import annotations

import pytest

from salesflow.stores import JournalStore, MemoryStore


@pytest.fixture(params=["memory", "journal"])
def store(request, tmp_path):
    """
    An empty store, closed at the end.
    """
    made = MemoryStore() if request.param == "memory" else JournalStore(tmp_path / "sales")
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path):
    """
    Where a journal goes; it is not there yet.
    """
    return tmp_path / "sales"
