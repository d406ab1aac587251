"""
Checks what a plugin returns as scores or findings.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import get_args

from .._definition.check_types import misfits
from .._model.advice import Finding, RiskStatus, Score
from .._model.risk_matrix import LEVELS


def problems_of_answer(answer: Score | Finding) -> Iterator[str]:
    """
    Yield in words whatever is wrong with an answer; what is not known here counts as wrong.
    """
    wrong = [f"{fault.path}: {fault.problem}" for fault in misfits(answer, type(answer), "")]
    if wrong:
        yield from wrong
    elif isinstance(answer, Score):
        yield from _of_score(answer)
    else:
        yield from _of_finding(answer)


def _of_score(score: Score) -> Iterator[str]:
    if score.value is not None and not isfinite(score.value):
        yield f"value: {score.value} is no finite number"
    for part in score.contributions:
        if not isfinite(part.share):
            yield f"contributions: {part.factor!r} adds {part.share}, which is no finite number"
    if score.interval is not None and not (len(score.interval) == 2 and score.interval[0] <= score.interval[1]):
        yield f"interval: {score.interval} is not from a lower to a higher number"
    if score.n is not None and score.n < 0:
        yield f"n: {score.n} is below 0"


def _of_finding(finding: Finding) -> Iterator[str]:
    for what, value, known in (("status", finding.status, get_args(RiskStatus)), ("level", finding.level, LEVELS)):
        if value not in known:
            yield f"{what}: {value!r} is not one of {', '.join(known)}"
    if not 0 <= finding.signal <= 1:
        yield f"signal: {finding.signal} is not from 0 to 1"
