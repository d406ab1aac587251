"""
Scorecards: weights, evidence, must-meet questions, and what is not filled in.
"""

from __future__ import annotations

from inspect import signature

import pytest
from hypothesis import given, strategies as st

from salesflow.dossier import Scorecard, ScoreItem
from salesflow.scores import bant, feasibility, meddpicc, scorecard

from ..cases import over_cases
from .factory import Deals, ask, shares


MEDDPICC = signature(meddpicc.factory).parameters["weights"].default


def filled(card, *items):
    """What a scorer of a deal with this card is asked with."""
    deals = Deals()
    return deals.context(deals.deal("A", entries=[Scorecard(card, items)]))


def marks(evidence="", **given):
    return [ScoreItem(name, mark, evidence=evidence) for name, mark in given.items()]


@over_cases(("mark", "value"), [(0, 0.0), (1, 33.33), (2, 66.67), (3, 100.0)])
def test_meddpicc(mark, value):
    """
    All items at one level make that level of 3.
    """
    card = filled("meddpicc", *marks("minutes of 3 March", **dict.fromkeys(MEDDPICC, mark)))

    assert value == ask(meddpicc, card).value


def test_meddpicc_weights():
    """
    Each item adds its weight times its level of 3: 15 for a confirmed champion, 3.33 for an identified competitor.
    """
    score = ask(meddpicc, filled("meddpicc", *marks("call", champion=3, metrics=2, competition=1)))
    adds = {factor: share for factor, share in shares(score).items() if share}

    assert (28.33, {"metrics": 10.0, "champion": 15.0, "competition": 3.33}) == (score.value, adds)
    assert None is score.contributions[1].value
    assert 100 == sum(MEDDPICC.values())


def test_meddpicc_needs_evidence():
    """
    Validated and confirmed without evidence count as identified, and the card says so in both languages.
    """
    score = ask(meddpicc, filled("meddpicc", *marks("  ", champion=3, metrics=1)))
    champion = next(part for part in score.contributions if part.factor == "champion")

    assert (10.0, 3.0, 5.0) == (score.value, champion.value, champion.share)
    assert "a mark above 1 needs evidence, so it counts 1" == champion.note.text()
    assert "高于 1 的评分需有依据，故按 1 计" == champion.note.text("zh")


@over_cases(
    ("given", "value"),
    [
        ({"budget": 1, "authority": "0.5", "need": 1, "timing": 0}, 62.5),
        ({"budget": 1, "authority": 1, "need": 1, "timing": 1}, 100.0),
        ({"budget": 1, "authority": 1, "timing": 1}, None),
        ({"budget": 1, "need": 0}, None),
    ],
)
def test_bant(given, value):
    """
    BANT is 25 times the sum of its marks, and nothing without a need.
    """
    assert value == ask(bant, filled("bant", *marks(**given))).value


@pytest.mark.requirement("E07")
def test_feasibility():
    """
    The feasibility card weighs necessity and feasibility a quarter each, and asks for both.
    """
    given = {"necessity": 80, "feasibility": 60, "customer_budget": 100, "fit": 40, "winnability": 50}
    score = ask(feasibility, filled("feasibility", *marks(**given)))

    assert 66.0 == score.value
    assert {"necessity": 20.0, "feasibility": 15.0, "customer_budget": 15.0, "fit": 6.0, "winnability": 10.0} == shares(
        score
    )
    assert 80.0 == ask(feasibility, filled("feasibility", *marks(necessity=80)), weights={"necessity": 2.0}).value


def test_must_meet():
    """
    A question that must be met is met by a yes, or by a mark above 0; else the card does not count.
    """
    fit, legal = ScoreItem("fit", 50), ScoreItem("legal", 100, met=False)
    card = filled("gate", fit, legal, ScoreItem("safe", 0, met=True), ScoreItem("paid", 0))
    score = ask(
        scorecard,
        card,
        card="gate",
        weights={"fit": 1, "legal": 1, "safe": 0, "paid": 0},
        must=("legal", "safe", "paid", "fit"),
    )

    assert (None, "card.unmet", ("legal", "paid")) == (score.value, score.code, score.evidence["unmet"])
    assert "The scorecard gate does not count while these are not met: legal, paid." == score.message()
    assert "以下必备项未满足，评分卡 gate 不计分：legal、paid。" == score.message("zh")


def test_no_card():
    """
    A card that is not filled in has no value, which is not 0.
    """
    deals = Deals()
    score = ask(bant, deals.context(deals.deal("A")))

    assert (None, "card.missing", "The scorecard bant is not filled in.") == (score.value, score.code, score.message())


def test_mark_above_the_scale():
    """
    A mark above the scale counts as the best one, and the card says so.
    """
    (part,) = ask(
        scorecard, filled("gate", ScoreItem("fit", 80)), card="gate", weights={"fit": 1}, scale=5
    ).contributions

    assert (80.0, 100.0, "the best mark is 5, so it counts 5") == (part.value, part.share, part.note.text())
    assert "满分为 5，故按 5 计" == part.note.text("zh")


@over_cases(
    ("change", "said"),
    [
        ({"weights": {}}, "name at least one"),
        ({"weights": {"fit": 0}}, "not all 0"),
        ({"weights": {"fit": 2, "need": -1}}, "each 0 or more"),
        ({"weights": {"fit": float("nan")}}, "each 0 or more"),
        ({"scale": 0}, "above 0 and at most 100"),
        ({"evidence_above": 101}, "between 0 and the scale"),
        ({"must": ("need",)}, "must names need"),
    ],
)
def test_parameters(change, said):
    """
    Weights, scale, evidence and must-meet items that make no card are refused when it is built.
    """
    with pytest.raises(ValueError, match=said):
        ask(scorecard, None, **{"card": "gate", "weights": {"fit": 1}, **change})


weights = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 50), min_size=1).filter(
    lambda found: sum(found.values())
)


@given(weights, st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 10)), st.integers(1, 9))
def test_laws(weighted, given, factor):
    """
    A value lies in its range and is the sum of what its items add; only the ratio of weights matters.
    """
    card = filled("gate", *marks("seen", **given))
    score = ask(scorecard, card, card="gate", weights=weighted, scale=10)
    scaled = ask(scorecard, card, card="gate", weights={name: factor * w for name, w in weighted.items()}, scale=10)

    assert 0 <= score.value <= 100
    assert score.value == pytest.approx(sum(part.share for part in score.contributions), abs=0.006)
    assert score.value == pytest.approx(scaled.value, abs=0.011)
