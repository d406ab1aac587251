"""
The team of a project: members, duties, and the resources that are demanded and allocated.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

import attrs

from .._model.frozen import EMPTY, noun
from .._model.values import Money, actor_name
from ._base import a_date, between, entry_id, levels, number, quantity, strings


@noun
class Member:
    """
    A member of the project team; the id is the person's actor name.

    Attributes:
        roles: what the person is in this project, for example ``presales``.
        department: where the person comes from.
        skills: levels 1 (knows of it) to 5 (teaches it) by skill.
        active: whether the person works on the project now.
        capacity: the share of full working time that the person has, 0 to 1.
    """

    kind: ClassVar[str] = "member"

    id: str = attrs.field(converter=actor_name)
    roles: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    department: str = attrs.field(default="", kw_only=True)
    skills: Mapping[str, int] = attrs.field(default=EMPTY, converter=levels, kw_only=True)
    active: bool = attrs.field(default=True, kw_only=True)
    capacity: Decimal = attrs.field(default=Decimal(1), converter=number, validator=between(0, 1), kw_only=True)


@noun
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


@noun
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


@noun
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
    end: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
