"""
The edits of stages, transitions, and the definition as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

import attrs

from ..._model.definition import SAME, Deadline, Definition, Stage, Transition
from ._edit import Edit, put_at
from ._guards import GuardScope, guards_edits


Owner = TypeVar("Owner", Deadline, Transition)  # what has effects


def definition_edits(
    definition: Definition, scope: GuardScope, ids: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, Edit[Definition]]]:
    """
    Yield each edit of a definition with the id of the stage or transition it belongs to, in the order of the file.

    Args:
        ids: the ids of the guard uses, by transition.
    """
    for index, stage in enumerate(definition.stages):
        for edit in _stage_edits(stage):
            yield stage.id, edit.inside(f"stages[{index}]", put_at(definition, "stages", index))
    for index, transition in enumerate(definition.transitions):
        path, words, put = (
            f"transitions[{index}]",
            {"transition": transition.id},
            put_at(definition, "transitions", index),
        )
        for each_edit in _transition_edits(transition, definition, scope, ids[transition.id]):
            yield transition.id, each_edit.inside(path, put, **words)
        yield transition.id, Edit("transition_removed", path, "removed", put(), words)
    yield from _order_edits(definition)


def _stage_edits(stage: Stage) -> Iterator[Edit[Stage]]:
    for index, deadline in enumerate(stage.deadlines):
        path, put = f".deadlines[{index}]", put_at(stage, "deadlines", index)
        words = {"stage": stage.id, "deadline": deadline.id, "after": str(deadline.after)}
        yield Edit("deadline_dropped", path, "dropped", put(), words)
        for edit in _effects_edits(deadline, f"{stage.id}.{deadline.id}"):
            yield edit.inside(path, put)


def _effects_edits(owner: Owner, name: str) -> Iterator[Edit[Owner]]:
    for index, use in enumerate(owner.effects):
        words = {"effect": use.use, "owner": name}
        yield Edit("effect_dropped", f".effects[{index}]", "dropped", put_at(owner, "effects", index)(), words)


def _transition_edits(
    transition: Transition, definition: Definition, scope: GuardScope, ids: Sequence[str]
) -> Iterator[Edit[Transition]]:
    yield from guards_edits(transition, ids, scope)
    yield from _effects_edits(transition, transition.id)
    yield from _outcome_edits(transition, definition.outcomes)
    yield from _target_edits(transition, [stage.id for stage in definition.stages])
    if len(transition.source) > 1:
        for index, stage in enumerate(transition.source):
            made = put_at(transition, "source", index)()
            yield Edit("source_dropped", ".source", f"-{stage}", made, {"before": stage})


def _outcome_edits(transition: Transition, outcomes: Sequence[str]) -> Iterator[Edit[Transition]]:
    before = transition.outcome
    if isinstance(before, str):
        for other in _after(before, outcomes[1:]):  # a final stage may settle the first outcome: no change
            made = attrs.evolve(transition, outcome=other)
            yield Edit("outcome_changed", ".outcome", other, made, {"before": before, "value": other})
    elif before is not None and len(before) > 1:
        for index, outcome in enumerate(before):
            made = put_at(transition, "outcome", index)()
            yield Edit("outcome_dropped", ".outcome", f"-{outcome}", made, {"before": outcome})


def _target_edits(transition: Transition, stages: Sequence[str]) -> Iterator[Edit[Transition]]:
    before = transition.target
    if before is None:
        return
    stays = transition.source if before == SAME else ()
    for other in _after(before, stages):
        if other not in stays:
            made = attrs.evolve(transition, target=other)
            yield Edit("target_changed", ".target", other, made, {"before": before, "value": other})


def _after(name: str, names: Sequence[str]) -> list[str]:
    """
    Return the other names, beginning after *name* and going round.
    """
    at = names.index(name) + 1 if name in names else 0
    return [other for other in (*names[at:], *names[:at]) if other != name]


def _order_edits(definition: Definition) -> Iterator[tuple[str, Edit[Definition]]]:
    by_trigger: dict[str, list[int]] = {}
    for index, transition in enumerate(definition.transitions):
        by_trigger.setdefault(transition.trigger, []).append(index)
    for trigger, indices in by_trigger.items():
        for first, second in pairwise(indices):
            before, other = definition.transitions[first], definition.transitions[second]
            if set(before.source) & set(other.source):
                made = put_at(put_at(definition, "transitions", first)(other), "transitions", second)(before)
                words = {"trigger": trigger, "before": before.id, "value": other.id}
                yield before.id, Edit("order_swapped", f"transitions[{first}]", f"after-{other.id}", made, words)
