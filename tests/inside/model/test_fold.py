"""
The fold of one fact, and what is proposed to guards.
"""

from __future__ import annotations

import pytest

from salesflow import Fact, replay
from salesflow._model.fold import evolve, propose
from salesflow.errors import SalesflowError
from salesflow.typing import Changed, FieldSet, Opened

from ...cases import over_cases
from ...equipment import HOUR, NOW
from ...pipeline_factory import AMOUNT, LEAD


def fact(body, version=1, project_id="P-1"):
    return Fact(project_id, version, NOW + version * HOUR, LEAD, "short", "1", body)


OPENING = fact(Opened("Core network", "lead", "undecided"))


@over_cases(
    ("body", "version", "project_id"),
    [(Changed(()), 3, "P-1"), (Changed(()), 1, "P-1"), (Changed(()), 2, "P-2")],
    ids=["gap", "repeat", "other project"],
)
def test_facts_follow_each_other(body, version, project_id):
    """
    A fact that does not follow is refused, and both places are named.
    """
    with pytest.raises(SalesflowError) as caught:
        evolve(replay([OPENING]), fact(body, version, project_id))

    assert (
        f"fact {version} of {project_id!r} does not follow version 1 of 'P-1'. "
        "Replay facts of one project in order, without gaps."
    ) == str(caught.value)


def test_propose_does_not_move():
    """
    What guards see has the changes and the outcome, and stands where it stood.
    """
    project = replay([OPENING])
    seen = propose(project, (FieldSet("amount", AMOUNT),), outcome="won", at=NOW, by="li.wei")

    assert ("lead", 1, "won", AMOUNT) == (seen.stage, seen.version, seen.outcome, seen.fields["amount"])
    assert {} == project.fields
