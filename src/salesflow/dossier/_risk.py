"""
Risks, with their response and contingency.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

import attrs

from ._base import a_date, between, entry_id, one_of


@attrs.frozen
class Risk:
    """
    A risk in the five-by-five matrix.

    Attributes:
        probability: 1 (rare) to 5 (almost certain).
        impact: 1 (slight) to 5 (severe).
        response: what is done about it.
        response_due: the day by which that is done.
        contingency: what is done if it comes true.
    """

    kind: ClassVar[str] = "risk"

    id: str = attrs.field(converter=entry_id)
    title: str = ""
    probability: int = attrs.field(default=1, validator=between(1, 5), kw_only=True)
    impact: int = attrs.field(default=1, validator=between(1, 5), kw_only=True)
    category: str = attrs.field(default="", kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    response: str = attrs.field(default="", kw_only=True)
    response_due: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    contingency: str = attrs.field(default="", kw_only=True)
    status: Literal["open", "closed", "occurred"] = attrs.field(
        default="open", validator=one_of("open", "closed", "occurred"), kw_only=True
    )

    @property
    def score(self) -> int:
        """
        Probability times impact, 1 to 25.
        """
        return self.probability * self.impact


@attrs.frozen
class RiskRegister:
    """
    The statement that risks were looked for; *none_found* makes an empty register explicit.
    """

    kind: ClassVar[str] = "risk_register"

    id: str = attrs.field(default="register", converter=entry_id)
    none_found: bool = attrs.field(default=False, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)
