"""
The final passes of a machine: what no example may have happened to do is done once, under the same checks.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from random import Random
from typing import Any, Final

import attrs

from ..._definition.edges import Edge
from ..._definition.expand import use_ids
from ..._lifecycle.decision import Accepted
from ..._model.project import Project
from ...dossier import Approval
from .._navigate.attempt import GateAttempt
from .._rules.events import budget_of
from .clocks import clocks_of
from .invariants import InvariantError
from .moves import WAYS, Prover


_EDITED: Final = 200
_ROUNDS: Final = 12  # of one loop
_UNBOUNDED: Final = 2  # rounds of a loop without a budget, before the one more
_FOREVER: Final = timedelta(days=1000)


def take_the_rest(machine: type[Prover]) -> None:
    """
    Take every transition that no example took, each alone, and each with every role of its approvers.

    One is taken in every way that was not tried.
    """
    edges = machine.kit.tour.edges
    rest = [(edge, "fire") for edge in edges if not machine.taken[edge.transition.id]]
    rest += [(edges[0], how) for how in WAYS if edges and not machine.tried[how]]
    rest += [(edge, "alone") for edge in _each_transition(edges)]
    for edge, how in rest:
        _anew(machine, edge, how=how)
    for edge in _each_transition(edges):
        for role in range(1, machine.roles[edge.transition.id]):
            _anew(machine, edge, role=role)


def take_edited_ones(machine: type[Prover]) -> None:
    """
    Take every edge with each field set to each value, or cleared, in front of it.

    If these are too many, some of them, and always the same.
    """
    lifecycle = machine.kit.lifecycle
    edits: list[tuple[int, int | None]] = []
    for number, name in enumerate(lifecycle.fields):
        which = number - len(lifecycle.fields)  # from the end, where all of them stand in their order
        values = machine.kit.means.field_values(lifecycle, name, machine.kit.at, {})
        edits += [(which, None), *((which, value) for value in range(len(values)))]
    every = list(product(machine.kit.tour.edges, edits))
    some = every if len(every) <= _EDITED else Random(0).sample(every, _EDITED)  # noqa: S311 -- no secret
    for edge, edit in some:
        _anew(machine, edge, edit=edit)


def take_overridden_ones(machine: type[Prover]) -> None:
    """
    Override every guard that may be overridden once, by somebody who may, where it is not met.
    """
    for edge in _each_transition(machine.kit.tour.edges):
        uses = edge.transition.guards
        for use_id, use in zip(use_ids(uses), uses, strict=True):
            if use.override:
                _anew(machine, edge, overridden=(use_id, use.override), ready=_unmeet)


def _unmeet(attempt: GateAttempt, accepted: Accepted) -> None:
    """
    Where the guard passed and nothing was overridden, change or drop what it looks at, found by dry runs.
    """
    context, project = attempt.context, attempt.context.project
    if accepted.overrides:
        return

    def overridden(project: Project, **changed: Any) -> bool:
        request: dict[str, Any] = {**attempt.request(), "children": context.children, **changed}
        decision = context.lifecycle.decide(project, attempt.wanted.trigger, **request)
        return isinstance(decision, Accepted) and bool(decision.overrides)

    for name in context.lifecycle.fields:
        values = context.means.field_values(context.lifecycle, name, context.at, {})
        for value in (None, *values):
            if overridden(project, data={**attempt.data, name: value}):
                attempt.data[name] = value
                return
    for kind in project.entries:
        without = attrs.evolve(project, entries=project.entries.minus(kind))
        if kind != Approval.kind and overridden(without):
            for name in project.held(kind):
                context.pipeline.remove(project.id, kind, name, actor=attempt.actor, at=context.at)
            return
    if overridden(project, at=context.at + _FOREVER):
        context.wait(context.at + _FOREVER)


def take_late_ones(machine: type[Prover]) -> None:
    """
    Take every transition after each of its clocks has run out between its open gate and the move.
    """
    for edge in _each_transition(machine.kit.tour.edges):
        left: list[datetime] = []
        _anew(machine, edge, ready=partial(_wait, 0, left))
        for number in range(1, len(left)):
            _anew(machine, edge, ready=partial(_wait, number, left))


def _wait(number: int, clocks: list[datetime], attempt: GateAttempt, _accepted: Accepted) -> None:
    context = attempt.context
    clocks[:] = clocks_of(context.lifecycle, context.project, attempt.wanted, context.at)
    context.wait(clocks[min(number, len(clocks) - 1)])


def take_loops(machine: type[Prover]) -> None:
    """
    Take every loop up to its budget and one more, each with a project of its own, and all with one project.
    """
    loops = [
        (edge, min(_UNBOUNDED if budget is None else budget, _ROUNDS) + 1)
        for edge in _each_transition(machine.kit.tour.edges)
        for budget in (budget_of(edge.transition),)
        if budget is not None or edge.transition.kind == "loop"
    ]
    rounds = [[edge] * number for edge, number in loops]
    for edges in [*rounds, [edge for each in rounds for edge in each]] if len(rounds) > 1 else rounds:
        _anew(machine, *edges)


def do_own_steps(machine: type[Prover]) -> None:
    """
    Do each of the user's steps in every stage of work, and take every transition that leads on from there.
    """
    for which in range(len(machine.kit.steps)):
        for edge in _each_transition(machine.kit.tour.edges):
            _anew(machine, edge, own=which)


def ask_elsewhere(machine: type[Prover]) -> None:
    """
    Ask what was decided again, of a lifecycle that is built again and in other processes.
    """
    machine.elsewhere = machine.questions.check(machine.kit.lifecycles, machine.kit.scope)


def check_taken(machine: type[Prover]) -> None:
    """
    Check that every transition was taken, in the tour or in some example.

    Raises:
        InvariantError: with what could not be cured, for each that was not.
    """
    known = machine.excused | {name for name, count in machine.taken.items() if count}
    shut = {name: why for name, why in machine.kit.tour.shut.items() if name not in known}
    if shut:
        hint = "Mend its guards, hand in values= or help=, or name it in may_not_take=."
        raise InvariantError("every transition can be taken", "\n".join([*shut.values(), hint]))


PASSES: Final = (
    take_the_rest,
    take_edited_ones,
    take_overridden_ones,
    take_late_ones,
    take_loops,
    do_own_steps,
    ask_elsewhere,
    check_taken,
)
"""In this order, after the examples."""


def _each_transition(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """
    Return one edge of each transition.
    """
    return tuple({edge.transition.id: edge for edge in edges}.values())


def _anew(machine: type[Prover], edge: Edge, *more: Edge, how: str = "fire", **last: Any) -> None:
    """
    Walk a new project to an edge, and on to more edges.
    """
    prover = machine()
    try:
        prover.open_project(0)
        prover.walk_to(edge, how, **last)
        for each in more:
            prover.walk_to(each, how, fresh=False)
    finally:
        prover.teardown()
