"""
The report of an import: what became of every row, and how the deals stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

import attrs

from .._lifecycle.lifecycle import Lifecycle
from .._model.frozen import FrozenDict
from .._model.project import Project
from .._model.values import Money
from .._pipeline.results import ListenerFailure
from ._problems import ProblemGroup, RowProblem, grouped


@attrs.frozen
class ImportReport:
    """
    What an import did. Every row is imported, known already, refused or blank.

    The figures of the deals count those that the file names and the store has now,
    whether this run brought them or an earlier one.

    Attributes:
        source: the file.
        lifecycle: id of the lifecycle.
        rows: how many rows of data there are, the header not counted.
        imported: rows that this run took in.
        already: rows that the store had already, or that say nothing new.
        refused: rows that were not taken in; *problems* says why.
        blank: rows without anything in them.
        problems: every reason for every refused row, by row.
        deals: how many projects the rows are about.
        stages: number of deals by stage, in the order of the lifecycle, without empty ones.
        outcomes: number of deals by outcome, the same way.
        revenue: sum of the field ``amount`` of the deals whose outcome is ``won``, by currency.
        listener_failures: listeners that raised; what was written stands.
    """

    source: str
    lifecycle: str
    rows: int
    imported: int
    already: int
    refused: int
    blank: int
    problems: tuple[RowProblem, ...]
    deals: int
    stages: Mapping[str, int]
    outcomes: Mapping[str, int]
    revenue: tuple[Money, ...]
    listener_failures: tuple[ListenerFailure, ...] = ()

    @property
    def won(self) -> int:
        """
        Number of deals with the outcome ``won``.
        """
        return self.outcomes.get("won", 0)

    @property
    def lost(self) -> int:
        """
        Number of deals with the outcome ``lost``.
        """
        return self.outcomes.get("lost", 0)

    @property
    def win_rate_of_closed(self) -> float | None:
        """
        ``won / (won + lost)``, 0 to 1; ``None`` without any.
        """
        return _ratio(self.won, self.won + self.lost)

    @property
    def win_rate_of_all(self) -> float | None:
        """
        ``won / deals``, 0 to 1; ``None`` without any.
        """
        return _ratio(self.won, self.deals)

    @property
    def groups(self) -> tuple[ProblemGroup, ...]:
        """
        The problems by what they say, the most frequent first.
        """
        return grouped(self.problems)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@attrs.define(eq=False)
class Tally:
    """
    Counts while an import runs.
    """

    done: set[int] = attrs.field(factory=set[int])
    already: set[int] = attrs.field(factory=set[int])
    problems: list[RowProblem] = attrs.field(factory=list[RowProblem])
    failures: list[ListenerFailure] = attrs.field(factory=list[ListenerFailure])
    deals: int = 0
    stages: Counter[str] = attrs.field(factory=Counter[str])
    outcomes: Counter[str] = attrs.field(factory=Counter[str])
    revenue: dict[str, Decimal] = attrs.field(factory=dict[str, Decimal])

    def count(self, project: Project) -> None:
        """
        Count one deal as it stands.
        """
        self.deals += 1
        self.stages[project.stage] += 1
        self.outcomes[project.outcome] += 1
        amount = project.fields.get("amount")
        if project.outcome == "won" and isinstance(amount, Money):
            self.revenue[amount.currency] = self.revenue.get(amount.currency, Decimal(0)) + amount.amount

    def take(self, done: Iterable[int], already: Iterable[int], problems: Iterable[RowProblem]) -> None:
        """
        Count the rows of one deal.
        """
        self.done.update(done)
        self.already.update(already)
        self.problems += problems

    def report(self, source: str, lifecycle: Lifecycle, *, rows: int, blank: int) -> ImportReport:
        """
        Return the report of what was counted.
        """
        refused = {problem.row for problem in self.problems}
        return ImportReport(
            source,
            lifecycle.id,
            rows,
            len(self.done),
            len(self.already),
            len(refused),
            blank,
            tuple(sorted(self.problems, key=lambda problem: problem.row)),
            self.deals,
            _in_order(self.stages, (stage.id for stage in lifecycle.stages)),
            _in_order(self.outcomes, lifecycle.definition.outcomes),
            tuple(Money(amount, currency) for currency, amount in sorted(self.revenue.items())),
            tuple(self.failures),
        )


def _in_order(counts: Counter[str], order: Iterable[str]) -> FrozenDict[str, int]:
    return FrozenDict({name: counts[name] for name in order if counts[name]})
