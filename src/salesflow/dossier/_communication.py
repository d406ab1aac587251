"""
What people of a project say to each other: questions, guidance, status reports, requests, subscriptions.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Literal

import attrs

from .._model.values import actor_name
from ._base import entry_id, moment, not_before, one_of, strings
from ._entry import entry


@entry
class Question:
    """
    A question; the people who are asked get a notice, and who asked gets one with the answer.

    Attributes:
        text: what is asked.
        by: who asks.
        to: who is asked: addressees of a notice, such as ``role:sales_director``.
        asked_at: when, UTC.
        answer: what was answered.
        answered_by: who answered.
        answered_at: when, UTC; ``None`` while it is open.
    """

    kind: ClassVar[str] = "question"

    id: str = attrs.field(converter=entry_id)
    text: str = ""
    by: str = attrs.field(default="", kw_only=True)
    to: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    asked_at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    answer: str = attrs.field(default="", kw_only=True)
    answered_by: str = attrs.field(default="", kw_only=True)
    answered_at: datetime | None = attrs.field(
        default=None, converter=moment, validator=not_before("asked_at"), kw_only=True
    )

    @property
    def reply_time(self) -> timedelta | None:
        """
        How long the answer took, as time of the clock; ``None`` while it is open, or without the time of asking.
        """
        return None if self.asked_at is None or self.answered_at is None else self.answered_at - self.asked_at


@entry
class Guidance:
    """
    Advice from a person with more experience; its addressees get a notice.

    Attributes:
        text: what is advised.
        by: who advises.
        to: the addressees of a notice, such as ``owner``.
        at: when, UTC.
        question: the id of the question that it answers, if any.
    """

    kind: ClassVar[str] = "guidance"

    id: str = attrs.field(converter=entry_id)
    text: str = ""
    by: str = attrs.field(default="", kw_only=True)
    to: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    question: str | None = attrs.field(default=None, kw_only=True)


@entry
class StatusReport:
    """
    A report on progress.

    Attributes:
        at: when, UTC.
        by: who reports.
        done: what was done since the last report.
        next: what comes next.
        risks: what may go wrong.
        help_needed: what the team cannot do alone.
    """

    kind: ClassVar[str] = "status_report"

    id: str = attrs.field(converter=entry_id)
    at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    by: str = attrs.field(default="", kw_only=True)
    done: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    next: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    risks: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    help_needed: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)


@entry
class ApprovalRequest:
    """
    An approval that waits; whoever may give it gets a notice. Guards read the approval itself.

    Attributes:
        name: the approval that is asked for, for example ``initiation``.
        by: who asks.
        to: who may give it: addressees of a notice, such as ``role:sales_director``.
        at: when, UTC.
        comment: what is to be known for it.
        subject: the id of the artefact that is to be approved, if it is about one.
        expires_at: until when it can be granted, UTC; without it, it does not expire.
        status: where it stands; ``Pipeline.move_entry`` takes it further. Granting it gives the approval, and
            refusing it declines that.
        answer: what was said to it.
    """

    kind: ClassVar[str] = "approval_request"

    id: str = attrs.field(converter=entry_id)
    name: str = ""
    by: str = attrs.field(default="", kw_only=True)
    to: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    comment: str = attrs.field(default="", kw_only=True)
    subject: str | None = attrs.field(default=None, kw_only=True)
    expires_at: datetime | None = attrs.field(default=None, converter=moment, validator=not_before("at"), kw_only=True)
    status: Literal["requested", "granted", "refused", "withdrawn", "expired"] = attrs.field(
        default="requested", validator=one_of("requested", "granted", "refused", "withdrawn", "expired"), kw_only=True
    )
    answer: str = attrs.field(default="", kw_only=True)


@entry
class Subscription:
    """
    A person gets the notices of a project; the id is an addressee, such as the person's actor name.

    Attributes:
        topics: those the person wants, such as ids of transitions; by default all.
    """

    kind: ClassVar[str] = "subscription"

    id: str = attrs.field(converter=actor_name)
    topics: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)


@entry
class Acknowledgement:
    """
    The record that somebody took note of a notice, so that it escalates no further; the engine adds it.

    Attributes:
        by: who did.
        at: when, UTC.
    """

    kind: ClassVar[str] = "acknowledgement"

    id: str = attrs.field(converter=entry_id)
    by: str = attrs.field(default="", kw_only=True)
    at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
