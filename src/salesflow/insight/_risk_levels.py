"""
Success by risk: how many projects were won, by the worst level of their open risks when they entered each stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .._model.definition import label_of
from .._model.frozen import noun
from .._model.messages import render
from .._model.risk_matrix import LEVEL_NAMES, LEVELS, Level, Matrix, worst
from .._model.values import Label
from ..dossier import Risk
from ..scores import wilson
from ._cases import quotient
from ._columns.columns import Columns
from ._columns.decisions import UNDECIDED, decided
from ._columns.dossiers import Kept, versions_of
from ._columns.reached import ladder, reached
from ._formulas.funnel import percent
from ._kpi import Evidence


@noun
class RiskOutcome:
    """
    How projects ended that came to a stage with risks of one level.

    Attributes:
        stage: its id.
        stage_label: what people call it.
        level: the worst of the risks that were open when the project came to the stage; ``None`` without any.
        n: how many of those projects have an outcome.
        open: how many have none yet.
        won: how many were won.
        rate: their share of *n*; ``None`` where none has an outcome.
        interval: within which it lies with 95 % (Wilson).
        evidence: the ids of all these projects.
    """

    stage: str
    stage_label: Label
    level: Level | None
    n: int
    open: int
    won: int
    rate: float | None
    interval: tuple[float, float] | None
    evidence: Sequence[str]

    def text(self, lang: str = "en") -> str:
        """
        Write it down in one line.
        """
        level = _NO_RISK if self.level is None else LEVEL_NAMES[self.level]
        parts = {"label": self.stage_label, "level": level, "rate": percent(self.rate), "n": self.n}
        return render(_LINE, parts, lang)


_NO_RISK: Final = Label("no risk", "无风险")
_LINE: Final = Label("{label}, {level}: {rate} of {n} won", "{label}，{level}：{n} 个中 {rate} 赢单")


def success_by_risk_of(columns: Columns, matrix: Matrix) -> tuple[RiskOutcome, ...]:
    """
    Return how projects ended, for each stage in order and each level, no risk first.

    Raises:
        InputError: if several lifecycles count.
    """
    steps, times, ends = ladder(columns), reached(columns), decided(columns)
    registers: dict[int, list[Sequence[Kept]]] = {}
    for (row, _), versions in versions_of(columns, Risk.kind).items():
        registers.setdefault(row, []).append(versions)
    found: dict[tuple[int, Level | None], list[int]] = {}
    for row in columns.included():
        for place, at in enumerate(times[row]):
            found.setdefault((place, _level(registers.get(row, ()), at, matrix)), []).append(row)
    outcomes: list[RiskOutcome] = []
    for (place, level), rows in sorted(found.items(), key=lambda each: (each[0][0], _ORDER[each[0][1]])):
        stage, over = steps.stages[place], [row for row in rows if ends.class_[row] != UNDECIDED]
        won = sum(ends.class_[row] == "won" for row in over)
        outcomes.append(
            RiskOutcome(
                stage.id,
                label_of(stage),
                level,
                len(over),
                len(rows) - len(over),
                won,
                quotient(won, len(over)) if over else None,
                wilson(won, len(over)) if over else None,
                Evidence(rows, columns.tables.projects.id.__getitem__),
            )
        )
    return tuple(outcomes)


_ORDER: Final[Mapping[Level | None, int]] = {level: place for place, level in enumerate((None, *LEVELS))}


def _level(register: Sequence[Sequence[Kept]], at: int, matrix: Matrix) -> Level | None:
    levels: list[Level] = []
    for versions in register:
        then = [each.entry for each in versions if each.at <= at]
        if then and isinstance(risk := then[-1], Risk) and risk.open:
            levels.append(matrix.rate(*risk.current).level)
    return worst(levels)
