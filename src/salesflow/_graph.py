"""
Checks the graph of a definition: names, ends of transitions, ways in and ways out.

Each check yields what it finds. A stage or transition that was dropped because it is
malformed counts as a place that may lead anywhere, so that one fault is told once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import attrs

from ._definition import FINAL_KINDS, LEAVING_KINDS, PREVIOUS, SAME, Definition, Stage, Transition
from ._faults import Fault
from ._values import is_name
from .errors import did_you_mean, shown


@attrs.frozen(slots=False)
class Way:
    """
    One transition from one source: an edge, before anything is bound.
    """

    index: int
    transition: Transition
    source: str
    target: str
    previous: str | None
    stays: bool


def ways(definition: Definition) -> tuple[Way, ...]:
    """
    Expand every transition to its edges: ``$previous`` to one for each stage that may be held.
    """
    stages = {stage.id for stage in definition.stages}
    held = [
        (transition.target, source)
        for transition in definition.transitions
        if transition.kind == "hold"
        for source in transition.source
    ]
    found: list[Way] = []
    for index, transition in enumerate(definition.transitions):
        for source in dict.fromkeys(transition.source):
            if source not in stages:
                continue
            if transition.target == PREVIOUS:
                before = dict.fromkeys(start for hold, start in held if hold == source and start in stages)
                found += [Way(index, transition, source, stage, stage, False) for stage in before]
            elif transition.target == SAME or transition.spawn is not None:
                found.append(Way(index, transition, source, source, None, True))
            elif transition.target in stages:
                found.append(Way(index, transition, source, transition.target, None, False))
    return tuple(found)


def check_graph(definition: Definition, dropped: frozenset[str], *, reach: bool = True) -> Iterator[Fault]:
    """
    Yield every fault of the graph.

    Args:
        dropped: ids of malformed parts.
        reach: whether ways in and out can be judged, because no transition was dropped.
    """
    yield from _names(definition)
    for index, transition in enumerate(definition.transitions):
        yield from _ends(definition, f"transitions[{index}]", transition, dropped)
    if not definition.stages:
        if not dropped:
            yield Fault("stages", "stage.none", "there is no stage", "Write at least one [[stages]] block.")
        return
    yield from _initial(definition, dropped)
    if reach:
        yield from _reach(definition, dropped)


def _names(definition: Definition) -> Iterator[Fault]:
    if not is_name(definition.id):
        yield _bad_name("id", definition.id)
    for list_name in ("fields", "stages", "transitions"):
        items: Iterable[Stage | Transition] = getattr(definition, list_name)
        seen: dict[str, int] = {}
        for index, item in enumerate(items):
            path = f"{list_name}[{index}].id"
            if not is_name(item.id):
                yield _bad_name(path, item.id)
            if item.id in seen:
                first = f"{list_name}[{seen[item.id]}]"
                yield Fault(path, "id.duplicate", f"{item.id!r} is used again", f"{first} has it already; rename one.")
            seen.setdefault(item.id, index)
    for index, transition in enumerate(definition.transitions):
        if not is_name(transition.trigger):
            yield _bad_name(f"transitions[{index}].trigger", transition.trigger)


def _bad_name(path: str, value: str) -> Fault:
    hint = "Use lower-case letters, digits and '_', starting with a letter, at most 64."
    return Fault(path, "id.malformed", f"{shown(value)} is no snake_case name", hint)


def _ends(definition: Definition, path: str, transition: Transition, dropped: frozenset[str]) -> Iterator[Fault]:
    stages = {stage.id: stage for stage in definition.stages}
    for source in transition.source:
        if source in stages:
            yield from _leave(path, transition, stages[source])
        elif source not in dropped:
            yield _unknown_stage(f"{path}.source", source, stages)
    if not transition.source:
        yield Fault(f"{path}.source", "transition.no_source", "it has no source", "Name the stages it starts from.")
    target = transition.target
    if (target is None) == (transition.spawn is None):
        hint = "Give target = a stage, '$previous' or '$same'; or spawn = { lifecycle = … } and no target."
        yield Fault(f"{path}.target", "transition.target", "it needs either a target or a spawn", hint)
    elif (transition.kind == "spawn") != (transition.spawn is not None):
        yield Fault(f"{path}.kind", "transition.kind", "kind 'spawn' and the key spawn go together", "Give both.")
    elif (transition.kind == "resume") != (target == PREVIOUS):
        yield Fault(f"{path}.kind", "transition.kind", "kind 'resume' and '$previous' go together", "Give both.")
    elif target is not None and not target.startswith("$"):
        if target in stages:
            yield from _enter(path, transition, stages[target])
        elif target not in dropped:
            yield _unknown_stage(f"{path}.target", target, stages)
    elif target not in (None, PREVIOUS, SAME):
        yield Fault(f"{path}.target", "stage.unknown", f"{target!r} is no target", "Use '$previous' or '$same'.")


def _unknown_stage(path: str, name: str, stages: Mapping[str, Stage]) -> Fault:
    return Fault(path, "stage.unknown", f"there is no stage {shown(name)}", did_you_mean(name, stages).strip())


def _leave(path: str, transition: Transition, source: Stage) -> Iterator[Fault]:
    if source.final and transition.kind not in LEAVING_KINDS:
        hint = "Only transitions of kind 'reopen' or 'spawn' may leave a final stage."
        yield Fault(f"{path}.source", "stage.final", f"{source.id!r} is final and cannot be left so", hint)
    if transition.kind == "resume" and source.kind != "hold":
        hint = "Resume starts from a stage of kind 'hold'."
        yield Fault(f"{path}.source", "transition.kind", f"{source.id!r} holds nothing to resume", hint)


def _enter(path: str, transition: Transition, target: Stage) -> Iterator[Fault]:
    if (transition.kind == "hold") != (target.kind == "hold"):
        hint = "A stage of kind 'hold' is entered by transitions of kind 'hold', and they lead nowhere else."
        yield Fault(f"{path}.kind", "transition.kind", f"kind {transition.kind!r} does not fit {target.id!r}", hint)


def _initial(definition: Definition, dropped: frozenset[str]) -> Iterator[Fault]:
    stages = {stage.id: stage for stage in definition.stages}
    if definition.initial not in stages:
        if definition.initial not in dropped:
            yield _unknown_stage("initial", definition.initial, stages)
    elif stages[definition.initial].final or stages[definition.initial].kind == "hold":
        kind = stages[definition.initial].kind
        hint = "A project opens in a stage of kind 'open' or 'active'."
        yield Fault("initial", "stage.initial", f"{definition.initial!r} is of kind {kind!r}", hint)
    if not dropped and not any(stage.kind in FINAL_KINDS for stage in definition.stages):
        hint = "Give one stage the kind 'won', 'lost', 'cancelled' or 'closed'."
        yield Fault("stages", "stage.no_final", "no stage is final, so no project ever ends", hint)


def _reach(definition: Definition, dropped: frozenset[str]) -> Iterator[Fault]:
    """
    Yield stages nobody can enter, and stages nobody gets out of, each at its root only.
    """
    following: dict[str, set[str]] = {stage.id: set() for stage in definition.stages}
    for way in ways(definition):
        following[way.source].add(way.target)
    entered, left = _wild(definition, following, dropped)
    paths = {stage.id: f"stages[{index}]" for index, stage in reversed(list(enumerate(definition.stages)))}
    if definition.initial in following:
        seen = _closure([definition.initial, *entered], following)
        lost = [stage for stage in following if stage not in seen]
        for stage in _roots(lost, following):
            hint = "Lead a transition to it, or remove it."
            yield Fault(paths[stage], "stage.unreachable", f"no way leads to stage {stage!r}", hint)
    finals = {stage.id for stage in definition.stages if stage.final}
    ends = {stage for stage in following if stage not in finals and following[stage] <= {stage}} - left
    for stage in ends:
        hint = "Add a transition from it, or make it final by its kind."
        yield Fault(paths[stage], "stage.dead_end", f"nothing leads out of stage {stage!r}", hint)
    told: set[str] = set()
    for stage in following:
        around = _closure([stage], following)
        if finals and stage not in told and not around & (finals | ends | left):
            told |= around
            listed = ", ".join(sorted(around))
            hint = f"Lead one of {listed} towards a final stage."
            yield Fault(paths[stage], "stage.no_exit", f"no final stage can be reached from {stage!r}", hint)


def _wild(
    definition: Definition, following: Mapping[str, set[str]], dropped: frozenset[str]
) -> tuple[set[str], set[str]]:
    """
    Return the stages that a broken transition may enter, and those it may leave.
    """
    entered, left = set(dropped & following.keys()), set(dropped & following.keys())
    for transition in definition.transitions:
        ends = [*transition.source, transition.target or ""]
        if any(end not in following and not end.startswith("$") for end in ends if end):
            entered |= {end for end in ends[-1:] if end in following}
            left |= {end for end in transition.source if end in following}
    return entered, left


def _closure(start: Iterable[str], following: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = list(start)
    while todo:
        stage = todo.pop()
        if stage not in seen:
            seen.add(stage)
            todo += following[stage]
    return seen


def _roots(lost: list[str], following: Mapping[str, set[str]]) -> Iterator[str]:
    """
    Yield the stages of *lost* from which the rest of it could be reached.
    """
    entries = Counter(target for stage in lost for target in following[stage] - {stage})
    told: set[str] = set()
    for stage in sorted(lost, key=lambda one: entries[one] > 0):
        if stage not in told:
            told |= _closure([stage], following)
            yield stage
