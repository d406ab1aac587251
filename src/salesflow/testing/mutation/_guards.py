"""
The edits of guards: of one use, and of a list of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import attrs

from ..._lifecycle.bind_guards import COMBINATORS
from ..._model.definition import GuardUse
from ..._model.predicate import Junction, Predicate, to_data
from ...guards import Guard
from ._edit import Edit, replaced, told
from ._params import param_edits


_OTHER_WORD: Final[Mapping[str, str]] = {"all_of": "any_of", "any_of": "all_of"}
_NEGATED: Final[Mapping[str, str]] = {"any_of": "none_of", "none_of": "any_of"}


@attrs.frozen
class Known:
    """
    What an edit of a guard use needs besides the use.

    Attributes:
        guards: by name.
        roles: every role that the definition names.
    """

    guards: Mapping[str, Guard[Any]]
    roles: tuple[str, ...]


def guards_edits(uses: Sequence[GuardUse], ids: Sequence[str], known: Known) -> Iterator[Edit[tuple[GuardUse, ...]]]:
    """
    Yield the edits of the guards of a transition.

    Args:
        ids: of the uses. An edit keeps them, also those that come from the order of the uses, so that
            it changes one thing.
    """
    named = [use.but(id=use_id) for use, use_id in zip(uses, ids, strict=True)]
    for index, (use, use_id) in enumerate(zip(named, ids, strict=True)):
        path, said = f".guards[{index}]", {"guard": use_id}
        yield Edit("guard_dropped", path, "dropped", replaced(named, index), said)
        for edit in (*_use_edits(use, known), *_weight_edits(use)):
            yield edit.inside(path, partial(_put, named, index), **said)


def _put(uses: Sequence[GuardUse], index: int, use: GuardUse) -> tuple[GuardUse, ...]:
    return replaced(uses, index, use)


def _join(around: GuardUse, index: int, *by: GuardUse) -> GuardUse:
    return attrs.evolve(around, guards=replaced(around.guards, index, *by))


def _weight_edits(use: GuardUse) -> Iterator[Edit[GuardUse]]:
    if use.severity == "block":
        yield Edit("severity_lowered", ".severity", "warn", use.but(severity="warn"))
        if not use.override:
            yield Edit("override_allowed", ".override", "true", use.but(override=True))


def _use_edits(use: GuardUse, known: Known) -> Iterator[Edit[GuardUse]]:
    """
    Yield the edits that a joined guard can have, too.
    """
    yield Edit("guard_negated", "", "negated", _negation(use))
    yield from _when_edits(use)
    if use.use in COMBINATORS:
        yield from _joined_edits(use, known)
    else:
        guard = known.guards[use.use]
        yield from param_edits(use, guard.factory, known.roles)


def _negation(use: GuardUse) -> GuardUse:
    if use.use in _NEGATED:
        return attrs.evolve(use, use=_NEGATED[use.use])
    inner = GuardUse(use.use, use.params, guards=use.guards)
    return attrs.evolve(use, use="none_of", params={}, guards=(inner,))


def _when_edits(use: GuardUse) -> Iterator[Edit[GuardUse]]:
    if use.when is not None:
        said = {"when": told(to_data(use.when))}
        yield Edit("when_dropped", ".when", "dropped", use.but(when=None), said)
        yield Edit("when_negated", ".when", "negated", use.but(when=_opposite(use.when)), said)


def _opposite(predicate: Predicate) -> Predicate:
    if isinstance(predicate, Junction) and predicate.word == "not":
        return predicate.parts[0]
    return Junction("not", (predicate,))


def _joined_edits(use: GuardUse, known: Known) -> Iterator[Edit[GuardUse]]:
    if len(use.guards) > 1:
        if use.use in _OTHER_WORD:
            other = _OTHER_WORD[use.use]
            said = {"before": use.use, "value": other}
            yield Edit("combinator_changed", "", other, attrs.evolve(use, use=other), said)
        for index, part in enumerate(use.guards):
            said = {"guard": part.id or part.use}
            yield Edit("guard_dropped", f".{use.use}[{index}]", "dropped", _join(use, index), said)
    for index, part in enumerate(use.guards):
        for edit in _use_edits(part, known):
            yield edit.inside(f".{use.use}[{index}]", partial(_join, use, index), guard=part.id or part.use)
