"""
Reads a definition item by item. An item with a fault is reported and left out, and reading goes on.

So one pass finds every fault. :class:`PartialDefinition` says what was left out, so that later checks of the whole do
not report the same fault again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from .._model.cadence import Cadence
from .._model.definition import (
    RULES,
    Deadline,
    Definition,
    Field,
    FieldLock,
    GuardUse,
    Invariant,
    Outcome,
    OverrideRule,
    Spawn,
    Stage,
    StageTask,
    Transition,
)
from .._model.early_warning import EarlyWarning
from .._model.frozen import noun
from .._model.insight import Insight
from .._model.signal_rule import SignalRule
from .._model.uses import AdviceUse, EffectUse
from .._model.working_time import WorkingTime
from ..errors import nearest, say
from .report import Fault, PartialDefinition, line_of
from .shape import ADVICE_OPTIONS, AT_LEAST, COMBINATORS, EFFECT_OPTIONS, RESERVED, SCHEMA, is_list, is_table
from .source import load_source
from .structure import FaultCollector, report_unknown_key, structured


T = TypeVar("T")
_Read: TypeAlias = Callable[[dict[str, Any], str, FaultCollector], T | None]

_OPTIONS: Final = ("id", "when", "severity", "override")
_NOTHING: Final = Definition("", initial="")


@noun
class RuleShape:
    """
    A named list of guards, as a file writes it.
    """

    guards: tuple[GuardUse, ...]


def read_definition(source: object) -> PartialDefinition:
    """
    Read as much of a definition as possible. Faults are collected in the draft, never raised.

    Args:
        source: the path of a ``.toml`` or ``.json`` file, a text in TOML or JSON (:class:`DefinitionText`, or a
            string of several lines), a mapping with the data of one, or a :class:`~salesflow.Definition`,
            which passes through.
    """
    if isinstance(source, Definition):
        return PartialDefinition(source)
    loaded = load_source(source)
    if isinstance(loaded, Fault):
        return PartialDefinition(_NOTHING, (loaded,))
    data, lines = loaded
    found = FaultCollector()
    definition = _definition(data, found)
    faults = tuple(attrs.evolve(fault, line=line_of(fault.path, lines)) for fault in found.faults)
    return PartialDefinition(definition, faults, lines, frozenset(found.dropped), found.kept)


def _definition(data: dict[str, Any], found: FaultCollector) -> Definition:
    schema = data.pop("schema", SCHEMA)
    if type(schema) is not int or schema < 1:
        found.add("schema", "value.type/schema", value=schema, schema=SCHEMA)
    elif schema > SCHEMA:
        found.add("schema", "schema.newer", found=schema, known=SCHEMA)
        return _NOTHING
    parts: tuple[tuple[str, _Read[Any]], ...] = (
        ("fields", _field),
        ("stages", _stage),
        ("transitions", _transition),
        ("invariants", _invariant),
        ("cadences", _cadence),
        ("scores", _advice),
        ("risks", _advice),
        ("warnings", _early_warning),
        ("signals", _signal),
    )
    if is_table(data.get("plugins")):
        data["plugins"] = _settings(data["plugins"], found)
    if is_table(data.get("calendar")):
        data["calendar"] = _item(data["calendar"], "calendar", found, _working_time)
    if "insight" in data:
        data["insight"] = _item(data["insight"], "insight", found, _noun(Insight)) or Insight()
    if "outcomes" in data:
        outcomes = _outcomes(data.pop("outcomes"), found)
        data |= {} if outcomes is None else {"outcomes": outcomes}
    if RULES in data:
        data[RULES] = _rules(data[RULES], found)
    first = _first_id(data.get("stages"))
    for name, read in parts:
        if name in data:
            data[name] = _items(data[name], name, found, read)
    # A project opens in the first stage by default, even if that stage could not be read.
    data.setdefault("initial", first)
    return structured(Definition, data, "", found, vital=("id",), fallback={"id": "", "initial": first}) or _NOTHING


def _settings(tables: Mapping[Any, Any], found: FaultCollector) -> dict[Any, Any]:
    """
    Return the tables of settings without their nulls; no fault shows a value, which may be a secret.
    """
    left: dict[Any, Any] = {}
    for name, table in tables.items():
        if is_table(table) and all(isinstance(key, str) for key in table):
            left[name] = {key: value for key, value in table.items() if value is not None}
        else:
            found.add(f"plugins.{name}", "value.type/settings", name=name)
    return left


def _first_id(stages: Any) -> str:
    return _id_of(stages[0]) if is_list(stages) and stages else ""


def _id_of(data: Any) -> str:
    found = data.get("id") if is_table(data) else None
    return found if isinstance(found, str) else ""


def _outcomes(data: Any, found: FaultCollector) -> tuple[str | Outcome, ...] | None:
    """
    Read the outcomes, ids or tables; ``None`` where one of them is neither, so that those by default stand in.
    """
    if not is_list(data) and not isinstance(data, str):
        found.add("outcomes", "value.type", value=data, shape=say("shape.outcomes"))
        return None
    items = [
        _outcome(each, f"outcomes[{n}]", found) for n, each in enumerate([data] if isinstance(data, str) else data)
    ]
    left = tuple(each for each in items if each is not None)
    return left if len(left) == len(items) else None


def _outcome(data: Any, path: str, found: FaultCollector) -> str | Outcome | None:
    if isinstance(data, str):
        return data
    if not is_table(data):
        found.add(path, "value.type", value=data, shape=say("shape.outcome"))
        return None
    return structured(Outcome, data, path, found, vital=("id",))


def _rules(data: Any, found: FaultCollector) -> dict[str, tuple[GuardUse, ...]]:
    """
    Read the rules; one whose guards are all left out is left out itself.
    """
    if not is_table(data):
        found.add(RULES, "value.type/rules", value=data)
        found.dropped.add("")
        return {}
    read = dict[str, tuple[GuardUse, ...]]()
    for name, rule in data.items():
        shape = _item(rule, f"rules.{name}", found, _rule)
        if shape is None or (not shape.guards and f"rules.{name}.guards" in found.kept):
            found.dropped.add(name)
        else:
            read[name] = shape.guards
    return read


def _items(data: Any, path: str, found: FaultCollector, read: _Read[T]) -> tuple[T, ...]:
    """
    Read each item of a list; note which items are left if some are dropped.
    """
    if not is_list(data):
        found.add(path, "value.type/tables", value=data, name=path.rpartition(".")[2])
        return ()
    items = [(number, _item(item, f"{path}[{number}]", found, read)) for number, item in enumerate(data)]
    left = [(number, item) for number, item in items if item is not None]
    if len(left) < len(items):
        found.kept[path] = tuple(number for number, _ in left)
    return tuple(item for _, item in left)


def _item(data: Any, path: str, found: FaultCollector, read: _Read[T]) -> T | None:
    if is_table(data):
        item = read(dict(data), path, found)
    else:
        found.add(path, "value.type/table", value=data)
        item = None
    if item is None:
        found.dropped.add(_id_of(data) if path.count(".") == 0 else path)
    return item


def _use(kind: type[T], *options: str) -> _Read[T]:
    """
    Return what reads the use of a name with free parameters, and with these options.
    """

    def read(data: dict[str, Any], path: str, found: FaultCollector) -> T | None:
        if _name_of_use(data, path, found, ("use",)) is None:
            return None
        whole = {key: data[key] for key in ("use", *options) if key in data}
        whole["params"] = {key: value for key, value in data.items() if key not in whole}
        return structured(kind, whole, path, found, vital=("use", "params", *options))

    return read


def _guard(data: dict[str, Any], path: str, found: FaultCollector) -> GuardUse | None:
    use = _name_of_use(data, path, found, ("use", *COMBINATORS, RULES))
    if use is None:
        return None
    options: dict[str, Any] = {key: data[key] for key in _OPTIONS if key in data}
    if isinstance(options.get("override"), Mapping):
        rule = structured(OverrideRule, options.pop("override"), f"{path}.override", found, vital=("roles", "not_by"))
        if rule is None:
            return None
        options["override"] = rule
    params = {key: value for key, value in data.items() if key not in RESERVED}
    plain: dict[str, Any] = {"use": data[use], "params": params}
    if use != "use":
        for key in params if use != AT_LEAST else params.keys() - {"count"}:
            report_unknown_key(key, [name for name in _OPTIONS if name not in data], path, found)
    if use == RULES:
        plain = {"use": use, "params": {"name": data[use]}}
    elif use in COMBINATORS:
        inner = _items(data[use], f"{path}.{use}", found, _guard)
        if data[use] and not inner:
            return None
        plain = {"use": use, "guards": inner, "params": params if use == AT_LEAST else {}}
    if not _usable(data, use, path, found):
        return None
    return structured(GuardUse, {**plain, **options}, path, found, vital=tuple(plain) + _OPTIONS)


def _usable(data: dict[str, Any], use: str, path: str, found: FaultCollector) -> bool:
    """
    Tell whether the value of ``use`` or ``rules`` can be the name of a guard or rule.
    """
    name = data[use]
    if use == "use" and name in (*COMBINATORS, RULES):
        found.add(f"{path}.use", f"value.choice/{'rules' if name == RULES else 'combinator'}", value=name)
        return False
    if use == RULES and not isinstance(name, str):
        found.add(f"{path}.rules", "value.type/rule", value=name)
        return False
    return True


def _name_of_use(data: dict[str, Any], path: str, found: FaultCollector, names: tuple[str, ...]) -> str | None:
    """
    Return the one key that says what is used.
    """
    given = [name for name in names if name in data]
    if len(given) == 1:
        return given[0]
    if given:
        found.add(path, "key.conflict", keys=given)
    else:
        meant = next(filter(None, (nearest(str(key), names) for key in data)), None)
        found.add(path, "key.missing/any", keys=names, near=meant)
    return None


def _read_lists(data: dict[str, Any], path: str, found: FaultCollector, inner: Mapping[str, _Read[Any]]) -> None:
    for name, read in inner.items():
        if name in data:
            data[name] = _items(data[name], f"{path}.{name}", found, read)


def _noun(kind: type[T], *vital: str, **inner: _Read[Any]) -> _Read[T]:
    """
    Return what reads a noun whose keys are its attributes; those in *inner* are lists of nouns.
    """

    def read(data: dict[str, Any], path: str, found: FaultCollector) -> T | None:
        _read_lists(data, path, found, inner)
        return structured(kind, data, path, found, vital=vital)

    return read


_effect = _use(EffectUse, *EFFECT_OPTIONS)
_advice = _use(AdviceUse, *ADVICE_OPTIONS)
_lock = _noun(FieldLock, "from", "unless")
_working_time = _noun(WorkingTime)
_rule = _noun(RuleShape, "guards", guards=_guard)


def _field(data: dict[str, Any], path: str, found: FaultCollector) -> Field | None:
    if "locked" in data:
        data["locked"] = _item(data["locked"], f"{path}.locked", found, _lock)
    return structured(Field, data, path, found, vital=("id", "type", "choices"))


_deadline = _noun(Deadline, "id", "after", "field", "before", "since", "remind", effects=_effect)
_task = _noun(StageTask, "id", "within")
_stage = _noun(Stage, "id", "kind", deadlines=_deadline, tasks=_task)
_cadence = _noun(Cadence, "id", "every", "met_by", "stages", "after_closing", on_missed=_effect)
_invariant = _noun(Invariant, "id", "holds", "stages")
_spawn = _noun(Spawn, "lifecycle")
_signal = _noun(SignalRule, "kinds", "offer", effects=_effect)
_early_warning = _noun(EarlyWarning, "id", "on", "op", "fire", "clear")


def _transition(data: dict[str, Any], path: str, found: FaultCollector) -> Transition | None:
    _read_lists(data, path, found, {"guards": _guard, "effects": _effect})
    spawn_lost = False
    if "spawn" in data:
        data["spawn"] = _item(data["spawn"], f"{path}.spawn", found, _spawn)
        spawn_lost = data["spawn"] is None
    transition = structured(Transition, data, path, found, vital=("id", "source", "except", "target", "kind", "spawn"))
    return None if spawn_lost else transition
