"""
Checks the graph of a definition: names, ends of transitions, ways in and ways out.

Each check yields what it finds. A stage or transition that was dropped because it is
malformed counts as a place that may lead anywhere, so that one fault is told once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, get_args

import attrs

from ._definition import LEAVING_KINDS, PREVIOUS, SAME, Definition, Field, Stage, Transition, TransitionKind
from ._faults import Fault
from ._predicate import WORDS
from ._values import is_name
from .errors import did_you_mean, shown


@attrs.frozen
class Gaps:
    """
    What of a definition could not be read, so that one fault is told once.

    Attributes:
        dropped: ids of malformed parts; ``""`` stands for one whose id is not known.
        unread: paths without positions, for example ``stages.produces``.
    """

    dropped: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()

    def may_hold(self, part: str, name: str) -> bool:
        """
        Tell whether *name* may be the id of one of the parts that were not read.
        """
        return name in self.dropped or (part in self.unread and "" in self.dropped)


NO_GAPS: Final = Gaps()


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


def check_graph(definition: Definition, gaps: Gaps = NO_GAPS) -> Iterator[Fault]:
    """
    Yield every fault of the graph. Ways in and out are judged if every transition could be read.
    """
    yield from _names(definition)
    if not definition.stages:
        if "stages" not in gaps.unread:
            yield Fault("stages", "stage.none", "there is no stage", "Write at least one [[stages]] block.")
        return
    for index, transition in enumerate(definition.transitions):
        yield from _ends(definition, f"transitions[{index}]", transition, gaps)
    misplaced = list(_initial(definition, gaps))
    yield from misplaced
    judged = [] if "transitions" in gaps.unread else list(_reach(definition, gaps))
    for fault in judged:
        # Where projects open in the wrong stage, it is no wonder that the others are not reached.
        if fault.code != "stage.unreachable" or not (misplaced or "initial" in gaps.unread):
            yield fault
    ends = any(fault.code == "stage.dead_end" for fault in judged)
    if not ends and "stages" not in gaps.unread and not any(stage.final for stage in definition.stages):
        hint = "Give one stage the kind 'won', 'lost', 'cancelled' or 'closed'."
        yield Fault("stages", "stage.no_final", "no stage is final, so no project ever ends", hint)


def _names(definition: Definition) -> Iterator[Fault]:
    if not is_name(definition.id):
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


def _ends(definition: Definition, path: str, transition: Transition, gaps: Gaps) -> Iterator[Fault]:
    stages = {stage.id: stage for stage in definition.stages}
    for source in transition.source:
        if source in stages:
            yield from _leave(path, transition, stages[source])
        elif not gaps.may_hold("stages", source):
            yield _unknown_stage(f"{path}.source", source, stages)
    if not transition.source:
        yield Fault(f"{path}.source", "transition.no_source", "it has no source", "Name the stages it starts from.")
    target = transition.target
    if (target is None) == (transition.spawn is None):
        hint = "Give target = a stage, '$previous' or '$same'; or spawn = { lifecycle = … } and no target."
        yield Fault(f"{path}.target", "transition.target", "it needs either a target or a spawn", hint)
    elif target in stages:
        yield from _fitting(path, transition)
        yield from _enter(path, transition, stages[target])
    elif target in (None, PREVIOUS, SAME):
        yield from _fitting(path, transition)
    elif target.startswith("$"):
        yield Fault(f"{path}.target", "stage.unknown", f"{target!r} is no target", "Use '$previous' or '$same'.")
    elif not gaps.may_hold("stages", target):
        yield _unknown_stage(f"{path}.target", target, stages)


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
    elif transition.kind == "resume" and source.kind != "hold":
        hint = "Resume starts from a stage of kind 'hold'."
        yield Fault(f"{path}.source", "transition.kind", f"{source.id!r} holds nothing to resume", hint)


def _enter(path: str, transition: Transition, target: Stage) -> Iterator[Fault]:
    if transition.kind in _KINDS and (transition.kind == "hold") != (target.kind == "hold"):
        hint = "A stage of kind 'hold' is entered by transitions of kind 'hold', and they lead nowhere else."
        yield Fault(f"{path}.kind", "transition.kind", f"kind {transition.kind!r} does not fit {target.id!r}", hint)


def _initial(definition: Definition, gaps: Gaps) -> Iterator[Fault]:
    stages = {stage.id: stage for stage in definition.stages}
    if definition.initial not in stages:
        if not gaps.may_hold("stages", definition.initial):
            yield _unknown_stage("initial", definition.initial, stages)
    elif stages[definition.initial].final or stages[definition.initial].kind == "hold":
        kind = stages[definition.initial].kind
        hint = "A project opens in a stage of kind 'open' or 'active'."
        yield Fault("initial", "stage.initial", f"{definition.initial!r} is of kind {kind!r}", hint)


def _reach(definition: Definition, gaps: Gaps) -> Iterator[Fault]:
    """
    Yield stages nobody can enter, and stages nobody gets out of, each at its root only.
    """
    following: dict[str, set[str]] = {stage.id: set() for stage in definition.stages}
    for way in ways(definition):
        following[way.source].add(way.target)
    entered, left = _wild(definition, following, gaps)
    paths = {stage.id: f"stages[{index}]" for index, stage in reversed(list(enumerate(definition.stages)))}
    if definition.initial in following:
        seen = _closure([definition.initial, *entered], following)
        lost = [stage for stage in following if stage not in seen]
        for stage in _roots(lost, following):
            hint = "Lead a transition to it, or remove it."
            yield Fault(paths[stage], "stage.unreachable", f"no way leads to stage {stage!r}", hint)
    finals = {stage.id for stage in definition.stages if stage.final}
    ends = {stage for stage in following if stage not in finals and following[stage] <= {stage}} - left
    for stage in sorted(ends):
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
    definition: Definition, following: Mapping[str, set[str]], gaps: Gaps
) -> tuple[set[str], set[str]]:
    """
    Return the stages that a broken transition may enter, and those it may leave.
    """
    entered, left = set(gaps.dropped & following.keys()), set(gaps.dropped & following.keys())
    held = {way.source for way in ways(definition) if way.previous is not None}
    for transition in definition.transitions:
        target = transition.target
        sources = following.keys() & transition.source
        if target in following and (not sources or len(sources) < len(set(transition.source))):
            entered.add(target)
        # Nothing comes back from a stage where nothing can be held; that has its own fault.
        lost = target not in following and target not in (PREVIOUS, SAME) and transition.spawn is None
        left |= sources if lost else sources - held if target == PREVIOUS else set[str]()
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
