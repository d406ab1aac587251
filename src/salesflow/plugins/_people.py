"""
The people of a directory and their deputies, as a file has them; one pass finds all faults.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, time
from typing import Any, Final, TypeAlias, cast

import attrs

from .._definition.report import Fault
from .._definition.structure import FaultCollector, at
from .._model.delivery import Recipient
from .._model.env import Env
from .._model.frozen import EMPTY, FrozenDict, noun
from .._model.parameters import read_params
from .._model.values import actor_name, is_name, person
from .._model.zones import zone_named
from ..errors import InputError, nearest


_SCHEMA: Final = 1
SECRET: Final = "env:"  # noqa: S105 -- what an address begins with that names an environment variable

_Problem: TypeAlias = tuple[str, str, Mapping[str, object]]  # the key, the name of the message, its parts


@noun
class Person:
    """
    A person in a directory.

    Attributes:
        id: the name that actors and facts have.
        name: what people call the person.
        roles: what the person is in the company, for example ``sales_director``.
        teams: the teams of the company, not of one project, that the person is in.
        language: a language tag.
        zone: an IANA name; empty for the zone of the lifecycle.
        quiet_hours: from when to when, in that zone, the person is not disturbed.
        digest: when all that came since yesterday is delivered as one notice.
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
    quiet_hours: tuple[time, time] | None = None
    digest: time | None = None
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
            quiet=None if self.quiet_hours is None else (_of_day(self.quiet_hours[0]), _of_day(self.quiet_hours[1])),
            digest="" if self.digest is None else _of_day(self.digest),
        )


def _of_day(when: time) -> str:
    return f"{when:%H:%M}"


@noun
class Deputy:
    """
    The deputy of a person who is away.

    Attributes:
        of: the person who is away.
        by: the deputy.
        start: the first day, in the zone of *of*.
        end: the last day, included.
        roles: for which roles of *of*; without any, for all that the person does.
    """

    of: str
    by: str
    start: date
    end: date
    roles: tuple[str, ...] = ()


@noun
class DirectorySubscription:
    """
    A subscription of a person to topics of all projects.

    Attributes:
        who: the person.
        topics: of which notices, such as ids of transitions; without any, of all.
        lifecycles: of which lifecycles, by id; without any, of all.
    """

    who: str
    topics: tuple[str, ...] = ()
    lifecycles: tuple[str, ...] = ()

    def wants(self, topic: str, lifecycle: str) -> bool:
        """
        Tell whether it is for the notices of a topic from projects of a lifecycle.
        """
        return topic in (self.topics or (topic,)) and lifecycle in (self.lifecycles or (lifecycle,))


@noun
class FileTable:
    """
    A whole file.
    """

    schema: int
    people: tuple[Mapping[str, Any], ...]
    defaults: Mapping[str, Any] = EMPTY
    deputies: tuple[Mapping[str, Any], ...] = ()
    subscriptions: tuple[Mapping[str, Any], ...] = ()


@noun
class DefaultsTable:
    """
    What holds for everybody who has nothing else.
    """

    language: str = "en"
    zone: str = ""
    quiet_hours: tuple[time, time] | None = None
    digest: time | None = None
    channel: str = ""


def read_people(
    data: Mapping[str, Any], found: FaultCollector
) -> tuple[Mapping[str, Person], tuple[Deputy, ...], tuple[DirectorySubscription, ...]]:
    """
    Return the people by id, the deputies and the subscriptions; tables that do not fit are left out.
    """
    whole = cast("FileTable", _table(FileTable, data, "", found) or FileTable(_SCHEMA, ()))
    if whole.schema != _SCHEMA:
        found.add("schema", "schema.newer", found=whole.schema, known=_SCHEMA)
    defaults = cast("DefaultsTable", _table(DefaultsTable, whole.defaults, "defaults", found))
    if wrong := list(_problems_of_habits(defaults)):
        _tell(wrong, "defaults", found)
        defaults = DefaultsTable(channel=defaults.channel)
    usual = {name: value for name, value in attrs.asdict(defaults, recurse=False).items() if name != "channel"}
    people: dict[str, Person] = {}
    for number, table in enumerate(whole.people):
        path = f"people[{number}]"
        given = {**usual, **table}
        read = cast("Person | None", _table(Person, given, path, found))
        if read is not None:
            one = _with_channel(read, defaults.channel)
            _tell(_problems_of_person(one, people), path, found)
            people[one.id] = one
    deputies = [_table(Deputy, table, f"deputies[{number}]", found) for number, table in enumerate(whole.deputies)]
    for number, each in enumerate(deputies):
        if each is not None:
            _tell(_problems_of_deputy(each, people), f"deputies[{number}]", found)
    wanted: list[DirectorySubscription] = []
    for number, table in enumerate(whole.subscriptions):
        path = f"subscriptions[{number}]"
        if (each := _table(DirectorySubscription, table, path, found)) is not None:
            _tell(_problems_of_names({"who": each.who}, people), path, found)
            wanted.append(each)
    return FrozenDict(people), tuple(each for each in deputies if each is not None), tuple(wanted)


