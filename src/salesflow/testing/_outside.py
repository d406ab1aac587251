"""
Detection of what a call reads besides its arguments: clock, chance, environment, files, network.

A profile function of this thread sees calls of C functions, and an audit hook sees opened files and
sockets. A C function that another C function calls (``partial(datetime.now)``) is not seen.
"""

from __future__ import annotations

import gc
import os
import random
import sys
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from threading import local
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast


if TYPE_CHECKING:
    from collections.abc import Generator

T = TypeVar("T")

_MODULES: Final = {
    "time": "the clock",
    "posix": "the operating system",
    "_random": "chance",
    "_uuid": "chance",
    "_socket": "the network",
    "io": "files",
    "_io": "files",
    "_sqlite3": "files",
}
_HARMLESS: Final = frozenset({"fspath", "struct_time", "StringIO", "BytesIO"})
_BUFFERS: Final = (StringIO, BytesIO)
_EVENTS: Final = {  # the first part of the name of an audit event
    "open": "files",
    "socket": "the network",
    "subprocess": "other programs",
    "os": "the operating system",
}
_ENVIRONMENT: Final = frozenset(
    method.__code__
    for method in vars(type(os.environ)).values()
    if isinstance(getattr(method, "__code__", None), CodeType)
)
_here = local()


def watched(call: Callable[[], T]) -> tuple[T, tuple[str, ...]]:
    """
    Return what a call returned, and what it read: ``the clock (datetime.now in rules.py, line 7)``.
    """
    with _watching() as seen:
        found = call()
    return found, tuple(dict.fromkeys(seen))


@contextmanager
def _watching() -> Generator[list[str]]:
    _install()
    seen: list[str] = []
    before, collecting = sys.getprofile(), gc.isenabled()
    _here.seen = seen
    gc.disable()  # callbacks of a collection may read a clock
    sys.setprofile(_profile(seen))
    try:
        yield seen
    finally:
        sys.setprofile(before)
        _here.seen = None
        if collecting:
            gc.enable()


def _profile(seen: list[str]) -> Callable[[FrameType, str, Any], None]:
    def profile(frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call":
            found = _source(called)
            if found is not None:
                place = f"{Path(frame.f_code.co_filename).name}, line {frame.f_lineno}"
                seen.append(f"{found} ({getattr(called, '__qualname__', called)} in {place})")
        elif event == "call" and frame.f_code in _ENVIRONMENT:
            seen.append("the environment (os.environ)")

    return profile


def _source(called: Any) -> str | None:
    """
    Return what a C function reads, or ``None`` if it reads nothing outside its arguments.
    """
    owner: Any = getattr(called, "__self__", None)
    name = getattr(called, "__name__", "")
    if isinstance(owner, type) and issubclass(owner, date):
        return "the clock" if name in ("now", "utcnow", "today") else None
    if isinstance(owner, random.Random):
        return "chance"
    if isinstance(owner, _BUFFERS):
        return None
    if called is print or called is input:
        return "the screen"
    # Methods of C classes have no module, but their class has.
    module = str(getattr(called, "__module__", None) or cast("object", owner).__class__.__module__)
    return None if name in _HARMLESS else _MODULES.get(module)


def _audit(event: str) -> None:
    seen: list[str] | None = getattr(_here, "seen", None)
    place = None if seen is None else _EVENTS.get(event.partition(".")[0])
    if seen is not None and place is not None:
        seen.append(f"{place} ({event})")


@cache
def _install() -> None:
    # An audit hook stays for the life of the process; it does nothing except while a call is watched.
    sys.addaudithook(lambda event, _arguments: _audit(event))
