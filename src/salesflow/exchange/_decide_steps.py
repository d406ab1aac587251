"""
Decides the steps of a journey before anything is written: which moves are taken, and which rows are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any, Final, NamedTuple, TypeAlias

import attrs

from .._codec.facts import check_values
from .._definition.edges import edges_of
from .._lifecycle.cadence_dues import all_dues
from .._lifecycle.deadlines import all_watched
from .._lifecycle.decision import Accepted, Decision
from .._lifecycle.lifecycle import Lifecycle
from .._lifecycle.locks import broken_locks
from .._lifecycle.planned_work import PLANNED
from .._model.commit import Commit, Key
from .._model.definition import label_of
from .._model.facts import Changed, DeadlinePassed, Fact, FieldSet, Opened, SlotMissed
from .._model.fold import evolve
from .._model.frozen import EMPTY, noun
from .._model.project import Project
from .._model.values import Label, Lang, Value
from .._model.work import DueDeadline
from .._pipeline.open import opening
from .._pipeline.recorder import SYSTEM_ACTOR, Draft, Moment, make_draft, stage
from .._pipeline.runtime import AHEAD
from ..errors import EffectError, InputError, InvalidValueError, TooLargeError
from ._journeys import OPENING, Journey, JourneyStep
from ._report import RowProblem, label


LANGS: Final[tuple[Lang, ...]] = ("en", "zh")

_UNUSABLE: Final = (InputError, InvalidValueError, TooLargeError, EffectError)


class StepWrite(NamedTuple):
    """
    One commit of an import.

    Attributes:
        row: the row that it imports; ``None`` for a deadline that passed long ago.
    """

    row: int | None
    staged: Commit


@noun
class DecidedSteps:
    """
    What is decided about a journey.

    Attributes:
        writes: what is to be committed, in order.
        done: rows that are imported by that.
        already: rows that the store has.
        unchanged: rows that say nothing new; *notes* says why.
        notes: what is taken in, or passed over, in a way that people should know of.
    """

    writes: tuple[StepWrite, ...] = ()
    done: tuple[int, ...] = ()
    already: tuple[int, ...] = ()
    unchanged: tuple[int, ...] = ()
    notes: tuple[RowProblem, ...] = ()
    problems: tuple[RowProblem, ...] = ()


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


def decide_steps(
    journey: Journey, lifecycle: Lifecycle, triggers: Triggers, facts: Sequence[Fact], now: datetime
) -> DecidedSteps:
    """
    Decide every step of a journey, purely.

    Args:
        triggers: what :func:`targets` returns.
        facts: the history of the project in the store, empty if there is none.
        now: the time of the import: facts are recorded then, deadlines before it have passed, and no step lies more
            than a day after it.
    """
    if facts and (facts[0].key != OPENING or not _fits(facts, lifecycle)):
        rows = dict.fromkeys(step.row for step in journey.steps)
        about = label("project.exists")
        problems = tuple(RowProblem(row, "project.exists", about, journey.id, journey.id) for row in rows)
        return DecidedSteps(problems=problems)
    return _Deciding(journey, lifecycle, triggers, facts, now).result()


def _watched(staged: Commit) -> set[int]:
    """
    Return the numbers of the stays whose deadlines a commit sets or drops.
    """
    return {due.visit for due in staged.dues} | {number for _, number in staged.dropped}


def _fits(facts: Sequence[Fact], lifecycle: Lifecycle) -> bool:
    fact, opening = facts[-1], facts[0].body
    if isinstance(opening, Opened) and opening.digest not in (None, lifecycle.digest):
        return False
    return (fact.lifecycle, fact.lifecycle_version) == (lifecycle.id, lifecycle.version)


class _Stop(Exception):  # noqa: N818 -- ends one step, and becomes a RowProblem
    def __init__(self, code: str, *, about: Label | None = None, **parts: Any) -> None:
        self.problem = code, label(code, **parts) if about is None else about
        super().__init__(code)


@attrs.define(eq=False)
class _Deciding:
    """
    Where a deal stands while its steps are decided.

    Attributes:
        taken: how many of the stored facts the project has by now.
        now: the time of the import; no step may lie more than a day after it.
        last_at: the time of its last fact, but for deadlines that passed: they follow from what was known then.
        writes: what is new.
    """

    journey: Journey
    lifecycle: Lifecycle
    triggers: Triggers
    facts: Sequence[Fact]
    now: datetime
    project: Project | None = None
    taken: int = 0
    last_at: datetime | None = None
    writes: list[StepWrite] = attrs.field(factory=list[StepWrite])
    notes: list[RowProblem] = attrs.field(factory=list[RowProblem])

    def result(self) -> DecidedSteps:
        """
        Decide all steps. A journey that is taken as a whole ends with the first that is refused.
        """
        done: list[int] = []
        already: list[int] = []
        unchanged: list[int] = []
        problems: list[RowProblem] = []
        for step in self.journey.steps:
            before = self.project, len(self.writes), len(self.notes)
            try:
                new = self.take(step)
            except _Stop as stop:
                if len(self.writes) > before[1]:  # the opening, made for this step alone
                    self.project = before[0]
                    self.writes.pop()
                    del self.notes[before[2] :]
                code, about = stop.problem
                problems.append(RowProblem(step.row, code, about, "", self.journey.id))
                if self.journey.whole:
                    return DecidedSteps(problems=tuple(problems))
            else:
                (done if len(self.writes) > before[1] else unchanged if new else already).append(step.row)
        notes = self.notes
        if self.journey.whole:
            done, already, unchanged, notes = (done[:1], [], [], []) if done else ([], already[:1], [], [])
        if self.lifecycle.cadences:
            self.arm_cadences()
        if self.lifecycle.limits:
            self.arm_last_stay()
        rows = tuple(done), tuple(already), tuple(unchanged)
        return DecidedSteps(tuple(self.writes), *rows, tuple(notes), tuple(problems))

    def arm_cadences(self) -> None:
        """
        Leave cadences armed where the deal stands in the end, from the import on: slots of before it never count.
        """
        for number, write in enumerate(self.writes):
            looks: tuple[DueDeadline, ...] = ()
            if write is self.writes[-1] and self.project is not None:
                facts = (*self.facts[: self.taken], *(each.staged.appends[0].fact for each in self.writes))
                looks = all_dues(self.lifecycle.cadences, self.project, facts, self.now)
            deadlines = tuple([due for due in write.staged.dues if due.slot is None])
            self.writes[number] = write._replace(staged=attrs.evolve(write.staged, dues=(*deadlines, *looks)))

    def arm_last_stay(self) -> None:
        """
        Leave deadlines armed for the last stay alone; those before the import pass at once, late and without effects.

        So neither a worker that runs meanwhile nor the first one afterwards acts on what is long past.
        """
        visit = self.project.visit.number if self.project else 0
        armed = [n for n, write in enumerate(self.writes) if visit in _watched(write.staged)]
        last = all_watched(self.lifecycle.limits, self.project) if armed and self.project else ()
        for number, write in enumerate(self.writes):
            coming = tuple(due for due in last if number == armed[-1] and due.at > self.now)
            coming += tuple(due for due in write.staged.dues if due.slot is not None or due.part == PLANNED)
            if coming != write.staged.dues:
                self.writes[number] = write._replace(staged=attrs.evolve(write.staged, dues=coming))
        for due in sorted(last, key=lambda each: each.at):
            if due.at <= self.now and not due.part and self.project is not None:
                self.pass_deadline(due, self.project)

    def pass_deadline(self, due: DueDeadline, project: Project) -> None:
        """
        Note that a deadline passed when it was due, or with the last fact where that came later.

        When it happened does not depend on the time of the import, so that a later file can go on from here.
        """
        body = DeadlinePassed(due.deadline, due.stage, due.visit, due.at, late=True)
        at = max(due.at, project.updated_at)
        moment = Moment(project.id, project, self.lifecycle, SYSTEM_ACTOR, at, self.now)
        name = f"import:passed:{due.visit}:{due.deadline}"
        key = Key(project.id, name, sha256(f"{due.at}".encode()).hexdigest())
        staged = stage(moment, make_draft(body), key)
        self.project = staged.appends[0].project
        self.writes.append(StepWrite(None, staged))

    def take(self, step: JourneyStep) -> bool:
        """
        Go one step further, or raise :class:`_Stop`; tell whether the store did not have it.
        """
        if self.project is None and self.opens(step):
            return not self.facts
        if self.found(step) or self.project is None:
            return False
        self.move(step, self.project)
        return True

    def found(self, step: JourneyStep) -> bool:
        """
        Tell whether a step is stored already, and go on to where the store was at its time.
        """
        stored = next((n for n, fact in enumerate(self.facts) if fact.key == step.key), None)
        if stored is not None:
            self.follow(stored + 1)
            self.compare(self.facts[stored], step)
            return True
        keys = {each.key for each in self.journey.steps} if self.pending else ()
        while (fact := self.pending) and fact.key not in keys and (_of_the_clock(fact) or fact.at <= step.at):
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
            if not _of_the_clock(fact):
                self.last_at = fact.at
        self.taken = max(self.taken, count)

    def opens(self, step: JourneyStep) -> bool:
        """
        Open the project, or find it open; tell whether the step is the opening itself.
        """
        lifecycle = self.lifecycle
        opens = step.stage == lifecycle.definition.initial
        if not self.facts:
            first = step if step.key == OPENING else attrs.evolve(step, key=OPENING)
            values = step.values if opens else EMPTY
            name, assumed = self.journey.name, not opens

            def opened() -> Draft:
                return make_draft(attrs.evolve(opening(lifecycle, name, lifecycle.changes(values)), assumed=assumed))

            self.write(first, opened)
            if assumed:
                start = label_of(lifecycle.stage(lifecycle.definition.initial))
                self.note(step, "opening.assumed", stage=label_of(lifecycle.stage(step.stage)), start=start)
            return opens
        self.follow(1)
        if opens and (self.journey.whole or self.facts[0].at == step.at):
            self.compare(self.facts[0], step)
            return True
        return False

    def compare(self, fact: Fact, step: JourneyStep) -> None:
        """
        Stop at a step that is stored, but with other values than the file has now, or without some of them.
        """
        before = {change.field: change.value for change in fact.body.changes if isinstance(change, FieldSet)}
        other = [name for name, value in step.values.items() if name in before and before[name] != value]
        if fact.at != step.at:
            other.insert(0, step.column)
        if other:
            raise _Stop("row.changed", what=tuple(other))
        fields: Mapping[str, Value] = self.project.fields if self.project else EMPTY
        more = [name for name, value in step.values.items() if name not in before and fields.get(name) != value]
        if more:
            raise _Stop("row.more", what=tuple(more))

    def note(self, step: JourneyStep, code: str, **parts: Any) -> None:
        """
        Note something that people should know of a row that is not refused.
        """
        self.notes.append(RowProblem(step.row, code, label(code, **parts), "", self.journey.id))

    def move(self, step: JourneyStep, project: Project) -> None:
        """
        Find a transition to the step's stage that its guards let pass.
        """
        if step.stage == project.stage:
            self.change(step, project)
            return
        refused: list[tuple[Label, Label]] = []
        # What happened is recorded, also what a lock would have kept from happening; write() lists that.
        unlocked = attrs.evolve(self.lifecycle, locks=EMPTY) if self.lifecycle.locks else self.lifecycle
        for trigger in self.triggers.get((project.stage, step.stage), ()):
            decision = unlocked.decide(project, trigger, actor=step.actor, at=step.at, data=step.values)
            if isinstance(decision, Accepted) and decision.target == step.stage:
                self.write(step, partial(self.moved, decision))
                return
            refused.append(_refusal(decision))
        source, target = label_of(self.lifecycle.stage(project.stage)), label_of(self.lifecycle.stage(step.stage))
        if not refused:
            raise _Stop("move.none", source=source, target=target)
        lines = [label("move.refused", source=source, transition=name, reasons=why) for name, why in refused]
        about = Label(" / ".join(each.en for each in lines), " / ".join(each.zh for each in lines))
        raise _Stop("move.refused", about=about)

    def moved(self, decision: Accepted) -> Draft:
        """
        Run the effects of a move.
        """
        return make_draft(*self.lifecycle.plan(decision))

    def change(self, step: JourneyStep, project: Project) -> None:
        """
        Change fields within the stage.
        """
        new = any(project.fields.get(name) != value for name, value in step.values.items())
        here = self.lifecycle.stage(project.stage)
        if not new and step.at >= project.opened_at:
            again = self.last_at == step.at
            self.note(
                step, "row.repeated" if again else "closing.again" if here.final else "stage.same", stage=label_of(here)
            )
            return
        if here.final:
            raise _Stop("project.locked", stage=label_of(here))
        self.write(step, lambda: make_draft(Changed(self.lifecycle.changes(step.values))))

    def write(self, step: JourneyStep, make: Callable[[], Draft]) -> None:
        """
        Note a commit, and go on from the project as it leaves it.
        """
        lifecycle, project = self.lifecycle, self.project
        if step.at - self.now > AHEAD:
            raise _Stop("time.ahead", stage=label_of(lifecycle.stage(step.stage)), column=step.column)
        if project is not None and self.last_at is not None and (self.pending or step.at < self.last_at):
            name = label_of(lifecycle.stage(step.stage))
            early = step.at < project.opened_at
            raise _Stop("time.before_opening" if early else "time.before_last", stage=name, column=step.column)
        try:
            draft = make()
            # Nothing is written yet, so each step is decided on the project as the step before would leave it.
            key = _key(self.journey.id, step)
            times = step.at, self.now
            if project is None:
                staged = stage(Moment(self.journey.id, None, lifecycle, step.actor, *times), draft, key)
            else:
                staged = stage(Moment(self.journey.id, project, lifecycle, step.actor, *times), draft, key)
            check_values(staged.appends[0].fact)
        except _UNUSABLE as error:
            raise _Stop("row.unusable", why=str(error)) from None
        if project is not None and lifecycle.locks:
            for broken in broken_locks(lifecycle.locks, project, lifecycle.changes(step.values), step.actor):
                field, since = lifecycle.fields[broken.evidence["field"]], lifecycle.stage(broken.evidence["stage"])
                self.note(step, "field.locked", field=label_of(field), stage=label_of(since))
        self.project, self.last_at = staged.appends[0].project, step.at
        self.writes.append(StepWrite(step.row, staged))


def _of_the_clock(fact: Fact) -> bool:
    """
    Tell whether time alone made a fact; what a file says of the time before it is still taken in.
    """
    return isinstance(fact.body, (DeadlinePassed, SlotMissed))


def _key(project_id: str, step: JourneyStep) -> Key:
    """
    Return the key of a step, bound to what the file says of it.
    """
    values = (f"{name}={value!r}" for name, value in step.values.items())
    lines = [f"{step.at} {step.actor.name} {step.stage}", *values]
    return Key(project_id, step.key, sha256("\n".join(lines).encode()).hexdigest())


def _refusal(decision: Decision) -> tuple[Label, Label]:
    """
    Return the label of what was refused, and why.
    """
    if isinstance(decision, Accepted):
        elsewhere = label("move.elsewhere", target=label_of(decision.move.target))
        return label_of(decision.transition), elsewhere
    name = next((label_of(candidate.transition) for candidate in decision.candidates), Label(decision.trigger))
    return name, Label(*("; ".join(each.message(lang).rstrip(".。") for each in decision.blocking) for lang in LANGS))
