"""
The registration of a deal (报备): who may work on it, and until when.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

import attrs

from ..errors import InputError, say
from ._base import a_date, a_day, entry_id, not_before
from ._entry import entry


@entry
class Registration:
    """
    The registration of a deal, so that only its owner works on it for a time.

    Attributes:
        customer: whose deal it is, as the project's field names the customer.
        by: who registered it: a member, or a partner.
        registered_on: the day.
        valid_until: the last day on which it holds; ``None`` without an end.
        released_on: the day on which it was given up, from which it holds no more.
        note: anything else.
    """

    kind: ClassVar[str] = "registration"

    id: str = attrs.field(converter=entry_id)
    customer: str
    by: str
    registered_on: date = attrs.field(validator=a_day)
    valid_until: date | None = attrs.field(default=None, validator=[a_date, not_before("registered_on")], kw_only=True)
    released_on: date | None = attrs.field(default=None, validator=[a_date, not_before("registered_on")], kw_only=True)
    note: str = attrs.field(default="", kw_only=True)

    def holds_on(self, day: date) -> bool:
        """
        Tell whether it holds on a day.

        Raises:
            InputError: for anything but a plain date.
        """
        if not isinstance(day, date) or isinstance(day, datetime):
            raise InputError("day", day, say("input.date"))
        ended = self.released_on is not None and day >= self.released_on
        return self.registered_on <= day <= (self.valid_until or date.max) and not ended
