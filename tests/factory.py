"""
Small builders for the tests of the engine: a lifecycle, a project in it, a move, and guards that do as they are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import attrs

import salesflow as sf
from salesflow import Actor, Fact, Field, Project, Stage, Transition, Verdict, guards
from salesflow.dossier import Approval
from salesflow.effects import effect
from salesflow.guards import failed, passed, unknown
from salesflow.plugins import hookimpl
from salesflow.typing import Changed, EffectUse, EntryPut, GuardUse, Label, Remedy

from .inside.builders import after, bound_values, opened_with


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANN = Actor("ann", roles={"project_lead"})
BOSS = Actor("boss", roles={"sales_director"})

STAGES = (Stage("start", "open"), Stage("middle"), Stage("won", "won"), Stage("lost", "lost"))
FIELDS = (Field("amount", "money"), Field("owner"), Field("region", "choice", choices=("north", "south")))
WAYS = (
    Transition("go", "start", "middle"),
    Transition("win", "middle", "won"),
    Transition("lose", ("start", "middle"), "lost", kind="exit"),
)


def definition(
    *transitions: Transition,
    fields: Iterable[Field] = FIELDS,
    stages: Iterable[Stage] = STAGES,
    **more: Any,
) -> sf.Definition:
    """
    Return a small definition: a start, a middle, two ends; *transitions* replace those of the same id.
    """
    given = {one.id: one for one in (*WAYS, *transitions)}
    return sf.Definition("small", fields=fields, stages=stages, transitions=tuple(given.values()), **more)


def build(*transitions: Transition, plugins: Any = (), **more: Any) -> sf.Lifecycle:
    """
    Return the lifecycle of :func:`definition`.
    """
    return sf.build_lifecycle(definition(*transitions, **more), plugins=plugins)


def opened(
    lifecycle: sf.Lifecycle, fields: Mapping[str, Any] | None = None, *entries: Any, actor: Actor = ANN
) -> Project:
    """
    Return a project as it is opened.
    """
    body = opened_with(lifecycle, "Deal", lifecycle.changes(fields or {}, entries))
    return after(None, Fact("P-1", 1, NOW, actor, lifecycle.id, lifecycle.version, body))


def changed(
    lifecycle: sf.Lifecycle,
    project: Project,
    fields: Mapping[str, Any] | None = None,
    *entries: Any,
    at: datetime = NOW,
) -> Project:
    """
    Return the project after a change of fields and entries.
    """
    body = Changed(lifecycle.changes(fields or {}, entries))
    return after(project, Fact(project.id, project.version + 1, at, ANN, lifecycle.id, lifecycle.version, body))


def approved(
    lifecycle: sf.Lifecycle,
    project: Project,
    name: str,
    *,
    actor: Actor = BOSS,
    granted: bool = True,
    subject: str | None = None,
    digest: str | None = None,
    at: datetime = NOW,
) -> Project:
    """
    Return the project after an approval, stamped as a pipeline stamps it.
    """
    entry = Approval(
        f"{name}-{actor.name}-{project.version + 1}",
        name,
        actor.name,
        roles=tuple(sorted(actor.roles)),
        granted=granted,
        at=at,
        visit=project.visit.number,
        subject=subject,
        digest=digest,
        owner=project.owner,
        requester=project.opened_by,
        bound=bound_values(project, lifecycle.binds.get(name, ())),
    )
    fact = Fact(
        project.id, project.version + 1, at, actor, lifecycle.id, lifecycle.version, Changed((EntryPut(entry),))
    )
    return after(project, fact)


def decide(lifecycle: sf.Lifecycle, project: Project, trigger: str, **call: Any) -> Any:
    """
    Decide, by Ann and at the usual time unless the call says otherwise.
    """
    return lifecycle.decide(project, trigger, **{"actor": ANN, "at": NOW, **call})


def moved(lifecycle: sf.Lifecycle, project: Project, trigger: str, **call: Any) -> Project:
    """
    Return the project after a move that must be accepted.
    """
    decision = decide(lifecycle, project, trigger, **call)
    assert decision.accepted, decision.explain()
    return taken(lifecycle, project, decision)


def taken(lifecycle: sf.Lifecycle, project: Project, accepted: sf.Accepted) -> Project:
    """
    Return the project after an accepted move, by the fact that the move writes.
    """
    ctx = accepted.context
    body, _ = lifecycle.plan(accepted)
    return after(
        project, Fact(project.id, project.version + 1, ctx.at, ctx.actor, lifecycle.id, lifecycle.version, body)
    )


def later(days: float) -> datetime:
    """
    Return a time so many days after the usual one.
    """
    return NOW + timedelta(days=days)


CODES = {"told": Label("{name} says no.", "{name} 不同意。")}


@guards.guard("test.says", codes=CODES)
def says(status: str, name: str = "it") -> Any:
    """
    Answer with a status, whatever is asked.
    """
    cure = Remedy("wait", name)
    answers = {
        "pass": passed(),
        "fail": failed("told", cure, name=name),
        "unknown": unknown("told", cure, name=name),
        "nonsense": Verdict(failed("told").spec, "perhaps", "told"),  # type: ignore[arg-type]  # what is tested
        "excused": attrs.evolve(failed("told", name=name), overridden=True),
    }

    return lambda ctx: answers[status]


@guards.guard("test.five", codes=CODES)
def five() -> Any:
    """
    Answer with five verdicts, two of which fail.
    """
    return lambda ctx: [passed(), failed("told", name="a"), passed(), failed("told", name="b"), passed()]


@guards.guard("test.raises", codes={})
def raises() -> Any:
    """
    Raise, whatever is asked.
    """

    def check(ctx: Any) -> Verdict:
        raise ZeroDivisionError("by zero")

    return check


@guards.guard("test.returns", codes={})
def returns(what: str) -> Any:
    """
    Return something that is no verdict.
    """
    things = {"none": None, "text": "yes", "mixed": [passed(), "yes"], "empty": [], "true": True}
    return lambda ctx: things[what]


@effect("test.gives")
def gives(what: str) -> Any:
    """
    Return something that is no change, or raise.
    """
    if what == "raise":
        return lambda ctx: 1 // 0
    return lambda ctx: [what]


PLUGIN = SimpleNamespace(
    name="test",
    salesflow_guards=hookimpl(lambda: (says, five, raises, returns)),
    salesflow_effects=hookimpl(lambda: (gives,)),
)


def statuses(verdicts: Sequence[Verdict]) -> list[str]:
    """
    Return the status of each verdict.
    """
    return [verdict.status for verdict in verdicts]


def uses(*given: GuardUse) -> Transition:
    """
    Return the transition ``go`` with these guards.
    """
    return Transition("go", "start", "middle", guards=given)


def effects(*given: EffectUse) -> Transition:
    """
    Return the transition ``go`` with these effects.
    """
    return Transition("go", "start", "middle", effects=given)
