"""
What happened: the :class:`Fact` envelope, its few bodies, and the changes in them.

A fact can be understood without the lifecycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, ClassVar, Final, Protocol, TypeAlias

import attrs

from .frozen import EMPTY, FrozenDict, maker, noun
from .messages import format_time, render
from .values import Actor, Label, Value, language
from .verdict import Verdict
from .zones import zone_named


_NO_LABEL: Final = Label()


class Entry(Protocol):
    """
    A thing in a project's dossier: a frozen value with a kind and an id.
    """

    kind: ClassVar[str]

    # A text; pyright takes an attrs field with a converter for something that is no ``str``.
    @property
    def id(self) -> Any:
        """
        The id, unique within the kind.
        """
        ...


@noun(slots=False)
class OpaqueEntry:
    """
    An entry whose kind nobody here knows, because its plugin is gone: kept as it was written, and written back so.

    Attributes:
        kind: the word for its kind.
        id: unique within the kind.
        data: its attributes as JSON.
    """

    kind: str
    id: str
    data: FrozenDict[str, Any]


@noun(slots=False)
class FieldSet:
    """
    A field got a value.

    Attributes:
        field: its id.
        value: of the field's type; ``None`` cleared it.
    """

    field: str
    value: Value


@noun(slots=False)
class EntryPut:
    """
    An entry was added, or replaced an entry with the same kind and id.

    Attributes:
        entry: as it is since then.
    """

    entry: Entry | OpaqueEntry


@noun(slots=False)
class EntryDropped:
    """
    An entry was taken out.

    Attributes:
        kind: the kind of the entry.
        id: its id within the kind.
    """

    kind: str
    id: str


Change: TypeAlias = FieldSet | EntryPut | EntryDropped
"""One thing that became different about a project."""


@noun(slots=False)
class Override:
    """
    A named guard use was overridden.

    Attributes:
        use_id: the id of the guard use.
        reason: why, in the person's words.
        actor: who gave the word.
    """

    use_id: str
    reason: str
    actor: str


@noun(slots=False)
class Opened:
    """
    A project began; written by ``open``, by an import, and by a transition that spawns.

    Attributes:
        name: what people call the project.
        stage: where it began.
        outcome: the outcome that it began with.
        changes: the fields and entries that it began with.
        parent: the id of its parent: the project that spawned it, or under which it was opened.
        digest: of the definition that it runs under; ``None`` in facts of 0.1.0.
        assumed: whether nobody said so: an import whose history begins in the middle opened it where projects open,
            at the time of the first row.
    """

    name: str
    stage: str
    outcome: str
    changes: tuple[Change, ...] = ()
    parent: str | None = None
    digest: str | None = None
    assumed: bool = False


@noun(slots=False)
class Changed:
    """
    Fields or entries changed within a stage.

    Written by ``update``, ``add``, ``remove``, ``approve``, ``decline`` and ``watch``.

    Attributes:
        changes: at least one.
    """

    changes: tuple[Change, ...]


@noun(weakref_slot=False)
class Transitioned:
    """
    A project took a transition; written by ``fire`` and by an import.

    Attributes:
        transition: its id.
        trigger: what the caller named.
        kind: the transition's kind; ``hold`` and ``resume`` keep the visit they interrupt.
        source: the stage before.
        target: the stage afterwards.
        stays: whether the visit goes on (``$same`` and spawning).
        outcome: the outcome afterwards.
        closed: whether the project is closed afterwards, where the outcome's id does not say it; ``True`` in a
            final stage. By default, as in facts of 0.1.0, every outcome but ``undecided`` closes.
        changes: the data and entries of the call, then the changes of effects.
        verdicts: what every guard said, in the order of the file.
        reason: why, in the words of the caller.
        overrides: the guard uses that were overridden.
        spawned: the id of the project that was opened with it.
    """

    transition: str
    trigger: str
    kind: str
    source: str
    target: str
    outcome: str
    changes: tuple[Change, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    reason: str | None = None
    overrides: tuple[Override, ...] = ()
    spawned: str | None = None
    stays: bool = False
    closed: bool | None = None


@noun(slots=False)
class DeadlinePassed:
    """
    A stay in a stage went on past a deadline; written by ``tick`` and by an import.

    Attributes:
        deadline: its id.
        stage: where the project stood.
        visit: the number of the stay.
        due_at: when the deadline was.
        changes: what its effects made.
        late: whether it is recorded after the fact: the field that it hangs on was set to what was past by then. Or,
            and then without its effects, nobody saw it pass, and the project has left the stay since, or it is the past
            of an import.
    """

    deadline: str
    stage: str
    visit: int
    due_at: datetime
    changes: tuple[Change, ...] = ()
    late: bool = False


make_transitioned = maker(Transitioned)


@noun(slots=False)
class DeadlineMoved:
    """
    A deadline of the current stay is due at another time than before.

    Written by ``tick``, for a deadline that was provisional, once the calendar knows more.

    Attributes:
        deadline: its id.
        visit: the number of the stay.
        old, new: when it was due, and when it is now; ``None`` where it is not watched.
        why: for example the field it hangs on.
        counted: whether it was only counted again, and goes on to follow from the lifecycle; otherwise the new time
            counts.
    """

    deadline: str
    visit: int
    old: datetime | None
    new: datetime | None
    why: str = ""
    counted: bool = False
    changes: ClassVar[tuple[Change, ...]] = ()


@noun(slots=False)
class EntryMoved:
    """
    An entry of the dossier took a transition of the lifecycle of its kind; written by ``move_entry`` and ``tick``.

    A deadline of an entry that passed is written so as well, with its id as the transition: the entry stays where it
    is unless a transition has that trigger.

    Attributes:
        kind: the kind of the entry.
        id: its id within the kind.
        transition: of the entry's lifecycle.
        source, target: its status before and afterwards.
        changes: the entry as it is afterwards, and what the effects made.
        verdicts: what every guard said.
        reason: why, in the words of the caller.
        overrides: the guard uses that were overridden.
        lifecycle, version: what decided it.
    """

    kind: str
    id: str
    transition: str
    source: str
    target: str
    changes: tuple[Change, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    reason: str | None = None
    overrides: tuple[Override, ...] = ()
    lifecycle: str = ""
    version: str = ""


MissedSlots: TypeAlias = tuple[tuple[datetime, str | None], ...]
"""Slots of a cadence, each with the member who missed it; ``None`` stands for the project."""


@noun(slots=False)
class SlotMissed:
    """
    Slots of a cadence closed without being met; written by ``tick``. Meeting a slot writes no fact.

    Attributes:
        cadence: its id.
        slots: each with the member who missed it, ``None`` for the project; after a long stop there are many.
        changes: what the effects made, which run once for all of them.
    """

    cadence: str
    slots: MissedSlots
    changes: tuple[Change, ...] = ()


@noun(slots=False)
class Reparented:
    """
    A project belongs to another parent than before; written by ``reparent``.

    Attributes:
        parent: the id of the project that it belongs to since then; ``None`` where it belongs to none.
        former: the id of the parent before.
        reason: why, in the words of the caller.
    """

    parent: str | None
    former: str | None
    reason: str | None = None
    changes: ClassVar[tuple[Change, ...]] = ()


Body: TypeAlias = (
    Opened | Changed | Transitioned | DeadlinePassed | DeadlineMoved | EntryMoved | SlotMissed | Reparented
)
"""What a fact says."""


@noun(weakref_slot=False)
class Fact:
    """
    One commit of one project: who did what, when, under which lifecycle.

    Attributes:
        project_id: the project that it is about.
        version: counts the project's commits from 1.
        at: when it happened, UTC.
        actor: who did it, with the roles held then.
        lifecycle, lifecycle_version: the definition that decided it.
        body: what happened.
        key: the caller's idempotency key.
        recorded_at: what the clock said at the commit, UTC; by default *at*.
    """

    project_id: str
    version: int
    at: datetime
    actor: Actor
    lifecycle: str
    lifecycle_version: str
    body: Body
    key: str | None = None
    recorded_at: datetime = attrs.Factory(attrgetter("at"), takes_self=True)


make_fact = maker(Fact)


@noun(slots=False)
class Notice:
    """
    A notice for people, stored in the commit that causes it and delivered later.

    An effect gives the first five attributes. The others are there when it is delivered, to one addressee.

    Attributes:
        project_id, version: of the fact that it came with.
        to: addressees such as ``role:sales_director``, ``team`` or ``owner``; of a delivery, its recipient.
        topic: what it is about; an effect names the transition where the definition names nothing else.
        params: what the message is about.
        topic_label: what people call the topic, if it is a transition.
        project_name: the project's name.
        lifecycle, lifecycle_version: that of the project.
        stage, stage_label: the stage that the project was in after the commit.
        source_label: that of the stage it left.
        owner: who owned the project when the addressees were looked up.
        actor: who acted.
        at: when, UTC.
        zone: the time zone of that person, or else of the lifecycle, in which times are read.
        plugin: who delivers it; empty until the addressees were looked up.
        recipient: the person whom the directory found, or the addressee.
        lang: the language of that person.
        quiet, digest: from when to when nothing is delivered to that person, and when all of it at once.
        parts: of a digest, the notices in it.
        id: what it is acknowledged by; the same for all its deliveries and levels.
        level: 0 at first, 1 and more after each time without an acknowledgement.
        escalate: for each level after which time, counted from *at*, it goes to whom as well.
    """

    project_id: str
    version: int
    to: tuple[str, ...]
    topic: str
    params: FrozenDict[str, Any] = EMPTY
    topic_label: Label = _NO_LABEL
    project_name: str = ""
    lifecycle: str = ""
    lifecycle_version: str = ""
    stage: str = ""
    stage_label: Label = _NO_LABEL
    source_label: Label = _NO_LABEL
    owner: str = ""
    actor: str = ""
    at: datetime | None = None
    plugin: str = ""
    recipient: str = ""
    lang: str = ""
    zone: str = ""
    quiet: tuple[str, str] | None = None
    digest: str = ""
    parts: tuple[Notice, ...] = ()
    id: str = ""
    level: int = 0
    escalate: tuple[Mapping[str, Any], ...] = ()

    def text(self, lang: str = "") -> str:
        """
        Return the notice as a sentence for people; a digest has a line for each of its parts.

        Args:
            lang: any language tag; by default the recipient's.
        """
        known = language(lang or self.lang)
        if self.parts:
            return "\n".join(each.text(known) for each in self.parts)
        stage, source = self.stage_label.text(known) or self.stage, self.source_label.text(known)
        parts = {
            "level": str(self.level or ""),
            "topic": self.topic_label.text(known) or self.topic,
            "project": f"{self.project_name} ({self.project_id})" if self.project_name else self.project_id,
            "about": str(self.params.get("about", "")),
            "stage": f"{source} → {stage}" if source and source != stage else stage,
            "owner": self.owner,
            "actor": self.actor,
            "time": "" if self.at is None else format_time(self.at, zone_named(self.zone) or UTC),
        }
        return " ".join(render(label, parts, known) for name, label in _SAYS.items() if parts[name])


_SAYS: Final[Mapping[str, Label]] = {
    "level": Label("Not acknowledged yet (level {level}).", "尚无人确认（升级 {level} 级）。"),
    "project": Label("{project}: {topic}.", "{project}：{topic}。"),
    "about": Label("“{about}”.", "“{about}”。"),
    "stage": Label("Stage: {stage}.", "阶段：{stage}。"),
    "owner": Label("Owner: {owner}.", "负责人：{owner}。"),
    "actor": Label("By: {actor}.", "操作人：{actor}。"),
    "time": Label("Time: {time}.", "时间：{time}。"),
}


@noun(slots=False)
class Attempt:
    """
    A refused attempt, as the side log keeps it.

    Attributes:
        project_id: the project that did not move.
        version: the project's version that refused it.
        at: when, UTC.
        actor: the name of who tried.
        trigger: what was tried.
        codes: ``use_id:code`` of every verdict that blocked.
        transition: the first that the trigger could have taken; empty if it was not open from the stage.
    """

    project_id: str
    version: int
    at: datetime
    actor: str
    trigger: str
    codes: tuple[str, ...]
    transition: str = ""
