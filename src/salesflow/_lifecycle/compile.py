"""
Turns a definition and what plugins contribute into compiled transitions, with every fault in one pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

import attrs

from .._definition.check_graph import check_graph, check_warnings
from .._definition.edges import NO_GAPS, Edge, UnreadParts, edges_of
from .._definition.expand import MOST, expanded, rule_order, size_of, with_tasks
from .._definition.field_values import literal
from .._definition.report import Fault, fault, unknown_choice
from .._model.advice import BoundAdvice
from .._model.calendar import Calendar
from .._model.definition import (
    SAME,
    UNDECIDED,
    VERBS,
    Deadline,
    Definition,
    Field,
    FieldType,
    Forecast,
    Stage,
    StageKind,
    Transition,
    TransitionKind,
    walk_uses,
)
from .._model.frozen import EMPTY, FrozenDict, noun
from .._model.insight import FIGURE_TYPES
from .._model.lazy import LazyModule
from .._model.messages import Wording
from .._model.parameters import call_factory, problems_of
from .._model.predicate import Predicate
from .._model.uses import EffectUse
from .._model.values import Duration, Value, is_name
from .._model.written import written
from .._model.zones import zone_named
from ..errors import InputError, nearest
from ..typing import Effect
from .bind_advice import bind_advice
from .bind_calendar import bind_calendar, has_hours
from .bind_guards import DeclaredNames, bind_effects, bind_guards
from .bind_invariants import bind_invariants, bind_preconditions
from .bind_settings import bind_settings
from .compiled import BoundGuard, CompiledTransition
from .contributions import Contributions
from .deadlines import BoundDeadline, check_length
from .kernel import GraphEdge
from .locks import BoundLock, bind_locks
from .wording import wording_of


if TYPE_CHECKING:
    from . import (
        bind_cadences as cadence_binding,
        bind_signals as signal_binding,
        check_early_warnings as warning_checks,
        check_records as record_checks,
        rhythms as watch_rhythms,
    )
else:  # few definitions have any of these
    cadence_binding = LazyModule(f"{__package__}.bind_cadences")
    signal_binding = LazyModule(f"{__package__}.bind_signals")
    warning_checks = LazyModule(f"{__package__}.check_early_warnings")
    record_checks = LazyModule(f"{__package__}.check_records")
    watch_rhythms = LazyModule(f"{__package__}.rhythms")

_Bound: TypeAlias = tuple[tuple[BoundGuard, ...], tuple[tuple[EffectUse, Effect], ...]]
"""The guards and the effects of a transition."""


@noun(slots=False, eq=False, repr=False)
class Compiled:
    """
    A definition with everything bound and checked, ready for a lifecycle to be made of it.

    Attributes:
        contributions: what the plugins bring, with the definition's settings.
        edges: the graph, each with the index of its compiled transition.
        defaults: what a new project's fields start with.
        limits: the deadlines of each stage that has some.
        cadences: what has to happen again and again.
        calendar: its working days, in its time zone.
        wording: how its messages name things.
        binds: what each approval is given for, by its name, over all guards that ask for it.
        locks: the fields that stay as they are from a stage on.
        invariants: what must be true of every project, and *preconditions* what whenever a transition is allowed.
        scorers: what computes its scores, and *risk_checks* what finds its risks.
        rhythms: when the worker evaluates its early warnings.
        signals: what follows signals from outside.
    """

    contributions: Contributions
    edges: tuple[GraphEdge, ...]
    transitions: tuple[CompiledTransition, ...]
    fields: Mapping[str, Field]
    defaults: Mapping[str, Value]
    limits: Mapping[str, tuple[BoundDeadline, ...]]
    calendar: Calendar
    wording: Wording
    binds: Mapping[str, tuple[str, ...]] = EMPTY
    locks: Mapping[str, BoundLock] = EMPTY
    scorers: tuple[BoundAdvice, ...] = ()
    risk_checks: tuple[BoundAdvice, ...] = ()
    cadences: tuple[cadence_binding.BoundCadence, ...] = ()
    invariants: Mapping[str, Predicate] = EMPTY
    preconditions: Mapping[str, Predicate] = EMPTY
    rhythms: tuple[watch_rhythms.Rhythm, ...] = ()
    signals: tuple[signal_binding.BoundSignal, ...] = ()


def compile_definition(
    definition: Definition,
    contributions: Contributions,
    unread_parts: UnreadParts = NO_GAPS,
    *,
    environment: Mapping[str, str] = EMPTY,
) -> tuple[Compiled, tuple[Fault, ...]]:
    """
    Return the compiled definition and everything found about it, warnings included.

    Args:
        unread_parts: what of a file could not be read, and is reported already.
        environment: where the values of secrets are.
    """
    faults = list(_choices(definition))
    defaults = _defaults(definition, faults)
    unread_parts = UnreadParts(unread_parts.dropped | _unusable(definition), unread_parts.unread)
    contributions = bind_settings(definition, contributions, environment, unread_parts, faults)
    declared = _scope(definition, contributions, unread_parts)
    faults += check_graph(definition, unread_parts)
    faults += _plain(definition, declared)
    if definition.record is not None:
        faults += record_checks.check_record(definition, definition.record, contributions.entries)
    declared = _with_rules(definition, declared, faults)
    calendar = bind_calendar(definition, contributions, faults)
    limits = _bind_deadlines(definition, declared, calendar, faults)
    cadences = cadence_binding.bind_cadences(definition, declared, calendar, faults) if definition.cadences else ()
    bound = _bind_transitions(definition, declared, faults)
    invariants = bind_invariants(definition, declared, faults)
    preconditions = bind_preconditions(definition, declared, faults)
    scorers, checks = _bind_advice(definition, declared, faults)
    scorers, checks = scorers + contributions.scorers, checks + contributions.risk_checks
    if definition.warnings:
        faults += warning_checks.check_early(definition, scorers, checks)
    signals = signal_binding.bind_signals(definition, declared, faults) if definition.signals else ()
    watched = any(warning.every for warning in definition.warnings)
    rhythms = watch_rhythms.bind_rhythms(definition, contributions, calendar, faults) if watched else ()
    faults += check_warnings(definition)
    graph, compiled = _compile_transitions(definition, bound)
    locks = bind_locks(definition, declared.fields.values(), faults)
    return Compiled(
        contributions,
        graph,
        compiled,
        declared.fields,
        defaults,
        limits,
        calendar,
        declared.wording,
        _binds(definition, contributions),
        locks,
        scorers,
        checks,
        cadences,
        invariants,
        preconditions,
        rhythms,
        signals,
    ), tuple(faults)


def _bind_transitions(definition: Definition, declared: DeclaredNames, faults: list[Fault]) -> Mapping[int, _Bound]:
    """
    Return the guards, with the rules of every stage, and the effects of each transition.
    """
    rules = tuple(
        BoundGuard.of(attrs.evolve(rule.spec, wording=declared.wording), rule.check)
        for rule in declared.contributions.stage_rules
    )
    return {
        index: (
            bind_guards(transition.guards, declared, f"transitions[{index}].guards", faults) + rules,
            bind_effects(transition.effects, declared, f"transitions[{index}].effects", faults),
        )
        for index, transition in enumerate(with_tasks(definition))
    }


def _compile_transitions(
    definition: Definition, bound: Mapping[int, _Bound]
) -> tuple[tuple[GraphEdge, ...], tuple[CompiledTransition, ...]]:
    """
    Return the edges of the graph, and what is compiled of each.
    """
    edges = edges_of(definition)
    stages = {stage.id: stage for stage in definition.stages}
    compiled = tuple(_compile_edge(definition, stages, edge, *bound[edge.index]) for edge in edges)
    graph = tuple(
        GraphEdge(edge.transition.trigger, edge.source, edge.target, index, edge.previous)
        for index, edge in enumerate(edges)
    )
    return graph, compiled


def _with_rules(definition: Definition, declared: DeclaredNames, faults: list[Fault]) -> DeclaredNames:
    """
    Return the names with the rules, their guards bound once; those that cannot be have none.
    """
    rules: dict[str, tuple[BoundGuard, ...]] = dict.fromkeys(definition.rules, ())
    declared = attrs.evolve(declared, rules=rules)
    ordered, _ = rule_order(definition.rules)
    for name in ordered if size_of(definition) <= MOST else ():
        rules[name] = bind_guards(definition.rules[name], declared, f"rules.{name}.guards", faults)
    return declared


def _bind_deadlines(
    definition: Definition, declared: DeclaredNames, calendar: Calendar, faults: list[Fault]
) -> Mapping[str, tuple[BoundDeadline, ...]]:
    """
    Return the deadlines of each stage that has some, their effects bound; what is wrong is added to *faults*.
    """
    return FrozenDict(
        {
            stage.id: tuple(
                BoundDeadline(
                    deadline,
                    stage,
                    Transition(deadline.id, stage.id, SAME, label=stage.label),
                    bind_effects(deadline.effects, declared, f"stages[{index}].deadlines[{number}].effects", faults),
                    calendar,
                )
                for number, deadline in enumerate(stage.deadlines)
            )
            for index, stage in enumerate(definition.stages)
            if stage.deadlines
        }
    )


def _binds(definition: Definition, contributions: Contributions) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for use in walk_uses(chain.from_iterable(each.guards for each in expanded(definition).transitions)):
        guard = contributions.guards.get(use.use)
        if guard is not None and not problems_of(guard.factory, use.params):
            for name, bound in call_factory(guard.binds, use.params).items():
                found.setdefault(name, {}).update(dict.fromkeys(bound))
    return FrozenDict({name: tuple(bound) for name, bound in found.items()})


def _unusable(definition: Definition) -> frozenset[str]:
    # Their own faults are reported; what else is written about them would only be noise.
    fields = {field.id for field in definition.fields if not _usable(field)}
    return frozenset(fields | {stage.id for stage in definition.stages if stage.kind not in get_args(StageKind)})


def _usable(field: Field) -> bool:
    return field.type in get_args(FieldType) and (field.type == "choice") == bool(field.choices)


def _scope(definition: Definition, contributions: Contributions, unread_parts: UnreadParts) -> DeclaredNames:
    return DeclaredNames(
        contributions,
        FrozenDict({field.id: field for field in definition.fields if _usable(field)}),
        unread_parts,
        definition.outcome_ids,
        frozenset(stage.id for stage in definition.stages),
        frozenset(transition.id for transition in definition.transitions),
        frozenset(name for stage in definition.stages for name in (*stage.produces, *stage.requires)),
        wording_of(definition, contributions),
        cadences=frozenset(cadence.id for cadence in definition.cadences),
    )


def _bind_advice(
    definition: Definition, declared: DeclaredNames, faults: list[Fault]
) -> tuple[tuple[BoundAdvice, ...], tuple[BoundAdvice, ...]]:
    """
    Bind the scorers and risk checks of a definition; they are many modules, loaded only if one is named.
    """
    scorers: tuple[BoundAdvice, ...] = ()
    checks: tuple[BoundAdvice, ...] = ()
    if definition.scores:
        from ..scores import BUILT_IN as SCORERS  # noqa: PLC0415

        scorers = bind_advice(definition.scores, declared, "scores", {kind.name: kind for kind in SCORERS}, faults)
    if definition.risks:
        from ..risks import BUILT_IN as RISK_CHECKS  # noqa: PLC0415

        checks = bind_advice(definition.risks, declared, "risks", {kind.name: kind for kind in RISK_CHECKS}, faults)
    return scorers, checks


def _compile_edge(
    definition: Definition, stages: Mapping[str, Stage], edge: Edge, rules: Any, effects: Any
) -> CompiledTransition:
    target, outcome = stages[edge.target], edge.transition.outcome
    outcomes = definition.outcome_ids
    undecided = outcomes[:1] == (UNDECIDED,)
    settled = undecided and target.kind in outcomes and target.final and not edge.stays
    settles = target.kind if settled else None
    return CompiledTransition(
        edge.transition,
        stages[edge.source],
        target,
        rules,
        effects,
        edge.previous,
        edge.stays,
        outcome if isinstance(outcome, str) else None,
        outcome if isinstance(outcome, tuple) else (),
        settles,
    )


def _insight(definition: Definition, declared: DeclaredNames) -> Iterator[Fault]:
    """
    Yield faults of what figures read; a field that is not named is free to be absent, and to be of any type.
    """
    if not 1 <= definition.insight.fiscal_year_start <= 12:
        yield fault("insight.fiscal_year_start", "insight.month", value=definition.insight.fiscal_year_start)
    for role, name in definition.insight.named.items():
        field, types = declared.fields.get(name), FIGURE_TYPES.get(role, ())
        if field is None:
            if not declared.unread_parts.may_hold("fields", name):
                yield fault(f"insight.{role}", "field.undeclared", field=name, near=nearest(name, declared.fields))
        elif types and field.type not in types:
            yield fault(f"insight.{role}", "insight.field", name=name, type=field.type, types=types)


def _choice(path: str, value: object, known: tuple[str, ...]) -> Iterator[Fault]:
    if value is not None and value not in known:
        yield unknown_choice(path, value, known)


def _choices(definition: Definition) -> Iterator[Fault]:
    if zone_named(definition.time_zone) is None:
        yield fault("time_zone", "value.choice/zone", value=definition.time_zone)
    for index, field in enumerate(definition.fields):
        yield from _choice(f"fields[{index}].type", field.type, get_args(FieldType))
        for name in field.choice_labels:
            yield from _choice(f"fields[{index}].choice_labels.{name}", name, field.choices)
    for index, stage in enumerate(definition.stages):
        yield from _choice(f"stages[{index}].kind", stage.kind, get_args(StageKind))
        yield from _choice(f"stages[{index}].forecast", stage.forecast, get_args(Forecast))
        yield from _choice(f"stages[{index}].verb", stage.verb, tuple(VERBS))
        if stage.seq is not None and stage.seq < 1:
            yield fault(f"stages[{index}].seq", "value.range/seq", value=stage.seq)
        yield from _probability(f"stages[{index}].probability", stage)
    for index, transition in enumerate(definition.transitions):
        yield from _choice(f"transitions[{index}].kind", transition.kind, get_args(TransitionKind))


def _probability(path: str, stage: Stage) -> Iterator[Fault]:
    share = stage.probability
    if share is None or share in ("keep", "by_outcome"):
        return
    if isinstance(share, (str, bool)) or not 0 <= share <= 1:
        yield fault(path, "value.range", value=share)


def _defaults(definition: Definition, faults: list[Fault]) -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    for index, field in enumerate(definition.fields):
        path = f"fields[{index}]"
        if field.type not in get_args(FieldType):
            continue
        if not _usable(field):
            faults.append(fault(f"{path}.choices", "field.choices"))
        elif field.default is not None:
            try:
                found[field.id] = literal(field, written(field.default))
            except InputError as error:
                about = {"value": error.value, "hint": error.hint}
                faults.append(fault(f"{path}.default", "literal.type/default", **about))
    return FrozenDict(found)


def _plain(definition: Definition, declared: DeclaredNames) -> Iterator[Fault]:
    """
    Yield faults of outcomes, spawns and deadlines.
    """
    unread_parts = declared.unread_parts
    known = definition.outcome_ids
    if not known or not all(map(is_name, known)) or len(set(known)) < len(known):
        yield fault("outcomes", "outcome.malformed")
    for index, transition in enumerate(definition.transitions):
        if "outcomes" not in unread_parts.unread:
            yield from _outcomes(f"transitions[{index}].outcome", transition, known)
        if transition.spawn is not None:
            carried = {*declared.fields, *declared.contributions.entries}
            for name in transition.spawn.carry:
                if name not in carried and not unread_parts.may_hold("fields", name):
                    path = f"transitions[{index}].spawn.carry"
                    yield fault(path, "spawn.carry", name=name, near=nearest(name, carried))
    yield from _insight(definition, declared)
    yield from _deadlines(definition, declared)
    yield from _tasks(definition, declared)


def _deadlines(definition: Definition, declared: DeclaredNames) -> Iterator[Fault]:
    for index, stage in enumerate(definition.stages):
        for number, deadline in enumerate(stage.deadlines):
            path = f"stages[{index}].deadlines[{number}]"
            if deadline.id in {earlier.id for earlier in stage.deadlines[:number]}:
                yield fault(f"{path}.id", "id.duplicate/use", name=deadline.id)
            yield from _anchor(path, deadline, declared)
            for key, span in (("after", deadline.after), ("before", deadline.before)):
                if span is not None:
                    yield from _span(f"{path}.{key}", span, definition, declared.unread_parts)
            for place, span in enumerate(deadline.remind):
                yield from _span(f"{path}.remind[{place}]", span, definition, declared.unread_parts)
                whole = None if deadline.field else deadline.after
                if whole is not None and span.unit == whole.unit and span.span >= whole.span:
                    yield fault(f"{path}.remind[{place}]", "deadline.remind", value=span, after=whole)


def _tasks(definition: Definition, declared: DeclaredNames) -> Iterator[Fault]:
    for index, stage in enumerate(definition.stages):
        for number, task in enumerate(stage.tasks):
            path = f"stages[{index}].tasks[{number}]"
            if not is_name(task.id):
                yield fault(f"{path}.id", "id.malformed", name=task.id)
            elif task.id in {earlier.id for earlier in stage.tasks[:number]}:
                yield fault(f"{path}.id", "id.duplicate/use", name=task.id)
            if task.within is not None:
                yield from _span(f"{path}.within", task.within, definition, declared.unread_parts)


def _anchor(path: str, deadline: Deadline, declared: DeclaredNames) -> Iterator[Fault]:
    name, since = deadline.field, deadline.since
    if since is not None:
        if since not in declared.contributions.entries:
            near = nearest(since, declared.contributions.entries)
            yield fault(f"{path}.since", "deadline.since/unknown", kind=since, near=near)
        if name is not None or deadline.before is not None:
            yield fault(f"{path}.since", "deadline.since")
    if deadline.before is not None and (name is None or deadline.after is not None):
        yield fault(f"{path}.before", "deadline.anchor/before" if name is None else "deadline.anchor/both")
    elif name is None:
        if deadline.after is None:
            yield fault(path, "deadline.anchor")
    elif name not in declared.fields:
        if not declared.unread_parts.may_hold("fields", name):
            yield fault(f"{path}.field", "field.undeclared", field=name, near=nearest(name, declared.fields))
    elif declared.fields[name].type not in ("date", "datetime"):
        yield fault(f"{path}.field", "deadline.field", name=name, type=declared.fields[name].type)


def _span(path: str, span: Duration, definition: Definition, unread_parts: UnreadParts) -> Iterator[Fault]:
    if span.amount == 0:
        yield fault(path, "deadline.after")
    yield from check_length(path, span)
    if span.unit == "bd" and definition.calendar == "calendar_days" and "calendar" not in unread_parts.unread:
        yield fault(path, "deadline.calendar")
    if span.unit == "bh" and not has_hours(definition):
        yield fault(path, "deadline.hours")


def _outcomes(path: str, transition: Transition, known: tuple[str, ...]) -> Iterator[Fault]:
    given = transition.outcome
    for outcome in (given,) if isinstance(given, str) else given or ():
        if outcome not in known:
            yield fault(path, "outcome.unknown", name=outcome, near=nearest(outcome, known))
