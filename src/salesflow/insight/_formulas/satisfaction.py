"""
The KPIs of surveys: customer satisfaction and net promoter score.
"""

from __future__ import annotations

from typing import Final

import attrs

from ...dossier import Survey
from .._cases import Ask, Cases, Summarise, Summary, average, quotient, share
from .._columns.people import customer_of
from .._columns.tables import micros
from .._registry import kpi, no_params
from .records import Record, lives, record_cases


_FEW: Final = 5  # fewer answers are marked
_GOOD: Final = 4
_PROMOTER, _DETRACTOR = 9, 6


def answers(ask: Ask, scale: str) -> Cases:
    """
    Find the marks of a scale that were given in the period: of each customer the latest to a survey about an item.

    What was declined, or has no mark, is counted as skipped. An answer without a time was given when it was recorded.
    """
    no_params(ask.params)
    customer = customer_of(ask.columns)
    latest: dict[tuple[object, str, str], Record] = {}
    skipped = 0
    for life in lives(ask.columns, Survey):
        survey = life.entry
        at = life.versions[0].at if survey.answered_at is None else micros(survey.answered_at)
        if survey.scale != scale or not ask.start <= at < ask.end:
            continue
        if survey.score is None or survey.declined:
            skipped += 1
            continue
        named = customer(survey.customer, life.row)
        key = named or life.row, survey.name, survey.item
        if key not in latest or latest[key].at <= at:
            groups = {"customer": named, "item": survey.item or None, "survey": survey.name or None}
            latest[key] = Record(life.row, life.name, at, survey.score, None, groups)
    return record_cases(ask.columns, list(latest.values()), skipped=skipped)


def _top_two(cases: Cases) -> Summary:
    """
    Sum up the share of the two best of five marks.
    """
    count = len(cases.values)
    return share(attrs.evolve(cases, values=[int(mark >= _GOOD) for mark in cases.values], totals=[1] * count))


def _marked(summarise: Summarise) -> Summarise:
    """
    Return a summary of marks that has both figures as parts, and whether there are few answers.
    """

    def summed(cases: Cases) -> Summary:
        parts = {
            "top_two": _top_two(cases).value,
            "mean": average(cases).value,
            "few_answers": len(cases.values) < _FEW,
        }
        return attrs.evolve(summarise(cases), parts=parts)

    return summed


@kpi("csat", _marked(_top_two), mean=_marked(average))
def csat(ask: Ask) -> Cases:
    """
    Find the marks from 1 to 5 that were given in the period.
    """
    return answers(ask, "csat")


def _promoters(cases: Cases) -> Summary:
    """
    Sum up the percentage of promoters less that of detractors.
    """
    count = len(cases.values)
    promoters = sum(mark >= _PROMOTER for mark in cases.values)
    detractors = sum(mark <= _DETRACTOR for mark in cases.values)
    parts = {
        "promoters": promoters,
        "passives": count - promoters - detractors,
        "detractors": detractors,
        "few_answers": count < _FEW,
    }
    if not count:
        return attrs.evolve(share(cases), parts=parts)
    above = promoters - detractors
    return Summary(quotient(100 * above, count), above, count, parts=parts)


@kpi("nps", _promoters)
def nps(ask: Ask) -> Cases:
    """
    Find the marks from 0 to 10 that were given in the period.
    """
    return answers(ask, "nps")
