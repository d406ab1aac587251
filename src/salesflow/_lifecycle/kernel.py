"""
The graph of a lifecycle as a real ``transitions.Machine``, and the table made from it.

The machine holds no project and no guard: it expands the graph, and those who know
``transitions`` can inspect it, trigger it on an object of their own with a ``state``
attribute, or draw it. Decisions walk the table, which is taken once and never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias, TypeVar

from transitions.core import Event, EventData, Machine, Transition

from .._model.frozen import noun


M = TypeVar("M")


@noun(slots=False)
class GraphEdge:
    """
    One transition of one trigger from one stage to another.

    Attributes:
        number: the index of its compiled transition.
        previous: the stage that was held, when the edge resumes it.
    """

    trigger: str
    source: str
    target: str
    number: int
    previous: str | None = None


class LifecycleTransition(Transition):
    """
    A ``transitions.Transition`` that knows its edge.
    """

    def __init__(self, *args: Any, edge: GraphEdge, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.edge = edge


class LifecycleEvent(Event):
    """
    A ``transitions.Event`` for objects that were never added to the machine.

    The stock event goes through a queue that all models of a machine share; one machine
    serves every project here, so an event is handled where it is triggered.
    """

    def trigger(self, model: Any, *args: Any, **kwargs: Any) -> bool:
        """
        Move *model* along the first edge whose conditions hold; ``False`` if none does.
        """
        moved: bool = self._trigger(EventData(None, self, self.machine, model, args=args, kwargs=kwargs))
        return moved


class LifecycleMachine(Machine):
    """
    One headless machine for one lifecycle; nothing is ever added to anybody's object.

    Trigger it with ``machine.events["approve"].trigger(thing)``, where *thing* has the
    attribute ``state`` (and ``previous``, to resume). It knows the graph only; guards are
    the business of :meth:`salesflow.Lifecycle.decide`.
    """

    transition_cls: type[Transition] = LifecycleTransition
    event_cls: type[Event] = LifecycleEvent

    def __init__(self, stages: Sequence[str], edges: Iterable[GraphEdge]) -> None:
        super().__init__(model=None, states=list(stages), initial=None, auto_transitions=False, send_event=True)
        for edge in edges:
            came_from = () if edge.previous is None else (_came_from(edge.previous),)
            conditions: list[str | Callable[..., bool | None]] = [*came_from]
            self.add_transition(edge.trigger, edge.source, edge.target, conditions=conditions, edge=edge)


def _came_from(stage: str) -> Callable[..., bool | None]:
    def came_from(event: EventData) -> bool | None:
        return getattr(event.model, "previous", None) == stage

    return came_from


Table: TypeAlias = dict[str, dict[str, tuple[M, ...]]]
"""Stage, then trigger, then the compiled transitions in the order they are tried."""


def snapshot(machine: LifecycleMachine, move_of: Callable[[GraphEdge], M]) -> Table[M]:
    """
    Return the machine's graph as a table, which later edits of the machine do not reach.
    """
    table: Table[M] = {stage: {} for stage in machine.states}
    for trigger, event in machine.events.items():
        for source, transitions in event.transitions.items():
            table[source][trigger] = tuple(move_of(_edge_of(transition)) for transition in transitions)
    return table


def _edge_of(transition: Transition) -> GraphEdge:
    if not isinstance(transition, LifecycleTransition):  # pragma: no cover -- the machine makes no other
        raise TypeError(transition)
    return transition.edge
