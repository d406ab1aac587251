"""
Checks a mapping against the lifecycle that its deals went through: stages, paths, fields and currencies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Final

import attrs

from .._definition.edges import edges_of
from .._definition.report import Fault, fault, few
from .._lifecycle.lifecycle import Lifecycle
from .._model.definition import Field
from .._model.frozen import EMPTY
from .._model.values import Money
from ..errors import InputError, nearest, say
from ._cells import Unreadable, reader
from ._mapping import ColumnMapping, FieldColumn


_ANY_CURRENCY: Final = "XXX"


def check_mapping(mapping: ColumnMapping, lifecycle: Lifecycle) -> Iterator[Fault]:
    """
    Yield everything in *mapping* that does not fit *lifecycle*.
    """
    if mapping.lifecycle not in (None, lifecycle.id):
        yield fault("lifecycle", "lifecycle.other", given=lifecycle.id, wanted=mapping.lifecycle)
        return
    stages = dict.fromkeys(stage.id for stage in lifecycle.stages)
    for word, stage in mapping.stages.items():
        yield from _stage(f"stage.values.{word}", stage, stages)
        if mapping.kind == "snapshot" and stage in stages and stage not in mapping.paths:
            yield fault(f"paths.{stage}", "key.missing/path", stage=stage)
    yield from _paths(mapping, lifecycle, stages)
    for field in mapping.fields:
        yield from _declared(field, mapping, lifecycle, stages)


def _stage(path: str, name: str, stages: Collection[str]) -> Iterator[Fault]:
    if name not in stages:
        yield fault(path, "stage.unknown/mapping", name=name, known=few(stages), near=nearest(name, stages))


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
            yield fault(path, "path.ends", walk=" → ".join(walk) or say("path.nowhere"), initial=initial, stage=stage)
        for index, (source, target) in enumerate(pairwise(walk), 1):
            if target not in ends.get(source, ()):
                about = {"source": source, "target": target, "known": few(ends.get(source, ()))}
                yield fault(f"{path}[{index}]", "path.gap", **about)


def _declared(
    field: FieldColumn, mapping: ColumnMapping, lifecycle: Lifecycle, stages: Collection[str]
) -> Iterator[Fault]:
    path = f"fields.{field.field}"
    declared = lifecycle.fields.get(field.field)
    if declared is None:
        about = {"known": few(lifecycle.fields), "near": nearest(field.field, lifecycle.fields)}
        yield fault(path, "field.unknown", lifecycle=lifecycle.id, **about)
        return
    for stage in field.on:
        yield from _stage(f"{path}.on", stage, stages)
    currencies = [*_currency(field, declared, path)]
    yield from currencies
    if currencies and declared.type == "money":
        return
    code = field.currency or (_ANY_CURRENCY if declared.type == "money" else None)
    if field.min is not None and declared.type not in ("money", "number", "integer"):
        yield fault(f"{path}.min", "key.conflict/number", type=declared.type)
    if field.when_missing is not None:
        try:
            reader(declared, attrs.evolve(field, currency=code), mapping)(field.when_missing, "")
        except Unreadable as problem:
            yield fault(f"{path}.when_missing", "value.type/cell", why=problem.about)
    for word, text in field.values.items():
        try:
            reader(declared, attrs.evolve(field, currency=code, values=EMPTY), mapping)(text, "")
        except Unreadable as problem:
            yield fault(f"{path}.values.{word}", "value.type/word", why=problem.about)


def _currency(field: FieldColumn, declared: Field, path: str) -> Iterator[Fault]:
    if declared.type != "money":
        for key, given in (("currency", field.currency), ("currency_column", field.currency_column)):
            if given is not None:
                yield fault(f"{path}.{key}", "key.conflict/money", type=declared.type)
    elif field.currency is None and field.currency_column is None:
        yield fault(f"{path}.currency", "key.missing/currency")
    elif field.currency is not None:
        try:
            Money(0, field.currency)
        except InputError as error:
            yield fault(f"{path}.currency", "value.type/currency", value=field.currency, hint=error.hint)
