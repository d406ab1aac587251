"""
Issues, signals from outside, and improvement actions.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal, TypeAlias, get_args

import attrs

from .._model.risk_matrix import LEVELS, Level
from ._base import a_date, between, entry_id, maybe_number, moment, not_before, one_of
from ._entry import entry


IssueStatus: TypeAlias = Literal["open", "in_progress", "resolved", "verified", "reopened"]
ActionStatus: TypeAlias = Literal["proposed", "accepted", "doing", "done", "verified", "ineffective", "rejected"]


@entry
class Issue:
    """
    An issue: something that went wrong and has to be put right.

    Attributes:
        title: what it is.
        severity: how bad it is.
        category: in the host's own words.
        customer: who is affected; by default the customer of the project.
        item: the service or product it is about.
        owner: who sees to it.
        opened_at: when it came up, UTC.
        due: the day by which it is to be resolved.
        status: where it stands; ``Pipeline.move_entry`` takes it further. It is not open once it is resolved.
        answer_due: when it has to be answered, UTC; by the service standard unless it is given.
        resolve_due: when it has to be resolved, UTC; likewise.
        resolved_at: when it was last resolved, UTC; ``None`` while it is open.
        resolution: what was done.
        reopened: how often it was opened again.
        origin: the entry that it came from, as ``kind:id``, such as ``risk:delay``.
    """

    kind: ClassVar[str] = "issue"

    id: str = attrs.field(converter=entry_id)
    title: str = ""
    severity: Level = attrs.field(default="medium", validator=one_of(*LEVELS), kw_only=True)
    category: str = attrs.field(default="", kw_only=True)
    customer: str = attrs.field(default="", kw_only=True)
    item: str = attrs.field(default="", kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    opened_at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    due: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    status: IssueStatus = attrs.field(default="open", validator=one_of(*get_args(IssueStatus)), kw_only=True)
    answer_due: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    resolve_due: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    resolved_at: datetime | None = attrs.field(
        default=None, converter=moment, validator=not_before("opened_at"), kw_only=True
    )
    resolution: str = attrs.field(default="", kw_only=True)
    reopened: int = attrs.field(default=0, validator=between(0, 9999), kw_only=True)
    origin: str = attrs.field(default="", kw_only=True)

    @property
    def open(self) -> bool:
        """
        Whether it still has to be put right: neither resolved nor verified.
        """
        return self.status not in ("resolved", "verified")


@entry
class Signal:
    """
    A signal from outside that may require a change of course, and the decision on it.

    Attributes:
        text: what was seen.
        category: what moved: ``market``, ``need``, ``partner`` or ``competitor``, as ``Pipeline.signal`` writes it, or
            a word of the host's own.
        evidence: where it can be looked up.
        offers: the trigger that is offered because of it; taking it decides the signal.
        by: who saw it.
        seen_at: when, UTC.
        decided_at: when it was decided what to do about it, UTC; ``None`` while it is open.
        decided_by: who decided.
        decision: what was decided, also that nothing changes.
    """

    kind: ClassVar[str] = "signal"

    id: str = attrs.field(converter=entry_id)
    text: str = ""
    category: str = attrs.field(default="", kw_only=True)
    evidence: str = attrs.field(default="", kw_only=True)
    offers: str = attrs.field(default="", kw_only=True)
    by: str = attrs.field(default="", kw_only=True)
    seen_at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    decided_at: datetime | None = attrs.field(
        default=None, converter=moment, validator=not_before("seen_at"), kw_only=True
    )
    decided_by: str = attrs.field(default="", kw_only=True)
    decision: str = attrs.field(default="", kw_only=True)


@entry
class ImprovementAction:
    """
    An improvement action: something to do so that later projects go better.

    Attributes:
        title: what is to be done.
        owner: who does it.
        due: the day by which it is to be done.
        lifecycle: the id of the lifecycle that it changes, if any.
        status: where it stands; ``Pipeline.move_entry`` takes it further.
        accepted_on: the day it was accepted.
        done_on: the day it was done.
        verified_on: the day it was found to work, or not to.
        verified_by: who found that.
        metric: the KPI by which that is seen.
        before, after: its value before the action, and afterwards.
        note: why it was rejected, or what came of it.
    """

    kind: ClassVar[str] = "improvement_action"

    id: str = attrs.field(converter=entry_id)
    title: str = ""
    owner: str | None = attrs.field(default=None, kw_only=True)
    due: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    lifecycle: str = attrs.field(default="", kw_only=True)
    status: ActionStatus = attrs.field(default="proposed", validator=one_of(*get_args(ActionStatus)), kw_only=True)
    accepted_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    done_on: date | None = attrs.field(default=None, validator=[a_date, not_before("accepted_on")], kw_only=True)
    verified_on: date | None = attrs.field(default=None, validator=[a_date, not_before("done_on")], kw_only=True)
    verified_by: str = attrs.field(default="", kw_only=True)
    metric: str = attrs.field(default="", kw_only=True)
    before: Decimal | None = attrs.field(default=None, converter=maybe_number, kw_only=True)
    after: Decimal | None = attrs.field(default=None, converter=maybe_number, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)
