"""
Approved goals, which are frozen: another target needs another version, and that another approval.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .. import dossier
from .._model.facts import Change, EntryDropped, EntryPut
from .._model.frozen import FrozenDict
from .._model.project import Project
from .._model.verdict import Verdict
from ..guards._base import cure
from ..guards._bound import entry_digest
from .compiled import ENGINE


def thawed_goals(project: Project, changes: Iterable[Change]) -> Iterator[Verdict]:
    """
    Yield a verdict for each approved goal that a call would drop, or give another value under its version.
    """
    for change in changes:
        if isinstance(change, EntryDropped) and change.kind == dossier.Goal.kind:
            goal_id, given = change.id, None
        elif isinstance(change, EntryPut) and isinstance(change.entry, dossier.Goal):
            goal_id, given = change.entry.id, change.entry
        else:
            continue
        stored = next((goal for goal in project.all(dossier.Goal) if goal.id == goal_id), None)
        approved = _approved(project, goal_id)
        if stored is None or not approved:
            continue
        if given is not None and given.version >= stored.version:
            now = entry_digest(stored)
            if given.version > stored.version or now not in approved or entry_digest(given) == now:
                continue
        remedy = cure("entry", dossier.Goal.kind, id=goal_id, min_version=stored.version + 1)
        evidence = FrozenDict({"goal": goal_id, "version": stored.version})
        yield Verdict(ENGINE, "fail", "goal.frozen", (remedy,), evidence)


def _approved(project: Project, goal_id: str) -> set[str]:
    """
    Return the digests of a goal for which somebody's approval stands.
    """
    bound = (given.bound.get(dossier.Goal.kind) for given in project.all(dossier.Approval) if given.granted)
    return {digests[goal_id] for digests in bound if digests and goal_id in digests}
