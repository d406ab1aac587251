"""
Values of a scenario file as the lifecycle holds them: fields, entries, actors, times.

Whatever does not fit is told with its path, and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, get_args, get_type_hints

import attrs

from ..._codec.entries import is_part, parts_of
from ..._definition.field_values import literal
from ..._definition.source import is_list, is_table
from ..._definition.structure import FaultCollector, report_unknown_key
from ..._lifecycle.lifecycle import Lifecycle
from ..._model.facts import Entry
from ..._model.frozen import freeze
from ..._model.values import Actor, Money, Value, to_utc
from ...dossier import Approval
from ...errors import InputError, did_you_mean, shown


_PARSERS: Final[tuple[tuple[type, Callable[[str], Any]], ...]] = (
    (Money, Money.parse),
    (datetime, datetime.fromisoformat),
    (date, date.fromisoformat),
)


@attrs.frozen
class Reading:
    """
    What the values of one scenario are looked up in, and where faults are told.
    """

    lifecycle: Lifecycle
    actors: Mapping[str, Actor | None]
    found: FaultCollector

    def fields(self, given: Mapping[str, Any], path: str) -> dict[str, Value]:
        """
        Return field values typed as declared; a blank text clears a field.
        """
        values: dict[str, Value] = {}
        for name, value in given.items():
            field = self.lifecycle.fields.get(name)
            if field is None:
                hint = f"Declared: {', '.join(self.lifecycle.fields)}.{did_you_mean(name, self.lifecycle.fields)}"
                self.found.add(f"{path}.{name}", "field.undeclared", f"the field {name!r} is not declared", hint)
                continue
            try:
                values[name] = None if value == "" else literal(field, value)
            except InputError as error:
                text = f"{error.what}: {shown(error.value)} does not fit"
                self.found.add(f"{path}.{name}", "literal.type", text, error.hint)
        return values

    def entries(self, given: Any, path: str) -> tuple[Entry, ...]:
        """
        Return entries of the dossier.
        """
        if not is_list(given):
            self.found.add(path, "value.type", f"{shown(given)} is no list of tables", "Write [ { kind = …, … } ].")
            return ()
        made = [self._entry(item, f"{path}[{number}]") for number, item in enumerate(given)]
        return tuple(entry for entry in made if entry is not None)

    def _entry(self, given: Any, path: str) -> Entry | None:
        kind: Any = given.get("kind") if is_table(given) else None
        if kind == Approval.kind:
            hint = "Write a step { approve = …, actor = … }: who approves is who acts."
            self.found.add(path, "entry.approval", "an approval cannot be put into the dossier", hint)
            return None
        known = self.lifecycle.entries
        if kind not in known:
            listed = f"Kinds: {', '.join(sorted(known))}.{did_you_mean(kind or '', known)}"
            self.found.add(path, "entry.unknown", f"there is no kind of entry {shown(kind)}", listed)
            return None
        made: Entry | None = _built(
            known[kind], {key: item for key, item in given.items() if key != "kind"}, path, self
        )
        return made

    def actor(self, given: Any, path: str, default: Actor) -> Actor:
        """
        Return who acts: one of the file's ``[actors]`` by name, or a table of ``name`` and ``roles``.
        """
        if given is None:
            return default
        if isinstance(given, str):
            if given not in self.actors:
                listed = ", ".join(self.actors) or "none"
                near = did_you_mean(given, self.actors)
                hint = f"Named in [actors]: {listed}.{near} Or write {{ name = …, roles = [ … ] }}."
                self.found.add(path, "actor.unknown", f"there is no actor {given!r}", hint)
            return self.actors.get(given) or default
        return read_actor(given, path, self.found) or default

    def time(self, given: Any, path: str, default: datetime) -> datetime:
        """
        Return a moment, from a TOML time or the same as text.
        """
        if given is None:
            return default
        try:
            return to_utc(datetime.fromisoformat(given) if isinstance(given, str) else given, "at")
        except ValueError:  # InputError is one
            hint = "Write a time with its zone, such as 2026-01-31T09:00:00Z."
            self.found.add(path, "value.type", f"{shown(given)} is no time", hint)
            return default


def read_actor(given: Any, path: str, found: FaultCollector) -> Actor | None:
    """
    Return an actor as a table writes it.
    """
    if not is_table(given) or not given.keys() <= {"name", "roles"} or "name" not in given:
        hint = 'Write { name = "li.wei", roles = ["project_lead"] }, the roles only where they matter.'
        found.add(path, "value.type", f"{shown(given)} is no actor", hint)
        return None
    try:
        return Actor(given["name"], roles=given.get("roles", ()))
    except InputError as error:
        found.add(path, "value.type", f"{error.what}: {shown(error.value)} is not usable", error.hint)
        return None


def _built(kind: Any, given: Mapping[str, Any], path: str, reading: Reading) -> Any:
    """
    Return an attrs object from a table; texts become money and times where the class wants some.
    """
    hints, before = get_type_hints(kind), len(reading.found.faults)
    names = {part.alias: part.name for part in parts_of(kind)}
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in names:
            report_unknown_key(key, [name for name in names if name not in given], path, reading.found)
        else:
            values[key] = _value(tuple(_classes(hints[names[key]])), value, f"{path}.{key}", reading)
    for part in parts_of(kind):
        if part.default is attrs.NOTHING and part.alias not in given:
            reading.found.add(path, "key.missing", f"key {part.alias!r} is missing", f"Add {part.alias} = ….")
    if len(reading.found.faults) > before:
        return None
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        text = f"this makes no {kind.__name__} ({str(error).rstrip('.')})"
        reading.found.add(path, "entry.malformed", text, f"It takes: {', '.join(names)}.")
        return None


def _classes(hint: Any) -> Iterable[type]:
    if isinstance(hint, type) and not get_args(hint):
        yield hint
    for part in get_args(hint):
        yield from _classes(part)


def _value(classes: tuple[type, ...], value: Any, path: str, reading: Reading) -> Any:
    nested = next((one for one in classes if is_part(one)), None)
    if is_list(value):
        return tuple(_value(classes, item, f"{path}[{number}]", reading) for number, item in enumerate(value))
    if is_table(value):
        return freeze(value) if nested is None else _built(nested, value, path, reading)
    if isinstance(value, str) and str not in classes:
        for kind, parse in _PARSERS:
            if kind in classes:
                try:
                    return parse(value)
                except ValueError:
                    reading.found.add(path, "literal.type", f"{shown(value)} is no {kind.__name__}", _WRITE[kind])
    return value


_WRITE: Final[Mapping[type, str]] = {
    Money: "Write the number and the currency, such as '1200.50 EUR'.",
    datetime: "Write a time with its zone, such as 2026-01-31T09:00:00Z.",
    date: "Write a day, such as 2026-01-31.",
}
