"""
Addressing: finds the recipients of a notice, and adds what it says about its project.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final, NamedTuple

import attrs

from .._lifecycle.lifecycle import Lifecycle
from .._model.delivery import Recipient
from .._model.facts import Fact, Notice, Transitioned
from .._model.fold import replay
from .._model.project import Project
from .._model.quiet_hours import next_time
from .._model.values import Label
from .._model.vocabulary import words_of
from .._model.work import Claim, Work
from .._model.zones import zone_named
from ..errors import PluginError, SalesflowError, say
from .own_notices import TOPIC, subscribers
from .runtime import Runtime, lifecycle_of, project_of


SEND: Final = "send"
"""The plugin that a function handed to ``deliver(send)`` counts as."""


class Mandate(NamedTuple):
    """
    In which roles a deputy may act for a person, and which directory says so.
    """

    roles: frozenset[str]
    directory: str


class NoRecipientError(Exception):
    """
    No directory knows anybody at any address of a notice.
    """


def deliveries(
    runtime: Runtime, claim: Claim, notice: Notice, plugins: Sequence[str], now: datetime
) -> tuple[Work, ...]:
    """
    Return what a notice turns into: a delivery for each plugin and person, put off where the person has a digest.

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
    # Who subscribed gets it as it was left: not what a directory could not resolve, and no further level.
    wanted = () if notice.id else subscribers(project, notice.topic, lifecycle.contributions.topics)
    addresses = (*notice.to, *wanted)
    found = {address: _recipients(lifecycle, address, project, now) for address in dict.fromkeys(addresses)}
    found = {address: people for address, people in found.items() if people or not address.startswith(TOPIC)}
    if not any(found.values()) and not notice.escalate and (found or not addresses):
        msg = say("notify.nobody", addresses=found or say("notify.no_address"))
        raise NoRecipientError(msg)
    whole = _in_context(runtime, notice, project, lifecycle, notice.id or claim.work.id)
    bodies: dict[tuple[str, str], Notice] = {}
    for address, people in found.items():
        for each in people:
            for plugin in (each.plugin,) if each.plugin and not plugins else asked:
                bodies.setdefault((plugin, each.name), _narrowed(whole, plugin, each, lifecycle))
        if not people:
            bodies["", address] = attrs.evolve(notice, to=(address,), id=whole.id, escalate=())
    # Numbered, so that they are delivered in this order; the notice is finished once, so that no number comes again.
    at = claim.work.due_at
    opened = [
        Work(f"{claim.work.id}:{number:03}", "notice", project.id, _due(body, at, now), body)
        for number, body in enumerate(bodies.values())
    ]
    for level, further in enumerate(notice.escalate, 1):
        body = attrs.evolve(notice, to=further["to"], id=whole.id, level=level, escalate=())
        due = lifecycle.calendar.add(whole.at or at, further["after"])
        opened.append(Work(f"{whole.id}:level-{level}", "notice", project.id, due, body))
    return tuple(opened)


def _narrowed(notice: Notice, plugin: str, person: Recipient, lifecycle: Lifecycle) -> Notice:
    params, about = notice.params, notice.params.get("about")
    if person.lang and isinstance(about, str) and about in lifecycle.wording.names["title"]:
        # A task that a stage brought has its title in both languages.
        params = params.plus("about", lifecycle.wording.label("title", about).text(person.lang))
    return attrs.evolve(
        notice,
        params=params,
        to=(person.addressee,),
        plugin=plugin,
        recipient=person.name,
        lang=person.lang,
        zone=person.zone or notice.zone,
        quiet=person.quiet,
        digest="" if notice.level else person.digest,  # what waited for long enough waits no longer
    )


def _due(delivery: Notice, at: datetime, now: datetime) -> datetime:
    return next_time(now, delivery.digest, zone_of(delivery)) if delivery.digest else at


def zone_of(delivery: Notice) -> tzinfo:
    """
    Return the time zone in which the recipient of a delivery reads times.
    """
    return zone_named(delivery.zone) or UTC


