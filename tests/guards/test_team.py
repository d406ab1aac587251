"""
Guards on the team and its means.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import dossier
from salesflow._values import Money
from salesflow._verdict import Remedy
from salesflow.guards._resources import no_overallocation, resources_allocated
from salesflow.guards._team import cross_functional, responsibility_clear, roles_filled

from .cures import cured
from .factory import ask, ask_one, context, project


LI = dossier.Member("li.wei", roles=["project_lead", "seller"], department="Sales")
CHEN = dossier.Member("chen.yu", roles=["engineer"], department="Delivery")
GONE = dossier.Member("gone", roles=["seller"], department="Legal", active=False)


def found(guard, entries, *args, **params):
    """The code, or else the status, of each verdict."""
    return [v.code or v.status for v in ask(guard, context(project(entries=entries)), *args, **params)]


@pytest.mark.parametrize(
    ("members", "need", "code"),
    [
        ([LI, CHEN], 2, "pass"),
        ([LI, CHEN], 3, "team.single_department"),
        ([LI, GONE], 2, "team.single_department"),
        ([LI, dossier.Member("b", department=" Sales ")], 2, "team.single_department"),
        ([LI, dossier.Member("b")], 2, "team.single_department"),
        ([], 1, "team.single_department"),
        ([LI], 1, "pass"),
    ],
)
def test_departments_of_active_members_are_counted(members, need, code):
    """People who left, blank departments and stray spaces add none."""
    assert [code] == found(cross_functional, members, min_departments=need)


def test_a_single_department_is_told():
    """The message says which departments there are; the remedy asks for members of others."""
    verdict = ask_one(cross_functional, context(project(entries=[LI])), min_departments=3)
    nobody = ask_one(cross_functional, context())

    assert "The team needs active members of 3 departments; it has: Sales." == verdict.message()
    assert "团队需要来自 3 个部门的在岗成员，目前的部门：Sales。" == verdict.message("zh")
    assert {"active": True, "required": ("department",), "count": 2} == dict(verdict.missing[0].params)
    assert ("—",) == nobody.evidence["departments"]


def test_the_number_of_departments_has_a_sense():
    """No department at all is no team."""
    with pytest.raises(ValueError, match="min_departments"):
        cross_functional.factory(min_departments=0)


def test_roles_are_counted_one_by_one():
    """Each role has its verdict, in the order of the file; a person can hold several roles."""
    roles = {"project_lead": 1, "seller": 2, "engineer": 1}
    verdicts = ask(roles_filled, context(project(entries=[LI, CHEN, GONE])), roles)

    assert ["pass", "fail", "pass"] == [verdict.status for verdict in verdicts]
    assert {"role": "seller", "need": 2, "have": 1, "short": 1} == dict(verdicts[1].evidence)
    assert "Role seller is short of 1: 1 of 2 filled." == verdicts[1].message()
    assert "角色 seller 还缺 1 人：已有 1/2。" == verdicts[1].message("zh")
    assert (Remedy("entry", "member", {"active": True, "roles": ("seller",), "count": 1}),) == verdicts[1].missing


def test_no_roles_are_filled():
    """An empty table asks for nothing."""
    assert ["pass"] == found(roles_filled, [], {})


@pytest.mark.parametrize("members", [[], [LI, CHEN, GONE]])
def test_the_remedies_build_a_team(members):
    """Whoever does what they say gets through both guards."""
    proposed = cured(roles_filled, project(entries=members), {"seller": 3, "engineer": 1})

    assert cured(cross_functional, project(entries=[LI]))
    assert 3 == sum("seller" in m.roles and m.active for m in proposed.all(dossier.Member))


DUTY = dossier.Duty("bid", title="The bid", accountable=["li.wei"])


@pytest.mark.parametrize(
    ("entries", "codes"),
    [
        ([LI, DUTY], ["pass"]),
        ([LI, dossier.Task("t", owner="li.wei")], ["pass"]),
        ([LI, dossier.Duty("bid", accountable=["li.wei", "li.wei", "stranger"])], ["pass"]),
        ([LI, DUTY, dossier.Duty("law")], ["duty.gap"]),
        ([LI, DUTY, dossier.Duty("law", accountable=["stranger"])], ["duty.gap"]),
        ([LI, GONE, DUTY, dossier.Duty("law", accountable=["gone"])], ["duty.gap"]),
        ([GONE, dossier.Duty("law", accountable=["gone"])], ["duty.gap"]),
        ([dossier.Duty("law")], ["duty.gap"]),
        ([dossier.Task("t", owner="stranger")], ["duty.gap"]),
        ([LI, DUTY, dossier.Task("t")], ["duty.gap"]),
        ([LI, DUTY, dossier.Task("t", stage="initiation")], ["duty.gap"]),
        ([LI, DUTY, dossier.Task("t", stage="closing")], ["pass"]),
        ([LI, DUTY, dossier.Task("t", status="done")], ["pass"]),
        ([LI, DUTY, dossier.Task("t", status="dropped")], ["pass"]),
        ([LI, CHEN, dossier.Duty("bid", accountable=["chen.yu", "li.wei"])], ["duty.overlap"]),
        ([LI, CHEN, DUTY], ["duty.idle"]),
        ([LI, CHEN, DUTY, dossier.Task("t", owner="chen.yu", status="done")], ["duty.idle"]),
        ([LI, CHEN, DUTY, dossier.Task("t", owner="chen.yu")], ["pass"]),
        ([], ["duty.none"]),
        ([LI], ["duty.none"]),
    ],
)
def test_responsibility(entries, codes):
    """Every duty and live task of the stage has one accountable active member, and the remedies lead there."""
    assert codes == found(responsibility_clear, entries)
    assert cured(responsibility_clear, project(entries=entries))


def test_responsibility_is_told():
    """Gaps and overlaps block, idleness warns, and nothing at all is unknown."""
    entries = [LI, CHEN, dossier.Member("wu"), dossier.Duty("a"), dossier.Duty("b", accountable=["chen.yu", "li.wei"])]
    gap, overlap, idle = ask(responsibility_clear, context(project(entries=entries)))
    none = ask_one(responsibility_clear, context(project(entries=[LI])))

    assert ["block", "block", "warn"] == [verdict.spec.severity for verdict in (gap, overlap, idle)]
    assert "No active member is accountable for duty a." == gap.message()
    assert "a（duty）没有在岗成员负责。" == gap.message("zh")
    assert "Several members are accountable for duty b: li.wei, chen.yu. Name one." == overlap.message()
    assert "b（duty）有多人负责：li.wei、chen.yu，请明确一人。" == overlap.message("zh")
    assert "Member wu has neither a duty nor a task in this stage." == idle.message()
    assert "成员 wu 在本阶段既无职责也无任务。" == idle.message("zh")
    assert ("unknown", "duty.none") == (none.status, none.code)
    assert ("li.wei",) == none.missing[0].params["accountable_in"]


def demand(amount, resource="people", name="d", **more):
    return dossier.ResourceDemand(name, resource, amount, **more)


def allocation(amount, resource="people", name="a", **more):
    return dossier.ResourceAllocation(name, resource, amount, **more)


CNY = Money("100", "CNY")


@pytest.mark.parametrize(
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
    entries = [demand(CNY, "budget"), allocation(Money("79.99", "CNY"), "budget"), demand(10, name="p"), allocation(8, name="q")]
    short, enough, none = ask(
        resources_allocated, context(project(entries=entries)), ("budget", "people", "material"), min_ratio=0.8
    )

    assert ["fail", "pass", "unknown"] == [verdict.status for verdict in (short, enough, none)]
    assert {"resource": "budget", "amount": Money("0.01", "CNY")} == dict(short.missing[0].params)
    assert (
        "Resource budget is short of 0.01 (CNY): 79.99 of 100 is allocated, a ratio of 0.8 is needed." == short.message()
    )
    assert "资源 budget 还缺 0.01（CNY）：需求 100，已配置 79.99，要求比例 0.8。" == short.message("zh")
    assert "未填写 material 的需求量，无法判断资源是否足够。" == none.message("zh")
    assert ["pass"] == found(resources_allocated, entries, ())


def test_units_that_cannot_be_compared_are_told():
    """All units are listed, the blank one too."""
    verdict = ask_one(resources_allocated, context(project(entries=[demand(2), allocation(CNY)])), ("people",))

    assert "Demand and allocation of people cannot be compared: —, CNY." == verdict.message()
    assert "people 的需求与配置单位不一致，无法比较：—、CNY。" == verdict.message("zh")


def booking(name, load, start, end, member="li.wei"):
    return dossier.ResourceAllocation(name, "people", 1, member=member, load=load, start=start, end=end)


D = [date(2026, 4, day) for day in range(1, 30)]


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [booking("a", 1.0, D[0], D[5])],
        [booking("a", 0.7, D[0], D[5]), booking("b", 0.2, D[0], D[5]), booking("c", 0.1, D[0], D[5])],
        [booking("a", 0.8, D[0], D[5]), booking("b", 0.8, D[6], D[9])],
        [booking("a", 0.8, D[0], D[5]), booking("b", 0.8, D[0], D[5], member="chen.yu")],
        [booking("a", 5, None, D[5]), booking("b", 5, D[0], None), booking("c", 5, D[0], D[0], member=None)],
        [booking("a", 5, D[1], D[0])],
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
        "Member li.wei is booked for up to 1.4 of the working time from 2026-04-03 to 2026-04-07; the limit is 1.0."
    ) == first.message()
    assert "成员 li.wei 在 2026-04-03 至 2026-04-07 期间的工作负荷最高为 1.4，超过上限 1.0。" == first.message("zh")
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
