"""
Whether facts and heads of a store fit together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._model.commit import StoreCheck
from .._model.facts import Fact
from .._model.fold import evolve
from .._model.project import Project
from ..errors import SalesflowError


def check_facts(facts: Iterable[Fact], heads: Mapping[str, Project], problems: Iterable[str] = ()) -> StoreCheck:
    """
    Fold all facts, in the order of the feed, and compare what they add up to with the heads.

    Args:
        problems: found already; they come first.
    """
    folded: dict[str, Project] = {}
    found = dict.fromkeys(heads, "")
    count = 0
    for fact in facts:
        count += 1
        project_id = fact.project_id
        if found.get(project_id):
            continue
        try:
            folded[project_id] = evolve(folded.get(project_id), fact)
        except SalesflowError as error:
            found[project_id] = f"project {project_id!r}, version {fact.version}: {error}"
    for project_id in sorted({*folded, *heads}):
        if not found.get(project_id) and folded.get(project_id) != heads.get(project_id):
            found[project_id] = f"project {project_id!r}: its head is not what its facts add up to."
    return StoreCheck(count, (*problems, *filter(None, found.values())))
