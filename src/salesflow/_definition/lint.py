"""
What a definition can be built with, but should not be left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from .._model.definition import Definition, Transition, walk_uses
from .._model.values import Label
from .edges import edges_of
from .report import Fault


def check_warnings(definition: Definition) -> Iterator[Fault]:
    """
    Yield every warning.
    """
    yield from _shadowed(definition)
    yield from _unbudgeted(definition)
    yield from _untranslated(definition)
    yield from _falling(definition)


def _warning(path: str, code: str, text: str, hint: str) -> Fault:
    return Fault(path, code, text, hint, severity="warning")


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


def _labels(definition: Definition) -> Iterator[tuple[str, Label]]:
    yield "label", definition.label
    yield "description", definition.description
    for index, field in enumerate(definition.fields):
        yield f"fields[{index}].label", field.label
    for index, stage in enumerate(definition.stages):
        yield f"stages[{index}].label", stage.label
        yield f"stages[{index}].guidance", stage.guidance
    for index, transition in enumerate(definition.transitions):
        yield f"transitions[{index}].label", transition.label
    for index, warning in enumerate(definition.warnings):
        yield f"warnings[{index}].action", warning.action


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
