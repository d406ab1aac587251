"""
The context of navigation (project, pipeline, time, people, help), and the error where a transition stays refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final, TypeAlias

import attrs

from ..._lifecycle.lifecycle import Lifecycle
from ..._model.facts import Entry
from ..._model.frozen import EMPTY, FrozenDict, noun
from ..._model.parameters import check_plain
from ..._model.project import ChildProject, Project
from ..._model.values import Actor
from ..._model.verdict import Remedy, Verdict
from ..._pipeline.change import add
from ..._pipeline.children import children_seen
from ..._pipeline.pipeline import Pipeline, runtime_of
from ...dossier import Approval, KpiSnapshot
from ...errors import SalesflowError, UnknownFieldError
from .remedies_entries import several, values_for


@attrs.define(slots=False, repr=False)
class StuckError(SalesflowError):
    """
    A transition could not be taken, whatever its remedies said.

    Attributes:
        transition: its id.
        stage: where the project stood.
        verdicts: the verdicts that still block, of this transition only.
        tried: what was done, one sentence each.
        outcomes: the outcomes that it needs, where only an earlier transition can set them.
        chosen: the transition that was chosen instead, when another candidate of the trigger was.
        cause: why it failed after it was accepted.
    """

    transition: str
    stage: str
    verdicts: tuple[Verdict, ...] = ()
    tried: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    outcomes: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    chosen: str | None = attrs.field(default=None, kw_only=True)
    cause: str = attrs.field(default="", kw_only=True)

    def __str__(self) -> str:
        why = [f"{verdict.spec.use_id}: {verdict.message()}" for verdict in self.verdicts]
        if self.chosen is not None:
            why.append(f"{self.chosen!r} comes first and was chosen instead.")
        if self.cause:
            why.append(self.cause)
        lines = [f"transition {self.transition!r} cannot be taken from stage {self.stage!r}:"]
        lines += [f"  - {each}" for each in why]
        lines.append(f"  tried: {'; '.join(self.tried) or 'nothing, no remedy could be followed'}.")
        bare = dict.fromkeys(verdict.spec.use_id for verdict in self.verdicts if not verdict.missing)
        if bare:
            lines.append(
                f"  No remedy is named by {', '.join(bare)}. Let the guard name one, or pass help= that cures it."
            )
        else:
            lines.append("  Pass values= or help= if a remedy lacks what only you know.")
        return "\n".join(lines)


Help: TypeAlias = Callable[[Verdict, Project], Any]
"""
A function that is called for each verdict that blocks, before its remedies are read. It returns ``None``
(it does not know), a mapping of field values, an entry or a list of entries, an ``Actor`` who is to act,
or a ``timedelta`` to wait.
"""

DEFAULT_ACTOR: Final = Actor("walker")
"""The actor where none is named."""


@noun
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
        read = {name: tuple(several(each)) for name, each in (values or {}).items()}
        if help is not None:
            check_plain("help=", help)
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

    def another(self, actor: Actor, not_by: tuple[str, ...]) -> Actor | None:
        """
        Return an actor who is none of *not_by* and has the roles of *actor*: an invented or a known person.
        """
        if not self.actors:
            names = (f"{actor.name}.{number}" for number in count(2))
            return attrs.evolve(actor, name=next(name for name in names if name not in not_by))
        able = (person for person in self.actors if person.name not in not_by and actor.roles <= person.roles)
        return next(able, None)

    def named(self, actor: Actor, names: tuple[str, ...]) -> Actor | None:
        """
        Return an actor who has one of *names*: *actor* under that name, or a known person.
        """
        if not self.actors:
            return attrs.evolve(actor, name=names[0])
        return next((person for person in self.actors if person.name in names), None)

    def alone(self, remedy: Remedy, actor: Actor) -> Actor | None:
        """
        Return who tries to act and approve in one person: *actor*, or one of the known people who has a role for it.
        """
        roles = _roles(remedy)
        if not self.actors:
            return attrs.evolve(actor, roles=actor.roles | set(roles))
        able = (person for person in (actor, *self.actors) if not roles or person.roles & set(roles))
        return next(able, None)

    def approver(self, remedy: Remedy, project: Project, actor: Actor, turn: int) -> Actor | None:
        """
        Return an actor who may grant what a remedy asks for, and has not granted it yet.

        Only whom the remedy bars is left out. Owner, opener and the current actor are asked when nobody else may,
        a person who refused is asked again. *turn* chooses between the sufficient roles.
        """
        roles = _roles(remedy)
        role = frozenset({roles[turn % len(roles)]}) if roles else frozenset[str]()
        refused = tuple(several(remedy.params.get("by", ())))
        subject = remedy.params.get("subject")
        given = [each for each in project.all(Approval) if each.name == remedy.name and each.subject == subject]
        if refused:
            refusal = next((each for each in given if each.by in refused and not each.granted), None)
            known = next((person for person in self.actors if person.name == refused[0]), None)
            return known or Actor(refused[0], roles=refusal.roles if refusal else role)
        barred, involved = remedy.params.get("not_by"), {project.owner, project.opened_by, actor.name}
        granted = {each.by for each in given if each.granted and each.visit == project.visit.number}
        if self.actors:
            able = [
                person for person in self.actors if person.name != barred and (not roles or person.roles & set(roles))
            ]
            # The approved content may have changed since; then the same person is asked once more.
            return min(able, key=lambda person: (person.name in granted, person.name in involved), default=None)
        taken = {barred} | involved | granted
        name = next(name for n in range(1, len(taken) + 2) if (name := f"approver-{n}") not in taken)
        return Actor(name, roles=role)


def _roles(remedy: Remedy) -> tuple[str, ...]:
    return tuple(several(remedy.params.get("roles", ()) or ()))


def at_any_time(pipeline: Pipeline) -> Pipeline:
    """
    Return a pipeline on the same store that takes any time: tests go ahead of its clock.
    """
    runtime = pipeline._runtime  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- part of no call
    if runtime.ahead == timedelta.max:
        return pipeline
    free = object.__new__(type(pipeline))
    free.__dict__.update(pipeline.__dict__, _runtime=attrs.evolve(runtime, ahead=timedelta.max))
    return free


@attrs.define
class NavigationContext:
    """
    One project under navigation, and what navigation may use.

    Attributes:
        pipeline: through which everything is written, as by any other caller.
        means: values, people and help that may be used besides remedies.
        actor: who acts where no guard asks for another role.
        at: the current time of the navigation; it moves on when a remedy says to wait.
        ticks: whether deadlines are acted on when time passes.
        alone: whether the actor, as the owner, tries to approve as well, before others are asked.
        role: which of the sufficient roles an invented approver has first, by its place.
        most_roles: the largest number of sufficient roles that an approval asked for; it grows as they are seen.
        probes: whether field values are tried out where no remedy helps.
    """

    pipeline: Pipeline = attrs.field(converter=at_any_time)
    project_id: str
    means: Means = attrs.field(factory=Means)
    actor: Actor = DEFAULT_ACTOR
    at: datetime = attrs.field(kw_only=True)
    ticks: bool = attrs.field(default=False, kw_only=True)
    alone: bool = attrs.field(default=False, kw_only=True)
    role: int = attrs.field(default=0, kw_only=True)
    most_roles: int = attrs.field(default=0, kw_only=True)
    probes: bool = attrs.field(default=True, kw_only=True)

    def approver(self, remedy: Remedy, actor: Actor, turn: int) -> Actor | None:
        """
        Return who is asked for an approval; see :meth:`Means.approver`.
        """
        self.most_roles = max(self.most_roles, len(_roles(remedy)))
        if self.alone and turn == 0:
            return self.means.alone(remedy, actor)
        return self.means.approver(remedy, self.project, actor, turn + self.role)

    def put(self, entries: Iterable[Entry], actor: Actor) -> None:
        """
        Put entries into the dossier; figures as if they had been computed, since nobody may type them in.
        """
        given = tuple(entries)
        figures = tuple([each for each in given if isinstance(each, KpiSnapshot)])
        others = [each for each in given if not isinstance(each, KpiSnapshot)]
        if figures:
            add(runtime_of(self.pipeline), self.project_id, figures, computed=True, actor=actor, at=self.at)
        if others:
            self.pipeline.add(self.project_id, *others, actor=actor, at=self.at)

    @property
    def project(self) -> Project:
        """
        The project as it stands.
        """
        return self.pipeline.get(self.project_id)

    @property
    def lifecycle(self) -> Lifecycle:
        """
        The lifecycle of the project.
        """
        return self.pipeline.lifecycle_of(self.project)

    @property
    def children(self) -> tuple[ChildProject, ...] | None:
        """
        What guards may know of the projects that belong to the project.
        """
        return children_seen(runtime_of(self.pipeline), self.lifecycle, self.project)

    def wait(self, until: datetime) -> None:
        """
        Move the time on; a time in the past changes nothing.
        """
        self.at = max(self.at, until)
        if self.ticks:
            self.pipeline.tick(self.at)
