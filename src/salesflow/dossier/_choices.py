"""
The labels of the choices of entries, read from their file when they are first used.
"""

from __future__ import annotations

from typing import Final

from .._model.vocabulary import name_of, tables_of


__all__ = ["CHOICES", "IDENTIFIED_BY", "IMPACT_TYPES", "RESPONSE_TYPES", "name_of"]

CHOICES: Final = tables_of("choice")
"""
Labels of choices, by what is chosen: ``channel``, ``pricing_method``, ``promotion_type``, ``research_goal``,
``research_method``, ``training_type``, ``reward_type``, ``event_type``, ``feedback_type``, ``skill``, ``trait`` and so
on; ``choice`` has all that need no table of their own.

Channels, skills and traits may also have names of the host's own.
"""

IDENTIFIED_BY: Final = CHOICES["identified_by"]
"""How a risk may have been found."""

IMPACT_TYPES: Final = CHOICES["impact_type"]
"""What a risk may harm, by the name in ``Risk.impacts``; other names are a host's own."""

RESPONSE_TYPES: Final = CHOICES["response_type"]
"""How a risk may be answered."""
