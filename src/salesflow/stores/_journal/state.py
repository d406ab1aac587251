"""
What a journal keeps in memory about its lines: heads, keys, open work, and where each fact stands.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from datetime import datetime

from ..._model.commit import Commit
from .._memory.index import Index
from .._memory.work_queue import WorkQueue
from .payload import Part


class Book:
    """
    The sum of the lines so far. Its owner holds a lock around every call.

    Attributes:
        places: where the line of each feed position begins.
        histories: the feed positions of each project.
        refused: where the lines with attempts on a project begin.
    """

    __slots__ = ("histories", "index", "places", "refused", "work")

    def __init__(self) -> None:
        self.index = Index()
        self.work = WorkQueue()
        self.places = array("Q")
        self.histories: dict[str, array[int]] = {}
        self.refused: dict[str, array[int]] = {}

    def put(self, commit: Commit, place: int) -> None:
        """
        Take in a commit that was checked and written.
        """
        for position, append in enumerate(commit.appends, self.index.count + 1):
            self.places.append(place)
            self.histories.setdefault(append.fact.project_id, array("Q")).append(position)
        for project_id in {attempt.project_id for attempt in commit.attempts}:
            places = self.refused.setdefault(project_id, array("Q"))
            if place not in places[-1:]:  # a group may have several on one line
                places.append(place)
        self.index.put(commit)
        if commit.notices or commit.dues or commit.dropped or commit.done:
            self.work.apply(commit)

    def read(self, part: Part, place: int) -> None:
        """
        Take in what a line says.
        """
        self.work.finish(part.done())  # first, as when it was written: the same commit may set it again
        self.put(part.commit(self.index.count + 1, self.index.head), place)
        self.work.put(part.work(self.work.state))
        before = part.purged()
        if before is not None:
            self.forget(before)

    def forget(self, before: datetime) -> None:
        """
        Forget the keys of facts from before a time.
        """
        self.index.purge(before)

    def history(self, project_id: str, after: int, upto: int | None) -> array[int]:
        """
        Return the feed positions of a project's facts with ``after < version <= upto``.
        """
        found = self.histories.get(project_id, array("Q"))
        return found[max(after, 0) : None if upto is None else max(upto, 0)]

    def lengths(self) -> Mapping[str, int]:
        """
        Return how many facts each project has.
        """
        return {project_id: len(positions) for project_id, positions in self.histories.items()}
