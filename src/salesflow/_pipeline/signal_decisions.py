"""
Signals that a move decides: the signals that offered its trigger.
"""

from __future__ import annotations

from typing import Any

import attrs

from .._model.facts import EntryPut
from .._model.project import Project
from .recorder import Moment


def decided_signals(moment: Moment[Project], trigger: str, transition: str) -> tuple[EntryPut, ...]:
    """
    Return the signals that offered a trigger, now that it is taken: that is what was decided on them.
    """
    held: list[Any] = [each.entry for each in moment.project.held("signal").values()]
    waiting = [each for each in held if each.offers == trigger and each.decided_at is None]
    at, by = moment.at, moment.who.name
    return tuple(
        EntryPut(attrs.evolve(each, decided_at=max(at, each.seen_at or at), decided_by=by, decision=transition))
        for each in waiting
    )
