"""
What a walker may use to get through a gate: values, people, and what its user knows better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias, cast

import attrs
from hypothesis.strategies import SearchStrategy

from ..._lifecycle.lifecycle import Lifecycle
from ..._model.frozen import EMPTY, FrozenDict
from ..._model.project import Project
from ..._model.values import Actor
from ..._model.verdict import Remedy, Verdict
from ...dossier import Approval
from ...errors import UnknownFieldError
from .remedies_fields import drawn, values_for


Help: TypeAlias = Callable[[Verdict, Project], Any]
"""
Is asked for each verdict that blocks, before its remedies are read. It returns ``None`` (it does
not know), a mapping of field values, an entry or several, an ``Actor`` who shall act, or a
``timedelta`` to wait.
"""

WALKER: Final = Actor("walker")
"""Who acts where nobody is named."""


@attrs.frozen
class Means:
    """
    What may be used besides what remedies say.

    Attributes:
        values: by field id, the values to try for it.
        help: see :data:`Help`.
        actors: everybody there is; without any, people are made up with the roles they need.
    """

    values: Mapping[str, tuple[Any, ...]] = EMPTY
    help: Help | None = None
    actors: tuple[Actor, ...] = ()

    @classmethod
    def of(
        cls,
        lifecycle: Lifecycle,
        *,
        values: Mapping[str, Any] | None = None,
        help: Help | None = None,  # noqa: A002 -- what it is
        actors: Iterable[Actor] | None = None,
    ) -> Means:
        """
        Read what a user hands in; a strategy of Hypothesis stands for a dozen of its values.

        Raises:
            UnknownFieldError: for a field that the lifecycle does not declare.
        """
        for name in values or ():
            if name not in lifecycle.fields:
                raise UnknownFieldError(name, lifecycle.fields, lifecycle=lifecycle.id)
        read = {name: tuple(_several(each)) for name, each in (values or {}).items()}
        return cls(FrozenDict(read), help, tuple(actors or ()))

    def first_actor(self) -> Actor:
        """
        Return who acts while no guard asks for somebody else.
        """
        return self.actors[0] if self.actors else WALKER

    def field_values(self, lifecycle: Lifecycle, name: str, at: datetime, params: Mapping[str, Any]) -> list[Any]:
        """
        Return the values to try for a field, the likeliest first; none for a field that is not declared.
        """
        field = lifecycle.fields.get(name)
        return [] if field is None else values_for(field, at, params, self.values.get(name, ()))

    def somebody(self, roles: frozenset[str], actor: Actor) -> Actor | None:
        """
        Return who has all of *roles*: *actor* with more of them, or one of those there are.
        """
        if not self.actors:
            return attrs.evolve(actor, roles=actor.roles | roles)
        able = [one for one in (actor, *self.actors) if roles <= one.roles]
        return able[0] if able else None

    def approver(self, remedy: Remedy, project: Project, actor: Actor, turn: int) -> Actor | None:
        """
        Return who may grant what a remedy asks for, and has not granted it yet.

        Owner, opener, the one who acts and earlier approvers are left out; whoever refused is
        asked again. *turn* chooses between the roles that will do.
        """
        roles = tuple(_several(remedy.params.get("roles", ()) or ()))
        role = frozenset({roles[turn % len(roles)]}) if roles else frozenset[str]()
        refused = tuple(_several(remedy.params.get("by", ())))
        subject = remedy.params.get("subject")
        given = [one for one in project.all(Approval) if one.name == remedy.name and one.subject == subject]
        if refused:
            held = next((one for one in given if one.by in refused and not one.granted), None)
            known = next((one for one in self.actors if one.name == refused[0]), None)
            return known or Actor(refused[0], roles=held.roles if held else role)
        barred = {project.owner, project.opened_by, actor.name, remedy.params.get("not_by")}
        granted = {one.by for one in given if one.granted and one.visit == project.visit.number}
        if self.actors:
            able = [one for one in self.actors if one.name not in barred and (not roles or one.roles & set(roles))]
            # What was approved may have changed since; then the same person is asked once more.
            return min(able, key=lambda one: one.name in granted, default=None)
        taken = barred | granted
        name = next(name for n in range(1, len(taken) + 2) if (name := f"approver-{n}") not in taken)
        return Actor(name, roles=role)


def _several(value: Any) -> Sequence[Any]:
    if isinstance(value, SearchStrategy):
        return drawn(value)  # pyright: ignore[reportUnknownArgumentType]  # of whatever it holds
    return cast("Sequence[Any]", value) if isinstance(value, (tuple, list)) else (value,)


def alternatives(verdict: Verdict) -> list[tuple[Remedy, ...]]:
    """
    Return what could cure a verdict, the best first: its own remedies, then each way that ``any_of`` joins.
    """
    found = [verdict.missing] if verdict.missing else []
    if verdict.code.startswith("any_of."):
        uses = dict.fromkeys(inner.spec.use_id for inner in verdict.inner)
        for use in uses:
            group = [inner for inner in verdict.inner if inner.spec.use_id == use]
            for choice in alternatives(group[0]) if len(group) == 1 else [_all(group)]:
                if choice and choice not in found:
                    found.append(choice)
    return found


def _all(verdicts: Iterable[Verdict]) -> tuple[Remedy, ...]:
    return tuple(dict.fromkeys(remedy for verdict in verdicts for remedy in verdict.missing))


def wait_until(remedy: Remedy, at: datetime, turn: int) -> datetime:
    """
    Return until when to wait: as the remedy says, or a day, and longer each time.
    """
    until = remedy.params.get("until")
    if isinstance(until, datetime):
        return until
    for name, unit in (("days", timedelta(days=1)), ("hours", timedelta(hours=1))):
        if isinstance(remedy.params.get(name), int):
            count: int = remedy.params[name]
            return at + count * unit
    return at + timedelta(days=4**turn)
