"""
How a definition uses what it names with parameters: effects, scorers and risk checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from .frozen import EMPTY, freeze, noun
from .predicate import Predicate, to_predicate
from .values import to_items
from .written import written_params


def to_when(value: Any) -> Predicate | None:
    """
    Return a predicate from one, or from its data.
    """
    return None if value is None else to_predicate(value)


@noun
class EffectUse:
    """
    One use of an effect.

    Args:
        use: the effect's name.
        params: the effect's parameters.
        when: a predicate; the effect runs where it is true.
    """

    use: str
    params: Mapping[str, Any] = attrs.field(default=EMPTY, converter=freeze, eq=written_params)
    when: Predicate | None = attrs.field(default=None, converter=to_when, kw_only=True)

    def but(self, **changes: Any) -> EffectUse:
        """
        Return this use with ``when`` changed.

        >>> from salesflow import effects
        >>> effects.notify(("owner",)).but(when={"urgent": True}).when
        Compare(field='urgent', op='eq', value=True)
        """
        return attrs.evolve(self, **changes)


@noun
class AdviceUse:
    """
    One use of a scorer or of a risk check.

    Args:
        use: its name.
        params: its parameters.
        id: what its score or finding is called; defaults to the name.
        when: a predicate; where it is false it is not asked.
    """

    use: str
    params: Mapping[str, Any] = attrs.field(default=EMPTY, converter=freeze, eq=written_params)
    id: str | None = attrs.field(default=None, kw_only=True)
    when: Predicate | None = attrs.field(default=None, converter=to_when, kw_only=True)


def to_effects(value: Iterable[EffectUse]) -> tuple[EffectUse, ...]:
    """
    Return several uses of effects.
    """
    return to_items(value)
