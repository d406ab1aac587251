"""
What an adapter takes from the package to answer queries.
"""

from __future__ import annotations

from salesflow.stores.adapting import Query, make_order, matching, ordered
from salesflow.testing import NOW, moved, opened


def test_matching():
    """
    A project matches if all that is asked for holds, by name and by when it was closed.
    """
    lead = opened("P-1", owner="li.wei").project
    won = moved(lead, "won", outcome="won").project
    asked = [Query(), Query(stage="won", owner="li.wei"), Query(owner="chen.yu"), Query(closed_between=(NOW, NOW))]

    assert [True, False, False, False] == [matching(each)(lead) for each in asked]
    assert [True, True, False, False] == [matching(each)(won) for each in asked]


def test_numbers_that_are_none():
    """
    What has no place in an order, such as a number that is none, comes last.
    """
    heads = [opened(f"P-{number}").project for number in range(3)]
    values = [float("nan"), 7.5, [1]]
    for head, value in zip(heads, values, strict=True):
        object.__setattr__(head, "fields", head.fields.plus("size", value))

    assert ["P-1", "P-0", "P-2"] == [each.id for each in ordered(heads, make_order("size"))]
