"""
The check of a cadence when a slot has closed: records what was missed, and sets the next check.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import attrs

from .._lifecycle.bind_cadences import BoundCadence
from .._lifecycle.cadence_dues import next_due
from .._lifecycle.cadence_slots import missed_slots
from .._lifecycle.lifecycle import Lifecycle
from .._lifecycle.run_effects import run_effects
from .._model.definition import SAME, Transition
from .._model.facts import MissedSlots, SlotMissed
from .._model.messages import format_time
from .._model.project import Project
from .._model.work import DueDeadline
from ..typing import EffectContext
from .recorder import Draft, Moment, NothingToWrite, make_draft
from .runtime import Runtime


_TOLD: Final = 5  # slots that a notice names


def missed(moment: Moment[Project], runtime: Runtime, due: DueDeadline, since: datetime) -> Draft:
    """
    Return what the missed slots of a cadence write, all since a time in one fact, and when it is looked at next.

    Raises:
        NothingToWrite: if none was missed.
    """
    project = moment.project
    for bound in moment.lifecycle.cadences:
        if bound.cadence.id == due.deadline:
            history = tuple(runtime.store.load(project.id, upto=project.version))
            slots = missed_slots(bound, history, since, moment.at)
            if slots:
                again = next_due(bound, project, history, moment.at)
                return _draft(moment, bound, slots, () if again is None else (again,))
    raise NothingToWrite


def _draft(moment: Moment[Project], bound: BoundCadence, slots: MissedSlots, dues: tuple[DueDeadline, ...]) -> Draft:
    """
    Return what is written of missed slots. The effects run once for all, and what they tell people names the slots.
    """
    project, lifecycle, who, at = moment.project, moment.lifecycle, moment.who, moment.at
    name, label, stage = bound.cadence.id, bound.cadence.label, lifecycle.stage(project.stage)
    same = Transition(name, stage.id, SAME, label=label)
    seen = EffectContext(project, same, stage, stage, project.outcome, who, at, project.version + 1, bound.calendar)
    changes, notices = run_effects(bound.effects, seen, lifecycle.changes)
    told = [" ".join(filter(None, (format_time(slot, lifecycle.wording.zone), member))) for slot, member in slots]
    about = "; ".join(told[:_TOLD]) + (f" (+{len(told) - _TOLD})" if len(told) > _TOLD else "")
    said = (attrs.evolve(each, params=each.params.plus("about", about), topic_label=label) for each in notices)
    return make_draft(SlotMissed(name, slots, changes), tuple(said), dues=dues)


def due_again(
    runtime: Runtime, lifecycle: Lifecycle, project: Project, due: DueDeadline, now: datetime
) -> tuple[DueDeadline, ...]:
    """
    Return when a cadence is looked at next that had nothing missed.
    """
    bound = next((each for each in lifecycle.cadences if each.cadence.id == due.deadline), None)
    again = None if bound is None else next_due(bound, project, runtime.store.load(project.id), now)
    return () if again is None else (again,)
