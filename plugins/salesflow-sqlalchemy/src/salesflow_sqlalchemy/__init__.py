"""
Keeps salesflow projects in PostgreSQL or SQLite, in tables of their own or in the host's transaction.

Fulfils :class:`salesflow.typing.Store`, and opens URLs through the hook ``salesflow_stores``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from salesflow.plugins.hookspecs import hookimpl
from salesflow.typing import Store

from ._store import Ordering, SqlAlchemyStore


__all__ = ["Ordering", "SqlAlchemyStore", "salesflow_stores"]


def _opened(url: str, *, tenant: str = "main", entries: Iterable[type[Any]] = (), create: bool = True) -> Store:
    return SqlAlchemyStore(url, tenant=tenant, entries=entries, create=create)


@hookimpl
def salesflow_stores() -> Mapping[str, Callable[..., Store]]:
    """
    Return the openers of this adapter; plain ``sqlite:`` belongs to the store without SQLAlchemy.
    """
    return {
        "postgresql": _opened,
        "postgresql+psycopg": _opened,
        "sqlite+pysqlite": _opened,
    }
