"""
Norms of a lifecycle: what its closed projects were like, from their histories.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import attrs

from .._model.advice import Norms, OwnerNorm, StageNorm
from .._model.calendar import WEEKDAYS, Calendar
from .._model.definition import Stage
from .._model.facts import Fact, Opened, Transitioned
from .._model.fold import replay
from .._model.values import Money, person
from ._parts import DAY, stage_id_of, working_days


class Stay(NamedTuple):
    """
    One uninterrupted time in a stage; *end* is ``None`` while it lasts.
    """

    stage: str
    start: datetime
    end: datetime | None


def stays_of(history: Sequence[Fact]) -> list[Stay]:
    """
    Return the stays of a project in order. A hold ends one, and what follows it begins another.

    A fact that was backfilled with an earlier time ends a stay at once.
    """
    found: list[Stay] = []
    for fact in history:
        body = fact.body
        if isinstance(body, Opened):
            found.append(Stay(body.stage, fact.at, None))
        elif isinstance(body, Transitioned) and not body.stays:
            now = max(fact.at, found[-1].start)
            found[-1] = found[-1]._replace(end=now)
            found.append(Stay(body.target, now, None))
    return found


@attrs.define(slots=False, eq=False, repr=False)
class _Tally:
    """
    What is counted of one stage.
    """

    reached: int = 0
    won: int = 0
    open: int = 0
    days: list[float] = attrs.Factory(list[float])
    working: list[float] = attrs.Factory(list[float])

    def norm(self) -> StageNorm:
        return StageNorm(
            self.reached, self.won, tuple(sorted(self.days)), self.open, working_days=tuple(sorted(self.working))
        )


def norms_of(
    histories: Iterable[Sequence[Fact]],
    stages: Sequence[Stage],
    calendar: Calendar = WEEKDAYS,
    *,
    customer: str = "customer",
) -> Norms:
    """
    Return what projects of one lifecycle were like, from their histories.

    A project counts as closed in a final stage, and as won by its outcome. It reached every stage up to the last stage,
    in file order, that it was in.

    Args:
        stages: those of the lifecycle, in file order.
        calendar: what working days are; Monday to Friday in UTC by default.
        customer: the field that names the customer.
    """
    tallies = {stage.id: _Tally() for stage in stages if not stage.final and stage.kind != "hold"}
    final = {stage.id for stage in stages if stage.final}
    owners: dict[str, list[tuple[bool, Money | None]]] = {}
    customers: dict[str, dict[str, str]] = {}
    for history in histories:
        project = replay(history)
        if project.stage not in final:
            if (here := stage_id_of(project)) in tallies:
                tallies[here].open += 1
            served = project.fields.get(customer)
            if isinstance(served, str) and project.owner:
                customers.setdefault(person(served), {})[project.id] = project.owner
            continue
        _count(tallies, stays_of(history), calendar, won=project.outcome == "won")
        if isinstance(project.owner, str):
            amount = project.fields.get("amount")
            kept = amount if isinstance(amount, Money) else None
            owners.setdefault(person(project.owner), []).append((project.outcome == "won", kept))
    return Norms({stage: tally.norm() for stage, tally in tallies.items()}, _owner_norms(owners), customers)


def _count(tallies: dict[str, _Tally], stays: Iterable[Stay], calendar: Calendar, *, won: bool) -> None:
    ended = [(stay.stage, stay.start, stay.end) for stay in stays if stay.end is not None and stay.stage in tallies]
    been = {stage for stage, _, _ in ended}
    order = list(tallies)
    last = max((order.index(stage) for stage in been), default=-1)
    for stage in order[: last + 1]:
        tallies[stage].reached += 1
        tallies[stage].won += won
    for stage in been:
        times = [(start, end) for name, start, end in ended if name == stage]
        tallies[stage].working.append(sum(working_days(start, end, calendar) for start, end in times))
        if won:
            tallies[stage].days.append(sum((end - start).total_seconds() for start, end in times) / DAY)


def _owner_norms(owners: dict[str, list[tuple[bool, Money | None]]]) -> dict[str, OwnerNorm]:
    amounts = [amount for closed in owners.values() for won, amount in closed if won and amount is not None]
    # Amounts in several currencies cannot be compared, and nobody knows the rates here.
    usual = Counter(amount.currency for amount in amounts).most_common(1)
    currency = usual[0][0] if usual else None

    def norm(closed: list[tuple[bool, Money | None]]) -> OwnerNorm:
        gained = [amount for won, amount in closed if won and amount is not None]
        alike = sorted(float(amount.amount) for amount in gained if amount.currency == currency)
        return OwnerNorm(sum(won for won, _ in closed), len(closed), tuple(alike))

    return {name: norm(closed) for name, closed in owners.items()}
