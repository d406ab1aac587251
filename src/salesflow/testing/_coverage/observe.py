"""
What coverage sees of a process: an observer of its decisions and moves, also for a ``with`` block.

A decision is matched by the id and version of the lifecycle that its project carries.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import attrs

from ..._definition.shape import COMBINATORS
from ..._lifecycle import observers
from ..._lifecycle.compiled import ENGINE, CompiledTransition
from ..._lifecycle.decision import Accepted, Decision
from ..._lifecycle.lifecycle import Lifecycle
from ..._lifecycle.observers import Evaluated
from ..._model.definition import Definition
from ..._model.facts import Body, DeadlinePassed, Opened, SlotMissed, Transitioned
from ..._model.frozen import noun
from ..._model.project import Project
from ..._model.verdict import Verdict
from ...errors import InputError
from ...typing import Context
from .sums import LifecycleCoverage, coverage_of


Names: TypeAlias = tuple[str, str]
"""Id and version of a lifecycle."""

_MOST: Final = 10_000
_LOCK: Final = threading.Lock()


@noun(eq=False)
class Seen:
    """
    What was seen of some lifecycles; every item begins with a lifecycle's id and version.

    Attributes:
        wanted: which lifecycles are looked at.
        asked: stage, transition, marks of its verdicts, and what combinators joined.
        accepted: source, transition and target of the edges that decisions chose.
        taken: the same of moves that were committed, or made on a bound object.
        stages: the stages that projects were opened in.
        passed: stage and deadline of the deadlines that passed, with their effects; of missed slots the cadence alone.
    """

    wanted: frozenset[Names]
    asked: set[tuple[Any, ...]] = attrs.Factory(set[tuple[Any, ...]])
    accepted: set[tuple[str, ...]] = attrs.Factory(set[tuple[str, ...]])
    taken: set[tuple[str, ...]] = attrs.Factory(set[tuple[str, ...]])
    stages: set[tuple[str, ...]] = attrs.Factory(set[tuple[str, ...]])
    passed: set[tuple[str, ...]] = attrs.Factory(set[tuple[str, ...]])
    # A test run makes the same moves over and over: those that passed without a combinator, with their verdicts.
    _known: dict[CompiledTransition, tuple[Verdict, ...]] = attrs.field(
        init=False, repr=False, factory=dict[CompiledTransition, tuple[Verdict, ...]]
    )
    # What combinators of candidates joined that are not decided yet. The key is the identity of the context,
    # because a guard may decide something itself; it is kept, so that its identity stays its own.
    _joined: dict[int, tuple[Context, list[Any]]] = attrs.field(
        init=False, repr=False, factory=dict[int, tuple[Context, list[Any]]]
    )

    def joined(self, context: Context, word: str, groups: Sequence[Sequence[Verdict]]) -> None:
        """
        Keep what a combinator joined until its candidate is decided.
        """
        if _names(context.project) in self.wanted:
            if len(self._joined) >= _MOST:  # only where combinators are asked outside of decisions
                self._joined.clear()
            made = (word, tuple([_marks(group) for group in groups]))
            self._joined.setdefault(id(context), (context, []))[1].append(made)

    def decided(self, decision: Decision, candidates: Sequence[Evaluated]) -> None:
        """
        Note what the guards of every candidate answered, and which edge was chosen.
        """
        if not candidates or _names(candidates[0][1].project) not in self.wanted:
            return
        for move, context, verdicts in candidates:
            if self._known.get(move) != verdicts:
                self._ask(move, context, verdicts)
        if isinstance(decision, Accepted):
            self.accepted.add((*_names(decision.context.project), *_edge(decision.move)))

    def _ask(self, move: CompiledTransition, context: Context, verdicts: tuple[Verdict, ...]) -> None:
        joined = tuple(self._joined.pop(id(context), (context, ()))[1])
        # An outcome that cannot be given here is not the answer of a guard.
        marks = _marks(one for one in verdicts if one.spec != ENGINE)
        self.asked.add((*_names(context.project), move.source.id, move.transition.id, marks, joined))
        # A combinator can pass for other reasons the next time.
        if verdicts is move.passed and not any(guard.spec.guard in COMBINATORS for guard in move.guards):
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[move] = verdicts

    def written(self, lifecycle: str, version: str, body: Body) -> None:
        """
        Note the edge that a move took, the stage that a project was opened in, or the deadline or slots that passed.
        """
        if (lifecycle, version) not in self.wanted:
            return
        if isinstance(body, Transitioned):
            self.taken.add((lifecycle, version, body.source, body.transition, body.target))
        elif isinstance(body, Opened):
            self.stages.add((lifecycle, version, body.stage))
        elif isinstance(body, DeadlinePassed) and not body.late:
            self.passed.add((lifecycle, version, body.stage, body.deadline))
        elif isinstance(body, SlotMissed):
            self.passed.add((lifecycle, version, "", body.cadence))

    def dump(self) -> list[list[Any]]:
        """
        Return everything as lists and texts, for another process.
        """
        return [_listed(one) for one in (self.asked, self.accepted, self.taken, self.stages, self.passed)]

    def merge(self, dumped: Iterable[Any]) -> None:
        """
        Add what another process dumped.
        """
        own = self.asked, self.accepted, self.taken, self.stages, self.passed
        for mine, items in zip(own, dumped, strict=True):
            mine.update(map(_tupled, items))

    def report(self, definition: Definition) -> LifecycleCoverage:
        """
        Return what was seen of a lifecycle, against what there is.
        """
        names = definition.id, definition.version
        asked, accepted, taken, stages, passed = (
            {item[2:] for item in items if item[:2] == names}
            for items in (self.asked, self.accepted, self.taken, self.stages, self.passed)
        )
        return coverage_of(definition, asked, accepted, taken, {stage for (stage,) in stages}, passed)


def watch(seen: Seen) -> None:
    """
    Let *seen* take note of everything from now on.
    """
    with _LOCK:
        observers.add(seen)


def unwatch(seen: Seen) -> None:
    """
    Let *seen* take note of nothing more.
    """
    with _LOCK:
        observers.remove(seen)


def _names(project: Project) -> Names:
    return project.lifecycle, project.lifecycle_version


def _edge(move: CompiledTransition) -> tuple[str, str, str]:
    return move.source.id, move.transition.id, move.target.id


def _marks(verdicts: Iterable[Verdict]) -> tuple[tuple[str, str, str], ...]:
    return tuple([(one.spec.use_id, one.status, one.spec.severity) for one in verdicts])


def _listed(items: Iterable[Any]) -> list[Any]:
    return [_listed(item) if item.__class__ is tuple else item for item in items]


def _tupled(item: Any) -> Any:
    return tuple(map(_tupled, item)) if item.__class__ is list else item


@noun(eq=False)
class LifecycleWatch:
    """
    What :func:`lifecycle_coverage` has seen of one lifecycle so far.
    """

    lifecycle: Definition
    seen: Seen = attrs.field(repr=False)

    def report(self) -> LifecycleCoverage:
        """
        Return what was seen, against what there is.
        """
        return self.seen.report(self.lifecycle)


def definition_of(lifecycle: Lifecycle | Definition) -> Definition:
    """
    Return what was written.

    Raises:
        InputError: for anything else.
    """
    if isinstance(lifecycle, Lifecycle):
        return lifecycle.definition
    if isinstance(lifecycle, Definition):
        return lifecycle
    raise InputError("lifecycle", lifecycle, "Pass what load_lifecycle() or load_definition() returned.")


@contextmanager
def lifecycle_coverage(lifecycle: Lifecycle | Definition) -> Generator[LifecycleWatch]:
    """
    Watch a lifecycle while a block runs: what the ``with`` statement binds has a ``report()``.

    Every pipeline, bound class and plain ``decide`` counts whose lifecycle has the same id and version, on every
    thread. Blocks may overlap. The report can be asked for in the block and after it.

    Raises:
        InputError: if *lifecycle* is something else.
    """
    found = definition_of(lifecycle)
    seen = Seen(frozenset({(found.id, found.version)}))
    watch(seen)
    try:
        yield LifecycleWatch(found, seen)
    finally:
        unwatch(seen)
