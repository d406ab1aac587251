"""
What advises about a project: its scores, and what its risk checks find.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from .._lifecycle.bind_advice import ask_risk_checks, ask_scorers
from .._lifecycle.lifecycle import Lifecycle
from .._model.advice import AdviceContext, Norms, Score
from .._model.facts import Fact
from .._model.project import replay
from .queries import Desk


if TYPE_CHECKING:
    from ..risks import RiskReport


_PAGE: Final = 500


class Counsel(Desk):
    """
    The advising part of a pipeline. Use :class:`salesflow.Pipeline`.
    """

    def score(self, project_id: str, *, at: datetime | None = None, norms: Norms | None = None) -> tuple[Score, ...]:
        """
        Return the scores of a project: those its definition names, of the plugins, and of the pipeline's scorers.

        Args:
            at: by default the clock's time; the project is taken as it stood then.
            norms: what closed projects were like, for scores that compare with them.
        """
        ctx, lifecycle = self._context(project_id, at, norms)
        findings = ask_risk_checks(lifecycle.risk_checks, ctx)
        return ask_scorers((*lifecycle.scorers, *self._scorers), ctx._replace(findings=findings))

    def risks(self, project_id: str, *, at: datetime | None = None, norms: Norms | None = None) -> RiskReport:
        """
        Return the risks of a project: what the checks of its definition and of the plugins find, and its open risks.

        Args:
            at: by default the clock's time; the project is taken as it stood then.
            norms: what closed projects were like, for checks that compare with them.
        """
        from ..risks import matrix_of, report_of  # noqa: PLC0415 -- many modules, and not everybody asks for risks

        ctx, lifecycle = self._context(project_id, at, norms)
        findings = ask_risk_checks(lifecycle.risk_checks, ctx)
        return report_of(ctx.project, ctx.at, findings, matrix_of(lifecycle.definition.risks))

    def histories(self, lifecycle: Lifecycle | None = None) -> Iterator[tuple[Fact, ...]]:
        """
        Yield the facts of each project of a lifecycle, in any version, to learn from; by id.

        Args:
            lifecycle: by default the newest one of this pipeline.
        """
        wanted = (lifecycle or self.lifecycle).id
        after: str | None = None
        while page := self.store.find(after=after, limit=_PAGE):
            for project in page:
                if project.lifecycle == wanted:
                    yield self.history(project.id)
            after = page[-1].id

    def norms(self, lifecycle: Lifecycle | None = None) -> Norms:
        """
        Return what the projects of a lifecycle were like, from all facts; keep it for a while.
        """
        from ..scores import norms_of  # noqa: PLC0415 -- as above

        chosen = lifecycle or self.lifecycle
        return norms_of(self.histories(chosen), chosen.stages)

    def _context(self, project_id: str, at: datetime | None, norms: Norms | None) -> tuple[AdviceContext, Lifecycle]:
        history = self.history(project_id)
        project = replay(history)
        when = self._when(at, project, backfill=True)
        if when < project.updated_at:
            project = self.as_of(project_id, when)
            history = history[: project.version]
        lifecycle = self.lifecycle_of(project)
        stage = lifecycle.stage(project.stage)
        return AdviceContext(project, when, stage, lifecycle.stages, history, norms), lifecycle
