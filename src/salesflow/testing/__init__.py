"""
What test suites use: contracts, fakes, and everything that proves a lifecycle.

Install the extra ``salesflow[testing]``. Names are loaded when they are first used, so that the
pytest plugin of this package costs a run nothing that does not need it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest


if TYPE_CHECKING:
    from ._contract import StoreContract
    from ._facts import (
        LEASE,
        NOW,
        attempt,
        changed,
        claim,
        commit,
        due,
        dump,
        grow,
        key,
        moved,
        notice,
        opened,
        write,
    )


_ASSERTING = (
    *("basics", "crash", "feed", "keys", "later", "machine"),
    *("processes", "reading", "tasks", "threads", "values", "work"),
)
# Before they are imported, so that a failing check shows both sides of its comparison.
pytest.register_assert_rewrite(*(f"{__name__}._{name}" for name in _ASSERTING))

__all__ = [
    "LEASE",
    "NOW",
    "StoreContract",
    "attempt",
    "changed",
    "claim",
    "commit",
    "due",
    "dump",
    "grow",
    "key",
    "moved",
    "notice",
    "opened",
    "write",
]

_HOME = {
    "LEASE": "_facts",
    "NOW": "_facts",
    "StoreContract": "_contract",
    "attempt": "_facts",
    "changed": "_facts",
    "claim": "_facts",
    "commit": "_facts",
    "due": "_facts",
    "dump": "_facts",
    "grow": "_facts",
    "key": "_facts",
    "moved": "_facts",
    "notice": "_facts",
    "opened": "_facts",
    "write": "_facts",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value  # so that this function is asked once for each name
        return value
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
