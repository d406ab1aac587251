"""
Does what remedies say, knowing nothing of the guards: the proof that a machine can read them.
"""

from __future__ import annotations

from typing import Any

import attrs

from salesflow import Project, Verdict, dossier
from salesflow.testing._navigate.remedies_entries import wanted_entry
from salesflow.typing import Remedy

from ...guards.factory import NOW, ask, context, held


CLASSES = {kind.kind: kind for kind in dossier.BUILT_IN}


def cured(guard: Any, proposed: Project, *args: Any, rounds: int = 4, **params: Any) -> Project:
    """
    Follow remedies until the guard has nothing to say any more, at most so many rounds.
    """
    for _ in range(rounds):
        verdicts = [v for v in ask(guard, context(proposed), *args, **params) if v.status != "pass"]
        if not verdicts:
            return proposed
        assert all(verdict.missing for verdict in verdicts)
        proposed = follow(proposed, verdicts)
    raise AssertionError([verdict.message() for verdict in verdicts])


def follow(proposed: Project, verdicts: list[Verdict]) -> Project:
    for remedy in (remedy for verdict in verdicts for remedy in verdict.missing):
        if remedy.kind == "field":
            proposed = fill(proposed, remedy)
        for _ in range(remedy.params.get("count", 1) if remedy.kind == "entry" else 0):
            proposed = put(proposed, remedy)
    return proposed


def fill(proposed: Project, remedy: Remedy) -> Project:
    if remedy.name == "outcome":
        return attrs.evolve(proposed, outcome="won", outcome_version=proposed.version)
    return attrs.evolve(proposed, fields=proposed.fields.plus(remedy.name, remedy.params["value"]))


def put(proposed: Project, remedy: Remedy) -> Project:
    before = proposed.entries.get(remedy.name, type(proposed.entries)())
    entry = wanted_entry(remedy, CLASSES, {name: each.entry for name, each in before.items()}, NOW, "kim")
    kept = held(entry, version=proposed.version + 1, at=NOW)
    return attrs.evolve(proposed, entries=proposed.entries.plus(remedy.name, before.plus(entry.id, kept)))
