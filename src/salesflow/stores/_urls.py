"""
Opens the built-in stores by URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from .. import stores
from ..errors import InputError, UnsupportedError
from ..typing import Store


# Too much is hidden rather than too little: a password may hold any character.
_PASSWORD: Final = re.compile(r"(//[^/:@]*:).*(?=@)|(^[^/:@]*:)[^/]*(?=@)")
_SECRET: Final = re.compile(r"(?i)([?&;][^=&;]*(?:pass|pwd|secret|token|key)[^=&;]*=)[^&;#]*")


def without_password(url: str) -> str:
    """
    Return a URL as it may be shown: its password, and what else it keeps secret, as ``***``.
    """
    return _SECRET.sub(r"\1***", _PASSWORD.sub(r"\1\2***", url))


def _path_of(url: str) -> str:
    path = url.partition(":")[2].removeprefix("//")
    if not path:
        raise InputError(
            "store", without_password(url), "Say where it is, for example 'journal:sales/' or 'sqlite:sales.db'."
        )
    return path


def _alone(tenant: str) -> None:
    if tenant != "main":
        raise UnsupportedError("tenants")


def _memory(url: str, *, tenant: str, entries: Iterable[type[Any]], create: bool) -> Store:
    del entries, create  # it keeps objects as they are, and is always new
    _alone(tenant)
    if url != "memory:":
        raise InputError("store", without_password(url), "A store in memory has no place; write 'memory:'.")
    return stores.MemoryStore()


def _journal(url: str, *, tenant: str, entries: Iterable[type[Any]], create: bool) -> Store:
    _alone(tenant)
    return stores.JournalStore(_path_of(url), entries=entries, create=create)


def _sqlite(url: str, *, tenant: str, entries: Iterable[type[Any]], create: bool) -> Store:
    return stores.SqliteStore(_path_of(url), tenant=tenant, entries=entries, create=create)


OPENERS: Final[Mapping[str, Callable[..., Store]]] = {"memory": _memory, "journal": _journal, "sqlite": _sqlite}
"""Openers by URL scheme."""
