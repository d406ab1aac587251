"""
Combinators that pass without a note, recognised before anything is joined.
"""

from __future__ import annotations

import attrs
from hypothesis import given, strategies as st

from salesflow._model.verdict import SKIPPED
from salesflow.guards import failed, join, passed, unknown, warned
from salesflow.guards._combinators import is_plain_pass
from salesflow.typing import GuardSpec

from ..cases import over_cases


WORDS = ("all_of", "any_of", "none_of", "at_least")

ANSWERS = st.sampled_from(
    [
        passed(),
        SKIPPED,
        failed("x"),
        unknown("x"),
        warned("x"),
        passed("note", n=1),
        attrs.evolve(failed("x"), spec=GuardSpec("x", "x")),
        (failed("x"), passed()),
        None,
    ]
)


@given(st.sampled_from(WORDS), st.lists(ANSWERS, min_size=1, max_size=4))
def test_a_plain_pass_is_the_pass_of_the_join(word, answers):
    """
    Where the answers need no verdict of their own, joining them gives the plain pass.
    """
    groups = [answer if isinstance(answer, tuple) else (answer,) for answer in answers]

    assert not is_plain_pass(word, answers) or join(word, groups) is passed()


@over_cases(
    ("word", "answers"),
    [
        ("any_of", [failed("x"), passed(), SKIPPED]),
        ("all_of", [passed(), SKIPPED]),
        ("at_least", [passed(), SKIPPED]),
        ("none_of", [failed("x"), SKIPPED]),
    ],
)
def test_a_plain_pass_is_recognised(word, answers):
    """
    Plain answers are recognised; a warning, or an answer that is no verdict, has to be looked at.
    """
    assert (True, False, False) == tuple(is_plain_pass(word, [*answers, *more]) for more in ([], [warned("x")], [None]))