def _table(kind: type[Any], data: Mapping[str, Any], path: str, found: FaultCollector) -> Any:
    """
    Return a table as a noun, leaving out keys that do not fit; ``None`` if a required key does not fit.
    """
    read, problems = read_params(kind, data, what="key")
    for each in problems:
        where = path if each.kind == "missing" else at(path, each.name)
        found.faults.append(Fault(where, f"key.{each.kind}", each.problem, each.hint))
    vital = (each.name for each in attrs.fields(kind) if each.default is attrs.NOTHING)
    return kind(**read) if all(name in read for name in vital) else None


def _tell(problems: Iterable[_Problem], path: str, found: FaultCollector) -> None:
    for key, name, parts in problems:
        found.add(at(path, key), name, **parts)


def _with_channel(one: Person, usual: str) -> Person:
    """
    Return a person with the channel that everybody reads, or else the only one that there is.
    """
    only = next(iter(one.addresses)) if len(one.addresses) == 1 else ""
    return attrs.evolve(one, channel=one.channel or (usual if usual in one.addresses else only))


def _problems_of_person(one: Person, others: Collection[str]) -> Iterator[_Problem]:
    try:
        normal = person(actor_name(one.id))
    except InputError:
        normal = ""
    if one.id != normal:
        yield "id", "person.id", {"value": one.id}
    if one.id in others:
        yield "id", "person.twice", {"value": one.id}
    yield from (("roles", "role.malformed", {"value": role}) for role in one.roles if not is_name(role))
    if not all(map(str.strip, one.teams)):
        yield "teams", "value.type/blank", EMPTY
    yield from _problems_of_habits(one)
    yield from _problems_of_addresses(one)


def _problems_of_habits(one: Person | DefaultsTable) -> Iterator[_Problem]:
    if not one.language.strip():
        yield "language", "value.type/blank", EMPTY
    if one.zone and zone_named(one.zone) is None:
        yield "zone", "value.choice/zone", {"value": one.zone}
    if one.quiet_hours and (one.quiet_hours[0] == one.quiet_hours[1] or not all(map(_is_plain, one.quiet_hours))):
        yield "quiet_hours", "value.type/quiet_hours", EMPTY
    if one.digest and not _is_plain(one.digest):
        yield "digest", "value.type/time_of_day", EMPTY


def _is_plain(when: time) -> bool:
    """
    Tell whether a time of day is one of hours and minutes, as clocks of the person show it.
    """
    return when.tzinfo is None and when == when.replace(second=0, microsecond=0)


def _problems_of_addresses(one: Person) -> Iterator[_Problem]:
    for channel, address in one.addresses.items():
        key = f"addresses.{channel}"
        if not is_name(channel):
            yield key, "channel.malformed", {"value": channel}
        if isinstance(address, Env):
            if not os.environ.get(address.name):
                yield key, "address.env", {"name": address.name}
        elif "://" in address or address.startswith(SECRET):  # the text itself may be a secret
            yield key, "address.secret", EMPTY
        elif not address.strip():
            yield key, "value.type/blank", EMPTY
    known = list(one.addresses)
    if one.channel and one.channel not in known:
        near = nearest(one.channel, known)
        yield "channel", "channel.unknown", {"value": one.channel, "known": known, "near": near}
    elif known and not one.channel:
        yield "channel", "channel.missing", {"known": known}


def _problems_of_names(names: Mapping[str, str], people: Mapping[str, Person]) -> Iterator[_Problem]:
    for key, name in names.items():
        if name not in people:
            yield key, "person.unknown", {"value": name, "near": nearest(name, people)}


def _problems_of_deputy(one: Deputy, people: Mapping[str, Person]) -> Iterator[_Problem]:
    yield from _problems_of_names({"of": one.of, "by": one.by}, people)
    if one.of == one.by:
        yield "by", "deputy.same", {"value": one.by}
    if one.end < one.start:
        yield "end", "deputy.days", {"start": one.start, "end": one.end}
    roles = people[one.of].roles if one.of in people else one.roles
    for role in one.roles:
        if role not in roles:
            near = nearest(role, roles)
            yield "roles", "role.unknown", {"person": one.of, "value": role, "known": roles, "near": near}
