"""
Delivery: to whom a notice goes, and what whoever delivers it answers.
"""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import datetime, time
from typing import Any, Final, Literal, TypeAlias, cast

import attrs

from ..errors import InputError, say, say_both, shown
from .values import person, to_utc
from .zones import zone_named


Status: TypeAlias = Literal["done", "later", "failed"]
QuietHours: TypeAlias = tuple[time, time]


def _text(_recipient: Recipient, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str):
        raise InputError(say("what.recipient", attribute=attribute.name), value, say("input.text"))


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError("name of a recipient", value, say("input.recipient_name"))
    return person(value)


def _zone(_recipient: Recipient, _attribute: attrs.Attribute[Any], value: object) -> None:
    if value != "" and (not isinstance(value, str) or zone_named(value) is None):
        raise InputError("zone of a recipient", value, say_both("value.choice/zone", value=value)[1])


def _hours(value: Any) -> QuietHours | None:
    times: tuple[object, ...] = tuple(value) if value.__class__ in (tuple, list) else ()
    if value is None or (len(times) == 2 and times[0] != times[1] and all(map(_is_time_of_day, times))):
        return cast("QuietHours | None", times or None)
    raise InputError("quiet hours of a recipient", value, say("input.quiet_hours"))


def _is_time_of_day(value: object) -> bool:
    return isinstance(value, time) and value.tzinfo is None


@attrs.frozen
class Recipient:
    """
    A person whom the directory found for an address: ``Recipient("li.wei", "li.wei@example.com", channel="mail")``.

    Attributes:
        name: tells this person from others; who is found twice gets one delivery.
        address: where a notice is delivered; by default the name.
        lang: the person's language.
        channel: how the person is reached, for example ``mail``; it stands before the address, ``mail:li.wei@…``,
            in what is delivered.
        plugin: who delivers to the person; by default every plugin that delivers.
        zone: the person's time zone, an IANA name; empty for that of the lifecycle.
        quiet_hours: from when to when, in that zone, the person is not disturbed; over midnight where the second
            is earlier.
    """

    name: str = attrs.field(converter=_name)
    address: str = attrs.field(default="", validator=_text)
    lang: str = attrs.field(default="en", kw_only=True, validator=_text)
    channel: str = attrs.field(default="", kw_only=True, validator=_text)
    plugin: str = attrs.field(default="", kw_only=True, validator=_text)
    zone: str = attrs.field(default="", kw_only=True, validator=_zone)
    quiet_hours: QuietHours | None = attrs.field(default=None, kw_only=True, converter=_hours)

    @property
    def addressee(self) -> str:
        """
        Where a notice is delivered, with its channel: ``mail:li.wei@example.com``.
        """
        address = self.address or self.name
        return f"{self.channel}:{address}" if self.channel else address


@attrs.frozen
class Answer:
    """
    What came of a delivery: see :data:`done`, :func:`later` and :func:`failed`.

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
    Return what somebody who delivers has answered, or ``None`` if it is no answer at all.
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
    Return why what was returned is no answer.
    """
    return f"it answered {shown(given)}; return done, later(at) or failed(why)"
