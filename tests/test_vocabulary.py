"""
The words of the library have names for people, in both languages, and messages use them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import attrs

from salesflow import dossier, guards, load_definition, risks, scores
from salesflow.dossier import name_of
from salesflow.templates import BUILT_IN
from salesflow.typing import GuardUse


PARTS = (
    dossier.AppraisalCriterion,
    dossier.ChecklistItem,
    dossier.GateCondition,
    dossier.KpiValue,
    dossier.ScoreItem,
)
"""The classes whose values are parts of entries."""


def choices(hint: Any) -> Iterator[str]:
    """
    Yield the choices that a type hint offers, but for the blank one.
    """
    if get_origin(hint) is Literal:
        yield from (each for each in get_args(hint) if isinstance(each, str) and each)
    for part in get_args(hint):
        yield from choices(part)


def uses(several: Iterable[GuardUse]) -> Iterator[GuardUse]:
    """
    Yield uses of guards, with those that a combinator joins.
    """
    for use in several:
        yield use
        yield from uses(use.guards)


def words() -> Iterator[tuple[str, str]]:
    """
    Yield every word that has to have a name, with its sort.
    """
    for kind in (*dossier.BUILT_IN, *PARTS):
        if hasattr(kind, "kind"):
            yield "entry", kind.kind
        hints = get_type_hints(kind)
        for each in attrs.fields(kind):
            yield "attribute", each.name
            yield from (("choice", choice) for choice in choices(hints[each.name]))
    for template in BUILT_IN:
        definition = load_definition(template)
        for use in uses(each for transition in definition.transitions for each in transition.guards):
            yield from (("role", each) for each in use.params.get("roles", ()))
            if use.use == "approval":
                yield "approval", use.params["name"]
        for stage in definition.stages:
            yield from (("artefact", each) for each in (*stage.produces, *stage.requires))
            yield from (("deadline", each.id) for each in stage.deadlines)
    yield from (("guard", each.name) for each in guards.BUILT_IN)
    yield from (("advice", each.name) for each in (*scores.BUILT_IN, *risks.BUILT_IN))


def test_every_word_has_a_name():
    """Kinds, attributes, choices, types of artefacts, deadlines and guards have labels in English and Chinese."""
    assert [] == sorted({word for word in words() if name_of(*word).missing()})
