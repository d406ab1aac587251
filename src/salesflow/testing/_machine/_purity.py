"""
Notices when a rule reads a clock, chance or the world outside, whatever it answers.
"""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any, Final, TypeVar


T = TypeVar("T")

_CLOCKS: Final = ("now", "utcnow", "today")
_WORLD: Final = {
    "time": ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "sleep"),
    "posix": ("urandom", "getrandom", "stat", "listdir", "open"),
    "nt": ("urandom", "stat", "listdir", "open"),
    "io": ("open", "open_code"),
    "_io": ("open", "open_code"),
    "_socket": ("getaddrinfo", "gethostbyname"),
}


def watched(call: Callable[[], T]) -> tuple[T, tuple[str, ...]]:
    """
    Return what a call returns, and each reading of a clock, of chance or of the world in it, with its place.

    It asks the interpreter, so nothing has to be replaced, and a clock that happens to give the same
    answer twice is noticed as well. While a profiler runs it sees nothing: there can be one only.
    """
    if sys.getprofile() is not None:
        return call(), ()
    found: dict[str, None] = {}

    def look(frame: FrameType, event: str, called: Any) -> None:  # pragma: no cover -- nobody watches the watch
        if event == "c_call":
            name = _impure(called)
            if name:
                place = f"{Path(frame.f_code.co_filename).name}, line {frame.f_lineno}"
                found[f"{name}() in {frame.f_code.co_name} ({place})"] = None

    collecting = gc.isenabled()
    gc.disable()  # others may be told of a collection, and look at a clock
    sys.setprofile(look)
    try:
        answer = call()
    finally:
        sys.setprofile(None)
        if collecting:
            gc.enable()
    return answer, tuple(found)


def _impure(called: Any) -> str:
    name: str = getattr(called, "__name__", "")
    owner: object = getattr(called, "__self__", None)
    if isinstance(owner, type):
        return f"{owner.__name__}.{name}" if issubclass(owner, date) and name in _CLOCKS else ""
    if isinstance(owner, random.Random):
        return f"random.{name}"
    module: str = getattr(owner, "__name__", "")
    return f"{module}.{name}" if name in _WORLD.get(module, ()) else ""
