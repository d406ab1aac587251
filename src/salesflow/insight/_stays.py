"""
How long projects stayed in stages: visits with and without the time on hold. The KPI of the time in a stage.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .._model.definition import Stage
from .._model.values import Label
from ..errors import InputError, nearest, say
from ._cases import Ask, Cases
from ._columns import Columns
from ._holds import holds_of
from ._reached import NO_DEFINITION, one_lifecycle
from ._registry import kpi, no_params
from ._sales import part_of_times, times_and_holds
from ._tables import NEVER


class Stays(NamedTuple):
    """
    One row for each visit.

    Attributes:
        lasted: how long, in microseconds; one that goes on, until now.
        held: how much of that was on hold.
        going_on: whether it goes on.
    """

    lasted: Sequence[int]
    held: Sequence[int]
    going_on: Sequence[bool]


def stays(columns: Columns) -> Stays:
    """
    Return how long each visit lasted.
    """
    return columns.derive("stays", lambda: _stays(columns))


def _stays(columns: Columns) -> Stays:
    visits, now = columns.tables.visits, columns.source.now
    going_on = [left == NEVER for left in visits.left]
    lasted = [
        max((now if left == NEVER else left) - entered, 0)
        for entered, left in zip(visits.entered, visits.left, strict=True)
    ]
    held = [0] * len(lasted)
    for visit, spans in holds_of(columns).items():
        held[visit] = min(sum(max(end - start, 0) for start, end in spans), lasted[visit])
    return Stays(lasted, held, going_on)


def label_of(stage: Stage) -> Label:
    """
    Return what people call a stage: its label, or else its id.
    """
    return stage.label if stage.label.text() else Label(stage.id)


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
            hint = say("input.choice", known=", ".join(known), near=nearest(str(wanted), known))
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
    visits, times, flags = columns.tables.visits, stays(columns), columns.includes()
    many, places = len(columns.tables.words.known), dict[int, int]()
    rows, stages, firsts, lasted, held = array("i"), array("i"), array("q"), array("q"), array("q")
    open_ = bytearray()
    for visit, (row, stage) in enumerate(zip(visits.project, visits.stage, strict=True)):
        if not flags[row] or stage not in known:
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
        open_[place] |= times.going_on[visit]
    chosen = [place for place, at in enumerate(firsts) if ask.start <= at < ask.end]
    return Cases(
        [rows[place] for place in chosen],
        [lasted[place] for place in chosen],
        [lasted[place] - held[place] for place in chosen],
        [firsts[place] for place in chosen],
        groups={"stage": [known[stages[place]].id for place in chosen]},
        open=sum(open_[place] for place in chosen),
    )
