"""
Binds the cadences of a definition: fills in ready cadences, reads their times, and looks up the names in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, get_args

import attrs

from .._definition.report import Fault, fault, unknown_choice
from .._model.cadence import MEETS, Cadence, Per, Shift
from .._model.calendar import Calendar
from .._model.definition import Definition
from .._model.frozen import noun
from .._model.recurrence import Following, Recurrence, RecurrenceProblem, Ruled, parse_recurrence
from .._model.uses import EffectUse
from .._model.values import Duration, is_name
from ..calendars import READY
from ..errors import nearest
from ..typing import Effect
from .bind_calendar import has_hours
from .bind_guards import DeclaredNames, bind_effects
from .contributions import Contributions
from .deadlines import check_length


PERIOD: Final = ("period_start", "period_end")
"""The fields of a project between which it has the slots of a cadence ``per = "period"``."""


@noun(slots=False, eq=False, repr=False)
class BoundCadence:
    """
    A cadence with its recurrence read.

    Attributes:
        cadence: as it is written, with the values of a ready cadence.
        stages: the stages in which its slots count.
        calendar: in which it has its slots.
        effects: what happens where slots are missed.
        years: the windows of its slots by year, as far as they were worked out.
    """

    cadence: Cadence
    recurrence: Recurrence
    stages: frozenset[str]
    calendar: Calendar
    effects: tuple[tuple[EffectUse, Effect], ...] = ()
    years: dict[int, tuple[Any, ...]] = attrs.field(factory=dict[int, tuple[Any, ...]], init=False)

    @property
    def meets(self) -> str:
        """
        The kind of the entries that meet it.
        """
        return self.cadence.met_by.get("entry") or next(iter(self.cadence.met_by))


@noun(slots=False)
class _Place:
    """
    One cadence that is bound: as it is written, filled in, and where.
    """

    written: Cadence
    whole: Cadence
    path: str


def bind_cadences(
    definition: Definition, declared: DeclaredNames, calendar: Calendar, faults: list[Fault]
) -> tuple[BoundCadence, ...]:
    """
    Return the cadences of a definition; faults are added to *faults*, and cadences that cannot be read are left out.
    """
    bound: list[BoundCadence] = []
    for index, written in enumerate(definition.cadences):
        place = _Place(written, whole_cadence(written), f"cadences[{index}]")
        recurrence = recurrence_of(place.whole.every, declared.contributions)
        faults += _names(place, definition.cadences[:index])
        faults += _times(place, recurrence, definition, declared)
        faults += _meets(place, declared.contributions.entries)
        faults += _where(place, declared)
        effects = bind_effects(place.whole.on_missed, declared, f"{place.path}.on_missed", faults)
        if not isinstance(recurrence, RecurrenceProblem):
            bound.append(BoundCadence(place.whole, recurrence, _stages(place.whole, definition), calendar, effects))
    return tuple(bound)


def whole_cadence(written: Cadence) -> Cadence:
    """
    Return a cadence with what it leaves out taken from the ready one of its name, if there is one.
    """
    ready = READY.get(written.id)
    return written if ready is None else written.over(ready)


def recurrence_of(text: str, contributions: Contributions) -> Recurrence | RecurrenceProblem:
    """
    Return when a cadence is due: as the library reads it, or else a plugin.
    """
    read = parse_recurrence(text)
    for plugin, call in contributions.recurrences if text and isinstance(read, RecurrenceProblem) else ():
        parts = {"plugin": plugin, "value": text}
        try:
            times: object = call(text)
        except Exception as error:  # noqa: BLE001 -- a plugin that raises is a fault like any other
            return RecurrenceProblem("cadence.every/raised", {**parts, "error": error})
        if callable(times):
            return Ruled(text, times)
        if times is not None:
            return RecurrenceProblem("cadence.every/answer", {**parts, "answer": times})
    return read


def _stages(cadence: Cadence, definition: Definition) -> frozenset[str]:
    if cadence.after_closing is not None:
        return frozenset(stage.id for stage in definition.stages if stage.final)
    return frozenset(
        cadence.stages or [stage.id for stage in definition.stages if not stage.final and stage.kind != "hold"]
    )


def _names(place: _Place, earlier: Iterable[Cadence]) -> Iterator[Fault]:
    name, cadence = place.written.id, place.whole
    if not is_name(name) or "." in name:
        yield fault(f"{place.path}.id", "id.malformed", name=name)
    if name in {each.id for each in earlier}:
        yield fault(f"{place.path}.id", "id.duplicate/use", name=name)
    for key, value, known in (("per", cadence.per, get_args(Per)), ("shift", cadence.shift, get_args(Shift))):
        if value not in known:
            yield unknown_choice(f"{place.path}.{key}", value, known)


def _times(
    place: _Place, recurrence: Recurrence | RecurrenceProblem, definition: Definition, declared: DeclaredNames
) -> Iterator[Fault]:
    written, path = place.written, f"{place.path}.every"
    if not place.whole.every:
        yield fault(place.path, "cadence.every/none", name=written.id, near=nearest(written.id, READY))
    elif isinstance(recurrence, RecurrenceProblem):
        yield fault(path, recurrence.name, **recurrence.parts)
    elif isinstance(recurrence, Following):
        anchors = {*declared.transitions, *declared.outcomes}
        unsure = declared.unread_parts.may_hold("transitions", recurrence.anchor)
        if recurrence.anchor not in anchors and not unsure and "outcomes" not in declared.unread_parts.unread:
            yield fault(path, "cadence.anchor", name=recurrence.anchor, near=nearest(recurrence.anchor, anchors))
        if written.every:
            yield from _unit(path, recurrence.span, definition)
    for key in ("grace", "after_closing", "duration"):
        span: Duration | None = getattr(written, key)
        if span is not None:
            yield from check_length(f"{place.path}.{key}", span)
            yield from _unit(f"{place.path}.{key}", span, definition)


def _unit(path: str, span: Duration, definition: Definition) -> Iterator[Fault]:
    if span.unit == "bd" and definition.calendar == "calendar_days":
        yield fault(path, "deadline.calendar")
    if span.unit == "bh" and not has_hours(definition):
        yield fault(path, "deadline.hours")


def _meets(place: _Place, entries: Mapping[str, Any]) -> Iterator[Fault]:
    path, met_by = f"{place.path}.met_by", place.whole.met_by
    for key in met_by:
        if key not in MEETS:
            yield unknown_choice(f"{path}.{key}", key, MEETS)
    if len(met_by) != 1 and place.whole.every:
        yield fault(path, "cadence.met_by", known=MEETS)
    kind = met_by.get("entry")
    if kind is not None and kind not in entries:
        yield fault(f"{path}.entry", "cadence.met_by/kind", name=kind, near=nearest(kind, entries))


def _where(place: _Place, declared: DeclaredNames) -> Iterator[Fault]:
    cadence = place.whole
    if place.written.stages and cadence.after_closing is not None:
        yield fault(f"{place.path}.stages", "cadence.stages")
    for name in cadence.stages:
        if name not in declared.stages and not declared.unread_parts.may_hold("stages", name):
            yield fault(f"{place.path}.stages", "stage.unknown", name=name, near=nearest(name, declared.stages))
    if cadence.per == "period":
        for name in PERIOD:
            field = declared.fields.get(name)
            if (field is None or field.type != "date") and not declared.unread_parts.may_hold("fields", name):
                yield fault(f"{place.path}.per", "cadence.period", name=name)
