"""
The contract, held against every store of the package.
"""

from __future__ import annotations

import sys

import pytest

from salesflow import stores
from salesflow.testing import StoreContract
from salesflow.typing import Capabilities


# The processes that the contract starts load this file without Hypothesis, and so in less time.
DEEP = "hypothesis" in sys.modules and sys.modules["hypothesis"].settings.default.max_examples >= 1000


class OurContract(StoreContract):
    """The contract, long in the deep profile."""

    kills = 1000 if DEEP else 10
    steps = 100 if DEEP else 25


class TestMemoryStore(OurContract):
    """The store without files."""

    def make_store(self, place):
        return stores.MemoryStore()


class TestJournalStore(OurContract):
    """The store of lines in a folder."""

    caps = Capabilities(durable=True)

    def make_store(self, place):
        return stores.JournalStore(place)

    def make_reader(self, place):
        return stores.JournalStore(place, create=False)

    def crash(self, store):
        store._descriptors.close()


@pytest.mark.skipif(not hasattr(stores, "SqliteStore"), reason="there is no SqliteStore in this package")
class TestSqliteStore(OurContract):
    """The store in a SQLite file."""

    caps = Capabilities(durable=True, multi_process=True, tenants=True)

    def make_store(self, place):
        return stores.SqliteStore(place / "sales.db")

    def make_reader(self, place):
        return stores.SqliteStore(place / "sales.db", create=False)

    def make_tenant(self, place, tenant):
        return stores.SqliteStore(place / "sales.db", tenant=tenant)

    def crash(self, store):
        store.close()  # SQLite drops nothing while its process lives; killed processes are what tests it
