"""
What holds up the open projects: by guard, with the amounts behind it, and by whose turn it is.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

import attrs

from .._model.frozen import FrozenDict
from .._model.messages import format_value, render
from .._model.values import Label, Money
from .._model.verdict import Verdict
from ..errors import UnknownProjectError
from ._amounts import amounts_at
from ._columns import Columns
from ._hurdles import Hurdle, open_rows, refreshed
from ._kpi import Evidence
from ._reading import Reader


@attrs.frozen
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
_ROLE: Final = Label("role {role}", "角色 {role}")
_SEPARATOR: Final = Label(", ", "、")


def turn_label(turn: str) -> Label:
    """
    Return how people say whose turn it is.
    """
    role = turn.removeprefix("role:")
    if role != turn:
        return Label(_ROLE.en.format(role=role), _ROLE.zh.format(role=role))
    return _OWNER.get(turn) or Label(turn)


@attrs.frozen
class Blocked:
    """
    What the next moves of open projects miss. A next move leads forward, or out of a hold.

    Attributes:
        n: how many open projects have no next move that is open to them.
        ready: how many have one.
        skipped: how many run under a lifecycle that the pipeline does not have.
        by_hurdle: the projects behind each guard of a transition, the largest amount first; a project is behind each
            that stops it.
        by_turn: the projects that wait for each: ``owner``, ``role:<role>``, a person's name, or ``time``.
    """

    n: int
    ready: int
    skipped: int
    by_hurdle: Mapping[Hurdle, Stalled]
    by_turn: Mapping[str, Stalled]
    _verdicts: Mapping[str, Sequence[tuple[str, Verdict]]] = attrs.field(alias="verdicts", repr=False, eq=False)
    _known: Container[str] = attrs.field(alias="known", repr=False, eq=False)

    def of(self, project_id: str) -> Sequence[tuple[str, Verdict]]:
        """
        Return what stops one project: the trigger, and what blocks it with its message and remedies.

        Nothing where a next move is open, and of a project that is over.

        Raises:
            UnknownProjectError: if the portfolio knows no such project.
        """
        if project_id not in self._known:
            raise UnknownProjectError(project_id)
        return self._verdicts.get(project_id, ())

    def text(self, lang: str = "en") -> str:
        """
        Write it down, a line for each guard of a transition.
        """
        lines: list[str] = []
        for hurdle, held in self.by_hurdle.items():
            turns = _SEPARATOR.text(lang).join(turn_label(each).text(lang) for each in hurdle.turn)
            amount = format_value(held.amount, lang)
            parts: Mapping[str, Any] = {"guard": hurdle.guard, "n": held.n, "amount": amount, "turn": turns}
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
    answers = refreshed(reader, rows)
    found, ids = answers.by_row, columns.tables.projects.id
    alike: dict[tuple[int, ...], list[int]] = {}
    for row in rows:
        alike.setdefault(found[row].hurdles, []).append(row)
    free = alike.pop((), [])
    unknown = sum(not found[row].known for row in free)
    stopped = [row for same in alike.values() for row in same]
    amounts = amounts_at(columns, stopped)
    by_row = dict(zip(stopped, amounts.numbers, strict=True))

    def held(some: Sequence[int]) -> Stalled:
        numbers = [number for row in some if (number := by_row[row]) is not None]
        amount = None if amounts.currency is None else Money(sum(numbers, Decimal(0)), amounts.currency)
        return Stalled(len(some), amount, Evidence(some, ids.__getitem__))

    behind: dict[int, list[int]] = {}
    waiting: dict[str, list[int]] = {}
    for numbers, same in alike.items():
        for number in numbers:
            behind.setdefault(number, []).extend(same)
        for turn in dict.fromkeys(turn for number in numbers for turn in answers.hurdles[number].turn):
            waiting.setdefault(turn, []).extend(same)
    return Blocked(
        len(stopped),
        len(free) - unknown,
        unknown,
        _largest_first({answers.hurdles[number]: held(some) for number, some in behind.items()}),
        _largest_first({turn: held(some) for turn, some in waiting.items()}),
        FrozenDict({ids[row]: found[row].verdicts for row in stopped}),
        columns.tables.rows,
    )


K = TypeVar("K")


def _largest_first(groups: Mapping[K, Stalled]) -> Mapping[K, Stalled]:
    def order(each: tuple[K, Stalled]) -> tuple[Decimal, int, str]:
        held = each[1]
        return -(held.amount.amount if held.amount else Decimal(0)), -held.n, str(each[0])

    return FrozenDict(dict(sorted(groups.items(), key=order)))
