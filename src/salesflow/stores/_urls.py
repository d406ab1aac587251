"""
Opens the built-in stores by URL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from .. import stores
from ..errors import InputError, UnsupportedError
from ..typing import Store


def _open(url: str, *, tenant: str, entries: Iterable[type[Any]]) -> Store:
    kind, _, place = url.partition(":")
    path = place.removeprefix("//")
    if kind == "memory" and url != "memory:":
        raise InputError("store", url, "A store in memory has no place; write 'memory:'.")
    if kind != "memory" and not path:
        raise InputError("store", url, "Say where it is, for example 'journal:sales/' or 'sqlite:sales.db'.")
    if kind == "sqlite":
        return stores.SqliteStore(path, tenant=tenant, entries=entries)
    if tenant != "main":
        raise UnsupportedError("tenants")
    # A store in memory keeps the objects as they are, so it asks for no classes.
    return stores.MemoryStore() if kind == "memory" else stores.JournalStore(path, entries=entries)


OPENERS: Final[Mapping[str, Callable[..., Store]]] = dict.fromkeys(("memory", "journal", "sqlite"), _open)
"""Openers by URL scheme."""
