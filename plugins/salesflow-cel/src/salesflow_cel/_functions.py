"""
The functions of the language that replace functions of the library which are impure, unbounded or too narrow.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Final

from celpy import celtypes
from celpy.evaluation import base_functions, bool_eq, bool_ge, bool_gt, bool_le, bool_lt, bool_ne

from ._reading import TIMES
from ._values import MoneyType


_RE2: Final[Any] = import_module("re2")  # it has no type hints
_QUIET: Final[Any] = _RE2.Options()
_QUIET.log_errors = False
_QUIET.max_mem = 256 * 1024  # a pattern that needs more is refused; so none takes longer than some milliseconds
_PART: Final = r"[0-9]{1,12}(?:\.[0-9]{1,9})?(?:ns|us|ms|s|m|h|d)"
_DURATION: Final = re.compile(rf"[-+]?(?:{_PART}){{1,8}}")
_OFFSET: Final = re.compile(r"(?P<sign>[-+]?)(?P<hours>[0-9]{1,2}):(?P<minutes>[0-9]{2})")


def timestamp(value: Any) -> celtypes.TimestampType:
    """
    Read a time in ISO 8601; without a zone it is UTC.

    The library's function also accepts ``now``, and an answer must not depend on when it is computed.
    """
    if isinstance(value, str):
        found = datetime.fromisoformat(value)
        return celtypes.TimestampType(found if found.tzinfo else found.replace(tzinfo=UTC))
    return celtypes.TimestampType(value)


def duration(value: Any) -> celtypes.DurationType:
    """
    Read a length of time such as ``36h`` or ``14d``.

    The library's function takes exponential time to refuse some texts.
    """
    if isinstance(value, str) and not _DURATION.fullmatch(value):
        raise ValueError("no duration")
    return celtypes.DurationType(value)


def matches(text: Any, pattern: Any) -> celtypes.BoolType:
    """
    Return whether a text contains a pattern of RE2, in time linear in the text.

    The library's function prints every invalid pattern to the terminal.
    """
    if not isinstance(text, str) or not isinstance(pattern, str):
        raise TypeError("no text")
    try:
        return celtypes.BoolType(_RE2.search(pattern, text, options=_QUIET) is not None)
    except _RE2.error:
        raise ValueError("no pattern") from None


def _part_of_time(name: str) -> Callable[..., Any]:
    # Only an offset is accepted, because the name of a zone would be looked up in files of the machine.
    function: Any = base_functions[name]

    def call(value: Any, offset: Any = None) -> Any:
        if offset is None:
            return function(value)
        found = _OFFSET.fullmatch(offset) if isinstance(offset, str) else None
        if found is None or not isinstance(value, celtypes.TimestampType):
            raise TypeError("no offset")
        ahead = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
        return function(celtypes.TimestampType(value + (-ahead if found["sign"] == "-" else ahead)))

    return call


def _of_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    # The language compares integers with doubles; the library does not yet.
    def call(left: Any, right: Any) -> Any:
        if isinstance(left, celtypes.DoubleType) and isinstance(right, celtypes.IntType):
            right = celtypes.DoubleType(right)
        elif isinstance(left, celtypes.IntType) and isinstance(right, celtypes.DoubleType):
            left = celtypes.DoubleType(left)
        return function(left, right)

    return call


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "_==_": _of_numbers(bool_eq),
    "_!=_": _of_numbers(bool_ne),
    "_<_": _of_numbers(bool_lt),
    "_<=_": _of_numbers(bool_le),
    "_>_": _of_numbers(bool_gt),
    "_>=_": _of_numbers(bool_ge),
    "money": MoneyType.parse,
    "timestamp": timestamp,
    "duration": duration,
    **{name: _part_of_time(name) for name in TIMES},
}
"""The functions that take precedence over those of the library."""

COSTLY: Final[dict[str, Callable[..., Any]]] = {
    "_+_": operator.add,
    **{name: FUNCTIONS[name] for name in ("_==_", "_!=_")},
    **{name: base_functions[name] for name in ("_in_", "contains", "endsWith", "size", "startsWith")},
}
"""The functions whose cost grows with the size of their arguments."""
