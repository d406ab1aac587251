"""
Watches a process: where the engine is wrapped while somebody wants to see what it does.

Nothing in the engine knows of it. Five functions are wrapped where the engine looks them up, and put back
at the end: ``evaluate`` (what the guards of a candidate said), ``join`` (what the parts of a combinator said),
``make_accepted`` (which candidate was chosen), and what makes a move true: ``commit`` of the recorder, also for
the stage that an opening begins in, and :meth:`fire` of a bound lifecycle. A decision is matched by the id and
version of the lifecycle that its project carries.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

import attrs

from ..._lifecycle import bind_guards as _rules
from ..._lifecycle import lifecycle as _lifecycle  # pyright: ignore[reportPrivateUsage] -- their look-ups are what is wrapped
from ..._lifecycle.bind_guards import COMBINATORS
from ..._lifecycle.host_objects import Bound
from ..._model.definition import Definition
from ..._model.facts import Opened, Transitioned
from ..._model.frozen import EMPTY
from ..._model.project import Project
from ..._model.verdict import Verdict
from ..._pipeline import recorder as _recorder
from .sums import LifecycleCoverage, summed


Names: TypeAlias = tuple[str, str]
"""Id and version of a lifecycle."""


@attrs.frozen(eq=False)
class Seen:
    """
    What was seen of some lifecycles; every item begins with a lifecycle's id and version.

    Attributes:
        wanted: which lifecycles are looked at.
        asked: stage, transition, marks of its verdicts, and what combinators joined.
        accepted: source, transition and target of the edges that decisions chose.
        taken: the same of moves that were committed, or made on a bound object.
        stages: the stages that projects were opened in.
    """

    wanted: frozenset[Names]
    asked: set[tuple[Any, ...]] = attrs.Factory(set[tuple[Any, ...]])
    accepted: set[tuple[str, ...]] = attrs.Factory(set[tuple[str, ...]])
    taken: set[tuple[str, ...]] = attrs.Factory(set[tuple[str, ...]])
    stages: set[tuple[str, ...]] = attrs.Factory(set[tuple[str, ...]])

    def dump(self) -> list[list[Any]]:
        """
        Return everything as lists and texts, for another process.
        """
        return [_listed(one) for one in (self.asked, self.accepted, self.taken, self.stages)]

    def merge(self, dumped: Iterable[Any]) -> None:
        """
        Add what another process dumped.
        """
        own = self.asked, self.accepted, self.taken, self.stages
        for mine, items in zip(own, dumped, strict=True):
            mine.update(map(_tupled, items))

    def report(self, definition: Definition) -> LifecycleCoverage:
        """
        Return what was seen of a lifecycle, against what there is.
        """
        names = definition.id, definition.version
        asked, accepted, taken, stages = (
            {item[2:] for item in items if item[:2] == names}
            for items in (self.asked, self.accepted, self.taken, self.stages)
        )
        return summed(definition, asked, accepted, taken, {stage for (stage,) in stages})


# Wrapping is for the whole process, so who watches is too.
_ACTIVE: Final[list[Seen]] = []
_LOCK: Final = threading.Lock()
_REAL: Final[list[tuple[Any, str, Any]]] = []

# A test run makes the same moves over and over. What was noted once is recognised by identity, which costs next
# to nothing; the things themselves are kept, so that an identity stays theirs.
_WANTED: Final[dict[str, set[str]]] = {}
"""The versions that somebody wants, by id."""
_PASSED: Final[dict[int, tuple[Any, tuple[Verdict, ...]]]] = {}
_ACCEPTED: Final[set[Any]] = set()
_TAKEN: Final[set[Any]] = set()
_MOST: Final = 10_000


class _Joins(threading.local):
    """
    What the combinators of the candidate at hand joined, inner ones first.
    """

    def __init__(self) -> None:
        self.made: list[tuple[Any, ...]] = []


_JOINS: Final = _Joins()


def watch(seen: Seen) -> None:
    """
    Let *seen* take note of everything from now on.
    """
    with _LOCK:
        if not _ACTIVE:
            for place, name, wrapped in _POINTS:
                real = getattr(place, name)
                _REAL.append((place, name, real))
                setattr(place, name, wrapped(real))
        _ACTIVE.append(seen)
        _forget()


def unwatch(seen: Seen) -> None:
    """
    Let *seen* be; the last one puts the wrapped functions back.
    """
    with _LOCK:
        _ACTIVE.remove(seen)
        _forget()
        if not _ACTIVE:
            for place, name, real in _REAL:
                setattr(place, name, real)
            _REAL.clear()


def _forget() -> None:
    for known in (_PASSED, _ACCEPTED, _TAKEN, _WANTED):
        known.clear()
    for name, version in (pair for seen in _ACTIVE for pair in seen.wanted):
        _WANTED.setdefault(name, set()).add(version)


def _note(kind: str, project: Project, *item: Any) -> None:
    """
    Add an item to what everybody saw who wants the project's lifecycle.
    """
    lifecycle = project.lifecycle, project.lifecycle_version
    for seen in tuple(_ACTIVE):
        if lifecycle in seen.wanted:
            getattr(seen, kind).add((*lifecycle, *item))


def _edge(move: Any) -> tuple[str, str, str]:
    transition, _, _, source, target = move.words
    return source, transition, target


def _marks(verdicts: Iterable[Verdict]) -> tuple[tuple[str, str, str], ...]:
    return tuple([(one.spec.use_id, one.status, one.spec.severity) for one in verdicts])


def _judging(real: Callable[..., Any]) -> Callable[..., Any]:
    def evaluate(asks: Any, ctx: Any, overrides: Any = EMPTY) -> Any:
        project = ctx.project
        if project.lifecycle_version not in _WANTED.get(project.lifecycle, ()):
            return real(asks, ctx, overrides)
        known = _PASSED.get(id(asks))
        if known is None:
            return ask(asks, ctx, overrides)
        answer = real(asks, ctx, overrides)
        if answer[0] != known[1]:
            _note("asked", project, project.stage, ctx.transition.id, _marks(answer[0]), ())
        return answer

    def ask(asks: Any, ctx: Any, overrides: Any) -> Any:
        made = _JOINS.made
        start = len(made)  # a guard may decide something itself
        answer = real(asks, ctx, overrides)
        joined = tuple(made[start:])
        del made[start:]
        _note("asked", ctx.project, ctx.project.stage, ctx.transition.id, _marks(answer[0]), joined)
        # A combinator can pass for other reasons the next time, and no guards at all have no identity of their own.
        if asks and answer[1] and not any(rule.spec.guard in COMBINATORS for _, _, rule in asks):
            if len(_PASSED) >= _MOST:
                _PASSED.clear()
            _PASSED[id(asks)] = asks, answer[0]
        return answer

    return evaluate


def _joining(real: Callable[..., Any]) -> Callable[..., Any]:
    def join(word: str, groups: Any) -> Any:
        _JOINS.made.append((word, tuple([_marks(group) for group in groups])))
        return real(word, groups)

    return join


def _new(move: Any, known: set[Any], project: Project) -> bool:
    """
    Tell whether a move of a lifecycle that somebody wants is not known yet; then it is.
    """
    if move in known or project.lifecycle_version not in _WANTED.get(project.lifecycle, ()):
        return False
    if len(known) >= _MOST:
        known.clear()
    known.add(move)
    return True


def _accepting(real: Callable[..., Any]) -> Callable[..., Any]:
    def make_accepted(ctx: Any, move: Any, verdicts: Any, changes: Any = (), overrides: Any = ()) -> Any:
        if move not in _ACCEPTED and _new(move, _ACCEPTED, ctx.project):
            _note("accepted", ctx.project, *_edge(move))
        return real(ctx, move, verdicts, changes, overrides)

    return make_accepted


def _committing(real: Callable[..., Any]) -> Callable[..., Any]:
    def commit(runtime: Any, *staged: Any, **how: Any) -> Any:
        stored, failures = real(runtime, *staged, **how)
        if stored is None:  # a repeated request moves nothing
            for append in (append for each in staged for append in each.appends):
                _committed(append.fact.body, append.project)
        return stored, failures

    return commit


def _committed(body: Any, project: Project) -> None:
    if isinstance(body, Opened):
        _note("stages", project, project.stage)
    elif isinstance(body, Transitioned):
        edge = body.source, body.transition, body.target
        if _new((project.lifecycle, project.lifecycle_version, *edge), _TAKEN, project):
            _note("taken", project, *edge)


def _binding(real: Callable[..., Any]) -> Callable[..., Any]:
    def fire(self: Any, *args: Any, **inputs: Any) -> Any:
        moved = real(self, *args, **inputs)
        _note("taken", moved.decision.context.project, *_edge(moved.decision.move))
        return moved

    return fire


_POINTS: Final[tuple[tuple[Any, str, Callable[..., Any]], ...]] = (
    (_lifecycle, "evaluate", _judging),
    (_lifecycle, "make_accepted", _accepting),
    (_rules, "join", _joining),
    (_recorder, "commit", _committing),
    (Bound, "fire", _binding),
)


def _listed(items: Iterable[Any]) -> list[Any]:
    return [_listed(item) if item.__class__ is tuple else item for item in items]


def _tupled(item: Any) -> Any:
    return tuple(map(_tupled, item)) if item.__class__ is list else item
