"""
Work that a commit leaves behind: notices to deliver, and deadlines to watch.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

import attrs

from .argument_types import is_a
from .facts import Notice
from .frozen import noun


WorkKind: TypeAlias = Literal["notice", "deadline"]


@noun(slots=False)
class DueDeadline:
    """
    A deadline of one stay in a stage, to be acted on at a time; or a cadence, to be looked at when a slot has closed.

    Attributes:
        visit: the number of the stay; 0 for a cadence, which goes on from stay to stay, and below 0 what is planned,
            which is dropped by itself.
        deadline: its id in the stage, or that of the cadence.
        at: when it passes, UTC, or when the slot closes. It never fires before.
        late: whether that was past already when it was set, by a field that it hangs on.
        provisional: the digest of the calendar's data that it was counted with, where it lies beyond what is decreed;
            empty for one that is settled.
        part: what is done at that time, where it is not that the deadline passes: ``recount``, once the calendar knows
            more, ``watch`` for an early warning that is evaluated, or a reminder so long before, as in ``1bd``. Nothing
            is done about what is ``planned``: it is watched ages later, so that the agenda finds it.
        of: of such a part, when the deadline passes.
        slot: of a cadence, from which time on its slots have to be looked at.
        entry: of a deadline of an entry, which: its kind and id, as ``kind:id``; *stage* is its status.
    """

    project_id: str
    visit: int
    stage: str
    deadline: str
    at: datetime
    late: bool = False
    provisional: str = ""
    part: str = ""
    of: datetime | None = None
    slot: datetime | None = None
    entry: str = ""


RECOUNT: Final = "recount"

WATCH: Final = "watch"

WAITING: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""When work is due that waits for the calendar to know more: after all dates that a project may have."""


@noun(slots=False)
class Work:
    """
    One thing to do.

    Attributes:
        id: unique in the tenant and stable over retries; a receiver can tell repeats by it.
        due_at: not before this time.
        body: the notice, or the deadline.
    """

    id: str
    kind: WorkKind
    project_id: str
    due_at: datetime
    body: Notice | DueDeadline


@noun(slots=False)
class Claim:
    """
    Work that a worker has claimed for the time of a lease.

    Attributes:
        owner: who holds it.
        token: grows with every claim of the same work, so that a late worker cannot finish it;
            also of work that was finished and set again by a later fact of its project.
        until: when it may be claimed by others.
        attempts: how often it was claimed, this time included.
    """

    work: Work = attrs.field(validator=is_a(Work))
    owner: str = attrs.field(validator=is_a(str))
    token: int = attrs.field(validator=is_a(int))
    until: datetime
    attempts: int


@noun(slots=False)
class DeadWork:
    """
    Work that was given up.

    Attributes:
        attempts: how often it was tried.
        error: what the last try said.
    """

    work: Work
    attempts: int
    error: str

    @property
    def plugin(self) -> str:
        """
        Who was to deliver it; empty for a deadline, and for a notice whose addressees were not found.
        """
        return self.work.body.plugin if isinstance(self.work.body, Notice) else ""

    @property
    def addressee(self) -> str:
        """
        To whom it was to be delivered; empty for a deadline.
        """
        body = self.work.body
        return (body.recipient or ", ".join(body.to)) if isinstance(body, Notice) else ""
