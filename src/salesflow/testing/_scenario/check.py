"""
Reads a file of scenarios and finds everything that is wrong with it before anything runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, cast, get_args, get_type_hints

import attrs

from ..._codec.entries import is_part, parts_of
from ..._definition.expand import use_ids
from ..._definition.field_values import literal
from ..._definition.report import Fault, Report, line_of
from ..._definition.shape import is_list, is_table
from ..._definition.source import load_source
from ..._definition.structure import FaultCollector, report_unknown_key, structured, structured_table
from ..._lifecycle.lifecycle import Lifecycle
from ..._model.facts import Entry
from ..._model.frozen import freeze, noun
from ..._model.values import Actor, Lang, Money, Value, is_name, to_utc
from ..._model.verdict import RemedyKind
from ...dossier import Approval, KpiSnapshot
from ...errors import DefinitionError, InputError, nearest, reason_of, say
from ...guards import COMBINATOR_CODES
from ...plugins._loading import load_lifecycle
from ...plugins._registry import Plugins
from .scenario import (
    SOMEBODY,
    START,
    STEPS,
    FileShape,
    Given,
    GivenShape,
    Scenario,
    ScenarioShape,
    Step,
    Then,
    ThenShape,
    Verb,
)


_PARSERS: Final[tuple[tuple[type, Callable[[str], Any]], ...]] = (
    (Money, Money.parse),
    (datetime, datetime.fromisoformat),
    (date, date.fromisoformat),
)


@noun
class Reading:
    """
    Where the values of one scenario are looked up, and its faults are collected.

    Attributes:
        lifecycle: of the project that a step is about.
        known: by id, all lifecycles of the scenario.
    """

    lifecycle: Lifecycle
    known: Mapping[str, Lifecycle]
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
                known = self.lifecycle.fields
                about: dict[str, Any] = {"field": name, "known": known, "near": nearest(name, known)}
                self.found.add(f"{path}.{name}", "field.undeclared/scenario", **about)
                continue
            try:
                values[name] = None if value == "" else literal(field, value)
            except InputError as error:
                about = {"what": error.what, "value": error.value, "hint": error.hint}
                self.found.add(f"{path}.{name}", "literal.type", **about)
        return values

    def entries(self, given: Any, path: str, *, begins: bool = False) -> tuple[Entry, ...]:
        """
        Return entries of the dossier; figures are computed, so only where a scenario *begins* they may be there.
        """
        if not is_list(given):
            self.found.add(path, "value.type/entries", value=given)
            return ()
        made = [self._entry(item, f"{path}[{number}]", begins=begins) for number, item in enumerate(given)]
        return tuple(entry for entry in made if entry is not None)

    def _entry(self, given: Any, path: str, *, begins: bool) -> Entry | None:
        kind: Any = given.get("kind") if is_table(given) else None
        if kind == Approval.kind:
            self.found.add(path, "entry.approval")
            return None
        if kind == KpiSnapshot.kind and not begins:
            self.found.add(path, "entry.computed")
            return None
        known = self.lifecycle.entries
        if kind not in known:
            self.found.add(path, "entry.unknown", kind=kind, known=sorted(known), near=nearest(kind, known))
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
                about = {"known": self.actors, "near": nearest(given, self.actors)}
                self.found.add(path, "actor.unknown", name=given, **about)
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
            self.found.add(path, "value.type/time", value=given)
            return default


def read_actor(given: Any, path: str, found: FaultCollector) -> Actor | None:
    """
    Return an actor as a table writes it.
    """
    if not is_table(given) or not given.keys() <= {"name", "roles"} or "name" not in given:
        found.add(path, "value.type/actor", value=given)
        return None
    try:
        return Actor(given["name"], roles=given.get("roles", ()))
    except InputError as error:
        found.add(path, "value.type/input", what=error.what, value=error.value, hint=error.hint)
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
            reading.found.add(path, "key.missing", key=part.alias)
    if len(reading.found.faults) > before:
        return None
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        about = {"kind": kind.__name__, "why": reason_of(error), "known": names}
        reading.found.add(path, "entry.malformed", **about)
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
                    reading.found.add(path, f"literal.type/{kind.__name__.lower()}", value=value)
    return value


_ENGINE_CODES: Final = (
    "transition.unavailable",
    "outcome.not_allowed",
    "override.not_allowed",
    "override.own",
    "field.locked",
    "goal.frozen",
    "target.frozen",
    "criterion.frozen",
    "guard.raised",
    "guard.malformed",
)
_REMEDIES: Final = tuple(kind for kind in get_args(RemedyKind) if kind != "any_of")  # its alternatives are named
_LANGUAGES: Final = get_args(Lang)


def read_scenarios(file: Path, *, plugins: Plugins | None = None) -> tuple[tuple[Scenario, ...], Report]:
    """
    Return the scenarios of a file that are sound, and the report of everything that is not.

    Args:
        plugins: what the lifecycles are built with; by default those that are installed.
    """
    loaded = load_source(file)
    if isinstance(loaded, Fault):
        return (), Report((loaded,), source=str(file))
    data, lines = loaded
    found = FaultCollector()
    reader = _Reader(file, found, lines, Plugins.installed() if plugins is None else plugins)
    scenarios = tuple(reader.read(data))
    faults = tuple(attrs.evolve(fault, line=line_of(fault.path, lines)) for fault in found.faults)
    return scenarios, Report(faults, source=str(file))


@attrs.define
class _Reader:
    file: Path
    found: FaultCollector
    lines: Mapping[str, int]
    plugins: Plugins
    built: dict[str, Lifecycle | None] = attrs.Factory(dict[str, "Lifecycle | None"])

    def read(self, data: Mapping[str, Any]) -> Iterator[Scenario]:
        """
        Yield the scenarios; one that has a fault is left out.
        """
        whole = structured(FileShape, data, "", self.found) or FileShape()
        actors = {name: read_actor(given, f"actors.{name}", self.found) for name, given in whole.actors.items()}
        if not is_list(whole.scenario) or not whole.scenario:
            self.found.add("scenario", "scenario.none")
            return
        for number, item in enumerate(whole.scenario):
            before, path = len(self.found.faults), f"scenario[{number}]"
            made = self._scenario(item, path, whole, actors)
            if made is not None and len(self.found.faults) == before:
                yield made

    def _scenario(self, item: Any, path: str, whole: FileShape, actors: Mapping[str, Any]) -> Scenario | None:
        shape = structured_table(ScenarioShape, item, path, self.found, vital=("name", "when", "then"))
        if shape is None:
            return None
        name = shape.lifecycle or whole.lifecycle
        if name is None:
            self.found.add(path, "key.missing/lifecycle")
            return None
        lifecycle = self._lifecycle(name, f"{path}.lifecycle" if shape.lifecycle else "lifecycle")
        named = _texts(whole.others if shape.others is None else shape.others) or ()
        found = [self._lifecycle(each, "others" if shape.others is None else f"{path}.others") for each in named]
        others = tuple(each for each in found if each is not None)
        if lifecycle is None or len(others) < len(named):
            return None
        known = {each.id: each for each in (*others, lifecycle)}
        reading = Reading(lifecycle, known, actors, self.found)
        given = self._given(reading, shape.given, f"{path}.given")
        pairs = tuple(self._steps(reading, shape.when, f"{path}.when", given))
        steps = tuple(step for _, step in pairs)
        then = self._then(pairs[-1][0] if pairs else reading, shape.then, f"{path}.then", steps)
        return Scenario(shape.name, self.file, line_of(path, self.lines) or 1, lifecycle, given, steps, then, others)

    def _lifecycle(self, name: str, path: str) -> Lifecycle | None:
        if name not in self.built:
            self.built[name] = None
            beside = self.file.parent / name
            try:
                self.built[name] = load_lifecycle(beside if beside.is_file() else name, plugins=self.plugins)
            except DefinitionError as error:
                self.found.add(path, "lifecycle.unusable", name=name, faults=error.report.faults)
        return self.built[name]

    def _given(self, reading: Reading, item: Any, path: str) -> Given:
        shape = structured_table(GivenShape, item, path, self.found)
        if shape is None:
            return Given()
        stages = [one.id for one in reading.lifecycle.stages]
        self._known("stage", shape.stage, stages, f"{path}.stage")
        self._known("stage", shape.held, stages, f"{path}.held")
        holds = [one.id for one in reading.lifecycle.stages if one.kind == "hold"]
        stage = shape.stage or reading.lifecycle.definition.initial
        if shape.held is not None and stage in stages and stage not in holds:
            self.found.add(f"{path}.held", "stage.held", stage=stage, holds=holds)
        return Given(
            shape.stage,
            shape.held,
            reading.fields(shape.fields, f"{path}.fields"),
            reading.entries(shape.entries, f"{path}.entries", begins=True),
            reading.actor(shape.actor, f"{path}.actor", SOMEBODY),
            reading.time(shape.at, f"{path}.at", START),
        )

    def _known(self, what: str, name: str | None, known: Iterable[str], path: str) -> None:
        names = tuple(known)
        if name is not None and name not in names:
            about = {"what": say(f"kind.{what}"), "known": names, "near": nearest(name, names)}
            self.found.add(path, f"{what}.unknown/scenario", name=name, **about)

    def _steps(self, reading: Reading, items: Any, path: str, given: Given) -> Iterator[tuple[Reading, Step]]:
        if not is_list(items) or not items:
            self.found.add(path, "scenario.no_step")
            return
        for number, item in enumerate(items):
            step = self._step(reading, item, f"{path}[{number}]", given)
            if step is not None:
                if step.verb == "turn_to":
                    reading = attrs.evolve(reading, lifecycle=reading.known.get(step.what, reading.lifecycle))
                yield reading, step

    def _step(self, reading: Reading, item: Any, path: str, given: Given) -> Step | None:
        verbs: list[Verb] = [verb for verb in STEPS if is_table(item) and verb in item]
        if len(verbs) != 1:
            keys = item if is_table(item) and not verbs else ()
            near = next(filter(None, (nearest(str(key), STEPS) for key in keys)), None)
            self.found.add(path, "step.verb/many" if verbs else "step.verb/none", verbs=verbs, known=STEPS, near=near)
            return None
        (verb,) = verbs
        shape = structured_table(STEPS[verb], item, path, self.found, vital=(verb,))
        if shape is None:
            return None
        actor = reading.actor(getattr(shape, "actor", None), f"{path}.actor", given.actor)
        what, more = getattr(shape, verb), {}
        if verb == "fire":
            more = self._fire(reading, shape, path)
        elif verb in ("approve", "decline"):
            more = {name: getattr(shape, name) for name in ("subject", "comment", "on_behalf_of")}
            if not is_name(what):
                self.found.add(f"{path}.{verb}", "value.type/approval", value=what)
        elif verb == "update":
            what = reading.fields(what, f"{path}.update")
        elif verb == "add":
            what = reading.entries(what, f"{path}.add")
        elif verb == "turn_to":
            self._known("lifecycle", what, reading.known, f"{path}.turn_to")
        elif what is False:
            self.found.add(f"{path}.tick", "value.choice/tick")
        return Step(verb, what, more, actor, line_of(path, self.lines))

    def _fire(self, reading: Reading, shape: Any, path: str) -> dict[str, Any]:
        definition = reading.lifecycle.definition
        triggers = _triggers(reading.lifecycle)
        self._known("trigger", shape.fire, triggers, f"{path}.fire")
        self._known("outcome", shape.outcome, definition.outcome_ids, f"{path}.outcome")
        for use_id in shape.overrides if shape.fire in triggers else ():
            self._known("guard", use_id, _uses(reading.lifecycle, shape.fire), f"{path}.overrides.{use_id}")
        return {
            "data": reading.fields(shape.data, f"{path}.data"),
            "entries": reading.entries(shape.entries, f"{path}.entries"),
            "outcome": shape.outcome,
            "reason": shape.reason,
            "overrides": dict(shape.overrides),
        }

    def _then(self, reading: Reading, item: Any, path: str, steps: tuple[Step, ...]) -> Then:
        shape = structured_table(ThenShape, item, path, self.found)
        if shape is None:
            return Then()
        lifecycle = reading.lifecycle
        self._known("stage", shape.stage, (one.id for one in lifecycle.stages), f"{path}.stage")
        self._known("outcome", shape.outcome, lifecycle.definition.outcome_ids, f"{path}.outcome")
        then = Then(
            shape.stage,
            shape.outcome,
            shape.version,
            reading.fields(shape.fields, f"{path}.fields"),
            _texts(shape.notices),
            _texts(shape.refused),
            _texts(shape.missing),
            self._says(shape.says, f"{path}.says"),
        )
        if not item:
            self.found.add(path, "scenario.no_claim")
        if then.refuses and steps:
            self._refusal(lifecycle, then, path, steps[-1])
        return then

    def _refusal(self, lifecycle: Lifecycle, then: Then, path: str, last: Step) -> None:
        if last.verb != "fire":
            self.found.add(path, "step.verb/last", verb=last.verb)
            return
        known = (*_uses(lifecycle, last.what), *_codes(lifecycle, last.what), *_ENGINE_CODES)
        for reason in then.refused or ():
            self._known("reason", reason, known, f"{path}.refused")
        for text in then.missing or ():
            kind, _, name = text.partition(" ")
            if kind not in _REMEDIES or not name:
                self.found.add(f"{path}.missing", "value.type/remedy", value=text, known=_REMEDIES)
            elif kind == "field":
                self._known("field", name, lifecycle.fields, f"{path}.missing")

    def _says(self, given: Mapping[str, Any], path: str) -> Mapping[Lang, tuple[str, ...]]:
        said: dict[Lang, tuple[str, ...]] = {}
        for lang, texts in given.items():
            listed = (texts,) if isinstance(texts, str) else texts
            if lang not in _LANGUAGES or not is_list(listed) or not all(isinstance(text, str) for text in listed):
                self.found.add(f"{path}.{lang}", "value.type/says", lang=lang, value=texts)
            else:
                said[cast("Lang", lang)] = tuple(listed)
        return said


def _texts(given: Any) -> tuple[str, ...] | None:
    return (given,) if isinstance(given, str) else None if given is None else tuple(given)


def _triggers(lifecycle: Lifecycle) -> dict[str, None]:
    return dict.fromkeys(one.trigger for one in lifecycle.transitions)


def _uses(lifecycle: Lifecycle, trigger: str) -> Iterator[str]:
    for one in lifecycle.transitions:
        if one.trigger == trigger:
            yield from use_ids(one.guards)


def _codes(lifecycle: Lifecycle, trigger: str) -> Iterator[str]:
    for one in lifecycle.transitions:
        for use in one.guards if one.trigger == trigger else ():
            guard = lifecycle.contributions.guards.get(use.use)
            yield from COMBINATOR_CODES if guard is None else guard.codes
