"""
What stores keep in memory: heads, keys, and the projects by stage, owner and outcome.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from ..._model.commit import Append, Commit, Key
from ..._model.project import Project
from ..._model.query import NAMED, Order, Query, matching, ordered
from ...errors import KeyReusedError, VersionConflictError


class _Bucket:
    """
    The ids of the projects that have one thing in common.

    Attributes:
        ids: a dictionary for its order.
        order: the ids sorted; ``None`` while nobody asked since the last change.
    """

    __slots__ = ("ids", "order")

    def __init__(self) -> None:
        self.ids: dict[str, None] = {}
        self.order: list[str] | None = None

    def sorted(self) -> list[str]:
        """
        Return the ids in order.
        """
        if self.order is None:
            self.order = sorted(self.ids)
            # Kept in order, the next sort meets one long run and a few late comers: linear.
            self.ids = dict.fromkeys(self.order)
        return self.order


_Group: TypeAlias = dict[Any, _Bucket]
_Keys: TypeAlias = dict[tuple[str, str], tuple[str, int, datetime]]  # fingerprint, feed position and time


def _move(group: _Group, old: Any, new: Any, project_id: str) -> None:
    # Called for nearly every commit, so it asks and assigns without further calls.
    if old is not None:
        bucket = group[old]
        del bucket.ids[project_id]
        bucket.order = None
    if new is not None:
        found = group.get(new)
        if found is None:
            found = group[new] = _Bucket()
        found.ids[project_id] = None
        found.order = None


def _owner(project: Project) -> str | None:
    # Another type of field may have taken the name, and its values need not be hashable.
    value: Any = project.owner
    return value if isinstance(value, str) else None


class Index:
    """
    Heads, keys and look-ups. Its owner holds a lock around every call.

    A commit costs the same however many projects there are. A look-up sorts the smallest
    of the groups that were asked for, in time linear to it, and only if it changed since
    the last look-up; a page after that costs a binary search and the projects it passes.
    """

    __slots__ = ("_children", "_everything", "_heads", "_keys", "_outcomes", "_owners", "_stages", "count")

    def __init__(self) -> None:
        self.count: int = 0
        self._heads: dict[str, Project] = {}
        self._keys: _Keys = {}
        self._everything: _Group = {}
        self._stages: _Group = {}
        self._outcomes: _Group = {}
        self._owners: _Group = {}
        self._children: _Group = {}

    def head(self, project_id: str) -> Project | None:
        """
        Return the project as it stands, or ``None``.
        """
        return self._heads.get(project_id)

    def heads(self) -> Mapping[str, Project]:
        """
        Return all projects by id.
        """
        return self._heads

    def behind(self, lengths: Mapping[str, int]) -> list[str]:
        """
        Return the projects whose head has another version than there are facts, as sentences.
        """
        versions = {project_id: head.version for project_id, head in self._heads.items()}
        found = ((each, versions.get(each, 0), lengths.get(each, 0)) for each in sorted({*versions, *lengths}))
        return [
            f"project {project_id!r}: its head is at version {version}, and it has {length} facts."
            for project_id, version, length in found
            if version != length
        ]

    def old_keys(self, before: datetime) -> list[tuple[str, str]]:
        """
        Return project and key of the keys of facts from before a time.
        """
        return [name for name, (_fingerprint, _position, at) in self._keys.items() if at < before]

    def purge(self, before: datetime) -> int:
        """
        Forget the keys of facts from before a time; return how many.
        """
        old = self.old_keys(before)
        for name in old:
            del self._keys[name]
        return len(old)

    def position(self, key: Key) -> int | None:
        """
        Return the feed position of the fact that was stored under a key, or ``None``.

        Raises:
            KeyReusedError: the key belongs to another request.
        """
        found = self._keys.get((key.project_id, key.key))
        if found is None:
            return None
        if not key.accepts(found[0]):
            raise KeyReusedError(key.project_id, key.key)
        return found[1]

    def check(self, appends: Sequence[Append]) -> None:
        """
        Check that every project is where the commit expects it.

        Raises:
            VersionConflictError: for the first that is not.
        """
        for append in appends:
            head = self._heads.get(append.project.id)
            actual = 0 if head is None else head.version
            if actual != append.expected:
                raise VersionConflictError(append.project.id, append.expected, actual)

    def put(self, commit: Commit) -> None:
        """
        Take in a commit that was checked and stored.
        """
        if commit.key is not None and commit.appends:
            key = commit.key
            self._keys[key.project_id, key.key] = key.fingerprint, self.count + 1, commit.appends[0].fact.at
        heads = self._heads
        for append in commit.appends:
            new = append.project
            project_id = new.id
            old = heads.get(project_id)
            heads[project_id] = new
            if old is None:
                self._put_new(new)
                continue
            if old.stage != new.stage:
                _move(self._stages, old.stage, new.stage, project_id)
            if old.outcome != new.outcome:
                _move(self._outcomes, old.outcome, new.outcome, project_id)
            if old.fields is not new.fields and _owner(old) != _owner(new):
                _move(self._owners, _owner(old), _owner(new), project_id)
            if old.parent != new.parent:
                _move(self._children, old.parent, new.parent, project_id)
        self.count += len(commit.appends)

    def _put_new(self, project: Project) -> None:
        _move(self._everything, None, "", project.id)
        _move(self._stages, None, project.stage, project.id)
        _move(self._outcomes, None, project.outcome, project.id)
        _move(self._owners, None, _owner(project), project.id)
        _move(self._children, None, project.parent, project.id)

    def find(self, query: Query, order: Order, limit: int) -> list[Project]:
        """
        Return the projects that have all that is asked for, in an order.
        """
        if not order.by_id:
            return ordered(self.matching(query), order, limit)
        found: list[Project] = []
        for project in self.matching(query, None if order.behind is None else order.behind[1]):
            found.append(project)
            if len(found) == limit:
                break
        return found

    def matching(self, query: Query, after: str | None = None) -> Iterator[Project]:
        """
        Yield the projects behind an id that have all that is asked for, ordered by id.
        """
        groups = self._stages, self._owners, self._outcomes, self._children
        wanted = zip(groups, [getattr(query, name) for name in NAMED], strict=True)
        asked = [group.get(value, _Bucket()) for group, value in wanted if value is not None]
        if not asked:
            asked = [self._everything.get("", _Bucket())]
        asked.sort(key=lambda bucket: len(bucket.ids))
        order, others = asked[0].sorted(), [bucket.ids for bucket in asked[1:]]
        match = matching(Query(where=query.where, closed_between=query.closed_between))
        for at in range(0 if after is None else bisect_right(order, after), len(order)):
            project_id = order[at]
            if all(project_id in ids for ids in others) and match(self._heads[project_id]):
                yield self._heads[project_id]
