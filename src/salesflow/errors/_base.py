"""
The base of every error, and the words that messages share.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any, Final

from ._messages import Message, in_language, plain


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


def reason_of(error: BaseException) -> BaseException | str:
    """
    Return what an error says, for a message about it: in both languages if the error has both.
    """
    if isinstance(error, SalesflowError):
        return error
    message = error.args[0] if error.args else ""
    return message if isinstance(message, Message) else str(error) or type(error).__name__


def _rebuild(kind: type[SalesflowError], args: tuple[Any, ...], parts: dict[str, Any]) -> SalesflowError:
    error = kind.__new__(kind)
    SalesflowError.__init__(error, *args, **parts)
    return error


def _plain(part: object) -> object:
    # A message is plain already, and would lose its Chinese.
    return plain(part, lines=True) if isinstance(part, str) and not isinstance(part, Message) else part


class SalesflowError(Exception):
    """
    The base of every error of this library.

    Args:
        parts: what the sentence speaks of; each becomes an attribute.
    """

    def __init__(self, *sentence: object, **parts: object) -> None:
        self.__dict__.update(parts)
        super().__init__(*map(_plain, sentence))

    def text(self, lang: str = "en") -> str:
        """
        Say what is wrong, and the next step, in the language nearest to *lang*, any tag; ``str()`` says it in English.
        """
        return in_language(self.args[0], lang) if self.args and isinstance(self.args[0], Message) else str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle by calling their class with ``args``; ours take their
        # parts instead, so the parts travel beside the sentence.
        return _rebuild, (type(self), self.args, self.__dict__)
