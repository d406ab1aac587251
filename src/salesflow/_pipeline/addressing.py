"""
Addressing: to whom a notice goes, and what it says of its project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from .._lifecycle.lifecycle import Lifecycle
from .._model.commit import Commit
from .._model.delivery import Recipient
from .._model.facts import Fact, Notice, Transitioned
from .._model.project import Project, replay
from .._model.values import Label
from .._model.work import Claim, Work
from ..errors import PluginError, SalesflowError, say
from .runtime import Runtime, lifecycle_of, project_of


SEND: Final = "send"
"""The plugin that a function handed to ``deliver(send)`` counts as."""


class NoRecipientError(Exception):
    """
    No directory knows anybody at any address of a notice.
    """


def opening_deliveries(runtime: Runtime, claim: Claim, notice: Notice, plugins: Sequence[str]) -> Commit:
    """
    Return the commit that finishes a notice and opens a delivery for each plugin and person.

    Addresses at which nobody was found stay as a notice of their own.

    Args:
        plugins: who delivers, unless the directory names a plugin; empty for those of the project's lifecycle.

    Raises:
        NoRecipientError: at none of the addresses.
        SalesflowError: the pipeline lacks the lifecycle, nobody delivers, or a directory fails.
    """
    project = project_of(runtime, notice.project_id)
    lifecycle = lifecycle_of(runtime, project)
    asked = plugins or tuple(name for name, _ in lifecycle.contributions.notifiers)
    if not asked:
        msg = say("notify.no_plugin", lifecycle=lifecycle.id, version=lifecycle.version)
        raise SalesflowError(msg)
    found = {address: _recipients(lifecycle, address, project) for address in dict.fromkeys(notice.to)}
    if not any(found.values()):
        raise NoRecipientError(f"nobody was found at {', '.join(found) or 'no address at all'}")
    whole = _in_context(runtime, notice, project, lifecycle)
    bodies: dict[tuple[str, str], Notice] = {}
    for address, people in found.items():
        for each in people:
            for plugin in (each.plugin,) if each.plugin and not plugins else asked:
                body = attrs.evolve(whole, to=(each.addressee,), plugin=plugin, recipient=each.name, lang=each.lang)
                bodies.setdefault((plugin, each.name), body)
        if not people:
            bodies["", address] = attrs.evolve(notice, to=(address,))
    # Numbered, so that they are delivered in this order; the notice is finished once, so that no number comes again.
    opened = [
        Work(f"{claim.work.id}:{number:03}", "notice", notice.project_id, claim.work.due_at, body)
        for number, body in enumerate(bodies.values())
    ]
    return Commit(done=(claim,), opened=tuple(opened))


def _recipients(lifecycle: Lifecycle, address: str, project: Project) -> tuple[Recipient, ...]:
    """
    Return the people at an address; without any directory the address itself.

    Raises:
        PluginError: a directory raises, or returns something else.
    """
    directories = lifecycle.contributions.directories
    if not directories:
        return (Recipient(address, address),)
    people: list[Recipient] = []
    for name, look_up in directories:
        hook = "salesflow_directory"
        try:
            answer = look_up(address, project)
            found: tuple[object, ...] = () if answer is None else tuple(answer)
        except Exception as error:
            problem = say("plugin.failed_for", address=address, name=type(error).__name__, error=error)
            raise PluginError(name, problem, remedy=say("plugin.asked_again"), hook=hook) from error
        for each in found:
            if not isinstance(each, Recipient):
                problem = say("plugin.returned_for", each=each, address=address)
                raise PluginError(name, problem, remedy=say("plugin.recipients"), hook=hook)
            people.append(each)
    return tuple(people)


def _in_context(runtime: Runtime, notice: Notice, project: Project, lifecycle: Lifecycle) -> Notice:
    """
    Return a notice with what people want to know of its project, as it was after the commit.
    """
    facts = list(runtime.store.load(project.id, upto=notice.version))
    fact = facts[-1] if facts else None
    stage = project.stage if fact is None or fact.version == project.version else replay(facts).stage
    labels = {each.id: each.label for each in lifecycle.stages}
    topics = {each.id: each.label for each in lifecycle.definition.transitions}
    return attrs.evolve(
        notice,
        topic_label=topics.get(notice.topic, Label()),
        project_name=project.name,
        lifecycle=lifecycle.id,
        lifecycle_version=lifecycle.version,
        stage=stage,
        stage_label=labels.get(stage, Label()),
        source_label=_source(fact, labels),
        owner=str(project.owner or ""),
        actor="" if fact is None else fact.actor.name,
        at=None if fact is None else fact.at,
        zone=str(lifecycle.wording.zone),
    )


def _source(fact: Fact | None, labels: Mapping[str, Label]) -> Label:
    body = None if fact is None else fact.body
    return labels.get(body.source, Label()) if isinstance(body, Transitioned) else Label()


def delivers(lifecycles: Iterable[Lifecycle]) -> bool:
    """
    Tell whether a plugin of any of these lifecycles delivers notices.
    """
    return any(each.contributions.notifiers for each in lifecycles)
