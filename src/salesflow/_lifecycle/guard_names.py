"""
What people call the guards of a transition, for lists of what stopped it: what is asked for, and of what.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .._definition.expand import expanded, use_ids
from .._model.definition import GuardUse
from .._model.parameters import call_factory
from .._model.values import Label
from .._model.vocabulary import name_of
from .lifecycle import Lifecycle


_NAMED: Final = ("artefact", "checklist", "scorecard")
"""The kinds of which a guard asks for a certain entry; what else it asks for is a part of the strategy."""


def guard_label(lifecycle: Lifecycle, transition: str, use_id: str) -> Label:
    """
    Return what people call one use of a guard, such as *fields filled in: Amount*.

    Args:
        lifecycle: that has the transition.
        transition: its id.
        use_id: the id of the use, which may be that of a guard of another version.
    """
    found = (one.guards for one in expanded(lifecycle.definition).transitions if one.id == transition)
    uses = next(found, ())
    use = dict(zip(use_ids(uses), uses, strict=True)).get(use_id) or GuardUse(use_id)
    label, about = name_of("guard", use.use), [*_about(lifecycle, use)]
    if not about:
        return label
    named = (", ".join(each.en for each in about), "、".join(each.text("zh") for each in about))
    return Label(f"{label.en}: {named[0]}", f"{label.text('zh')}：{named[1]}")


def _about(lifecycle: Lifecycle, use: GuardUse) -> Iterator[Label]:
    guard, wording = lifecycle.contributions.guards.get(use.use), lifecycle.wording
    if use.use == "approval":
        yield wording.label("approval", use.params["name"])
    elif guard is not None:
        yield from (wording.label("field", each) for each in call_factory(guard.reads, use.params))
        asked = call_factory(guard.asks, use.params)
        yield from (wording.label(kind if kind in _NAMED else "part", each) for kind, each in asked)
