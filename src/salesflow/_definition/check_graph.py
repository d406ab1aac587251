"""
Checks the graph of a definition: names, ends of transitions, ways in and ways out, and what is only doubtful.

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
    Stage,
    Transition,
    TransitionKind,
    walk_uses,
)
from .._model.predicate import WORDS
from .._model.values import Label, is_name
from ..errors import did_you_mean, shown
from .edges import NO_GAPS, UnreadParts, check_reach, edges_of
from .expand import MOST, expanded, guard_lists, rule_of, rule_order, size_of, sources_of
from .report import Fault


def check_graph(definition: Definition, unread_parts: UnreadParts = NO_GAPS) -> Iterator[Fault]:
    """
    Yield every fault of the graph. Ways in and out are judged if every transition could be read.
    """
    yield from _names(definition, unread_parts)
    yield from _rules(definition)
    if not definition.stages:
        if "stages" not in unread_parts.unread:
            yield Fault("stages", "stage.none", "there is no stage", "Write at least one [[stages]] block.")
        return
    stages = {stage.id: stage for stage in definition.stages}
    for index, transition in enumerate(definition.transitions):
        yield from _ends(stages, f"transitions[{index}]", transition, unread_parts)
    misplaced = list(_initial(definition, unread_parts))
    yield from misplaced
    judged = [] if "transitions" in unread_parts.unread else list(check_reach(definition, unread_parts))
    for fault in judged:
        # Where projects open in the wrong stage, it is no wonder that the others are not reached.
        if fault.code != "stage.unreachable" or not (misplaced or "initial" in unread_parts.unread):
            yield fault
    ends = any(fault.code == "stage.dead_end" for fault in judged)
    if not ends and "stages" not in unread_parts.unread and not any(stage.final for stage in definition.stages):
        hint = "Give one stage the kind 'won', 'lost', 'cancelled' or 'closed'."
        yield Fault("stages", "stage.no_final", "no stage is final, so no project ever ends", hint)


def _rules(definition: Definition) -> Iterator[Fault]:
    """
    Yield what is wrong with rules as such, and what would be too much written out.
    """
    for name, uses in definition.rules.items():
        if not is_name(name) or "." in name:
            yield _bad_name(f"rules.{name}", name)
        if not uses:
            yield Fault(f"rules.{name}.guards", "guard.empty", f"rule {name!r} has no guards", "Give it some.")
    for circle in rule_order(definition.rules)[1]:
        way = " → ".join((*circle, circle[0]))
        hint = "Leave one of them out, so that the rules end in guards."
        yield Fault(f"rules.{circle[0]}.guards", "rule.circle", f"the rules name each other in a circle: {way}", hint)
    if size_of(definition) > MOST:
        text = f"written out, rules and '*' give more than {MOST} guards and sources"
        yield Fault("", "definition.size", text, "Use fewer rules within rules, or fewer transitions from '*'.")


def _names(definition: Definition, unread_parts: UnreadParts) -> Iterator[Fault]:
    if not is_name(definition.id) and not unread_parts.unread & {"", "id"}:
        yield _bad_name("id", definition.id)
    for list_name in ("fields", "stages", "transitions"):
        items: Iterable[Field | Stage | Transition] = getattr(definition, list_name)
        seen: dict[str, int] = {}
        for index, item in enumerate(items):
            path = f"{list_name}[{index}].id"
            if not is_name(item.id) or "." in item.id:
                yield _bad_name(path, item.id)
            elif list_name == "fields" and item.id in _TAKEN:
                hint = "It has a meaning of its own in conditions; rename the field."
                yield Fault(path, "id.reserved", f"no field can be called {item.id!r}", hint)
            if item.id in seen:
                first = f"{list_name}[{seen[item.id]}]"
                yield Fault(path, "id.duplicate", f"{item.id!r} is used again", f"{first} has it already; rename one.")
            seen.setdefault(item.id, index)
    for index, transition in enumerate(definition.transitions):
        path = f"transitions[{index}].trigger"
        if transition.trigger == "state":
            hint = "It is what transitions.Machine calls the state of an object; give the transition another trigger."
            yield Fault(path, "id.reserved", "no trigger can be called 'state'", hint)
        elif transition.trigger != transition.id and (not is_name(transition.trigger) or "." in transition.trigger):
            yield _bad_name(path, transition.trigger)


_TAKEN: Final = ("outcome", "stage", *WORDS)


def _bad_name(path: str, value: str) -> Fault:
    hint = "Use lower-case letters, digits and '_', starting with a letter, at most 64."
    return Fault(path, "id.malformed", f"{shown(value)} is no snake_case name", hint)


def _ends(stages: Mapping[str, Stage], path: str, transition: Transition, unread_parts: UnreadParts) -> Iterator[Fault]:
    yield from _starts(stages, path, transition, unread_parts)
    target = transition.target
    if (target is None) == (transition.spawn is None):
        hint = "Give target = a stage, '$previous' or '$same'; or spawn = { lifecycle = … } and no target."
        yield Fault(f"{path}.target", "transition.target", "it needs either a target or a spawn", hint)
    elif target is not None and target in stages:
        yield from _fitting(path, transition)
        yield from _enter(path, transition, stages[target])
    elif target in (None, PREVIOUS, SAME):
        yield from _fitting(path, transition)
    elif target.startswith("$"):
        yield Fault(f"{path}.target", "stage.unknown", f"{target!r} is no target", "Use '$previous' or '$same'.")
    elif not unread_parts.may_hold("stages", target):
        yield _unknown_stage(f"{path}.target", target, stages)


def _starts(
    stages: Mapping[str, Stage], path: str, transition: Transition, unread_parts: UnreadParts
) -> Iterator[Fault]:
    yield from _anywhere(path, transition)
    for key, names in (("source", transition.source), ("except", transition.except_)):
        for name in names:
            if name in stages:
                yield from _leave(path, transition, stages[name]) if key == "source" else ()
            elif name != ANY and not unread_parts.may_hold("stages", name):
                yield _unknown_stage(f"{path}.{key}", name, stages)
    if not sources_of(transition, stages.values()):
        yield Fault(f"{path}.source", "transition.no_source", "it has no source", "Name the stages it starts from.")


def _anywhere(path: str, transition: Transition) -> Iterator[Fault]:
    if ANY not in transition.source:
        if transition.except_:
            hint = "Leave it out, or start from source = '*'."
            yield Fault(f"{path}.except", "transition.except", "only the source '*' has exceptions", hint)
    elif len(transition.source) > 1:
        hint = "Write source = '*' alone: it is every stage that is neither final nor on hold."
        yield Fault(f"{path}.source", "transition.source", "'*' stands beside other stages", hint)
    elif transition.kind == "resume":
        hint = "Name the stages of kind 'hold' that it starts from."
        yield Fault(f"{path}.source", "transition.source", "'*' holds nothing to resume", hint)


def _fitting(path: str, transition: Transition) -> Iterator[Fault]:
    if transition.kind not in _KINDS:
        return
    if (transition.kind == "spawn") != (transition.spawn is not None):
        yield Fault(f"{path}.kind", "transition.kind", "kind 'spawn' and the key spawn go together", "Give both.")
    elif (transition.kind == "resume") != (transition.target == PREVIOUS):
        yield Fault(f"{path}.kind", "transition.kind", "kind 'resume' and '$previous' go together", "Give both.")


_KINDS: Final = get_args(TransitionKind)


def _unknown_stage(path: str, name: str, stages: Mapping[str, Stage]) -> Fault:
    return Fault(path, "stage.unknown", f"there is no stage {shown(name)}", did_you_mean(name, stages).strip())


def _leave(path: str, transition: Transition, source: Stage) -> Iterator[Fault]:
    if transition.kind not in _KINDS:
        return
    if source.final and transition.kind not in LEAVING_KINDS:
        hint = "Only transitions of kind 'reopen' or 'spawn' may leave a final stage."
        yield Fault(f"{path}.source", "stage.final", f"{source.id!r} is final and cannot be left so", hint)
    elif transition.kind == "resume" and transition.target == PREVIOUS and source.kind != "hold":
        hint = "Resume starts from a stage of kind 'hold'."
        yield Fault(f"{path}.source", "transition.kind", f"{source.id!r} holds nothing to resume", hint)


def _enter(path: str, transition: Transition, target: Stage) -> Iterator[Fault]:
    if transition.kind in _KINDS and (transition.kind == "hold") != (target.kind == "hold"):
        hint = "A stage of kind 'hold' is entered by transitions of kind 'hold', and they lead nowhere else."
        yield Fault(f"{path}.kind", "transition.kind", f"kind {transition.kind!r} does not fit {target.id!r}", hint)


def _initial(definition: Definition, unread_parts: UnreadParts) -> Iterator[Fault]:
    stages = {stage.id: stage for stage in definition.stages}
    if definition.initial not in stages:
        if not unread_parts.may_hold("stages", definition.initial):
            yield _unknown_stage("initial", definition.initial, stages)
    elif stages[definition.initial].final or stages[definition.initial].kind == "hold":
        kind = stages[definition.initial].kind
        hint = "A project opens in a stage of kind 'open' or 'active'."
        yield Fault("initial", "stage.initial", f"{definition.initial!r} is of kind {kind!r}", hint)


def check_warnings(definition: Definition) -> Iterator[Fault]:
    """
    Yield every warning.
    """
    whole = expanded(definition)
    yield from _shadowed(whole)
    yield from _unbudgeted(whole)
    yield from _untranslated(definition)
    yield from _falling(whole)
    yield from _open_overrides(definition)
    yield from _contradictions(whole)
    yield from _unset_forecasts(whole)
    yield from _unbound_approvals(definition)
    yield from _unused_rules(definition)


def _warning(path: str, code: str, text: str, hint: str) -> Fault:
    return Fault(path, code, text, hint, severity="warning")


def _open_overrides(definition: Definition) -> Iterator[Fault]:
    for path, uses in guard_lists(definition):
        for number, use in enumerate(uses):
            if use.override is True:
                hint = 'Say who may: override = { roles = ["sales_director"] }.'
                here = f"{path}[{number}].override"
                yield _warning(here, "override.anybody", "anybody may override this guard", hint)


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
            hint = f"Write outcome = {definition.outcome_ids[0]!r}, so that it can be decided again."
            yield _warning(path, "outcome.kept", f"{transition.id!r} reopens and keeps the outcome", hint)
        kind = stages[transition.target].kind if transition.target in stages else ""
        given = (outcome,) if isinstance(outcome, str) else outcome or ()
        wrong = [each for each in given if each in settled - _FITTING.get(kind, settled)]
        if wrong:
            text = f"{transition.id!r} enters the {kind} stage {transition.target!r} with the outcome {wrong[0]!r}"
            yield _warning(path, "outcome.contradicts", text, "Give it an outcome that goes with the stage.")


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
            text = f"{edge.transition.id!r} enters stage {edge.target!r}, whose forecast it does not write"
            hint = 'Add the effect { use = "set_forecast" }.'
            yield _warning(f"transitions[{edge.index}].effects", "forecast.unset", text, hint)


def _unbound_approvals(definition: Definition) -> Iterator[Fault]:
    """
    Yield gates that ask for an approval while the amount that was approved can still be changed.
    """
    loose = [field.id for field in definition.fields if field.type == "money" and field.locked is None]
    for path, uses in guard_lists(definition):
        for use in walk_uses(uses):
            if use.use == "approval" and loose and not use.params.get("binds"):
                text = f"the approval {use.params.get('name')!r} holds whatever {loose[0]!r} becomes after it"
                hint = f"Write binds = {loose}, or lock the field."
                yield _warning(path, "approval.unbound", text, hint)


def _unused_rules(definition: Definition) -> Iterator[Fault]:
    used = {rule_of(use) for _, uses in guard_lists(definition) for use in walk_uses(uses)}
    for name in definition.rules:
        if name not in used:
            hint = f'Use it in a list of guards: {{ rules = "{name}" }}; or remove it.'
            yield _warning(f"rules.{name}", "rule.unused", f"no list of guards uses the rule {name!r}", hint)


def _open_door(transition: Transition) -> bool:
    return not any(use.severity == "block" for use in transition.guards)


def _shadowed(definition: Definition) -> Iterator[Fault]:
    first_open: dict[tuple[str, str, str | None], str] = {}
    told: set[int] = set()
    for edge in edges_of(definition):
        place = (edge.source, edge.transition.trigger, edge.previous)
        if place in first_open and edge.index not in told:
            told.add(edge.index)
            yield _warning(
                f"transitions[{edge.index}]",
                "transition.shadowed",
                f"{edge.transition.id!r} is never chosen from stage {edge.source!r}",
                f"{first_open[place]!r} comes first with the same trigger and no blocking guard; reorder or guard it.",
            )
        elif _open_door(edge.transition):
            first_open.setdefault(place, edge.transition.id)


def _unbudgeted(definition: Definition) -> Iterator[Fault]:
    for index, transition in enumerate(definition.transitions):
        if transition.kind == "loop" and not any(use.use == "loop_budget" for use in walk_uses(transition.guards)):
            yield _warning(
                f"transitions[{index}]",
                "loop.unbudgeted",
                f"loop {transition.id!r} may be taken without end",
                "Add the guard loop_budget, with severity 'warn' if it should only be shown.",
            )


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


def _untranslated(definition: Definition) -> Iterator[Fault]:
    for path, label in _labels(definition):
        if len(label.missing()) == 1:
            lang = label.missing()[0]
            yield _warning(
                path, "label.untranslated", f"the text in {lang!r} is missing", f"Add {lang} beside the other language."
            )


def _falling(definition: Definition) -> Iterator[Fault]:
    share = {stage.id: stage.probability for stage in definition.stages}
    finals = {stage.id for stage in definition.stages if stage.final}
    for edge in edges_of(definition):
        before, after = share[edge.source], share[edge.target]
        if edge.transition.kind != "forward" or isinstance(before, str) or isinstance(after, str):
            continue
        if before is not None and after is not None and after < before and edge.target not in finals:
            yield _warning(
                f"transitions[{edge.index}]",
                "probability.falls",
                f"the probability falls from {before} in {edge.source!r} to {after} in {edge.target!r}",
                "A forward transition should not make a deal less likely; change a stage or the transition's kind.",
            )
