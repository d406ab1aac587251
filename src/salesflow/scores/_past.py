"""
Scores from how earlier projects ended: conversion and velocity of stages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from .._model.advice import AdviceContext, Contribution, Score, StageNorm, advises
from .._model.frozen import FrozenDict
from .._model.values import Label
from ..errors import InputError, say
from ..typing import Scorer
from ._norms import stays_of
from ._parts import quartile, stage_of, working_days


Z_95: Final = 1.959963984540054
"""The normal quantile of a two-sided interval of 95 %."""

_CODES: Final = FrozenDict(
    {
        "norms.missing": Label(
            "It compares with earlier projects; pass norms=pipeline.norms().",
            "需要与以往项目比较；请传入 norms=pipeline.norms()。",
        ),
        "stage.instant": Label(
            "Half of {n} earlier projects left stage {stage} at once, so no multiple can be computed.",
            "{n} 个以往项目中有一半即刻离开阶段 {stage}，无法计算倍数。",
        ),
    }
)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """
    Return the Wilson score interval of a share, 95 % (Wilson, JASA 22, 1927).

    >>> [round(bound, 2) for bound in wilson(3, 4)]
    [0.3, 0.95]
    """
    if not 0 <= hits <= n:
        raise InputError("hits", hits, say("input.hits", count=n))
    if not n:
        return 0.0, 1.0
    share, square = hits / n, Z_95**2
    middle = share + square / (2 * n)
    spread = Z_95 * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    whole = 1 + square / n
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


@advises("stage_conversion", codes=_CODES)
def stage_conversion(*, prior: float = 1.0, minimum: int = 1) -> Scorer:
    """
    Score how likely a project that reached this stage is won: ``(won + prior) / (reached + 2 * prior)``.

    From closed projects, with the Wilson interval of the plain share beside it; 0 to 1. A closed
    project has none.

    Args:
        prior: 1 is the uniform prior (Laplace's rule of succession), 0 the plain share.
        minimum: how many closed projects it takes.
    """
    if not 0 <= prior < math.inf or minimum < 1:
        raise ValueError(say("param.prior", prior=prior, minimum=minimum))

    def score(ctx: AdviceContext, norms: Mapping[str, StageNorm]) -> Score:
        norm = norms.get(stage_of(ctx).id, StageNorm())
        few = norm.reached < minimum
        return Score(
            "stage_conversion",
            None if few else (norm.won + prior) / (norm.reached + 2 * prior),
            high=1.0,
            contributions=(Contribution("reached", norm.reached), Contribution("won", norm.won)),
            n=norm.reached,
            interval=None if few else wilson(norm.won, norm.reached),
            method="stage_conversion",
            code="insufficient_data" if few else "",
            evidence={"n": norm.reached, "needed": minimum, "stage": stage_of(ctx).id},
        )

    return _compared("stage_conversion", score)


@advises("stage_velocity", codes=_CODES)
def stage_velocity(*, minimum: int = 5) -> Scorer:
    """
    Score how long the project has been in its stage, as a multiple of the median of closed projects; 1 is usual.

    In working days of the lifecycle, Monday to Friday unless its calendar says otherwise, all stays in the stage
    together and holds left out. Open projects are not in the median; the factor ``still_open`` tells which share of
    all that came here they are. A closed project has no such score.

    Args:
        minimum: how many closed projects it takes.
    """
    if minimum < 1:
        raise ValueError(say("param.minimum", minimum=minimum))

    def score(ctx: AdviceContext, norms: Mapping[str, StageNorm]) -> Score:
        stage = stage_of(ctx).id
        norm = norms.get(stage, StageNorm())
        n = len(norm.working_days)
        age = _age(ctx, stage)
        middle = quartile(norm.working_days, 2) if n >= minimum else 0.0
        return Score(
            "stage_velocity",
            age / middle if middle > 0 else None,
            high=math.inf,
            contributions=(
                Contribution("days", age),
                Contribution("median_days", middle if middle > 0 else None),
                Contribution("still_open", _still_open(ctx, norms, stage)),
            ),
            n=n,
            method="stage_velocity",
            code="" if middle > 0 else "insufficient_data" if n < minimum else "stage.instant",
            evidence={"n": n, "needed": minimum, "stage": stage},
            codes=_CODES,
        )

    return _compared("stage_velocity", score)


def _compared(name: str, score: Callable[[AdviceContext, Mapping[str, StageNorm]], Score]) -> Scorer:
    """
    Return a scorer that has nothing to say of closed projects, and says so where norms are missing.
    """

    def run(ctx: AdviceContext) -> Score | None:
        if ctx.stage.final:
            return None
        if ctx.norms is None:
            return Score(name, None, method=name, code="norms.missing", codes=_CODES)
        return score(ctx, ctx.norms.stages)

    return run


def _age(ctx: AdviceContext, stage: str) -> float:
    stays = (stay for stay in stays_of(ctx.history) if stay.stage == stage)
    return math.fsum(working_days(stay.start, stay.end or ctx.at, ctx.calendar) for stay in stays)


def _still_open(ctx: AdviceContext, norms: Mapping[str, StageNorm], stage: str) -> float | None:
    order = [one.id for one in ctx.stages]
    here = norms.get(stage, StageNorm())
    # Open projects further on came through here as well.
    further = sum(norms[one].open for one in order[order.index(stage) :] if one in norms)
    passed = here.reached + further
    return here.open / passed if passed else None
