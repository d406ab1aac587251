"""
``salesflow score``: the words on its screens.
"""

from __future__ import annotations

from salesflow.cli._score import contribution_rows, worth
from salesflow.scores import Contribution, Score

from ...scores.factory import lifecycle


def test_words():
    """
    Values are written with their range, their interval, or as a multiple; factors by what they are called.
    """
    built = lifecycle()
    parts = (
        Contribution("source", True),
        Contribution("stage", "elsewhere"),
        Contribution("house_factor", 0.5, 3.0),
    )
    rows = list(contribution_rows(Score("x", 3.0, contributions=parts), built, "zh"))

    assert ["–", "3.00 / 5"] == [worth(Score("x", None)), worth(Score("x", 3.0, high=5.0))]
    assert [
        ("source", "是", "0.00", ""),
        ("阶段", "elsewhere", "0.00", ""),
        ("house_factor", "0.5", "3.00", ""),
    ] == rows
