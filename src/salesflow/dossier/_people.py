"""
The development of people: skill targets, training, coaching, development plans, and appraisals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal, TypeAlias, get_args

import attrs

from .._model.frozen import EMPTY
from .._model.values import actor_name
from ._base import (
    a_date,
    a_day,
    between,
    entry_id,
    levels,
    many,
    maybe_number,
    moment,
    not_before,
    number,
    one_of,
    ratings,
    strings,
)
from ._entry import entry


@entry
class SkillTarget:
    """
    A skill that the team needs, or that one of its members is to have.

    Attributes:
        skill: its name, as members have it, such as ``negotiation``; see ``CHOICES["skill"]``.
        level: 1 (knows of it) to 5 (teaches it).
        members: how many need it, 1 or more.
        member: whose target it is; blank for the team.
        due: the day by which the member is to have it.
    """

    kind: ClassVar[str] = "skill_target"

    id: str = attrs.field(converter=entry_id)
    skill: str = ""
    level: int = attrs.field(default=1, validator=between(1, 5))
    members: int = attrs.field(default=1, validator=between(1, 9999), kw_only=True)
    member: str = attrs.field(default="", kw_only=True)
    due: date | None = attrs.field(default=None, validator=a_date, kw_only=True)


TrainingType: TypeAlias = Literal["", "course", "expert_talk", "book", "conference", "tool", "coaching", "other"]


@entry
class Training:
    """
    A training that was held, or something that a person did to learn.

    Attributes:
        title: what about.
        hours: how long it took for each who took part, 0 to 1000.
        held_on: its first day.
        members: who took part.
        skills: the skills that it trains.
        type: in what way.
        tools: the tools that it trains, such as ``crm``.
        trainer: who gave it.
    """

    kind: ClassVar[str] = "training"

    id: str = attrs.field(converter=entry_id)
    title: str
    hours: Decimal = attrs.field(converter=number, validator=between(0, 1000))
    held_on: date = attrs.field(validator=a_day)
    members: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    skills: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    type: TrainingType = attrs.field(default="", validator=one_of(*get_args(TrainingType)), kw_only=True)
    tools: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    trainer: str = attrs.field(default="", kw_only=True)


@entry
class DevelopmentPlan:
    """
    A development plan: where a member wants to go, and the steps.

    Attributes:
        member: the person's actor name.
        career: where the person wants to be.
        skills: the level to reach, 1 to 5, by skill.
        actions: what is done for it.
        mentor: who helps.
        start: the first day of its period.
        end: the last day of its period, included.
        status: where it stands.
    """

    kind: ClassVar[str] = "development_plan"

    id: str = attrs.field(converter=entry_id)
    member: str = attrs.field(converter=actor_name)
    career: str = attrs.field(default="", kw_only=True)
    skills: Mapping[str, int] = attrs.field(default=EMPTY, converter=levels, validator=ratings, kw_only=True)
    actions: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    mentor: str = attrs.field(default="", kw_only=True)
    start: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    end: date | None = attrs.field(default=None, validator=[a_date, not_before("start")], kw_only=True)
    status: Literal["active", "done", "dropped"] = attrs.field(
        default="active", validator=one_of("active", "done", "dropped"), kw_only=True
    )


@entry
class CoachingAction:
    """
    A coaching action for a member, because of figures or a finding.

    Attributes:
        member: the person's actor name.
        text: what is to be done.
        because: what it is done for: the name of a diagnostic rule, of a risk check, or of a skill.
        evidence: what is behind that, for example ids of projects.
        coach: who does it with the member.
        due: the day by which it is to be done.
        done_on: the day it was done.
        result: what came of it.
    """

    kind: ClassVar[str] = "coaching_action"

    id: str = attrs.field(converter=entry_id)
    member: str = attrs.field(converter=actor_name)
    text: str = attrs.field(default="", kw_only=True)
    because: str = attrs.field(default="", kw_only=True)
    evidence: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    coach: str = attrs.field(default="", kw_only=True)
    due: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    done_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    result: str = attrs.field(default="", kw_only=True)


@entry
class HiringNeed:
    """
    People who have to be found because the team lacks a skill or a role.

    Attributes:
        role: what they are to be.
        skills: the level that is needed, 1 to 5, by skill.
        count: how many, 1 or more.
        reason: why.
        owner: who looks for them.
        checks: how candidates are looked at, such as ``interview``, ``background_check``.
        raised_on: the day it was raised.
        needed_by: the day by which they are needed.
        filled_by: who was taken in.
        status: a need that is filled or dropped is closed.
    """

    kind: ClassVar[str] = "hiring_need"

    id: str = attrs.field(converter=entry_id)
    role: str = ""
    skills: Mapping[str, int] = attrs.field(default=EMPTY, converter=levels, validator=ratings, kw_only=True)
    count: int = attrs.field(default=1, validator=between(1, 9999), kw_only=True)
    reason: str = attrs.field(default="", kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    checks: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    raised_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    needed_by: date | None = attrs.field(default=None, validator=[a_date, not_before("raised_on")], kw_only=True)
    filled_by: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    status: Literal["open", "filled", "dropped"] = attrs.field(
        default="open", validator=one_of("open", "filled", "dropped"), kw_only=True
    )


@entry
class AppraisalCriterion:
    """
    One line of an appraisal.

    Attributes:
        rating: 0 to 100; ``None`` while it is open.
        weight: relative to the other lines.
        metric: the KPI it goes by, if any.
        source: where the rating comes from.
    """

    id: str = attrs.field(converter=entry_id)
    rating: Decimal | None = attrs.field(
        default=None, converter=maybe_number, validator=attrs.validators.optional(between(0, 100))
    )
    weight: Decimal = attrs.field(default=Decimal(1), converter=number, validator=between(0, 1000), kw_only=True)
    metric: str = attrs.field(default="", kw_only=True)
    source: str = attrs.field(default="", kw_only=True)


def _criteria(value: Iterable[AppraisalCriterion]) -> tuple[AppraisalCriterion, ...]:
    return many(value, AppraisalCriterion, "criteria")


@entry
class Appraisal:
    """
    The rating of a person's work over a period.

    Attributes:
        member: the person's actor name.
        criteria: its lines.
        by: who rated.
        at: when, UTC.
        acknowledged_at: when the person took note of it, UTC.
        start: the first day of the period.
        end: the last day of the period, included.
    """

    kind: ClassVar[str] = "appraisal"

    id: str = attrs.field(converter=entry_id)
    member: str = attrs.field(converter=actor_name)
    criteria: tuple[AppraisalCriterion, ...] = attrs.field(default=(), converter=_criteria)
    by: str = attrs.field(default="", kw_only=True)
    at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    acknowledged_at: datetime | None = attrs.field(
        default=None, converter=moment, validator=not_before("at"), kw_only=True
    )
    start: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    end: date | None = attrs.field(default=None, validator=[a_date, not_before("start")], kw_only=True)
