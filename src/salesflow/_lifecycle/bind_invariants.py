"""
Binds the invariants of a definition and the preconditions of its transitions, which tests prove.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._definition.report import Fault, fault
from .._model.definition import Definition
from .._model.frozen import FrozenDict
from .._model.predicate import Compare, Junction, Predicate
from ..errors import nearest
from .bind_guards import DeclaredNames, typed_predicate


def bind_invariants(definition: Definition, declared: DeclaredNames, faults: list[Fault]) -> Mapping[str, Predicate]:
    """
    Return by id what must be true of every project, wherever it stands; what is wrong is added to *faults*.
    """
    found: dict[str, Predicate] = {}
    for index, invariant in enumerate(definition.invariants):
        path = f"invariants[{index}]"
        holds = typed_predicate(invariant.holds, declared, f"{path}.holds", faults)
        faults += [
            fault(f"{path}.stages", "stage.unknown", name=name, near=nearest(name, declared.stages))
            for name in invariant.stages
            if name not in declared.stages and not declared.unread_parts.may_hold("stages", name)
        ]
        elsewhere = Compare("stage", "not_in", invariant.stages)
        found[invariant.id] = Junction("any", (elsewhere, holds)) if invariant.stages else holds
    return FrozenDict(found)


def bind_preconditions(definition: Definition, declared: DeclaredNames, faults: list[Fault]) -> Mapping[str, Predicate]:
    """
    Return by transition what must be true of a project whenever it is allowed; what is wrong is added to *faults*.
    """
    return FrozenDict(
        {
            each.id: typed_predicate(each.precondition, declared, f"transitions[{index}].precondition", faults)
            for index, each in enumerate(definition.transitions)
            if each.precondition is not None
        }
    )
