"""
Checks a mapping against the lifecycle that its deals went through: stages, paths, fields and currencies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice, pairwise
from typing import Final

import attrs

from .._definition.edges import edges_of
from .._definition.report import Fault
from .._lifecycle.lifecycle import Lifecycle
from .._model.definition import Field
from .._model.frozen import EMPTY
from .._model.values import Money
from ..errors import InputError, did_you_mean, shown
from ._cells import Unreadable, reader
from ._mapping import ColumnMapping, FieldColumn


_ANY_CURRENCY: Final = "XXX"
_MOST_NAMES: Final = 20


def check_mapping(mapping: ColumnMapping, lifecycle: Lifecycle) -> Iterator[Fault]:
    """
    Yield everything in *mapping* that does not fit *lifecycle*.
    """
    if mapping.lifecycle not in (None, lifecycle.id):
        hint = f"The mapping is written for {mapping.lifecycle!r}; give that one, or another mapping."
        yield Fault("lifecycle", "lifecycle.other", f"the lifecycle is {lifecycle.id!r}", hint)
        return
    stages = dict.fromkeys(stage.id for stage in lifecycle.stages)
    for word, stage in mapping.stages.items():
        yield from _stage(f"stage.values.{word}", stage, stages)
        if mapping.kind == "snapshot" and stage in stages and stage not in mapping.paths:
            hint = f"Say which steps a deal in {stage!r} has behind it."
            yield Fault(f"paths.{stage}", "key.missing", "it is missing", hint)
    yield from _paths(mapping, lifecycle, stages)
    for field in mapping.fields:
        yield from _declared(field, mapping, lifecycle, stages)


def _stage(path: str, name: str, stages: Collection[str]) -> Iterator[Fault]:
    if name not in stages:
        hint = f"Stages: {_few(stages)}.{did_you_mean(name, stages)}"
        yield Fault(path, "stage.unknown", f"there is no stage {shown(name)}", hint)


def _few(names: Collection[str]) -> str:
    """
    Return the first names; a mapping may have thousands of faults, and each with all names would have no end.
    """
    more = len(names) - _MOST_NAMES
    return ", ".join([*islice(names, _MOST_NAMES), *([f"and {more} more"] if more > 0 else [])])


def _paths(mapping: ColumnMapping, lifecycle: Lifecycle, stages: Collection[str]) -> Iterator[Fault]:
    ends: dict[str, dict[str, None]] = {}
    for edge in edges_of(lifecycle.definition):
        if not edge.stays:
            ends.setdefault(edge.source, {})[edge.target] = None
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
            if target not in ends.get(source, ()):
                hint = f"Stages that transitions lead to from {source!r}: {_few(ends.get(source, ())) or 'none'}."
                yield Fault(f"{path}[{index}]", "path.gap", f"no transition leads from {source!r} to {target!r}", hint)


def _declared(
    field: FieldColumn, mapping: ColumnMapping, lifecycle: Lifecycle, stages: Collection[str]
) -> Iterator[Fault]:
    path = f"fields.{field.field}"
    declared = lifecycle.fields.get(field.field)
    if declared is None:
        hint = f"Fields: {_few(lifecycle.fields)}.{did_you_mean(field.field, lifecycle.fields)}"
        yield Fault(path, "field.unknown", f"lifecycle {lifecycle.id!r} declares no such field", hint)
        return
    for stage in field.on:
        yield from _stage(f"{path}.on", stage, stages)
    currencies = [*_currency(field, declared, path)]
    yield from currencies
    if currencies and declared.type == "money":
        return
    code = field.currency or (_ANY_CURRENCY if declared.type == "money" else None)
    if field.min is not None and declared.type not in ("money", "number", "integer"):
        yield Fault(f"{path}.min", "key.conflict", f"the field is of type {declared.type}", "Only numbers have one.")
    if field.when_missing is not None:
        try:
            reader(declared, attrs.evolve(field, currency=code), mapping)(field.when_missing, "")
        except Unreadable as problem:
            yield Fault(f"{path}.when_missing", "value.type", problem.about.en, "Write it like the cells of the file.")
    for word, text in field.values.items():
        try:
            reader(declared, attrs.evolve(field, currency=code, values=EMPTY), mapping)(text, "")
        except Unreadable as problem:
            hint = "Write what this field takes, as a cell of the file would say it."
            yield Fault(f"{path}.values.{word}", "value.type", problem.about.en, hint)


def _currency(field: FieldColumn, declared: Field, path: str) -> Iterator[Fault]:
    if declared.type != "money":
        for key, given in (("currency", field.currency), ("currency_column", field.currency_column)):
            if given is not None:
                text = f"the field is of type {declared.type}"
                yield Fault(f"{path}.{key}", "key.conflict", text, "Only money has one.")
    elif field.currency is None and field.currency_column is None:
        hint = "Give the ISO 4217 code of the amounts, or currency_column where each row names its own."
        yield Fault(f"{path}.currency", "key.missing", "it is missing", hint)
    elif field.currency is not None:
        try:
            Money(0, field.currency)
        except InputError as error:
            yield Fault(f"{path}.currency", "value.type", f"{shown(field.currency)} is no code", error.hint)
