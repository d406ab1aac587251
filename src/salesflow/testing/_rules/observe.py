"""
The listener that checks rules live, on every project whose commits it is notified of.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

import attrs

from ... import Fact, Project
from ...typing import Store
from .rule import Rule, Violation


@attrs.define
class _FollowedProject:
    """
    The state of one project.

    Attributes:
        known: what each rule knows of it.
        version: up to which version its facts were followed.
        early: later facts that arrived before their turn, by version.
    """

    known: list[Any]
    version: int = 0
    early: dict[int, Fact] = attrs.Factory(dict[int, Fact])


class Watcher:
    """
    A listener that checks rules after every commit. Made by :func:`watch`; may be shared by threads.

    Attributes:
        violations: every violation, in the order in which they were found.
    """

    def __init__(self, rules: Sequence[Rule], store: Store | None) -> None:
        self.violations: tuple[Violation, ...] = ()
        self._rules = tuple(rules)
        self._store = store
        self._projects: dict[str, _FollowedProject] = {}
        self._lock = Lock()

    def __call__(self, facts: tuple[Fact, ...], project: Project) -> None:
        """
        Follow the new facts of a project.

        Raises:
            AssertionError: with every violation in these facts; a pipeline returns it as a listener's failure.
        """
        with self._lock:
            found = self._follow(facts, project)
            self.violations += found
        if found:
            raise AssertionError("\n".join(map(str, found)))

    def _follow(self, facts: tuple[Fact, ...], project: Project) -> tuple[Violation, ...]:
        followed = self._projects.get(project.id)
        if followed is None:
            followed = self._projects[project.id] = _FollowedProject([rule.begin() for rule in self._rules])
        # Threads may report their commits out of order; facts wait until all earlier facts have arrived.
        followed.early |= {fact.version: fact for fact in facts if fact.version > followed.version}
        if self._store is not None and followed.version + 1 not in followed.early:
            missed = self._store.load(project.id, after=followed.version, upto=project.version)
            followed.early |= {fact.version: fact for fact in missed}
        found: list[Violation] = []
        while followed.version + 1 in followed.early:
            followed.version += 1
            fact = followed.early.pop(followed.version)
            for index, rule in enumerate(self._rules):
                followed.known[index], broken = rule.follow(followed.known[index], fact)
                found += broken
        return tuple(found)


def watch(*rules: Rule, store: Store | None = None) -> Watcher:
    """
    Return a listener that checks rules as facts are committed: ``Pipeline(lifecycle, listeners=[watch(rule)])``.

    Args:
        store: where the earlier facts are read of projects that were opened before; without it those
            projects are not checked.
    """
    return Watcher(rules, store)
