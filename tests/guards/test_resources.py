"""
Guards on the means of the project.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from salesflow import Money, dossier
from salesflow.guards import no_overallocation, resources_allocated

from ..cases import over_cases
from ..inside.guards.cures import cured
from .factory import ask, ask_one, context, project


def found(guard, entries, *args, **params):
    """The code, or else the status, of each verdict."""
    return [v.code or v.status for v in ask(guard, context(project(entries=entries)), *args, **params)]


def demand(amount, resource="people", name="d", **more):
    return dossier.ResourceDemand(name, resource, amount, **more)


def allocation(amount, resource="people", name="a", **more):
    return dossier.ResourceAllocation(name, resource, amount, **more)


CNY = Money("100", "CNY")


@pytest.mark.requirement("A06", "E09", "E35")
@over_cases(
    ("entries", "code"),
    [
        ([demand(2), allocation(2)], "pass"),
        ([demand(2), allocation(3)], "pass"),
        ([demand(2), allocation("1.99")], "resource.short"),
        ([demand(2)], "resource.short"),
        ([demand(1), demand(2, name="e"), allocation(1), allocation(2, name="b")], "pass"),
        ([demand(2), allocation(2, resource="material")], "resource.short"),
        ([], "resource.no_demand"),
        ([allocation(2)], "resource.no_demand"),
        ([demand(0), allocation(2)], "resource.no_demand"),
        ([demand(2, unit="days"), allocation(2, unit=" days ")], "pass"),
        ([demand(2, unit="days"), allocation(2, unit="hours")], "resource.unit_mismatch"),
        ([demand(CNY), allocation(CNY)], "pass"),
        ([demand(CNY), allocation(Money("99.99", "CNY"))], "resource.short"),
        ([demand(CNY), allocation(Money("100", "USD"))], "resource.unit_mismatch"),
        ([demand(CNY), allocation(100)], "resource.unit_mismatch"),
        ([demand(100), allocation(CNY)], "resource.unit_mismatch"),
        ([demand(Money("0", "CNY"))], "resource.no_demand"),
    ],
)
def test_resources(entries, code):
    """What is allocated is held against what is demanded, in one unit, and the remedies make it enough."""
    assert [code] == found(resources_allocated, entries, ("people",))
    assert cured(resources_allocated, project(entries=entries), ("people",))


def test_each_kind_of_resource_has_its_verdict():
    """The share asked for is exact, and the remedy is what is short of it."""
    entries = [
        demand(CNY, "budget"),
        allocation(Money("79.99", "CNY"), "budget"),
        demand(10, name="p"),
        allocation(8, name="q"),
    ]
    short, enough, none = ask(
        resources_allocated, context(project(entries=entries)), ("budget", "people", "material"), min_ratio=0.8
    )

    assert ["fail", "pass", "unknown"] == [verdict.status for verdict in (short, enough, none)]
    assert {"resource": "budget", "amount": Money("0.01", "CNY")} == dict(short.missing[0].params)
    assert (
        "Resource budget is short of 0.01 (CNY): 79.99 of 100 is allocated, a ratio of 0.8 is needed."
        == short.message()
    )
    assert "资源 预算 还缺 0.01（CNY）：需求 100，已配置 79.99，要求比例 0.8。" == short.message("zh")
    assert "未填写 物资 的需求量，无法判断资源是否足够。" == none.message("zh")
    assert ["pass"] == found(resources_allocated, entries, ())


def test_units_that_cannot_be_compared_are_told():
    """All units are listed, the blank one too."""
    verdict = ask_one(resources_allocated, context(project(entries=[demand(2), allocation(CNY)])), ("people",))

    assert "Demand and allocation of people cannot be compared: —, CNY." == verdict.message()
    assert "人力 的需求与配置单位不一致，无法比较：—、CNY。" == verdict.message("zh")


def booking(name, load, start, end, member="li.wei"):
    return dossier.ResourceAllocation(name, "people", 1, member=member, load=load, start=start, end=end)


D = [date(2026, 4, day) for day in range(1, 30)]


@pytest.mark.requirement("D30", "E09")
@over_cases(
    "entries",
    [
        [],
        [booking("a", 1.0, D[0], D[5])],
        [booking("a", 0.7, D[0], D[5]), booking("b", 0.2, D[0], D[5]), booking("c", 0.1, D[0], D[5])],
        [booking("a", 0.8, D[0], D[5]), booking("b", 0.8, D[6], D[9])],
        [booking("a", 0.8, D[0], D[5]), booking("b", 0.8, D[0], D[5], member="chen.yu")],
        [booking("a", 5, None, D[5]), booking("b", 5, D[0], None), booking("c", 5, D[0], D[0], member=None)],
        [booking("a", 1.0, date.max, date.max)],
    ],
)
def test_nobody_is_overloaded(entries):
    """Exactly the limit is fine, tenths add up to it, and bookings without a person or a day do not count."""
    assert ["pass"] == found(no_overallocation, entries)


def test_an_overload_is_told_with_its_days():
    """One verdict covers an unbroken stretch, whatever changes within it."""
    entries = [
        booking("a", 0.6, D[0], D[9]),
        booking("b", 0.6, D[2], D[4]),
        booking("c", 0.8, D[5], D[6]),
        booking("d", 0.5, D[8], D[12]),
        booking("e", 0.0, D[0], D[12]),
    ]
    first, second = ask(no_overallocation, context(project(entries=entries)))

    assert (D[2], D[6], Decimal("1.4")) == tuple(first.evidence[key] for key in ("first", "last", "load"))
    assert (D[8], D[9], Decimal("1.1")) == tuple(second.evidence[key] for key in ("first", "last", "load"))
    assert (
        "Member li.wei is booked for up to 1.4 of the working time from 2026-04-03 to 2026-04-07; the limit is 1."
    ) == first.message()
    assert "成员 li.wei 在 2026-04-03 至 2026-04-07 期间的工作负荷最高为 1.4，超过上限 1。" == first.message("zh")
    assert ["a", "b", "c"] == [remedy.params["id"] for remedy in first.missing]
    assert cured(no_overallocation, project(entries=entries))


@pytest.mark.parametrize(
    ("guard", "params"),
    [
        (no_overallocation, {"max_load": -0.1}),
        (resources_allocated, {"kinds": ("people",), "min_ratio": -1}),
    ],
)
def test_shares_below_zero_are_refused(guard, params):
    """A definition with them does not build."""
    with pytest.raises(ValueError, match=r"must be .*at least 0"):
        guard.factory(**params)


bookings = st.lists(
    st.tuples(st.integers(0, 15), st.integers(0, 6), st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 1.0])), max_size=8
)


@given(bookings, st.sampled_from([0.0, 0.5, 1.0, 1.5]))
def test_the_sweep_agrees_with_looking_at_every_day(found_bookings, limit):
    """Stretches and peaks are those that counting day by day gives, and the remedies cure them."""
    entries = [
        booking(f"b{n}", load, D[0] + timedelta(start), D[0] + timedelta(start + more))
        for n, (start, more, load) in enumerate(found_bookings)
    ]
    loads = [
        sum((Decimal(str(e.load)) for e in entries if e.start <= D[0] + timedelta(n) <= e.end), Decimal(0))
        for n in range(25)
    ]
    expected = []
    for n, load in enumerate(loads):
        day = D[0] + timedelta(n)
        if load > Decimal(str(limit)):
            if expected and expected[-1][1] == day - timedelta(1):
                expected[-1] = (expected[-1][0], day, max(expected[-1][2], load))
            else:
                expected.append((day, day, load))
    verdicts = ask(no_overallocation, context(project(entries=entries)), max_load=limit)

    assert expected == [
        tuple(v.evidence[key] for key in ("first", "last", "load")) for v in verdicts if v.status != "pass"
    ]
    assert cured(no_overallocation, project(entries=entries), max_load=limit)
