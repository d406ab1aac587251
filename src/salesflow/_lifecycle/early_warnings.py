"""
Early warnings: when one is raised, when it is cleared, and when somebody is alerted. Pure.

Between its two thresholds a warning stays as it is (hysteresis), so that a value close to one of them does not raise
and clear it again and again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

import attrs

from .. import dossier
from .._model.advice import AdviceContext, BoundAdvice, Finding, Score
from .._model.calendar import CALENDAR_DAYS, Calendar
from .._model.early_warning import EarlyWarning
from .._model.facts import Change, EntryPut, Notice
from .._model.frozen import FrozenDict, noun
from .._model.project import Project
from .._model.values import Label


@noun(slots=False, eq=False, repr=False)
class Alert:
    """
    An early warning that was raised or cleared.

    Attributes:
        warning: its id.
        kind: ``raised`` or ``cleared``.
        value: what was measured.
        action: what is recommended.
        opened: the id of the risk that was put into the dossier with it.
        activated: the id of the risk whose contingency plan was activated with it.
        issue: the id of the issue that was put into the dossier with it.
    """

    warning: str
    kind: Literal["raised", "cleared"]
    value: float
    action: Label = attrs.field(default=Label())
    opened: str | None = None
    activated: str | None = None
    issue: str | None = None


def measure(
    name: str, scores: Iterable[Score], findings: Iterable[Finding], checks: Iterable[BoundAdvice], ctx: AdviceContext
) -> float | None:
    """
    Return the value of a score, or the strongest signal of a finding; ``None`` where it cannot be determined.

    A check that was asked and found nothing gives 0.
    """
    for score in scores:
        if score.name == name:
            return score.value
    named = [finding for finding in findings if finding.check == name]
    if not named:
        return 0.0 if any(one.name == name and one.applies(ctx) for one in checks) else None
    known = [finding.signal for finding in named if finding.status != "unknown"]
    return max(known, default=None)


def evaluate_warning(
    warning: EarlyWarning,
    before: dossier.RaisedWarning | None,
    value: float | None,
    at: datetime,
    calendar: Calendar = CALENDAR_DAYS,
) -> tuple[dossier.RaisedWarning, bool]:
    """
    Return a warning after one evaluation, and whether somebody is to be alerted now that it is on.

    What cannot be determined changes nothing. Evaluating twice at one time counts once.
    """
    state = dossier.RaisedWarning(warning.id) if before is None else before
    if value is None:
        return state, False
    end = warning.fire if warning.clear is None else warning.clear
    over = value >= warning.fire if warning.op == "ge" else value <= warning.fire
    past = value < end if warning.op == "ge" else value > end
    if state.active:
        if past:
            return attrs.evolve(state, active=False, cleared_at=at, evaluations=0, evaluated_at=at, value=value), False
        return _alerted(warning, state, at, calendar)
    if not over:
        return attrs.evolve(state, evaluations=0), False
    if state.evaluated_at == at:
        return state, False
    count = state.evaluations + 1
    state = attrs.evolve(state, evaluations=count, evaluated_at=at, value=value)
    if count < warning.evaluations:
        return state, False
    return _alerted(warning, attrs.evolve(state, active=True, since=at, level=warning.level), at, calendar)


def _alerted(
    warning: EarlyWarning, state: dossier.RaisedWarning, at: datetime, calendar: Calendar
) -> tuple[dossier.RaisedWarning, bool]:
    """
    Alert once for each time it is raised, and not before the last alert has cooled down.
    """
    last, since = state.last_alert_at, state.since
    if last is not None:
        alerted = since is None or last >= since
        if alerted or (warning.cool_down is not None and at < calendar.add(last, warning.cool_down)):
            return state, False
    return attrs.evolve(state, last_alert_at=at), True


@noun(slots=False, eq=False, repr=False)
class EvaluatedWarnings:
    """
    The result of one round of early warnings.

    Attributes:
        made: the changes and notices to record, if any.
        unknown: the ids of the warnings whose value could not be determined.
    """

    made: tuple[Change | Notice, ...] = ()
    alerts: tuple[Alert, ...] = ()
    unknown: tuple[str, ...] = ()


def evaluate_warnings(
    warnings: Iterable[EarlyWarning],
    project: Project,
    values: Mapping[str, float | None],
    at: datetime,
    calendar: Calendar,
) -> EvaluatedWarnings:
    """
    Evaluate every warning of a definition on a project.

    Args:
        values: what was measured, by the id of the warning.
        calendar: what a cool-down is counted in.
    """
    made, notices, alerts = list[Change](), list[Notice](), list[Alert]()
    risks = {risk.id: risk for risk in project.all(dossier.Risk)}
    states = {state.id: state for state in project.all(dossier.RaisedWarning)}
    unknown: list[str] = []
    for warning in warnings:
        value, before = values[warning.id], states.get(warning.id)
        if value is None:
            unknown.append(warning.id)
            continue
        state, alerting = evaluate_warning(warning, before, value, at, calendar)
        if state != (before or dossier.RaisedWarning(warning.id)):
            made.append(EntryPut(state))
        if alerting:
            risk, plan = _opened(warning, risks), _activated(warning, risks)
            made += [EntryPut(risks[one]) for one in dict.fromkeys((risk, plan)) if one is not None]
            issue = _issue(warning, project, at)
            made += () if issue is None else (EntryPut(issue),)
            alert = Alert(warning.id, "raised", value, warning.action, risk, plan, None if issue is None else issue.id)
            alerts.append(alert)
            if warning.to:
                notices.append(_notice(warning, alert, project))
        elif before is not None and before.active and not state.active:
            alerts.append(Alert(warning.id, "cleared", value))
    return EvaluatedWarnings((*made, *notices), tuple(alerts), tuple(unknown))


def risk_to_open(warning: EarlyWarning) -> dossier.Risk | None:
    """
    Return the risk that a warning opens, if it opens one.

    Raises:
        InputError, TypeError: for attributes that a risk does not have, or cannot have.
    """
    given: dict[str, Any] = {"id": warning.id, "identified_by": "check", **warning.open_risk}
    return dossier.Risk(**given) if warning.open_risk else None


def issue_to_open(warning: EarlyWarning) -> dossier.Issue | None:
    """
    Return the issue that a warning opens, if it opens one.

    Raises:
        InputError, TypeError: for attributes that an issue does not have, or cannot have.
    """
    given: dict[str, Any] = {"id": warning.id, "origin": f"warning:{warning.id}", **warning.open_issue}
    return dossier.Issue(**given) if warning.open_issue else None


def _issue(warning: EarlyWarning, project: Project, at: datetime) -> dossier.Issue | None:
    """
    Return the issue to put there: none while an earlier one of the warning is open.
    """
    new, held = issue_to_open(warning), project.held(dossier.Issue.kind)
    if new is None:
        return None
    names = (new.id, *(f"{new.id}-{number}" for number in range(2, len(held) + 2)))
    taken: Any = next(filter(None, (held.get(name) for name in reversed(names))), None)
    if taken is not None and taken.entry.open:
        return None
    free = next(name for name in names if name not in held)
    return attrs.evolve(new, id=free, owner=new.owner or project.owner, opened_at=at)


def _opened(warning: EarlyWarning, risks: dict[str, dossier.Risk]) -> str | None:
    new = risk_to_open(warning)
    if new is None or (new.id in risks and risks[new.id].status != "closed"):
        return None
    risks[new.id] = new
    return new.id


def _activated(warning: EarlyWarning, risks: dict[str, dossier.Risk]) -> str | None:
    risk = risks.get(warning.activate or "")
    if risk is None or risk.contingency_active or risk.status == "closed" or not risk.contingency.strip():
        return None
    risks[risk.id] = attrs.evolve(risk, contingency_active=True)
    return risk.id


def _notice(warning: EarlyWarning, alert: Alert, project: Project) -> Notice:
    about: dict[str, Any] = {
        "warning": warning.id,
        "on": warning.on,
        "value": alert.value,
        "level": warning.level,
        "action": warning.action,
        "opened": alert.opened,
        "activated": alert.activated,
        "issue": alert.issue,
    }
    return Notice(project.id, project.version + 1, warning.to, warning.id, FrozenDict(about))
