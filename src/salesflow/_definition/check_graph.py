"""
Checks the graph of a definition: names, sources and targets, and whether stages can be reached and left.

Each check yields what it finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final, get_args

from .._model.definition import (
    ANY,
    LEAVING_KINDS,
    PREVIOUS,
    SAME,
    Definition,
    Field,
    Invariant,
    Stage,
    Transition,
    TransitionKind,
    walk_uses,
)
from .._model.predicate import WORDS
from .._model.values import Label, is_name
from ..errors import nearest
from .edges import NO_GAPS, UnreadParts, check_reach, edges_of
from .expand import MOST, expanded, guard_lists, rule_of, rule_order, size_of, sources_of
from .report import Fault, fault, few, warning


def check_graph(definition: Definition, unread_parts: UnreadParts = NO_GAPS) -> Iterator[Fault]:
    """
    Yield every fault of the graph. Ways in and out are judged if every transition could be read.
    """
    yield from _names(definition, unread_parts)
    yield from _rules(definition)
    if not definition.stages:
        if "stages" not in unread_parts.unread:
            yield fault("stages", "stage.none")
        return
    stages = {stage.id: stage for stage in definition.stages}
    for index, transition in enumerate(definition.transitions):
        yield from _ends(stages, f"transitions[{index}]", transition, unread_parts)
    misplaced = list(_initial(definition, unread_parts))
    yield from misplaced
    judged = [] if "transitions" in unread_parts.unread else list(check_reach(definition, unread_parts))
    for each in judged:
        # If projects open in the wrong stage, other stages cannot be reached either.
        if each.code != "stage.unreachable" or not (misplaced or "initial" in unread_parts.unread):
            yield each
    ends = any(each.code == "stage.dead_end" for each in judged)
    if not ends and "stages" not in unread_parts.unread and not any(stage.final for stage in definition.stages):
        yield fault("stages", "stage.no_final")


def _rules(definition: Definition) -> Iterator[Fault]:
    """
    Yield what is wrong with rules as such, and what would be too much written out.
    """
    for name, uses in definition.rules.items():
        if not is_name(name) or "." in name:
            yield fault(f"rules.{name}", "id.malformed", name=name)
        if not uses:
            yield fault(f"rules.{name}.guards", "guard.empty/rule", name=name)
    for circle in rule_order(definition.rules)[1]:
        way = " → ".join((*circle, circle[0]))
        yield fault(f"rules.{circle[0]}.guards", "rule.circle", way=way)
    if size_of(definition) > MOST:
        yield fault("", "definition.size", most=MOST)


def _names(definition: Definition, unread_parts: UnreadParts) -> Iterator[Fault]:
    if not is_name(definition.id) and not unread_parts.unread & {"", "id"}:
        yield fault("id", "id.malformed", name=definition.id)
    for list_name in ("fields", "stages", "transitions", "invariants"):
        items: Iterable[Field | Stage | Transition | Invariant] = getattr(definition, list_name)
        seen: dict[str, int] = {}
        for index, item in enumerate(items):
            path = f"{list_name}[{index}].id"
            if not is_name(item.id) or "." in item.id:
                yield fault(path, "id.malformed", name=item.id)
            elif list_name == "fields" and item.id in _TAKEN:
                yield fault(path, "id.reserved/field", name=item.id)
            if item.id in seen:
                yield fault(path, "id.duplicate", name=item.id, first=f"{list_name}[{seen[item.id]}]")
            seen.setdefault(item.id, index)
    for index, transition in enumerate(definition.transitions):
        path = f"transitions[{index}].trigger"
        if transition.trigger == "state":
            yield fault(path, "id.reserved/trigger")
        elif transition.trigger != transition.id and (not is_name(transition.trigger) or "." in transition.trigger):
            yield fault(path, "id.malformed", name=transition.trigger)


_TAKEN: Final = ("outcome", "stage", *WORDS)


def _ends(stages: Mapping[str, Stage], path: str, transition: Transition, unread_parts: UnreadParts) -> Iterator[Fault]:
    yield from _starts(stages, path, transition, unread_parts)
    target = transition.target
    if (target is None) == (transition.spawn is None):
        yield fault(f"{path}.target", "transition.target")
    elif target is not None and target in stages:
        yield from _fitting(path, transition)
        yield from _enter(path, transition, stages[target])
    elif target in (None, PREVIOUS, SAME):
        yield from _fitting(path, transition)
    elif target.startswith("$"):
        yield fault(f"{path}.target", "stage.unknown/target", name=target)
    elif not unread_parts.may_hold("stages", target):
        yield _unknown_stage(f"{path}.target", target, stages, unread_parts)


def _starts(
    stages: Mapping[str, Stage], path: str, transition: Transition, unread_parts: UnreadParts
) -> Iterator[Fault]:
    yield from _anywhere(path, transition)
    for key, names in (("source", transition.source), ("except", transition.except_)):
        for name in names:
            if name in stages:
                yield from _leave(path, transition, stages[name]) if key == "source" else ()
            elif name != ANY and not unread_parts.may_hold("stages", name):
                yield _unknown_stage(f"{path}.{key}", name, stages, unread_parts)
    if not sources_of(transition, stages.values()):
        yield fault(f"{path}.source", "transition.no_source")


def _anywhere(path: str, transition: Transition) -> Iterator[Fault]:
    if ANY not in transition.source:
        if transition.except_:
            yield fault(f"{path}.except", "transition.except")
    elif len(transition.source) > 1:
        yield fault(f"{path}.source", "transition.source")
    elif transition.kind == "resume":
        yield fault(f"{path}.source", "transition.source/resume")


def _fitting(path: str, transition: Transition) -> Iterator[Fault]:
    if transition.kind not in _KINDS:
        return
    if (transition.kind == "spawn") != (transition.spawn is not None):
        yield fault(f"{path}.kind", "transition.kind/spawn")
    elif (transition.kind == "resume") != (transition.target == PREVIOUS):
        yield fault(f"{path}.kind", "transition.kind/resume")


_KINDS: Final = get_args(TransitionKind)


def _unknown_stage(path: str, name: str, stages: Mapping[str, Stage], unread_parts: UnreadParts) -> Fault:
    near = nearest(name, [*stages, *unread_parts.dropped])
    if near is None:
        return fault(path, "stage.unknown/far", name=name, known=few(stages))
    return fault(path, "stage.unknown", name=name, near=near)


def _leave(path: str, transition: Transition, source: Stage) -> Iterator[Fault]:
    if transition.kind not in _KINDS:
        return
    if source.final and transition.kind not in LEAVING_KINDS:
        yield fault(f"{path}.source", "stage.final", stage=source.id)
    elif transition.kind == "resume" and transition.target == PREVIOUS and source.kind != "hold":
        yield fault(f"{path}.source", "transition.kind/resume_from", stage=source.id)


def _enter(path: str, transition: Transition, target: Stage) -> Iterator[Fault]:
    if transition.kind in _KINDS and (transition.kind == "hold") != (target.kind == "hold"):
        yield fault(f"{path}.kind", "transition.kind/hold", kind=transition.kind, stage=target.id)


def _initial(definition: Definition, unread_parts: UnreadParts) -> Iterator[Fault]:
    stages = {stage.id: stage for stage in definition.stages}
    if definition.initial not in stages:
        if not unread_parts.may_hold("stages", definition.initial):
            yield _unknown_stage("initial", definition.initial, stages, unread_parts)
    elif stages[definition.initial].final or stages[definition.initial].kind == "hold":
        kind = stages[definition.initial].kind
        yield fault("initial", "stage.initial", stage=definition.initial, kind=kind)


def check_warnings(definition: Definition) -> Iterator[Fault]:
    """
    Yield every warning.
    """
    whole = expanded(definition)
    yield from _shadowed(whole)
    yield from _unbudgeted(whole)
    yield from _untranslated(definition)
    yield from _falling(whole)
    yield from _backwards(whole)
    yield from _open_overrides(definition)
    yield from _contradictions(whole)
    yield from _unset_forecasts(whole)
    yield from _unbound_approvals(definition)
    yield from _unused_rules(definition)


def _open_overrides(definition: Definition) -> Iterator[Fault]:
    for path, uses in guard_lists(definition):
        for number, use in enumerate(uses):
            if use.override is True:
                yield warning(f"{path}[{number}].override", "override.anybody")


_FITTING: Final = {"won": {"won"}, "lost": {"lost", "no_decision"}, "cancelled": {"cancelled"}}
"""The built-in outcomes that a final stage of a kind goes with; others are the definition's own."""


