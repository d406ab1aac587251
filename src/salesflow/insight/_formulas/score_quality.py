"""
The KPI of scores: how far the probability at a stated stage was from what happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import cast

from ...errors import InputError, nearest, say
from ...scores._evaluation import calibration
from .._cases import NO_CASES, Ask, Cases, Summary
from .._columns.columns import Columns
from .._columns.decisions import decided
from .._columns.tables import NEVER, NONE
from .._columns.vectors import filled, having, mapped, pick, same
from .._prospects import to_chance
from .._registry import kpi, no_params
from .sales import ended


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
    rows = having(ended(ask), found.codes, found.among("won", "lost"))
    chances = _chances(columns, name, rows)
    there = filled(chances)
    kept = pick(rows, there)
    wins = same(pick(found.codes, kept), found.numbers.get("won", NONE))
    return Cases(
        kept,
        list(zip(pick(chances, there), wins, strict=True)),
        at=pick(found.at, kept),
        skipped=len(rows) - len(kept),
    )


def _first_visits(columns: Columns, name: str | None) -> Sequence[int]:
    """
    Return the row of each project's first visit to a stage, or :data:`NONE`.

    Without a name it is the first visit of all, which is to the initial stage.
    """
    visits = columns.tables.visits
    wanted = None if name is None else columns.tables.words.find(name)
    if columns.computed is not None:
        return cast("Sequence[int]", columns.computed.first_visits(columns, wanted))
    found = [NONE] * len(columns.tables.projects.id)
    for place, (row, stage) in enumerate(zip(visits.project, visits.stage, strict=True)):
        if found[row] == NONE and wanted in {None, stage}:
            found[row] = place
    return found


def _chances(columns: Columns, name: str | None, rows: Sequence[int]) -> Sequence[Fraction | None]:
    """
    Return the probability of projects when they left a stage for the first time.
    """
    visits, number = columns.tables.visits, columns.tables.words.find
    firsts = columns.derive(("first visits", name), lambda: _first_visits(columns, name))
    stated = {
        (lifecycle, number(stage.id)): to_chance(stage.probability)
        for lifecycle, each in enumerate(columns.source.definitions)
        for stage in (() if each is None else each.stages)
        if number(stage.id) != NONE
    }
    levels = list(dict.fromkeys((None, *stated.values())))
    numbers = {each: place for place, each in enumerate(levels)}
    at = pick(firsts, rows)
    stages = pick(columns.vector([*visits.stage, NONE]), at)
    of = pick(columns.tables.projects.lifecycle, rows)

    def stated_in(lifecycle: int, stage: int) -> int:
        return numbers[stated.get((lifecycle, stage))]

    chances = pick(levels, mapped(stated_in, of, stages))
    field = columns.field_of("probability")
    if field is None:
        return chances
    left = [NEVER if place == NONE else visits.left[place] for place in firsts]
    own = columns.values_at(field, [at if at == NEVER else at - 1 for at in left])
    return [
        None if place == NONE else chance if own[row] is None else to_chance(own[row])
        for row, place, chance in zip(rows, at, chances, strict=True)
    ]
