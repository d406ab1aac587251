"""
How long projects stayed in stages: visits with and without the time on hold. The KPI of the time in a stage.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..._model.definition import Stage
from ...errors import InputError, nearest, say
from .._cases import Ask, Cases
from .._columns.columns import Columns
from .._columns.holds import holds_of
from .._columns.reached import NO_DEFINITION, one_lifecycle
from .._columns.tables import NEVER
from .._columns.vectors import differences, having, numbered, pick, same, total, within
from .._registry import kpi, no_params
from .sales import part_of_times, times_and_holds


class Stays(NamedTuple):
    """
    One row for each visit.

    Attributes:
        lasted: how long, in microseconds; one that goes on, until now.
        held: how much of that was on hold.
        going_on: 1 where it goes on.
    """

    lasted: Sequence[int]
    held: Sequence[int]
    going_on: Sequence[int]


def stays(columns: Columns) -> Stays:
    """
    Return how long each visit lasted.
    """
    return columns.derive("stays", lambda: _stays(columns))


def _stays(columns: Columns) -> Stays:
    visits, now = columns.tables.visits, columns.source.now
    if columns.computed is not None:
        lasted, going_on = columns.computed.lasted(columns)
    else:
        going_on = array("b", [left == NEVER for left in visits.left])
        times = zip(visits.entered, visits.left, strict=True)
        lasted = array("q", [max((now if left == NEVER else left) - entered, 0) for entered, left in times])
    held = array("q", [0]) * len(lasted)
    for visit, spans in holds_of(columns).items():
        held[visit] = min(sum(max(end - start, 0) for start, end in spans), lasted[visit])
    return Stays(lasted, held, going_on)


def stages_left(columns: Columns, wanted: object) -> Mapping[int, Stage]:
    """
    Return the stages that projects can leave again, by the number of their id: the wanted one, or all in their order.

    Raises:
        InputError: for a stage that is none of them, and if several lifecycles count.
    """
    one_lifecycle(columns)
    known = {name: stage for name, stage in columns.stages().items() if not stage.final}
    if wanted is not None:
        if not isinstance(wanted, str) or wanted not in known:
            hint = say("input.choice", known=tuple(known), near=nearest(str(wanted), known))
            raise InputError("stage=", wanted, hint)
        known = {wanted: known[wanted]}
    return {columns.tables.words.find(name): stage for name, stage in known.items()}


@kpi("time_in_stage", times_and_holds, mean=part_of_times("mean"), p75=part_of_times("p75"))
def time_in_stage(ask: Ask) -> Cases:
    """
    Find how long each project was in each stage that it first entered in the period, over all its visits.

    Below the line, without holds. Parameter: ``stage``, by default each that is not final.
    """
    no_params(ask.params, "stage")
    columns = ask.columns
    known = stages_left(columns, ask.params.get("stage"))
    if not known:
        return Cases(reason=NO_DEFINITION)
    found = columns.derive("stage totals", lambda: _totals(columns))
    chosen = having(numbered(found.rows), found.stages, known)
    chosen = within(chosen, found.firsts, ask.start, ask.end)
    lasted, names = pick(found.lasted, chosen), columns.tables.words.known
    return Cases(
        pick(found.rows, chosen),
        lasted,
        differences(lasted, pick(found.held, chosen)),
        pick(found.firsts, chosen),
        groups={"stage": pick(names, pick(found.stages, chosen))},
        open=len(chosen) - total(same(pick(found.going_on, chosen), 0)),
    )


class _Totals(NamedTuple):
    """
    One row for each stage that each project was in, over all its visits.

    Attributes:
        rows: of the projects.
        stages: the number of the stage.
        firsts: when it was first entered.
        lasted, held: as in :class:`Stays`.
        going_on: above 0 where a visit goes on.
    """

    rows: Sequence[int]
    stages: Sequence[int]
    firsts: Sequence[int]
    lasted: Sequence[int]
    held: Sequence[int]
    going_on: Sequence[int]


def _totals(columns: Columns) -> _Totals:
    if columns.computed is not None:
        return _Totals(*columns.computed.stage_totals(columns))
    visits, times, flags = columns.tables.visits, stays(columns), columns.includes()
    many, places = len(columns.tables.words.known), dict[int, int]()
    made: list[array[int]] = [array(code) for code in "iiqqqi"]
    rows, stages, firsts, lasted, held, open_ = made
    for visit, (row, stage) in enumerate(zip(visits.project, visits.stage, strict=True)):
        if not flags[row]:
            continue
        place = places.setdefault(row * many + stage, len(rows))
        if place == len(rows):
            rows.append(row)
            stages.append(stage)
            firsts.append(visits.entered[visit])
            lasted.append(0)
            held.append(0)
            open_.append(0)
        lasted[place] += times.lasted[visit]
        held[place] += times.held[visit]
        open_[place] += times.going_on[visit]
    return _Totals(rows, stages, firsts, lasted, held, open_)
