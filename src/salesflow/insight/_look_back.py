"""
The form of a retrospective, filled from the facts of a project: what people have to explain, not what they remember.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias, get_args

from .._lifecycle.guard_names import guard_label
from .._lifecycle.lifecycle import Lifecycle
from .._model.argument_types import explain_types
from .._model.facts import Attempt, DeadlinePassed, EntryPut, Fact, SlotMissed, Transitioned
from .._model.frozen import noun
from .._model.messages import format_value, render
from .._model.project import Project
from .._model.values import Label, Money
from .._model.vocabulary import name_of
from .._model.zones import local_date
from .._pipeline.pipeline import Pipeline
from ..dossier import (
    Approval,
    GateDecision,
    Goal,
    KpiTarget,
    Milestone,
    Retrospective,
    Review,
    SuccessCriterion,
    Task,
)
from ..errors import InputError, say
from ._columns.promises import promises_of
from ._portfolio import Portfolio
from ._targets import Figures


Topic: TypeAlias = Literal["goal", "late", "missed", "refused", "overridden", "loop", "decision"]
"""What an item of the form is about."""

TOPICS: Final[Mapping[Topic, Label]] = {
    "goal": Label("Goals", "目标"),
    "late": Label("Late", "逾期"),
    "missed": Label("Not held", "未按时进行"),
    "refused": Label("Refused", "被拒绝"),
    "overridden": Label("Overridden", "特批通过"),
    "loop": Label("Gone through again", "返工"),
    "decision": Label("Decisions", "决策记录"),
}
"""What each topic is called, in the order of the form."""

_MET: Final = {True: Label("met", "已达成"), False: Label("not met", "未达成"), None: Label("not known", "未知")}
_GRANTED: Final = Label("{name} approved", "{name}：已批准")
_DECLINED: Final = Label("{name} declined", "{name}：未批准")
_OF: Final = Label("{actual} of {target}", "{actual} / {target}")
_DUE: Final = Label("due {due}", "应于 {due}")
_BY: Final = Label("by {by}", "{by}")
_CLOSED: Final = Label("not open from that stage", "该阶段不可执行")
_NOTHING: Final = Label("nothing on record", "无记录")


@noun
class LookBackItem:
    """
    One line of the form.

    Attributes:
        topic: what it is about.
        what: which goal, deadline, gate or decision.
        at: when, UTC; ``None`` where it has no time of its own.
        by: who did it.
        count: how often.
        note: what is to be said about it: the reason, or the number that was reached.
        met: of a goal, whether it was reached; ``None`` where that is not known, and of other topics.
    """

    topic: Topic
    what: Label
    at: datetime | None = None
    by: str = ""
    count: int = 1
    note: Label = Label()
    met: bool | None = None

    def text(self, lang: str = "en") -> str:
        """
        Write it down in one line.
        """
        said = self.what.text(lang) + (f" × {self.count}" if self.count > 1 else "")
        more = [
            self.note.text(lang),
            _MET[self.met].text(lang) if self.topic == "goal" else "",
            render(_BY, {"by": self.by}, lang) if self.by else "",
            "" if self.at is None else format_value(self.at.date(), lang),
        ]
        kept = [each for each in more if each]
        return " – ".join(filter(None, (said, " · ".join(kept))))


@noun
class LookBackForm:
    """
    A form with the facts for a retrospective, which people complete with what they mean.

    Attributes:
        project: the id of the project.
        name: what it is called.
        outcome: how it ended, or that it has not.
        items: what the facts say, topic by topic, each in the order of time.
    """

    project: str
    name: str
    outcome: Label
    items: tuple[LookBackItem, ...]

    def of(self, topic: Topic) -> tuple[LookBackItem, ...]:
        """
        Return the items of one topic.
        """
        return tuple([each for each in self.items if each.topic == topic])

    def text(self, lang: str = "en") -> str:
        """
        Write down the facts, each topic under its name.
        """
        lines = [f"{self.name} – {self.outcome.text(lang)}"]
        for topic, label in TOPICS.items():
            lines += [label.text(lang), *(f"- {each.text(lang)}" for each in self.of(topic) or ())]
            if not self.of(topic):
                lines.append(f"- {_NOTHING.text(lang)}")
        return "\n".join(lines)

    @explain_types
    def complete(
        self,
        sections: Mapping[str, str],
        *,
        participants: Sequence[str],
        source: Literal["self", "team", "expert"] = "team",
        held_at: datetime | None = None,
        id: str = "retrospective",  # noqa: A002 -- the word of the domain
        lang: str = "en",
    ) -> Retrospective:
        """
        Return the retrospective that people made of the form; add it to the project like any other entry.

        Its section ``facts`` has what the form says.

        Args:
            sections: what people wrote, such as ``successes`` and ``shortfalls``.
            participants: who took part.
            source: whose view it is.
            held_at: when.
            id: of the entry; each source needs one of its own.
            lang: of the facts.

        Raises:
            InputError: for a section without a text, and for a retrospective without sections or people.
        """
        if not sections or not participants:
            raise InputError("sections and participants", [*sections, *participants], say("input.look_back"))
        for name, text in sections.items():
            if not text.strip():
                raise InputError(f"sections[{name!r}]", text, say("input.look_back"))
        written = {"facts": self.text(lang), **sections}
        return Retrospective(id, sections=written, participants=participants, source=source, held_at=held_at)


@explain_types
def look_back(pipeline: Pipeline, project_id: str, *, portfolio: Portfolio | None = None) -> LookBackForm:
    """
    Fill the form of a retrospective from the facts of a project.

    It says what was reached of the goals, and what was late, missed, refused, overridden, repeated and decided.

    Args:
        pipeline: that has the project.
        project_id: its id.
        portfolio: of the same pipeline, if one was folded already; it is read on. Goals without an actual value are
            computed from it.

    Raises:
        UnknownProjectError: for an id that the store does not have.
        InputError: for amounts in several currencies without rates.
    """
    project, facts = pipeline.get(project_id), pipeline.history(project_id)
    lifecycle = pipeline.lifecycle_of(project)
    whole = Portfolio.of(pipeline) if portfolio is None else portfolio
    whole.refresh()
    found = [
        *_goals(whole, project),
        *_deadlines(lifecycle, facts),
        *_overdue(lifecycle, project, local_date(project.closed_at or whole.as_of, lifecycle.wording.zone)),
        *_missed(lifecycle, facts),
        *_refused(lifecycle, pipeline.attempts(project_id)),
        *_moves(lifecycle, facts),
        *_decided(facts),
    ]
    order = get_args(Topic)
    found.sort(key=lambda each: (order.index(each.topic), each.at is not None, each.at or project.opened_at))
    outcome = lifecycle.wording.label("outcome", project.outcome)
    return LookBackForm(project_id, project.name, outcome, tuple(found))


def _goals(portfolio: Portfolio, project: Project) -> Iterator[LookBackItem]:
    columns = portfolio.columns
    row, figures = columns.tables.rows[project.id], Figures(columns, portfolio.kpis)
    for kind in (Goal.kind, KpiTarget.kind):
        for (of, name), versions in promises_of(columns, kind).items():
            if of == row:
                came = figures.of(versions[-1])
                label = name_of("kpi", came.metric or name)
                yield LookBackItem(
                    "goal", label, note=_numbers(came.actual, versions[-1].entry.target), met=came.attained
                )
    for each in project.all(SuccessCriterion):
        yield LookBackItem("goal", Label(each.text or each.id), note=_numbers(each.actual, each.target), met=each.met)


def _numbers(actual: object, target: object) -> Label:
    if isinstance(actual, Money) and isinstance(target, Decimal):
        target = Money(target, actual.currency)
    return Label() if target is None else _in_both(_OF, actual=actual, target=target)


def _in_both(label: Label, **parts: Any) -> Label:
    return Label(render(label, parts, "en"), render(label, parts, "zh"))


def _deadlines(lifecycle: Lifecycle, facts: Sequence[Fact]) -> Iterator[LookBackItem]:
    for fact in facts:
        body = fact.body
        if isinstance(body, DeadlinePassed):
            stage = lifecycle.wording.label("stage", body.stage)
            name = lifecycle.wording.label("deadline", body.deadline)
            what = Label(f"{stage.en}: {name.en}", f"{stage.text('zh')}：{name.text('zh')}")
            yield LookBackItem("late", what, body.due_at)


def _overdue(lifecycle: Lifecycle, project: Project, today: date) -> Iterator[LookBackItem]:
    """
    Yield the tasks and milestones that were done after they were due, or were not done by the end.
    """
    work = [
        *((each.title, each.owner, each.due, each.done_on) for each in project.all(Task) if each.status != "dropped"),
        *(
            (each.title or each.id, each.owner, each.planned or each.due, each.met_on)
            for each in project.all(Milestone)
        ),
    ]
    for title, owner, due, done in work:
        if due is not None and (done or today) > due:
            yield LookBackItem(
                "late", lifecycle.wording.label("title", title), by=owner or "", note=_in_both(_DUE, due=due)
            )


def _missed(lifecycle: Lifecycle, facts: Sequence[Fact]) -> Iterator[LookBackItem]:
    counts: dict[str, int] = {}
    for fact in facts:
        if isinstance(fact.body, SlotMissed):
            counts[fact.body.cadence] = counts.get(fact.body.cadence, 0) + len(fact.body.slots)
    for cadence, count in counts.items():
        yield LookBackItem("missed", lifecycle.wording.label("cadence", cadence), count=count)


def _refused(lifecycle: Lifecycle, attempts: Sequence[Attempt]) -> Iterator[LookBackItem]:
    """
    Yield each guard that stopped a move, with how often, and when for the first time.
    """
    first: dict[tuple[str, str], Attempt] = {}
    counts: dict[tuple[str, str], int] = {}
    for attempt in attempts:
        for code in attempt.codes:
            key = attempt.transition, code.partition(":")[0]
            first.setdefault(key, attempt)
            counts[key] = counts.get(key, 0) + 1
    for (transition, use), count in counts.items():
        tried, wording = first[transition, use], lifecycle.wording
        way = wording.label("transition", transition) if transition else wording.label("trigger", tried.trigger)
        what = _at_guard(lifecycle, transition, use) if transition else way
        yield LookBackItem("refused", what, tried.at, tried.actor, count, Label() if transition else _CLOSED)


def _at_guard(lifecycle: Lifecycle, transition: str, use_id: str) -> Label:
    way, guard = lifecycle.wording.label("transition", transition), guard_label(lifecycle, transition, use_id)
    return Label(f"{way.en}: {guard.en}", f"{way.text('zh')}：{guard.text('zh')}")


def _moves(lifecycle: Lifecycle, facts: Sequence[Fact]) -> Iterator[LookBackItem]:
    loops: dict[str, int] = {}
    for fact in facts:
        body = fact.body
        if not isinstance(body, Transitioned):
            continue
        way = lifecycle.wording.label("transition", body.transition)
        if body.kind == "loop":
            loops[body.transition] = loops.get(body.transition, 0) + 1
        for each in body.overrides:
            what = _at_guard(lifecycle, body.transition, each.use_id)
            yield LookBackItem("overridden", what, fact.at, each.actor, note=Label(each.reason))
        if body.reason or body.kind not in {"forward", "resume"}:
            yield LookBackItem("decision", way, fact.at, fact.actor.name, note=Label(body.reason or ""))
    for transition, count in loops.items():
        yield LookBackItem("loop", lifecycle.wording.label("transition", transition), count=count)


def _approved(approval: Approval) -> Label:
    return name_of("approval" if approval.subject is None else "artefact", approval.name)


def _decided(facts: Sequence[Fact]) -> Iterator[LookBackItem]:
    for fact in facts:
        for change in fact.body.changes:
            if not isinstance(change, EntryPut):
                continue
            entry = change.entry
            if isinstance(entry, Approval):
                said = _in_both(_GRANTED if entry.granted else _DECLINED, name=_approved(entry))
                yield LookBackItem("decision", said, entry.at or fact.at, entry.by, note=Label(entry.comment))
            elif isinstance(entry, Review) and entry.decision:
                yield LookBackItem("decision", Label(entry.decision), entry.held_at or fact.at, fact.actor.name)
            elif isinstance(entry, GateDecision):
                verdict = name_of("choice", entry.verdict)
                said = Label(f"{entry.gate or entry.id}: {verdict.en}", f"{entry.gate or entry.id}：{verdict.zh}")
                by = entry.by or fact.actor.name
                yield LookBackItem("decision", said, entry.at or fact.at, by, note=Label(entry.note))
