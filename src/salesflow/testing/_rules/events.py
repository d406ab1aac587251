"""
The events that a rule may name: a transition taken, a stage entered, a guard passed, an entry recorded.

One move is several events in a row: the guards it passed, the entries it recorded, the transition, the stage.
An opening enters the initial stage. ``$same`` and spawning enter nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, TypeAlias

from ... import Fact, Lifecycle, Transition, Verdict
from ..._definition.edges import Edge
from ..._definition.graph import is_certain
from ..._model.argument_types import items_of
from ..._model.frozen import noun
from ...errors import InputError, nearest, say
from ...typing import EntryPut, Opened, Transitioned


EventKind: TypeAlias = Literal["guard", "entry", "transition", "stage"]
_KINDS: Final[tuple[EventKind, ...]] = ("guard", "entry", "transition", "stage")
_PLAIN: Final[tuple[EventKind, ...]] = ("transition", "stage")


@noun
class Event:
    """
    One thing that happened to a project.

    Attributes:
        names: its names; a guard has its own name and the id of its use, an entry its kind and what it is called.
        resumed: whether a stage was entered to continue a visit that a hold interrupted.
    """

    what: EventKind
    names: tuple[str, ...]
    resumed: bool = False

    def describe(self, *, past: bool) -> str:
        """
        Return the event in words, in the past tense for a history, in the present tense for a path.
        """
        then, now = _VERBS[self.what]
        return f"{then if past else now} {self.what} {self.names[0]!r}"


_VERBS: Final = {
    "guard": ("passed", "passes"),
    "entry": ("recorded", "records"),
    "transition": ("took", "takes"),
    "stage": ("entered", "enters"),
}


@noun
class Named:
    """
    A name in a rule: of a stage or a transition, or with its kind before it as in ``stage:delivery``.
    """

    name: str
    what: EventKind | None = None

    def __str__(self) -> str:
        return repr(self.name if self.what is None else f"{self.what}:{self.name}")

    def meets(self, event: Event) -> bool:
        """
        Return whether an event has this name.
        """
        if self.what is None:
            return event.what in _PLAIN and self.name in event.names
        return self.what == event.what and self.name in event.names


Names: TypeAlias = str | Iterable[str]
"""A name, or several names of which any will do."""


def to_names(what: str, given: Names | None, *, guards: bool = False) -> tuple[Named, ...]:
    """
    Return the names in an argument of a rule.

    Args:
        what: the name of the argument, for the message.
        guards: whether a guard may be named.

    Raises:
        InputError: for no name, an unknown kind before a colon, or a guard where none is allowed.
    """
    texts = () if given is None else (given,) if isinstance(given, str) else items_of(what, given, str)
    if given is not None and not texts:
        raise InputError(what, given, "Name at least one stage or transition.")
    return tuple(_named(what, text, guards=guards) for text in texts)


def _named(what: str, text: str, *, guards: bool) -> Named:
    before, colon, name = text.rpartition(":")
    if not colon:
        return Named(name)
    kinds: list[EventKind] = [kind for kind in _KINDS if kind == before]
    if not kinds:
        raise InputError(what, text, "Before the colon stands 'stage', 'transition', 'guard' or 'entry'.")
    if kinds == ["guard"] and not guards:
        hint = "A guard may be skipped, so only its having passed can be asked for, as what must come before."
        raise InputError(what, text, hint)
    return Named(name, kinds[0])


def check_names(names: Iterable[Named], lifecycle: Lifecycle) -> None:
    """
    Check that each name means exactly one thing in a lifecycle.

    Raises:
        InputError: for a name that is unknown, or names both a stage and a transition.
    """
    known: dict[str, set[str]] = {
        "stage": {stage.id for stage in lifecycle.stages},
        "transition": {transition.id for transition in lifecycle.transitions},
        "entry": {*lifecycle.entries},
        "guard": {name for each in lifecycle.transitions for use in each.guards for name in (use.use, use.id) if name},
    }
    for named in names:
        name = named.name.partition("/")[0] if named.what == "entry" else named.name
        meant = [kind for kind in (_PLAIN if named.what is None else (named.what,)) if name in known[kind]]
        if len(meant) > 1:
            hint = f"There is a stage and a transition of this name; write 'stage:{named.name}' or "
            raise InputError("name in a rule", named.name, f"{hint}'transition:{named.name}'.")
        if not meant:
            every = [*known[named.what]] if named.what else [*known["stage"], *known["transition"]]
            hint = say("input.look_up", known=sorted(every), near=nearest(named.name, every))
            raise InputError(f"{named.what or 'stage or transition'} in a rule", named.name, hint)


def check_provable(names: Iterable[Named], sentence: str) -> None:
    """
    Check that nothing is named of which the graph does not say where it happens.

    Raises:
        InputError: for an entry.
    """
    for named in names:
        if named.what == "entry":
            hint = f"An entry may be recorded anywhere: {sentence!r} is checked over facts or watched, not proved."
            raise InputError("name in a rule", str(named), hint)


def opening(stage: str) -> tuple[Event, ...]:
    """
    Return the events of opening a project.
    """
    return (Event("stage", (stage,)),)


def events_of(fact: Fact) -> Iterator[Event]:
    """
    Yield the events that a fact records.
    """
    body = fact.body
    if isinstance(body, Transitioned):
        yield from _passed(body.verdicts)
    yield from (_recorded(each.entry) for each in body.changes if isinstance(each, EntryPut) and _counts(each.entry))
    if isinstance(body, Opened):
        yield from opening(body.stage)
    elif isinstance(body, Transitioned):
        yield Event("transition", (body.transition,))
        if not body.stays:
            yield Event("stage", (body.target,), body.kind == "resume")


def _recorded(entry: Any) -> Event:
    called = dict.fromkeys(str(getattr(entry, name)) for name in ("id", "name", "type") if hasattr(entry, name))
    return Event("entry", (entry.kind, *(f"{entry.kind}/{name}" for name in called)))


def _counts(entry: Any) -> bool:
    return bool(getattr(entry, "granted", True))  # an approval that was refused is none


def _passed(verdicts: Iterable[Verdict]) -> Iterator[Event]:
    uses: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        uses.setdefault((verdict.spec.guard, verdict.spec.use_id), []).append(verdict)
    for names, given in uses.items():
        # A verdict that only warns is not a failure of the guard; a guard that did not apply has not passed.
        stopped = any(verdict.blocks or verdict.overridden for verdict in given)
        if not stopped and any(verdict.status != "skipped" for verdict in given):
            yield Event("guard", names)


def events_along(edge: Edge) -> Iterator[Event]:
    """
    Yield the events that are certain when a project takes an edge of the graph.
    """
    for use in edge.transition.guards:
        if is_certain(use):
            yield Event("guard", (use.use, use.id or use.use))
    yield Event("transition", (edge.transition.id,))
    if not edge.stays:
        yield Event("stage", (edge.target,), edge.transition.kind == "resume")


def budget_of(transition: Transition) -> int | None:
    """
    Return how often a transition can be taken in the life of a project, if a guard ``loop_budget`` says so.
    """
    limits: list[Any] = [
        use.params.get("max")
        for use in transition.guards
        if use.use == "loop_budget" and is_certain(use) and use.params.get("transition") == transition.id
    ]
    return min(limits, default=None)
