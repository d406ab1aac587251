"""
A quick check that every store can keep a fact, without encoding it; nearly all facts pass it.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from .._model.facts import DeadlineMoved, EntryMoved, Fact, FieldSet, Opened, Transitioned
from .._model.values import Money


_FEW: Final = 500  # so many passes or small values stay far below the limit of a fact
_SHORT: Final = 8192  # so do so many characters
_LARGE: Final = 2**53  # whole numbers below it are kept by every store
_SELDOM: Final = frozenset({DeadlineMoved, EntryMoved})
_SMALL: Final = frozenset({bool, date, None.__class__})


def is_light(fact: Fact) -> bool:  # noqa: C901 -- every commit asks, so nothing of it is a call
    """
    Tell whether there is nothing in a fact but short texts, small values and passes, which every store can keep.
    """
    body: Any = fact.body
    text = fact.key or ""
    if body.__class__ is Transitioned:
        if body.overrides or len(body.verdicts) > _FEW:
            return False
        for each in body.verdicts:
            if each.status != "pass" or each.evidence or each.missing or each.inner or each.error is not None:
                return False
        if body.reason:
            text += body.reason
        elif not text and not body.changes:
            return True
    elif body.__class__ is Opened:
        text += body.name
    elif body.__class__ in _SELDOM:
        return False
    for change in body.changes:
        value: Any = change.value if change.__class__ is FieldSet else change
        kind = value.__class__
        if kind is str:
            text += value
        elif kind is Money:
            text += str(value.amount)
        elif kind not in _SMALL and not (kind is int and -_LARGE < value < _LARGE):
            return False
    # Nothing printable is U+0000 or half a character.
    return len(body.changes) < _FEW and len(text) < _SHORT and text.isprintable()
