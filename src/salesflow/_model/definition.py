"""
What a user writes: the nouns of a lifecycle definition, as plain frozen values.

Nothing here is checked beyond its shape; :func:`salesflow.check_definition` looks
at the whole and reports every fault at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, tzinfo
from typing import Any, Final, Literal, TypeAlias, cast, get_args

import attrs
from attrs.converters import optional

from ..errors import InputError, say
from .cadence import Cadence, to_cadences
from .early_warning import EarlyWarning
from .frozen import EMPTY, FrozenDict, freeze, noun
from .insight import Insight
from .predicate import Predicate, to_predicate
from .signal_rule import SignalRule
from .uses import AdviceUse, EffectUse, to_effects, to_when
from .values import Duration, Label, to_duration, to_items, to_label, to_labels, to_tuple
from .verdict import Severity
from .working_time import WorkingTime
from .written import written, written_params
from .zones import zone_named


FieldType: TypeAlias = Literal["text", "number", "integer", "money", "date", "datetime", "bool", "choice", "reference"]
StageKind: TypeAlias = Literal["open", "active", "hold", "won", "lost", "cancelled", "closed"]
TransitionKind: TypeAlias = Literal["forward", "loop", "exit", "hold", "resume", "reopen", "spawn"]
Forecast: TypeAlias = Literal["pipeline", "best_case", "commit", "closed", "omitted", "by_outcome"]
Verb: TypeAlias = Literal["plan", "execute", "monitor", "optimise"]

FINAL_KINDS: Final = frozenset({"won", "lost", "cancelled", "closed"})
LEAVING_KINDS: Final = frozenset({"reopen", "spawn"})
PREVIOUS: Final = "$previous"
SAME: Final = "$same"
ANY: Final = "*"
RULES: Final = "rules"
UNDECIDED: Final = "undecided"
OUTCOMES: Final[Mapping[str, Label]] = FrozenDict(
    {
        UNDECIDED: Label(UNDECIDED, "未决"),
        "won": Label("won", "赢单"),
        "lost": Label("lost", "丢单"),
        "no_decision": Label("no decision", "客户未决策"),
        "cancelled": Label("cancelled", "已取消"),
        "terminated": Label("terminated", "已终止"),
    }
)
"""What outcomes of these ids are called that have no label."""
VERBS: Final[Mapping[str, Label]] = FrozenDict(
    {verb: Label(verb, zh) for verb, zh in zip(get_args(Verb), ("计划", "执行", "监控", "优化"), strict=True)}
)
"""What people do in a stage, and what it is called."""
OutcomeClass: TypeAlias = Literal["undecided", "won", "lost", "no_decision", "cancelled", "terminated", "other"]


# One for each kind of item: type checkers do not follow a generic converter.
def _guards(value: Iterable[GuardUse]) -> tuple[GuardUse, ...]:
    return to_items(value)


def _rules(value: Mapping[str, Iterable[GuardUse]]) -> Mapping[str, tuple[GuardUse, ...]]:
    given: object = value
    if not isinstance(value, Mapping):
        raise InputError("rules", given, say("input.rules"))
    return FrozenDict({name: to_items(uses) for name, uses in value.items()})


def _advice(value: Iterable[AdviceUse]) -> tuple[AdviceUse, ...]:
    return to_items(value)


def _warnings(value: Iterable[EarlyWarning]) -> tuple[EarlyWarning, ...]:
    return to_items(value)


def _signals(value: Iterable[SignalRule]) -> tuple[SignalRule, ...]:
    return to_items(value)


def _deadlines(value: Iterable[Deadline]) -> tuple[Deadline, ...]:
    return to_items(value)


def _tasks(value: Iterable[StageTask]) -> tuple[StageTask, ...]:
    return to_items(value)


def _durations(value: str | Iterable[str | Duration]) -> tuple[Duration, ...]:
    return tuple([to_duration(each) for each in ((value,) if isinstance(value, str) else to_items(value))])


def _fields(value: Iterable[Field]) -> tuple[Field, ...]:
    return to_items(value)


def _stages(value: Iterable[Stage]) -> tuple[Stage, ...]:
    return to_items(value)


def _transitions(value: Iterable[Transition]) -> tuple[Transition, ...]:
    return to_items(value)


def _invariants(value: Iterable[Invariant]) -> tuple[Invariant, ...]:
    return to_items(value)


def _outcomes(value: str | Iterable[str | Outcome]) -> tuple[Outcome, ...]:
    """
    Return outcomes; an id alone has the class of its name, and the first, where projects start, is undecided.
    """
    found = list[Outcome]()
    for each in (value,) if isinstance(value, str) else to_items(value):
        outcome = Outcome(each) if isinstance(each, str) else each
        start = outcome is not each and not found and outcome.class_ == "other"
        found.append(Outcome(outcome.id, class_="undecided") if start else outcome)
    return tuple(found)


def _to_tables(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value  # it becomes a fault
    return FrozenDict({name: _to_table(table) for name, table in cast("Mapping[object, object]", value).items()})


def _to_table(value: object) -> Any:
    return written_params(freeze(value)) if isinstance(value, Mapping) else value


def _to_outcome(value: Any) -> str | tuple[str, ...] | None:
    return value if value is None or isinstance(value, str) else to_items(value)


@noun
class FieldLock:
    """
    From where on a field stays as it is.

    Args:
        from_: the stage; the field is locked in it, in every stage that lies after it, and in final ones.
        unless: roles that may change it all the same.
    """

    from_: str
    unless: tuple[str, ...] = attrs.field(default=(), converter=to_tuple, kw_only=True)


def _to_lock(value: Any) -> FieldLock | None:
    if value is None or isinstance(value, FieldLock):
        return value
    keys = cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else EMPTY
    if "from" in keys and keys.keys() <= {"from", "unless"}:
        return FieldLock(keys["from"], unless=keys.get("unless", ()))
    raise InputError("locked", cast("object", value), say("input.lock"))


@noun
class Field:
    """
    A declared field of a project.

    Args:
        id: snake_case.
        type: what it holds; ``choice`` takes one of *choices*, ``reference`` the id of
            something kept elsewhere.
        label: what people call it.
        choices: the values of a ``choice``.
        choice_labels: what people call the choices, by the choice.
        default: what a new project starts with.
        locked: from which stage on it stays as it is, and who may change it all the same.
    """

    id: str
    type: FieldType = "text"
    label: Label = attrs.field(default=Label(), converter=to_label, kw_only=True)
    default: Any = attrs.field(default=None, eq=written, kw_only=True)  # pyright: ignore[reportUnknownVariableType] -- it is Any
    choices: tuple[str, ...] = attrs.field(default=(), converter=to_tuple, kw_only=True)
    choice_labels: Mapping[str, Label] = attrs.field(default=EMPTY, converter=to_labels, kw_only=True)
    locked: FieldLock | None = attrs.field(default=None, converter=_to_lock, kw_only=True)


@noun
class OverrideRule:
    """
    Who may override a guard.

    Args:
        roles: one of which the actor has to hold; empty for anybody.
        not_by: who may not, whatever the roles: the project's owner, or the requester who opened it.
    """

    roles: tuple[str, ...] = attrs.field(default=(), converter=to_tuple, kw_only=True)
    not_by: tuple[str, ...] = attrs.field(default=(), converter=to_tuple, kw_only=True)


def _to_override(value: Any) -> bool | OverrideRule:
    if isinstance(value, (bool, OverrideRule)):
        return value
    keys = cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else None
    if keys is not None and keys.keys() <= {"roles", "not_by"}:
        return OverrideRule(**keys)
    raise InputError("override", cast("object", value), say("input.override"))


_BY_NAME: Final[Mapping[str, OutcomeClass]] = {each: each for each in get_args(OutcomeClass)}


def _class_by_name(outcome: Outcome) -> OutcomeClass:
    return _BY_NAME.get(outcome.id, "other") if isinstance(outcome.id, str) else "other"  # the rest becomes a fault


@noun
class Outcome:
    """
    One way in which a project may end, or that it has not.

    Args:
        id: snake_case.
        class_: what reports count it as; defaults to the class of this name, else ``other``. A file writes ``class``.
        label: what people call it.
    """

    id: str
    class_: OutcomeClass = attrs.field(default=attrs.Factory(_class_by_name, takes_self=True), kw_only=True)
    label: Label = attrs.field(default=Label(), converter=to_label, kw_only=True)


@noun
class GuardUse:
    """
    One use of a guard in a transition.

    Args:
        use: the guard's name, or ``all_of``, ``any_of``, ``none_of``, ``at_least``, or ``rules`` for the guards of
            a rule.
        params: the guard's parameters.
        guards: the uses that a combinator joins.
        id: unique within the transition; defaults to the name, numbered on repeats.
        when: a predicate; where it is false the guard is skipped.
        severity: ``block``, ``warn`` or ``shadow``.
        override: whether it may be overridden, and who may do that.
    """

    use: str
    params: Mapping[str, Any] = attrs.field(default=EMPTY, converter=freeze, eq=written_params)
    guards: tuple[GuardUse, ...] = attrs.field(default=(), converter=_guards, kw_only=True)
    id: str | None = attrs.field(default=None, kw_only=True)
    when: Predicate | None = attrs.field(default=None, converter=to_when, kw_only=True)
    severity: Severity = attrs.field(default="block", kw_only=True)
    override: bool | OverrideRule = attrs.field(default=False, converter=_to_override, kw_only=True)

    def but(self, **changes: Any) -> GuardUse:
        """
        Return this use with ``id``, ``when``, ``severity`` or ``override`` changed.

        >>> from salesflow import guards
        >>> guards.fields_present("amount").but(severity="warn").severity
        'warn'
        """
        return attrs.evolve(self, **changes)


@noun
class Deadline:
    """
    A time limit of a stay in a stage, with the effects of missing it.

    Args:
        id: unique in the stage.
        after: how long after the entry it passes, or after what *field* says.
        field: a field of type ``date`` or ``datetime`` that it hangs on in place of the entry. A date means the end of
            its last working hour, or of the day.
        before: how long before that it passes.
        since: a kind of entries, such as ``activity``: counted again from the latest of them that took place in the
            stay.
        remind: how long before it passes people are reminded, once each.
        remind_to: who they are: addressees of a notice.
        effects: what happens when it passes.
    """

    id: str
    after: Duration | None = attrs.field(default=None, converter=optional(to_duration))
    field: str | None = attrs.field(default=None, kw_only=True)
    before: Duration | None = attrs.field(default=None, converter=optional(to_duration), kw_only=True)
    since: str | None = attrs.field(default=None, kw_only=True)
    remind: tuple[Duration, ...] = attrs.field(default=(), converter=_durations, kw_only=True)
    remind_to: tuple[str, ...] = attrs.field(default=("owner",), converter=to_tuple, kw_only=True)
    effects: tuple[EffectUse, ...] = attrs.field(default=(), converter=to_effects, kw_only=True)


@noun
class StageTask:
    """
    A task that a stage brings with it.

    Args:
        id: unique in the stage.
        label: what people call it; the title of the task.
        role: who does it; without one the project's owner does.
        within: how long after the entry it is due.
        mandatory: whether it has to be done before the stage is left by a forward move.
    """

    id: str
    label: Label = attrs.field(default=Label(), converter=to_label, kw_only=True)
    role: str | None = attrs.field(default=None, kw_only=True)
    within: Duration | None = attrs.field(default=None, converter=optional(to_duration), kw_only=True)
    mandatory: bool = attrs.field(default=False, kw_only=True)


@noun
class Stage:
    """
    A stage of the lifecycle.

    Args:
        id: snake_case.
        kind: ``open``, ``active``, ``hold``, or final: ``won``, ``lost``, ``cancelled``, ``closed``. Final stages are
            locked.
        label: what people call it.
        phase: a coarser group for reports.
        verb: what people do in it: ``plan``, ``execute``, ``monitor`` or ``optimise``.
        seq: its number on the way to the end, from 1; stages of one step share it. Funnels go by it.
        probability: 0 to 1, ``keep`` (leave it as it is) or ``by_outcome``.
        forecast: the forecast category.
        requires: artefact types that people work with here.
        produces: artefact types that this stage makes.
        guidance: what to do here, for people.
        deadlines: how long a visit may last, and what follows when it lasts longer.
        tasks: what is to be done in it; they are put into the dossier on entry.
    """

    id: str
    kind: StageKind = "active"
    label: Label = attrs.field(default=Label(), converter=to_label, kw_only=True)
    phase: str | None = attrs.field(default=None, kw_only=True)
    verb: Verb | None = attrs.field(default=None, kw_only=True)
    seq: int | None = attrs.field(default=None, kw_only=True)
    probability: float | Literal["keep", "by_outcome"] | None = attrs.field(default=None, kw_only=True)
    forecast: Forecast | None = attrs.field(default=None, kw_only=True)
    requires: tuple[str, ...] = attrs.field(default=(), converter=to_tuple, kw_only=True)
    produces: tuple[str, ...] = attrs.field(default=(), converter=to_tuple, kw_only=True)
    guidance: Label = attrs.field(default=Label(), converter=to_label, kw_only=True)
    deadlines: tuple[Deadline, ...] = attrs.field(default=(), converter=_deadlines, kw_only=True)
    tasks: tuple[StageTask, ...] = attrs.field(default=(), converter=_tasks, kw_only=True)

    @property
    def final(self) -> bool:
        """
        Whether a project ends here.
        """
        return self.kind in FINAL_KINDS


@noun
class Invariant:
    """
    An invariant: what must be true of every project after every commit. It decides nothing; the testing kit tests it.

    Args:
        id: snake_case.
        holds: a predicate that must be true; unknown is not true.
        stages: where it must be; by default in every stage.
    """

    id: str
    holds: Predicate = attrs.field(converter=to_predicate)
    stages: tuple[str, ...] = attrs.field(default=(), converter=to_tuple, kw_only=True)


@noun
class Spawn:
    """
    A new project opened in the same commit.

    Args:
        lifecycle: id of its lifecycle.
        carry: field ids and entry kinds that are copied into it.
    """

    lifecycle: str
    carry: tuple[str, ...] = attrs.field(default=(), converter=to_tuple, kw_only=True)


@noun
class Transition:
    """
    A way from one stage to another.

    Args:
        id: unique, snake_case.
        source: stage ids it may start from; one may be given as a plain string. ``*`` is every stage that is
            neither final nor on hold.
        except_: with the source ``*``, stages that it does not start from. A file writes ``except``.
        target: a stage id, ``$previous`` (resume) or ``$same``; ``None`` with *spawn*.
        kind: ``forward``, ``loop``, ``exit``, ``hold``, ``resume``, ``reopen`` or ``spawn``.
        trigger: what callers name; defaults to the id. Several transitions may share one.
        label: what people call it.
        guards: what the move must meet; all of them are asked.
        effects: what it also does in the same commit, in this order.
        outcome: the outcome that this transition sets, or the outcomes from which a caller may choose.
        spawn: the new project that it opens.
        precondition: what must be true of a project, as proposed, whenever this is allowed; unknown is not true. It
            decides nothing, guards do; the testing kit proves that they suffice.
    """

    id: str
    source: tuple[str, ...] = attrs.field(converter=to_tuple)
    target: str | None = None
    kind: TransitionKind = attrs.field(default="forward", kw_only=True)
    trigger: str = attrs.field(kw_only=True, default=attrs.Factory(lambda self: self.id, takes_self=True))
    label: Label = attrs.field(default=Label(), converter=to_label, kw_only=True)
    guards: tuple[GuardUse, ...] = attrs.field(default=(), converter=_guards, kw_only=True)
    effects: tuple[EffectUse, ...] = attrs.field(default=(), converter=to_effects, kw_only=True)
    except_: tuple[str, ...] = attrs.field(default=(), converter=to_tuple, kw_only=True)
    outcome: str | tuple[str, ...] | None = attrs.field(default=None, converter=_to_outcome, kw_only=True)
    spawn: Spawn | None = attrs.field(default=None, kw_only=True)
    precondition: Predicate | None = attrs.field(default=None, converter=to_when, kw_only=True)


DEFAULT_OUTCOMES: Final = tuple(map(Outcome, (UNDECIDED, "won", "lost", "no_decision", "cancelled")))


@noun
class Definition:
    """
    A lifecycle as it is written, in a file or in Python.

    Args:
        id: snake_case.
        version: any short text; facts carry it.
        label: what people call it.
        description: what it is for.
        record: the kind of entries that it takes through, such as ``issue``: its stages are what their ``status`` says,
            its fields are attributes of them. Without it, it is a lifecycle of projects.
        fields: the fields that a project may have.
        stages: where a project may stand.
        transitions: the ways from stage to stage.
        initial: the stage a project opens in; defaults to the first stage.
        calendar: when people work: ``calendar_days``, ``weekdays``, the name of a plugin's calendar, or a
            ``WorkingTime`` (a table ``[calendar]``).
        time_zone: IANA name of the zone whose days, dates and times are meant.
        outcomes: ids, or :class:`Outcome` with a class and a label; the first is where every project starts.
        rules: lists of guards by name, each used by ``guards.rules(name)``. A file writes ``[rules.name]`` and guards.
        invariants: what must be true of every project, for the testing kit to prove.
        cadences: what has to happen again and again, such as reports and meetings.
        scores: what :meth:`salesflow.Pipeline.score` computes, in this order.
        risks: the risk checks that :meth:`salesflow.Pipeline.risks` asks.
        warnings: thresholds on scores and findings that :meth:`salesflow.Pipeline.watch` evaluates.
        signals: what follows a signal from outside, which :meth:`salesflow.Pipeline.signal` records.
        kpi_targets: kept for reports, by KPI.
        insight: which fields figures read (a table ``[insight]``).
        plugins: the settings of plugins, by the plugin's prefix.
    """

    id: str
    version: str = attrs.field(default="1", kw_only=True)
    label: Label = attrs.field(default=Label(), converter=to_label, kw_only=True)
    description: Label = attrs.field(default=Label(), converter=to_label, kw_only=True)
    record: str | None = attrs.field(default=None, kw_only=True)
    calendar: str | WorkingTime = attrs.field(default="calendar_days", kw_only=True)
    time_zone: str = attrs.field(default="UTC", kw_only=True)
    outcomes: tuple[Outcome, ...] = attrs.field(default=DEFAULT_OUTCOMES, converter=_outcomes, kw_only=True)
    fields: tuple[Field, ...] = attrs.field(default=(), converter=_fields, kw_only=True)
    rules: Mapping[str, tuple[GuardUse, ...]] = attrs.field(default=EMPTY, converter=_rules, kw_only=True)
    stages: tuple[Stage, ...] = attrs.field(default=(), converter=_stages, kw_only=True)
    initial: str = attrs.field(
        kw_only=True,
        default=attrs.Factory(lambda self: getattr(self.stages[0], "id", "") if self.stages else "", takes_self=True),
    )
    transitions: tuple[Transition, ...] = attrs.field(default=(), converter=_transitions, kw_only=True)
    invariants: tuple[Invariant, ...] = attrs.field(default=(), converter=_invariants, kw_only=True)
    cadences: tuple[Cadence, ...] = attrs.field(default=(), converter=to_cadences, kw_only=True)
    scores: tuple[AdviceUse, ...] = attrs.field(default=(), converter=_advice, kw_only=True)
    risks: tuple[AdviceUse, ...] = attrs.field(default=(), converter=_advice, kw_only=True)
    warnings: tuple[EarlyWarning, ...] = attrs.field(default=(), converter=_warnings, kw_only=True)
    signals: tuple[SignalRule, ...] = attrs.field(default=(), converter=_signals, kw_only=True)
    kpi_targets: Mapping[str, Any] = attrs.field(default=EMPTY, converter=freeze, eq=written, kw_only=True)
    insight: Insight = attrs.field(default=Insight(), kw_only=True)
    plugins: Mapping[str, Mapping[str, Any]] = attrs.field(default=EMPTY, converter=_to_tables, kw_only=True)

    @property
    def outcome_ids(self) -> tuple[str, ...]:
        """
        The ids of the outcomes, in their order.
        """
        return tuple(outcome.id for outcome in self.outcomes)

    @property
    def zone(self) -> tzinfo:
        """
        Where its days begin and its times are shown; UTC for a zone that this machine does not know.
        """
        return zone_named(self.time_zone) or UTC


def label_of(part: Field | Stage | Transition) -> Label:
    """
    Return what people call a part of a lifecycle: its label, or its id where there is none.
    """
    return part.label if part.label.text() else Label(part.id)


def walk_uses(uses: Iterable[GuardUse]) -> Iterable[GuardUse]:
    """
    Yield every guard use, those inside combinators too.
    """
    for use in uses:
        yield use
        yield from walk_uses(use.guards)
