"""
How the nouns of a definition take what a user writes: labels, lists of texts, durations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from .values import Duration, Label


def to_label(value: Any) -> Label:
    """
    Return a label from a label, an English text or a mapping of languages.
    """
    if isinstance(value, Mapping):
        return Label(**cast("Mapping[str, str]", value))
    return value if isinstance(value, Label) else Label(value)


def to_tuple(value: str | Iterable[str]) -> tuple[str, ...]:
    """
    Return several texts; a single one needs no brackets.
    """
    return (value,) if isinstance(value, str) else tuple(value)


def to_duration(value: Any) -> Duration:
    """
    Return a duration from one, or from its text.
    """
    return value if isinstance(value, Duration) else Duration.parse(value)
