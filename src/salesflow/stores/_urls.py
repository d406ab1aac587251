"""
Opens the built-in stores by URL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from .. import stores
from ..errors import InputError, UnsupportedError
from ..typing import Store


def _path_of(url: str) -> str:
    path = url.partition(":")[2].removeprefix("//")
    if not path:
        raise InputError("store", url, "Say where it is, for example 'journal:sales/' or 'sqlite:sales.db'.")
    return path


def _alone(tenant: str) -> None:
    if tenant != "main":
        raise UnsupportedError("tenants")


def _memory(url: str, *, tenant: str, entries: Iterable[type[Any]]) -> Store:
    del entries  # it keeps objects as they are
    _alone(tenant)
    if url != "memory:":
        raise InputError("store", url, "A store in memory has no place; write 'memory:'.")
    return stores.MemoryStore()


def _journal(url: str, *, tenant: str, entries: Iterable[type[Any]]) -> Store:
    _alone(tenant)
    return stores.JournalStore(_path_of(url), entries=entries)


def _sqlite(url: str, *, tenant: str, entries: Iterable[type[Any]]) -> Store:
    return stores.SqliteStore(_path_of(url), tenant=tenant, entries=entries)


OPENERS: Final[Mapping[str, Callable[..., Store]]] = {"memory": _memory, "journal": _journal, "sqlite": _sqlite}
"""Openers by URL scheme."""
