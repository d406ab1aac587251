"""
Stand-ins: a clock that is told the time, and a listener that writes down.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from salesflow import Actor, Pipeline
from salesflow.errors import InputError
from salesflow.testing import NOW, FrozenClock, RecordingListener

from ..cases import over_cases
from .planted_static import build


HOUR = timedelta(hours=1)


def test_a_clock_stands_still():
    """Reading it changes nothing but the count of readings."""
    clock = FrozenClock()

    assert (NOW, NOW, 2) == (clock(), clock(), clock.reads)
    assert "FrozenClock('2026-03-02T09:00:00+00:00')" == repr(clock)


def test_a_clock_is_moved():
    """It can be advanced, set back and set, and says its new time."""
    clock = FrozenClock(datetime(2026, 1, 1, 8, tzinfo=timezone(8 * HOUR)))
    start = clock()

    assert datetime(2026, 1, 1, tzinfo=UTC) == start
    assert [start + HOUR, start, NOW] == [clock.advance(HOUR), clock.advance(-HOUR), clock.set(NOW)]
    assert NOW == clock()


@over_cases(
    "use",
    [
        lambda: FrozenClock(datetime(2026, 1, 1)),  # noqa: DTZ001 -- what is refused
        lambda: FrozenClock().set(datetime(2026, 1, 1)),  # noqa: DTZ001
        lambda: FrozenClock().advance(60),
    ],
    ids=["at", "set", "advance"],
)
def test_a_clock_refuses_what_is_no_time(use):
    """A time without a zone and a bare number would be somebody's guess."""
    with pytest.raises(InputError):
        use()


def test_a_listener_writes_down_what_it_is_told():
    """It keeps facts and project of each call, and raises when it is told to."""
    listener, error = RecordingListener(), LookupError("nobody listens")
    pipeline = Pipeline(build(), clock=FrozenClock(), actor=Actor("ann"), listeners=[listener])
    opened = pipeline.open("Deal", id="P-1")
    listener.error = error
    fired = pipeline.fire("P-1", "make_offer")

    assert [opened, fired.project] == [project for _, project in listener.calls]
    assert tuple(pipeline.history("P-1")) == listener.facts
    assert [error] == [failure.error for failure in fired.listener_failures]
