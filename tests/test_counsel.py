"""
The advising half of a pipeline: at which time, over which projects, and with which findings.
"""

from __future__ import annotations

import pytest

from salesflow import Pipeline
from salesflow.dossier import Scorecard, ScoreItem
from salesflow.errors import InputError, UnknownProjectError
from salesflow.scores import Score, bant, health, stage_conversion
from salesflow.stores import MemoryStore

from .equipment import Clock
from .pipeline_factory import LEAD, SHORT, opened
from .scores.factory import Deals


def test_scores_of_the_past():
    """
    At a time in the past the project is scored as it stood then, with the facts up to then.
    """
    deals = Deals(bant(), health())
    deals.deal("A")
    card = Scorecard("bant", [ScoreItem("need", 1)])
    deals.pipeline.add("A", card, at=deals.at(5), ahead=True)
    deals.pipeline.fire("A", "make", at=deals.at(6), ahead=True)
    values = [[score.value for score in deals.pipeline.score("A", at=deals.at(day))] for day in (2, 5, 21)]

    assert [[None, 41.48], [25.0, 37.04], [25.0, 50.0]] == values


def test_before_there_was_anything():
    """
    Before a project was opened there is nothing to score.
    """
    deals = Deals(bant())
    deals.deal("A", opened=3)
    with pytest.raises(InputError) as caught:
        deals.pipeline.score("A", at=deals.at(1))

    assert "It was opened later." in str(caught.value)


def test_unknown_project():
    """
    A project that is not there is told, and not scored as nothing.
    """
    with pytest.raises(UnknownProjectError):
        Deals().pipeline.score("nobody")


def test_at_the_clock():
    """
    Without a time the clock's is taken, read once.
    """
    clock = Clock()
    pipeline = Pipeline(SHORT, clock=clock, actor=LEAD, scorers=[lambda ctx: Score("at", 0.0, evidence={"at": ctx.at})])
    opened(pipeline)
    clock.reads = 0
    later = clock.later()
    (score,) = pipeline.score("P-1")

    assert (later, 1) == (score.evidence["at"], clock.reads)


def test_norms_of_the_own_lifecycle():
    """
    Histories and norms are of one lifecycle, over as many pages as the store has; other projects are not looked at.
    """
    store = MemoryStore()
    deals = Deals(stage_conversion(), store=store)
    other = Pipeline(SHORT, store=store, clock=Clock(), actor=LEAD)
    opened(other, "X-1")
    for number in range(501):
        deals.deal(f"N-{number:03}")
    deals.won("P-1")
    norms = deals.pipeline.norms(deals.pipeline.lifecycle)
    (score,) = deals.pipeline.score("N-000", norms=norms)

    assert (501, 1, 2 / 3) == (norms.stages["new"].open, norms.stages["new"].reached, score.value)
    assert 502 == sum(1 for _ in deals.pipeline.histories())
    assert ["X-1"] == [history[0].project_id for history in other.histories()]
