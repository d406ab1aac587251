"""
The KPI of how people are rated from all sides: the 360-degree evaluation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, cast

import attrs

from ..._model.frozen import EMPTY, noun
from ..._model.values import person
from ...dossier import Feedback
from ...errors import InputError, say
from ...scores._people import GROUPS, full_groups
from .._cases import Ask, Cases, Summary, quotient
from .._registry import kpi, no_params
from .records import Record, lives, record_cases


_SCALE: Final = Decimal(5)
_MIN_RATERS: Final = 3


@noun
class _Survey:
    """
    How marks are weighed: the best mark, how few of a group are too few, and the weight of each group.
    """

    scale: Decimal
    min_raters: int
    weights: Mapping[str, Fraction]

    def rated(self, marks: Mapping[str, list[Decimal]]) -> Fraction | None:
        """
        Return the result of a member's marks by group, 0 to 100; ``None`` if no group has enough raters.
        """
        full = full_groups({group: len(given) for group, given in marks.items()}, self.weights, self.min_raters)
        whole = sum(self.weights[group] for group in full)
        if not whole:
            return None
        means = {group: Fraction(sum(marks[group])) / len(marks[group]) for group in full}
        return 100 * sum(self.weights[group] * mean for group, mean in means.items()) / whole / Fraction(self.scale)


def _evaluated(cases: Cases) -> Summary:
    """
    Sum up marks: the mean over the people who were rated, with a row for each person and group of raters.

    The marks of a group that is left out are not shown, so that they cannot identify a person.
    """
    survey: _Survey = cases.common
    marks: dict[str, dict[str, list[Decimal]]] = {}
    groups = cases.groups
    for member, source, mark in zip(groups.get("member", ()), cases.totals or (), cases.values, strict=True):
        marks.setdefault(member, {}).setdefault(source, []).append(mark)
    values = {member: survey.rated(given) for member, given in sorted(marks.items())}
    found = [value for value in values.values() if value is not None]
    rows = [row for member, value in values.items() for row in _rows(survey, member, value, marks[member])]
    if not found:
        return Summary(None, None, 0, "too_few_raters" if cases.rows else "no_cases", rows=rows)
    return Summary(quotient(sum(found), len(found)), None, len(found), rows=rows)


def _rows(
    survey: _Survey, member: str, value: Fraction | None, marks: Mapping[str, list[Decimal]]
) -> Iterator[Mapping[str, Any]]:
    full = full_groups({group: len(given) for group, given in marks.items()}, survey.weights, survey.min_raters)
    for group in survey.weights:
        if group in marks:
            given = marks[group]
            yield {
                "member": member,
                "value": None if value is None else float(value),
                "group": group,
                "raters": len(given),
                "mean": quotient(sum(given), len(given)) if group in full else None,
                "weight": float(survey.weights[group]),
            }


@kpi("evaluation_360", _evaluated)
def evaluation_360(ask: Ask) -> Cases:
    """
    Find the answers about members that were given in the period.

    Parameters
    ----------
        scale: the best mark; 5 by default. Marks outside of 0 to *scale* are left out and counted.
        min_raters: how many a group needs at least, besides self and manager; 3 by default.
        weights: relative weight by group; the group is the source of the answer.
    """
    no_params(ask.params, "scale", "min_raters", "weights")
    survey = _survey(ask.params)
    records: list[Record] = []
    skipped = 0
    for life in lives(ask.columns, Feedback):
        answer, at = life.entry, life.versions[-1].at
        if answer.member is None or answer.source not in survey.weights or not ask.start <= at < ask.end:
            continue
        if answer.score is None or answer.declined or not 0 <= answer.score <= survey.scale:
            skipped += 1
            continue
        groups = {"member": person(answer.member)}
        records.append(Record(life.row, life.name, at, answer.score, answer.source, groups))
    return attrs.evolve(record_cases(ask.columns, records, skipped=skipped), common=survey)


def _survey(params: Mapping[str, Any]) -> _Survey:
    given: dict[str, Any] = {"scale": _SCALE, "min_raters": _MIN_RATERS, "weights": GROUPS, **params}
    scale, least, weights = given["scale"], given["min_raters"], given["weights"]
    table: Mapping[str, Any] = cast("Mapping[str, Any]", weights) if isinstance(weights, Mapping) else EMPTY
    good = {
        "scale": _positive(scale),
        "min_raters": _positive(least) and isinstance(least, int),
        "weights": bool(table) and all(map(_positive, table.values())),
    }
    for name, is_good in good.items():
        if not is_good:
            raise InputError(f"{name}=", given[name], say("input.above_zero"))
    return _Survey(Decimal(str(scale)), least, {name: Fraction(str(each)) for name, each in table.items()})


def _positive(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and 0 < value < float("inf")
