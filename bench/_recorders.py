"""
The same lifecycle in the two libraries that also record: load, move and save, in memory.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from _deal import AMOUNT, LEAST, MOVES, STAGES, WALK
from _timing import Contender


def xstate_machine() -> Any:
    """
    Return the lifecycle as ``xstate-statemachine`` wants it.
    """
    from xstate_statemachine import create_machine
    from xstate_statemachine.machine_logic import MachineLogic

    logging.getLogger("xstate_statemachine").setLevel(logging.ERROR)

    def priced(context: dict[str, Any], _event: Any) -> bool:
        return context["amount"] is not None and context["amount"] >= LEAST

    states: dict[str, dict[str, Any]] = {stage: {"on": {}} for stage in STAGES}
    states["won"] = {"type": "final"}
    for trigger, source, target in MOVES:
        states[source]["on"][trigger] = {"target": target, "guard": "priced"}
    chart = {"id": "deal", "initial": "lead", "context": {"amount": AMOUNT}, "states": states}
    return create_machine(chart, logic=MachineLogic(guards={"priced": priced}))


def xstate_statemachine() -> list[Contender]:
    """
    ``persisted(MemoryStore(), …)``: one block an event, a snapshot each.
    """
    from xstate_statemachine.persistence import MemoryStore, persisted

    machine = xstate_machine()

    def prepare(count: int) -> Sequence[Any]:
        store = MemoryStore()
        keys = [f"deal-{number}" for number in range(count)]
        for key in keys:
            with persisted(store, key, machine):
                pass
        return [(store, key) for key in keys]

    def walk(subject: tuple[Any, str]) -> None:
        store, key = subject
        for trigger in WALK:
            with persisted(store, key, machine) as deal:
                deal.send(trigger)

    _check("xstate-statemachine", prepare, walk, lambda store, key: store.load(key).snapshot)
    return [Contender("xstate-statemachine, persisted", prepare, walk, len(WALK), 10)]


def aggregate() -> Any:
    """
    Return the class of a deal as ``eventsourcing`` wants it.
    """
    from eventsourcing.domain import Aggregate, event

    targets = {(source, trigger): target for trigger, source, target in MOVES}

    class Deal(Aggregate):
        @event("Opened")
        def __init__(self, amount: int) -> None:
            self.amount = amount
            self.stage = "lead"

        @event("Moved")
        def moved(self, trigger: str, target: str) -> None:  # noqa: ARG002 -- the event records it
            self.stage = target

        def fire(self, trigger: str) -> None:
            if self.amount is None or self.amount < LEAST:
                raise ValueError("amount")
            self.moved(trigger, targets[self.stage, trigger])

    return Deal


def eventsourcing() -> list[Contender]:
    """
    An aggregate with one event class; repository get, trigger, save.
    """
    from eventsourcing.application import Application

    deal_class = aggregate()

    def prepare(count: int) -> Sequence[Any]:
        app: Application[Any] = Application()
        deals = [deal_class(AMOUNT) for _ in range(count)]
        app.save(*deals)
        return [(app, deal.id) for deal in deals]

    def walk(subject: tuple[Any, Any]) -> None:
        app, key = subject
        for trigger in WALK:
            deal = app.repository.get(key)
            deal.fire(trigger)
            app.save(deal)

    _check("eventsourcing", prepare, walk, lambda app, key: app.repository.get(key).stage)
    return [Contender("eventsourcing, in memory", prepare, walk, len(WALK), 20)]


def _check(name: str, prepare: Any, walk: Any, stage_of: Any) -> None:
    subject = prepare(1)[0]
    walk(subject)
    if "won" not in str(stage_of(*subject)):
        raise SystemExit(f"{name}: the deal did not reach its last stage")
