"""
The checks on money.
"""

from __future__ import annotations

import pytest

from salesflow import Money
from salesflow.dossier import Goal, Payment, PaymentDue, Receipt
from salesflow.risks import amount_swing, collection_overdue, high_conversion_low_value, product_underperformance
from salesflow.scores import Norms, OwnerNorm

from ..cases import over_cases
from .factory import DAY, TODAY, Story, ask, said


def cny(amount):
    return Money(amount, "CNY")


@over_cases(
    ("story", "params", "expected"),
    [
        (Story(), {}, []),
        (Story(amount=cny("100")), {}, ["clear"]),
        (Story(amount=cny("100")).change(-3, amount=cny("120")), {}, ["clear"]),
        (Story(amount=cny("100")).change(-3, amount=cny("121")), {}, ["fired medium amount.swung"]),
        (Story(amount=cny("100")).change(-3, amount=cny("79")), {}, ["fired medium amount.swung"]),
        (Story(amount=cny("100")).change(-4, amount=cny("10")).change(-3, amount=cny("100")), {}, ["clear"]),
        (Story(amount=cny("10"), age=90).change(-40, amount=cny("100")), {}, ["clear"]),
        (Story(amount=cny("10"), age=90).change(-40, amount=cny("100")), {"days": 60}, ["fired medium amount.swung"]),
        (Story(amount=cny("100")).change(-3, amount=cny("121")), {"share": 0.3}, ["clear"]),
        (Story(amount=cny("0")).change(-3, amount=cny("5")), {}, ["unknown amount.zero"]),
        (Story(amount=cny("5")).change(-3, amount=Money("5", "EUR")), {}, ["unknown amount.currencies"]),
        (Story(amount=cny("5")).change(3, amount=cny("50")), {}, ["clear"]),
        (Story(amount=5).change(-3, amount=50), {}, []),
    ],
)
def test_swing(story, params, expected):
    """
    The amount now is compared with the one at the beginning of the period, in one currency.
    """

    assert expected == said(amount_swing, story, params)


def goal(actual=None, **more):
    usual = {"start": TODAY - 9 * DAY, "due": TODAY + 10 * DAY, "actual": actual}
    return Goal("g", more.pop("metric", "sales_amount"), more.pop("target", 200), **{**usual, **more})


@pytest.mark.requirement("B13")
@over_cases(
    ("goals", "params", "expected"),
    [
        ([], {}, []),
        ([goal()], {}, []),
        ([goal(80)], {}, ["clear"]),
        ([goal(79)], {}, ["fired medium goal.behind"]),
        ([goal(79)], {"share": 0.7}, ["clear"]),
        ([goal(79, metric="house_units")], {}, ["fired medium goal.behind"]),
        ([goal(79, metric="csat")], {}, []),
        ([goal(79, target=None)], {}, []),
        ([goal(79, target=0)], {}, []),
        ([goal(79, start=None)], {}, []),
        ([goal(79, due=None)], {}, []),
        ([goal(79, start=TODAY + DAY)], {}, []),
        ([goal(79, due=TODAY - 10 * DAY)], {}, []),
        ([goal(159, due=TODAY - DAY)], {}, ["fired medium goal.behind"]),
        ([goal(160, due=TODAY - DAY)], {}, ["clear"]),
        ([goal(79, status="missed")], {}, []),
        ([goal(9, target=50, percent=True, baseline=20)], {}, ["fired medium goal.behind"]),
    ],
)
def test_underperformance(goals, params, expected):
    """
    What is reached is compared with the part of the target that the days so far ask for.
    """

    assert expected == said(product_underperformance, Story(*goals), params)


def test_underperformance_is_told():
    """
    The share is of the plan to date: 10 of 20 days ask for 100 of 200.
    """
    (found,) = ask(product_underperformance, Story(goal(50)))

    assert "Goal g is at 50 % of its plan to date: 50 of 100." == found.message()


PEERS = {
    "a": OwnerNorm(1, 10, (100.0,)),
    "b": OwnerNorm(2, 10, (200.0, 400.0)),
    "c": OwnerNorm(3, 10, (500.0,)),
}


