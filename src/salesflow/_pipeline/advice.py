"""
Advice about a project: its scores, what its risk checks find, and what closed projects were like.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from .._lifecycle.bind_advice import ask_risk_checks, ask_scorers
from .._lifecycle.cadence_slots import closed_slots
from .._lifecycle.lifecycle import Lifecycle
from .._model.advice import AdviceContext, Norms, Score
from .._model.cadence import ClosedSlot
from .._model.facts import Fact
from .._model.fold import facts_until, replay
from .._model.project import Project
from ..calendars import working_days_of
from ..risks import RiskReport, matrix_of, report_of
from ..scores import norms_of
from ..stores.adapting import every, readable
from ..typing import Calendar
from .queries import as_of, history
from .runtime import Runtime, chosen_lifecycle, lifecycle_of, time_of


_YEAR: Final = timedelta(days=366)


def score(runtime: Runtime, project_id: str, at: datetime | None, norms: Norms | None) -> tuple[Score, ...]:
    """
    Return the scores of a project; see :meth:`salesflow.Pipeline.score`.
    """
    ctx, lifecycle = _context(runtime, project_id, at, norms)
    findings = ask_risk_checks(lifecycle.risk_checks, ctx, wording=lifecycle.wording)
    return ask_scorers(
        (*lifecycle.scorers, *runtime.scorers), ctx._replace(findings=findings), wording=lifecycle.wording
    )


def risks(runtime: Runtime, project_id: str, at: datetime | None, norms: Norms | None) -> RiskReport:
    """
    Return the risks of a project; see :meth:`salesflow.Pipeline.risks`.
    """
    ctx, lifecycle = _context(runtime, project_id, at, norms)
    findings = ask_risk_checks(lifecycle.risk_checks, ctx, wording=lifecycle.wording)
    return report_of(ctx.project, ctx.at, findings, matrix_of(lifecycle.definition.risks))


def histories(runtime: Runtime, lifecycle: Lifecycle | None) -> Iterator[tuple[Fact, ...]]:
    """
    Yield the facts of each project of a lifecycle; see :meth:`salesflow.Pipeline.histories`.
    """
    wanted = chosen_lifecycle(runtime, lifecycle).id
    projects = (each.id for each in every(runtime.store.find, {}) if each.lifecycle == wanted)
    yield from readable(projects, lambda project_id: history(runtime, project_id))


def norms(runtime: Runtime, lifecycle: Lifecycle | None) -> Norms:
    """
    Return what the projects of a lifecycle were like; see :meth:`salesflow.Pipeline.norms`.
    """
    chosen = chosen_lifecycle(runtime, lifecycle)
    customer = chosen.definition.insight.customer
    return norms_of(histories(runtime, chosen), chosen.stages, _working_days(chosen), customer=customer)


def _context(
    runtime: Runtime, project_id: str, at: datetime | None, norms: Norms | None
) -> tuple[AdviceContext, Lifecycle]:
    facts = history(runtime, project_id)
    project = replay(facts)
    when = time_of(runtime, at, project)
    if when < project.updated_at:
        project, facts = as_of(runtime, project_id, when, None), facts_until(facts, at=when)
    lifecycle = lifecycle_of(runtime, project)
    return advice_context(lifecycle, project, when, facts, norms), lifecycle


def advice_context(
    lifecycle: Lifecycle, project: Project, at: datetime, history: Sequence[Fact], norms: Norms | None
) -> AdviceContext:
    """
    Return what scorers and risk checks of a lifecycle may look at.
    """
    stage, calendar = lifecycle.stage(project.stage), _working_days(lifecycle)

    def closed(cadence: str) -> tuple[ClosedSlot, ...]:
        since = max(project.opened_at, at - _YEAR)
        (bound,) = [each for each in lifecycle.cadences if each.cadence.id == cadence]
        return tuple(closed_slots(bound, history, since, at))

    return AdviceContext(project, at, stage, lifecycle.stages, history, norms, calendar=calendar, closed_slots=closed)


def _working_days(lifecycle: Lifecycle) -> Calendar:
    return working_days_of(lifecycle.definition.calendar, lifecycle.calendar)
