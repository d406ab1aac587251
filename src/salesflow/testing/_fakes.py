"""
Stand-ins for what surrounds a pipeline: a clock that is told the time, a listener that writes down.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from .. import Fact, Project
from .._model.values import to_utc
from ..errors import InputError
from ._store.facts import NOW


class FrozenClock:
    """
    A clock that stands still until it is moved: ``Pipeline(lifecycle, clock=FrozenClock())``.

    Args:
        at: the time it shows, aware; by default :data:`salesflow.testing.NOW`.

    Attributes:
        reads: how often it was asked.

    Raises:
        InputError: for a time without a time zone.
    """

    def __init__(self, at: datetime = NOW) -> None:
        self._now = to_utc(at, "time of a clock")
        self.reads: int = 0

    def __call__(self) -> datetime:
        """
        Return the time it shows, UTC.
        """
        self.reads += 1
        return self._now

    def __repr__(self) -> str:
        return f"FrozenClock({self._now.isoformat()!r})"

    def advance(self, by: timedelta) -> datetime:
        """
        Let time pass and return the new time; clocks of machines are set back too, so *by* may be negative.

        Raises:
            InputError: for something that is no ``timedelta``, such as a number of seconds.
        """
        if not isinstance(by, timedelta):
            raise InputError("time to advance", by, "Pass a timedelta, for example timedelta(days=3).")
        self._now += by
        return self._now

    def set(self, at: datetime) -> datetime:
        """
        Show another time.

        Raises:
            InputError: for a time without a time zone.
        """
        self._now = to_utc(at, "time of a clock")
        return self._now


@attrs.define
class RecordingListener:
    """
    A listener that keeps what it is told: ``Pipeline(lifecycle, listeners=[listener])``.

    Attributes:
        error: raised by the next calls, after writing them down, until it is ``None`` again.
        calls: facts and project of each call, in order.
    """

    error: Exception | None = None
    calls: list[tuple[tuple[Fact, ...], Project]] = attrs.field(
        init=False, factory=list[tuple[tuple[Fact, ...], Project]]
    )

    def __call__(self, facts: tuple[Fact, ...], project: Project) -> None:
        """
        Write down a call.

        Raises:
            Exception: the one in ``error``.
        """
        self.calls.append((facts, project))
        if self.error is not None:
            raise self.error

    @property
    def facts(self) -> tuple[Fact, ...]:
        """
        All facts it was told of, in order.
        """
        return tuple(fact for facts, _ in self.calls for fact in facts)
