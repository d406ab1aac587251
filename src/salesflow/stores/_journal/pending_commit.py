"""
A commit that waits for its turn.
"""

from __future__ import annotations

from threading import Lock, get_ident

import attrs

from ..._model.commit import Commit
from ...errors import SalesflowError


def _shut() -> Lock:
    gate = Lock()
    gate.acquire()
    return gate


@attrs.define(eq=False)
class Ticket:
    """
    A commit on its way.

    Attributes:
        body: its JSON, as far as it is known before its position.
        settled: whether it was written, or answered, or failed.
        found: the feed position of the fact that was stored under its key before.
        done: the work that it finishes although it is a repeated request.
        error: what its caller gets.
        gate: opened when it is settled by somebody else, or has to lead.
        thread: of its caller.
    """

    commit: Commit
    body: bytes
    settled: bool = False
    found: int | None = None
    done: list[str] = attrs.Factory(list[str])
    error: SalesflowError | None = None
    gate: Lock = attrs.Factory(_shut)
    thread: int = attrs.Factory(get_ident)

    def touches(self) -> set[str]:
        """
        Return the projects whose facts, keys or work it looks at or changes.
        """
        commit = self.commit
        names = {append.fact.project_id for append in commit.appends}
        names.update(each.project_id for part in (commit.notices, commit.dues) for each in part)
        names.update(project_id for project_id, _visit in commit.dropped)
        names.update(claim.work.project_id for claim in commit.done)
        if commit.key is not None:
            names.add(commit.key.project_id)
        return names
