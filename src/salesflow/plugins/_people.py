"""
The people of a directory and who stands in for them, as a file has them; everything that is wrong is found in one pass.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final, TypeAlias, cast

import attrs

from .._definition.structure import FaultCollector, at
from .._model.delivery import QuietHours, Recipient
from .._model.env import Env
from .._model.frozen import EMPTY, FrozenDict
from .._model.parameters import call_factory, problems_of, read_params
from .._model.values import actor_name, is_name, person
from .._model.zones import ZONE_HINT, zone_named
from ..errors import InputError, did_you_mean, shown


_SCHEMA: Final = 1
SECRET: Final = "env:"  # noqa: S105 -- what an address begins with that names an environment variable

_Problem: TypeAlias = tuple[str, str, str, str]  # key, code, text, hint


@attrs.frozen
class Person:
    """
    Somebody in a directory.

    Attributes:
        id: the name that actors and facts have.
        name: what people call the person.
        roles: what the person is in the company, for example ``sales_director``.
        teams: the teams of the company, not of one project, that the person is in.
        language: a language tag.
        zone: an IANA name; empty for the zone of the lifecycle.
        quiet_hours: from when to when, in that zone, the person is not disturbed.
        channel: the one of the addresses at which the person reads notices.
        addresses: by channel, where the person is reached: ``mail``, ``wecom``, ``dingtalk``, ``feishu`` or any name.
    """

    id: str
    name: str = ""
    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    department: str = ""
    language: str = "en"
    zone: str = ""
    quiet_hours: QuietHours | None = None
    channel: str = ""
    addresses: Mapping[str, str | Env] = EMPTY

    @property
    def recipient(self) -> Recipient:
        """
        The person as the recipient of a notice. An address that is a secret is ``env:`` with the name of its variable.
        """
        address = self.addresses.get(self.channel, "")
        return Recipient(
            self.id,
            f"{SECRET}{address.name}" if isinstance(address, Env) else address,
            lang=self.language,
            channel=self.channel,
            zone=self.zone,
            quiet_hours=self.quiet_hours,
        )


@attrs.frozen
class Deputy:
    """
    Somebody who stands in for a person who is away.

    Attributes:
        of: the person who is away.
        by: the person who stands in.
        start: the first day, in the zone of *of*.
        end: the last day, included.
        roles: for which roles of *of*; without any, for all that the person does.
    """

    of: str
    by: str
    start: date
    end: date
    roles: tuple[str, ...] = ()


@attrs.frozen
class FileTable:
    """
    A whole file.
    """

    schema: int
    people: tuple[Mapping[str, Any], ...]
    defaults: Mapping[str, Any] = EMPTY
    deputies: tuple[Mapping[str, Any], ...] = ()


@attrs.frozen
class DefaultsTable:
    """
    What holds for everybody who has nothing else.
    """

    language: str = "en"
    zone: str = ""
    quiet_hours: QuietHours | None = None
    channel: str = ""


def read_people(data: Mapping[str, Any], found: FaultCollector) -> tuple[Mapping[str, Person], tuple[Deputy, ...]]:
    """
    Return the people by id, and the deputies, without the tables that do not fit.
    """
    whole = cast("FileTable", _table(FileTable, data, "", found) or FileTable(_SCHEMA, ()))
    if whole.schema != _SCHEMA:
        text = f"this salesflow reads schema {_SCHEMA}, not {whole.schema}"
        found.add("schema", "schema.newer", text, "Use a newer one.")
    defaults = cast("DefaultsTable", _table(DefaultsTable, whole.defaults, "defaults", found))
    if wrong := list(_problems_of_habits(defaults)):
        _tell(wrong, "defaults", found)
        defaults = DefaultsTable(channel=defaults.channel)
    people: dict[str, Person] = {}
    for number, table in enumerate(whole.people):
        path = f"people[{number}]"
        given = {"language": defaults.language, "zone": defaults.zone, "quiet_hours": defaults.quiet_hours, **table}
        read = cast("Person | None", _table(Person, given, path, found))
        if read is not None:
            one = _with_channel(read, defaults.channel)
            _tell(_problems_of_person(one, people), path, found)
            people[one.id] = one
    deputies = [_table(Deputy, table, f"deputies[{number}]", found) for number, table in enumerate(whole.deputies)]
    for number, each in enumerate(deputies):
        if each is not None:
            _tell(_problems_of_deputy(each, people), f"deputies[{number}]", found)
    return FrozenDict(people), tuple(each for each in deputies if each is not None)


def _table(kind: type[Any], data: Mapping[str, Any], path: str, found: FaultCollector) -> Any:
    """
    Return a table as a noun without the keys that do not fit, or ``None`` if it cannot do without one of them.
    """
    read, problems = read_params(kind, data, what="key")
    for each in problems:
        found.add(path if each.kind == "missing" else at(path, each.name), f"key.{each.kind}", each.text, each.hint)
    return None if problems_of(kind, read) else call_factory(kind, read)


def _tell(problems: Iterable[_Problem], path: str, found: FaultCollector) -> None:
    for key, code, text, hint in problems:
        found.add(at(path, key), code, text, hint)


def _with_channel(one: Person, usual: str) -> Person:
    """
    Return a person with the channel that everybody reads, or else the only one that there is.
    """
    only = next(iter(one.addresses)) if len(one.addresses) == 1 else ""
    return attrs.evolve(one, channel=one.channel or (usual if usual in one.addresses else only))


def _problems_of_person(one: Person, others: Collection[str]) -> Iterator[_Problem]:
    try:
        if person(actor_name(one.id)) != one.id:
            yield "id", "value.choice", f"{shown(one.id)} has another normal form", f"Write {shown(person(one.id))}."
    except InputError as error:
        yield "id", "value.choice", f"{shown(one.id)} is no name of a person", error.hint
    if one.id in others:
        yield "id", "id.duplicate", f"{shown(one.id)} is there already", "Write each person once."
    for role in one.roles:
        if not is_name(role):
            yield "roles", "value.choice", f"{shown(role)} is no role", "A role is a snake_case name."
    if not all(map(str.strip, one.teams)):
        yield "teams", "value.choice", "there is an empty text", "Give a text, or leave it out."
    yield from _problems_of_habits(one)
    yield from _problems_of_addresses(one)


def _problems_of_habits(one: Person | DefaultsTable) -> Iterator[_Problem]:
    if not one.language.strip():
        yield "language", "value.choice", "there is an empty text", "Give a language tag, or leave it out."
    if one.zone and zone_named(one.zone) is None:
        yield "zone", "zone.unknown", f"{shown(one.zone)} is no time zone", ZONE_HINT
    if one.quiet_hours and (one.quiet_hours[0] == one.quiet_hours[1] or any(each.tzinfo for each in one.quiet_hours)):
        yield "quiet_hours", "value.choice", "these are no quiet hours", 'Write two times, such as ["22:00", "08:00"].'


def _problems_of_addresses(one: Person) -> Iterator[_Problem]:
    for channel, address in one.addresses.items():
        key = f"addresses.{channel}"
        if not is_name(channel):
            yield (
                key,
                "value.choice",
                f"{shown(channel)} is no channel",
                "A channel is a snake_case name such as 'mail'.",
            )
        if isinstance(address, Env):
            if not os.environ.get(address.name):
                text = f"the environment variable {address.name!r} is not set"
                yield key, "address.env", text, "Set it where the directory is read and where notices are delivered."
        elif "://" in address or address.startswith(SECRET):  # the text itself may be a secret
            yield key, "address.secret", "this is an address with a secret in it", 'Write { env = "NAME" } for it.'
        elif not address.strip():
            yield key, "value.choice", "there is an empty text", "Give a text, or leave it out."
    known = ", ".join(one.addresses) or "none"
    if one.channel and one.channel not in one.addresses:
        near = did_you_mean(one.channel, one.addresses)
        yield (
            "channel",
            "channel.unknown",
            f"there is no address for {shown(one.channel)}",
            f"Addresses: {known}.{near}",
        )
    elif one.addresses and not one.channel:
        yield "channel", "channel.missing", "it is not said which of the addresses is read", f"Write one of {known}."


def _problems_of_deputy(one: Deputy, people: Mapping[str, Person]) -> Iterator[_Problem]:
    for key, name in (("of", one.of), ("by", one.by)):
        if name not in people:
            near = did_you_mean(name, people)
            yield key, "person.unknown", f"there is nobody {shown(name)}", f"Write the id of one of the people.{near}"
    if one.of == one.by:
        yield "by", "deputy.same", f"{shown(one.by)} cannot stand in for the same person", "Name another person."
    if one.end < one.start:
        yield "end", "value.choice", f"{one.end} is before {one.start}", "Write the first and the last day."
    roles = people[one.of].roles if one.of in people else one.roles
    for role in one.roles:
        if role not in roles:
            hint = f"Roles of {one.of}: {', '.join(roles) or 'none'}.{did_you_mean(role, roles)}"
            yield "roles", "role.unknown", f"{shown(one.of)} has no role {shown(role)}", hint
