"""
The nouns of advice: what a score and a finding say, and how a scorer is declared.
"""

from __future__ import annotations

import math

import pytest

from salesflow.errors import InputError
from salesflow.scores import Contribution, Score
from salesflow.typing import Finding, Label

from .cases import over_cases


CODES = {"card.torn": Label("The card {card} is torn.", "评分卡 {card} 已损坏。")}


def test_a_score_says_why_there_is_no_value():
    """
    Its own codes come first, then the common ones, then the code itself; with a value there is nothing to say.
    """
    torn = Score("a", None, code="card.torn", evidence={"card": "bant"}, codes=CODES)
    raised = Score("a", None, code="advice.raised", error="KeyError: 'x'", plugin="house")
    found = [torn, raised, Score("a", None, code="mine"), Score("a", None), Score("a", 1.0)]

    assert [
        "The card bant is torn.",
        "The rule of plugin house raised an error: KeyError: 'x'.",
        "mine",
        "There is no value, and no reason is given.",
        "",
    ] == [score.message() for score in found]
    assert "评分卡 bant 已损坏。" == torn.message("zh")


def test_a_finding_says_what_was_found():
    """
    Its own codes come first, then the common ones, then the code itself.
    """
    found = [
        Finding("a", "fired", code="card.torn", evidence={"card": "bant"}, codes=CODES),
        Finding("a", "clear"),
        Finding("a", "fired", code="mine"),
    ]

    assert ["The card bant is torn.", "Nothing found.", "mine"] == [one.message() for one in found]
    assert "未发现问题。" == found[1].message("zh")


@over_cases(("value", "low", "high"), [(101, 0, 100), (-0.1, 0, 100), (math.nan, 0, 100), (2, 0, 1)])
def test_a_value_lies_in_its_range(value, low, high):
    """
    A score outside of its range is refused where it is made.
    """
    with pytest.raises(InputError) as caught:
        Score("a", value, low=low, high=high)

    assert f"Its range is {low} to {high}" in str(caught.value)


@over_cases(
    ("score", "ratio"),
    [
        (Score("a", 25.0), 0.25),
        (Score("a", 0.0, low=-1.0, high=1.0), 0.5),
        (Score("a", None), None),
        (Score("a", 3.0, high=math.inf), None),
        (Score("a", 1.0, low=1.0, high=1.0), None),
    ],
)
def test_ratio(score, ratio):
    """
    A ratio says where a value stands in its range, if the range has two different ends.
    """
    assert ratio == score.ratio


def test_notes_are_labels():
    """
    A note in one text is English.
    """
    assert (Label("so", ""), Label()) == (Contribution("a", note="so").note, Contribution("a").note)
