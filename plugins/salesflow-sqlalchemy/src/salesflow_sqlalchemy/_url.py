"""
The connections of an engine, or of a URL.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from salesflow.errors import InputError, StoreError, in_two_languages

from . import _sql
from ._connections import OwnConnections, PostgresConnections, SqliteConnections
from ._driver import DriverConnections


_DRIVERS: Final = {"postgresql": "psycopg", "sqlite": "pysqlite"}
_LOCK_TIMEOUT: Final = "-c lock_timeout=30s"


def check_dialect(engine: Engine) -> str:
    """
    Return the dialect of an engine that this adapter knows.

    Raises:
        InputError: it does not.
    """
    name, driver = engine.dialect.name, engine.dialect.driver
    if _DRIVERS.get(name) != driver:
        raise InputError(
            "database",
            f"{name}+{driver}",
            in_two_languages(
                "Use postgresql+psycopg or sqlite+pysqlite.", "请使用 postgresql+psycopg 或 sqlite+pysqlite。"
            ),
        )
    return name


def open_connections(engine_or_url: Engine | URL | str, *, create: bool) -> OwnConnections:
    """
    Return the connections of an engine, or of one that is made for a URL.

    Args:
        create: whether a file that is not there is made.

    Raises:
        InputError: it is not the URL of a database that this adapter knows.
    """
    if isinstance(engine_or_url, Engine):
        engine, owned = engine_or_url, False
    else:
        engine, owned = _engine(engine_or_url), True
    try:
        if check_dialect(engine) == "sqlite":
            return SqliteConnections(engine, owned=owned, create=create)
        return DriverConnections(engine) if owned else PostgresConnections(engine)
    except BaseException:
        if owned:
            engine.dispose()
        raise


def _engine(given: URL | str) -> Engine:
    # Neither what was given nor what SQLAlchemy says of it is shown: it may hold a password.
    try:
        url = make_url(given)
        if url.drivername in _DRIVERS:
            url = url.set(drivername=f"{url.drivername}+{_DRIVERS[url.drivername]}")
        options: dict[str, Any] = {}
        if url.get_backend_name() == "postgresql":
            options.update(isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True, poolclass=NullPool)
            options["connect_args"] = {} if "options" in url.query else {"options": _LOCK_TIMEOUT}
        return create_engine(url, hide_parameters=True, **options)
    except (SQLAlchemyError, ImportError, ValueError, TypeError) as error:
        problem = type(error).__name__
    hint = in_two_languages(
        "Write postgresql+psycopg://user@host/name or sqlite+pysqlite:///file, and install the driver.",
        "请写成 postgresql+psycopg://user@host/name 或 sqlite+pysqlite:///file，并安装驱动程序。",
    )
    raise InputError("database URL", problem, hint)


def synchronous(connection: Connection) -> None:
    """
    Check that the server makes commits durable before it answers.

    Raises:
        StoreError: it does not.
    """
    if connection.execute(_sql.SYNCHRONOUS).scalar() == "off":
        raise StoreError(
            in_two_languages(
                "the server runs with synchronous_commit = off and may lose commits. Set it to on.",
                "服务器以 synchronous_commit = off 运行，可能丢失已提交的内容。请将其设为 on。",
            )
        )
