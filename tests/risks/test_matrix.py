"""
The five-by-five matrix: total, monotone, replaceable.
"""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, strategies as st

from salesflow.risks import Level, make_matrix

from ..cases import over_cases


STEPS = st.integers(1, 5)
IMPACTS = st.lists(STEPS, min_size=1, max_size=4)
COMBINES = st.sampled_from(["highest", "average_impacts", "average_scores"])


@pytest.mark.requirement("E30")
@over_cases(
    ("pair", "level"),
    [
        ((1, 4), "low"),
        ((2, 2), "low"),
        ((1, 5), "medium"),
        ((3, 3), "medium"),
        ((2, 5), "high"),
        ((3, 4), "high"),
        ((3, 5), "critical"),
        ((5, 5), "critical"),
    ],
)
def test_the_usual_levels(pair, level):
    """
    1 to 4 is low, 5 to 9 medium, 10 to 14 high, 15 to 25 critical.
    """

    assert level == make_matrix().level(*pair)


@given(STEPS, IMPACTS, COMBINES)
def test_a_rating_keeps_the_pair(probability, impacts, combine):
    """
    Whatever the way of combining, pair and score stay together, and the score stays on its scale.
    """
    rating = make_matrix(combine=combine).rate(probability, impacts)

    assert (probability, tuple(impacts)) == (rating.probability, rating.impacts)
    assert probability * min(impacts) <= rating.score <= probability * max(impacts)
    assert rating.level == make_matrix().level(probability, rating.impact)


@given(STEPS, IMPACTS, STEPS, COMBINES)
def test_more_is_never_milder(probability, impacts, more, combine):
    """
    A higher probability, or a higher single impact, never lowers the level.
    """
    matrix = make_matrix(combine=combine)
    before = matrix.rate(probability, impacts)
    likelier = matrix.rate(max(probability, more), impacts)
    graver = matrix.rate(probability, [max(impacts[0], more), *impacts[1:]])

    assert get_args(Level).index(before.level) <= min(
        get_args(Level).index(likelier.level), get_args(Level).index(graver.level)
    )


def test_three_ways_of_combining():
    """
    The highest impact; the rounded average; the average of scores, with the level of the next cell up.
    """
    ways = ("highest", "average_impacts", "average_scores")
    found = [make_matrix(combine=way).rate(3, (1, 1, 2, 5)) for way in ways]

    assert [(15, "critical"), (6, "medium"), (6.75, "medium")] == [(one.score, one.level) for one in found]
    assert [5, 2, 3] == [one.impact for one in found]
    assert 3 == make_matrix(combine="average_impacts").rate(1, (2, 3)).impact


@over_cases(
    ("call", "told"),
    [
        ({"bands": {"bad": 3}}, "'bad' is not usable"),
        ({"bands": {"hihg": 3}}, "Did you mean 'high'"),
        ({"bands": {"medium": 9, "high": 5}}, "A worse level must not begin at a lower score"),
        ({"table": [["low"] * 5] * 4}, "row of five levels"),
        ({"table": [["low"] * 4] * 5}, "row of five levels"),
        ({"table": [["low"] * 4 + ["awful"]] * 5}, "'awful' is not usable"),
        ({"table": [["high"] * 5] + [["low"] * 5] * 4}, "A level must not fall"),
        ({"table": [["high"] + ["low"] * 4] * 5}, "A level must not fall"),
    ],
)
def test_tables_that_cannot_be(call, told):
    """
    A table has five rows of five known levels, which never fall.
    """
    with pytest.raises(ValueError, match=told):
        make_matrix(**call)
