"""
Opens the built-in stores by URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from .. import stores
from ..errors import InputError, UnsupportedError, say
from ..typing import Store


# Too much is hidden rather than too little: a password may hold any character.
_PASSWORD: Final = re.compile(r"(//[^/:@]*:).*(?=@)|(^[^/:@]*:)[^/]*(?=@)")
_SECRET: Final = re.compile(r"(?i)([?&;][^=&;]*(?:pass|pwd|secret|token|key)[^=&;]*=)[^&;#]*")


def without_password(url: str) -> str:
    """
    Return a URL as it may be shown: its password, and what else it keeps secret, as ``***``.
    """
    return _SECRET.sub(r"\1***", _PASSWORD.sub(r"\1\2***", url))


def _open(url: str, *, tenant: str, entries: Iterable[type[Any]], create: bool) -> Store:
    kind, _, place = url.partition(":")
    path, shown = place.removeprefix("//"), without_password(url)
    if kind == "memory" and url != "memory:":
        raise InputError("store", shown, say("input.memory"))
    if kind != "memory" and not path:
        raise InputError("store", shown, say("input.store_place"))
    if kind == "sqlite":
        return stores.SqliteStore(path, tenant=tenant, entries=entries, create=create)
    if tenant != "main":
        raise UnsupportedError("tenants")
    # A store in memory keeps the objects as they are, so it asks for no classes, and it is always new.
    return stores.MemoryStore() if kind == "memory" else stores.JournalStore(path, entries=entries, create=create)


OPENERS: Final[Mapping[str, Callable[..., Store]]] = dict.fromkeys(("memory", "journal", "sqlite"), _open)
"""Openers by URL scheme."""
