"""
Artefacts, reviews, scorecards, approvals, retrospectives and lessons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

import attrs

from .._model.frozen import EMPTY, freeze
from ._base import a_date, between, entry_id, many, maybe_number, moment, number, one_of, strings, texts
from ._entry import entry


@entry
class Artefact:
    """
    A document that is kept elsewhere; the dossier holds its digest, not its content.

    Attributes:
        type: for example ``project_charter``.
        id: defaults to the type, so that adding again replaces the version before.
        digest: of the content, for example ``sha256:…``; an approval binds to it.
        title: what people call it.
        uri: where it is kept.
        superseded: whether another artefact took its place.
        status: where it stands; ``Pipeline.move_entry`` takes it further. Another digest is a draft again.
    """

    kind: ClassVar[str] = "artefact"

    type: str
    id: str = attrs.field(default=attrs.Factory(lambda self: self.type, takes_self=True), converter=entry_id)
    digest: str = attrs.field(default="", kw_only=True)
    title: str = attrs.field(default="", kw_only=True)
    uri: str = attrs.field(default="", kw_only=True)
    superseded: bool = attrs.field(default=False, kw_only=True)
    status: Literal["draft", "submitted", "approved", "superseded"] = attrs.field(
        default="draft", validator=one_of("draft", "submitted", "approved", "superseded"), kw_only=True
    )


@entry
class Approval:
    """
    A decision by a person, stamped by the engine; it cannot be added like other entries.

    Attributes:
        name: what is approved, for example ``initiation``.
        by: the actor who decided.
        on_behalf_of: the person represented, if the actor is a deputy.
        authority: the directory that says so.
        roles: the roles that the actor held then; of a deputy, those in which the deputy represents another person.
        granted: ``False`` is a refusal.
        at: when, UTC.
        visit: the number of the visit in which it was given.
        subject: the artefact it is about, if any.
        digest: the artefact's digest at that time; a changed digest voids the approval.
        owner: the project's owner at that time, whose own word may not count.
        requester: who had opened the project, whose own word may not count either.
        bound: what it was given for: the value of each field, and for each kind of entries a digest by id.
        comment: what the person added.
    """

    kind: ClassVar[str] = "approval"

    id: str = attrs.field(converter=entry_id)
    name: str
    by: str
    roles: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    granted: bool = attrs.field(default=True, kw_only=True)
    at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    visit: int = attrs.field(default=0, kw_only=True)
    subject: str | None = attrs.field(default=None, kw_only=True)
    digest: str | None = attrs.field(default=None, kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    requester: str | None = attrs.field(default=None, kw_only=True)
    bound: Mapping[str, Any] = attrs.field(default=EMPTY, converter=freeze, kw_only=True)
    comment: str = attrs.field(default="", kw_only=True)
    on_behalf_of: str | None = attrs.field(default=None, kw_only=True)
    authority: str = attrs.field(default="", kw_only=True)


@entry
class Review:
    """
    A review meeting that was held.

    Attributes:
        type: for example ``project_review``.
        held_at: when, UTC.
        attendees: who was there.
        decision: what was decided.
        member: the person it was about, for reviews of members.
    """

    kind: ClassVar[str] = "review"

    id: str = attrs.field(converter=entry_id)
    type: str = ""
    held_at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    attendees: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    decision: str = attrs.field(default="", kw_only=True)
    member: str | None = attrs.field(default=None, kw_only=True)


@entry
class ScoreItem:
    """
    One line of a scorecard.

    Attributes:
        score: 0 to 100.
        weight: relative to the other items; 0 for an item that is only a must-meet question.
        met: the answer to a must-meet question.
        evidence: where the score comes from.
    """

    id: str = attrs.field(converter=entry_id)
    score: Decimal = attrs.field(default=Decimal(0), converter=number, validator=between(0, 100))
    weight: Decimal = attrs.field(default=Decimal(1), converter=number, validator=between(0, 1000), kw_only=True)
    met: bool | None = attrs.field(default=None, kw_only=True)
    evidence: str = attrs.field(default="", kw_only=True)


def _score_items(value: Iterable[ScoreItem]) -> tuple[ScoreItem, ...]:
    return many(value, ScoreItem, "score items")


@entry
class Scorecard:
    """
    A filled-in scorecard; the id is its name, for example ``feasibility``.

    Attributes:
        items: its lines.
        about: the competitor it is about; blank for our own.
    """

    kind: ClassVar[str] = "scorecard"

    id: str = attrs.field(converter=entry_id)
    items: tuple[ScoreItem, ...] = attrs.field(default=(), converter=_score_items)
    about: str = attrs.field(default="", kw_only=True)


@entry
class Retrospective:
    """
    A look back after the outcome (复盘); its lessons are :class:`Lesson` entries.

    Attributes:
        sections: text by section, for example ``successes`` and ``shortfalls``.
        participants: who took part.
        held_at: when, UTC.
        source: whose view it is: of the owner alone (``self``), of the team, or of an expert from outside.
    """

    kind: ClassVar[str] = "retrospective"

    id: str = attrs.field(default="retrospective", converter=entry_id)
    sections: Mapping[str, str] = attrs.field(default=EMPTY, converter=texts, kw_only=True)
    participants: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    held_at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    source: Literal["self", "team", "expert"] = attrs.field(
        default="team", validator=one_of("self", "team", "expert"), kw_only=True
    )


@entry
class Lesson:
    """
    A lesson for later projects; :meth:`salesflow.insight.Portfolio.lessons` finds it for them.

    A blank attribute is taken from the project in which it was learned.

    Attributes:
        text: what was learned.
        tags: what it is about, in the host's own words, such as ``good_case`` or the name of a product.
        customer: with which customer.
        industry: of the customer.
        stage: the stage it is about; of a lost project, the stage in which it was lost.
        risk_category: the category of the risk it is about, as in :attr:`Risk.category`.
    """

    kind: ClassVar[str] = "lesson"

    id: str = attrs.field(converter=entry_id)
    text: str = ""
    tags: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    customer: str = attrs.field(default="", kw_only=True)
    industry: str = attrs.field(default="", kw_only=True)
    stage: str = attrs.field(default="", kw_only=True)
    risk_category: str = attrs.field(default="", kw_only=True)


@entry
class PulseAnswer:
    """
    One person's answer to a short survey of how the team is doing (团队氛围调查).

    Attributes:
        score: 1 to 5, 5 is best; ``None`` where nothing was answered.
        answered_on: the day.
        topic: what was asked, such as ``cohesion`` or ``workload``.
        member: who answered; blank where the survey is anonymous.
        comment: what the person added.
    """

    kind: ClassVar[str] = "pulse_answer"

    id: str = attrs.field(converter=entry_id)
    score: Decimal | None = attrs.field(
        default=None, converter=maybe_number, validator=attrs.validators.optional(between(1, 5))
    )
    answered_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    topic: str = attrs.field(default="cohesion", kw_only=True)
    member: str = attrs.field(default="", kw_only=True)
    comment: str = attrs.field(default="", kw_only=True)


@entry
class LessonUse:
    """
    A lesson of another project that this project goes by.

    Attributes:
        lesson: the id of the lesson.
        project: the id of the project it was learned in.
        by: who put it to use.
        at: when, UTC.
        note: how.
    """

    kind: ClassVar[str] = "lesson_use"

    id: str = attrs.field(converter=entry_id)
    lesson: str = ""
    project: str = ""
    by: str = attrs.field(default="", kw_only=True)
    at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)
