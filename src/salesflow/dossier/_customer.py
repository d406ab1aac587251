"""
Customer records, the feedback of customers and colleagues, surveys, and the size of markets.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

import attrs

from .._model.frozen import EMPTY
from .._model.values import Money
from ..errors import InputError, say
from ._base import a_date, amount, entry_id, maybe_number, moment, not_before, one_of, texts
from ._entry import entry


@entry
class CustomerRecord:
    """
    The customer record: what is known about the customer, carried over from cycle to cycle.

    Attributes:
        name: of the customer.
        facts: short texts by topic, for example ``{"industry": "telecom"}``.
        contacts: who is who there, for example ``{"economic_buyer": "Ms Chen", "champion": "Mr Luo"}``.
    """

    kind: ClassVar[str] = "customer_record"

    id: str = attrs.field(converter=entry_id)
    name: str = ""
    facts: Mapping[str, str] = attrs.field(default=EMPTY, converter=texts, kw_only=True)
    contacts: Mapping[str, str] = attrs.field(default=EMPTY, converter=texts, kw_only=True)


@entry
class Feedback:
    """
    One answer to a question about the project.

    Attributes:
        source: who was asked: ``customer``, ``partner``, ``team`` …
        score: the mark given, on the scale of the survey.
        comment: what was said.
        declined: the asked party refused to answer, and that is recorded.
        member: the person it is about, for surveys of members.
        type: how it was given.
    """

    kind: ClassVar[str] = "feedback"

    id: str = attrs.field(converter=entry_id)
    source: str = "customer"
    score: Decimal | None = attrs.field(default=None, converter=maybe_number, kw_only=True)
    comment: str = attrs.field(default="", kw_only=True)
    declined: bool = attrs.field(default=False, kw_only=True)
    member: str | None = attrs.field(default=None, kw_only=True)
    type: Literal["", "survey", "return_visit", "complaint", "interview"] = attrs.field(
        default="", validator=one_of("", "survey", "return_visit", "complaint", "interview"), kw_only=True
    )


_MARKS = {"csat": (1, 5), "nps": (0, 10)}


def _mark(instance: Any, attribute: attrs.Attribute[Any], value: Decimal | None) -> None:
    low, high = _MARKS.get(str(getattr(instance, "scale", "")), (0, 10))
    if value is not None and not low <= value <= high:
        raise InputError(attribute.name, value, say("input.between", low=low, high=high))


@entry
class Survey:
    """
    One customer's answer to a survey.

    Attributes:
        name: the survey, for example ``after_delivery``; of several answers of a customer to it the latest counts.
        score: the mark: 1 to 5 on the scale ``csat``, 0 to 10 on the scale ``nps``.
        scale: ``csat`` asks how satisfied the customer is, ``nps`` whether the customer would recommend us.
        customer: who was asked; by default the customer of the project.
        contact: the person who answered.
        item: the service or product it is about.
        answered_at: when, UTC.
        comment: what was said.
        declined: the customer refused to answer, and that is recorded.
    """

    kind: ClassVar[str] = "survey"

    id: str = attrs.field(converter=entry_id)
    name: str = ""
    score: Decimal | None = attrs.field(default=None, converter=maybe_number, validator=_mark)
    scale: Literal["csat", "nps"] = attrs.field(default="csat", validator=one_of(*_MARKS), kw_only=True)
    customer: str = attrs.field(default="", kw_only=True)
    contact: str = attrs.field(default="", kw_only=True)
    item: str = attrs.field(default="", kw_only=True)
    answered_at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    comment: str = attrs.field(default="", kw_only=True)
    declined: bool = attrs.field(default=False, kw_only=True)


@entry
class MarketSize:
    """
    The size of a market in a period, as a source states it.

    Attributes:
        market: as the projects' field of that role names it.
        amount: what all sellers together sell there, zero or more.
        source: who states it.
        start: the first day of the period.
        end: the last day of the period, included.
    """

    kind: ClassVar[str] = "market_size"

    id: str = attrs.field(converter=entry_id)
    market: str
    amount: Money = attrs.field(validator=amount)
    source: str = attrs.field(default="", kw_only=True)
    start: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    end: date | None = attrs.field(default=None, validator=[a_date, not_before("start")], kw_only=True)
