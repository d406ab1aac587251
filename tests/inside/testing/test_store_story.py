"""
The story of a sequence of calls at which a store differs from the model, and the difference in one line.
"""

from __future__ import annotations

import pytest

from salesflow.stores import MemoryStore
from salesflow.testing import StoreContract, changed, opened
from salesflow.testing._difference import difference
from salesflow.testing._store.story import StoreStory

from ...cases import over_cases


class Deaf(MemoryStore):
    """A store that extends no lease, and so gives work out too early."""

    def extend(self, claim, *, lease, at):
        return claim


class Deafened(StoreContract):
    """The contract of a store that does not extend leases."""

    steps = 30

    def make_store(self, place):
        return Deaf()


class Forgetful(MemoryStore):
    """A store that has no heads."""

    def head(self, project_id):
        return None


class Forgotten(StoreContract):
    """The contract of a store that has no heads."""

    steps = 5

    def make_store(self, place):
        return Forgetful()


def names(story, **also):
    """The names that are there after a story has run."""
    found = dict(also)
    exec(story, found)
    return found


def test_a_fact_is_named_once():
    """
    A fact that is written again has the name that it got.
    """
    story, first = StoreStory(), opened("P-1")

    assert ["p-1_1", "p-1_1"] == [story.append(first, "opened('P-1')") for _ in range(2)]
    assert ["p-1_1 = opened('P-1')"] == story.lines


def test_a_difference_at_once(tmp_path):
    """
    One call is a story, too.
    """
    with pytest.raises(AssertionError, match=r"^heads: ") as caught:
        Forgotten().test_any_sequence_of_calls(tmp_path)

    assert "store.commit(commit(a_1))" == caught.value.__notes__[-1].splitlines()[-2].strip()


@pytest.mark.slow
def test_the_shortest_story(tmp_path):
    """
    It is Python that runs, imports what it needs, and ends with what differs.
    """
    with pytest.raises(AssertionError) as caught:
        Deafened().test_any_sequence_of_calls(tmp_path)
    note = caught.value.__notes__[-1]
    story = "\n".join(line.removeprefix("    ") for line in note.partition("\n\n")[2].splitlines())
    found = names(story, make_store=lambda _place: Deaf(), place=None)

    assert note.startswith("The shortest story that was found, as Python:")
    assert "store.extend(claims_1[0], lease=" in story.splitlines()[-2]
    assert story.splitlines()[-1].startswith("# answer: until: 2026-03-02T")
    assert 1 == len(found["claims_1"])


@over_cases(
    ("expected", "actual", "said"),
    [
        (1, 2, "1 expected, 2 found"),
        ("a", ["a"], "'a' expected, ['a'] found"),
        ([1, 2], [1], "[1]: 2 expected, nothing found"),
        ({"a": 1, "b": (1, 2)}, {"a": 1, "b": (1, 3)}, "['b'][1]: 2 expected, 3 found"),
        ({"a": 1}, {"c": 1}, "['a']: 1 expected, nothing found"),
        (opened("A").fact, opened("B").fact, "project_id: 'A' expected, 'B' found"),
        (
            [changed(opened().project).fact],
            [changed(opened().project, key="k").fact],
            "[0].key: None expected, 'k' found",
        ),
    ],
)
def test_differences(expected, actual, said):
    """
    The first part that is not equal is named by its path.
    """
    assert said == difference(expected, actual)
