"""
The basic values: money, actors, labels, durations, ids.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, TypeAlias, TypeGuard, TypeVar, cast
from unicodedata import normalize

import attrs

from ..errors import CurrencyMismatchError, InputError, is_chinese, nearest, plain, say
from .frozen import FrozenDict, noun


Item = TypeVar("Item")
Lang: TypeAlias = Literal["en", "zh"]
"""A language that labels and messages exist in."""


def language(tag: str) -> Lang:
    """
    Return the language of texts that is nearest to a tag such as ``zh-CN``, ``en_US.UTF-8`` or ``fr``.

    Every Chinese language is read in Chinese, every other language in English.

    Raises:
        InputError: for anything but a text.
    """
    if not isinstance(tag, str):  # callers without a type checker pass anything
        raise InputError("language", tag, say("input.language"))
    return "zh" if is_chinese(tag) else "en"


_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63})*\Z")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_MOST_DIGITS = 100
_FIRST_YEAR, _LAST_YEAR = 1000, 8999
_DURATION = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,4})?)(bd|bh|d|h|m)\Z")


def check_id(value: object, what: str) -> str:
    """
    Return *value* if it is an id: 1 to 128 of ``A-Za-z0-9._-``, not starting with a sign.

    Raises:
        InputError: naming *what* it was meant for.
    """
    if isinstance(value, str) and _ID.match(value):
        return value
    raise InputError(what, value, say("input.id"))


def is_name(value: object) -> bool:
    """
    Tell whether *value* is a snake_case name, with dots between the parts of a plugin's name.
    """
    return isinstance(value, str) and len(value) <= 128 and _NAME.match(value) is not None


def check_text(value: str | None, what: str) -> str | None:
    """
    Return a text that may be left out.

    Raises:
        InputError: if it is anything else.
    """
    if value is not None and not isinstance(value, str):
        raise InputError(what, value, say("input.optional_text"))
    return value


def to_utc(value: object, what: str) -> datetime:
    """
    Return an aware time in UTC.

    Raises:
        InputError: if *value* is no ``datetime``, is naive, or leaves the calendar in UTC.
    """
    if not isinstance(value, datetime):
        raise InputError(what, value, say("input.aware"))
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None or value.utcoffset() is None:
        raise InputError(what, value.isoformat(), say("input.naive"))
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise InputError(what, value.isoformat(), say("input.calendar_end")) from None


def within_reach(value: date) -> bool:
    """
    Tell whether durations can be added to a date or time, up to a century, without leaving the calendar.
    """
    return _FIRST_YEAR <= value.year <= _LAST_YEAR


def check_reach(value: date, what: str) -> None:
    """
    Refuse a date or time that is out of reach, such as 9999-12-31: it means that there is none.

    Raises:
        InputError: naming *what* it was meant for.
    """
    if not within_reach(value):
        hint = say("input.years", first=_FIRST_YEAR, last=_LAST_YEAR)
        raise InputError(what, value.isoformat(), hint)


def is_number(value: object) -> TypeGuard[int | float | Decimal]:
    """
    Tell whether a value is a finite number; a truth value is none.
    """
    if isinstance(value, (float, Decimal)):
        return math.isfinite(value) if isinstance(value, float) else value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)


def _to_decimal(value: object) -> Decimal:
    if isinstance(value, (float, bool)):
        raise InputError("amount of money", value, say("input.float_money"))
    if isinstance(value, (str, int, Decimal)):
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        # An exponent of millions would be written out as millions of zeros.
        if number.is_finite() and abs(number.adjusted()) <= _MOST_DIGITS:
            return number
    raise InputError("amount of money", value, say("input.decimal"))


def _to_currency(value: object) -> str:
    if isinstance(value, str) and _CURRENCY.match(value):
        return value
    raise InputError("currency", value, say("input.currency"))


@noun
class Money:
    """
    An amount with its currency: ``Money("1200.50", "CNY")``.

    Equal amounts are equal however they are written (``1.0`` and ``1.00``).

    Args:
        amount: a string, ``int`` or ``Decimal``; never a float.
        currency: ISO 4217 code.

    Raises:
        InputError: for a float, a non-number, or a currency that is not a code.
        CurrencyMismatchError: when two currencies are added or compared.
    """

    amount: Decimal = attrs.field(converter=_to_decimal)
    currency: str = attrs.field(converter=_to_currency)

    def __repr__(self) -> str:
        return f"Money({str(self.amount)!r}, {self.currency!r})"

    @classmethod
    def parse(cls, text: str) -> Money:
        """
        Read ``"100000 CNY"``.

        Raises:
            InputError: if *text* is not that.
        """
        given = text.strip() if isinstance(text, str) else ""
        number, _, currency = given.partition(" ")
        if not currency:
            raise InputError("amount of money", text, say("input.money_text"))
        return cls(number, currency.strip())

    def _same(self, other: Money) -> Decimal:
        if not isinstance(other, Money):
            raise InputError("other amount", other, say("input.money_only"))
        if self.currency != other.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return other.amount

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


def check_title(value: object) -> None:
    """
    Check that *value* can name a project for people: 1 to 500 characters in any script, not only blanks.

    Raises:
        InputError: also for control characters, line breaks and marks of direction.
    """
    if not (isinstance(value, str) and value.strip() and len(value) <= 500 and plain(value) == value):
        raise InputError("name of a project", value, say("input.title"))


def person(name: str | None) -> str:
    """
    Return a person's name in its one normal form: composed (NFC), without blanks at its ends; the case is kept.
    """
    return normalize("NFC", name or "").strip()


def same_person(name: str | None, other: str | None) -> bool:
    """
    Tell whether two names are one person's. Nobody is the same as nobody else: an empty name equals none.
    """
    return bool(person(name)) and person(name) == person(other)


def actor_name(value: object) -> str:
    """
    Return the name of a person or program, in any script: 1 to 128 printable characters.
    """
    if isinstance(value, str) and value.strip() and len(value) <= 128 and value.isprintable():
        return value
    raise InputError("actor name", value, say("input.actor_name"))


def to_roles(value: Any) -> frozenset[str]:
    """
    Return roles from any collection of their names.

    Raises:
        InputError: for anything else.
    """
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InputError("roles of an actor", value, say("input.roles"))
    roles = tuple(cast("Iterable[object]", value))
    for role in roles:
        if not is_name(role):
            raise InputError("role", role, say("input.role"))
    return frozenset(map(str, roles))


@noun
class Actor:
    """
    Who acts: ``Actor("li.wei", roles={"project_lead"})``.

    The host authenticates; salesflow records the name and lets guards read the roles.

    Attributes:
        name: unique to the person; trimmed, in Unicode's composed form (NFC).
        roles: what the person may act as.
    """

    name: str = attrs.field(converter=actor_name)
    roles: frozenset[str] = attrs.field(default=frozenset(), converter=to_roles, kw_only=True)


@noun
class Label:
    """
    A text in English and Chinese.

    :meth:`text` falls back from the given language to the other.

    Attributes:
        en, zh: blank where there is none.
    """

    en: str = ""
    zh: str = ""

    def text(self, lang: str = "en") -> str:
        """
        Return the text in the language nearest to *lang*, any tag, or in the language there is.
        """
        return (self.zh or self.en) if language(lang) == "zh" else (self.en or self.zh)

    def missing(self) -> tuple[Lang, ...]:
        """
        Return the languages that have no text.
        """
        languages: tuple[Lang, ...] = ("en", "zh")
        return tuple(lang for lang in languages if not getattr(self, lang))


Unit: TypeAlias = Literal["d", "bd", "h", "bh", "m"]
"""What a duration is counted in."""

_TICK: Final = timedelta(microseconds=1)
_UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "bd": timedelta(days=1),
    "bh": timedelta(hours=1),
}

_LONGEST: Final = timedelta.max.days

CENTURY: Final = timedelta(days=36_525)
"""The longest time that a definition may ask for: 100 years."""


def _check_amount(_made: object, _attribute: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, float) or not is_number(value) or not 0 <= value <= _LONGEST:
        raise InputError("amount of a duration", value, say("input.between", low=0, high=_LONGEST))


def _check_unit(_made: object, _attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or value not in _UNITS:
        raise InputError("unit of a duration", value, say("input.choice", known=_UNITS, near=nearest(value, _UNITS)))


@noun
class Duration:
    """
    A length of time as a definition writes it: ``14d``, ``5bd``, ``12h``, ``30m``, ``37.5bh``.

    ``bd`` are working days of the lifecycle's calendar and ``bh`` its working hours; ``d`` are days of 24 hours,
    whatever the clocks do.

    Raises:
        InputError: for an amount below 0 or out of reach, and a unit that is none of these.
    """

    amount: int | Decimal = attrs.field(validator=_check_amount)
    unit: Unit = attrs.field(validator=_check_unit)

    @classmethod
    def parse(cls, text: str) -> Duration:
        """
        Read ``"14d"``.

        Raises:
            InputError: if *text* is not a duration.
        """
        found = _DURATION.match(text) if isinstance(text, str) else None
        if not found:
            raise InputError("duration", text, say("input.duration"))
        amount = Decimal(found[1]) if "." in found[1] else int(found[1])
        return cls(amount, found[2])  # type: ignore[arg-type]  # the pattern allows the five units only

    @property
    def span(self) -> timedelta:
        """
        Its length; a working day has 24 hours of working time.
        """
        unit = _UNITS[self.unit]
        if isinstance(self.amount, int):
            return self.amount * unit
        return timedelta(microseconds=int(self.amount * (unit // _TICK)))

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


def to_label(value: Any) -> Label:
    """
    Return a label from a label, an English text or a mapping of languages.

    Raises:
        InputError: for anything else.
    """
    if isinstance(value, Label):
        return value
    texts: Mapping[Any, Any] = {"en": value} if isinstance(value, str) else value
    if isinstance(texts, Mapping) and texts.keys() <= {"en", "zh"} and all(isinstance(v, str) for v in texts.values()):
        return Label(**texts)
    raise InputError("label", value, say("input.label"))


def to_labels(value: Any) -> Mapping[str, Label]:
    """
    Return labels by name, each from what :func:`to_label` takes; anything but a mapping is kept, and becomes a fault.
    """
    if not isinstance(value, Mapping):
        return cast("Mapping[str, Label]", value)
    return FrozenDict({name: to_label(label) for name, label in cast("Mapping[str, Any]", value).items()})


def to_items(value: Iterable[Item]) -> tuple[Item, ...]:
    """
    Return what was given in a list, or in anything else that can be gone through.

    Raises:
        InputError: for a single thing.
    """
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InputError("list", value, say("input.list"))
    return tuple(value)


def to_tuple(value: str | Iterable[str]) -> tuple[str, ...]:
    """
    Return several texts; a single text needs no brackets.
    """
    return (value,) if isinstance(value, str) else to_items(value)


def to_duration(value: Any) -> Duration:
    """
    Return a duration from one, or from its text.
    """
    return value if isinstance(value, Duration) else Duration.parse(value)


Value: TypeAlias = str | int | float | bool | Decimal | Money | date | datetime | None
"""What a field of a project can hold; ``None`` clears it."""
