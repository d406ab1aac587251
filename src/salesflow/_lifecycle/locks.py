"""
Locked fields: the stages in which a field is locked, and the check of changes against that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from .._definition.edges import edges_of
from .._definition.report import Fault, fault
from .._model.definition import Definition, Field
from .._model.facts import Change, FieldSet
from .._model.frozen import FrozenDict, noun
from .._model.messages import NOTHING
from .._model.project import Project
from .._model.values import Actor
from .._model.verdict import Remedy, Verdict
from ..errors import nearest
from .compiled import ENGINE


_FAR: Final = 1 << 30  # of a stage that nothing leads to


@noun(slots=False)
class BoundLock:
    """
    A lock of a field, with the stages in which it holds.
    """

    since: str
    stages: frozenset[str]
    roles: tuple[str, ...]


def bind_locks(definition: Definition, fields: Iterable[Field], faults: list[Fault]) -> Mapping[str, BoundLock]:
    """
    Return the locks by field; a stage that is not there is added to *faults*.
    """
    found: dict[str, BoundLock] = {}
    steps = _steps(definition)
    for field in fields:
        lock = field.locked
        if lock is None:
            continue
        if lock.from_ not in steps:
            path = f"fields[{definition.fields.index(field)}].locked.from"
            faults.append(fault(path, "stage.unknown", name=lock.from_, near=nearest(lock.from_, steps)))
            continue
        behind = {stage.id for stage in definition.stages if stage.final or steps[stage.id] > steps[lock.from_]}
        found[field.id] = BoundLock(lock.from_, frozenset({lock.from_, *behind}), lock.unless)
    return FrozenDict(found)


def _steps(definition: Definition) -> dict[str, int]:
    """
    Return how many moves each stage is away from the initial one, at the least.
    """
    following: dict[str, list[str]] = {stage.id: [] for stage in definition.stages}
    for edge in edges_of(definition):
        following[edge.source].append(edge.target)
    found = dict.fromkeys(following, _FAR)
    todo = deque([definition.initial] if definition.initial in found else [])
    found.update(dict.fromkeys(todo, 0))
    while todo:
        stage = todo.popleft()
        for target in following[stage]:
            if found[target] == _FAR:
                found[target] = found[stage] + 1
                todo.append(target)
    return found


def broken_locks(
    locks: Mapping[str, BoundLock], project: Project, changes: Iterable[Change], actor: Actor
) -> Iterator[Verdict]:
    """
    Yield a verdict for each field that a call would change although it is locked for this actor.

    While a project is on hold, the stage that was interrupted counts.
    """
    stage = project.stage if project.suspended is None else project.suspended.stage
    for change in changes:
        lock = locks.get(change.field) if isinstance(change, FieldSet) else None
        if lock is None or not isinstance(change, FieldSet) or stage not in lock.stages:
            continue
        if actor.roles.isdisjoint(lock.roles) and change.value != project.fields.get(change.field):
            evidence = FrozenDict({"field": change.field, "stage": lock.since, "roles": lock.roles or (NOTHING,)})
            remedies = tuple(Remedy("role", role) for role in lock.roles)
            yield Verdict(ENGINE, "fail", "field.locked", remedies, evidence)
