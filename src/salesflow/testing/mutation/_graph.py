"""
The edits of transitions, stages, and of the definition as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise

import attrs

from ..._model.definition import SAME, Deadline, Definition, EffectUse, Stage, Transition
from ._edit import Edit, replaced
from ._guards import Known, guards_edits


def definition_edits(
    definition: Definition, known: Known, ids: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, Edit[Definition]]]:
    """
    Yield each edit of a definition with the id of the stage or transition that it is in, in the order of the file.

    Args:
        ids: of the guard uses, by transition.
    """
    for index, stage in enumerate(definition.stages):
        for edit in _stage_edits(stage):
            yield stage.id, edit.inside(f"stages[{index}]", partial(_staged, definition, index))
    for index, transition in enumerate(definition.transitions):
        path, said = f"transitions[{index}]", {"transition": transition.id}
        for each_edit in _transition_edits(transition, definition, known, ids[transition.id]):
            yield transition.id, each_edit.inside(path, partial(_with, definition, index), **said)
        yield transition.id, Edit("transition_removed", path, "removed", _with(definition, index), said)
    yield from _order_edits(definition)


def _with(definition: Definition, index: int, *by: Transition) -> Definition:
    return attrs.evolve(definition, transitions=replaced(definition.transitions, index, *by))


def _stage_edits(stage: Stage) -> Iterator[Edit[Stage]]:
    for index, deadline in enumerate(stage.deadlines):
        path = f".deadlines[{index}]"
        said = {"stage": stage.id, "deadline": deadline.id, "after": str(deadline.after)}
        yield Edit("deadline_dropped", path, "dropped", _timed(stage, index), said)
        for edit in _effects_edits(deadline.effects):
            yield edit.inside(path, partial(_with_effects, stage, index), owner=f"{stage.id}.{deadline.id}")


def _staged(definition: Definition, index: int, stage: Stage) -> Definition:
    return attrs.evolve(definition, stages=replaced(definition.stages, index, stage))


def _with_effects(stage: Stage, index: int, effects: tuple[EffectUse, ...]) -> Stage:
    return _timed(stage, index, attrs.evolve(stage.deadlines[index], effects=effects))


def _timed(stage: Stage, index: int, *by: Deadline) -> Stage:
    return attrs.evolve(stage, deadlines=replaced(stage.deadlines, index, *by))


def _effects_edits(uses: Sequence[EffectUse]) -> Iterator[Edit[tuple[EffectUse, ...]]]:
    for index, use in enumerate(uses):
        yield Edit("effect_dropped", f".effects[{index}]", "dropped", replaced(uses, index), {"effect": use.use})


def _transition_edits(
    transition: Transition, definition: Definition, known: Known, ids: Sequence[str]
) -> Iterator[Edit[Transition]]:
    for edit in guards_edits(transition.guards, ids, known):
        yield edit.inside("", lambda made: attrs.evolve(transition, guards=made))
    for each_edit in _effects_edits(transition.effects):
        yield each_edit.inside("", lambda made: attrs.evolve(transition, effects=made), owner=transition.id)
    yield from _outcome_edits(transition, definition.outcomes)
    yield from _target_edits(transition, [stage.id for stage in definition.stages])
    if len(transition.source) > 1:
        for index, stage in enumerate(transition.source):
            made = attrs.evolve(transition, source=replaced(transition.source, index))
            yield Edit("source_dropped", ".source", f"-{stage}", made, {"before": stage})


def _outcome_edits(transition: Transition, outcomes: Sequence[str]) -> Iterator[Edit[Transition]]:
    before = transition.outcome
    if isinstance(before, str):
        for other in _after(before, outcomes[1:]):  # a final stage may settle the first one, so that nothing changes
            made = attrs.evolve(transition, outcome=other)
            yield Edit("outcome_changed", ".outcome", other, made, {"before": before, "value": other})
    elif before is not None and len(before) > 1:
        for index, one in enumerate(before):
            made = attrs.evolve(transition, outcome=replaced(before, index))
            yield Edit("outcome_dropped", ".outcome", f"-{one}", made, {"before": one})


def _target_edits(transition: Transition, stages: Sequence[str]) -> Iterator[Edit[Transition]]:
    before = transition.target
    if before is None:
        return
    stays = transition.source if before == SAME else ()
    for other in _after(before, stages):
        if other not in stays:
            made = attrs.evolve(transition, target=other)
            yield Edit("target_changed", ".target", other, made, {"before": before, "value": other})


def _after(one: str, several: Sequence[str]) -> list[str]:
    """
    Return the others, beginning with the one after *one* and going round.
    """
    at = several.index(one) + 1 if one in several else 0
    return [other for other in (*several[at:], *several[:at]) if other != one]


def _order_edits(definition: Definition) -> Iterator[tuple[str, Edit[Definition]]]:
    by_trigger: dict[str, list[int]] = {}
    for index, transition in enumerate(definition.transitions):
        by_trigger.setdefault(transition.trigger, []).append(index)
    for trigger, places in by_trigger.items():
        for first, second in pairwise(places):
            before, other = definition.transitions[first], definition.transitions[second]
            if set(before.source) & set(other.source):
                made = _with(definition, first, other)
                made = _with(made, second, before)
                said = {"trigger": trigger, "before": before.id, "value": other.id}
                yield before.id, Edit("order_swapped", f"transitions[{first}]", f"after-{other.id}", made, said)
