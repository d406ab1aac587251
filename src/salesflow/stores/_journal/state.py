"""
The state that the lines of a journal make: heads, keys, open work, and the place of each fact.
"""

from __future__ import annotations

from array import array

from ..._codec.values import decode_time
from ..._model.commit import Commit, StoredDefinition
from .._memory.index import Index
from .._memory.work_queue import WorkQueue
from .payload import Part, Types, decode_commit, decode_work, parts_of


class JournalState:
    """
    The sum of the lines so far, in memory. Its owner holds a lock around every call.
    """

    def __init__(self) -> None:
        self.index = Index()  # heads, keys and look-ups
        self.work = WorkQueue()
        self.definitions: dict[tuple[str, str], StoredDefinition] = {}
        self.places = array("Q")  # where the line of each feed position begins
        self.histories: dict[str, array[int]] = {}  # the feed positions of each project
        self.refusals = array("Q")  # where the line of each refused attempt begins
        self.refused: dict[str, array[int]] = {}  # which of them are of a project

    def check(self, commit: Commit) -> tuple[int | None, Commit]:
        """
        Check a commit against what is stored: its key, then its versions, then its claims.

        Return the feed position of the fact that has its key already, and what is to be written:
        of a repeat only the end of the claims that still hold.
        """
        found = None if commit.key is None else self.index.position(commit.key)
        if found is not None:
            held = self.work.still_held(commit.done)
            return found, Commit(done=tuple(claim for claim in commit.done if claim.work.id in held))
        self.index.check(commit.appends)
        self.work.check_held(commit.done)
        return None, commit

    def put(self, commit: Commit, place: int) -> None:
        """
        Take in a commit that was checked and written.
        """
        for position, append in enumerate(commit.appends, self.index.count + 1):
            self.places.append(place)
            self.histories.setdefault(append.fact.project_id, array("Q")).append(position)
        for attempt in commit.attempts:
            self.refused.setdefault(attempt.project_id, array("Q")).append(len(self.refusals))
            self.refusals.append(place)
        self.index.put(commit)
        if commit.notices or commit.dues or commit.dropped or commit.done or commit.opened:
            self.work.apply(commit)

    def put_line(self, line: Part, place: int, types: Types) -> None:
        """
        Take in what a line says; it raises something if no journal says that.
        """
        for part in parts_of(line):
            self.work.finish(part.get("done", ()))  # first: the same commit may open the work again
            self.put(decode_commit(part, self.index.count + 1, self.index.head, types), place)
            self.work.put(decode_work(part, self.work.state))
            if "definition" in part:
                self.keep(StoredDefinition(*part["definition"]))
            if "purge" in part:
                self.index.purge(decode_time(part["purge"]))

    def keep(self, definition: StoredDefinition) -> None:
        """
        Take in a definition that was written; the first of an id and version stays.
        """
        self.definitions.setdefault((definition.id, definition.version), definition)

    def history(self, project_id: str, after: int, upto: int | None) -> array[int]:
        """
        Return the feed positions of a project's facts with ``after < version <= upto``.
        """
        found = self.histories.get(project_id, array("Q"))
        return found[max(after, 0) : None if upto is None else max(upto, 0)]
