"""
Keeps salesflow projects in PostgreSQL or SQLite, in tables of their own or in the host's transaction.

Fulfils :class:`salesflow.typing.Store`, and opens URLs through the hook ``salesflow_stores``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from salesflow.plugins.hookspecs import hookimpl
from salesflow.typing import Store


if TYPE_CHECKING:
    from ._store import Ordering as Ordering, SqlAlchemyStore as SqlAlchemyStore


__all__ = ["Ordering", "SqlAlchemyStore", "salesflow_stores"]


def __getattr__(name: str) -> Any:
    """
    Import the store, and SQLAlchemy with it, when it is asked for: every command of salesflow loads every plugin.
    """
    if name in {"Ordering", "SqlAlchemyStore"}:
        value = globals()[name] = getattr(import_module("._store", __name__), name)
        return value
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def _opened(url: str, *, tenant: str = "main", entries: Iterable[type[Any]] = (), create: bool = True) -> Store:
    from ._store import SqlAlchemyStore  # noqa: PLC0415 -- as above

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
