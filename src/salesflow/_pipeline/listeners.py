"""
The calls of listeners after a commit: in version order for each project, one at a time, and without a lock.

Whoever commits first says which versions it is about to write. A fact waits while an earlier version of its project
is being written or its project's listeners are running; whoever finishes that calls them for it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextvars import ContextVar
from threading import Lock
from typing import Final, NamedTuple, TypeAlias

import attrs

from .._model.commit import Append
from .._model.frozen import EMPTY, noun
from ..errors import InputError, ListenerChainError, say
from ..typing import Listener
from .results import ListenerFailure


Named: TypeAlias = tuple[str, Listener]
"""A listener with the name of its plugin, or its own."""

DEEPEST: Final = 100
"""How many writes may follow each other, each made by a listener that was called for the one before."""


@noun(slots=False)
class _Cause:
    """
    What is being called in this context: how many writes led to it, and which listener it is.
    """

    depth: int = 0
    listener: str = ""


_OUTSIDE: Final = _Cause()
_cause: Final[ContextVar[_Cause]] = ContextVar("salesflow_listener", default=_OUTSIDE)


def depth_now() -> int:
    """
    Return how many writes led to what is running: 0 outside of any listener.
    """
    return _cause.get().depth


@noun(slots=False)
class _Waiting:
    """
    A committed fact that the listeners have not been called for.
    """

    append: Append
    depth: int


@attrs.define(eq=False)
class _Queue:
    """
    The facts of one project on their way to the listeners.

    Attributes:
        writing: the versions that are being committed.
        ready: the committed facts by version.
        calling: whether somebody is calling the listeners.
    """

    writing: list[int] = attrs.field(factory=list[int])
    ready: dict[int, _Waiting] = attrs.field(factory=dict[int, _Waiting])
    calling: bool = False


class Called(NamedTuple):
    """
    The result of calling the listeners.

    Attributes:
        told: whether they were called for every given fact.
    """

    told: bool = True
    failures: tuple[ListenerFailure, ...] = ()


NOBODY: Final = Called()


class Listeners:
    """
    The listeners of a pipeline, by the lifecycle and version that a project runs under.
    """

    __slots__ = ("_by_lifecycle", "_lock", "_queues", "anybody")

    def __init__(self, by_lifecycle: Mapping[tuple[str, str], Sequence[Named]] = EMPTY) -> None:
        self._by_lifecycle = {key: tuple(listeners) for key, listeners in by_lifecycle.items() if listeners}
        self.anybody: Final = bool(self._by_lifecycle)
        self._lock = Lock()  # held for the queues, never while a listener runs
        self._queues: dict[str, _Queue] = {}

    def of(self, lifecycle: str, version: str) -> Sequence[Named]:
        """
        Return who is called for projects of a lifecycle in a version.
        """
        return self._by_lifecycle.get((lifecycle, version), ())

    def wrapped(self, wrap: Callable[[str, Listener], Listener]) -> Listeners:
        """
        Return the same listeners, each as *wrap* makes it.
        """
        return Listeners(
            {
                key: tuple((name, wrap(name, call)) for name, call in listeners)
                for key, listeners in self._by_lifecycle.items()
            }
        )

    def expect(self, appends: Iterable[Append]) -> bool:
        """
        Tell whether anybody will be called for facts that are about to be committed.

        If so, later versions of their projects wait for them.

        Raises:
            ListenerChainError: a listener writes them, and too many writes led to its call.
        """
        facts = [each.fact for each in appends]
        if not any((fact.lifecycle, fact.lifecycle_version) in self._by_lifecycle for fact in facts):
            return False
        cause = _cause.get()
        if cause.depth >= DEEPEST:
            raise ListenerChainError(cause.listener, facts[0].project_id, cause.depth)
        with self._lock:
            for fact in facts:
                self._queues.setdefault(fact.project_id, _Queue()).writing.append(fact.version)
        return True

    def withdraw(self, appends: Iterable[Append]) -> Called:
        """
        Take back what was expected, and call the listeners for what has waited for it.
        """
        with self._lock:
            for each in appends:
                self._queues[each.fact.project_id].writing.remove(each.fact.version)
        return self._called(appends)

    def call(self, appends: Sequence[Append], depth: int, *, expected: bool = True) -> Called:
        """
        Call the listeners for facts that were committed, or leave that to whoever is calling them.

        Args:
            depth: how many writes of listeners led to them, when they were committed.
            expected: whether they were expected.
        """
        with self._lock:
            for each in appends:
                queue = self._queues.setdefault(each.fact.project_id, _Queue())
                if expected:
                    queue.writing.remove(each.fact.version)
                queue.ready[each.fact.version] = _Waiting(each, depth)
        return self._called(appends)

    def _called(self, appends: Iterable[Append]) -> Called:
        failures: list[ListenerFailure] = []
        missed = False
        for each in appends:
            reached = self._call_all(each.fact.project_id, failures)
            missed = missed or each.fact.version not in reached
        return Called(not missed, tuple(failures))

    def _call_all(self, project_id: str, failures: list[ListenerFailure]) -> list[int]:
        """
        Call the listeners for all that is ready of a project, unless somebody does; return the versions.
        """
        reached: list[int] = []
        with self._lock:
            queue = self._queues.get(project_id)
            if queue is None or queue.calling:
                return reached
            queue.calling = True
        try:
            while (waiting := self._next(project_id, queue)) is not None:
                reached.append(waiting.append.fact.version)
                failures += self._call(waiting)
        except BaseException:  # an interrupt: what is left is called with the project's next fact
            with self._lock:
                queue.calling = False
            raise
        return reached

    def _next(self, project_id: str, queue: _Queue) -> _Waiting | None:
        with self._lock:
            first = min(queue.ready, default=None)
            # Whoever is writing the same version has lost the race for it.
            if first is not None and first <= min(queue.writing, default=first):
                return queue.ready.pop(first)
            queue.calling = False
            if first is None and not queue.writing:
                del self._queues[project_id]
            return None

    def _call(self, waiting: _Waiting) -> Iterable[ListenerFailure]:
        fact, project = waiting.append.fact, waiting.append.project
        for name, listener in self.of(fact.lifecycle, fact.lifecycle_version):
            before = _cause.set(_Cause(waiting.depth + 1, name))
            try:
                answer: object = listener((fact,), project)
                if answer is not None and isinstance(answer, Coroutine):
                    answer.close()
                    raise InputError("listener", name, say("input.coroutine"))  # noqa: TRY301 -- returned as its failure
            except Exception as error:  # noqa: BLE001 -- isolated: the commit stands, the failure is returned
                yield ListenerFailure(name, error, fact.project_id, fact.version)
            finally:
                _cause.reset(before)
