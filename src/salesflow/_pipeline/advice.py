"""
Advice about a project: its scores, what its risk checks find, and what closed projects were like.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from .._lifecycle.bind_advice import ask_risk_checks, ask_scorers
from .._lifecycle.lifecycle import Lifecycle
from .._model.advice import AdviceContext, Norms, Score
from .._model.facts import Fact
from .._model.project import facts_until, replay
from ..risks import RiskReport, matrix_of, report_of
from ..scores import norms_of
from .queries import as_of, history
from .runtime import Runtime, chosen_lifecycle, lifecycle_of, time_of


_PAGE: Final = 500


def score(runtime: Runtime, project_id: str, at: datetime | None, norms: Norms | None) -> tuple[Score, ...]:
    """
    Return the scores of a project; see :meth:`salesflow.Pipeline.score`.
    """
    ctx, lifecycle = _context(runtime, project_id, at, norms)
    findings = ask_risk_checks(lifecycle.risk_checks, ctx)
    return ask_scorers((*lifecycle.scorers, *runtime.scorers), ctx._replace(findings=findings))


def risks(runtime: Runtime, project_id: str, at: datetime | None, norms: Norms | None) -> RiskReport:
    """
    Return the risks of a project; see :meth:`salesflow.Pipeline.risks`.
    """
    ctx, lifecycle = _context(runtime, project_id, at, norms)
    findings = ask_risk_checks(lifecycle.risk_checks, ctx)
    return report_of(ctx.project, ctx.at, findings, matrix_of(lifecycle.definition.risks))


def histories(runtime: Runtime, lifecycle: Lifecycle | None) -> Iterator[tuple[Fact, ...]]:
    """
    Yield the facts of each project of a lifecycle; see :meth:`salesflow.Pipeline.histories`.
    """
    wanted = chosen_lifecycle(runtime, lifecycle).id
    after: str | None = None
    while page := runtime.store.find(after=after, limit=_PAGE):
        for project in page:
            if project.lifecycle == wanted:
                yield history(runtime, project.id)
        after = page[-1].id


def norms(runtime: Runtime, lifecycle: Lifecycle | None) -> Norms:
    """
    Return what the projects of a lifecycle were like; see :meth:`salesflow.Pipeline.norms`.
    """
    chosen = chosen_lifecycle(runtime, lifecycle)
    return norms_of(histories(runtime, chosen), chosen.stages)


def _context(
    runtime: Runtime, project_id: str, at: datetime | None, norms: Norms | None
) -> tuple[AdviceContext, Lifecycle]:
    facts = history(runtime, project_id)
    project = replay(facts)
    when = time_of(runtime, at, project)
    if when < project.updated_at:
        project, facts = as_of(runtime, project_id, when, None), facts_until(facts, at=when)
    lifecycle = lifecycle_of(runtime, project)
    stage = lifecycle.stage(project.stage)
    return AdviceContext(project, when, stage, lifecycle.stages, facts, norms), lifecycle
