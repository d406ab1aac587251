"""
The KPI of scores: how far the probability at a stated stage was from what happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..errors import InputError, nearest, say
from ..scores._evaluation import calibration
from ._cases import NO_CASES, Ask, Cases, Summary
from ._columns import Columns
from ._decisions import decided
from ._prospects import to_chance
from ._registry import kpi, no_params
from ._sales import ended
from ._tables import NEVER


def _brier(cases: Cases) -> Summary:
    """
    Sum up the mean squared difference of probability and outcome; the rows are the calibration table.
    """
    if not cases.rows:
        return Summary(None, None, 0, NO_CASES)
    counts = Counter(cases.values)
    squares = sum((count * (chance - won) ** 2 for (chance, won), count in counts.items()), Fraction())
    table = calibration([float(chance) for chance, _ in cases.values], [bool(won) for _, won in cases.values])
    rows = [
        {"low": each.low, "high": each.high, "n": each.n, "predicted": each.predicted, "won": each.won}
        for each in table
    ]
    return Summary(float(squares / len(cases.rows)), float(squares), len(cases.rows), rows=rows)


@kpi("score_quality", _brier)
def score_quality(ask: Ask) -> Cases:
    """
    Find the projects that were won or lost in the period, each with its probability when it left a stage.

    Parameters: ``stage``, the stage whose probability counts, the last one that the project had there before it left it
    for the first time; by default that of each lifecycle's first stage. A project that never was there is left out, and
    so is one without a probability; both are counted.
    """
    no_params(ask.params, "stage")
    columns, found, stages = ask.columns, decided(ask.columns), ask.columns.stages()
    name = ask.params.get("stage")
    if name is not None and name not in stages:
        raise InputError("stage=", name, say("input.choice", known=tuple(stages), near=nearest(str(name), stages)))
    rows = [row for row in ended(ask) if found.class_[row] in {"won", "lost"}]
    left = _left(columns, name)
    chances = _chances(columns, left)
    kept = [row for row in rows if chances.get(row) is not None]
    return Cases(
        kept,
        [(chances[row], int(found.class_[row] == "won")) for row in kept],
        at=[found.at[row] for row in kept],
        skipped=len(rows) - len(kept),
    )


def _left(columns: Columns, name: str | None) -> Mapping[int, tuple[int, int]]:
    """
    Return when each project left a stage for the first time, and the number of the stage, by the project's row.
    """
    tables = columns.tables
    wanted = None if name is None else tables.words.find(name)
    found: dict[int, tuple[int, int]] = {}
    for row, stage, left in zip(tables.visits.project, tables.visits.stage, tables.visits.left, strict=True):
        # Without a name it is the first visit, which is in the initial stage.
        if row not in found and wanted in {None, stage}:
            found[row] = left, stage
    return found


def _chances(columns: Columns, left: Mapping[int, tuple[int, int]]) -> Mapping[int, Fraction | None]:
    of, definitions = columns.tables.projects.lifecycle, columns.source.definitions
    known = columns.tables.words.known
    stated: Sequence[Mapping[str, Any]] = [
        {} if each is None else {stage.id: stage.probability for stage in each.stages} for each in definitions
    ]
    times = [NEVER] * len(of)
    for row, (at, _) in left.items():
        times[row] = at - 1 if at != NEVER else at
    field = columns.field_of("probability")
    own = [None] * len(of) if field is None else columns.values_at(field, times)
    return {
        row: to_chance(stated[of[row]].get(known[stage]) if own[row] is None else own[row])
        for row, (_, stage) in left.items()
    }
