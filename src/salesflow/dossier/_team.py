"""
The team of a project: charter, members, duties, resources, and what it asks of other departments.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

import attrs

from .._model.frozen import EMPTY
from .._model.values import Money, actor_name
from ._base import (
    PRIORITY,
    a_date,
    between,
    entry_id,
    levels,
    maybe_number,
    not_before,
    number,
    one_of,
    quantity,
    ratings,
    strings,
)
from ._entry import entry


@entry
class Member:
    """
    A member of the project team; the id is the person's actor name.

    Attributes:
        roles: what the person is in this project, for example ``presales``.
        department: where the person comes from.
        skills: levels 1 (knows of it) to 5 (teaches it) by skill.
        active: whether the person works on the project now.
        capacity: the share of full working time that the person has, 0 to 1.
        experience: years in this kind of work, 0 to 60.
        potential: how much further the person may go, 1 to 5.
        traits: beside skills, rated 1 to 5, such as ``professionalism``, ``teamwork``; see ``CHOICES["trait"]``.
    """

    kind: ClassVar[str] = "member"

    id: str = attrs.field(converter=actor_name)
    roles: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    department: str = attrs.field(default="", kw_only=True)
    skills: Mapping[str, int] = attrs.field(default=EMPTY, converter=levels, validator=ratings, kw_only=True)
    active: bool = attrs.field(default=True, kw_only=True)
    capacity: Decimal = attrs.field(default=Decimal(1), converter=number, validator=between(0, 1), kw_only=True)
    experience: Decimal | None = attrs.field(
        default=None, converter=maybe_number, validator=attrs.validators.optional(between(0, 60)), kw_only=True
    )
    potential: int | None = attrs.field(default=None, validator=attrs.validators.optional(between(1, 5)), kw_only=True)
    traits: Mapping[str, int] = attrs.field(default=EMPTY, converter=levels, validator=ratings, kw_only=True)


@entry
class TeamCharter:
    """
    A team charter: the purpose of a team, and how it works together.

    Attributes:
        mission: what it is for.
        vision: where it wants to be.
        goals: what it wants to reach.
        values: what it holds to.
        agreed_on: the day the team agreed on it.
        agreed_by: the members who did.
        owner: who answers for it.
    """

    kind: ClassVar[str] = "team_charter"

    id: str = attrs.field(default="team_charter", converter=entry_id)
    mission: str = attrs.field(default="", kw_only=True)
    vision: str = attrs.field(default="", kw_only=True)
    goals: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    values: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    agreed_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    agreed_by: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)


@entry
class Duty:
    """
    A standing responsibility and the members who are accountable for it.

    Attributes:
        title: what it is.
        accountable: the ids of the members; clear is who it is if there is exactly one.
    """

    kind: ClassVar[str] = "duty"

    id: str = attrs.field(converter=entry_id)
    title: str = ""
    accountable: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)


@entry
class ResourceDemand:
    """
    The demand of a project for a kind of resource.

    Attributes:
        resource: ``people``, ``material``, ``budget`` or a kind of the host's own.
        amount: a number, or money.
        unit: of a number, for example ``days``.
    """

    kind: ClassVar[str] = "resource_demand"

    id: str = attrs.field(converter=entry_id)
    resource: str = ""
    amount: Decimal | Money = attrs.field(default=Decimal(0), converter=quantity)
    unit: str = attrs.field(default="", kw_only=True)


@entry
class ResourceAllocation:
    """
    An amount of a kind of resource that a project was given.

    Attributes:
        resource: as in the demand.
        amount: a number or money, in the unit of the demand.
        unit: of a number, as in the demand.
        member: the person who is booked, for ``people``.
        load: share of the person's working time, 0 to 1 (more is an overload).
        start: first day booked.
        end: last day booked, included.
    """

    kind: ClassVar[str] = "resource_allocation"

    id: str = attrs.field(converter=entry_id)
    resource: str = ""
    amount: Decimal | Money = attrs.field(default=Decimal(0), converter=quantity)
    unit: str = attrs.field(default="", kw_only=True)
    member: str | None = attrs.field(default=None, kw_only=True)
    load: float = attrs.field(default=0.0, validator=between(0, 10), kw_only=True)
    start: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    end: date | None = attrs.field(default=None, validator=[a_date, not_before("start")], kw_only=True)


@entry
class DepartmentRequest:
    """
    A request to another department; the people who are asked get a notice, and the requester gets one with the answer.

    Attributes:
        text: what is asked for.
        department: which department is asked.
        by: who asks.
        to: who is asked there: addressees of a notice, such as ``role:presales_lead``.
        resource: the kind of resource that is asked for, as in a demand, if any.
        priority: 1 (first) to 5 (last).
        asked_on: the day it was asked.
        needed_by: the day by which it is needed.
        done_on: the day it was done.
        status: where it stands; a request that is done or declined is closed.
        answer: what the department says.
    """

    kind: ClassVar[str] = "department_request"

    id: str = attrs.field(converter=entry_id)
    text: str = ""
    department: str = attrs.field(default="", kw_only=True)
    by: str = attrs.field(default="", kw_only=True)
    to: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    resource: str = attrs.field(default="", kw_only=True)
    priority: int | None = attrs.field(default=None, validator=PRIORITY, kw_only=True)
    asked_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    needed_by: date | None = attrs.field(default=None, validator=[a_date, not_before("asked_on")], kw_only=True)
    done_on: date | None = attrs.field(default=None, validator=[a_date, not_before("asked_on")], kw_only=True)
    status: Literal["open", "accepted", "done", "declined"] = attrs.field(
        default="open", validator=one_of("open", "accepted", "done", "declined"), kw_only=True
    )
    answer: str = attrs.field(default="", kw_only=True)
