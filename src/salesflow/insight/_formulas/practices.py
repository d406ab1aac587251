"""
The practice pack of a sales manager: twenty practices of two items each, scored from records.

An item has 0 points if no record that counts is as the item asks, 2 if four of five are, and 1 in between.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache, partial
from importlib.resources import files
from itertools import chain
from math import ceil
from operator import add
from typing import Any, Final

import attrs

from ..._model.frozen import FrozenDict, noun
from ..._model.messages import render
from ..._model.values import Label
from ...errors import UnknownProjectError
from .._cases import NO_CASES, Ask, Cases, Summary, quotient
from .._columns.columns import Columns
from .._columns.periods import Period
from .._columns.vectors import joined, mapped
from .._compute import ask_of
from .._registry import kpi, no_params
from .practice_rules import RULES, ItemCases, running


@noun
class PracticeItem:
    """
    One of the two items of a practice.

    Attributes:
        id: unique within the practice.
        label: what people call it.
        asks: what it asks of records.
    """

    id: str
    label: Label
    asks: Label


@noun
class Practice:
    """
    A practice of a sales manager, with two items.

    Attributes:
        id: unique within the pack.
        label: what people call it.
        items: its two items.
    """

    id: str
    label: Label
    items: tuple[PracticeItem, ...]


@cache
def _pack() -> Mapping[str, Practice]:
    written: dict[str, Any] = tomllib.loads(
        (files("salesflow.insight._formulas") / "practices.toml").read_text("utf-8")
    )
    made: dict[str, Practice] = {}
    for each in written["practices"]:
        items = [PracticeItem(one["id"], Label(**one["label"]), Label(**one["asks"])) for one in each["items"]]
        made[each["id"]] = Practice(each["id"], Label(**each["label"]), tuple(items))
    return FrozenDict(made)


def practices() -> Mapping[str, Practice]:
    """
    Return the practices of the pack ``sales_manager_20`` by id, in order.
    """
    return _pack()


_MOST: Final = 2
_ENOUGH: Final = Fraction(4, 5)


@noun
class ItemScore:
    """
    How far records are as an item asks.

    Attributes:
        practice: of which it is an item.
        item: what is asked.
        points: 0, 1 or 2.
        done: the records that are as the item asks, as ``project/id``, or projects.
        missing: those that count and are not.
    """

    practice: Practice
    item: PracticeItem
    points: int
    done: tuple[str, ...]
    missing: tuple[str, ...]

    def advice(self, lang: str = "en") -> str:
        """
        Say what would raise the points; empty where nothing would.
        """
        if self.points == _MOST:
            return ""
        n = len(self.done) + len(self.missing)
        parts = {
            "practice": self.practice.label,
            "label": self.item.label,
            "asks": self.item.asks,
            "n": n,
            "done": len(self.done),
            "more": ceil(_ENOUGH * n) - len(self.done),
            "names": self.missing[:_SHOWN],
        }
        return render(_SOME if n else _NONE, parts, lang)


_SHOWN: Final = 3
_NONE: Final = Label(
    "{practice}, {label}: nothing is recorded yet. What counts: {asks}.",
    "{practice}·{label}：尚无记录。计分要求：{asks}。",
)
_SOME: Final = Label(
    "{practice}, {label}: {done} of {n} are as they should be; for full points {more} more, such as {names}. "
    "What counts: {asks}.",
    "{practice}·{label}：{n} 项中 {done} 项达标，再补齐 {more} 项即得满分，例如 {names}。计分要求：{asks}。",
)


@noun
class PracticeScore:
    """
    The points of one practice, 0 to 4.

    Attributes:
        practice: what it is.
        items: the points of its items.
    """

    practice: Practice
    items: tuple[ItemScore, ...]

    @property
    def points(self) -> int:
        """
        The sum of its items.
        """
        return sum(item.points for item in self.items)


@noun
class PracticeReport:
    """
    The points of all practices.

    Attributes:
        period: in which records count; ``None`` for all the time.
        scores: one for each practice, in the order of the pack.
    """

    period: Period | None
    scores: tuple[PracticeScore, ...]

    @property
    def points(self) -> int:
        """
        The sum of all items.
        """
        return sum(score.points for score in self.scores)

    @property
    def most(self) -> int:
        """
        The points that could be had.
        """
        return _MOST * sum(len(score.items) for score in self.scores)

    @property
    def value(self) -> float:
        """
        The points by those that could be had, 0 to 1: the KPI ``practice_score``.
        """
        return quotient(self.points, self.most)

    def advice(self, lang: str = "en") -> tuple[str, ...]:
        """
        Return what would raise the points, item by item, in the order of the pack.
        """
        said = (item.advice(lang) for score in self.scores for item in score.items)
        return tuple(text for text in said if text)


def _points(done: int, n: int) -> int:
    if not done:
        return 0
    return _MOST if Fraction(done, n) >= _ENOUGH else 1


def _report(cases: Cases, period: Period | None) -> PracticeReport:
    lists: list[list[str]] = [[] for _ in range(2 * len(RULES))]
    codes: Sequence[int] = cases.totals or ()
    for code, name in zip(codes, cases.ids or (), strict=True):
        lists[code].append(name)
    found = dict(zip(RULES, zip(lists[1::2], lists[::2], strict=True), strict=True))

    def scored(practice: Practice) -> Iterator[ItemScore]:
        for item in practice.items:
            done, missing = found[f"{practice.id}/{item.id}"]
            points = _points(len(done), len(done) + len(missing))
            yield ItemScore(practice, item, points, tuple(done), tuple(missing))

    return PracticeReport(period, tuple(PracticeScore(each, tuple(scored(each))) for each in practices().values()))


def _summed(cases: Cases) -> Summary:
    """
    Sum up the points of all items by the most that could be had, with a row for each item.
    """
    counts = Counter(cases.totals or ())
    rows: list[Mapping[str, Any]] = []
    for number, key in enumerate(RULES):
        practice, item = key.split("/")
        done = counts[2 * number + 1]
        n = done + counts[2 * number]
        rows.append({"practice": practice, "item": item, "points": _points(done, n), "done": done, "of": n})
    points, most = sum(each["points"] for each in rows), _MOST * len(rows)
    return Summary(quotient(points, most), points, most, rows=rows)


@kpi("practice_score", _summed)
def practice_score(ask: Ask) -> Cases:
    """
    Find the records that the items of the practice pack count in the period.

    Each has twice the number of the item that counts it, and 1 more if it is as that asks, where others have a total.
    """
    no_params(ask.params)
    if not running(ask):
        return Cases(reason=NO_CASES)
    found: list[ItemCases] = []
    codes: list[Sequence[int]] = []
    for number, counts in enumerate(RULES.values()):
        for each in [count(ask) for count in counts]:
            found.append(each)
            codes.append(mapped(partial(add, 2 * number), each.done))
    names = [*chain.from_iterable(each.names for each in found)]
    rows, done, at = (joined(column) for column in ([each[place] for each in found] for place in (0, 3, 1)))
    return Cases(rows, done, joined(codes), at, names)


def practices_of(columns: Columns, period: Period | None, project: str | None) -> PracticeReport:
    """
    Return the points of all projects in a period, or of one project.

    Raises:
        UnknownProjectError: for a project that the portfolio does not have.
    """
    cases = _cases(columns, period)
    if project is not None:
        row = columns.tables.rows.get(project)
        if row is None or not columns.includes()[row]:
            raise UnknownProjectError(project)
        cases = cases.only([place for place, each in enumerate(cases.rows) if each == row])
    return _report(cases, period)


def _cases(columns: Columns, period: Period | None) -> Cases:
    find: Any = practice_score.find
    cases: Cases = find(ask_of(columns, practice_score, period))
    return attrs.evolve(cases, totals=cases.totals or (), ids=cases.ids or ())
