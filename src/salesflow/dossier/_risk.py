"""
Risks, with their response and contingency, and the early warnings that were raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Final, Literal, TypeAlias, get_args

import attrs

from .._model.frozen import EMPTY
from .._model.risk_matrix import LEVELS, Level
from .._model.values import Money
from ._base import a_date, between, entry_id, levels, moment, money, one_of, ratings
from ._entry import entry


RiskStage: TypeAlias = Literal["identified", "assessed", "responding", "monitored", "occurred", "closed"]
"""The status of a risk: the ids of the stages of the built-in lifecycle ``risk``."""

RISK_STAGES: Final[tuple[RiskStage, ...]] = get_args(RiskStage)
"""The stages of a risk, in order."""

ResponseType: TypeAlias = Literal["", "avoid", "transfer", "mitigate", "accept"]

Identified: TypeAlias = Literal["", "research", "data", "experience", "review", "customer", "signal", "check", "lesson"]


def _stage(value: Any) -> Any:
    # What was stored before risks had stages of their own.
    return "identified" if value == "open" else value


@entry
class Risk:
    """
    A risk in the five-by-five matrix.

    Attributes:
        title: what may happen.
        probability: 1 (rare) to 5 (almost certain).
        impact: 1 (slight) to 5 (severe).
        impacts: several impacts by what they harm (``customer_loss``, ``time`` …), in place of *impact*; the names in
            ``IMPACT_TYPES`` have labels.
        exposure: what it costs if it comes true.
        residual_probability: the probability that is left once the response is carried out.
        residual_impact: the impact that is left then.
        category: in the host's own words, for example ``customer`` or ``delivery``.
        identified_by: how it was found, one of ``IDENTIFIED_BY``.
        owner: who watches it.
        response_type: how it is answered, one of ``RESPONSE_TYPES``.
        response: what is done about it.
        response_due: the day by which that is done.
        contingency: what is done if it comes true.
        contingency_active: whether that is being done.
        status: where it stands; ``Pipeline.move_entry`` takes it further.
        note: why it was closed, or its consequences.
    """

    kind: ClassVar[str] = "risk"

    id: str = attrs.field(converter=entry_id)
    title: str = ""
    probability: int = attrs.field(default=1, validator=between(1, 5), kw_only=True)
    impact: int = attrs.field(default=1, validator=between(1, 5), kw_only=True)
    impacts: Mapping[str, int] = attrs.field(default=EMPTY, converter=levels, validator=ratings, kw_only=True)
    exposure: Money | None = attrs.field(default=None, validator=money, kw_only=True)
    residual_probability: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(between(1, 5)), kw_only=True
    )
    residual_impact: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(between(1, 5)), kw_only=True
    )
    category: str = attrs.field(default="", kw_only=True)
    identified_by: Identified = attrs.field(default="", validator=one_of(*get_args(Identified)), kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    response_type: ResponseType = attrs.field(default="", validator=one_of(*get_args(ResponseType)), kw_only=True)
    response: str = attrs.field(default="", kw_only=True)
    response_due: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    contingency: str = attrs.field(default="", kw_only=True)
    contingency_active: bool = attrs.field(default=False, kw_only=True)
    status: RiskStage = attrs.field(
        default="identified", converter=_stage, validator=one_of(*RISK_STAGES), kw_only=True
    )
    note: str = attrs.field(default="", kw_only=True)

    @property
    def score(self) -> int:
        """
        Probability times impact, 1 to 25.
        """
        return self.probability * self.impact

    @property
    def open(self) -> bool:
        """
        Whether it may still occur: neither closed nor occurred.
        """
        return self.status not in ("closed", "occurred")

    @property
    def pair(self) -> tuple[int, tuple[int, ...]]:
        """
        The probability and the impacts, before any response.
        """
        return self.probability, tuple(self.impacts.values()) or (self.impact,)

    @property
    def residual(self) -> tuple[int, tuple[int, ...]] | None:
        """
        The probability and the impacts after the response, if they were stated.
        """
        if self.residual_probability is None and self.residual_impact is None:
            return None
        probability, impacts = self.pair
        left = impacts if self.residual_impact is None else (self.residual_impact,)
        return self.residual_probability or probability, left

    @property
    def current(self) -> tuple[int, tuple[int, ...]]:
        """
        The pair that counts now: the residual pair once the response has been carried out and the risk is monitored.
        """
        return (self.residual if self.status == "monitored" else None) or self.pair


@entry
class RiskRegister:
    """
    The statement that risks were looked for.

    Attributes:
        none_found: whether none was found, which makes an empty register explicit.
        note: who looked, where, or how.
    """

    kind: ClassVar[str] = "risk_register"

    id: str = attrs.field(default="register", converter=entry_id)
    none_found: bool = attrs.field(default=False, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)


@entry
class RaisedWarning:
    """
    An early warning as ``Pipeline.watch`` recorded it; its id is that in the definition.

    Attributes:
        active: whether it is on now.
        level: how bad it is.
        since: when it was last raised.
        cleared_at: when it was last cleared.
        last_alert_at: when the last notice of it was sent.
        evaluations: how often in a row the threshold was reached, up to what the definition asks for.
        evaluated_at: when that was last counted.
        value: what was measured when it last changed.
    """

    kind: ClassVar[str] = "warning"

    id: str = attrs.field(converter=entry_id)
    active: bool = attrs.field(default=False, kw_only=True)
    level: Level = attrs.field(default="medium", validator=one_of(*LEVELS), kw_only=True)
    since: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    cleared_at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    last_alert_at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    evaluations: int = attrs.field(default=0, kw_only=True)
    evaluated_at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    value: float | None = attrs.field(default=None, kw_only=True)
