"""
Reads the file of a mapping, and finds everything that is wrong with it in one pass.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs

from .._definition.report import Fault, Report
from .._definition.source import is_table, load_source
from .._lifecycle.lifecycle import Lifecycle
from ..errors import DefinitionError, shown
from ._map_check import check_mapping
from ._mapping import ROW_ORDER, ColumnMapping, FieldColumn, PathStep, read_time
from ._tables import Table


_SCHEMA: Final = 1
_SAMPLE: Final = datetime(2017, 3, 1, 13, 5, tzinfo=UTC)
_KINDS: Final = ("snapshot", "history")
_FORMATS_HINT: Final = "Use the directives of datetime.strptime, for example '%Y-%m-%d'."


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
    loaded = load_source(dict(source) if isinstance(source, Mapping) else Path(source))
    name = "mapping" if isinstance(source, Mapping) else os.fspath(source)
    if isinstance(loaded, Fault):
        raise DefinitionError(Report((loaded,), source=name))
    faults: list[Fault] = []
    mapping = _read(Table(loaded[0], "", faults))
    told = tuple(fault.path for fault in faults)
    if lifecycle is not None and "kind" not in told:
        # What is malformed was told; what follows from it would be noise.
        faults += [fault for fault in check_mapping(mapping, lifecycle) if not fault.path.startswith(told)]
    if faults:
        raise DefinitionError(Report(tuple(faults), source=name))
    return mapping


def _read(top: Table) -> ColumnMapping:
    schema = top.take("schema", int, f"the version of the format, {_SCHEMA}", required=True)
    if schema is not None and schema != _SCHEMA:
        top.fault("schema", "schema.newer", f"this salesflow reads schema {_SCHEMA}, not {schema}", "Use a newer one.")
    kind: Any = top.one_of("kind", _KINDS)
    project, actor = top.table("project", required=True), top.table("actor", required=True)
    stage, time = top.table("stage", required=True), top.table("time", required=True)
    named = project.table("id", required=True)
    id_column = named.text("column", "the column with the deal's id", required=True) or ""
    name = project.table("name")
    acting = actor.text("column", "the column with the actor's name"), actor.text("when_missing")
    if actor.data and not any(acting):
        actor.fault("column", "key.missing", "it is missing", "Give a column, when_missing, or both.")
    mapping = ColumnMapping(
        kind=kind or "snapshot",
        lifecycle=top.text("lifecycle", "the id of a lifecycle"),
        encoding=_encoding(top),
        delimiter=_delimiter(top),
        id_column=id_column,
        name_columns=name.texts("columns") or (id_column,),
        name_join=_or(name.take("join", str, "a text", empty=True), " "),
        actor_column=acting[0],
        actor_when_missing=acting[1],
        stage_column=stage.text("column", "the column with the stage", required=True) or "",
        stages=_words(stage.table("values", required=True)),
        formats=_formats(time, required=True),
        timezone=_timezone(time),
    )
    mapping = _by_kind(top, time, mapping, kind)
    for table in (named, name, project, actor, stage, time, top):
        table.close()
    return mapping


def _by_kind(top: Table, time: Table, mapping: ColumnMapping, kind: str | None) -> ColumnMapping:
    """
    Read what only one of the kinds has; the other one's keys are unknown here.
    """
    if kind is None:
        time.asked += ["column", "tie_break"]
        top.asked += ["paths", "fields"]
        return mapping
    if kind == "history":
        column = time.text("column", "the column with the time of a change", required=bool(time.data))
        tie_break = _or(time.text("tie_break"), ROW_ORDER)
        mapping = attrs.evolve(mapping, time_column=column, tie_break=tie_break)
    else:
        paths = top.table("paths", required=True)
        mapping = attrs.evolve(mapping, paths={stage: _path(paths, stage, mapping.formats) for stage in paths.data})
    tables = top.table("fields").tables()
    return attrs.evolve(mapping, fields=tuple(_field(name, table, mapping) for name, table in tables.items()))


def _or(value: str | None, default: str) -> str:
    return default if value is None else value


def _encoding(top: Table) -> str:
    name = _or(top.text("encoding"), "utf-8-sig")
    try:
        "a".encode(name)  # an empty text would be encoded without looking
    except (LookupError, ValueError):
        top.fault(
            "encoding", "value.choice", f"{shown(name)} is no encoding of texts", "For example 'utf-8' or 'gb18030'."
        )
        return "utf-8-sig"
    return name


def _delimiter(top: Table) -> str:
    mark = _or(top.text("delimiter"), ",")
    if len(mark) != 1 or mark in '"\r\n':
        top.fault(
            "delimiter", "value.choice", f"{shown(mark)} cannot part cells", "Give one character, such as ',' or ';'."
        )
        return ","
    return mark


def _timezone(time: Table) -> str:
    name = _or(time.text("timezone"), "UTC")
    if name != "UTC":
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            hint = (
                "Give an IANA name such as 'Asia/Shanghai'; a machine without a zone database needs the package tzdata."
            )
            time.fault("timezone", "value.choice", f"there is no time zone {shown(name)}", hint)
            return "UTC"
    return name


def _formats(table: Table, *, required: bool = False) -> tuple[str, ...]:
    found = table.texts("formats", required=required and bool(table.data))
    for form in found:
        if not _reads(form):
            table.fault("formats", "value.choice", f"{shown(form)} is no format of dates", _FORMATS_HINT)
    return tuple(form for form in found if _reads(form))


def _reads(form: str) -> bool:
    return read_time(_SAMPLE.strftime(form), (form,)) is not None


def _words(values: Table) -> dict[str, str]:
    found = {word: values.text(word, "a stage id") for word in values.data}
    if values.data == {} and values.path not in (fault.path for fault in values.faults):
        hint = "Write one line for each stage of the CRM: its word = the stage id."
        values.faults.append(Fault(values.path, "key.missing", "it is empty", hint))
    return {word: stage for word, stage in found.items() if stage is not None}


def _path(paths: Table, stage: str, formats: tuple[str, ...]) -> tuple[PathStep, ...]:
    steps: list[Any] = paths.take(stage, list, "a list of steps, each { stage = …, column = … }") or []
    found: list[PathStep] = []
    for index, step in enumerate(steps):
        place = f"{paths.place(stage)}[{index}]"
        if not is_table(step):
            paths.faults.append(
                Fault(place, "value.type", f"{shown(step)} does not fit", "Give { stage = …, column = … }.")
            )
            continue
        table = Table(step, place, paths.faults)
        name = table.text("stage", "a stage id", required=True)
        column, otherwise = table.text("column", "a column with times"), table.text("when_missing")
        if column is None and otherwise is None:
            table.fault("column", "key.missing", "it is missing", "Give a column, when_missing, or both.")
        if otherwise is not None and formats and read_time(otherwise, formats) is None:
            hint = f"Write it like the times of the file: {', '.join(formats)}."
            table.fault("when_missing", "value.type", f"{shown(otherwise)} is no time", hint)
        table.close()
        found.append(PathStep(name or "", column, otherwise))
    return tuple(found)


def _field(name: str, table: Table, mapping: ColumnMapping) -> FieldColumn:
    least = table.take("min", (int, float), "a number")  # type: ignore[arg-type]  # isinstance takes several kinds
    found = FieldColumn(
        name,
        table.text("column", "the column with the value", required=True) or "",
        table.text("when_missing"),
        table.text("currency", "an ISO 4217 code"),
        None if least is None else Decimal(str(least)),
        _formats(table) or mapping.formats,
        table.texts("on") if mapping.kind == "snapshot" else (),
    )
    table.close()
    return found
