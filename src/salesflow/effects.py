"""
What a transition also does, in the same commit: notices, field values, tasks, the forecast.

An effect is pure. It returns changes and notices; later effects see earlier changes. With
``.but(when={"urgent": True})`` it runs only where the predicate is true.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar, Generic, Literal, ParamSpec

from . import dossier
from ._model.facts import Change, EntryPut, FieldSet, Notice
from ._model.frozen import EMPTY, FrozenDict, noun
from ._model.parameters import OfFactory, call_params, documented, shown_call
from ._model.risk_matrix import Level
from ._model.uses import EffectUse
from ._model.values import CENTURY, Duration, is_name, to_tuple
from .errors import say
from .typing import Effect, EffectContext


__all__ = [
    "BUILT_IN",
    "EffectKind",
    "clear_fields",
    "create_task",
    "effect",
    "notify",
    "open_issue",
    "set_field",
    "set_forecast",
    "stamp",
]


P = ParamSpec("P")


def _nothing(*_args: Any, **_params: Any) -> tuple[str, ...]:
    return ()


@noun(eq=False, repr=False)
class EffectKind(Generic[P]):
    """
    An effect that definitions can use by name; calling it gives an ``EffectUse``.

    Attributes:
        name: what a definition writes after ``use =``; plugins prefix theirs.
        factory: takes the parameters and returns the effect.
        writes: takes the same parameters; the field ids that the effect sets.
        typed_by: parameters that are literals of a field, as ``{"value": "field"}``.
    """

    __doc__ = OfFactory(documented, __doc__)  # pyright: ignore[reportAssignmentType] -- it gives a text
    __signature__: ClassVar[OfFactory[inspect.Signature]] = OfFactory(inspect.signature)

    name: str
    factory: Callable[P, Effect]
    writes: Callable[..., Iterable[str]] = _nothing
    typed_by: Mapping[str, str] = EMPTY

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> EffectUse:
        return EffectUse(self.name, call_params(self.name, self.factory, args, kwargs))

    def __repr__(self) -> str:
        return shown_call(self.name, self.factory)


def effect(
    name: str, *, writes: Callable[..., Iterable[str]] = _nothing, typed_by: Mapping[str, str] = EMPTY
) -> Callable[[Callable[P, Effect]], EffectKind[P]]:
    """
    Declare an effect on a factory ``f(*, params) -> Effect``.
    """

    def declare(factory: Callable[P, Effect]) -> EffectKind[P]:
        return EffectKind(name, factory, writes, typed_by)

    return declare


@effect("notify")
def notify(
    to: tuple[str, ...], topic: str = "", escalate: Mapping[str, Any] | tuple[Mapping[str, Any], ...] = ()
) -> Effect:
    """
    Leave a notice for *to*: ``role:<role>``, ``team``, ``owner`` or an address of the host.

    Args:
        topic: by default the transition's id.
        escalate: who is also notified, and after which time, unless somebody acknowledges the notice by then, as
            ``{ after = "1bd", to = ["role:sales_director"] }``, or a list of them. The time counts from the notice, in
            the lifecycle's calendar.
    """
    levels = tuple(map(_level, (escalate,) if isinstance(escalate, Mapping) else escalate))
    _check_addresses("to", to)

    def run(ctx: EffectContext) -> Iterable[Change | Notice]:
        about: FrozenDict[str, object] = FrozenDict(
            transition=ctx.transition.id, source=ctx.source.id, target=ctx.target.id, actor=ctx.actor.name
        )
        topic_id = topic or ctx.transition.id
        return (Notice(ctx.project.id, ctx.version, tuple(to), topic_id, about, escalate=levels),)

    return run


def _level(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    Return one level of an escalation, checked.
    """
    if set(given) != {"after", "to"}:
        raise ValueError(say("param.escalate", given=list(given)))
    after, to = Duration.parse(str(given["after"])), to_tuple(given["to"])
    if not timedelta() < after.span <= timedelta(days=CENTURY.days):
        raise ValueError(say("param.escalate_after", after=after))
    _check_addresses("escalate.to", to)
    if not to:
        raise ValueError(say("param.nobody", name="escalate.to"))
    return FrozenDict(after=after, to=to)


def _check_addresses(name: str, to: Iterable[object]) -> None:
    for each in to:
        role = isinstance(each, str) and each.startswith("role:")
        if not isinstance(each, str) or not each.strip() or (role and not is_name(each.removeprefix("role:"))):
            raise ValueError(say("param.addressee", name=name, given=each))
        scheme, separator, rest = each.partition("://")
        if separator and (scheme.lower() not in ("http", "https") or "@" in rest):
            raise ValueError(say("param.address_secret", name=name))  # the address itself may be a secret


