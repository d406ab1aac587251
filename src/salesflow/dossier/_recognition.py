"""
Recognition: incentives and rewards, ideas, and events of a team.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal, TypeAlias, get_args

import attrs

from .._model.values import Money, actor_name
from ._base import a_date, a_day, between, entry_id, money, not_before, not_negative, number, one_of, strings
from ._entry import entry


RewardType: TypeAlias = Literal["praise", "bonus", "prize", "promotion", "time_off", "other"]
EventType: TypeAlias = Literal["", "team_building", "celebration", "outing", "sharing", "contest", "other"]


@entry
class Incentive:
    """
    An incentive: what is promised for reaching a goal.

    Attributes:
        goal: the id of the goal.
        attainment: the share of the target from which it is due, 0 to 10; 1 is the whole target.
        amount: the money that is promised, zero or more.
        text: what is promised besides, or for what.
        members: whom it is for; by default the owner of the goal.
        type: what it is.
    """

    kind: ClassVar[str] = "incentive"

    id: str = attrs.field(converter=entry_id)
    goal: str = ""
    attainment: Decimal = attrs.field(default=Decimal(1), converter=number, validator=between(0, 10))
    amount: Money | None = attrs.field(default=None, validator=[money, not_negative], kw_only=True)
    text: str = attrs.field(default="", kw_only=True)
    members: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    type: RewardType = attrs.field(default="bonus", validator=one_of(*get_args(RewardType)), kw_only=True)


@entry
class Reward:
    """
    A reward for good work; praise is a reward as well.

    Attributes:
        member: the person's actor name.
        type: what it is.
        reason: what for.
        amount: the money, zero or more.
        given_on: the day; ``None`` while it is only due.
        by: who gave it.
        goal: the id of the goal that was reached, if any.
        incentive: the id of the incentive that had promised it, if any.
        appraisal: the id of the appraisal that it follows from, if any.
    """

    kind: ClassVar[str] = "reward"

    id: str = attrs.field(converter=entry_id)
    member: str = attrs.field(converter=actor_name)
    type: RewardType = attrs.field(default="praise", validator=one_of(*get_args(RewardType)))
    reason: str = attrs.field(default="", kw_only=True)
    amount: Money | None = attrs.field(default=None, validator=[money, not_negative], kw_only=True)
    given_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    by: str = attrs.field(default="", kw_only=True)
    goal: str = attrs.field(default="", kw_only=True)
    incentive: str = attrs.field(default="", kw_only=True)
    appraisal: str = attrs.field(default="", kw_only=True)


@entry
class Idea:
    """
    A proposal by a member of the team to do something in a new way.

    Attributes:
        title: what.
        text: how, and what it is good for.
        by: whose it is.
        proposed_on: the day it was proposed.
        status: where it stands.
        decided_on: the day it was adopted or declined.
        result: what came of it.
        award: the id of the reward it was given, if any.
    """

    kind: ClassVar[str] = "idea"

    id: str = attrs.field(converter=entry_id)
    title: str = ""
    text: str = attrs.field(default="", kw_only=True)
    by: str = attrs.field(default="", kw_only=True)
    proposed_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    status: Literal["proposed", "tried", "adopted", "declined"] = attrs.field(
        default="proposed", validator=one_of("proposed", "tried", "adopted", "declined"), kw_only=True
    )
    decided_on: date | None = attrs.field(default=None, validator=[a_date, not_before("proposed_on")], kw_only=True)
    result: str = attrs.field(default="", kw_only=True)
    award: str = attrs.field(default="", kw_only=True)


@entry
class TeamEvent:
    """
    An event of a team.

    Attributes:
        title: what.
        held_on: the day.
        type: what it is.
        members: who took part.
        note: anything else.
    """

    kind: ClassVar[str] = "team_event"

    id: str = attrs.field(converter=entry_id)
    title: str
    held_on: date = attrs.field(validator=a_day)
    type: EventType = attrs.field(default="", validator=one_of(*get_args(EventType)), kw_only=True)
    members: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)
