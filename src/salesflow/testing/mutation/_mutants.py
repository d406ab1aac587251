"""
The mutants of a definition: every edit that gives another definition, once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import Final, cast

import attrs

from ..._definition.digest import digest_of
from ..._definition.expand import guard_lists
from ..._definition.reader import read_definition
from ..._definition.report import Fault, PartialDefinition, line_of
from ..._model.definition import Definition, walk_uses
from ..._model.frozen import noun
from ..._model.values import Label
from ...errors import InputError, nearest, say
from ...plugins._loading import Source, build_lifecycle, check_definition
from ...plugins._registry import Plugins
from ._edit import Edit, EditScope, definition_edits
from ._words import KINDS, TEXTS, Kind


_FIRST_ONLY: Final = ("outcome_changed", "target_changed")
_OWNER: Final = re.compile(r"\w+\[\d+\]|rules\.\w+")


@noun
class Mutant:
    """
    A definition with one thing changed.

    Attributes:
        id: stable as long as the definition stays the same: ``win.guards[0].fields:-amount``.
        kind: the kind of change: ``guard_dropped``, ``target_changed`` and so on.
        path: where in the definition: ``transitions[2].guards[0].fields``.
        line: of that place, or of the nearest place around it; ``None`` unless the source is TOML.
        text: what it does, in both languages.
        wanted: what a test would have to show to distinguish it from the original, in both languages.
        definition: the changed definition.
        faults: why it cannot be built; such a mutant is stillborn, and never run.
    """

    id: str
    kind: Kind
    path: str
    line: int | None
    text: Label
    wanted: Label
    definition: Definition = attrs.field(repr=False)
    faults: tuple[Fault, ...] = ()

    @property
    def stillborn(self) -> bool:
        """
        Whether it cannot be built.
        """
        return bool(self.faults)


def mutants(
    definition: Source, *, plugins: Plugins | Iterable[object] = (), only: Iterable[str] = ()
) -> tuple[Mutant, ...]:
    """
    Return the mutants of a definition, in the order of its stages and transitions.

    Each differs from the original in one thing, and none is proven to decide like the original or like an earlier
    mutant. Of the other outcomes and the other targets of a transition, only the first that can be built is taken.

    Args:
        definition: the name of a lifecycle, a file, a text, data, or a definition.
        plugins: the plugins that bring guards and effects it names, besides the built-in plugins.
        only: the kinds to make; without any, all kinds.

    Raises:
        DefinitionError: if the original cannot be built.
        InputError: for an unknown kind.
    """
    found = plugins if isinstance(plugins, Plugins) else Plugins(*plugins)
    kinds = tuple(only)
    for kind in kinds:
        if kind not in KINDS:
            raise InputError("kind of mutants", kind, say("input.look_up", known=KINDS, near=nearest(kind, KINDS)))
    draft = read_source(definition, found)
    edits = _distinct(_edits(draft.definition, found), draft.definition)
    made = (_mutant(owner, edit, draft, found) for owner, edit in edits if not kinds or edit.kind in kinds)
    groups = groupby(made, key=lambda mutant: (mutant.kind, mutant.path))
    return tuple(mutant for _, group in groups for mutant in _chosen(group))


def read_source(source: Source, plugins: Plugins) -> PartialDefinition:
    """
    Return a definition with its lines.

    Raises:
        DefinitionError: if it cannot be built.
    """
    build_lifecycle(source, plugins=plugins)
    return read_definition(plugins.lifecycles.get(source, source) if isinstance(source, str) else source)


def _edits(definition: Definition, plugins: Plugins) -> Iterator[tuple[str, Edit[Definition]]]:
    scope = EditScope(plugins.contributions.guards, plugins.contributions.effects, _roles(definition))
    return definition_edits(definition, scope)


def _roles(definition: Definition) -> tuple[str, ...]:
    """
    Return every role that a guard of the definition asks for, in its order.
    """
    uses = walk_uses(use for _, listed in guard_lists(definition) for use in listed)
    asked = (cast("tuple[str, ...]", each) for use in uses if isinstance(each := use.params.get("roles"), tuple))
    return tuple(dict.fromkeys(role for roles in asked for role in roles))


def _mutant(owner: str, edit: Edit[Definition], draft: PartialDefinition, plugins: Plugins) -> Mutant:
    below = _OWNER.sub("", edit.path, count=1)
    text, wanted = (
        Label(label.en.format_map(edit.words), label.zh.format_map(edit.words)) for label in TEXTS[edit.kind]
    )
    faults = check_definition(edit.made, plugins=plugins).faults
    line = line_of(edit.path, draft.lines)
    return Mutant(f"{owner}{below}:{edit.key}", edit.kind, edit.path, line, text, wanted, edit.made, faults)


def _distinct(
    edits: Iterable[tuple[str, Edit[Definition]]], original: Definition
) -> Iterator[tuple[str, Edit[Definition]]]:
    """
    Yield the edits whose definitions decide like neither the original nor an earlier edit.
    """
    seen = {_identity(original)}
    for owner, edit in edits:
        identity = _identity(edit.made)
        if identity not in seen:
            seen.add(identity)
            yield owner, edit


def _identity(definition: Definition) -> tuple[str, ...]:
    # What no file can hold has no digest. An empty rule decides like none, but cannot be built.
    empty = (name for name, guards in definition.rules.items() if not guards)
    return (digest_of(definition) or repr(definition), *empty)


def _chosen(group: Iterator[Mutant]) -> Iterable[Mutant]:
    """
    Return the mutants of one kind at one place, or only the first that can be built where the others add nothing.
    """
    first = next(group)
    if first.kind not in _FIRST_ONLY:
        return chain([first], group)
    return [next((mutant for mutant in chain([first], group) if not mutant.stillborn), first)]
