"""
How good scores are: Brier, base rate, AUC with its interval, calibration, and whether there is a signal at all.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, given, strategies as st

from salesflow.errors import InputError
from salesflow.scores import back_test, evaluate

from ..cases import over_cases
from .factory import record


def test_brier():
    """
    The Brier score is the mean squared error, beside that of the base rate.
    """
    found = evaluate([0.9, 0.6, 0.2, 0.4], [True, True, False, False], base_rate=0.5)

    assert (0.0925, 0.25) == (round(found.brier, 10), found.base)
    assert (1.0, 4, 2) == (found.auc, found.n, found.won)


def test_four_projects_prove_nothing():
    """
    Even a perfect order of four projects is no signal, because chance does that often.
    """
    found = evaluate([0.9, 0.6, 0.2, 0.4], [True, True, False, False], base_rate=0.5)
    low, high = found.interval

    assert (False, True, 1.0) == (found.signal, low < 0.5, high)
    assert found.message().startswith("There is no signal: on 4 projects")
    assert found.message("zh").startswith("没有信号：在 4 个项目上")


def test_signal():
    """
    What tells won from lost in forty projects is a signal.
    """
    found = evaluate([0.8] * 20 + [0.3] * 20, [True] * 18 + [False] * 20 + [True] * 2, base_rate=0.5)

    assert (True, "There is a signal: on 40 projects") == (found.signal, found.message()[:33])
    assert "有信号" == found.message("zh")[:3]


def test_worse_than_the_base_rate_is_no_signal():
    """
    Scores in the right order but far too sure are of no use as probabilities.
    """
    found = evaluate([1.0] * 30 + [0.9] * 70, [True] * 20 + [False] * 10 + [True] * 10 + [False] * 60, base_rate=0.3)

    assert (False, True) == (found.signal, found.interval[0] > 0.5)


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 1.0]), st.booleans()), min_size=2, max_size=40))
def test_laws(pairs):
    """
    The AUC is the share of pairs in the right order, ties half; bins hold every score once; order is no matter.
    """
    won = [came for _, came in pairs]
    assume(any(won) and not all(won))
    scores = [score for score, _ in pairs]
    found = evaluate(scores, won, base_rate=0.5)
    ups, downs = ([score for score, came in pairs if came is side] for side in (True, False))
    right = sum((up > down) + (up == down) / 2 for up in ups for down in downs) / (len(ups) * len(downs))
    again = evaluate(scores[::-1], won[::-1], base_rate=0.5)

    assert right == pytest.approx(found.auc)
    assert (len(pairs), sum(won)) == (
        sum(one.n for one in found.bins),
        round(sum(one.won * one.n for one in found.bins)),
    )
    assert (found.brier, found.auc) == pytest.approx((again.brier, again.auc))


def test_calibration():
    """
    A bin says what was predicted and what happened; empty bins are left out, and the last one holds 1.
    """
    found = evaluate([0.05, 0.05, 1.0], [False, True, True], base_rate=0.5, bins=5)

    assert [(0.0, 0.2, 2, 0.05, 0.5), (0.8, 1.0, 1, 1.0, 1.0)] == [
        (one.low, one.high, one.n, one.predicted, one.won) for one in found.bins
    ]


@over_cases(
    ("scores", "won", "more", "said"),
    [
        ([0.5], [True], {}, "of both kinds"),
        ([0.5, 0.5], [True, True], {}, "2 won of 2"),
        ([0.5], [True, False], {}, "one outcome for each score"),
        ([1.5, 0.5], [True, False], {}, "probabilities from 0 to 1"),
        ([0.5, 0.5], [True, False], {"base_rate": -1}, "probabilities from 0 to 1"),
        ([0.5, 0.5], [True, False], {"bins": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_evaluated(scores, won, more, said):
    """
    Scores without both outcomes, and what is no probability, are refused.
    """
    with pytest.raises(InputError) as caught:
        evaluate(scores, won, **{"base_rate": 0.5, **more})

    assert said in str(caught.value)


def history(n, *, told):
    """Closed projects in which the source tells the outcome, or does not."""
    chance = random.Random(7)
    rows = []
    for number in range(n):
        won = chance.random() < 0.5
        source = ("fair" if won else "web") if told and chance.random() < 0.9 else chance.choice(["fair", "web"])
        rows.append(record(number, "new" if number % 3 or won else "offer", won=won, source=source))
    return rows


@pytest.mark.parametrize("told", [True, False])
def test_back_test(told):
    """
    Fitted to what closed first, the model tells the rest apart where there is something to tell.
    """
    rows = history(400, told=told)
    found = back_test(rows, ("new", "offer"), features=["source"])

    assert (told, 100) == (found.signal, found.n)
    assert found == back_test(rows[::-1], ("new", "offer"), features=["source"])


def test_back_test_at_a_later_stage():
    """
    Lost projects that did not come to the stage get no prediction for it.
    """
    rows = history(400, told=True)
    found = back_test(rows, ("new", "offer"), features=["source"], at_stage="offer")
    came = [one for one in rows[300:] if one.won or one.stage == "offer"]

    assert len(came) == found.n < 100


@over_cases(
    ("rows", "more", "said"),
    [
        (40, {"held_out": 1}, "between 0 and 1"),
        (40, {"at_stage": "ofer"}, "Did you mean 'offer'?"),
        (0, {}, "Back-test with more history"),
    ],
)
def test_what_cannot_be_back_tested(rows, more, said):
    """
    Too little history, an unknown stage, and a share that is none are refused.
    """
    with pytest.raises(InputError) as caught:
        back_test(history(rows, told=True), ("new", "offer"), **more)

    assert said in str(caught.value)
