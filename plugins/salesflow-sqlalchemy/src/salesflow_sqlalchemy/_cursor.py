"""
The cursor of a relaxed feed: the writing transaction and the position, ``"8123:17"``.
"""

from __future__ import annotations

from salesflow.errors import InputError, say


_LONGEST = 19  # digits
_LAST = 2**63 - 1


def write_pair(xid: int, pos: int) -> str:
    """
    Return the cursor behind a fact.
    """
    return f"{xid}:{pos}"


def read_pair(cursor: str) -> tuple[int, int]:
    """
    Read what :func:`write_pair` wrote.

    Raises:
        InputError: if it is none of ours.
    """
    if not cursor:
        return 0, 0
    parts = cursor.split(":")
    if len(parts) == 2 and all(len(part) <= _LONGEST and part.isascii() and part.isdigit() for part in parts):
        xid, pos = map(int, parts)
        if max(xid, pos) <= _LAST:
            return xid, pos
    raise InputError(
        "cursor",
        cursor,
        say("input.cursor"),
    )
