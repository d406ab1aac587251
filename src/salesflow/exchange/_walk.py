"""
Walks a journey through the lifecycle before anything is written: which moves, and what is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Final, TypeAlias

import attrs

from .._codec.facts import check_values
from .._definition.edges import edges_of
from .._lifecycle.decision import Accepted, Decision, Refused
from .._lifecycle.lifecycle import Lifecycle
from .._model.commit import Append, Commit, Key
from .._model.facts import Body, Changed, Fact, FieldSet, Notice, Opened
from .._model.frozen import EMPTY
from .._model.project import Project, evolve
from .._model.values import Label, Lang, Value
from .._pipeline.spawn import opening_changes
from ..errors import EffectError, InputError, InvalidValueError, TooLargeError
from ._journeys import OPENING, Journey, JourneyStep
from ._problems import RowProblem, label, name_of


LANGS: Final[tuple[Lang, ...]] = ("en", "zh")

_UNUSABLE: Final = (InputError, InvalidValueError, TooLargeError, EffectError)


@attrs.frozen
class Walked:
    """
    What a journey comes to.

    Attributes:
        writes: what is to be committed, in order.
        done: rows that will be imported by that.
        there: rows that were there already.
    """

    writes: tuple[Commit, ...] = ()
    done: tuple[int, ...] = ()
    there: tuple[int, ...] = ()
    problems: tuple[RowProblem, ...] = ()


_Make: TypeAlias = Callable[[], tuple[Body, tuple[Notice, ...]]]
"""Makes the body of a fact, and what is to be told with it."""

Triggers: TypeAlias = Mapping[tuple[str, str], tuple[str, ...]]
"""Triggers by the stage that they leave and the stage that they enter."""


def targets(lifecycle: Lifecycle) -> Triggers:
    """
    Return the triggers that lead from one stage to another, in file order.
    """
    found: dict[tuple[str, str], dict[str, None]] = {}
    for edge in edges_of(lifecycle.definition):
        if not edge.stays:
            found.setdefault((edge.source, edge.target), {})[edge.transition.trigger] = None
    return {ends: tuple(triggers) for ends, triggers in found.items()}


def walk(journey: Journey, lifecycle: Lifecycle, triggers: Triggers, facts: Sequence[Fact]) -> Walked:
    """
    Decide every step of a journey, purely.

    Args:
        triggers: what :func:`targets` returns.
        facts: the history of the project in the store, empty if there is none.
    """
    if facts and (facts[0].key != OPENING or not _fits(facts[-1], lifecycle)):
        rows = dict.fromkeys(step.row for step in journey.steps)
        about = label("project.exists")
        return Walked(problems=tuple(RowProblem(row, "project.exists", about, journey.id, journey.id) for row in rows))
    return _Walk(journey, lifecycle, triggers, facts).result()


def _fits(fact: Fact, lifecycle: Lifecycle) -> bool:
    return (fact.lifecycle, fact.lifecycle_version) == (lifecycle.id, lifecycle.version)


class _Stop(Exception):  # noqa: N818 -- ends one step, and becomes a RowProblem
    def __init__(self, code: str, *, about: Label | None = None, **parts: Any) -> None:
        self.problem = code, label(code, **parts) if about is None else about
        super().__init__(code)


@attrs.define(eq=False)
class _Walk:
    """
    Where a journey stands while it is walked.

    Attributes:
        taken: how many of the stored facts the project has by now.
        writes: what is new.
    """

    journey: Journey
    lifecycle: Lifecycle
    triggers: Triggers
    facts: Sequence[Fact]
    project: Project | None = None
    taken: int = 0
    writes: list[Commit] = attrs.field(factory=list[Commit])

    def result(self) -> Walked:
        done: list[int] = []
        there: list[int] = []
        problems: list[RowProblem] = []
        for step in self.journey.steps:
            before = self.project, len(self.writes)
            try:
                self.take(step)
            except _Stop as stop:
                if len(self.writes) > before[1]:  # the opening, made for this step alone
                    self.project = before[0]
                    self.writes.pop()
                code, about = stop.problem
                problems.append(RowProblem(step.row, code, about, "", self.journey.id))
                if self.journey.whole:
                    return Walked(problems=tuple(problems))
            else:
                (done if len(self.writes) > before[1] else there).append(step.row)
        if self.journey.whole:
            done, there = (done[:1], []) if done else ([], there[:1])
        return Walked(tuple(self.writes), tuple(done), tuple(there), tuple(problems))

    def take(self, step: JourneyStep) -> None:
        """
        Go one step further, or raise :class:`_Stop`.
        """
        if self.project is None and self.opens(step):
            return
        if not self.found(step) and self.project is not None:
            self.move(step, self.project)

    def found(self, step: JourneyStep) -> bool:
        """
        Tell whether a step is stored already, and go on to where the store was at its time.
        """
        stored = next((n for n, fact in enumerate(self.facts) if fact.key == step.key), None)
        if stored is not None:
            self.follow(stored + 1)
            _compare(self.facts[stored], step)
            return True
        keys = {one.key for one in self.journey.steps} if self.pending else ()
        while self.pending and self.pending.at <= step.at and self.pending.key not in keys:
            self.follow(self.taken + 1)
        return False

    @property
    def pending(self) -> Fact | None:
        """
        The next stored fact that the project does not have yet.
        """
        return self.facts[self.taken] if self.taken < len(self.facts) else None

    def follow(self, count: int) -> None:
        """
        Take in the stored facts up to a count.
        """
        for fact in self.facts[self.taken : count]:
            self.project = evolve(self.project, fact)
        self.taken = max(self.taken, count)

    def opens(self, step: JourneyStep) -> bool:
        """
        Open the project, or find it open; tell whether the step is the opening itself.
        """
        opens = step.stage == self.lifecycle.definition.initial
        if not self.facts:
            opening = step if step.key == OPENING else attrs.evolve(step, key=OPENING)
            self.write(opening, self.opening(step.values if opens else EMPTY))
            return opens
        self.follow(1)
        if opens and (self.journey.whole or self.facts[0].at == step.at):
            _compare(self.facts[0], step)
            return True
        return False

    def move(self, step: JourneyStep, project: Project) -> None:
        """
        Find a transition to the step's stage that its guards let pass.
        """
        if step.stage == project.stage:
            self.renew(step, project)
            return
        refused: list[tuple[Label, Label]] = []
        for trigger in self.triggers.get((project.stage, step.stage), ()):
            decision = self.lifecycle.decide(project, trigger, actor=step.actor, at=step.at, data=step.values)
            if isinstance(decision, Accepted) and decision.target == step.stage:
                self.write(step, partial(self.lifecycle.plan, decision))
                return
            refused.append(_refusal(decision))
        source, target = name_of(self.lifecycle.stage(project.stage)), name_of(self.lifecycle.stage(step.stage))
        if not refused:
            raise _Stop("move.none", source=source, target=target)
        said = [label("move.refused", source=source, transition=name, reasons=why) for name, why in refused]
        raise _Stop("move.refused", about=Label(" / ".join(one.en for one in said), " / ".join(one.zh for one in said)))

    def renew(self, step: JourneyStep, project: Project) -> None:
        """
        Change fields within the stage.
        """
        new = any(project.fields.get(name) != value for name, value in step.values.items())
        if not new and step.at >= project.opened_at:
            return
        if self.lifecycle.stage(project.stage).final:
            raise _Stop("project.locked", stage=name_of(self.lifecycle.stage(project.stage)))
        self.write(step, lambda: (Changed(self.lifecycle.changes(step.values)), ()))

    def opening(self, values: Mapping[str, Value]) -> _Make:
        """
        Return what makes the opening of the project.
        """

        def make() -> tuple[Body, tuple[Notice, ...]]:
            lifecycle, definition = self.lifecycle, self.lifecycle.definition
            changes = opening_changes(lifecycle, lifecycle.changes(values))
            return Opened(self.journey.name, definition.initial, definition.outcomes[0], changes), ()

        return make

    def write(self, step: JourneyStep, make: _Make) -> None:
        """
        Note a commit, and go on from the project as it leaves it.
        """
        lifecycle, project = self.lifecycle, self.project
        if project is not None and (self.pending or step.at < project.updated_at):
            name = name_of(lifecycle.stage(step.stage))
            early = step.at < project.opened_at
            raise _Stop("time.before_opening" if early else "time.before_last", stage=name, column=step.column)
        version = 1 if project is None else project.version + 1
        try:
            body, notices = make()
            fact = Fact(self.journey.id, version, step.at, step.actor, lifecycle.id, lifecycle.version, body, step.key)
            check_values(fact)
        except _UNUSABLE as error:
            raise _Stop("row.unusable", why=str(error)) from None
        self.project = evolve(project, fact)
        self.writes.append(Commit((Append(version - 1, fact, self.project),), notices, key=_key(self.journey.id, step)))


def _key(project_id: str, step: JourneyStep) -> Key:
    """
    Return the key of a step, bound to what the file says of it.
    """
    said = [f"{step.at} {step.actor.name} {step.stage}", *(f"{name}={value!r}" for name, value in step.values.items())]
    return Key(project_id, step.key, sha256("\n".join(said).encode()).hexdigest())


def _compare(fact: Fact, step: JourneyStep) -> None:
    """
    Stop at a step that is stored, but with other values than the file has now.
    """
    before = {change.field: change.value for change in fact.body.changes if isinstance(change, FieldSet)}
    other = [name for name, value in step.values.items() if before.get(name) != value]
    if fact.at != step.at:
        other.insert(0, step.column)
    if other:
        raise _Stop("row.changed", what=tuple(other))


def _refusal(decision: Decision) -> tuple[Label, Label]:
    """
    Return the label of what was refused, and why.
    """
    if isinstance(decision, Accepted):
        elsewhere = label("move.elsewhere", target=name_of(decision.move.target))
        return name_of(decision.transition), elsewhere
    name = next((name_of(candidate.transition) for candidate in decision.candidates), Label(decision.trigger))
    return name, Label(*("; ".join(_sentences(decision, lang)) for lang in LANGS))


def _sentences(decision: Refused, lang: Lang) -> list[str]:
    return [verdict.message(lang).rstrip(".。") for verdict in decision.blocking]
