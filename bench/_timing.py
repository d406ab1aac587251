"""
Measures contenders side by side in one run, and prints plain tables.
"""

from __future__ import annotations

import gc
import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from time import process_time_ns
from typing import Any

import attrs


@attrs.frozen
class Contender:
    """
    Something to be timed.

    Attributes:
        name: what the tables call it.
        prepare: makes the subjects of one round; its time is kept apart.
        walk: works on one subject; takes *steps* steps.
        steps: what the time of a walk is divided by.
        subjects: how many subjects one round has.
    """

    name: str
    prepare: Callable[[int], Sequence[Any]]
    walk: Callable[[Any], object]
    steps: int = 1
    subjects: int = 200


@attrs.frozen
class Timing:
    """
    Microseconds a step, one number per round.

    Attributes:
        walking: the steps alone.
        living: the steps and a share of the time it took to make the subjects.
    """

    name: str
    walking: tuple[float, ...]
    living: tuple[float, ...]

    @property
    def best(self) -> float:
        """
        The fastest round: noise only ever adds time, so this is the steadiest figure.
        """
        return min(self.walking)

    @property
    def median(self) -> float:
        """
        The round in the middle.
        """
        return statistics.median(self.walking)


def race(contenders: Sequence[Contender], rounds: int, clock: Callable[[], int] = process_time_ns) -> dict[str, Timing]:
    """
    Time every contender in every round, starting each round with another one.

    Args:
        clock: nanoseconds; by default of the processor, so that other programs count less.
    """
    walking: dict[str, list[float]] = {one.name: [] for one in contenders}
    living: dict[str, list[float]] = {one.name: [] for one in contenders}
    for number in range(rounds + 1):
        turn = number % len(contenders)
        for one in (*contenders[turn:], *contenders[:turn]):
            making, walked = _once(one, clock)
            if number:  # the first round only warms up
                count = one.steps * one.subjects
                walking[one.name].append(walked / count / 1000)
                living[one.name].append((making + walked) / count / 1000)
    return {name: Timing(name, tuple(walking[name]), tuple(living[name])) for name in walking}


def _once(one: Contender, clock: Callable[[], int]) -> tuple[int, int]:
    began = clock()
    subjects = one.prepare(one.subjects)
    making = clock() - began
    walk = one.walk
    # What is alive already must not be walked by the collector on this contender's time.
    gc.collect()
    gc.freeze()
    began = clock()
    for subject in subjects:
        walk(subject)
    walked = clock() - began
    return making, walked


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """
    Print rows under a title, the first column to the left and the others to the right.
    """
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    print(f"\n{title}")
    for line in lines:
        first, *others = (
            cell.ljust(width) if not at else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  " + "  ".join((first, *others)).rstrip())


def bar(name: str, ratio: float, first: float | None, final: float | None = None) -> tuple[str, ...]:
    """
    Return a row of the table of bars: the ratio, its first and its final bar, and whether they hold.
    """
    shown = ("" if one is None else f"{one:.2f}" for one in (first, final))
    cells = name, f"{ratio:.2f}", *shown
    if first is None or final is None:
        only = first or final or 0.0
        return *cells, "yes" if ratio <= only else "not yet" if first is None else "NO"
    return *cells, "both" if ratio <= final else "first" if ratio <= first else "NO"


def limit(name: str, measured: float, *, most: float | None = None, least: float | None = None) -> tuple[str, ...]:
    """
    Return a row of the table of limits: a figure, how much or how little it may be, and whether that holds.
    """
    if most is not None:
        edge, holds = f"≤ {most:,g}", measured <= most
    else:
        edge, holds = f"≥ {least:,g}", measured >= (least or 0)
    return name, f"{measured:,.0f}" if measured >= 1000 else f"{measured:.3g}", edge, "yes" if holds else "NO"


LIMIT_HEAD = ("figure", "measured", "bar", "holds")
BAR_HEAD = ("ratio", "measured", "first bar", "final bar", "holds")


def begin(title: str) -> None:
    """
    Say what is measured, and on what.
    """
    load = os.getloadavg()[0]
    print(f"== {title}")
    print(f"   Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}, {sys.platform}")
