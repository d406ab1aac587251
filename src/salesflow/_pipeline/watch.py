"""
Watching over a project: early warnings are evaluated, and risks are taken through their lifecycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Unpack

import attrs

from .._lifecycle.bind_advice import ask_risk_checks, ask_scorers
from .._lifecycle.decision import Accepted, Option
from .._lifecycle.early_warnings import Alert, WarningRound, evaluate_warnings, measure
from .._model.advice import AdviceContext, Norms
from .._model.facts import Change, EntryPut, Notice
from .._model.frozen import EMPTY, freeze
from .._model.project import Project
from .._model.values import Actor
from ..dossier import RaisedWarning
from .change import Changer, Moment
from .results import WriteOptions, Written
from .risk_moves import RiskMoved, held_risk, moved, risk_lifecycle, view


@attrs.frozen(slots=False)
class WatchReport:
    """
    What watching over a project came to.

    Attributes:
        alerts: the early warnings that somebody should know of now: newly raised, or cleared.
        active: those that are on.
        unknown: the ids of those whose value could not be told; they stay as they were.
        written: what was recorded; ``None`` if nothing had changed.
    """

    project_id: str
    at: datetime
    alerts: tuple[Alert, ...]
    active: tuple[RaisedWarning, ...]
    unknown: tuple[str, ...]
    written: Written | None


class _IdleError(Exception):
    """
    There is nothing to record.
    """


class Watcher(Changer):
    """
    The watching part of a pipeline. Use :class:`salesflow.Pipeline`.
    """

    def watch(self, project_id: str, *, norms: Norms | None = None, **options: Unpack[WriteOptions]) -> WatchReport:
        """
        Evaluate the early warnings of a project's definition, and record in one fact what changed.

        That is which are on, the risks they open and the contingency plans they activate, with the notices
        to whom they name. Nothing is recorded if nothing changed, or in a final stage.

        Args:
            norms: what closed projects were like, for scores and checks that compare with them.
        """
        last: list[tuple[Moment, WarningRound]] = []

        def made(moment: Moment) -> tuple[Change | Notice, ...]:
            found = self._watched(moment, norms)
            last[:] = [(moment, found)]
            if not found.made:
                raise _IdleError
            return found.made

        try:
            written = self._change(project_id, "watch", lambda _lifecycle: (), made, final=True, **options)
        except _IdleError:
            written = None
        if written is not None and written.replayed:  # nobody is told again
            return WatchReport(project_id, written.fact.at, (), _active(written.project), (), written)
        moment, found = last[0]
        project = moment.project if written is None else written.project
        return WatchReport(project_id, moment.at, found.alerts, _active(project), found.unknown, written)

    def _watched(self, moment: Moment, norms: Norms | None) -> WarningRound:
        project, lifecycle = moment.project, moment.lifecycle
        stage, warnings = lifecycle.stage(project.stage), lifecycle.definition.warnings
        if stage.final or not warnings:
            return WarningRound()
        history = tuple(self.store.load(project.id, upto=project.version))
        ctx = AdviceContext(project, moment.at, stage, lifecycle.stages, history, norms)
        findings = ask_risk_checks(lifecycle.risk_checks, ctx)
        ctx = ctx._replace(findings=findings)
        scores = ask_scorers((*lifecycle.scorers, *self._scorers), ctx)
        values = {one.id: measure(one.on, scores, findings, lifecycle.risk_checks, ctx) for one in warnings}
        return evaluate_warnings(warnings, project, values, moment.at)

    def move_risk(
        self,
        project_id: str,
        risk_id: str,
        trigger: str,
        *,
        data: Mapping[str, Any] = EMPTY,
        reason: str | None = None,
        **options: Unpack[WriteOptions],
    ) -> RiskMoved:
        """
        Take a risk through its own lifecycle, the built-in ``risk``: one fact, or a refusal with every reason.

        Args:
            trigger: ``assess_risk``, ``respond_to_risk``, ``monitor_risk``, ``reassess_risk``, ``risk_occurs``,
                ``close_risk`` or ``reopen_risk``.
            data: attributes of the risk, set with the move; ``None`` clears one.

        Raises:
            TransitionRefusedError: with the decision.
            InputError: if there is no such risk, or for data that it cannot have.
            ProjectLockedError: in a final stage of the project.
        """
        accepted: list[Accepted] = []

        def made(moment: Moment) -> tuple[Change | Notice, ...]:
            risk, _ = held_risk(moment.project, risk_id)
            seen = view(moment.project, risk_id)
            decision = risk_lifecycle().decide(seen, trigger, actor=moment.who, at=moment.at, data=data, reason=reason)
            if not isinstance(decision, Accepted):
                self._refuse(decision)
            after, notices = moved(risk, decision)
            accepted[:] = [decision]
            return (EntryPut(after), *notices)

        about = {"risk": risk_id, "trigger": trigger, "data": freeze(dict(data)), "reason": reason}
        done = self._change(project_id, "move_risk", lambda _lifecycle: (), made, about=about, **options)
        risk, _ = held_risk(done.project, risk_id)
        decision = None if done.replayed else accepted[0]
        return RiskMoved(done.fact, done.project, done.listener_failures, done.replayed, risk=risk, decision=decision)

    def risk_options(
        self, project_id: str, risk_id: str, *, actor: Actor | None = None, at: datetime | None = None
    ) -> tuple[Option, ...]:
        """
        Return every trigger from where a risk stands: allowed, needs_input or blocked.

        Raises:
            InputError: if there is no such risk.
        """
        project = self.get(project_id)
        when = self._when(at, project, backfill=True)
        return risk_lifecycle().options(view(project, risk_id), actor=self._who(actor), at=when)


def _active(project: Project) -> tuple[RaisedWarning, ...]:
    return tuple(one for one in project.all(RaisedWarning) if one.active)