def _contradictions(definition: Definition) -> Iterator[Fault]:
    """
    Yield moves after which the outcome says something else than the stage.
    """
    stages = {stage.id: stage for stage in definition.stages}
    settled = frozenset(chain.from_iterable(_FITTING.values()))
    decided = {stage.id for stage in definition.stages if stage.kind in _FITTING}
    decided |= {each.target for each in definition.transitions if each.outcome is not None and each.target}
    for index, transition in enumerate(definition.transitions):
        path, outcome = f"transitions[{index}].outcome", transition.outcome
        if transition.kind == "reopen" and outcome is None and decided.intersection(transition.source):
            yield warning(path, "outcome.kept", transition=transition.id, outcome=definition.outcome_ids[0])
        kind = stages[transition.target].kind if transition.target in stages else ""
        given = (outcome,) if isinstance(outcome, str) else outcome or ()
        wrong = [each for each in given if each in settled - _FITTING.get(kind, settled)]
        if wrong:
            about = {"transition": transition.id, "kind": kind, "stage": transition.target, "outcome": wrong[0]}
            yield warning(path, "outcome.contradicts", **about)


_FORECASTS: Final = frozenset({"forecast", "probability"})


def _unset_forecasts(definition: Definition) -> Iterator[Fault]:
    """
    Yield moves into a stage that states a forecast, without the effect that writes it to the project.
    """
    kept = _FORECASTS & {field.id for field in definition.fields}
    stating = {stage.id: stage for stage in definition.stages if any(getattr(stage, name) is not None for name in kept)}
    told: set[int] = set()
    for edge in edges_of(definition):
        writes = {use.params.get("field") for use in edge.transition.effects if use.use == "set_field"}
        if any(use.use == "set_forecast" for use in edge.transition.effects) or writes & kept:
            continue
        if edge.target in stating and edge.target != edge.source and edge.index not in told:
            told.add(edge.index)
            path = f"transitions[{edge.index}].effects"
            yield warning(path, "forecast.unset", transition=edge.transition.id, stage=edge.target)


