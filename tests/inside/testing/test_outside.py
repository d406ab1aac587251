"""
What a call looks at outside of its arguments is seen, and what it computes from them is not.
"""

from __future__ import annotations

import gc
import os
import random
import re
import secrets
import socket
import sys
import time
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from salesflow.testing import _outside
from salesflow.testing._outside import watched

from ...cases import over_cases


OUTSIDE = [
    (time.time, "the clock"),
    (lambda: datetime.now(UTC), "the clock"),
    (date.today, "the clock"),
    (lambda: random.randint(1, 6), "chance"),
    (secrets.token_hex, "the operating system"),
    (uuid.uuid4, "the operating system"),
    (lambda: os.environ.get("HOME"), "the environment"),
    (os.getcwd, "the operating system"),
    (lambda: Path(__file__).read_text("utf-8"), "files"),
    (lambda: socket.socket().close(), "the network"),
    (lambda: print(end=""), "the screen"),  # noqa: T201 -- what is seen
]
INSIDE = [
    lambda: datetime.fromtimestamp(0, UTC).strftime("%Y"),
    lambda: Decimal("1.5") + 1,
    lambda: re.match("a", "a"),
    lambda: StringIO("text").read(),
    lambda: sorted({"b": 1, "a": 2}),
]


@over_cases(("call", "what"), OUTSIDE[1:], ids=range(len(OUTSIDE) - 1))
def test_a_look_outside_is_seen(call, what):
    """It is named with the function that looked."""
    _, seen = watched(call)

    assert any(one.startswith(f"{what} (") for one in seen)


@over_cases("call", INSIDE, ids=range(len(INSIDE)))
def test_what_is_computed_is_not(call):
    """A call that only computes has looked at nothing."""
    _, seen = watched(call)

    assert () == seen


def test_a_profile_is_put_back():
    """Whoever profiles the tests goes on doing so, also after a call that raises."""
    before = sys.getprofile()
    with pytest.raises(ZeroDivisionError):
        watched(lambda: 1 // 0)

    assert before is sys.getprofile()
    assert None is _outside._here.seen


def test_the_collector_is_left_as_it_was():
    """What others do at a collection is not taken for the call's, and whoever had it off finds it off."""
    gc.disable()
    try:
        watched(int)
        off = not gc.isenabled()
    finally:
        gc.enable()
    watched(int)

    assert (True, True) == (off, gc.isenabled())


def test_the_place_is_told():
    """The line that looked, not the one of the watch."""
    (looked,) = watched(lambda: datetime.now(UTC))[1]

    assert looked.startswith("the clock (datetime.now in test_outside.py, line ")


def test_what_the_watcher_is_told():
    """Functions are told from each other by what they belong to; tracers do not see this happen."""
    seen: list[str] = []
    told = _outside._profile(seen)
    frame = sys._getframe()
    for called in (time.time, datetime.now, random.random, print, StringIO().read, len):
        told(frame, "c_call", called)
    told(frame, "call", None)
    told(frame, "return", None)
    told(type("Frame", (), {"f_code": next(iter(_outside._ENVIRONMENT))})(), "call", None)

    assert ["the clock", "the clock", "chance", "the screen", "the environment"] == [
        one.partition(" (")[0] for one in seen
    ]


def test_what_the_audit_hook_hears():
    """It says nothing of events that are harmless, nor of any while nothing is watched."""
    _outside._audit("open")
    with _outside._watching() as seen:
        _outside._audit("open")
        _outside._audit("import")

    assert ["files (open)"] == [one for one in seen if "(open)" in one]
