"""
Guards on resources: whether they suffice, and whether people are booked more than once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import TypeAlias

from .._model.project import Project
from .._model.values import Label, Money, person
from .._model.verdict import PASS, Remedy, Verdict, failed, unknown
from ..dossier import ResourceAllocation, ResourceDemand
from ..typing import Check, Context
from ._base import entry, exact, guard, parameter


@guard(
    "resources_allocated",
    codes={
        "resource.short": Label(
            "Resource {resource:resource} is short of {short} ({unit}): {allocated} of {demanded} is allocated, "
            "a ratio of {ratio} is needed.",
            "资源 {resource:resource} 还缺 {short}（{unit}）：需求 {demanded}，已配置 {allocated}，要求比例 {ratio}。",
        ),
        "resource.no_demand": Label(
            "Cannot tell whether {resource:resource} suffices: no demand is stated.",
            "未填写 {resource:resource} 的需求量，无法判断资源是否足够。",
        ),
        "resource.unit_mismatch": Label(
            "Demand and allocation of {resource:resource} cannot be compared: {units}.",
            "{resource:resource} 的需求与配置单位不一致，无法比较：{units}。",
        ),
    },
    kinds=("resource_demand", "resource_allocation"),
)
def resources_allocated(kinds: tuple[str, ...], *, min_ratio: float = 1.0) -> Check:
    """
    Ask that at least the share *min_ratio* of what is demanded of each kind is allocated.

    One verdict for each of *kinds*. Without a demand above zero, or with several units or
    currencies, it cannot be determined.
    """
    ratio = parameter("min_ratio", min_ratio)

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        return tuple(_suffices(ctx.project, resource, ratio) for resource in kinds) or PASS

    return check


def _unit(each: ResourceDemand | ResourceAllocation) -> tuple[str, str]:
    return ("currency", each.amount.currency) if isinstance(each.amount, Money) else ("unit", each.unit.strip())


def _sum(entries: Iterable[ResourceDemand | ResourceAllocation]) -> Decimal:
    amounts = (each.amount.amount if isinstance(each.amount, Money) else each.amount for each in entries)
    return sum(amounts, Decimal(0))


def _suffices(project: Project, resource: str, ratio: Decimal) -> Verdict:
    demands = [demand for demand in project.all(ResourceDemand) if demand.resource == resource]
    given = [allocation for allocation in project.all(ResourceAllocation) if allocation.resource == resource]
    demanded, allocated = _sum(demands), _sum(given)
    if not demands:
        remedy = entry("resource_demand", resource=resource, above_amount=Decimal(0))
        return unknown("resource.no_demand", remedy, resource=resource)
    kind, unit = _unit(demands[0])
    entries: list[ResourceDemand | ResourceAllocation] = [*demands, *given]
    strange = [each for each in entries if _unit(each) != (kind, unit)]
    if strange:
        remedies = (entry(each.kind, id=each.id, required=("amount",), **{kind: unit}) for each in strange)
        units = tuple(dict.fromkeys(_unit(each)[1] or "—" for each in entries))
        return unknown("resource.unit_mismatch", *remedies, resource=resource, units=units)
    if demanded <= 0:
        remedy = entry("resource_demand", id=demands[0].id, above_amount=Decimal(0), **{kind: unit})
        return unknown("resource.no_demand", remedy, resource=resource)
    short = ratio * demanded - allocated
    if short <= 0:
        return PASS
    amount = {"amount": Money(short, unit)} if kind == "currency" else {"amount": short, "unit": unit}
    remedy = entry("resource_allocation", resource=resource, **amount)
    evidence = {"resource": resource, "short": short, "allocated": allocated, "demanded": demanded, "ratio": ratio}
    return failed("resource.short", remedy, **evidence, unit=unit or "—")


Booking: TypeAlias = tuple[int, int, Decimal, str]
"""First and last day as ordinals, the load, and the id of the allocation."""


@guard(
    "no_overallocation",
    codes={
        "resource.overload": Label(
            "Member {member} is booked for up to {load} of the working time from {first} to {last}; "
            "the limit is {limit}.",
            "成员 {member} 在 {first} 至 {last} 期间的工作负荷最高为 {load}，超过上限 {limit}。",
        ),
    },
    kinds=("resource_allocation",),
)
def no_overallocation(*, max_load: float = 1.0) -> Check:
    """
    Ask that no member is booked for more than *max_load* of the working time on any day.

    Allocations with a member, a first and a last day count; one verdict for each unbroken
    stretch of overloaded days.
    """
    limit = parameter("max_load", max_load)

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        booked: dict[str, list[Booking]] = {}
        for each in ctx.project.all(ResourceAllocation):
            if each.member and each.start is not None and each.end is not None:
                days = (each.start.toordinal(), each.end.toordinal())
                booked.setdefault(person(each.member), []).append((*days, exact(each.load), each.id))
        verdicts = (
            failed(
                "resource.overload",
                *_lighter(bookings, first, last, limit / peak),
                member=member,
                first=date.fromordinal(first),
                last=date.fromordinal(last),
                load=peak,
                limit=limit,
            )
            for member, bookings in booked.items()
            for first, last, peak in _overloads(bookings, limit)
        )
        return tuple(verdicts) or PASS

    return check


def _overloads(bookings: list[Booking], limit: Decimal) -> Iterator[tuple[int, int, Decimal]]:
    """
    Yield first day, last day and highest load of every stretch of days over the limit.
    """
    steps: dict[int, Decimal] = {}
    for start, end, load, _ in bookings:
        steps[start] = steps.get(start, Decimal(0)) + load
        steps[end + 1] = steps.get(end + 1, Decimal(0)) - load
    load = peak = Decimal(0)
    first: int | None = None
    # The load changes on these days only, and is zero again after the last of them.
    for day in sorted(steps):
        load += steps[day]
        if load > limit:
            first = day if first is None else first
            peak = max(peak, load)
        elif first is not None:
            yield first, day - 1, peak
            first, peak = None, Decimal(0)


def _lighter(bookings: list[Booking], first: int, last: int, share: Decimal) -> Iterator[Remedy]:
    # Cutting every booking of the stretch by the same share keeps each of its days within the limit.
    for start, end, load, name in bookings:
        if start <= last and end >= first and load > 0:
            lighter = (load * share).quantize(Decimal("0.0001"), ROUND_FLOOR)
            yield entry("resource_allocation", id=name, max_load=float(lighter))
