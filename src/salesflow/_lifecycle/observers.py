"""
Observers: functions that are called for every decision and every committed move of the process.

There are none unless somebody adds one, such as the coverage of the testing kit. Whoever reports looks at
:data:`active` first, so an empty tuple costs one truth test. An observer changes nothing, and must not raise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from .._model.facts import Body
from .._model.verdict import Verdict
from ..typing import Context
from .compiled import CompiledTransition
from .decision import Decision


Evaluated: TypeAlias = tuple[CompiledTransition, Context, tuple[Verdict, ...]]
"""A candidate, what its guards saw, and what they answered."""


class Observer(Protocol):
    """
    What is called on the thread that decides or commits.
    """

    def joined(self, context: Context, word: str, groups: Sequence[Sequence[Verdict]]) -> None:
        """
        A combinator (*word*) of the candidate with this *context* joined verdicts; inner combinators come first.
        """
        ...

    def decided(self, decision: Decision, candidates: Sequence[Evaluated]) -> None:
        """
        A decision was made; *candidates* are all that were evaluated, the chosen one last.
        """
        ...

    def written(self, lifecycle: str, version: str, body: Body) -> None:
        """
        The body of a fact was committed, or became true on a bound object.
        """
        ...


active: tuple[Observer, ...] = ()
"""Everybody who observes this process now."""


def add(observer: Observer) -> None:
    """
    Let *observer* see everything from now on. Not to be called by two threads at once.
    """
    global active  # noqa: PLW0603 -- observing is for the whole process
    active = (*active, observer)


def remove(observer: Observer) -> None:
    """
    Let *observer* see no more. Not to be called by two threads at once.
    """
    global active  # noqa: PLW0603
    active = tuple(one for one in active if one is not observer)


def report_joined(context: Context, word: str, groups: Sequence[Sequence[Verdict]]) -> None:
    """
    Tell every observer what a combinator joined.
    """
    for observer in active:
        observer.joined(context, word, groups)


def report_decided(decision: Decision, candidates: Sequence[Evaluated]) -> None:
    """
    Tell every observer about a decision.
    """
    for observer in active:
        observer.decided(decision, candidates)


def report_written(lifecycle: str, version: str, body: Body) -> None:
    """
    Tell every observer about the body of a fact that is true now.
    """
    for observer in active:
        observer.written(lifecycle, version, body)
