"""
Risk moves: a risk goes through its own small lifecycle, decided on a view of the entry as a project.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final, Unpack

import attrs

from .. import dossier
from .._lifecycle.decision import Accepted, Option
from .._lifecycle.lifecycle import Lifecycle
from .._model.facts import EntryPut, FieldSet, Notice
from .._model.frozen import EMPTY, FrozenDict, freeze, noun
from .._model.project import Held, Project, Visit
from .._model.values import Actor
from ..errors import InputError, nearest, say
from ..plugins._loading import load_lifecycle
from .change import changed, check_unlocked, write_change
from .recorder import Draft, Moment, refuse
from .results import WriteOptions, Written
from .runtime import Runtime, actor_of, project_of, time_of


NAME: Final = "risk"
"""The built-in lifecycle of risks; its stages are what ``Risk.status`` takes."""


@noun(slots=False)
class RiskMoved(Written):
    """
    A risk that took a transition of its own lifecycle.

    Attributes:
        risk: as it stands afterwards.
        decision: what allowed it; ``None`` when the call was replayed.
    """

    risk: dossier.Risk = attrs.field(kw_only=True)
    decision: Accepted | None = attrs.field(default=None, kw_only=True)


def move_risk(
    runtime: Runtime,
    project_id: str,
    risk_id: str,
    trigger: str,
    data: Mapping[str, Any],
    reason: str | None,
    **options: Unpack[WriteOptions],
) -> RiskMoved:
    """
    Take a risk through its own lifecycle; see :meth:`salesflow.Pipeline.move_risk`.
    """
    decision: Any = None
    if not isinstance(data, Mapping):
        raise InputError("data", data, say("input.mapping"))

    def decide(moment: Moment[Project]) -> Draft:
        nonlocal decision
        check_unlocked(moment)
        risk, _ = held_risk(moment.project, risk_id)
        seen = view(moment.project, risk_id)
        decision = risk_lifecycle().decide(seen, trigger, actor=moment.who, at=moment.at, data=data, reason=reason)
        if not isinstance(decision, Accepted):
            refuse(runtime, decision)
        after, notices = moved(risk, decision)
        return changed("move_risk", (EntryPut(after),), notices)

    about = {"risk": risk_id, "trigger": trigger, "data": freeze(dict(data)), "reason": reason}
    done = write_change(runtime, project_id, "move_risk", decide, about=about, **options)
    risk, _ = held_risk(done.project, risk_id)
    accepted = None if done.replayed else decision
    return RiskMoved(done.fact, done.project, done.listener_failures, done.replayed, risk=risk, decision=accepted)


def risk_options(
    runtime: Runtime, project_id: str, risk_id: str, actor: Actor | None, at: datetime | None
) -> tuple[Option, ...]:
    """
    Return every trigger from where a risk stands; see :meth:`salesflow.Pipeline.risk_options`.
    """
    project = project_of(runtime, project_id)
    when = time_of(runtime, at, project)
    return risk_lifecycle().options(view(project, risk_id), actor=actor_of(runtime, actor), at=when)


@cache
def risk_lifecycle() -> Lifecycle:
    """
    Return the lifecycle of risks.
    """
    return load_lifecycle(NAME)


def held_risk(project: Project, risk_id: str) -> tuple[dossier.Risk, Held]:
    """
    Return a risk of the dossier.

    Raises:
        InputError: if there is none with this id.
    """
    known = project.held(dossier.Risk.kind)
    held = known.get(risk_id) if isinstance(risk_id, str) else None
    if held is None or not isinstance(held.entry, dossier.Risk):
        hint = say("input.risks", project=project.id, known=known, near=nearest(str(risk_id), known))
        raise InputError("risk", risk_id, hint)
    return held.entry, held


def view(project: Project, risk_id: str) -> Project:
    """
    Return a risk as a project in the stage that is its status.

    One that is identified and stands at 1 times 1 counts as not assessed: hand in what it is assessed at.
    """
    risk, held = held_risk(project, risk_id)
    fields = {name: getattr(risk, name) for name in risk_lifecycle().fields}
    if risk.impacts:
        fields["impact"] = max(risk.impacts.values())
    elif risk.status == "identified" and (risk.probability, risk.impact) == (1, 1):
        fields |= {"probability": None, "impact": None}
    return Project(
        project.id,
        risk.title or risk.id,
        NAME,
        risk_lifecycle().version,
        risk.status,
        risk_lifecycle().definition.outcome_ids[0],
        FrozenDict({name: value for name, value in fields.items() if value is not None and value != ""}),
        EMPTY,
        project.version,
        held.at,
        held.by,
        held.at,
        Visit(1, risk.status, held.at, held.version),
    )


def moved(risk: dossier.Risk, accepted: Accepted) -> tuple[dossier.Risk, tuple[Notice, ...]]:
    """
    Return a risk after an accepted move, with the notices of its effects.

    Raises:
        InputError: for a value that a risk cannot have.
    """
    body, notices = risk_lifecycle().plan(accepted)
    given: dict[str, Any] = {}
    for change in body.changes:
        if isinstance(change, FieldSet):  # pragma: no branch -- the lifecycle of risks puts no entries
            given[change.field] = _blank(risk, change.field) if change.value is None else change.value
    if "impact" in given:
        given["impacts"] = EMPTY
    about = tuple(attrs.evolve(each, params=each.params.plus("risk", risk.id)) for each in notices)
    return attrs.evolve(risk, **given, status=body.target), about


def _blank(risk: dossier.Risk, name: str) -> Any:
    defaults: Mapping[str, Any] = {each.name: each.default for each in attrs.fields(type(risk))}
    return defaults[name]
