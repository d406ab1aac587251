"""
Binds the rules for signals from outside: the effects of each rule, and the transition that it offers.
"""

from __future__ import annotations

from typing import NamedTuple

from .._definition.report import Fault, fault, unknown_choice
from .._model.definition import Definition
from .._model.signal_rule import SIGNALS, SignalRule
from .._model.uses import EffectUse
from ..errors import nearest
from ..typing import Effect
from .bind_guards import DeclaredNames, bind_effects


class BoundSignal(NamedTuple):
    """
    A rule of signals with its effects.
    """

    rule: SignalRule
    effects: tuple[tuple[EffectUse, Effect], ...]


def bind_signals(definition: Definition, declared: DeclaredNames, faults: list[Fault]) -> tuple[BoundSignal, ...]:
    """
    Return the rules of signals, in file order; what is wrong is added to *faults*.
    """
    triggers = {transition.trigger for transition in definition.transitions}
    bound: list[BoundSignal] = []
    for index, rule in enumerate(definition.signals):
        path = f"signals[{index}]"
        faults += [unknown_choice(f"{path}.kinds", kind, SIGNALS) for kind in rule.kinds if kind not in SIGNALS]
        unread = declared.unread_parts.may_hold("transitions", str(rule.offer))
        if rule.offer is not None and rule.offer not in triggers and not unread:
            near = nearest(rule.offer, triggers)
            faults.append(fault(f"{path}.offer", "transition.unknown", name=rule.offer, near=near))
        bound.append(BoundSignal(rule, bind_effects(rule.effects, declared, f"{path}.effects", faults)))
    return tuple(bound)
