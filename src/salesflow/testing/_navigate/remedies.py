"""
The means of navigation besides remedies: values to try, people who act, and help of the user.
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
from .remedies_entries import drawn, values_for


Help: TypeAlias = Callable[[Verdict, Project], Any]
"""
A function that is called for each verdict that blocks, before its remedies are read. It returns ``None``
(it does not know), a mapping of field values, an entry or a list of entries, an ``Actor`` who is to act,
or a ``timedelta`` to wait.
"""

DEFAULT_ACTOR: Final = Actor("walker")
"""The actor where none is named."""


@attrs.frozen
class Means:
    """
    Values, help and people that navigation may use besides remedies.

    Attributes:
        values: by field id, the values to try for it.
        help: see :data:`Help`.
        actors: all people; if empty, people are invented with the roles they need.
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
        Return the means that a user passes; a strategy of Hypothesis stands for a dozen of its values.

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
        return self.actors[0] if self.actors else DEFAULT_ACTOR

    def field_values(self, lifecycle: Lifecycle, name: str, at: datetime, params: Mapping[str, Any]) -> list[Any]:
        """
        Return the values to try for a field, the likeliest first; none for a field that is not declared.
        """
        field = lifecycle.fields.get(name)
        return [] if field is None else values_for(field, at, params, self.values.get(name, ()))

    def somebody(self, roles: frozenset[str], actor: Actor) -> Actor | None:
        """
        Return an actor who has all of *roles*: *actor* with those roles added, or one of the known people.
        """
        if not self.actors:
            return attrs.evolve(actor, roles=actor.roles | roles)
        return next((person for person in (actor, *self.actors) if roles <= person.roles), None)

    def approver(self, remedy: Remedy, project: Project, actor: Actor, turn: int) -> Actor | None:
        """
        Return an actor who may grant what a remedy asks for, and has not granted it yet.

        Owner, opener, the current actor and earlier approvers are left out; a person who refused is
        asked again. *turn* chooses between the sufficient roles.
        """
        roles = tuple(_several(remedy.params.get("roles", ()) or ()))
        role = frozenset({roles[turn % len(roles)]}) if roles else frozenset[str]()
        refused = tuple(_several(remedy.params.get("by", ())))
        subject = remedy.params.get("subject")
        given = [each for each in project.all(Approval) if each.name == remedy.name and each.subject == subject]
        if refused:
            refusal = next((each for each in given if each.by in refused and not each.granted), None)
            known = next((person for person in self.actors if person.name == refused[0]), None)
            return known or Actor(refused[0], roles=refusal.roles if refusal else role)
        barred = {project.owner, project.opened_by, actor.name, remedy.params.get("not_by")}
        granted = {each.by for each in given if each.granted and each.visit == project.visit.number}
        if self.actors:
            able = [
                person
                for person in self.actors
                if person.name not in barred and (not roles or person.roles & set(roles))
            ]
            # The approved content may have changed since; then the same person is asked once more.
            return min(able, key=lambda person: person.name in granted, default=None)
        taken = barred | granted
        name = next(name for n in range(1, len(taken) + 2) if (name := f"approver-{n}") not in taken)
        return Actor(name, roles=role)


def _several(value: Any) -> Sequence[Any]:
    if isinstance(value, SearchStrategy):
        return drawn(value)  # pyright: ignore[reportUnknownArgumentType]  # its values are unknown
    return cast("Sequence[Any]", value) if isinstance(value, (tuple, list)) else (value,)


def alternatives(verdict: Verdict) -> list[tuple[Remedy, ...]]:
    """
    Return the groups of remedies of which any could cure a verdict, the best first.

    They are its own remedies, then those of each guard that ``any_of`` joins.
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
    Return the time until which to wait: as the remedy says, or a day, and longer each time.
    """
    until = remedy.params.get("until")
    if isinstance(until, datetime):
        return until
    for name, unit in (("days", timedelta(days=1)), ("hours", timedelta(hours=1))):
        if isinstance(remedy.params.get(name), int):
            count: int = remedy.params[name]
            return at + count * unit
    return at + timedelta(days=4**turn)
