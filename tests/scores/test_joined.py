"""
Scores made of others: weighting, the union of signals, and health.
"""

from __future__ import annotations

import math
from datetime import timedelta

import attrs
import pytest
from hypothesis import given, strategies as st

from salesflow import Stage
from salesflow.dossier import Activity
from salesflow.scores import Score, health, noisy_or, weighted
from salesflow.typing import Finding

from .factory import STAGES, Deals, ask, shares


def scored(**values):
    deals = Deals()
    return deals.context(deals.deal("A"), scores={name: Score(name, value) for name, value in values.items()})


def test_weighted():
    """
    Scores are taken in their own range, with their weights rescaled to 1.
    """
    ctx = scored(a=50.0, b=0.0)
    ctx = ctx._replace(scores={**ctx.scores, "c": Score("c", 0.8, high=1.0), "d": Score("d", 0.0, low=-1.0, high=1.0)})
    score = ask(weighted, ctx, parts={"a": 1, "b": 1, "c": 2, "d": 4})

    assert 51.25 == score.value
    assert {"a": 6.25, "b": 0.0, "c": 20.0, "d": 25.0} == shares(score)


@pytest.mark.parametrize("partial", [False, True])
def test_a_part_is_missing(partial):
    """
    Without a part there is no value, unless the definition says to go on without it.
    """
    ctx = scored(a=50.0, b=None)
    score = ask(weighted, ctx, parts={"a": 1, "b": 1, "c": 1}, partial=partial)

    assert (50.0 if partial else None, "" if partial else "parts.missing") == (score.value, score.code)
    assert ("b", "c") == score.evidence["missing"]


def test_nothing_is_left():
    """
    Where every part that weighs something is missing, there is no value in any case.
    """
    score = ask(weighted, scored(a=50.0), parts={"a": 0, "b": 1}, partial=True)
    endless = Score("v", 2.0, high=math.inf)

    assert (None, "parts.missing") == (score.value, score.code)
    assert None is endless.ratio


def test_parameters():
    """
    Weights that make no mean, and parts of health that there are not, are refused when the scorer is built.
    """
    for kind, params in [
        (weighted, {"parts": {}}),
        (health, {"weights": {"safety": 1}}),
        (health, {"weights": dict.fromkeys(["safety", "progress", "engagement", "qualification"], 0)}),
        (health, {"quiet_days": 0}),
    ]:
        with pytest.raises(ValueError, match=r"not all 0|at least 1"):
            ask(kind, None, **params)


ratios = st.dictionaries(st.sampled_from("abcd"), st.none() | st.floats(0, 100), min_size=1)


@given(
    ratios, st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9), min_size=1).filter(lambda w: sum(w.values()))
)
def test_weighted_laws(values, weights):
    """
    A value lies between the least and the greatest part, and is the sum of what the parts add.
    """
    score = ask(weighted, scored(**values), parts=weights, partial=True)
    known = [values[name] for name in weights if values.get(name) is not None and weights[name]]

    assert bool(known) == (score.value is not None)
    assert (score.value or 0.0) == pytest.approx(sum(part.share for part in score.contributions), abs=0.006)
    assert not known or min(known) - 0.006 <= score.value <= max(known) + 0.006


signals = st.lists(st.floats(0, 1), max_size=8)


@given(signals, st.floats(0, 1))
def test_noisy_or_laws(given_signals, more):
    """
    More signals only raise it, never above 1; their order does not matter.
    """
    value = noisy_or(tuple(given_signals))

    assert 0 <= value <= noisy_or((*given_signals, more)) + 1e-12 <= 1 + 2e-12
    assert value == pytest.approx(noisy_or(tuple(reversed(given_signals))))


def test_noisy_or():
    """
    Signals of 0.3, 0.5 and 0.2 say 72 per cent together.
    """
    assert 72.0 == round(100 * noisy_or((0.3, 0.5, 0.2)), 2)


FOUND = (Finding("a", "fired", signal=0.3), Finding("b", "fired", signal=0.5), Finding("c", "clear"))


def test_health():
    """
    The four parts with their published weights: 0.35 of 0.35, 0.25 of 0.5, 0.20 of 0.8 and 0.20 of 0.6.
    """
    deals = Deals()
    deals.deal("A", (4, "make"))
    ctx = deals.context("A", 10, findings=FOUND, scores={"meddpicc": Score("meddpicc", 60.0)})
    score = ask(health, ctx)

    assert {"safety": 12.25, "progress": 12.5, "engagement": 16.0, "qualification": 12.0} == shares(score)
    assert 52.75 == score.value


def test_health_of_what_is_known():
    """
    Without findings and card, progress by the place in the file and engagement have all the weight.
    """
    stages = tuple(attrs.evolve(stage, probability=None) for stage in STAGES)
    deals = Deals(stages=stages)
    deals.deal("A", (0, "make"))
    unsure = (Finding("a", "unknown", code="x"),)
    score = ask(health, deals.context("A", 15, findings=unsure))

    assert {"safety": 0.0, "progress": 27.78, "engagement": 22.22, "qualification": 0.0} == shares(score)
    assert ("safety", "qualification") == score.evidence["missing"]
    assert isinstance(stages[0], Stage)


def test_engagement():
    """
    A done activity counts from its day on; a planned one, one of tomorrow and one without a day do not.
    """
    deals = Deals()
    at = deals.at(20)
    done = Activity("a", status="done", at=at)
    deals.deal(
        "A",
        entries=[
            done,
            attrs.evolve(done, id="b", status="planned", at=at + timedelta(days=8)),
            attrs.evolve(done, id="c", at=at + timedelta(days=12)),
            attrs.evolve(done, id="d", at=None),
        ],
    )
    found = [ask(health, deals.context("A", day), weights=ENGAGEMENT).value for day in (20, 26, 49, 99)]

    assert [100.0, 80.0, 43.33, 0.0] == found


ENGAGEMENT = {"safety": 0, "progress": 0, "engagement": 1, "qualification": 0}


def test_health_on_hold():
    """
    A rest is no lack of engagement, and the stage that it interrupts tells the progress.
    """
    deals = Deals()
    deals.deal("A", (1, "make"), (2, "pause"))
    score = ask(health, deals.context("A", 90))

    assert (50.0, ("safety", "engagement", "qualification")) == (score.value, score.evidence["missing"])


def test_health_of_the_closed():
    """
    A closed project has no health.
    """
    deals = Deals()

    assert None is ask(health, deals.context(deals.won("A")))
