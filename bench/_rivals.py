"""
The same lifecycle in other libraries, each the way its manual shows.

``transitions``, ``automat``, ``django-fsm-2`` and ``python-statemachine`` move an object in
memory and keep no record. The last two, ``xstate-statemachine`` and ``eventsourcing``, load a
deal from a store in memory, move it and save it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Protocol

import _recorders
from _deal import AMOUNT, LEAST, MOVES, STAGES, WALK, Deal
from _timing import Contender


def rivals() -> list[Contender]:
    """
    Return a contender for every library that is installed; say which ones are not.
    """
    found: list[Contender] = []
    for name, (module, make) in _MAKERS.items():
        if find_spec(module):
            found.extend(make())
        else:
            print(f"   {name} is left out: not installed; pip install -e '.[bench]' -c bench/constraints.txt")
    return found


def _transitions() -> list[Contender]:
    from transitions import Machine

    def priced(event: Any) -> bool:
        return event.model.amount is not None and event.model.amount >= LEAST

    moves = [{"trigger": t, "source": s, "dest": d, "conditions": [priced]} for t, s, d in MOVES]
    settings: dict[str, Any] = {
        "states": list(STAGES),
        "transitions": moves,
        "auto_transitions": False,
        "send_event": True,
    }
    machine = Machine(model=None, initial="lead", **settings)
    headless = Machine(model=None, initial=None, **settings)
    events = headless.events

    def added(count: int) -> list[Deal]:
        machine.models.clear()  # adding looks through the models there are
        deals = [Deal() for _ in range(count)]
        for deal in deals:
            machine.add_model(deal)
        return deals

    def walk(deal: Any) -> None:
        for trigger in WALK:
            getattr(deal, trigger)()

    def walk_headless(deal: Deal) -> None:
        for trigger in WALK:
            events[trigger].trigger(deal)

    return [
        Contender("transitions, add_model", added, walk, len(WALK)),
        Contender(
            "transitions, headless event", lambda count: [Deal() for _ in range(count)], walk_headless, len(WALK)
        ),
    ]


class Inputs(Protocol):
    """
    The events, the way ``automat`` wants them declared.
    """

    def qualify(self) -> None: ...
    def propose(self) -> None: ...
    def negotiate(self) -> None: ...
    def revise(self) -> None: ...
    def hold(self) -> None: ...
    def resume(self) -> None: ...
    def win(self) -> None: ...


def _automat() -> list[Contender]:
    from automat import TypeMachineBuilder

    builder = TypeMachineBuilder(Inputs, Deal)
    states = {stage: builder.state(stage) for stage in STAGES}

    def guarded(_inputs: Inputs, deal: Deal) -> None:
        # automat has no guards; the check stands in the body of the transition.
        if deal.amount is None or deal.amount < LEAST:
            raise ValueError("amount")

    for trigger, source, target in MOVES:
        states[source].upon(getattr(Inputs, trigger)).to(states[target])(guarded)
    build = builder.build()

    def walk(deal: Any) -> None:
        for trigger in WALK:
            getattr(deal, trigger)()

    return [Contender("automat", lambda count: [build(Deal()) for _ in range(count)], walk, len(WALK))]


def _django_fsm() -> list[Contender]:
    import django
    from django.conf import settings

    settings.configure(DEFAULT_AUTO_FIELD="django.db.models.AutoField", INSTALLED_APPS=[])
    django.setup()
    from django.db import models
    from django_fsm import FSMField, transition

    def priced(deal: Any) -> bool:
        return deal.amount is not None and deal.amount >= LEAST

    def method(name: str) -> Callable[[Any], None]:
        def move(_self: Any) -> None: ...

        move.__name__ = name
        return move

    stage = FSMField(default="lead")
    body: dict[str, Any] = {
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "bench"}),
        "stage": stage,
        "amount": models.IntegerField(null=True),
    }
    for trigger, source, target in MOVES:
        body[trigger] = transition(field=stage, source=source, target=target, conditions=[priced])(method(trigger))
    model = type("Deal", (models.Model,), body)

    def walk(deal: Any) -> None:
        for trigger in WALK:
            getattr(deal, trigger)()

    return [
        Contender("django-fsm-2, unsaved", lambda count: [model(amount=AMOUNT) for _ in range(count)], walk, len(WALK))
    ]


def _python_statemachine() -> list[Contender]:
    from statemachine import State, StateMachine

    class Machine(StateMachine):
        lead, won = State(initial=True), State(final=True)
        qualified, proposed, negotiating, on_hold = State(), State(), State(), State()
        qualify = lead.to(qualified, cond="priced")
        propose = qualified.to(proposed, cond="priced")
        negotiate = proposed.to(negotiating, cond="priced")
        revise = negotiating.to(proposed, cond="priced")
        hold = negotiating.to(on_hold, cond="priced")
        resume = on_hold.to(negotiating, cond="priced")
        win = negotiating.to(won, cond="priced")
        amount = AMOUNT

        def priced(self) -> bool:
            return self.amount is not None and self.amount >= LEAST

    def walk(machine: Any) -> None:
        for trigger in WALK:
            getattr(machine, trigger)()

    return [Contender("python-statemachine", lambda count: [Machine() for _ in range(count)], walk, len(WALK), 40)]


_MAKERS: dict[str, tuple[str, Callable[[], list[Contender]]]] = {
    "transitions": ("transitions", _transitions),
    "automat": ("automat", _automat),
    "django-fsm-2": ("django_fsm", _django_fsm),
    "python-statemachine": ("statemachine", _python_statemachine),
    "xstate-statemachine": ("xstate_statemachine", _recorders.xstate_statemachine),
    "eventsourcing": ("eventsourcing", _recorders.eventsourcing),
}
