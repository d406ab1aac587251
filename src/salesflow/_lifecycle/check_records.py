"""
Checks the lifecycle of a kind of entries: its stages must be statuses of the kind, and its fields attributes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_type_hints

from .._definition.report import Fault, fault
from .._model.definition import Definition
from .._model.facts import Entry
from ..errors import nearest


def check_record(definition: Definition, kind: str, known: Mapping[str, type[Entry]]) -> Iterator[Fault]:
    """
    Yield a fault for a kind without a status, a stage that is not a status, and a field that is not an attribute.
    """
    hints = {
        name: get_type_hints(each) for name, each in known.items() if "status" in getattr(each, "__annotations__", ())
    }
    found = hints.get(kind)
    if found is None:
        yield fault("record", "record.kind", name=kind, known=sorted(hints), near=nearest(kind, hints))
        return
    choices: tuple[Any, ...] = get_args(found["status"])
    for index, stage in enumerate(definition.stages):
        if choices and stage.id not in choices:
            about: dict[str, Any] = {
                "name": stage.id,
                "kind": kind,
                "known": choices,
                "near": nearest(stage.id, choices),
            }
            yield fault(f"stages[{index}].id", "record.stage", **about)
    attributes = [name for name in found if name not in ("kind", "id", "status")]
    for index, field in enumerate(definition.fields):
        if field.id not in attributes:
            about = {"name": field.id, "kind": kind, "known": attributes, "near": nearest(field.id, attributes)}
            yield fault(f"fields[{index}].id", "record.field", **about)
