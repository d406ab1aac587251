"""
The contract of stores, over PostgreSQL in both orders and over SQLite.
"""

from __future__ import annotations

import os
from hashlib import sha256

import pytest
from salesflow_sqlalchemy import SqlAlchemyStore

from salesflow.testing import StoreContract
from salesflow.typing import Capabilities


def _dropped(store) -> None:
    # What is left of a process that died: nothing but its connections, cut.
    store._connections._engine.dispose()
    if store._connections.dialect == "postgresql":
        store._connections.close()
    store._closed = True


@pytest.mark.slow
class TestSqlite(StoreContract):
    """
    SQLite through SQLAlchemy.
    """

    caps = Capabilities(durable=True, multi_process=True, tenants=True)
    kills = 2
    steps = 10

    def make_store(self, place):
        return self.make_tenant(place, "main")

    def make_tenant(self, place, tenant):
        return SqlAlchemyStore(f"sqlite+pysqlite:///{place / 'sales.db'}", tenant=tenant)

    def make_reader(self, place):
        return SqlAlchemyStore(f"sqlite+pysqlite:///{place / 'sales.db'}", create=False)

    def crash(self, store):
        _dropped(store)
        store._connections._turn.close()


@pytest.mark.slow
class TestPostgresql(StoreContract):
    """
    PostgreSQL with a counter for each tenant; every place is a tenant.
    """

    caps = Capabilities(durable=True, multi_process=True, tenants=True)
    kills = 2
    steps = 10
    ordering = "total"

    def make_store(self, place):
        return self.make_tenant(place, "main")

    def make_reader(self, place):
        return self.make_tenant(place, "main", create=False)

    def make_tenant(self, place, tenant, *, create=True):
        name = f"{self.ordering}-{sha256(bytes(place)).hexdigest()[:16]}-{tenant}"
        server = os.environ["SALESFLOW_TEST_POSTGRESQL"]
        return SqlAlchemyStore(server, tenant=name, ordering=self.ordering, create=create)

    def crash(self, store):
        _dropped(store)


class TestRelaxed(TestPostgresql):
    """
    PostgreSQL without a counter.
    """

    # They start many processes, and what they look at has nothing to do with the order of the feed;
    # the checks with threads stay.
    test_processes_on_one_project = None
    test_processes_with_one_key = None
    test_processes_never_hold_the_same_work = None
    test_killed_writers = None
    test_forked_handle = None

    caps = Capabilities(durable=True, multi_process=True, tenants=True, shared_order=False)
    steps = 5
    ordering = "relaxed"
