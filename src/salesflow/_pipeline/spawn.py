"""
Spawning: the project that a transition opens, with what it carries over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from .. import dossier
from .._lifecycle.decision import Accepted
from .._lifecycle.lifecycle import Lifecycle
from .._model.definition import Spawn
from .._model.facts import Change, EntryPut, FieldSet
from .._model.project import Project
from .._model.values import check_id
from ..errors import InputError, say
from .open import opening
from .recorder import Child
from .runtime import Runtime


def spawned(runtime: Runtime, parent: Project, decision: Accepted, wanted: Spawn, child_id: str | None) -> Child:
    """
    Return the child to open: it has the parent's name, the newest version of its lifecycle, and what is carried.

    Args:
        child_id: by default the parent's id and the version that the parent has with the move.
    """
    lifecycle = {each.id: each for each in runtime.lifecycles.values()}[wanted.lifecycle]
    child_id = f"{parent.id[:100]}-{parent.version + 1}" if child_id is None else child_id
    proposed = decision.context.project  # with the values of the call
    carried: list[Change] = []
    for name in wanted.carry:
        if name in lifecycle.fields:
            if name in proposed.fields:
                carried.append(FieldSet(name, proposed.fields[name]))
        else:
            carried += [EntryPut(held.entry) for held in proposed.held(name).values()]
    return Child(check_id(child_id, "spawn_id="), lifecycle, opening(lifecycle, parent.name, tuple(carried), parent.id))


def check_spawns(lifecycles: Iterable[Lifecycle]) -> None:
    """
    Check that every spawned lifecycle is known and can take what is carried.

    Raises:
        InputError: naming the transition.
    """
    known = {lifecycle.id: lifecycle for lifecycle in lifecycles}
    for lifecycle in lifecycles:
        for transition in lifecycle.transitions:
            if transition.spawn is None:
                continue
            where = partial(say, "what.transition_of", transition=transition.id, lifecycle=lifecycle.id)
            child = known.get(transition.spawn.lifecycle)
            if child is None:
                hint = say("input.spawned", known=known)
                raise InputError(where(), transition.spawn.lifecycle, hint)
            for name in transition.spawn.carry:
                _check_carry(where, name, lifecycle, child)


def _check_carry(where: Callable[[], str], name: str, parent: Lifecycle, child: Lifecycle) -> None:
    own, its = parent.fields.get(name), child.fields.get(name)
    if own is None and its is None:
        if name == dossier.Approval.kind:
            raise InputError(where(), name, say("input.carry_approval"))
        if child.entries.get(name) is not parent.entries.get(name):
            raise InputError(where(), name, say("input.carry_kind", child=child.id))
    elif own is None or its is None or (own.type, own.choices) != (its.type, its.choices):
        raise InputError(where(), name, say("input.carry_field", child=child.id))
