"""
Where projects leave the straight way: loops, stages that they skip, holds, and gates that they wait at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final

from .._model.definition import label_of
from .._model.frozen import noun
from .._model.messages import render
from .._model.values import Label
from ._cases import quantile, quotient
from ._columns.columns import Columns
from ._columns.holds import holds_of
from ._columns.reached import ladder, reached
from ._columns.tables import NEVER
from ._formulas.process import gates
from ._kpi import Evidence


_DAY: Final = 86_400_000_000


@noun
class Detour:
    """
    One kind of detour.

    Attributes:
        name: the id of the transition or stage.
        label: what people call it.
        times: how often it was taken.
        projects: by how many projects.
        median: the median days that it took; ``None`` of what takes no time.
        evidence: the ids of the projects, one for each time.
    """

    name: str
    label: Label
    times: int
    projects: int
    median: float | None
    evidence: Sequence[str]


@noun
class Detours:
    """
    The detours of a portfolio, each kind with the most frequent first.

    Attributes:
        loops: by transition, how often projects went back, and how long until they had left that stage again.
        skips: by stage, how many projects passed it without a visit.
        holds: by stage, how often it was interrupted, and for how long.
        waits: by transition, how often a first attempt was refused and a later attempt accepted in the same stay, and
            how long that took; ``None`` where refused attempts are not recorded.
    """

    loops: tuple[Detour, ...]
    skips: tuple[Detour, ...]
    holds: tuple[Detour, ...]
    waits: tuple[Detour, ...] | None

    def text(self, lang: str = "en") -> str:
        """
        Write them down, a line for each.
        """
        kinds = (
            (_LOOP, self.loops),
            (_SKIP, self.skips),
            (_HOLD, self.holds),
            (_WAIT, self.waits or ()),
        )
        return "\n".join(_line(kind, each, lang) for kind, detours in kinds for each in detours)


_LOOP: Final = Label("went back", "回退")
_SKIP: Final = Label("skipped", "跳过")
_HOLD: Final = Label("on hold", "暂停")
_WAIT: Final = Label("waited at the gate", "关口等待")
_LINE: Final = Label(
    "{kind}: {label}: times {times}, projects {projects}{days}", "{kind}：{label}：{times} 次，{projects} 个项目{days}"
)
_DAYS: Final = Label(", median {median} days", "，中位 {median} 天")


def _line(kind: Label, detour: Detour, lang: str) -> str:
    days = "" if detour.median is None else render(_DAYS, {"median": f"{detour.median:.1f}"}, lang)
    parts = {"kind": kind, "label": detour.label, "times": detour.times, "projects": detour.projects, "days": days}
    return render(_LINE, parts, lang)


def detours_in(columns: Columns) -> Detours:
    """
    Return the detours of a portfolio.

    Raises:
        InputError: if several lifecycles count.
    """
    steps = ladder(columns)
    transitions = {each.id: label_of(each) for definition in columns.definitions() for each in definition.transitions}
    stages = {name: label_of(stage) for name, stage in columns.stages().items()}
    waits = _counted(columns, transitions, _waits(columns)) if columns.source.refusals else None
    return Detours(
        _counted(columns, transitions, _loops(columns)),
        _counted(columns, {stage.id: label_of(stage) for stage in steps.stages}, _skips(columns)),
        _counted(columns, stages, _holds(columns)),
        waits,
    )


def _counted(
    columns: Columns, labels: Mapping[str, Label], found: Iterable[tuple[str, int, int | None]]
) -> tuple[Detour, ...]:
    """
    Return detours of a name, the row of a project, and how many microseconds each took.
    """
    by_name: dict[str, list[tuple[int, int | None]]] = {}
    for name, row, took in found:
        by_name.setdefault(name, []).append((row, took))
    detours: list[Detour] = []
    for name, each in by_name.items():
        rows, times = [row for row, _ in each], sorted(took for _, took in each if took is not None)
        median = quotient(quantile(times, Fraction(1, 2)), _DAY) if times else None
        evidence = Evidence(rows, columns.tables.projects.id.__getitem__)
        detours.append(Detour(name, labels.get(name, Label(name)), len(rows), len(set(rows)), median, evidence))
    return tuple(sorted(detours, key=lambda each: (-each.times, each.name)))


def _loops(columns: Columns) -> Iterable[tuple[str, int, int | None]]:
    moves, visits, known = columns.tables.moves, columns.tables.visits, columns.tables.words.known
    flags, loop, now = columns.includes(), columns.tables.words.find("loop"), columns.source.now
    for move, row in enumerate(moves.project):
        if flags[row] and moves.kind[move] == loop:
            left = visits.left[moves.visit[move]]
            yield known[moves.transition[move]], row, max((now if left == NEVER else left) - moves.at[move], 0)


def _skips(columns: Columns) -> Iterable[tuple[str, int, int | None]]:
    steps, visits, flags = ladder(columns), columns.tables.visits, columns.includes()
    numbers = [columns.tables.words.find(stage.id) for stage in steps.stages]
    seen = set(zip(visits.project, visits.stage, strict=True))
    for row, climb in enumerate(reached(columns)):
        for place in range(len(climb) if flags[row] else 0):
            if (row, numbers[place]) not in seen:
                yield steps.stages[place].id, row, None


def _holds(columns: Columns) -> Iterable[tuple[str, int, int | None]]:
    visits, flags, known = columns.tables.visits, columns.includes(), columns.tables.words.known
    for visit, spans in holds_of(columns).items():
        row = visits.project[visit]
        for start, end in spans if flags[row] else ():
            yield known[visits.stage[visit]], row, max(end - start, 0)


def _waits(columns: Columns) -> Iterable[tuple[str, int, int | None]]:
    found, known = gates(columns), columns.tables.words.known
    for place, accepted in enumerate(found.accepted):
        if not found.passed[place] and accepted != NEVER:
            yield known[found.transition[place]], found.row[place], max(accepted - found.at[place], 0)
