"""
How people get better at their work: skills that are needed, training, and appraisals.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

import attrs

from .._model.values import actor_name
from ._base import a_date, a_day, between, entry_id, many, maybe_number, moment, not_before, number, strings


@attrs.frozen
class SkillTarget:
    """
    A skill that the team needs.

    Attributes:
        skill: its name, as members have it.
        level: 1 (knows of it) to 5 (teaches it).
        members: how many need it, 1 or more.
    """

    kind: ClassVar[str] = "skill_target"

    id: str = attrs.field(converter=entry_id)
    skill: str = ""
    level: int = attrs.field(default=1, validator=between(1, 5))
    members: int = attrs.field(default=1, validator=between(1, 9999), kw_only=True)


@attrs.frozen
class Training:
    """
    A training that was held.

    Attributes:
        title: what about.
        hours: how long it took for each who took part, 0 to 1000.
        held_on: its first day.
        members: who took part.
        skills: the skills that it trains.
    """

    kind: ClassVar[str] = "training"

    id: str = attrs.field(converter=entry_id)
    title: str
    hours: Decimal = attrs.field(converter=number, validator=between(0, 1000))
    held_on: date = attrs.field(validator=a_day)
    members: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    skills: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)


@attrs.frozen
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


@attrs.frozen
class Appraisal:
    """
    How somebody's work over a period was rated.

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
