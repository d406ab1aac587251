"""
Children: which projects belong to another, what guards know of them, and how a project is put under another parent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Unpack

from .._lifecycle.lifecycle import Lifecycle
from .._model.definition import Definition, StageKind
from .._model.facts import Reparented
from .._model.project import ChildProject, Project
from .._model.values import Actor, check_id, check_text
from ..errors import InputError, say
from ..plugins._loading import load_definition
from ..stores.adapting import every
from ..typing import DefinitionStore
from .change import write_change
from .recorder import Draft, Moment, NothingToWrite, make_draft
from .results import WriteOptions, Written
from .runtime import Runtime, project_of


def children(runtime: Runtime, project_id: str) -> tuple[Project, ...]:
    """
    Return the projects that belong to a project; see :meth:`salesflow.Pipeline.children`.
    """
    return tuple(every(runtime.store.find, {"parent": project_of(runtime, project_id).id}))


def children_seen(runtime: Runtime, lifecycle: Lifecycle, project: Project) -> tuple[ChildProject, ...] | None:
    """
    Return what the guards of a project's stage may know of its children; ``None`` where none of them asks.
    """
    if project.stage not in lifecycle.asking:
        return None
    found = children(runtime, project.id)
    definitions = _definitions(runtime, {(each.lifecycle, each.lifecycle_version) for each in found})
    return tuple(
        ChildProject(each.id, each.lifecycle, _kind(definitions, each), each.outcome, each.version) for each in found
    )


def _definitions(runtime: Runtime, names: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Definition]:
    """
    Return the definitions of lifecycles: those of the pipeline, else those that the store keeps.
    """
    known = {name: runtime.lifecycles[name].definition for name in names if name in runtime.lifecycles}
    missing = set(names) - known.keys()
    if missing and isinstance(runtime.store, DefinitionStore):
        for kept in runtime.store.definitions():
            if (kept.id, kept.version) in missing:
                known[kept.id, kept.version] = load_definition(text=kept.text)
    return known


def _kind(definitions: Mapping[tuple[str, str], Definition], project: Project) -> StageKind | None:
    definition = definitions.get((project.lifecycle, project.lifecycle_version))
    stages = () if definition is None else definition.stages
    return next((stage.kind for stage in stages if stage.id == project.stage), None)


def reparent(
    runtime: Runtime, project_id: str, parent: str | None, reason: str | None, **options: Unpack[WriteOptions]
) -> Written:
    """
    Put a project under another parent, or under none; see :meth:`salesflow.Pipeline.reparent`.
    """
    if parent is not None:
        check_id(parent, "parent")
    if reason is not None:
        check_text(reason, "reason")

    def decide(moment: Moment[Project]) -> Draft:
        project = moment.project
        if parent == project.parent:
            raise InputError("parent", parent, say("input.parent_same", project_id=project.id))
        check_parent(runtime, project.id, parent)
        return make_draft(Reparented(parent, project.parent, reason))

    about = {"parent": parent, "reason": reason}
    done = write_change(runtime, project_id, "reparent", decide, about=about, **options)
    try:
        check_parent(runtime, done.project.id, done.project.parent)
    except InputError:
        # Another writer put a parent under this project meanwhile. Whichever commits last sees the circle.
        _take_back(runtime, done, options.get("actor"))
        raise
    return done


def _take_back(runtime: Runtime, done: Written, actor: Actor | None) -> None:
    """
    Put a project back under the parent from which a write took it, unless it has another one by now.
    """
    body = done.fact.body

    def decide(moment: Moment[Project]) -> Draft:
        if not isinstance(body, Reparented) or moment.project.parent != body.parent:
            raise NothingToWrite
        return make_draft(Reparented(body.former, body.parent))

    with suppress(NothingToWrite):
        write_change(runtime, done.project.id, "reparent", decide, actor=actor)


def check_parent(runtime: Runtime, project_id: str, parent: str | None) -> None:
    """
    Check that a project can belong to another.

    Raises:
        InputError: if the store has no such parent, or the parent belongs to the project, directly or over others.
    """
    chain, above = [project_id], parent
    while above is not None:
        if above in chain:
            raise InputError("parent", parent, say("input.parent_cycle", chain=" → ".join((*chain, above))))
        chain.append(above)
        head = runtime.store.head(above)
        if head is None and above == parent:
            raise InputError("parent", parent, say("input.parent_unknown"))
        above = None if head is None else head.parent