def _written(field: str, **_params: Any) -> tuple[str, ...]:
    return (field,)


@effect("set_field", writes=_written, typed_by={"value": "field"})
def set_field(field: str, value: Any) -> Effect:
    """
    Set a declared field to a literal of its type; an empty text clears it.
    """

    def run(_ctx: EffectContext) -> Iterable[Change | Notice]:
        return (FieldSet(field, None if value == "" else value),)

    return run


def _cleared(fields: tuple[str, ...]) -> tuple[str, ...]:
    return fields


@effect("clear_fields", writes=_cleared)
def clear_fields(fields: tuple[str, ...]) -> Effect:
    """
    Empty declared fields, such as the reason of a loss when a project is reopened; locks do not hold it up.
    """
    if not fields:
        raise ValueError("there is no field to clear; name at least one.")

    def run(ctx: EffectContext) -> Iterable[Change | Notice]:
        return tuple(FieldSet(name, None) for name in dict.fromkeys(fields) if name in ctx.project.fields)

    return run


@effect("stamp", writes=_written)
def stamp(field: str, *, value: Literal["at", "day", "actor", "count"] = "at") -> Effect:
    """
    Set a declared field to what only the move itself knows.

    Args:
        value: ``at`` for the time of the move, ``day`` for its day, ``actor`` for the name of who makes it, or
            ``count`` for one more than the field holds.
    """

    def run(ctx: EffectContext) -> Iterable[Change | Notice]:
        found: Any = {"at": ctx.at, "day": ctx.today, "actor": ctx.actor.name}.get(value)
        return (FieldSet(field, (ctx.project.fields.get(field) or 0) + 1 if found is None else found),)

    return run


@effect("open_issue")
def open_issue(title: str = "", severity: Level = "medium", category: str = "") -> Effect:
    """
    Put an open issue into the dossier, which the owner has to see to.

    Args:
        title: by default the name of what moves, such as the title of a risk.
        severity: how bad it is.
        category: in the host's own words.
    """
    dossier.Issue("issue", severity=severity)  # refuses what is no level

    def run(ctx: EffectContext) -> Iterable[Change | Notice]:
        taken, about = ctx.project.held(dossier.Issue.kind), ctx.about or ctx.transition.id
        name = about.replace(":", "-")
        free = next(one for one in (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)
        issue = dossier.Issue(
            free,
            title or ctx.project.name,
            severity=severity,
            category=category,
            owner=ctx.project.owner,
            opened_at=ctx.at,
            origin=ctx.about,
        )
        return (EntryPut(issue),)

    return run


@effect("create_task")
def create_task(title: str, owner: str = "", due_days: int = 0) -> Effect:
    """
    Add a task to the dossier.

    Args:
        owner: who does it; defaults to the project's owner.
        due_days: days from now, 0 for no due date.
    """
    if abs(due_days) > CENTURY.days:
        raise ValueError(say("param.due_days", due_days=due_days, days=CENTURY.days))

    def run(ctx: EffectContext) -> Iterable[Change | Notice]:
        due = ctx.today + timedelta(days=due_days) if due_days else None
        # The version makes the id new for every passage, and the same when a commit is repeated;
        # a transition may create several tasks.
        name, taken = f"{ctx.transition.id}-{ctx.version}", ctx.project.held(dossier.Task.kind)
        free = next(one for one in (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))) if one not in taken)
        return (EntryPut(dossier.Task(free, title, owner=owner or ctx.project.owner, due=due)),)

    return run


def _forecast(probability: str = "probability", forecast: str = "forecast") -> tuple[str, ...]:
    return (probability, forecast)


@effect("set_forecast", writes=_forecast)
def set_forecast(probability: str = "probability", forecast: str = "forecast") -> Effect:
    """
    Write the target stage's probability and forecast category into two declared fields.

    ``keep`` leaves the probability as it is; ``by_outcome`` is 1 for a won outcome and 0
    for any other, with the category ``closed`` or ``omitted``.
    """

    def run(ctx: EffectContext) -> Iterable[Change | Notice]:
        won = ctx.outcome == "won"
        share, category = ctx.target.probability, ctx.target.forecast
        if share == "by_outcome":
            share = 1.0 if won else 0.0
        if category == "by_outcome":
            category = "closed" if won else "omitted"
        changes: list[Change | Notice] = []
        if isinstance(share, (int, float)):
            changes.append(FieldSet(probability, share))
        if category is not None:
            changes.append(FieldSet(forecast, category))
        return changes

    return run


BUILT_IN: tuple[EffectKind[...], ...] = (
    notify,
    set_field,
    clear_fields,
    stamp,
    create_task,
    open_issue,
    set_forecast,
)
"""The effects that salesflow brings."""
