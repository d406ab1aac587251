"""
The rule for signals from outside, as a definition writes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, get_args

import attrs

from .frozen import noun
from .uses import EffectUse, to_effects
from .values import to_tuple


SignalKind: TypeAlias = Literal["market", "need", "partner", "competitor"]

SIGNALS: Final[tuple[SignalKind, ...]] = get_args(SignalKind)
"""Where a signal may come from: the market, a need of the customer, a partner, a competitor."""


def _kinds(value: str | Iterable[str]) -> tuple[str, ...]:
    return to_tuple(value)


@noun
class SignalRule:
    """
    What follows when :meth:`salesflow.Pipeline.signal` records a signal of one of several kinds.

    Args:
        kinds: which: ``market``, ``need``, ``partner``, ``competitor``.
        offer: a trigger that is offered, such as a loop back to the strategy, where it leads on from the stage.
        to: who is notified of the offer, as in the effect ``notify``.
        reassess: whether all early warnings are evaluated at once.
        effects: what else happens in the same commit, such as an issue that is opened.
    """

    kinds: tuple[str, ...] = attrs.field(converter=_kinds)
    offer: str | None = attrs.field(default=None, kw_only=True)
    to: tuple[str, ...] = attrs.field(default=("owner",), converter=to_tuple, kw_only=True)
    reassess: bool = attrs.field(default=False, kw_only=True)
    effects: tuple[EffectUse, ...] = attrs.field(default=(), converter=to_effects, kw_only=True)
