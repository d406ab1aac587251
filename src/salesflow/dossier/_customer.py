"""
Customer records, and the feedback of customers and colleagues.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

import attrs

from .._model.frozen import EMPTY, noun
from ._base import entry_id, maybe_number, texts


@noun
class CustomerRecord:
    """
    What is known about the customer, carried on from cycle to cycle.

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


@noun
class Feedback:
    """
    One answer to a question about the project.

    Attributes:
        source: who was asked: ``customer``, ``partner``, ``team`` …
        score: the mark given, on the scale of the survey.
        comment: what was said.
        declined: the asked party refused to answer, and that is recorded.
        member: the person it is about, for surveys of members.
    """

    kind: ClassVar[str] = "feedback"

    id: str = attrs.field(converter=entry_id)
    source: str = "customer"
    score: Decimal | None = attrs.field(default=None, converter=maybe_number, kw_only=True)
    comment: str = attrs.field(default="", kw_only=True)
    declined: bool = attrs.field(default=False, kw_only=True)
    member: str | None = attrs.field(default=None, kw_only=True)
