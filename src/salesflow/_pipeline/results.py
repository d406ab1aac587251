"""
Results: what a pipeline returns from a write, and the options that every write takes.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Literal, TypeAlias, TypedDict

import attrs

from .. import dossier
from .._lifecycle.decision import Accepted
from .._model.facts import Fact
from .._model.frozen import maker, noun
from .._model.project import Project
from .._model.values import Actor, Label
from .._model.verdict import Remedy
from .._model.vocabulary import who_of
from .._model.work import DueDeadline, Work
from ..errors import DefinitionChangedError, StoreError, plain


class WriteOptions(TypedDict, total=False):
    """
    What every write of a project takes; see :class:`salesflow.Pipeline`.
    """

    actor: Actor | None
    at: datetime | None
    key: str | None
    expected_version: int | None
    backfill: bool
    ahead: bool


@noun(slots=False)
class ListenerFailure:
    """
    A listener that raised after a commit; the commit stands.

    Attributes:
        plugin: the name of the plugin, or of the listener.
        error: what it raised.
        project_id, version: of the fact that it was called for.
    """

    plugin: str
    error: Exception
    project_id: str = ""
    version: int = 0


@noun(slots=False)
class Stay:
    """
    One uninterrupted time of a project in a stage.

    Attributes:
        visit: the number of the visit that it belongs to; a visit with a hold in it has several stays.
        stage: its id.
        entered_at: when, UTC.
        left_at: ``None`` while it goes on.
    """

    visit: int
    stage: str
    entered_at: datetime
    left_at: datetime | None = None


SlotState: TypeAlias = Literal["", "met", "missed", "late"]


@noun(slots=False)
class AgendaItem:
    """
    One thing on an agenda.

    Attributes:
        at: when, UTC; of a task the beginning of its day.
        kind: ``slot`` of a cadence, ``deadline``, planned ``activity`` or open ``task``.
        project_id, project_name: of the project that it is about.
        name: the id of the cadence, deadline, activity or task; of a deadline of an entry its kind and id, as
            ``issue:leak``.
        label: what people call it.
        who: whose it is; the project's owner unless the item has another. A task without an owner is
            listed for each of the people of its role, or for the role, as ``role:presales``.
        ends_at: when it is over, if that is known.
        all_day: whether only the day counts.
        number: of a slot of a numbered cadence, whose label then ends with it.
        state: of a slot that has closed, whether it was ``met`` or ``missed``; ``late`` is one that was missed, and for
            which something that took place in time was entered afterwards.
    """

    at: datetime
    kind: Literal["slot", "deadline", "activity", "task"]
    project_id: str
    project_name: str
    name: str
    label: Label
    who: str | None = None
    ends_at: datetime | None = None
    all_day: bool = False
    state: SlotState = ""
    number: int | None = None


StandUpPart: TypeAlias = Literal["done", "due", "blocks"]

StandUpKind: TypeAlias = Literal["move", "change", "task", "activity", "report", "slot", "deadline", "guard"]


@noun(slots=False)
class StandUpItem:
    """
    One thing to be said in a stand-up.

    Attributes:
        kind: a ``move`` that was taken, a ``change`` that was recorded, a ``task``, an ``activity``, what a status
            ``report`` says, a ``slot`` of a cadence, a ``deadline``, or what a ``guard`` still misses.
        name: the id of what it is about: of a move or change the version of the project, of a guard the trigger.
        label: what people say.
        time: when, as clocks in the lifecycle's time zone show it; only the day where only that counts; may be empty.
    """

    kind: StandUpKind
    name: str
    label: Label
    time: str = ""


@noun(slots=False)
class StandUp:
    """
    One item of a stand-up: what a person did, or what is due or blocked, in a project.

    Attributes:
        project_id, project_name: of the project.
        who: whose it is; empty for a project without an owner.
        since: the working day before today.
        until: the working day after today.
        done: what was done since then.
        due: what is due until the end of *until*.
        blocks: what is overdue, blocked or missing, and help that is needed.
    """

    project_id: str
    project_name: str
    who: str
    since: date
    until: date
    done: tuple[StandUpItem, ...] = ()
    due: tuple[StandUpItem, ...] = ()
    blocks: tuple[StandUpItem, ...] = ()

    def text(self, lang: str = "en") -> str:
        """
        Return all of it in lines, in the language nearest to *lang*, any tag.
        """
        lines = [f"{self.project_name} ({self.project_id}) {who_of(self.who).text(lang)}".rstrip()]
        for head, items in zip(_STAND_UP, (self.done, self.due, self.blocks), strict=True):
            if items:
                lines.append(f"  {head.text(lang).format(since=self.since, until=self.until)}")
            lines += [plain("    - " + " ".join(filter(None, (each.time, each.label.text(lang))))) for each in items]
        return "\n".join(lines)


_STAND_UP: Final = (
    Label("done since {since}:", "{since} 以来完成："),
    Label("due until {until}:", "{until} 前到期："),
    Label("blocks:", "受阻："),
)


@noun(slots=False)
class FeedLine:
    """
    A fact as people read it.

    Attributes:
        fact: what happened; with project, version, actor and time.
        project_name: what people call the project now.
        time: when it happened, as clocks in the lifecycle's time zone show it.
        text: what happened, in one line.
    """

    fact: Fact
    project_name: str
    time: str
    text: str

    def __str__(self) -> str:
        return f"{self.time} {self.fact.actor.name}: {self.project_name} ({self.fact.project_id}): {self.text}"


@noun(slots=False)
class FeedLines:
    """
    A stretch of the feed as people read it.

    Attributes:
        lines: in commit order.
        cursor: pass it as ``after`` to go on.
    """

    lines: tuple[FeedLine, ...]
    cursor: str


@noun(slots=False)
class Waiting:
    """
    Something in a project that waits for a role or a person.

    Attributes:
        project_id: the project that waits.
        trigger: what can be done once it is there; ``None`` for a task.
        remedy: the approval that is missing, or the role that whoever takes the trigger needs; ``None`` for a task.
        task: the open task that is assigned to the person.
        on_behalf_of: for whom the person may give the approval as a deputy; ``None`` for the person's own.
        error: why the project cannot be decided: its definition was changed under its version.
    """

    project_id: str
    trigger: str | None = None
    remedy: Remedy | None = None
    task: dossier.Task | None = None
    on_behalf_of: str | None = None
    error: DefinitionChangedError | None = None


@noun(weakref_slot=False)
class Written:
    """
    A write that was stored.

    Attributes:
        fact: what was stored.
        project: as it stands afterwards.
        listener_failures: the listeners that raised; also for facts of others that this call notified them of.
        replayed: whether the key had been used by the same request, so that nothing was written now.
        told: whether the listeners were called before the call returned. ``False`` where they are called later: in a
            batch or a transaction of the host, and for what is written while listeners of the project run.
    """

    fact: Fact
    project: Project
    listener_failures: tuple[ListenerFailure, ...] = ()
    replayed: bool = False
    told: bool = True


@noun(weakref_slot=False)
class Fired(Written):
    """
    A transition that was taken.

    Attributes:
        decision: what allowed it; ``None`` when the call was replayed.
        spawned: the project that was opened with it.
    """

    decision: Accepted | None = attrs.field(default=None, repr=False)
    spawned: Project | None = None


make_fired = maker(Fired)


@noun(slots=False)
class ProjectDue:
    """
    A deadline of a project, or of one of its entries, that is still to pass.

    Attributes:
        project: as it stands.
        due: its deadline; *due.provisional* is not empty where it lies beyond what the calendar knows.
        who: the owner of the entry, if *due.entry* names an entry with an owner, else the owner of the project; empty
            if there is none.
    """

    project: Project
    due: DueDeadline
    who: str = ""


@noun(slots=False)
class WorkFailure:
    """
    Work that could not be done this time.

    Attributes:
        work: what was to be done.
        error: why it could not be.
        retry_at: when it is tried again; ``None`` if it was given up as dead.
    """

    work: Work
    error: str
    retry_at: datetime | None


@noun(slots=False)
class WorkReport:
    """
    The result of a round of work.

    Attributes:
        done: how much was done: deadlines that passed, or deliveries, one for each plugin and addressee.
        void: how much did not concern its project any more.
        failures: what could not be done; it is tried again, or dead.
        listener_failures: the listeners that raised.
        later: how many deliveries were put off because whoever delivers asked for it.
    """

    done: int = 0
    void: int = 0
    failures: tuple[WorkFailure, ...] = ()
    listener_failures: tuple[ListenerFailure, ...] = ()
    later: int = 0


@noun(slots=False)
class WorkRound:
    """
    What a round of :meth:`salesflow.Pipeline.work` did.

    Attributes:
        at: when it began, UTC.
        deadlines: what became of the deadlines that had passed.
        deliveries: the result of delivering notices; ``None`` if nothing can deliver.
        error: why the store could not be used; the next round tries again.
    """

    at: datetime
    deadlines: WorkReport = WorkReport()
    deliveries: WorkReport | None = None
    error: StoreError | None = None

    @property
    def reports(self) -> tuple[WorkReport, ...]:
        """
        The reports of deadlines and deliveries, as far as there are any.
        """
        return (self.deadlines,) if self.deliveries is None else (self.deadlines, self.deliveries)

    @property
    def idle(self) -> bool:
        """
        Whether nothing was due.
        """
        return self.error is None and all(each == WorkReport() for each in self.reports)
