"""
Queries: the calls of a pipeline that only read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypedDict, cast

import attrs

from .._definition.field_values import literal
from .._lifecycle.decision import Decision, MoveOptions, Option
from .._lifecycle.lifecycle import Lifecycle
from .._model.definition import Definition
from .._model.facts import Fact
from .._model.fold import evolve, facts_until, replay_some
from .._model.messages import format_time
from .._model.predicate import Compare, Predicate, fields_of, to_predicate, with_literals
from .._model.project import Project
from .._model.query import ORDERS, Order, make_order, ordered
from .._model.values import Actor, check_text, same_person, to_utc
from .._model.work import DueDeadline, Work
from ..errors import InputError, nearest, say
from ..stores.adapting import every, readable
from .children import children_seen
from .entry_lifecycles import held_for, settled_entries
from .results import ProjectDue, Stay
from .runtime import Runtime, actor_of, deciding_lifecycle, project_of, read_once, time_of


_LONGEST: Final = timedelta(days=366)
_PAGE: Final = 2000


class Query(TypedDict, total=False):
    """
    Which projects are asked for; see :meth:`salesflow.Pipeline.find`.
    """

    stage: str | None
    owner: str | None
    outcome: str | None
    parent: str | None
    where: Mapping[str, Any] | None
    closed_between: tuple[datetime, datetime] | None


def find(
    runtime: Runtime, query: Query, order_by: str | None, after: str | Project | None, limit: int
) -> list[Project]:
    """
    Return projects that match; see :meth:`salesflow.Pipeline.find`.
    """
    if not isinstance(after, Project):
        check_text(after, "after")
    _order(runtime, order_by)
    return runtime.store.find(**_asked(runtime, query), order_by=order_by, after=after, limit=limit)


def find_all(runtime: Runtime, query: Query, order_by: str | None = None) -> Iterator[Project]:
    """
    Yield every project that matches; see :meth:`salesflow.Pipeline.all`.
    """
    found = every(runtime.store.find, _asked(runtime, query))
    order = _order(runtime, order_by)
    # The others are sorted once, and not again for every page.
    yield from found if order.by_id else ordered(found, order)


def _order(runtime: Runtime, order_by: str | None) -> Order:
    order = make_order(order_by)
    known = {*ORDERS, *_fields(runtime)}
    if order.key not in known:
        hint = say("input.order", known=tuple(ORDERS), near=nearest(order.key, known))
        raise InputError("order_by", order_by, hint)
    return order


def _fields(runtime: Runtime) -> set[str]:
    return {each.id for lifecycle in runtime.lifecycles.values() for each in lifecycle.definition.fields}


def count(runtime: Runtime, query: Query) -> int:
    """
    Return how many projects match; see :meth:`salesflow.Pipeline.count`.
    """
    return runtime.store.count(**_asked(runtime, query))


def _asked(runtime: Runtime, query: Query) -> dict[str, Any]:
    """
    Check a query, and return it as stores take it.
    """
    given: dict[str, Any] = {**query}
    unknown = given.keys() - Query.__annotations__.keys()
    if unknown:
        raise InputError("query", sorted(unknown), say("input.query", known=Query.__annotations__))
    where, period = given.pop("where", None), given.pop("closed_between", None)
    for name, value in given.items():
        check_text(value, name)
    if period is not None:
        given["closed_between"] = period
    for name in ("stage", "outcome"):
        _known(runtime, name, given.get(name))
    return given if where is None else {**given, "where": to_where(runtime, where)}


def to_where(runtime: Runtime, where: Mapping[str, Any]) -> Predicate:
    """
    Return a predicate on the fields of a pipeline's lifecycles, ``outcome`` and ``stage``.

    Raises:
        InputError: for another field, and for anything but a predicate.
    """
    predicate = to_predicate(where)
    known = [*sorted(_fields(runtime)), "outcome", "stage"]
    unknown = [name for name in fields_of(predicate) if name not in known]
    if unknown:
        raise InputError("where", unknown[0], say("input.where", known=tuple(known), near=nearest(unknown[0], known)))
    return with_literals(predicate, lambda compare: _literal(runtime, compare))


def _literal(runtime: Runtime, compare: Compare) -> Any:
    """
    Return what a field is compared with, typed by the field as in a definition; texts are read as money and dates.
    """
    listed = isinstance(compare.value, tuple)
    if compare.op == "set":
        return compare.value
    if compare.value is None or listed is not (compare.op in ("in", "not_in")):
        raise InputError(say("what.operator", op=compare.op, key=compare.field), compare.value, say("input.operand"))
    items = cast("tuple[object, ...]", compare.value if listed else (compare.value,))
    if compare.field in ("stage", "outcome"):
        for item in items:
            _known(runtime, compare.field, item)
        return compare.value
    found = tuple(_typed(runtime, compare.field, item) for item in items)
    return found if listed else found[0]


def _typed(runtime: Runtime, name: str, value: object) -> Any:
    fields = [lifecycle.fields[name] for lifecycle in runtime.lifecycles.values() if name in lifecycle.fields]
    found, problems = list[Any](), list[InputError]()
    for field in fields:
        try:
            found.append(literal(field, value))
        except InputError as error:
            problems.append(error)
    if not found:
        raise problems[0]
    return value if value in found else found[0]


def _known(runtime: Runtime, what: str, name: object) -> None:
    """
    Refuse a stage or an outcome that no lifecycle has: it is a mistake, not an empty answer.
    """
    known = {each for lifecycle in runtime.lifecycles.values() for each in _names(lifecycle.definition, what)}
    if name is not None and name not in known:
        raise InputError(what, name, say(f"input.{what}s", known=sorted(known), near=nearest(name, known)))


def _names(definition: Definition, what: str) -> Iterable[str]:
    return definition.outcome_ids if what == "outcome" else (stage.id for stage in definition.stages)


def due(runtime: Runtime, start: datetime, end: datetime, who: str | Actor | None) -> Iterator[ProjectDue]:
    """
    Yield the deadlines that pass between two times; see :meth:`salesflow.Pipeline.due`.
    """
    begin, until = to_utc(start, "start"), to_utc(end, "end")
    if not timedelta() <= until - begin <= _LONGEST:
        raise InputError(
            "start and end", f"{format_time(begin, UTC)} – {format_time(until, UTC)}", say("input.due_span")
        )
    name = who.name if isinstance(who, Actor) else who
    check_text(name, "who=")
    return _due(runtime, begin, until, name)


def _due(runtime: Runtime, begin: datetime, until: datetime, who: str | None) -> Iterator[ProjectDue]:
    found = upcoming(runtime, begin, until)
    dues = (due for at, due in found if at < until and not due.part and due.slot is None)
    for project, due in readable(dues, lambda due: (project_of(runtime, due.project_id), due)):
        held = held_for(runtime, project, due) if due.entry else None
        if due.entry and held is None:
            continue
        whose = getattr(held and held.entry, "owner", None) or project.owner
        if who is None or same_person(whose, who):
            yield ProjectDue(project, due, str(whose or ""))


def upcoming(runtime: Runtime, begin: datetime | None, until: datetime) -> Iterator[tuple[datetime, DueDeadline]]:
    """
    Yield all that is watched from a time on and until another, each with when it is acted on, in order.
    """
    last = None if begin is None else Work("", "deadline", "", begin, DueDeadline("", 0, "", "", begin))
    while page := runtime.store.upcoming("deadline", until=until, after=last, limit=_PAGE):
        last = page[-1]
        yield from [(each.due_at, each.body) for each in page if isinstance(each.body, DueDeadline)]


def stays(runtime: Runtime, project_id: str) -> tuple[Stay, ...]:
    """
    Return the stays of a project; see :meth:`salesflow.Pipeline.stays`.
    """
    found: list[Stay] = []
    project: Project | None = None
    for fact in history(runtime, project_id):
        project = evolve(project, fact)
        if found and found[-1].visit == project.visit.number:
            continue
        if found:
            found[-1] = attrs.evolve(found[-1], left_at=fact.at)
        found.append(Stay(project.visit.number, project.visit.stage, fact.at))
    return tuple(found)


def history(runtime: Runtime, project_id: str) -> tuple[Fact, ...]:
    """
    Return every fact of a project; see :meth:`salesflow.Pipeline.history`.
    """
    project_of(runtime, project_id)
    return tuple(runtime.store.load(project_id))


def as_of(runtime: Runtime, project_id: str, at: datetime | None, known_at: datetime | None) -> Project:
    """
    Return a project as it was at a time in the past; see :meth:`salesflow.Pipeline.as_of`.
    """
    if at is None and known_at is None:
        raise InputError("time", None, say("input.as_of"))
    when = None if at is None else to_utc(at, "at")
    known = None if known_at is None else to_utc(known_at, "known_at")
    facts = facts_until(history(runtime, project_id), at=when, known_at=known)
    if not facts or facts[0].version > 1:
        asked = ", ".join(format_time(each, UTC) for each in (when, known) if each is not None)
        raise InputError(say("what.project_time", project_id=project_id), asked, say("input.opened_later"))
    return replay_some(facts)


def decide(
    runtime: Runtime,
    project_id: str,
    trigger: str,
    actor: Actor | None,
    at: datetime | None,
    request: MoveOptions,
) -> Decision:
    """
    Decide without writing anything; see :meth:`salesflow.Pipeline.decide`.
    """
    project = project_of(runtime, project_id)
    when, who, lifecycle = time_of(runtime, at, project), actor_of(runtime, actor), deciding_lifecycle(runtime, project)
    if entries := request.get("entries"):
        request["entries"] = settled_entries(runtime, project, read_once(entries), who, when, lifecycle)
    seen = children_seen(runtime, lifecycle, project)
    return lifecycle.decide(project, trigger, actor=who, at=when, children=seen, **request)


def options(runtime: Runtime, project_id: str, actor: Actor | None, at: datetime | None) -> tuple[Option, ...]:
    """
    Return every trigger from where a project stands; see :meth:`salesflow.Pipeline.options`.
    """
    project = project_of(runtime, project_id)
    when = time_of(runtime, at, project)
    return options_of(runtime, deciding_lifecycle(runtime, project), project, actor_of(runtime, actor), when)


def options_of(
    runtime: Runtime, lifecycle: Lifecycle, project: Project, actor: Actor, at: datetime
) -> tuple[Option, ...]:
    """
    Return every trigger from where a project stands, with what its guards know of its children.
    """
    return lifecycle.options(project, actor=actor, at=at, children=children_seen(runtime, lifecycle, project))


def batch(runtime: Runtime) -> AbstractContextManager[Any]:
    """
    Return the store's way to write the commits of a block together.
    """
    return runtime.store.batch()
