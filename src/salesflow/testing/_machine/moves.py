"""
What a machine does to projects, step by step.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from textwrap import indent
from typing import Any, ClassVar, Final, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from ..._definition.edges import Edge
from ..._lifecycle.routes import Goal, RouteStep, edge_goal, find_route
from ..._model.definition import OverrideRule, Stage, Transition
from ..._model.project import Project
from ..._model.values import Actor
from ..._pipeline.results import WorkReport
from ...dossier import Approval, KpiSnapshot
from ...errors import FieldLockedError, ProjectLockedError, TransitionRefusedError, VersionConflictError
from .._navigate.attempt import take
from .._navigate.context import NavigationContext, StuckError
from .._navigate.remedies_entries import blank_entry, filled_entry
from .elsewhere import Questions
from .invariants import InvariantError
from .kit import Kit


T = TypeVar("T")

WAYS: Final = ("fire", "alone", "race", "strict race", "repeat")
"""How a transition may be taken: as it is, by one person who does everything, in a race, twice."""

_LONG: Final = timedelta(days=1000)

PROJECTS: Final = 5
"""How many projects a machine opens at most."""


def pick(given: Sequence[T], number: int) -> T:
    """
    Return the item that a drawn number stands for, whatever its size.
    """
    return given[number % len(given)]


_DOUBTS = 2  # values that are tried for a field
_ANY = st.integers(0, 999)
_WAITS = st.sampled_from([timedelta(hours=1), timedelta(days=1), timedelta(days=20), timedelta(days=400)])
_HOW = st.sampled_from(WAYS)
_GOALS = st.lists(_ANY, min_size=1, max_size=3)
_VALUE = st.none() | _ANY | _ANY  # a field is set more often than it is cleared


class Prover(RuleBasedStateMachine):
    """
    Looks for the illegal path. Made by :func:`lifecycle_machine`.

    Attributes:
        kit: what it was made with.
        taken: how often each transition was taken, over all examples so far.
        tried: in which ways transitions were taken.
        roles: by transition, how many roles are sufficient for an approval in front of it.
        excused: the transitions that need not be taken.
        questions: what was decided, to be asked again elsewhere.
        elsewhere: how that went.
    """

    kit: ClassVar[Kit]
    taken: ClassVar[Counter[str]]
    tried: ClassVar[Counter[str]]
    roles: ClassVar[Counter[str]]
    excused: ClassVar[frozenset[str]]
    questions: ClassVar[Questions]
    elsewhere: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(mkdtemp(prefix="salesflow-")) if self.kit.in_folder else None
        self._pipeline = self.kit.pipeline(self._folder or Path())
        self._pipeline.questions = self.questions
        self._lessons = self.kit.tour.lessons.copy()
        self._broken = False
        self._id, self._number = "", 0
        self._at: datetime = self.kit.at
        self._keys = 0

    @contextmanager
    def _telling(self) -> Generator[None]:
        """
        Add the story to whatever goes wrong.
        """
        try:
            yield
        except Exception as error:
            self._broken = True
            for call in self._pipeline.calls[-1:]:
                call.raised = ""  # this time it was not expected
            story = indent(self.kit.story(self._pipeline.calls, error), "    ")
            error.add_note(f"The shortest story that was found, as Python:\n\n{story}\n")
            raise
        self.taken.update(dict.fromkeys(self._pipeline.relay.heads[self._id].taken, 1))

    @property
    def _project(self) -> Project:
        return self._pipeline.get(self._id)

    @property
    def _stage(self) -> Stage:
        return self._pipeline.lifecycle_of(self._project).stage(self._project.stage)

    @property
    def _people(self) -> Sequence[Actor]:
        return self.kit.tour.people

    @initialize(where=_ANY)
    def open_project(self, where: int) -> None:
        """
        Begin with a project in some stage.
        """
        self._number += 1
        self._id = f"p-{self._number}"
        with self._telling():
            fields: dict[str, Any] = {"fields": self.kit.fields} if self.kit.fields else {}
            self._pipeline.open("A project", id=self._id, actor=self.kit.actor, at=self._at, **fields)
        edge = pick([None, *self.kit.tour.inner], where)
        if edge is not None:
            self.walk_to(edge)

    def edit_field(self, which: int, value: int | None, actor: Actor) -> None:
        """
        Set a field to any value, or clear it; fields that are set come first.
        """
        lifecycle = self._pipeline.lifecycle_of(self._project)
        if not lifecycle.fields:
            return
        name = pick([*self._project.fields, *lifecycle.fields], which)
        values = self.kit.means.field_values(lifecycle, name, self._at, {})
        change = {name: None if value is None or not values else pick(values, value)}
        with suppress(FieldLockedError, ProjectLockedError):
            self._pipeline.update(self._id, change, actor=actor, at=self._at)

    def do_own(self, which: int) -> None:
        """
        Do one of the user's steps.
        """
        with suppress(TransitionRefusedError, FieldLockedError, ProjectLockedError):
            pick(self.kit.steps, which)(self._pipeline, self._project, self._at)

    def walk_to(
        self,
        edge: Edge,
        how: str = "fire",
        *,
        edit: tuple[int, int | None] | None = None,
        role: int = 0,
        own: int | None = None,
        fresh: bool = True,
        **last: Any,
    ) -> None:
        """
        Walk to one edge of the graph, as far as the gates open.

        Args:
            how: one of :data:`WAYS`, for the last step.
            edit: which field is set to which value in front of it.
            role: which of the sufficient roles the approvers on the way have.
            own: which step of the user's program is done in front of it.
            fresh: whether it begins with another project where no way leads on.
            last: *overridden* and *ready* of :meth:`_step`, for the last step.
        """
        wanted = edge_goal(edge.transition.id, edge.source, edge.target)
        found = self._route(wanted)
        if found is None and fresh and self._number < PROJECTS:
            self.open_project(0)
            found = self._route(wanted)
        with self._telling():
            for left, step in reversed(list(enumerate(reversed(found or ())))):
                if edit is not None and not left:
                    self.edit_field(*edit, self.kit.actor)
                if own is not None and not left:
                    self.do_own(own)
                try:
                    if left:
                        self._step(step.edge.transition, step.outcome, "fire", role)
                    else:
                        self._step(step.edge.transition, step.outcome, how, role, **last)
                except StuckError as stuck:
                    self._lessons.learn(step, stuck.outcomes)
                    break

    def _route(self, wanted: Goal) -> tuple[RouteStep, ...] | None:
        return find_route(self.kit.lifecycle.definition, self._project, wanted, self._lessons)

    def _step(
        self,
        transition: Transition,
        outcome: str | None,
        how: str,
        role: int,
        *,
        overridden: tuple[str, bool | OverrideRule] | None = None,
        **more: Any,
    ) -> None:
        alone = how == "alone"
        actor = self.kit.actor
        if overridden is not None:
            use_id, rule = overridden
            actor, more["overrides"] = self._overrider(rule), {use_id: "on my word"}
        context = NavigationContext(
            self._pipeline, self._id, self.kit.means, actor, at=self._at, ticks=True, alone=alone, role=role
        )
        verb = "fire" if alone else how.removeprefix("strict ")
        more |= {"strict": True} if how == "strict race" else {}
        if how == "repeat":
            self._keys += 1
            more["key"] = f"key-{self._keys}"
        self.tried[how] += 1
        try:
            with suppress(VersionConflictError, TransitionRefusedError):
                take(context, transition, outcome, verb=verb, **more)
        finally:
            self._at = context.at
            self.roles[transition.id] = max(self.roles[transition.id], context.most_roles)

    def _overrider(self, rule: bool | OverrideRule) -> Actor:
        """
        Return who may override a guard; where none of the known people may, who acts otherwise.
        """
        if not isinstance(rule, OverrideRule):
            return self.kit.actor
        known = self.kit.means.actors or (Actor("overrider", roles=rule.roles[:1]),)
        people = {"owner": self._project.owner, "requester": self._project.opened_by}
        barred = {people[who] for who in rule.not_by}
        able = (one for one in known if one.name not in barred and (not rule.roles or one.roles & {*rule.roles}))
        return next(able, self.kit.actor)

    def teardown(self) -> None:
        """
        Check that the project can still end and that the store is whole, and take everything away.
        """
        try:
            if not self._broken and self._id in self._pipeline.relay.heads:
                with self._telling():
                    if self.kit.must_end:
                        self._pipeline.check_end(self._id, at=self._at)
                    self._pipeline.tick(self._at + _LONG)  # whatever is left undone, its deadlines pass
                    problems = self._pipeline.relay.inner.check(deep=True).problems
                    if problems:
                        raise InvariantError("the store is whole", "; ".join(problems))
        finally:
            self._pipeline.relay.inner.close()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)

    @precondition(lambda self: self._stage.final and self._number < PROJECTS)
    @rule(where=_ANY)
    def begin_again(self, where: int) -> None:
        """
        Open another project if the last has ended.
        """
        self.open_project(where)

    @rule(goals=_GOALS, how=_HOW)
    def take(self, goals: list[int], how: str) -> None:
        """
        Walk to transitions, through every gate on the way; each is taken in one of five ways.
        """
        for goal in goals if self.kit.tour.edges else ():
            self.walk_to(_edge(self.kit.tour.edges, goal), how)

    @rule(goals=_GOALS, which=_ANY, value=_VALUE)
    def take_edited(self, goals: list[int], which: int, value: int | None) -> None:
        """
        Walk to transitions, and edit a field in front of each: what an earlier gate asked for may be gone by then.
        """
        for goal in goals if self.kit.tour.edges else ():
            self.walk_to(_edge(self.kit.tour.edges, goal), edit=(which, value))

    @rule(which=_ANY, who=_ANY, outcome=st.none() | _ANY)
    def rush(self, which: int, who: int, outcome: int | None) -> None:
        """
        Fire a trigger without being ready, open or not.
        """
        lifecycle = self._pipeline.lifecycle_of(self._project)
        trigger = pick(
            [*lifecycle.triggers(self._project.stage), *(one.trigger for one in lifecycle.transitions)], which
        )
        request: dict[str, Any] = (
            {} if outcome is None else {"outcome": pick(lifecycle.definition.outcome_ids, outcome)}
        )
        actor = pick(self._people, who)
        with self._telling():
            self._pipeline.options(self._id, actor=actor, at=self._at)
            with suppress(TransitionRefusedError):
                self._pipeline.fire(self._id, trigger, actor=actor, at=self._at, **request)

    @rule(which=_ANY, value=_VALUE, who=_ANY)
    def edit(self, which: int, value: int | None, who: int) -> None:
        """
        Set a field to any value, or clear it; fields that are set come first.
        """
        with self._telling():
            self.edit_field(which, value, pick(self._people, who))

    @rule(which=_ANY, who=_ANY)
    def doubt(self, which: int, who: int) -> None:
        """
        Ask for one trigger with each field missing, or other than it is. Nothing is written.
        """
        lifecycle = self._pipeline.lifecycle_of(self._project)
        triggers = lifecycle.triggers(self._project.stage)
        if not triggers:
            return
        request: dict[str, Any] = {"actor": pick(self._people, who), "at": self._at}
        with self._telling():
            for name in lifecycle.fields:
                values = self.kit.means.field_values(lifecycle, name, self._at, {})
                for value in (None, *values[:_DOUBTS]):
                    self._pipeline.decide(self._id, pick(triggers, which), data={name: value}, **request)

    @rule(which=_ANY, number=st.integers(0, 1), how=st.sampled_from(["blank", "filled", "dropped"]))
    def file(self, which: int, number: int, how: str) -> None:
        """
        Put an entry of any kind into the dossier, or take one out.
        """
        known = self._pipeline.lifecycle_of(self._project).entries.values()
        kinds = [kind for kind in known if kind not in (Approval, KpiSnapshot)]
        kind = pick(kinds, which)
        who, about = self.kit.actor, (kind, f"e-{number}", self._at)
        with self._telling(), suppress(FieldLockedError, ProjectLockedError):
            if how != "dropped":
                entry = blank_entry(*about) if how == "blank" else filled_entry(*about, who.name)
                self._pipeline.add(self._id, entry, actor=who, at=self._at)
                return
            held = [(each.kind, name) for each in kinds for name in self._project.held(each.kind)]
            if held:
                self._pipeline.remove(self._id, *pick(held, which), actor=self.kit.actor, at=self._at)

    @rule(which=_ANY, who=_ANY, granted=st.booleans())
    def evaluate(self, which: int, who: int, granted: bool) -> None:
        """
        Grant or refuse an approval that somebody waits for, as anybody.
        """
        actor = pick(self._people, who)
        with self._telling():
            options = self._pipeline.options(self._id, actor=actor, at=self._at)
            asked = [
                remedy
                for option in options
                for verdict in option.verdicts
                for remedy in verdict.missing
                if remedy.kind == "approval"
            ]
            if asked:
                remedy = pick(asked, which)
                say = self._pipeline.approve if granted else self._pipeline.decline
                subject = remedy.params.get("subject")
                more = {} if subject is None else {"subject": subject}
                say(self._id, remedy.name, actor=actor, at=self._at, **more)

    @precondition(lambda self: bool(self.kit.steps))
    @rule(which=_ANY)
    def do(self, which: int) -> None:
        """
        Do what the user's program does as well.
        """
        with self._telling():
            self.do_own(which)

    @rule(by=_WAITS)
    def wait(self, by: timedelta) -> None:
        """
        Let time pass, and act on the deadlines that passed with it.
        """
        self._at += by
        with self._telling():
            if self._pipeline.tick(self._at) == WorkReport():
                self._pipeline.calls.pop()  # nothing was due, so there is nothing to tell

    @precondition(lambda self: self.kit.in_folder)
    @rule(crash=st.booleans())
    def open_again(self, crash: bool) -> None:
        """
        Close the store, or crash, and open it again.
        """
        with self._telling():
            self._pipeline.reopen_store(crash=crash)

    @precondition(lambda self: len(self._pipeline.relay.heads) > 1)
    @rule(which=_ANY)
    def turn_to(self, which: int) -> None:
        """
        Go on with another project, one that was spawned.
        """
        self._id = pick(sorted(self._pipeline.relay.heads), which)


def _edge(edges: Sequence[Edge], number: int) -> Edge:
    """
    Return an edge: of a transition first, so that those with many edges do not crowd out the rest.
    """
    names = list(dict.fromkeys(edge.transition.id for edge in edges))
    turn, name = divmod(number, len(names))
    return pick([edge for edge in edges if edge.transition.id == names[name]], turn)
