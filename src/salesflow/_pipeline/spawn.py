"""
Opens the project that a spawning transition starts, with what it carries over.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._lifecycle.decision import Accepted
from .._lifecycle.lifecycle import Lifecycle
from .._model.facts import Change, EntryPut, Fact, FieldSet, Opened
from .._model.project import Project, evolve
from ..dossier import Approval
from ..errors import InputError


def opening_changes(lifecycle: Lifecycle, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """
    Return the changes of an opening: defaults of fields that are not set, then *changes*.
    """
    given = {change.field for change in changes if isinstance(change, FieldSet)}
    defaults = (FieldSet(name, value) for name, value in lifecycle.defaults.items() if name not in given)
    return (*defaults, *changes)


def spawn(parent: Project, decision: Accepted, lifecycle: Lifecycle, child_id: str) -> tuple[Fact, Project]:
    """
    Return the child's opening and the child: it has the parent's name and what is carried.
    """
    wanted = decision.transition.spawn
    carried: list[Change] = []
    proposed = decision.context.project  # with what the call handed in
    for name in wanted.carry if wanted else ():
        if name in lifecycle.fields:
            if name in proposed.fields:
                carried.append(FieldSet(name, proposed.fields[name]))
        else:
            carried += [EntryPut(held.entry) for held in proposed.held(name).values()]
    definition = lifecycle.definition
    body = Opened(
        parent.name, definition.initial, definition.outcomes[0], opening_changes(lifecycle, tuple(carried)), parent.id
    )
    ctx = decision.context
    fact = Fact(child_id, 1, ctx.at, ctx.actor, lifecycle.id, lifecycle.version, body)
    return fact, evolve(None, fact)


def check_spawns(lifecycles: Sequence[Lifecycle]) -> None:
    """
    Check that every spawned lifecycle is there and can take what is carried.

    Raises:
        InputError: naming the transition.
    """
    known = {lifecycle.id: lifecycle for lifecycle in lifecycles}
    for lifecycle in lifecycles:
        for transition in lifecycle.transitions:
            if transition.spawn is None:
                continue
            where = f"transition {transition.id!r} of lifecycle {lifecycle.id!r}"
            child = known.get(transition.spawn.lifecycle)
            if child is None:
                hint = f"It spawns this lifecycle; pass it to the Pipeline too. Given: {', '.join(known)}."
                raise InputError(where, transition.spawn.lifecycle, hint)
            for name in transition.spawn.carry:
                _check_carry(where, name, lifecycle, child)


def _check_carry(where: str, name: str, parent: Lifecycle, child: Lifecycle) -> None:
    own, its = parent.fields.get(name), child.fields.get(name)
    if own is None and its is None:
        if name == Approval.kind:
            raise InputError(where, name, "Approvals belong to a visit and are not carried over.")
        if child.entries.get(name) is not parent.entries.get(name):
            raise InputError(where, name, f"It carries this kind of entry, which {child.id!r} does not know.")
    elif own is None or its is None or (own.type, own.choices) != (its.type, its.choices):
        raise InputError(where, name, f"It carries this field, which {child.id!r} declares differently.")
