"""
Reads the file of a mapping, and finds everything that is wrong with it in one pass.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, get_args

import attrs

from .._definition.report import Fault, Report, line_of
from .._definition.shape import is_list, is_table
from .._definition.source import load_source
from .._definition.structure import FaultCollector, at, structured_table
from .._lifecycle.lifecycle import Lifecycle
from .._model.argument_types import explain_types
from .._model.frozen import EMPTY, noun
from .._model.zones import zone_named
from ..errors import DefinitionError, few_suggestions, say
from ._check_mapping import check_mapping
from ._mapping import ISO, ROW_ORDER, ColumnMapping, FieldColumn, MappingKind, PathStep, read_time


_SCHEMA: Final = 1
_MOST_FORMATS: Final = 20
_LONGEST_FORMAT: Final = 100
_MAY_BE_EMPTY: Final = ("join", "thousands")
_DECIMALS: Final = (".", ",")
_THOUSANDS: Final = ("", ",", ".", " ", "'")
# They are made for names and source code: some read nothing, and punycode takes the square of the size.
_NOT_FOR_FILES: Final = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
_SAMPLE: Final = datetime(2017, 3, 1, 13, 5, tzinfo=UTC)


@noun
class FileTable:
    """
    A whole file. The tables of a file are classes whose names end in ``Table``.
    """

    schema: int
    kind: MappingKind
    project: Any
    actor: Any
    stage: Any
    time: Any
    lifecycle: str | None = None
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    numbers: Any = EMPTY
    ignore: tuple[str, ...] = ()
    paths: Mapping[str, Any] | None = None
    fields: Mapping[str, Any] = EMPTY


@noun
class ProjectTable:
    """
    ``[project]``.
    """

    id: Any
    name: Any = EMPTY


@noun
class IdTable:
    """
    ``[project.id]``.
    """

    column: str
    slug: bool = False


@noun
class NumbersTable:
    """
    ``[numbers]``.
    """

    decimal: str = "."
    thousands: str = ""


@noun
class NameTable:
    """
    ``[project.name]``.
    """

    columns: tuple[str, ...] = ()
    join: str = " "


@noun
class ActorTable:
    """
    ``[actor]``.
    """

    column: str | None = None
    when_missing: str | None = None


@noun
class StageTable:
    """
    ``[stage]``.
    """

    column: str
    values: Mapping[str, Any]


@noun
class TimeTable:
    """
    ``[time]``.
    """

    formats: tuple[str, ...]
    timezone: str = "UTC"
    column: str | None = None
    tie_break: str = ROW_ORDER


@noun
class FieldTable:
    """
    One ``[fields.<id>]``.
    """

    column: str
    when_missing: str | None = None
    currency: str | None = None
    currency_column: str | None = None
    values: Mapping[str, Any] = EMPTY
    min: float | None = None
    formats: tuple[str, ...] = ()
    on: tuple[str, ...] = ()


@explain_types
def load_mapping(
    source: str | os.PathLike[str] | Mapping[str, Any], *, lifecycle: Lifecycle | None = None
) -> ColumnMapping:
    """
    Read a mapping from a ``.toml`` or ``.json`` file, or from its data.

    Args:
        lifecycle: checked against, too: stages, fields, currencies and paths.

    Raises:
        DefinitionError: with every fault, at once.
    """
    with few_suggestions():
        return _load(source, lifecycle)


def _load(source: str | os.PathLike[str] | Mapping[str, Any], lifecycle: Lifecycle | None) -> ColumnMapping:
    loaded = load_source(dict(source) if isinstance(source, Mapping) else Path(source))
    name = "mapping" if isinstance(source, Mapping) else os.fspath(source)
    if isinstance(loaded, Fault):
        raise DefinitionError(Report((loaded,), source=name))
    data, lines = loaded
    found = FaultCollector()
    mapping = _mapping(data, found)
    if lifecycle is not None and data.get("kind") in get_args(MappingKind):
        # What is malformed is reported already; what follows from it would be noise.
        malformed = tuple(fault.path for fault in found.faults if fault.path)
        found.faults += [fault for fault in check_mapping(mapping, lifecycle) if not fault.path.startswith(malformed)]
    if found.faults:
        faults = [
            attrs.evolve(fault, path=fault.path or "mapping", line=line_of(fault.path, lines)) for fault in found.faults
        ]
        raise DefinitionError(Report(tuple(faults), source=name))
    return mapping


def _mapping(data: Mapping[str, Any], found: FaultCollector) -> ColumnMapping:
    nothing: dict[str, Any] = dict.fromkeys(("project", "actor", "stage", "time"))
    whole = _table(FileTable, data, "", found, schema=_SCHEMA, kind="snapshot", **nothing)
    if whole.schema != _SCHEMA:
        found.add("schema", "schema.newer", found=whole.schema, known=_SCHEMA)
    project = _table(ProjectTable, whole.project, "project", found, id=None)
    id_ = _table(IdTable, project.id, "project.id", found, column="")
    numbers = _numbers(_table(NumbersTable, whole.numbers, "numbers", found), found)
    name = _table(NameTable, project.name, "project.name", found)
    actor = _table(ActorTable, whole.actor, "actor", found)
    stage = _table(StageTable, whole.stage, "stage", found, column="", values=EMPTY)
    time = _table(TimeTable, whole.time, "time", found, formats=())
    formats = _formats(time.formats, "time.formats", found)
    _check_contents(whole, actor, found)
    if data.get("kind") in get_args(MappingKind):
        _check_kind(whole, time, found)
    paths: Mapping[str, Any] = whole.paths or EMPTY
    return ColumnMapping(
        kind=whole.kind,
        lifecycle=whole.lifecycle,
        encoding=_encoding(whole.encoding, found),
        delimiter=_delimiter(whole.delimiter, found),
        id_column=id_.column,
        slug=id_.slug,
        decimal=numbers.decimal,
        thousands=numbers.thousands,
        ignore=whole.ignore,
        name_columns=name.columns or (id_.column,),
        name_join=name.join,
        actor_column=actor.column,
        actor_when_missing=actor.when_missing,
        stage_column=stage.column,
        stages=_stages(stage.values, found),
        formats=formats,
        timezone=_timezone(time.timezone, found),
        time_column=time.column,
        tie_break=time.tie_break,
        paths={to: _path(steps, f"paths.{to}", formats, found) for to, steps in paths.items()},
        fields=tuple(_field(id_, item, whole.kind, formats, found) for id_, item in whole.fields.items()),
    )


def _table(shape: type[Any], data: Any, path: str, found: FaultCollector, /, **stand_ins: Any) -> Any:
    """
    Return one table of the file, with *stand_ins* for required keys that are missing or malformed.

    So the rest is looked at all the same; a table that is not there at all is reported by the table around it.
    """
    if data is None:
        return shape(**stand_ins)
    made = structured_table(shape, data, path, found, fallback=stand_ins)
    if made is None:
        return shape(**stand_ins)
    for name, given in data.items():
        if name not in _MAY_BE_EMPTY and "" in (given if is_list(given) else (given,)):
            found.add(at(path, name), "value.type/blank")
    return made


def _check_contents(whole: FileTable, actor: ActorTable, found: FaultCollector) -> None:
    """
    Check that the tables that are there say something.
    """
    if whole.actor is not None:
        _need_column(actor, "actor", found)
    if is_table(whole.time) and whole.time.get("formats") == ():
        found.add("time.formats", "value.type/no_formats")
    if is_table(whole.stage) and whole.stage.get("values") == EMPTY:
        found.add("stage.values", "key.missing/stages")


def _check_kind(whole: FileTable, time: TimeTable, found: FaultCollector) -> None:
    """
    Check what only one kind of mapping has.
    """
    if whole.kind == "snapshot":
        strange: dict[str, Any] = {"time.column": time.column, "time.tie_break": time.tie_break != ROW_ORDER}
        if whole.paths is None:
            found.add("paths", "key.missing/paths")
    else:
        strange = {"paths": whole.paths}
        if whole.time is not None and time.column is None:
            found.add("time.column", "key.missing/time")
    _belongs(strange, whole.kind, found)


def _belongs(strange: Mapping[str, Any], kind: str, found: FaultCollector) -> None:
    for path, given in strange.items():
        if given:
            found.add(path, "key.conflict/kind", kind=kind)


def _need_column(table: Any, path: str, found: FaultCollector) -> None:
    if table.column is None and table.when_missing is None:
        found.add(at(path, "column"), "key.missing/column")


def _encoding(name: str, found: FaultCollector) -> str:
    try:
        known = codecs.lookup(name).name not in _NOT_FOR_FILES
        "a".encode(name)  # codecs of bytes are found, too
    except (LookupError, ValueError):
        known = False
    if not known:
        found.add("encoding", "value.choice/encoding", value=name)
    return name


def _numbers(table: NumbersTable, found: FaultCollector) -> NumbersTable:
    if table.decimal not in _DECIMALS:
        found.add("numbers.decimal", "value.choice/decimal", value=table.decimal)
        return NumbersTable()
    if table.thousands not in _THOUSANDS or table.thousands == table.decimal:
        found.add("numbers.thousands", "value.choice/thousands", value=table.thousands)
        return NumbersTable()
    return table


def _delimiter(mark: str, found: FaultCollector) -> str:
    if len(mark) != 1 or mark in '"\r\n':
        found.add("delimiter", "value.choice/delimiter", value=mark)
    return mark


def _timezone(name: str, found: FaultCollector) -> str:
    if zone_named(name) is None:
        found.add("time.timezone", "value.choice/zone", value=name)
        return "UTC"
    return name


def _formats(given: tuple[str, ...], path: str, found: FaultCollector) -> tuple[str, ...]:
    """
    Return the formats that can be read back.
    """
    if len(given) > _MOST_FORMATS:
        found.add(path, "value.choice/formats", count=len(given), most=_MOST_FORMATS)
        return given[:1]
    good = tuple(filter(_tells_the_day, given))
    for form in given:
        if form and form not in good:
            found.add(path, "value.choice/format", value=form)
    return good


def _tells_the_day(form: str) -> bool:
    """
    Tell whether a date that is written in a format can be read from it again.
    """
    if form == ISO:
        return True
    try:
        back = read_time(_SAMPLE.strftime(form), (form,)) if len(form) <= _LONGEST_FORMAT else None
    except ValueError:  # half of a pair of surrogates
        return False
    return back is not None and back.date() == _SAMPLE.date()


def _stages(values: Mapping[str, Any], found: FaultCollector) -> dict[str, str]:
    good = {word: stage for word, stage in values.items() if isinstance(stage, str) and stage}
    for word, stage in values.items():
        if word not in good:
            found.add(at("stage.values", word), "value.type", value=stage, shape=say("shape.stage"))
    return good


def _path(steps: Any, path: str, formats: tuple[str, ...], found: FaultCollector) -> tuple[PathStep, ...]:
    if not is_list(steps):
        found.add(path, "value.type/steps", value=steps)
        return ()
    return tuple(_step(step, f"{path}[{number}]", formats, found) for number, step in enumerate(steps))


def _step(data: Any, path: str, formats: tuple[str, ...], found: FaultCollector) -> PathStep:
    step: PathStep = _table(PathStep, data, path, found, stage="")
    if is_table(data):
        _need_column(step, path, found)
    if step.when_missing and formats and read_time(step.when_missing, formats) is None:
        found.add(at(path, "when_missing"), "value.type/time_of_file", value=step.when_missing, formats=formats)
    return step


def _field(name: str, data: Any, kind: str, formats: tuple[str, ...], found: FaultCollector) -> FieldColumn:
    path = f"fields.{name}"
    table = _table(FieldTable, data, path, found, column="")
    if kind == "history":
        _belongs({f"{path}.on": table.on}, kind, found)
    given: dict[str, Any] = attrs.asdict(table, recurse=False)
    given["values"] = _values(table.values, f"{path}.values", found)
    given["min"] = None if table.min is None else Decimal(str(table.min))
    given["formats"] = _formats(table.formats, f"{path}.formats", found) or formats
    return FieldColumn(name, **given)


def _values(given: Mapping[str, Any], path: str, found: FaultCollector) -> dict[str, str]:
    good: dict[str, str] = {}
    for word, value in given.items():
        if isinstance(value, (str, bool)) and value != "":
            good[word] = value if isinstance(value, str) else str(value).lower()
        else:
            found.add(at(path, word), "value.type", value=value, shape=say("shape.text_or_bool"))
    return good
