"""
Entries as somebody else wrote them: an import, or a program of before their kind had a lifecycle, in any status.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from salesflow import Fact, Pipeline, Project, replay
from salesflow.typing import Append, Changed, Commit, EntryPut


def put_past(pipeline: Pipeline, project_id: str, *entries: Any, at: datetime | None = None) -> Project:
    """Append the fact of entries that are there as they are, whatever their status; return the project."""
    history = list(pipeline.history(project_id))
    before = replay(history)
    actor = pipeline.actor
    assert actor is not None
    when = before.updated_at if at is None else at
    body = Changed(tuple(EntryPut(each) for each in entries))
    recorded = max(when, history[-1].recorded_at)
    about = (before.lifecycle, before.lifecycle_version)
    fact = Fact(project_id, before.version + 1, when, actor, *about, body, None, recorded)
    pipeline.store.commit(Commit((Append(before.version, fact, replay([*history, fact])),)))
    return pipeline.get(project_id)
