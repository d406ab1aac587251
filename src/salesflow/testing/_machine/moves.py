"""
What a machine does to projects, step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from ..._definition.edges import Edge
from ..._pipeline.results import WorkReport
from ...dossier import Approval
from ...errors import ProjectLockedError, TransitionRefusedError
from .._navigate.remedies_entries import blank_entry, filled_entry
from .prover import PROJECTS, WAYS, Explorer, pick


_DOUBTS = 2  # values that are tried for a field
_ANY = st.integers(0, 999)
_WAITS = st.sampled_from([timedelta(hours=1), timedelta(days=1), timedelta(days=20), timedelta(days=400)])
_HOW = st.sampled_from(WAYS)
_GOALS = st.lists(_ANY, min_size=1, max_size=3)
_VALUE = st.none() | _ANY | _ANY  # a field is set more often than it is cleared


class Prover(Explorer):
    """
    Looks for the illegal path. Made by :func:`lifecycle_machine`.
    """

    @initialize(where=_ANY)
    def opened(self, where: int) -> None:
        """
        Begin with a project in some stage.
        """
        self.open_project(where)

    @precondition(lambda self: self._stage.final and self._number < PROJECTS)
    @rule(where=_ANY)
    def begin_again(self, where: int) -> None:
        """
        Open another project where the last one has ended.
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
        request: dict[str, Any] = {} if outcome is None else {"outcome": pick(lifecycle.definition.outcomes, outcome)}
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
        kinds = [kind for kind in self._pipeline.lifecycle_of(self._project).entries.values() if kind is not Approval]
        kind = pick(kinds, which)
        make = blank_entry if how == "blank" else filled_entry
        with self._telling(), suppress(ProjectLockedError):
            if how != "dropped":
                self._pipeline.add(self._id, make(kind, f"e-{number}", self._at), actor=self.kit.actor, at=self._at)
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
