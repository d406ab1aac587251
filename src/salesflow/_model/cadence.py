"""
A cadence as a definition writes it: what has to happen regularly, and when.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal, NamedTuple, TypeAlias, cast

import attrs
from attrs.converters import optional

from ..errors import InputError, say
from .argument_types import explain_types
from .frozen import EMPTY, FrozenDict, noun
from .uses import EffectUse, to_effects
from .values import Duration, Label, to_duration, to_items, to_label, to_tuple


Per: TypeAlias = Literal["project", "member", "period"]
Shift: TypeAlias = Literal["next", "previous", "skip", "keep"]

MEETS: Final = ("entry", "review", "activity")
"""What a cadence can be met by: an entry of a kind, a review of a type, or an activity of a type that is done."""

_AT_ONCE: Final = Duration(0, "m")


def _to_met_by(value: Mapping[str, str]) -> Mapping[str, str]:
    given: object = value
    if isinstance(given, Mapping):
        items = cast("Mapping[object, object]", given).items()
        found = {key: name for key, name in items if isinstance(key, str) and isinstance(name, str)}
        if len(found) == len(items):
            return FrozenDict(found)
    raise InputError("met_by", given, say("input.met_by"))


@noun
class Cadence:
    """
    A cadence: something that has to happen regularly, such as a report, a meeting or a call.

    Its times are its slots, in the calendar of the lifecycle. A slot is met by what happens after the slot before it
    has closed, and until it closes itself, which is *grace* after its time.

    Args:
        id: snake_case; what a cadence leaves out is taken from the ready one of this name, if there is one.
        every: when, such as ``weekly on fri 17:00``, ``monthly on last working day 16:00``, ``every 30d after won``.
        label: what people call it.
        per: once for the ``project``, for each active ``member`` of its team, or for the ``period`` between its fields
            ``period_start`` and ``period_end``.
        met_by: one of ``entry`` (a kind), ``review`` and ``activity`` (a type) with its name.
        shift: where a slot goes that would fall on a day of rest: to the ``next`` working day, the ``previous`` one,
            nowhere (``skip``), or it stays (``keep``).
        grace: how long after its time a slot may still be met.
        stages: where the project has to stand; by default in any stage that is neither final nor on hold.
        after_closing: how long it goes on after the project has ended, instead of *stages*.
        duration: how long it takes, for calendars.
        numbered: whether its slots are counted from 1 since the project came into *stages*, such as iterations.
        on_missed: effects when slots close without being met; they run once for all that one ``tick`` records.
    """

    id: str
    every: str = ""
    label: Label = attrs.field(default=Label(), converter=to_label, kw_only=True)
    per: Per = attrs.field(default="project", kw_only=True)
    met_by: Mapping[str, str] = attrs.field(default=EMPTY, converter=_to_met_by, kw_only=True)
    shift: Shift = attrs.field(default="next", kw_only=True)
    grace: Duration = attrs.field(default=_AT_ONCE, converter=to_duration, kw_only=True)
    stages: tuple[str, ...] = attrs.field(default=(), converter=to_tuple, kw_only=True)
    after_closing: Duration | None = attrs.field(default=None, converter=optional(to_duration), kw_only=True)
    duration: Duration | None = attrs.field(default=None, converter=optional(to_duration), kw_only=True)
    numbered: bool = attrs.field(default=False, kw_only=True)
    on_missed: tuple[EffectUse, ...] = attrs.field(default=(), converter=to_effects, kw_only=True)

    @explain_types
    def over(self, ready: Cadence) -> Cadence:
        """
        Return this cadence with what it leaves out taken from another.
        """
        own = {a.name: v for a in attrs.fields(Cadence) if (v := getattr(self, a.name)) != a.default}
        return attrs.evolve(ready, **own)


class ClosedSlot(NamedTuple):
    """
    A slot that has closed: for whom, ``None`` for the project, and whether it was met by then.
    """

    slot: datetime
    member: str | None
    met: bool


def to_cadences(value: Iterable[Cadence]) -> tuple[Cadence, ...]:
    """
    Return several cadences.
    """
    return to_items(value)
