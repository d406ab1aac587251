"""
Delivery: the recipients of a notice, and the answers of a plugin that delivers it.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from datetime import datetime, time
from typing import Any, Final, Literal, TypeAlias, cast

import attrs

from ..errors import InputError, say, say_both, shown
from .frozen import noun
from .values import person, to_roles, to_utc
from .zones import zone_named


Status: TypeAlias = Literal["done", "later", "failed"]


def _text(_recipient: Recipient, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str):
        raise InputError(say("what.recipient", attribute=attribute.name), value, say("input.text"))


def _zone(_recipient: Recipient, _attribute: attrs.Attribute[Any], value: object) -> None:
    if value != "" and (not isinstance(value, str) or zone_named(value) is None):
        raise InputError(say("what.recipient", attribute="zone"), value, say_both("value.choice/zone", value=value)[1])


def _time_of_day(value: object) -> str:
    if isinstance(value, str) and len(value) == len("17:00"):
        try:
            return f"{time.fromisoformat(value):%H:%M}"
        except ValueError:
            pass
    raise InputError("time of day", value, say("input.time_of_day"))


def _digest(value: object) -> str:
    return "" if value == "" else _time_of_day(value)


def _quiet(value: object) -> tuple[str, str] | None:
    if value is None:
        return None
    given = value
    hours = tuple(cast("Iterable[object]", value)) if isinstance(value, (tuple, list)) else ()
    if len(hours) != 2:
        raise InputError(say("what.recipient", attribute="quiet"), given, say("input.quiet_hours"))
    return _time_of_day(hours[0]), _time_of_day(hours[1])


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError("name of a recipient", value, say("input.recipient_name"))
    return person(value)


@noun
class Recipient:
    """
    A person whom the directory found for an address: ``Recipient("li.wei", "li.wei@example.com", channel="mail")``.

    Attributes:
        name: tells this person from others; who is found twice gets one delivery.
        address: where a notice is delivered; by default the name.
        lang: the person's language.
        channel: how the person is reached, for example ``mail``; it comes before the address, ``mail:li.wei@…``,
            in what is delivered.
        plugin: who delivers to the person; by default every plugin that delivers.
        zone: the person's time zone, by its IANA name; by default that of the lifecycle.
        quiet: from when to when nothing is delivered, in that zone: ``("22:00", "08:00")``.
        digest: when all that came since yesterday is delivered as one notice: ``"17:00"``.
        roles: of the person whom a deputy represents, in which roles.
    """

    name: str = attrs.field(converter=_name)
    address: str = attrs.field(default="", validator=_text)
    lang: str = attrs.field(default="en", kw_only=True, validator=_text)
    channel: str = attrs.field(default="", kw_only=True, validator=_text)
    plugin: str = attrs.field(default="", kw_only=True, validator=_text)
    zone: str = attrs.field(default="", kw_only=True, validator=_zone)
    quiet: tuple[str, str] | None = attrs.field(default=None, kw_only=True, converter=_quiet)
    digest: str = attrs.field(default="", kw_only=True, converter=_digest)
    roles: frozenset[str] = attrs.field(default=frozenset(), kw_only=True, converter=to_roles)

    @property
    def addressee(self) -> str:
        """
        Where a notice is delivered, with its channel: ``mail:li.wei@example.com``.
        """
        address = self.address or self.name
        return f"{self.channel}:{address}" if self.channel else address


@noun
class Answer:
    """
    The answer of a delivery: see :data:`done`, :func:`later` and :func:`failed`.

    Attributes:
        at: when it is tried again, UTC; ``None`` unless later.
        why: one sentence; empty where it is done.
        final: whether it is not tried again, but given up at once.
    """

    status: Status
    at: datetime | None = None
    why: str = ""
    final: bool = False


done: Final = Answer("done")
"""It was delivered. ``True`` and ``None`` say the same."""


def later(at: datetime, why: str = "it was put off") -> Answer:
    """
    Answer that a delivery is to be tried again at a time, because it would not be welcome now.

    Raises:
        InputError: for a time without a zone.
    """
    return Answer("later", to_utc(at, "at"), why)


def failed(why: str, *, final: bool = False) -> Answer:
    """
    Answer that a delivery failed; it is tried again, later each time. ``False`` and raising say the same.

    Args:
        final: trying again would change nothing, so the delivery is given up at once.
    """
    return Answer("failed", None, why, final)


def answer_of(given: object) -> Answer | None:
    """
    Return the answer of a plugin or function that delivers, or ``None`` if it is not an answer.
    """
    if isinstance(given, Answer):
        return given
    if given is None or given is True:
        return done
    if given is False:
        return failed("it was not delivered")
    if isinstance(given, Coroutine):
        given.close()  # nobody awaits it
    return None


def no_answer(given: object) -> str:
    """
    Return why a returned value is not an answer.
    """
    return f"it answered {shown(given)}; return done, later(at) or failed(why)"
