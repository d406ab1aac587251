"""
The plan of a project: strategy parts, tasks, milestones, activities.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, ClassVar, Literal

import attrs

from .._model.zones import midnight
from ._base import PRIORITY, a_date, entry_id, maybe_number, moment, not_before, not_itself, one_of, strings
from ._entry import entry


@entry
class StrategyPart:
    """
    One part of the strategy; the id is the part, for example ``market_entry``.

    Attributes:
        text: what is planned.
        owner: who answers for it.
    """

    kind: ClassVar[str] = "strategy_part"

    id: str = attrs.field(converter=entry_id)
    text: str = ""
    owner: str | None = attrs.field(default=None, kw_only=True)


@entry
class Task:
    """
    A piece of work with an owner and a due day.

    Attributes:
        title: what is to be done.
        owner: who does it.
        role: whose it is while it has no owner.
        helpers: who else works on it.
        start: the first day on which it is worked on.
        due: the last day for it, included.
        done_on: the day it was done.
        part: the strategy part it carries out.
        goal: the goal it serves.
        stage: the stage it belongs to, if any.
        mandatory: whether its stage may be left only when it is done, where the guard ``tasks_done`` asks for it.
        effort: how many working days of one person it takes.
        partner: the partner or supplier who does it.
        handover: whether another member of the team waits for its result.
        priority: 1 (first) to 5 (last) among the tasks of its owner.
        status: where it stands; ``Pipeline.move_entry`` takes it further. One that is done or dropped is closed.
        note: why it is blocked or was dropped.
    """

    kind: ClassVar[str] = "task"

    id: str = attrs.field(converter=entry_id)
    title: str = ""
    owner: str | None = attrs.field(default=None, kw_only=True)
    role: str | None = attrs.field(default=None, kw_only=True)
    helpers: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    start: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    due: date | None = attrs.field(default=None, validator=[a_date, not_before("start")], kw_only=True)
    done_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    part: str | None = attrs.field(default=None, kw_only=True)
    goal: str | None = attrs.field(default=None, kw_only=True)
    stage: str | None = attrs.field(default=None, kw_only=True)
    mandatory: bool = attrs.field(default=True, kw_only=True)
    effort: Decimal | None = attrs.field(default=None, converter=maybe_number, kw_only=True)
    partner: str = attrs.field(default="", kw_only=True)
    handover: bool = attrs.field(default=False, kw_only=True)
    priority: int | None = attrs.field(default=None, validator=PRIORITY, kw_only=True)
    status: Literal["todo", "doing", "blocked", "done", "dropped"] = attrs.field(
        default="todo", validator=one_of("todo", "doing", "blocked", "done", "dropped"), kw_only=True
    )
    note: str = attrs.field(default="", kw_only=True)


@entry
class Milestone:
    """
    A day on which something is to be reached.

    Attributes:
        title: what.
        due: the day by which, as it holds now.
        planned: the day that was first agreed; by default *due*.
        met_on: the day on which it was reached.
        owner: who answers for it.
        partner: the partner or supplier on whom it depends.
        moved_because: why the day was moved.
    """

    kind: ClassVar[str] = "milestone"

    id: str = attrs.field(converter=entry_id)
    title: str = ""
    due: date | None = attrs.field(default=None, validator=a_date)
    planned: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    met_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    partner: str = attrs.field(default="", kw_only=True)
    moved_because: str = attrs.field(default="", kw_only=True)


@entry
class Activity:
    """
    A contact with the customer or another thing done for the project.

    Attributes:
        type: for example ``call``, ``visit``, ``demo``, ``thank_you``.
        at: when it took place or will take place, UTC.
        owner: who of the team does it.
        status: ``planned`` for what is still to come.
        outcome: its result, for example ``advance``.
        direction: ``in`` if the customer or partner came to us, ``out`` if we went there, ``internal`` among ourselves.
        party: the id of the party it was with; by default the customer of the project.
        answers: the id of the activity that it answers, for the time of the reply.
        planned_for: when it was planned to take place, UTC; what was done is compared with it.
        planned_until: until when it still counts as done in time, UTC.
        contact: the person at the customer it was with.
        note: anything else.
        mentions: the people it names, who get a notice: addressees, such as actor names.
    """

    kind: ClassVar[str] = "activity"

    id: str = attrs.field(converter=entry_id)
    type: str = ""
    at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    status: Literal["planned", "done", "dropped"] = attrs.field(
        default="planned", validator=one_of("planned", "done", "dropped"), kw_only=True
    )
    outcome: str = attrs.field(default="", kw_only=True)
    direction: Literal["", "in", "out", "internal"] = attrs.field(
        default="", validator=one_of("", "in", "out", "internal"), kw_only=True
    )
    party: str = attrs.field(default="", kw_only=True)
    answers: str | None = attrs.field(default=None, validator=not_itself, kw_only=True)
    planned_for: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    planned_until: datetime | None = attrs.field(
        default=None, converter=moment, validator=not_before("planned_for"), kw_only=True
    )
    contact: str = attrs.field(default="", kw_only=True)
    note: str = attrs.field(default="", kw_only=True)
    mentions: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)


def took_place(entry: Any, put: datetime, zone: tzinfo) -> datetime | None:
    """
    Return when what an entry is about took place: its own time, its own day in a zone, or else when it was *put*.

    ``None`` for an activity that was not done.
    """
    if isinstance(entry, Activity) and entry.status != "done":
        return None
    own = [getattr(entry, each, None) for each in ("at", "held_at")]
    day = getattr(entry, "held_on", None)
    if isinstance(day, date):
        own.append(midnight(day, zone))
    return next((each for each in own if isinstance(each, datetime) and each.tzinfo), put)
