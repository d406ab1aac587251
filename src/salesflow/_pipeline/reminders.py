"""
Work before a deadline passes: reminders, and counting a provisional deadline again.

A provisional deadline lies beyond what a calendar knows, and is counted again once it knows more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import attrs

from .._lifecycle.deadlines import BoundDeadline, current_due, watched
from .._lifecycle.records import told
from .._model.commit import Commit
from .._model.facts import DeadlineMoved, Entry, Notice
from .._model.frozen import FrozenDict
from .._model.messages import Wording, format_time
from .._model.project import Project
from .._model.values import Label
from .._model.work import RECOUNT, WAITING, WATCH, Claim, DueDeadline, Work
from .entry_lifecycles import held_for, limits_of_entry
from .recorder import Draft, Moment, NothingToWrite, commit, make_draft
from .runtime import Runtime, deciding_lifecycle, project_of
from .slots import due_again
from .watch import look_again


_DAY: Final = timedelta(days=1)
_PAGE: Final = 500


def wake(runtime: Runtime, now: datetime) -> None:
    """
    Make the recounts due of all deadlines that were counted with other data than the calendars have.

    A calendar knows the same as long as a process runs, so one look a day is enough, for what others wrote meanwhile.
    """
    limits = [limit for each in runtime.lifecycles.values() for own in each.limits.values() for limit in own]
    known = {limit.data for limit in limits if limit.calendar.decreed_through is not None}
    if not known or (runtime.looked and now - runtime.looked[-1] < _DAY):
        return
    runtime.looked[:] = [now]
    nobody = DueDeadline("", 0, "", "", WAITING)
    last = Work("", "deadline", "", WAITING - datetime.resolution, nobody)
    while page := runtime.store.upcoming("deadline", until=WAITING, after=last, limit=_PAGE):
        last = page[-1]
        bodies = [each.body for each in page if isinstance(each.body, DueDeadline)]
        old = [each for each in bodies if each.provisional not in known and _is_ours(runtime, each.project_id)]
        if old:
            commit(runtime, Commit(dues=tuple([attrs.evolve(each, at=now) for each in old])))


def _is_ours(runtime: Runtime, project_id: str) -> bool:
    project = project_of(runtime, project_id)
    return (project.lifecycle, project.lifecycle_version) in runtime.lifecycles


def counted_again(moment: Moment[Project], due: DueDeadline) -> Draft:
    """
    Return what a recount writes.

    Raises:
        NothingToWrite: if the deadline is due when it was.
    """
    found = current_due(moment.lifecycle.limits, moment.project, due)
    if found is None or due.part != RECOUNT or found.at == due.of:
        raise NothingToWrite
    return make_draft(DeadlineMoved(due.deadline, due.visit, due.of, found.at, "calendar", counted=True))


def done_beside(runtime: Runtime, claim: Claim, now: datetime) -> Commit:
    """
    Return what finishes work without a fact.

    A recount that found the same time waits for the next one, a cadence for its next slot, and a reminder is a notice.
    """
    due = claim.work.body
    if not isinstance(due, DueDeadline) or not (due.part or due.slot):
        return Commit(done=(claim,))
    project = project_of(runtime, due.project_id)
    lifecycle = deciding_lifecycle(runtime, project)
    if due.entry:
        term = attrs.evolve(due, part="", at=due.of or now, of=None)
        held = held_for(runtime, project, term)
        known = None if held is None or term.at <= now else limits_of_entry(runtime, project, held)
        if held is None or known is None:
            return Commit(done=(claim,))
        wording = attrs.evolve(known[0].wording, zone=lifecycle.wording.zone)
        return Commit(opened=(_reminder(known[1], wording, project, term, claim, now, held.entry),), done=(claim,))
    if due.slot is not None:
        return Commit(dues=due_again(runtime, lifecycle, project, due, now), done=(claim,))
    if due.part == WATCH:
        return Commit(dues=look_again(lifecycle, project, due, now), done=(claim,))
    limits = lifecycle.limits
    found = current_due(limits, project, due)
    if found is None or found.at <= now or (due.part != RECOUNT and found.at != due.of):
        return Commit(done=(claim,))
    if due.part == RECOUNT:
        return Commit(dues=watched(limits[project.stage], project, (found,)), done=(claim,))
    reminder = _reminder(limits[project.stage], lifecycle.wording, project, found, claim, now)
    return Commit(opened=(reminder,), done=(claim,))


def _reminder(
    limits: tuple[BoundDeadline, ...],
    wording: Wording,
    project: Project,
    due: DueDeadline,
    claim: Claim,
    now: datetime,
    entry: Entry | None = None,
) -> Work:
    """
    Return the notice that tells people when a deadline will pass. No fact comes with it: nothing has happened.
    """
    (limit,) = [each for each in limits if each.deadline.id == due.deadline]
    when = format_time(due.at, wording.zone)
    name = wording.label("deadline", due.deadline)
    said = Label(f"{name.en} is due {when}", f"{name.text('zh')} 将于 {when} 到期")
    params: FrozenDict[str, object] = FrozenDict(deadline=due.deadline, due=due.at, provisional=bool(due.provisional))
    notice = Notice(
        project.id, project.version, limit.deadline.remind_to, "deadline_reminder", params, topic_label=said, at=now
    )
    if entry is not None:
        (notice,) = told(entry, (notice,))
    return Work(f"{claim.work.id}:{due.at.isoformat()}", "notice", project.id, now, notice)
