"""
Parties and contacts, their needs, purchases and complaints, and service standards.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal

import attrs

from .._model.risk_matrix import LEVELS, Level
from .._model.values import Money
from ._base import a_date, a_day, amount, between, entry_id, maybe_number, moment, not_before, one_of, strings
from ._entry import entry


_STRENGTH = attrs.validators.optional(between(1, 5))
_HOURS = attrs.validators.optional(between(0, 10_000))


@entry
class Party:
    """
    An organisation that has a part in the project.

    Attributes:
        name: of the organisation.
        type: what it is to us.
        strength: 1 to 5: how good the relationship is; of a competitor, how strong it is.
        industry: what it does.
        note: anything else.
    """

    kind: ClassVar[str] = "party"

    id: str = attrs.field(converter=entry_id)
    name: str = ""
    type: Literal["customer", "partner", "competitor", "supplier"] = attrs.field(
        default="customer", validator=one_of("customer", "partner", "competitor", "supplier")
    )
    strength: int | None = attrs.field(default=None, validator=_STRENGTH, kw_only=True)
    industry: str = attrs.field(default="", kw_only=True)
    note: str = attrs.field(default="", kw_only=True)


@entry
class Contact:
    """
    A person of a party.

    Attributes:
        name: of the person.
        party: the id of the party; by default the customer of the project.
        roles: what the person is in the decision, for example ``economic_buyer``, ``champion``, ``user``.
        title: the person's position.
        strength: how good the relationship is, 1 to 5.
        email: the address.
        phone: the number.
    """

    kind: ClassVar[str] = "contact"

    id: str = attrs.field(converter=entry_id)
    name: str = ""
    party: str = attrs.field(default="", kw_only=True)
    roles: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    title: str = attrs.field(default="", kw_only=True)
    strength: int | None = attrs.field(default=None, validator=_STRENGTH, kw_only=True)
    email: str = attrs.field(default="", kw_only=True)
    phone: str = attrs.field(default="", kw_only=True)


@entry
class Need:
    """
    A need of the customer.

    Attributes:
        text: what.
        party: the id of the party; by default the customer of the project.
        priority: how much depends on it.
        stated_on: the day it was stated.
        status: an open need is neither met nor dropped.
    """

    kind: ClassVar[str] = "need"

    id: str = attrs.field(converter=entry_id)
    text: str = ""
    party: str = attrs.field(default="", kw_only=True)
    priority: Literal["must", "should", "could"] = attrs.field(
        default="should", validator=one_of("must", "should", "could"), kw_only=True
    )
    stated_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    status: Literal["open", "met", "dropped"] = attrs.field(
        default="open", validator=one_of("open", "met", "dropped"), kw_only=True
    )


@entry
class Purchase:
    """
    A purchase that the customer made before, from us or from others.

    Attributes:
        amount: for how much, zero or more.
        bought_on: the day.
        product: what.
        seller: who sold it; blank for us.
        party: the id of the party; by default the customer of the project.
    """

    kind: ClassVar[str] = "purchase"

    id: str = attrs.field(converter=entry_id)
    amount: Money = attrs.field(validator=amount)
    bought_on: date = attrs.field(validator=a_day)
    product: str = attrs.field(default="", kw_only=True)
    seller: str = attrs.field(default="", kw_only=True)
    party: str = attrs.field(default="", kw_only=True)


@entry
class Complaint:
    """
    A complaint of a customer.

    Attributes:
        text: what.
        severity: how bad it is.
        party: the id of the party; by default the customer of the project.
        contact: the person who complains.
        item: the service or product it is about.
        owner: who sees to it.
        raised_at: when it was raised, UTC.
        answered_at: when the customer first got an answer, UTC.
        resolved_at: when it was resolved, UTC.
        status: where it stands; ``Pipeline.move_entry`` takes it further.
        answer_due: when the customer has to have an answer, UTC; by the service standard unless it is given.
        resolve_due: when it has to be resolved, UTC; likewise.
        answer: what the customer was answered.
        resolution: what was done.
        issue: the id of the issue that was opened for it.
    """

    kind: ClassVar[str] = "complaint"

    id: str = attrs.field(converter=entry_id)
    text: str = ""
    severity: Level = attrs.field(default="medium", validator=one_of(*LEVELS), kw_only=True)
    party: str = attrs.field(default="", kw_only=True)
    contact: str = attrs.field(default="", kw_only=True)
    item: str = attrs.field(default="", kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    raised_at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    answered_at: datetime | None = attrs.field(
        default=None, converter=moment, validator=not_before("raised_at"), kw_only=True
    )
    resolved_at: datetime | None = attrs.field(
        default=None, converter=moment, validator=not_before("raised_at"), kw_only=True
    )
    status: Literal["received", "answered", "resolved", "confirmed"] = attrs.field(
        default="received", validator=one_of("received", "answered", "resolved", "confirmed"), kw_only=True
    )
    answer_due: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    resolve_due: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    answer: str = attrs.field(default="", kw_only=True)
    resolution: str = attrs.field(default="", kw_only=True)
    issue: str | None = attrs.field(default=None, kw_only=True)


@entry
class ServiceStandard:
    """
    How soon customers are to be answered and helped.

    One for an item goes before one for a severity, and that before one for all, for the hours that it states.

    Attributes:
        item: the service or product it holds for; blank for all.
        response_hours: the working hours up to the first answer, 0 to 10,000.
        resolution_hours: the working hours up to the resolution, 0 to 10,000.
        severity: the issues and complaints it holds for; blank for all.
    """

    kind: ClassVar[str] = "service_standard"

    id: str = attrs.field(converter=entry_id)
    item: str = ""
    response_hours: Decimal | None = attrs.field(default=None, converter=maybe_number, validator=_HOURS, kw_only=True)
    resolution_hours: Decimal | None = attrs.field(default=None, converter=maybe_number, validator=_HOURS, kw_only=True)
    severity: Literal["", "low", "medium", "high", "critical"] = attrs.field(
        default="", validator=one_of("", *LEVELS), kw_only=True
    )


def standard_hours(
    standards: Iterable[ServiceStandard], hours: str, *, item: str = "", severity: str = ""
) -> Decimal | None:
    """
    Return the working hours that the most particular standard with such hours allows; ``None`` without one that holds.

    A standard for an item goes before one for a severity, and that before one for all.

    Args:
        standards: those of a project.
        hours: ``response_hours`` or ``resolution_hours``.
        item: the service or product it is about; blank for none.
        severity: of an issue or complaint; blank for none.
    """
    found = [
        ((each.item != "", each.severity != ""), -allowed)
        for each in standards
        if each.item in {"", item} and each.severity in {"", severity}
        for allowed in [getattr(each, hours)]
        if allowed is not None
    ]
    return -max(found)[1] if found else None
