"""
The reasons why a figure has no value, in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .._model.values import Label
from .._model.vocabulary import words_of


REASONS: Final[Mapping[str, Label]] = words_of("reason")
"""What the codes say that stand as ``reason`` where a figure has no value."""


def reason_label(reason: str | None) -> Label:
    """
    Return what a reason says; what a host or plugin gave as its own stays as it is.
    """
    return REASONS.get(reason or "") or Label(reason or "")