def owned(*own, **peers):
    return Norms({}, {**PEERS, **peers, **({"li": OwnerNorm(*own)} if own else {})})


@pytest.mark.requirement("B20")
@over_cases(
    ("norms", "params", "expected"),
    [
        (None, {}, ["unknown insufficient_data"]),
        (owned(), {}, ["unknown insufficient_data"]),
        (owned(4, 4, (50.0,)), {}, ["unknown insufficient_data"]),
        (owned(4, 4, (50.0,)), {"needed": 4}, ["fired low owner.small_deals"]),
        (owned(8, 10, (50.0, 60.0)), {}, ["fired low owner.small_deals"]),
        (owned(8, 10, (50.0, 60.0)), {"peers": 4}, ["unknown insufficient_data"]),
        (owned(8, 10, ()), {}, ["unknown insufficient_data"]),
        (owned(8, 10, (1000.0,)), {}, ["clear"]),
        (owned(1, 10, (50.0,)), {}, ["clear"]),
        (owned(8, 10, (50.0,), c=OwnerNorm(0, 4, (1.0,))), {}, ["unknown insufficient_data"]),
    ],
)
def test_small_deals(norms, params, expected):
    """
    The owner is compared with the peers that have closed enough; others are left out.
    """

    assert expected == said(high_conversion_low_value, Story(owner="li"), params, norms=norms)


def test_nobody_to_compare():
    """
    A project without an owner is not compared.
    """

    assert [] == said(high_conversion_low_value, Story(), norms=owned(8, 10, (50.0,)))


def due(name, amount, days, received=None, currency="CNY"):
    paid = None if received is None else Money(received, currency)
    return Payment(name, None if amount is None else cny(amount), due=TODAY - days * DAY, received=paid)


@over_cases(
    ("payments", "params", "expected"),
    [
        ([], {}, []),
        ([due("a", "100", -5)], {}, []),
        ([due("a", None, 5), Payment("b", cny("5"))], {}, []),
        ([due("a", "0", 5)], {}, []),
        ([due("a", "100", 5, "100")], {}, ["clear"]),
        ([due("a", "90", 5, "90"), due("b", "10", 5)], {}, ["clear"]),
        ([due("a", "90", 5, "90"), due("b", "11", 5)], {}, ["fired medium payment.overdue"]),
        ([due("a", "90", 5, "120"), due("b", "11", 5)], {}, ["fired medium payment.overdue"]),
        ([due("a", "90", 5, "90"), due("b", "11", 5)], {"share": 0.2}, ["clear"]),
        ([due("a", "1000", 5, "1000"), due("b", "1", 91)], {}, ["fired high payment.overdue"]),
        ([due("a", "1000", 5, "1000"), due("b", "1", 90)], {}, ["clear"]),
        ([due("a", "100", 5, "50", "EUR")], {}, ["unknown payment.currencies"]),
        ([PaymentDue("a", cny("100"), TODAY - 5 * DAY)], {}, ["fired medium payment.overdue"]),
        ([PaymentDue("a", cny("100"), TODAY - 5 * DAY), Receipt("r", cny("95"), TODAY)], {}, ["clear"]),
        (
            [PaymentDue("a", cny("100"), TODAY - 5 * DAY), Receipt("r", cny("95"), TODAY + DAY)],
            {},
            ["fired medium payment.overdue"],
        ),
    ],
)
def test_collection(payments, params, expected):
    """
    What is due and not paid counts by its share and by its age, also when the project has ended.
    """

    assert expected == said(collection_overdue, Story(*payments), params)
    assert expected == said(collection_overdue, Story(*payments).move(-1, "won"), params)


@over_cases(
    ("kind", "params"),
    [
        (amount_swing, {"share": -0.1}),
        (amount_swing, {"days": 0}),
        (product_underperformance, {"share": -1}),
        (high_conversion_low_value, {"needed": 0}),
        (high_conversion_low_value, {"peers": 1}),
        (collection_overdue, {"share": float("nan")}),
        (collection_overdue, {"oldest_days": -1}),
    ],
)
def test_parameters_that_cannot_be(kind, params):
    """
    A limit that means nothing is refused when the lifecycle is built.
    """
    with pytest.raises(ValueError):
        kind.factory(**params)
