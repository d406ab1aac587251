"""
Cases that run as one test.
"""

from __future__ import annotations

import pytest

from .cases import over_cases


def test_every_case_that_fails_is_shown():
    """
    A case that fails, in whatever way, stops no other, and each is named in the failure.
    """
    seen = []

    @over_cases("number", [1, 2, 3, 4], ids=lambda number: f"number {number}")
    def odd(number, place):
        seen.append((number, place))
        if number == 4:
            pytest.fail("four")
        assert number % 2

    with pytest.raises(BaseExceptionGroup, match="2 of 4 cases fail") as caught:
        odd(place="here")

    assert [(number, "here") for number in (1, 2, 3, 4)] == seen
    assert [["This is case 2: number 2"], ["This is case 4: number 4"]] == [
        failure.__notes__ for failure in caught.value.exceptions
    ]


def test_names_of_cases():
    """
    A case has the name it is given, or else its values are its name.
    """

    @over_cases("left, right", [(1, "a"), pytest.param(2, "b", id="second")])
    def wrong(left, right):
        raise ValueError(left, right)

    @over_cases("left", [5], ids=["five"])
    def named(left):
        raise ValueError(left)

    names = []
    for test in (wrong, named):
        with pytest.raises(ExceptionGroup) as caught:
            test()
        names += [failure.__notes__ for failure in caught.value.exceptions]

    assert [["This is case 1: 1, 'a'"], ["This is case 2: second"], ["This is case 1: five"]] == names


@pytest.mark.parametrize(("cases", "why"), [([], "no case"), ([pytest.param(1, marks=pytest.mark.slow)], "marks")])
def test_cases_that_cannot_be(cases, why):
    """
    No case at all is a mistake of the test, and so is one with a mark, which nobody would look at.
    """
    with pytest.raises(AssertionError, match=why):
        over_cases("number", cases)


def test_cases_of_cases():
    """
    Two lists of cases are all pairs of them.
    """
    seen = []

    @over_cases("left", [1, 2])
    @over_cases("right", [3, 4])
    def pair(left, right):
        seen.append((left, right))

    pair()

    assert [(1, 3), (1, 4), (2, 3), (2, 4)] == seen
