"""
Watching a project: its early warnings are evaluated, and what changed is recorded.
"""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

from .. import dossier
from .._lifecycle.bind_advice import ask_risk_checks, ask_scorers
from .._lifecycle.early_warnings import Alert, EvaluatedWarnings, evaluate_warnings, measure
from .._lifecycle.lifecycle import Lifecycle
from .._lifecycle.rhythms import looks
from .._model.advice import Norms
from .._model.facts import Changed, Notice
from .._model.frozen import noun
from .._model.project import Project
from .._model.work import DueDeadline
from .advice import advice_context
from .change import changed, write_change
from .recorder import Draft, Moment, NothingToWrite, make_draft
from .results import WriteOptions, Written
from .runtime import Runtime


@noun(slots=False)
class WatchReport:
    """
    The result of evaluating early warnings.

    Attributes:
        alerts: the early warnings that were newly raised or cleared.
        active: those that are on.
        unknown: the ids of those whose value is not known; they stay as they were.
        written: what was recorded; ``None`` if nothing had changed.
    """

    project_id: str
    at: datetime
    alerts: tuple[Alert, ...]
    active: tuple[dossier.RaisedWarning, ...]
    unknown: tuple[str, ...]
    written: Written | None


def watch(runtime: Runtime, project_id: str, norms: Norms | None, **options: Unpack[WriteOptions]) -> WatchReport:
    """
    Evaluate the early warnings of a project; see :meth:`salesflow.Pipeline.watch`.
    """
    last: list[tuple[Moment[Project], EvaluatedWarnings]] = []

    def decide(moment: Moment[Project]) -> Draft:
        found = evaluated(runtime, moment, norms)
        last[:] = [(moment, found)]
        if not found.made:
            raise NothingToWrite
        changes = tuple(each for each in found.made if not isinstance(each, Notice))
        notices = tuple(each for each in found.made if isinstance(each, Notice))
        return changed("watch", changes, notices)

    try:
        written = write_change(runtime, project_id, "watch", decide, **options)
    except NothingToWrite:
        written = None
    if written is not None and written.replayed:  # nobody is alerted again
        return WatchReport(project_id, written.fact.at, (), _active(written.project), (), written)
    moment, found = last[0]
    project = moment.project if written is None else written.project
    return WatchReport(project_id, moment.at, found.alerts, _active(project), found.unknown, written)


def pass_look(moment: Moment[Project], runtime: Runtime, due: DueDeadline) -> Draft:
    """
    Return what one early warning writes that is evaluated at its rhythm, and when it is looked at next.

    Raises:
        NothingToWrite: if nothing changed.
    """
    found = evaluated(runtime, moment, None, due.deadline)
    if not found.made:
        raise NothingToWrite
    changes = tuple(each for each in found.made if not isinstance(each, Notice))
    notices = tuple(each for each in found.made if isinstance(each, Notice))
    return make_draft(Changed(changes), notices, dues=look_again(moment.lifecycle, moment.project, due, moment.at))


def look_again(lifecycle: Lifecycle, project: Project, due: DueDeadline, now: datetime) -> tuple[DueDeadline, ...]:
    """
    Return when an early warning is looked at next; not at all in a final stage.
    """
    if lifecycle.stage(project.stage).final:
        return ()
    own = [each for each in lifecycle.rhythms if each.warning == due.deadline]
    return tuple(looks(own, project, max(now, due.at)))


def evaluated(
    runtime: Runtime, moment: Moment[Project], norms: Norms | None, only: str | None = None
) -> EvaluatedWarnings:
    """
    Return what the early warnings of a project say now, and what follows; nothing in a final stage.

    Args:
        only: the one warning to look at; by default all.
    """
    project, lifecycle = moment.project, moment.lifecycle
    warnings = [each for each in lifecycle.definition.warnings if only is None or each.id == only]
    if not warnings or lifecycle.stage(project.stage).final:
        return EvaluatedWarnings()
    history = tuple(runtime.store.load(project.id, upto=project.version))
    ctx = advice_context(lifecycle, project, moment.at, history, norms)
    findings = ask_risk_checks(lifecycle.risk_checks, ctx, wording=lifecycle.wording)
    ctx = ctx._replace(findings=findings)
    scores = ask_scorers((*lifecycle.scorers, *runtime.scorers), ctx, wording=lifecycle.wording)
    values = {each.id: measure(each.on, scores, findings, lifecycle.risk_checks, ctx) for each in warnings}
    return evaluate_warnings(warnings, project, values, moment.at, lifecycle.calendar)


def _active(project: Project) -> tuple[dossier.RaisedWarning, ...]:
    return tuple(each for each in project.all(dossier.RaisedWarning) if each.active)
