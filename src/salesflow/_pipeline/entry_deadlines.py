"""
The deadlines of entries: writes what follows when the term of an issue, a complaint or a request has passed.
"""

from __future__ import annotations

from typing import Any

from .._lifecycle.decision import Accepted
from .._lifecycle.records import changed_entry, entry_view, moved_entry, told
from .._lifecycle.run_effects import run_effects
from .._model.facts import EntryMoved, EntryPut
from .._model.project import Project
from .._model.work import DueDeadline
from ..typing import EffectContext
from .entry_lifecycles import held_for, lifecycle_of_entry
from .recorder import Draft, Moment, NothingToWrite, make_draft
from .runtime import Runtime


def pass_entry(moment: Moment[Project], runtime: Runtime, due: DueDeadline) -> Draft:
    """
    Return what a deadline of an entry writes that has passed.

    Where its id is a trigger that leads on, the entry takes that transition; otherwise its effects run, and the entry
    stays where it is. Where it has effects and none does anything, nothing is written.

    Raises:
        NothingToWrite: if it does not concern the entry any more.
    """
    project, held = moment.project, held_for(runtime, moment.project, due)
    if held is None:
        raise NothingToWrite
    entry: Any = held.entry
    kind, name = entry.kind, entry.id
    lifecycle = lifecycle_of_entry(runtime, kind, held)
    view = entry_view(project, held, lifecycle, moment.who)
    if due.deadline in lifecycle.triggers(entry.status):
        decision = lifecycle.decide(view, due.deadline, actor=moment.who, at=moment.at)
        if not isinstance(decision, Accepted):
            raise NothingToWrite
        return make_draft(*moved_entry(held, lifecycle, decision))
    (limit,) = [each for each in lifecycle.limits[entry.status] if each.deadline.id == due.deadline]
    stays, outcome = (limit.stage, limit.stage), view.outcome
    version, calendar = project.version + 1, moment.lifecycle.calendar
    seen = EffectContext(view, limit.transition, *stays, outcome, moment.who, moment.at, version, calendar, due.entry)
    changes, notices = run_effects(limit.effects, seen, lifecycle.changes)
    if limit.effects and not changes and not notices:
        raise NothingToWrite  # none of its effects concerns this entry
    after, others = changed_entry(entry, changes)
    put = () if after == entry else (EntryPut(after),)
    stands, changes = entry.status, (*put, *others)
    ran = (lifecycle.id, lifecycle.version)
    body = EntryMoved(kind, name, due.deadline, stands, stands, changes, (), None, (), *ran)
    return make_draft(body, told(entry, notices))
