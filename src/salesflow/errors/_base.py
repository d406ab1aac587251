"""
The base of every error, and the words that messages share.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """
    Return `` Did you mean 'x'?`` for the known word nearest to *word*, or ``""``.
    """
    from difflib import get_close_matches  # noqa: PLC0415 -- few programs make mistakes

    # Callers without a type checker pass anything, and only a text can resemble another.
    near = get_close_matches(word, list(known), n=1, cutoff=0.6) if isinstance(word, str) else ()
    return f" Did you mean {near[0]!r}?" if near else ""


def shown(value: object, *, limit: int = 80) -> str:
    """
    Return the ``repr`` of *value*, cut to *limit* characters for use in a message.
    """
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def _rebuild(kind: type[SalesflowError], args: tuple[Any, ...], parts: dict[str, Any]) -> SalesflowError:
    error = kind.__new__(kind)
    SalesflowError.__init__(error, *args, **parts)
    return error


class SalesflowError(Exception):
    """
    The base of every error of this library.

    Args:
        parts: what the sentence speaks of; each becomes an attribute.
    """

    def __init__(self, *sentence: object, **parts: object) -> None:
        self.__dict__.update(parts)
        super().__init__(*sentence)

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle by calling their class with ``args``; ours take their
        # parts instead, so the parts travel beside the sentence.
        return _rebuild, (type(self), self.args, self.__dict__)
