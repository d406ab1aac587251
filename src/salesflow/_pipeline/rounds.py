"""
The rounds of a worker: deadlines, then notices, until it is stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Final

from .._model.parameters import check_plain
from .._model.work import WorkKind
from ..errors import InputError, OutcomeUnknownError, StoreBusyError, StoreUnavailableError, say
from ..typing import Stop
from .addressing import delivers
from .delivery import Send, deliver
from .results import WorkRound
from .runtime import NOW, Runtime
from .worker import tick


_LIMIT: Final = 100
_LEASE: Final = timedelta(minutes=1)
_SHORTEST: Final = timedelta(seconds=1)  # also where something is due that another worker holds
_LONGEST: Final = timedelta(days=1)
_PASSING: Final = (StoreBusyError, StoreUnavailableError, OutcomeUnknownError)


def work(
    runtime: Runtime,
    stop: Stop | None,
    *,
    send: Send | None,
    every: timedelta,
    once: bool,
    report: Callable[[WorkRound], object] | None,
) -> None:
    """
    Do what is due until *stop* is set; see :meth:`salesflow.Pipeline.work`.
    """
    asked: Stop = Event() if stop is None else stop
    _check(asked, send, every, report)
    if not isinstance(once, bool):
        raise InputError("once=", once, say("input.yes_or_no"))
    sends = send is not None or delivers(runtime.lifecycles.values())
    while not asked.is_set():
        pause: timedelta | None = None
        try:
            done = _round(runtime, asked, send, sends=sends)
            if done.idle:
                pause = _pause(runtime, every, sends=sends)
        except _PASSING as error:
            if once:
                raise
            done, pause = WorkRound(runtime.clock(), error=error), every
        if report is not None and not done.idle:
            report(done)
        if once and done.idle:
            return
        if pause is not None:
            asked.wait(pause.total_seconds())


def _check(stop: Stop, send: Send | None, every: timedelta, report: Callable[[WorkRound], object] | None) -> None:
    for method in ("is_set", "wait"):
        check_plain(f"stop.{method}", getattr(stop, method, None))
    for what, call in (("send", send), ("report", report)):
        if call is not None:
            check_plain(what, call)
    if not isinstance(every, timedelta) or not timedelta() < every <= _LONGEST:
        raise InputError("every=", every, say("input.every"))


def _round(runtime: Runtime, stop: Stop, send: Send | None, *, sends: bool) -> WorkRound:
    at = runtime.clock()
    passed = tick(runtime, NOW, None, _LIMIT, _LEASE, stop.is_set)
    if not sends:
        return WorkRound(at, passed)
    return WorkRound(at, passed, deliver(runtime, send, None, None, _LIMIT, _LEASE, stop.is_set))


def _pause(runtime: Runtime, every: timedelta, *, sends: bool) -> timedelta:
    """
    Return how long to wait: until the next work is due, and no longer than *every*, since others make work as well.
    """
    kinds: tuple[WorkKind, ...] = ("deadline", "notice") if sends else ("deadline",)
    now = runtime.clock()
    dues = [due - now for kind in kinds if (due := runtime.store.next_due(kind)) is not None]
    return max(_SHORTEST, min([every, *dues]))
