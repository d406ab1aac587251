"""
What an approval is given for: the values of fields, and digests of the entries of a kind.

They are stamped into the approval when it is given, and compared with the project as it is proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from .._codec.entries import encode_entry
from .._codec.values import fingerprint
from .._model.facts import Entry
from .._model.frozen import FrozenDict
from .._model.project import Project
from ..dossier import Artefact


PROMISES: Final[Mapping[str, tuple[str, ...]]] = FrozenDict(
    {
        "goal": ("metric", "target", "unit", "percent", "due"),
        "kpi_target": ("metric", "target", "unit", "variant", "group", "start", "due"),
        "success_criterion": ("text", "metric", "target", "unit"),
    }
)
"""By kind, what an approval freezes of the entries that have versions; the rest is progress and may change."""


def bound_values(project: Project, names: Iterable[str]) -> Mapping[str, Any]:
    """
    Return the value of each name: a field's, or for a kind of entries the SHA-256 of each by its id.
    """
    return FrozenDict({name: bound_value(project, name) for name in names})


def bound_value(project: Project, name: str) -> Any:
    """
    Return what an approval that binds *name* is given for now.
    """
    if name in project.fields or name not in project.entries:
        return project.fields.get(name)
    # None left is the same whether there have been any or not.
    return FrozenDict({key: entry_digest(held.entry) for key, held in project.held(name).items()}) or None


def entry_digest(entry: Entry) -> str:
    """
    Return the SHA-256 of what an approval holds of an entry: the whole of it, or what it promises, see ``PROMISES``.

    So progress, owner and milestones of an approved goal may change, and metric, target, unit and due date may not.
    The status of a document in its own lifecycle is not part of what is approved.
    """
    held: Any = attrs.evolve(entry, status="draft") if isinstance(entry, Artefact) else entry
    if entry.kind in PROMISES:
        kept = {"id", "version", *PROMISES[entry.kind]}
        if getattr(held, "percent", False):
            kept.add("baseline")  # what a target in percent is counted from
        kind: Any = type(entry)
        rest = [each for each in attrs.fields(kind) if each.name not in kept]
        held = attrs.evolve(held, **{each.name: each.default for each in rest})
    return fingerprint(encode_entry(held))
