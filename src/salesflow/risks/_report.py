"""
The risk report of a project: its risk register and the findings of all risk checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Final

import attrs

from .._model.advice import Finding
from .._model.argument_types import items_of
from .._model.frozen import EMPTY, FrozenDict, noun
from .._model.project import Project
from .._model.risk_matrix import Level, Matrix, Rating, make_matrix, worst
from .._model.uses import AdviceUse
from ..dossier import IMPACT_TYPES, RaisedWarning, Risk
from ..scores import noisy_or
from ._register import open_risks, rated, risk_matrix


@noun
class RiskReport:
    """
    The risks of a project at one time.

    Attributes:
        findings: of every check, in order, also where nothing fired.
        level: the worst of the open risks and of what fired; ``None`` if there is neither.
        score: 0 to 100; ``100 * (1 - prod(1 - s))`` over the signals of what fired.
        matrix: the table the open risks are rated by.
        ratings: the place of each open risk in it, by id.
        open: the open risks.
        warnings: the early warnings that are active.
    """

    project_id: str
    at: datetime
    findings: tuple[Finding, ...]
    level: Level | None
    score: float
    matrix: Matrix = attrs.field(repr=False)
    ratings: Mapping[str, Rating] = EMPTY
    open: tuple[Risk, ...] = ()
    warnings: tuple[RaisedWarning, ...] = ()

    @property
    def fired(self) -> tuple[Finding, ...]:
        """
        The findings that fired.
        """
        return tuple(finding for finding in self.findings if finding.status == "fired")

    @property
    def unknown(self) -> tuple[Finding, ...]:
        """
        Findings that are unknown.
        """
        return tuple(finding for finding in self.findings if finding.status == "unknown")

    @property
    def cells(self) -> Mapping[tuple[int, int], tuple[Risk, ...]]:
        """
        The open risks by their cell of the matrix: probability and impact.
        """
        found: dict[tuple[int, int], tuple[Risk, ...]] = {}
        for risk in self.open:
            rating = self.ratings[risk.id]
            cell = (rating.probability, rating.impact)
            found[cell] = (*found.get(cell, ()), risk)
        return FrozenDict(found)

    @property
    def by_impact(self) -> Mapping[str, tuple[Risk, ...]]:
        """
        The open risks by what they harm, as ``Risk.impacts`` names it, the worst first; ``""`` where it says nothing.

        The names of ``dossier.IMPACT_TYPES``, which have labels, come first.
        """
        found: dict[str, list[tuple[int, Risk]]] = {name: [] for name in IMPACT_TYPES}
        for risk in self.open:
            for name, impact in (risk.impacts or {"": risk.impact}).items():
                found.setdefault(name, []).append((-risk.probability * impact, risk))
        by_score = {name: sorted(each, key=itemgetter(0)) for name, each in found.items() if each}
        return FrozenDict({name: tuple([risk for _, risk in each]) for name, each in by_score.items()})


_OF_MATRIX: Final = {"levels": "bands", "table": "table", "combine": "combine"}


def matrix_of(uses: Iterable[AdviceUse]) -> Matrix:
    """
    Return the matrix of the first ``risk_matrix`` among the checks of a definition, or the default matrix.
    """
    given = items_of("uses", uses, AdviceUse)
    params = next((use.params for use in given if use.use == risk_matrix.name), EMPTY)
    return make_matrix(**{_OF_MATRIX[name]: value for name, value in params.items() if name in _OF_MATRIX})


def report_of(project: Project, at: datetime, findings: Sequence[Finding], matrix: Matrix) -> RiskReport:
    """
    Put together what was found about a project and what its register says.
    """
    ratings = rated(project, matrix)
    fired = [finding for finding in findings if finding.status == "fired"]
    return RiskReport(
        project.id,
        at,
        tuple(findings),
        worst([*(finding.level for finding in fired), *(rating.level for rating in ratings.values())]),
        round(100 * noisy_or(tuple(finding.signal for finding in fired)), 2),
        matrix,
        ratings,
        open_risks(project),
        tuple(one for one in project.all(RaisedWarning) if one.active),
    )
