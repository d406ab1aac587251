"""
The edits of the guards of a transition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from ..._lifecycle.bind_guards import COMBINATORS
from ..._model.definition import GuardUse, Transition
from ..._model.predicate import Junction, Predicate, to_data
from ...guards import Guard
from ._edit import Edit, put_at, shown
from ._params import param_edits


_OTHER_COMBINATOR: Final[Mapping[str, str]] = {"all_of": "any_of", "any_of": "all_of"}
_NEGATED: Final[Mapping[str, str]] = {"any_of": "none_of", "none_of": "any_of"}


@attrs.frozen
class GuardScope:
    """
    The names that edits of guard uses draw on.

    Attributes:
        guards: the guards by name.
        roles: every role that the definition names.
    """

    guards: Mapping[str, Guard[Any]]
    roles: tuple[str, ...]


def guards_edits(transition: Transition, ids: Sequence[str], scope: GuardScope) -> Iterator[Edit[Transition]]:
    """
    Yield the edits of the guards of a transition.

    Args:
        ids: the ids of the uses. An edit keeps them, also those that come from the order of the uses, so
            that it changes one thing.
    """
    uses = [use.but(id=use_id) for use, use_id in zip(transition.guards, ids, strict=True)]
    named = attrs.evolve(transition, guards=uses)
    for index, (use, use_id) in enumerate(zip(uses, ids, strict=True)):
        path, put, words = f".guards[{index}]", put_at(named, "guards", index), {"guard": use_id}
        yield Edit("guard_dropped", path, "dropped", put(), words)
        for edit in (*_use_edits(use, scope), *_severity_edits(use)):
            yield edit.inside(path, put, **words)


def _severity_edits(use: GuardUse) -> Iterator[Edit[GuardUse]]:
    if use.severity == "block":
        yield Edit("severity_lowered", ".severity", "warn", use.but(severity="warn"))
        if not use.override:
            yield Edit("override_allowed", ".override", "true", use.but(override=True))


def _use_edits(use: GuardUse, scope: GuardScope) -> Iterator[Edit[GuardUse]]:
    """
    Yield the edits that apply to joined guards as well.
    """
    yield Edit("guard_negated", "", "negated", _negation(use))
    yield from _when_edits(use)
    if use.use in COMBINATORS:
        yield from _joined_edits(use, scope)
    else:
        guard = scope.guards[use.use]
        yield from param_edits(use, guard.factory, scope.roles)


def _negation(use: GuardUse) -> GuardUse:
    if use.use in _NEGATED:
        return attrs.evolve(use, use=_NEGATED[use.use])
    inner = GuardUse(use.use, use.params, guards=use.guards)
    return attrs.evolve(use, use="none_of", params={}, guards=(inner,))


def _when_edits(use: GuardUse) -> Iterator[Edit[GuardUse]]:
    if use.when is not None:
        words = {"when": shown(to_data(use.when))}
        yield Edit("when_dropped", ".when", "dropped", use.but(when=None), words)
        yield Edit("when_negated", ".when", "negated", use.but(when=_opposite(use.when)), words)


def _opposite(predicate: Predicate) -> Predicate:
    if isinstance(predicate, Junction) and predicate.word == "not":
        return predicate.parts[0]
    return Junction("not", (predicate,))


def _joined_edits(use: GuardUse, scope: GuardScope) -> Iterator[Edit[GuardUse]]:
    joined = [
        (f".{use.use}[{index}]", put_at(use, "guards", index), inner, {"guard": inner.id or inner.use})
        for index, inner in enumerate(use.guards)
    ]
    if len(joined) > 1:
        if use.use in _OTHER_COMBINATOR:
            other = _OTHER_COMBINATOR[use.use]
            words = {"before": use.use, "value": other}
            yield Edit("combinator_changed", "", other, attrs.evolve(use, use=other), words)
        for path, put, _, words in joined:
            yield Edit("guard_dropped", path, "dropped", put(), words)
    for path, put, inner, words in joined:
        for edit in _use_edits(inner, scope):
            yield edit.inside(path, put, **words)
