"""
What the authors of stores test with: the contract of stores, and builders for checks of their own.

Install the extra ``salesflow[testing]``.
"""

from __future__ import annotations

import pytest


_CHECKS = (
    *("basics", "crash", "feed", "keys", "later", "machine"),
    *("processes", "reading", "tasks", "threads", "values", "work"),
)
# Before they are imported, so that a failing check shows both sides of its comparison.
pytest.register_assert_rewrite(*(f"{__name__}._{name}" for name in _CHECKS))

from ._contract import StoreContract  # noqa: E402 -- see above
from ._facts import (  # noqa: E402 -- see above
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
