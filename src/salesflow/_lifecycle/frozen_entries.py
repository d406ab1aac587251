"""
Approved goals, targets and criteria, which are frozen: another value needs another version, and that another approval.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from .. import dossier
from .._model.facts import Change, EntryDropped, EntryPut
from .._model.frozen import FrozenDict
from .._model.project import Project
from .._model.verdict import Verdict
from ..guards._base import cure
from ..guards._bound import PROMISES, entry_digest
from .compiled import ENGINE


_CODES: Final = FrozenDict(
    {"goal": "goal.frozen", "kpi_target": "target.frozen", "success_criterion": "criterion.frozen"}
)


def frozen_entries(project: Project, changes: Iterable[Change]) -> Iterator[Verdict]:
    """
    Yield a verdict for each approved entry that a call would drop, or give another value under its version.
    """
    for change in changes:
        given: Any = change.entry if isinstance(change, EntryPut) else None
        if given is not None and given.kind in PROMISES:
            kind, name = given.kind, given.id
        elif isinstance(change, EntryDropped) and change.kind in PROMISES:
            kind, name = change.kind, change.id
        else:
            continue
        held = project.held(kind).get(name)
        if held is None:
            continue
        stored: Any = held.entry
        approved = _approved(project, kind, name)
        if kind == dossier.Goal.kind and stored.status not in ("draft", "replaced"):
            approved.add(entry_digest(stored))
        if not approved:
            continue
        if given is not None and given.version >= stored.version:
            now = entry_digest(stored)
            if given.version > stored.version or now not in approved or entry_digest(given) == now:
                continue
        remedy = cure("entry", kind, id=name, min_version=stored.version + 1)
        evidence = FrozenDict({kind: name, "version": stored.version})
        yield Verdict(ENGINE, "fail", _CODES[kind], (remedy,), evidence)


def _approved(project: Project, kind: str, name: str) -> set[str]:
    """
    Return the digests of an entry for which somebody's approval stands.
    """
    bound = (given.bound.get(kind) for given in project.all(dossier.Approval) if given.granted)
    return {digests[name] for digests in bound if digests and name in digests}
