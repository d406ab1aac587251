"""
The fakes for what surrounds a pipeline: a clock that is set by hand, and a listener that records its calls.
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
        reads: how often it was read.

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
        Move the time on and return the new time; *by* may be negative, as clocks of machines are set back too.

        Raises:
            InputError: for something other than a ``timedelta``, such as a number of seconds.
        """
        if not isinstance(by, timedelta):
            raise InputError("time to advance", by, "Pass a timedelta, for example timedelta(days=3).")
        self._now += by
        return self._now

    def set(self, at: datetime) -> datetime:
        """
        Set the time and return it.

        Raises:
            InputError: for a time without a time zone.
        """
        self._now = to_utc(at, "time of a clock")
        return self._now


@attrs.define
class RecordingListener:
    """
    A listener that records its calls: ``Pipeline(lifecycle, listeners=[listener])``.

    Attributes:
        error: raised by the next calls, after recording them, until it is ``None`` again.
        calls: facts and project of each call, in order.
    """

    error: Exception | None = None
    calls: list[tuple[tuple[Fact, ...], Project]] = attrs.field(
        init=False, factory=list[tuple[tuple[Fact, ...], Project]]
    )

    def __call__(self, facts: tuple[Fact, ...], project: Project) -> None:
        """
        Record a call.

        Raises:
            Exception: the exception in ``error``.
        """
        self.calls.append((facts, project))
        if self.error is not None:
            raise self.error

    @property
    def facts(self) -> tuple[Fact, ...]:
        """
        The facts of all calls, in order.
        """
        return tuple(fact for facts, _ in self.calls for fact in facts)
