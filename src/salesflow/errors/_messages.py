r"""
Messages of faults and errors: a code and its parts, written in English or Chinese from the catalogues in ``messages/``.

A catalogue is TOML: for each code a sentence in each language, or two of them, what is wrong and the next step.
Its places are ``{name}``, ``{name!r}`` for a value as Python shows it, ``{name!c}`` for a clause without its full stop,
and ``{name:,}`` for a large number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, NamedTuple, Self, cast


_CHINESE: Final = frozenset({"zh", "zho", "chi", "cmn", "yue", "wuu", "hak", "nan", "gan", "hsn", "lzh"})
_SUBTAG: Final = re.compile(r"[^a-z]")
_PLACE: Final = re.compile(r"\{(\w+)(!r|!c|:,)?\}")
# A process that gave up its rights may not be allowed to read our files any more; its errors shall say what they can.
_UNREADABLE: Final = (ImportError, OSError)
_HARMLESS: Final = frozenset("\u00a0\u200c\u200d\u202f\u3000")
"""What is not called printable and yet does nothing but join or part letters; Chinese and Persian texts need it."""


def is_chinese(tag: object) -> bool:
    """
    Tell whether texts for a language tag are read in Chinese; for every other tag they are read in English.
    """
    return tag == "zh" or (isinstance(tag, str) and _SUBTAG.split(tag.strip().lower(), maxsplit=1)[0] in _CHINESE)


def shown(value: object, *, limit: int = 80) -> str:
    """
    Return *value* as a message names it, cut to *limit* characters: its ``repr``, or its class where it has none.

    Times, days and numbers are written for people; so are texts, within quotation marks.
    """
    try:
        text = for_people(value) if isinstance(value, (date, Decimal)) else repr(value)
    except Exception:  # noqa: BLE001 -- too deep, too many digits, or anything: a message must not fail over it
        text = f"<{type(value).__name__}>"
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


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


def for_people(part: object) -> str:
    """
    Return a text for a part of a message; times are written to the minute, or to the second, with their zone.
    """
    if isinstance(part, datetime):
        exact = part.second or part.microsecond
        return f"{part:%Y-%m-%d %H:%M:%S}".removesuffix("" if exact else ":00") + f" {part.tzinfo or ''}".rstrip()
    return f"{part:f}" if isinstance(part, Decimal) and part.is_finite() else str(part)


@cache
def catalogue() -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """
    Return the sentences of every code, in English and in Chinese. They are read once, when the first is needed.
    """
    import tomllib  # noqa: PLC0415 -- few programs make mistakes
    from importlib.resources import files  # noqa: PLC0415 -- as above

    found: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for file in files("salesflow.errors").joinpath("messages").iterdir():
        for code, texts in tomllib.loads(file.read_text("utf-8")).items():
            found[code] = _several(texts["en"]), _several(texts["zh"])
    return found


def _several(texts: str | list[str]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


class Message(str):
    """
    A sentence of a catalogue with its places filled: as a text it is English, and :meth:`text` has it in Chinese too.

    Attributes:
        code: of the catalogue.
        parts: what its places are filled with; messages and labels among them are in the language of the sentence.
            The part ``near`` asks whether that word was meant, unless it is ``None`` or blank.
        number: which of the code's sentences it is.
    """

    __slots__ = ("code", "number", "parts")

    code: str
    parts: Mapping[str, Any]
    number: int

    def __new__(cls, code: str, parts: Mapping[str, Any], number: int = 0) -> Self:
        made = super().__new__(cls, _sentence(code, parts, number, zh=False))
        made.code, made.parts, made.number = code, parts, number
        return made

    def text(self, lang: str = "en") -> str:
        """
        Return the sentence in the language nearest to *lang*, any tag.
        """
        return _sentence(self.code, self.parts, self.number, zh=True) if is_chinese(lang) else str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.parts, self.number)


def say(code: str, /, **parts: Any) -> Message:
    """
    Return the sentence of a code.
    """
    return Message(code, parts)


def say_both(code: str, /, **parts: Any) -> tuple[Message, Message]:
    """
    Return the two sentences of a code: what is wrong, and the next step, which may be empty.
    """
    return Message(code, parts), Message(code, parts, 1)


class _Text(NamedTuple):
    """
    A text of a plugin or a host, which no catalogue has.
    """

    en: str
    zh: str

    def text(self, lang: str = "en") -> str:
        return self.zh if is_chinese(lang) else self.en


def in_two_languages(en: str, zh: str) -> Message:
    """
    Return what a plugin or a host says in an error, such as its hint, in both languages.
    """
    return say("said", text=_Text(en, zh))


def term(text: str) -> str:
    """
    Return a thing's name as a message, if the catalogues know it in both languages, and else as it is.
    """
    try:
        return say(f"term.{text}") if f"term.{text}" in catalogue() else text
    except _UNREADABLE:
        return text


def in_language(part: object, lang: str) -> str:
    """
    Write a part of a message in a language; several parts are joined in a list.
    """
    text = getattr(part, "text", None)
    if callable(text):
        return plain(str(text(lang)), lines=True)
    if isinstance(part, Iterable) and not isinstance(part, str):
        items = [in_language(item, lang) for item in cast("Iterable[object]", part)]
        return ("、" if is_chinese(lang) else ", ").join(items) or in_language(Message("none", {}), lang)
    return plain(for_people(part))


def _sentence(code: str, parts: Mapping[str, Any], number: int, *, zh: bool) -> str:
    lang = "zh" if zh else "en"
    try:
        sentences = catalogue()[code][zh]
    except _UNREADABLE:
        return plain(f"{code}: {', '.join(map(shown, parts.values()))}") if not number else ""

    def fill(place: re.Match[str]) -> str:
        value, how = parts[place[1]], place[2]
        if place[1] == "near":
            return "" if not value else f"{'' if zh else ' '}{_sentence('near', {'word': value}, 0, zh=zh)}"
        if how in (None, "!c"):
            said = in_language(value, lang)
            return said.rstrip(".。") if how else said
        return plain(shown(value) if how == "!r" else f"{value:,}")

    return _PLACE.sub(fill, sentences[number]).strip() if number < len(sentences) else ""
