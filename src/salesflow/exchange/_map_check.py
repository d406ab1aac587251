"""
Checks a mapping against the lifecycle that it leads into.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from .._definition.edges import edges_of
from .._definition.report import Fault
from .._lifecycle.lifecycle import Lifecycle
from .._model.values import Money
from ..errors import InputError, did_you_mean, shown
from ._cells import Unreadable, reader
from ._mapping import ColumnMapping, FieldColumn


def check_mapping(mapping: ColumnMapping, lifecycle: Lifecycle) -> Iterator[Fault]:
    """
    Yield everything in *mapping* that does not fit *lifecycle*.
    """
    if mapping.lifecycle not in (None, lifecycle.id):
        hint = f"The mapping is written for {mapping.lifecycle!r}; give that one, or another mapping."
        yield Fault("lifecycle", "lifecycle.other", f"the lifecycle is {lifecycle.id!r}", hint)
        return
    stages = [stage.id for stage in lifecycle.stages]
    for word, stage in mapping.stages.items():
        yield from _stage(f"stage.values.{word}", stage, stages)
        if mapping.kind == "snapshot" and stage in stages and stage not in mapping.paths:
            hint = f"Say which steps a deal in {stage!r} has behind it."
            yield Fault(f"paths.{stage}", "key.missing", "it is missing", hint)
    yield from _paths(mapping, lifecycle, stages)
    for field in mapping.fields:
        yield from _field(field, mapping, lifecycle, stages)


def _stage(path: str, name: str, stages: Iterable[str]) -> Iterator[Fault]:
    if name not in stages:
        hint = f"Stages: {', '.join(stages)}.{did_you_mean(name, stages)}"
        yield Fault(path, "stage.unknown", f"there is no stage {shown(name)}", hint)


def _paths(mapping: ColumnMapping, lifecycle: Lifecycle, stages: list[str]) -> Iterator[Fault]:
    edges = dict.fromkeys((edge.source, edge.target) for edge in edges_of(lifecycle.definition) if not edge.stays)
    initial = lifecycle.definition.initial
    for stage, steps in mapping.paths.items():
        path = f"paths.{stage}"
        unknown = [*_stage(path, stage, stages)]
        for index, step in enumerate(steps):
            unknown += _stage(f"{path}[{index}].stage", step.stage, stages)
        yield from unknown
        walk = [step.stage for step in steps]
        if unknown:
            continue
        if not walk or walk[0] != initial or walk[-1] != stage:
            hint = f"It starts with {initial!r}, where projects open, and ends with {stage!r}."
            yield Fault(path, "path.ends", f"it leads {' → '.join(walk) or 'nowhere'}", hint)
        for index, (source, target) in enumerate(pairwise(walk), 1):
            if (source, target) not in edges:
                after = ", ".join(dict.fromkeys(end for start, end in edges if start == source)) or "none"
                hint = f"Stages that transitions lead to from {source!r}: {after}."
                yield Fault(f"{path}[{index}]", "path.gap", f"no transition leads from {source!r} to {target!r}", hint)


def _field(field: FieldColumn, mapping: ColumnMapping, lifecycle: Lifecycle, stages: list[str]) -> Iterator[Fault]:
    path = f"fields.{field.field}"
    declared = lifecycle.fields.get(field.field)
    if declared is None:
        hint = f"Fields: {', '.join(lifecycle.fields)}.{did_you_mean(field.field, lifecycle.fields)}"
        yield Fault(path, "field.unknown", f"lifecycle {lifecycle.id!r} declares no such field", hint)
        return
    for stage in field.on:
        yield from _stage(f"{path}.on", stage, stages)
    if declared.type != "money":
        if field.currency is not None:
            yield Fault(
                f"{path}.currency", "key.conflict", f"the field is of type {declared.type}", "Only money has one."
            )
    elif field.currency is None:
        yield Fault(f"{path}.currency", "key.missing", "it is missing", "Give the ISO 4217 code of the amounts.")
        return
    else:
        try:
            Money(0, field.currency)
        except InputError as error:
            yield Fault(f"{path}.currency", "value.type", f"{shown(field.currency)} is no code", error.hint)
            return
    if field.min is not None and declared.type not in ("money", "number", "integer"):
        yield Fault(f"{path}.min", "key.conflict", f"the field is of type {declared.type}", "Only numbers have one.")
    if field.when_missing is not None:
        try:
            reader(declared, field, mapping.zone)(field.when_missing)
        except Unreadable as problem:
            yield Fault(f"{path}.when_missing", "value.type", problem.about.en, "Write it like the cells of the file.")
