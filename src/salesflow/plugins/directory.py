"""
A directory in a file: the people of a company, how each is reached, and their deputies.

Pass it, ``plugins=[Directory.load("directory.toml")]``, or pass this module, whose settings name the file:
``[plugins.directory]`` with ``file = "directory.toml"``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from .._definition.report import Fault, Report, line_of
from .._definition.source import load_source
from .._definition.structure import FaultCollector
from .._model.argument_types import explain_types
from .._model.delivery import Recipient
from .._model.frozen import noun
from .._model.project import Project
from .._model.values import person
from .._model.zones import local_date, zone_named
from ..dossier import Member
from ..errors import DefinitionError, few_suggestions
from ._people import Deputy, DirectorySubscription, Person, read_people
from .hookspecs import hookimpl


__all__ = [
    "Deputy",
    "Directory",
    "DirectorySettings",
    "DirectorySubscription",
    "Person",
    "salesflow_directory",
    "salesflow_settings",
]


@noun(eq=False)
class Directory:
    """
    Finds the people whom the addresses of notices mean. Read one with :meth:`load`.

    Attributes:
        people: by id.
        deputies: who represents whom, from when to when.
        subscriptions: who wants to hear what of all projects.
    """

    people: Mapping[str, Person]
    deputies: tuple[Deputy, ...]
    subscriptions: tuple[DirectorySubscription, ...] = ()
    name: str = attrs.field(default="directory", init=False)

    @classmethod
    @explain_types
    def load(cls, source: str | os.PathLike[str] | Mapping[str, Any]) -> Directory:
        """
        Read a directory from a ``.toml`` or ``.json`` file, or from its data.

        Raises:
            DefinitionError: with every fault, at once; also for an address whose environment variable is not set.
        """
        name = "directory" if isinstance(source, Mapping) else os.fspath(source)
        loaded = load_source(dict(source) if isinstance(source, Mapping) else Path(source))
        if isinstance(loaded, Fault):
            raise DefinitionError(Report((loaded,), source=name))
        data, lines = loaded
        found = FaultCollector()
        with few_suggestions():
            read = read_people(data, found)
        if found.faults:
            faults = [attrs.evolve(one, path=one.path or name, line=line_of(one.path, lines)) for one in found.faults]
            raise DefinitionError(Report(tuple(faults), source=name))
        return cls(*read)

    @property
    def topics(self) -> frozenset[str]:
        """
        The topics with subscribers; ``*`` for all.
        """
        return frozenset(topic for each in self.subscriptions for topic in each.topics or ("*",))

    @hookimpl
    @explain_types
    def salesflow_directory(self, address: str, project: Project, at: datetime) -> list[Recipient] | None:
        """
        Return the people at an address; ``None`` for any other kind of address.

        ``owner`` and ``team`` are the owner and the active members of the project; whoever is not in the directory is a
        recipient without a channel. ``role:<role>`` means the active members with that role, and if there are none,
        everybody in the directory with it. ``person:<id>`` or the id alone, ``team:<team>`` and
        ``department:<department>`` are looked up in the directory.

        What goes to the owner, a role or a person also goes to the deputies for that on the day of *at*.
        ``deputy:<id>`` means the people whom that person represents on that day, each with the roles it is for;
        ``topic:<topic>`` those who subscribed to it for the project's lifecycle.
        """
        kind, _, name = address.partition(":")
        everybody, members = self.people.values(), [each for each in project.all(Member) if each.active]
        match kind, name:
            case "owner", "":
                return self._with_deputies([project.owner or ""], at)
            case "team", "":
                return self._recipients(each.id for each in members)
            case "role", _:
                here = [each.id for each in members if name in each.roles]
                return self._with_deputies(here or [each.id for each in everybody if name in each.roles], at, name)
            case "person", _:
                return self._with_deputies([person(name)] if person(name) in self.people else [], at)
            case "topic", _:
                return self._recipients(each.who for each in self.subscriptions if each.wants(name, project.lifecycle))
            case "deputy", _:
                return [self._represented(each, members) for each in self._on_duty(at) if each.by == person(name)]
            case "team", _:
                return self._recipients(each.id for each in everybody if name in each.teams)
            case "department", _:
                return self._recipients(each.id for each in everybody if name and name == each.department)
            case _:  # an actor's name, as entries have it that name people
                return self._with_deputies([person(address)], at) if person(address) in self.people else None

    def _with_deputies(self, names: Iterable[str], at: datetime, role: str = "") -> list[Recipient]:
        on_duty = [each for each in self._on_duty(at) if not each.roles or role in each.roles]
        return self._recipients(
            each for name in names for each in (name, *(one.by for one in on_duty if one.of == person(name)))
        )

    def _on_duty(self, at: datetime) -> Iterator[Deputy]:
        for each in self.deputies:
            if each.start <= local_date(at, zone_named(self.people[each.of].zone) or UTC) <= each.end:
                yield each

    def _represented(self, deputy: Deputy, members: Iterable[Member]) -> Recipient:
        away = self.people[deputy.of]
        here = [role for each in members if person(each.id) == away.id for role in each.roles]
        return attrs.evolve(away.recipient, roles=deputy.roles or dict.fromkeys((*away.roles, *here)))

    def _recipients(self, names: Iterable[str]) -> list[Recipient]:
        found = dict.fromkeys(person(each) for each in names)
        return [self.people[each].recipient if each in self.people else Recipient(each) for each in found if each]


def _directory(settings: DirectorySettings) -> Directory:
    return Directory.load(settings.file)


@noun
class DirectorySettings:
    """
    The settings under ``[plugins.directory]``.

    Args:
        file: the path of the directory, from where the program runs. It is read when the lifecycle is built.

    Raises:
        DefinitionError: as :meth:`Directory.load` does.
    """

    file: str
    directory: Directory = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(_directory, takes_self=True)
    )

    @property
    def topics(self) -> frozenset[str]:
        """
        The topics with subscribers in the file.
        """
        return self.directory.topics


@hookimpl
def salesflow_settings() -> type[DirectorySettings]:
    """
    Declare the settings.
    """
    return DirectorySettings


@hookimpl
def salesflow_directory(
    address: str, project: Project, at: datetime, settings: DirectorySettings
) -> list[Recipient] | None:
    """
    Return the people at an address, from the directory of the project's lifecycle.
    """
    return settings.directory.salesflow_directory(address, project, at)
