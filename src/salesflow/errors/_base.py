"""
The base of every error, and the words that messages share.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any, Final


_LONGEST: Final = 100  # characters of a name that is worth comparing
_COMPARISONS: Final = 20_000
_left: Final[ContextVar[list[int] | None]] = ContextVar("_left", default=None)


@contextmanager
def few_suggestions() -> Generator[None]:
    """
    Bound what suggestions cost inside: after 20,000 comparisons nothing is suggested any more.

    Each misspelt name is compared with every known one, so without this a text with many of both costs the square
    of its size, and who writes it decides how long a check takes.
    """
    token = _left.set([_COMPARISONS])
    try:
        yield
    finally:
        _left.reset(token)


def nearest(word: object, known: Iterable[str]) -> str | None:
    """
    Return the known word that resembles *word* most, or ``None``.
    """
    # Callers without a type checker pass anything, and only a text can resemble another.
    if not isinstance(word, str) or len(word) > _LONGEST:
        return None
    left = _left.get() or [_COMPARISONS]
    words = list(islice((each for each in known if len(each) <= _LONGEST), left[0]))
    left[0] -= len(words)
    from difflib import get_close_matches  # noqa: PLC0415 -- few programs make mistakes

    return next(iter(get_close_matches(word, words, n=1, cutoff=0.6)), None)


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """
    Return `` Did you mean 'x'?`` for the known word nearest to *word*, or ``""``.
    """
    near = nearest(word, known)
    return "" if near is None else f" Did you mean {near!r}?"


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


_HARMLESS: Final = frozenset("\u00a0\u200c\u200d\u202f\u3000")
"""What is not called printable and yet does nothing but join or part letters; Chinese and Persian texts need it."""


def plain(text: str, *, lines: bool = False) -> str:
    r"""
    Return *text* with every sign that acts written out, as ``\x1b`` or ``\u202e``; nothing else is changed.

    Such signs are control characters, line breaks and marks of writing direction. Raw, they would move the cursor,
    forge lines or turn a text round, wherever people read it: on a screen, in a log, in a message.

    Args:
        lines: keep line feeds, for a text of several lines that were made plain before.
    """
    if text.isprintable():
        return text
    kept = _HARMLESS | {"\n"} if lines else _HARMLESS
    return "".join(sign if sign.isprintable() or sign in kept else repr(sign)[1:-1] for sign in text)


class SalesflowError(Exception):
    """
    The base of every error of this library.

    Args:
        parts: what the sentence speaks of; each becomes an attribute.
    """

    def __init__(self, *sentence: object, **parts: object) -> None:
        self.__dict__.update(parts)
        super().__init__(*(plain(part, lines=True) if isinstance(part, str) else part for part in sentence))

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle by calling their class with ``args``; ours take their
        # parts instead, so the parts travel beside the sentence.
        return _rebuild, (type(self), self.args, self.__dict__)