def _unbound_approvals(definition: Definition) -> Iterator[Fault]:
    """
    Yield gates that ask for an approval while the amount that was approved can still be changed.
    """
    loose = [field.id for field in definition.fields if field.type == "money" and field.locked is None]
    for path, uses in guard_lists(definition):
        for use in walk_uses(uses):
            if use.use == "approval" and loose and not use.params.get("binds"):
                about = {"approval": use.params.get("name"), "field": loose[0], "fields": loose}
                yield warning(path, "approval.unbound", **about)


def _unused_rules(definition: Definition) -> Iterator[Fault]:
    used = {rule_of(use) for _, uses in guard_lists(definition) for use in walk_uses(uses)}
    for name in definition.rules:
        if name not in used:
            yield warning(f"rules.{name}", "rule.unused", name=name)


def _open_door(transition: Transition) -> bool:
    return not any(use.severity == "block" for use in transition.guards)


def _shadowed(definition: Definition) -> Iterator[Fault]:
    first_open: dict[tuple[str, str, str | None], str] = {}
    told: set[int] = set()
    for edge in edges_of(definition):
        place = (edge.source, edge.transition.trigger, edge.previous)
        if place in first_open and edge.index not in told:
            told.add(edge.index)
            about = {"transition": edge.transition.id, "stage": edge.source, "first": first_open[place]}
            yield warning(f"transitions[{edge.index}]", "transition.shadowed", **about)
        elif _open_door(edge.transition):
            first_open.setdefault(place, edge.transition.id)


def _unbudgeted(definition: Definition) -> Iterator[Fault]:
    for index, transition in enumerate(definition.transitions):
        if transition.kind == "loop" and not any(use.use == "loop_budget" for use in walk_uses(transition.guards)):
            yield warning(f"transitions[{index}]", "loop.unbudgeted", transition=transition.id)


_LABELLED: Final = (
    ("fields", "label"),
    ("stages", "label"),
    ("stages", "guidance"),
    ("transitions", "label"),
    ("warnings", "action"),
)


def _labels(definition: Definition) -> Iterator[tuple[str, Label]]:
    yield "label", definition.label
    yield "description", definition.description
    for name, text in _LABELLED:
        for index, item in enumerate(getattr(definition, name)):
            yield f"{name}[{index}].{text}", getattr(item, text)
    for index, field in enumerate(definition.fields):
        for choice, label in field.choice_labels.items():
            yield f"fields[{index}].choice_labels.{choice}", label


def _untranslated(definition: Definition) -> Iterator[Fault]:
    for path, label in _labels(definition):
        if len(label.missing()) == 1:
            yield warning(path, "label.untranslated", lang=label.missing()[0])


def _falling(definition: Definition) -> Iterator[Fault]:
    share = {stage.id: stage.probability for stage in definition.stages}
    finals = {stage.id for stage in definition.stages if stage.final}
    for edge in edges_of(definition):
        before, after = share[edge.source], share[edge.target]
        if edge.transition.kind != "forward" or isinstance(before, str) or isinstance(after, str):
            continue
        if before is not None and after is not None and after < before and edge.target not in finals:
            about = {"before": before, "source": edge.source, "after": after, "target": edge.target}
            yield warning(f"transitions[{edge.index}]", "probability.falls", **about)


def _backwards(definition: Definition) -> Iterator[Fault]:
    """
    Yield forward moves into a stage whose number is lower than that of the stage they leave.
    """
    numbers = {stage.id: stage.seq for stage in definition.stages}
    for edge in edges_of(definition):
        before, after = numbers[edge.source], numbers[edge.target]
        if edge.transition.kind == "forward" and before is not None and after is not None and after < before:
            about = {"before": before, "source": edge.source, "after": after, "target": edge.target}
            yield warning(f"transitions[{edge.index}]", "seq.falls", **about)