def _recipients(lifecycle: Lifecycle, address: str, project: Project, at: datetime) -> tuple[Recipient, ...]:
    """
    Return the people at an address; without any directory the address itself.
    """
    if not lifecycle.contributions.directories:
        return (Recipient(address, address),)
    return tuple([each for _, each in _looked_up(lifecycle, address, project, at)])


def people_at(lifecycle: Lifecycle, address: str, project: Project, at: datetime) -> tuple[str, ...]:
    """
    Return the names of the people at an address; the address itself where no directory knows anybody.

    Raises:
        PluginError: a directory raises, or returns something else.
    """
    return tuple(dict.fromkeys(each.name for each in _recipients(lifecycle, address, project, at))) or (address,)


def represented(lifecycle: Lifecycle, deputy: str, project: Project, at: datetime) -> Mapping[str, Mandate]:
    """
    Return the people whom a person represents at a time, by name.

    Raises:
        PluginError: a directory raises, or returns something else.
    """
    found: dict[str, Mandate] = {}
    for plugin, each in _looked_up(lifecycle, f"deputy:{deputy}", project, at):
        known = found.get(each.name, Mandate(frozenset(), plugin))
        found[each.name] = known._replace(roles=known.roles | each.roles)
    return found


def _looked_up(lifecycle: Lifecycle, address: str, project: Project, at: datetime) -> Iterator[tuple[str, Recipient]]:
    """
    Yield the people at an address, each with the directory that knows it.

    Raises:
        PluginError: a directory raises, or returns something else.
    """
    for name, look_up in lifecycle.contributions.directories:
        hook = "salesflow_directory"
        try:
            answer = look_up(address, project, at)
            found: tuple[object, ...] = () if answer is None else tuple(answer)
        except Exception as error:
            problem = say("plugin.failed_for", address=address, name=type(error).__name__, error=error)
            raise PluginError(name, problem, remedy=say("plugin.asked_again"), hook=hook) from error
        for each in found:
            if not isinstance(each, Recipient):
                problem = say("plugin.returned_for", each=each, address=address)
                raise PluginError(name, problem, remedy=say("plugin.recipients"), hook=hook)
            yield name, each


def _in_context(runtime: Runtime, notice: Notice, project: Project, lifecycle: Lifecycle, notice_id: str) -> Notice:
    """
    Return a notice with what people want to know of its project, as it was after the commit.
    """
    fact = next(iter(runtime.store.load(project.id, after=notice.version - 1, upto=notice.version)), None)
    stage = project.stage
    if fact is not None and fact.version < project.version:
        moved = fact.body if isinstance(fact.body, Transitioned) else None
        stage = moved.target if moved else replay(runtime.store.load(project.id, upto=fact.version)).stage
    if notice.at is not None:  # it came without a fact
        fact = None
    labels = {each.id: each.label for each in lifecycle.stages}
    topics = {each.id: each.label for each in lifecycle.definition.transitions}
    return attrs.evolve(
        notice,
        topic_label=topics.get(notice.topic) or words_of("topic").get(notice.topic, notice.topic_label),
        project_name=project.name,
        lifecycle=lifecycle.id,
        lifecycle_version=lifecycle.version,
        stage=stage,
        stage_label=labels.get(stage, Label()),
        source_label=_source(fact, labels),
        owner=str(project.owner or ""),
        actor="" if fact is None else fact.actor.name,
        at=notice.at if fact is None else fact.at,
        zone=str(lifecycle.wording.zone),
        id=notice_id,
        escalate=(),
    )


def _source(fact: Fact | None, labels: Mapping[str, Label]) -> Label:
    body = None if fact is None else fact.body
    return labels.get(body.source, Label()) if isinstance(body, Transitioned) else Label()


def delivers(lifecycles: Iterable[Lifecycle]) -> bool:
    """
    Tell whether a plugin of any of these lifecycles delivers notices.
    """
    return any(each.contributions.notifiers for each in lifecycles)
