"""
What holds up the open projects: by guard, with the amounts behind it, and by whose turn it is.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, Final, TypeVar

import attrs

from .._model.frozen import FrozenDict, noun
from .._model.messages import format_value, render
from .._model.values import Label, Money
from .._model.verdict import Verdict
from .._model.vocabulary import name_of
from ..errors import UnknownProjectError
from ._columns.amounts import amounts_at
from ._columns.columns import Columns
from ._columns.reading import Reader
from ._hurdles import FOREIGN, FREE, Hurdle, open_rows, refreshed
from ._kpi import Evidence


@noun
class Stalled:
    """
    Projects that something holds up.

    Attributes:
        n: how many.
        amount: of all of them; ``None`` where no project has any.
        evidence: their ids.
    """

    n: int
    amount: Money | None
    evidence: Sequence[str]


_LINE: Final = Label(
    "{transition}: {guard}: projects {n}, {amount}; {turn}", "{transition}：{guard}：{n} 个项目，{amount}；{turn}"
)
_OWNER: Final = {"owner": Label("the owner", "负责人"), "time": Label("nothing but time", "仅待时间")}
_TURNS: Final = {"role": Label("role {who}", "角色 {who}"), "project": Label("project {who}", "项目 {who}")}
_SEPARATOR: Final = Label(", ", "、")


def turn_label(turn: str) -> Label:
    """
    Return how people say whose turn it is.
    """
    kind, mark, who = turn.partition(":")
    if mark and kind in _TURNS:
        return Label(*(_TURNS[kind].text(lang).format(who=name_of(kind, who).text(lang)) for lang in ("en", "zh")))
    return _OWNER.get(turn) or Label(turn)


@noun
class Blocked:
    """
    What holds open projects up: what their next moves still need. A next move leads forward, or out of a hold.

    Attributes:
        n: how many open projects have no next move that is open to them.
        ready: how many have one.
        skipped: how many run under a lifecycle that the pipeline does not have.
        by_hurdle: the projects behind each guard of a transition, the largest amount first; a project is behind each
            that stops it.
        by_turn: the projects that wait for each: ``owner``, ``role:<role>``, ``project:<id>``, a person's
            name, or ``time``.
    """

    n: int
    ready: int
    skipped: int
    by_hurdle: Mapping[Hurdle, Stalled]
    by_turn: Mapping[str, Stalled]
    _verdicts: Mapping[int, Sequence[tuple[str, Verdict]]] = attrs.field(alias="verdicts", repr=False, eq=False)
    _stopped: Container[int] = attrs.field(alias="stopped", repr=False, eq=False)
    _known: Mapping[str, int] = attrs.field(alias="known", repr=False, eq=False)

    def of(self, project_id: str) -> Sequence[tuple[str, Verdict]]:
        """
        Return what stops one project: the trigger, and what blocks it with its message and remedies.

        Nothing where a next move is open, and of a project that is over.

        Raises:
            UnknownProjectError: if the portfolio knows no such project.
        """
        row = self._known.get(project_id)
        if row is None:
            raise UnknownProjectError(project_id)
        return self._verdicts[row] if row in self._stopped else ()

    def text(self, lang: str = "en") -> str:
        """
        Write it down, a line for each guard of a transition.
        """
        lines: list[str] = []
        for hurdle, held in self.by_hurdle.items():
            turns = _SEPARATOR.text(lang).join(turn_label(each).text(lang) for each in hurdle.turn)
            amount = format_value(held.amount, lang)
            parts: Mapping[str, Any] = {"guard": hurdle.asks, "n": held.n, "amount": amount, "turn": turns}
            lines.append(render(_LINE, {**parts, "transition": hurdle.label}, lang))
        return "\n".join(lines)


def blocked_in(reader: Reader, columns: Columns) -> Blocked:
    """
    Return what holds up the open projects of a portfolio.

    Raises:
        InputError: for amounts in several currencies without rates.
        DefinitionChangedError: if a definition was changed under its version.
    """
    rows = open_rows(reader, columns.included())
    answers, ids = refreshed(reader, rows), columns.tables.projects.id
    alike = [list[int]() for _ in answers.together]
    for row in rows:
        alike[answers.states[row]].append(row)
    stopped = [row for same in alike[FOREIGN + 1 :] for row in same]
    amounts = amounts_at(columns, stopped)
    numbers, totals = iter(amounts.numbers), dict[int, Decimal]()
    for state, same in enumerate(alike[FOREIGN + 1 :], FOREIGN + 1):
        totals[state] = sum((each for each in islice(numbers, len(same)) if each is not None), Decimal(0))

    def held(states: Sequence[int]) -> Stalled:
        evidence = [row for state in states for row in alike[state]]
        total = sum((totals[state] for state in states), Decimal(0))
        amount = None if amounts.currency is None else Money(total, amounts.currency)
        return Stalled(len(evidence), amount, Evidence(evidence, ids.__getitem__))

    behind: dict[int, list[int]] = {}
    waiting: dict[str, list[int]] = {}
    for state in totals:
        if not alike[state]:  # what stopped some project before
            continue
        for number in answers.together[state]:
            behind.setdefault(number, []).append(state)
        for turn in dict.fromkeys(turn for number in answers.together[state] for turn in answers.hurdles[number].turn):
            waiting.setdefault(turn, []).append(state)
    return Blocked(
        len(stopped),
        len(alike[FREE]),
        len(alike[FOREIGN]),
        _largest_first({answers.hurdles[number]: held(some) for number, some in behind.items()}),
        _largest_first({turn: held(some) for turn, some in waiting.items()}),
        answers.verdicts.copy(),  # as they are now: the next reading changes them
        frozenset(stopped),
        columns.tables.rows,
    )


K = TypeVar("K")


def _largest_first(groups: Mapping[K, Stalled]) -> Mapping[K, Stalled]:
    def order(each: tuple[K, Stalled]) -> tuple[Decimal, int, str]:
        held = each[1]
        return -(held.amount.amount if held.amount else Decimal(0)), -held.n, str(each[0])

    return FrozenDict(dict(sorted(groups.items(), key=order)))
