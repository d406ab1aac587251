"""
What became of projects, as rows: which ones, from when, and in which classes.
"""

from __future__ import annotations

import pytest

from salesflow import Money
from salesflow.errors import InputError
from salesflow.scores import closed_records

from .factory import Deals, euros


def records(deals, **more):
    return closed_records(deals.pipeline.histories(), deals.pipeline.lifecycle.stages, **more)


@pytest.mark.requirement("A52")
def test_which_projects():
    """
    Projects that were won or lost are rows, oldest closing first; open and dropped ones are none.
    """
    deals = Deals()
    deals.won("A", 20)
    deals.lost("B", 10)
    deals.deal("C", (3, "drop"))
    deals.deal("D", (3, "make"))
    found = records(deals)

    assert [("B", False, "new"), ("A", True, "offer")] == [(one.project_id, one.won, one.stage) for one in found]
    assert [deals.at(10), deals.at(20)] == [one.closed_at for one in found]


def test_closing_is_the_move_not_the_last_fact():
    """
    An approval after the end does not make a project close later.
    """
    deals = Deals()
    deals.lost("A", 4)
    deals.pipeline.approve("A", "archive", at=deals.at(90), ahead=True)
    (found,) = records(deals)

    assert deals.at(4) == found.closed_at


def test_the_last_open_stage():
    """
    The stage is where the project stood when it closed: after a loop back, a hold and a reopening as well.
    """
    deals = Deals()
    deals.deal("A", (1, "make"), (2, "back"), (3, "lose"))
    deals.deal("B", (1, "make"), (2, "pause"), (3, "lose"))
    deals.deal("C", (1, "make"), (2, "lose"), (3, "again"), (4, "note"), (5, "lose"))

    assert ["new", "offer", "new"] == [one.stage for one in sorted(records(deals), key=lambda one: one.project_id)]


def test_what_comes_with_the_closing_is_not_seen():
    """
    Fields that are filled in with the closing move do not give the outcome away.
    """
    deals = Deals()
    deals.deal("A", (1, "make"), source="fair")
    deals.pipeline.fire("A", "lose", data={"reason": "price"}, at=deals.at(2), ahead=True)
    (found,) = records(deals, features=["source", "reason"])

    assert {"source": "fair"} == found.values


def test_as_known_at_a_stage():
    """
    The fields can be taken as they stood when a stage was left for the first time.
    """
    deals = Deals()
    deals.deal("A", source="fair")
    for day, source, trigger in [(1, "fair", "make"), (2, "web", "back"), (3, "phone", "make"), (4, "mail", "win")]:
        deals.pipeline.update("A", {"source": source}, at=deals.at(day), ahead=True)
        deals.pipeline.fire("A", trigger, at=deals.at(day), ahead=True)
    deals.lost("B", source="walk-in")
    seen = {
        stage: [one.values["source"] for one in records(deals, features=["source"], known_at=stage)]
        for stage in (None, "new", "offer")
    }

    assert {None: ["mail", "walk-in"], "new": ["fair", "walk-in"], "offer": ["web", "walk-in"]} == seen


def test_no_such_stage():
    """
    A stage that is not open is refused with those that are.
    """
    with pytest.raises(InputError) as caught:
        records(Deals(), known_at="offr")

    assert "Stages: new, offer. Did you mean 'offer'?" in str(caught.value)


def test_amounts_have_currencies():
    """
    Equal numbers of different currencies are different classes.
    """
    deals = Deals()
    deals.lost("A", amount=euros(100))
    deals.lost("B", amount=Money(100, "CNY"))

    assert {"from 1e2 EUR", "from 1e2 CNY"} == {one.values["amount"] for one in records(deals, features=["amount"])}
