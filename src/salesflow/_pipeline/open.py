"""
Opening a project: what its first fact says, and the id it gets.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from .._lifecycle.lifecycle import Lifecycle
from .._model.facts import Change, Entry, FieldSet, Opened
from .._model.lazy import LazyModule
from .._model.project import Project
from .._model.values import Actor, check_id, check_title
from .entry_lifecycles import settled_entries
from .recorder import Moment, commit, make_draft, stage
from .request_key import check_key, request_key
from .runtime import Runtime, WriteTime, actor_of, chosen_lifecycle, project_of, read_once, times_of


if TYPE_CHECKING:
    from . import children as belonging
else:  # most projects belong to none
    belonging = LazyModule(f"{__package__}.children")

_log = logging.getLogger("salesflow")


def opening(lifecycle: Lifecycle, name: str, changes: tuple[Change, ...], parent: str | None = None) -> Opened:
    """
    Return the body of an opening: the defaults of fields that are not set, then *changes*.
    """
    given = {change.field for change in changes if isinstance(change, FieldSet)}
    defaults = (FieldSet(field, value) for field, value in lifecycle.defaults.items() if field not in given)
    definition = lifecycle.definition
    return Opened(name, definition.initial, definition.outcome_ids[0], (*defaults, *changes), parent, lifecycle.digest)


def open_project(
    runtime: Runtime,
    name: str,
    project_id: str | None,
    fields: Mapping[str, Any],
    entries: Iterable[Entry],
    lifecycle: Lifecycle | None,
    parent: str | None,
    actor: Actor | None,
    when: WriteTime,
    key: str | None,
    *,
    computed: bool = False,
) -> Project:
    """
    Open a project; see :meth:`salesflow.Pipeline.open`. There is nothing to decide again, so nothing is tried again.

    Args:
        computed: whether figures among the entries were computed, and the others are what was.
    """
    check_title(name)
    chosen = chosen_lifecycle(runtime, lifecycle)
    who, given = actor_of(runtime, actor), read_once(entries)
    changes = chosen.changes(fields, given)
    project_id = _new_id(key) if project_id is None else check_id(project_id, "project id")
    if parent is not None:
        belonging.check_parent(runtime, project_id, check_id(parent, "parent"))
    bound = None
    if key is not None:
        named = {"name": name, "actor": who.name, "lifecycle": chosen.id, "parent": parent}
        bound = request_key(key, project_id, "open", changes, **named)
    at, recorded_at = times_of(runtime, when, None, project_id)
    moment = Moment(project_id, None, chosen, who, at, recorded_at)
    if given:
        settled = settled_entries(runtime, None, given, who, at, chosen, computed=computed)
        changes = chosen.changes(fields, settled)
    staged = stage(moment, make_draft(opening(chosen, name, changes, parent)), bound)
    stored, failures = commit(runtime, staged)
    if stored is not None:
        return project_of(runtime, project_id)
    for failure in failures:
        # open() returns the project itself, so a failing listener is logged.
        _log.error("listener %s failed after opening %s", failure.plugin, project_id, exc_info=failure.error)
    return staged.appends[0].project


def _new_id(key: str | None) -> str:
    # A key must find the same project again, so its project's id comes from it.
    return f"p-{os.urandom(8).hex() if key is None else sha256(check_key(key).encode()).hexdigest()[:16]}"
