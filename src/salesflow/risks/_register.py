"""
Checks on the risk register: the matrix, the expected loss, and the residual risk after the responses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import attrs

from .._model.advice import AdviceContext, Finding, advises as risk_check
from .._model.frozen import FrozenDict
from .._model.project import Project
from .._model.risk_matrix import BANDS, LEVEL_NAMES, LEVELS, Combine, Level, Matrix, Rating, make_matrix
from .._model.values import Label, Money
from ..dossier import IMPACT_TYPES, Risk
from ..errors import say
from ..typing import RiskCheck
from ._base import clear, fired, unsure


_ANSWER: Final = Label(
    "Respond to the worst risks first: name an owner, a response with a due day, and a contingency plan.",
    "先应对最严重的风险：明确负责人、应对措施和期限，并准备应急预案。",
)


def open_risks(project: Project) -> tuple[Risk, ...]:
    """
    Return the risks that may still occur.
    """
    return tuple(risk for risk in project.all(Risk) if risk.open)


def rated(project: Project, matrix: Matrix) -> Mapping[str, Rating]:
    """
    Return where each open risk stands now, by its id.
    """
    return FrozenDict({risk.id: matrix.rate(*risk.current) for risk in open_risks(project)})


def plain(rating: Rating) -> Mapping[str, Any]:
    """
    Return a rating as evidence: the raw pair beside the score and the level.
    """
    return FrozenDict(probability=rating.probability, impacts=rating.impacts, score=rating.score, level=rating.level)


def harm_of(risk: Any, rating: Rating) -> Label:
    """
    Return the impacts of a risk as people read them, each with what it harms.
    """
    if not risk.impacts:
        return Label(", ".join(map(str, rating.impacts)))
    named = [(IMPACT_TYPES.get(name, Label(name)), impact) for name, impact in risk.impacts.items()]
    return Label(
        *(", ".join(f"{each.text(lang) or each.en} {impact}" for each, impact in named) for lang in ("en", "zh"))
    )


@risk_check(
    "risk_matrix",
    codes={
        "risk.rated": Label(
            "Risk {risk} is {called}: probability {probability}, impact {harm}, score {score}.",
            "风险 {risk} 的等级为 {called}：概率 {probability}，影响 {harm}，评分 {score}。",
        ),
    },
)
def risk_matrix(
    *,
    levels: Mapping[str, int] = BANDS,
    table: tuple[tuple[str, ...], ...] = (),
    combine: Combine = "highest",
    fire_at: Level = "medium",
) -> RiskCheck:
    """
    Look for open risks at level *fire_at* or worse in the five-by-five matrix; its signal is score / 25.

    Args:
        levels: the lowest score of each level above ``low``.
        table: in its place, five rows (probability 1 to 5) of five levels (impact 1 to 5).
        combine: how several impacts of a risk are combined: ``highest``, ``average_impacts``
            or ``average_scores``.
    """
    matrix = make_matrix(levels, table, combine)

    def check(ctx: AdviceContext) -> Finding | None:
        ratings = rated(ctx.project, matrix)
        if not ratings:
            return None
        name = max(ratings, key=lambda risk: (LEVELS.index(ratings[risk].level), ratings[risk].score))
        top = ratings[name]
        evidence = {
            "risk": name,
            "called": LEVEL_NAMES[top.level],
            "harm": harm_of(ctx.project.held(Risk.kind)[name].entry, top),
            **plain(top),
            "cells": {risk: plain(one) for risk, one in ratings.items()},
        }
        if LEVELS.index(top.level) < LEVELS.index(fire_at):
            return clear("risk_matrix", "risk.rated", **evidence)
        found = fired("risk_matrix", top.level, "risk.rated", _ANSWER, **evidence)
        return attrs.evolve(found, signal=top.score / 25)

    return check


SHARES: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
"""How likely a risk of probability 1 to 5 is taken to be."""


@risk_check(
    "risk_exposure",
    codes={
        "exposure.total": Label(
            "The expected loss of {n} risk(s) is {exposure}.", "{n} 个风险的预期损失为 {exposure}。"
        ),
        "exposure.high": Label(
            "The expected loss of {n} risk(s) is {exposure}, more than {limit}.",
            "{n} 个风险的预期损失为 {exposure}，超过 {limit}。",
        ),
        "exposure.mixed": Label(
            "The expected loss cannot be computed in several currencies: {currencies}.",
            "存在多种币种（{currencies}），无法计算预期损失。",
        ),
    },
)
def risk_exposure(
    *, shares: tuple[float, ...] = SHARES, limit: Money | None = None, level: Level = "high"
) -> RiskCheck:
    """
    Report the expected loss: the sum over open risks of share times exposure, in one currency.

    Args:
        shares: how likely a risk of probability 1 to 5 is, each 0 to 1.
        limit: fire above this amount; without it, only report.
    """
    if len(shares) != 5 or not all(0 <= share <= 1 for share in shares):
        raise ValueError(say("param.shares", shares=shares))
    most = Money.parse(limit) if isinstance(limit, str) else limit
    factors = [Decimal(str(share)) for share in shares]

    def check(ctx: AdviceContext) -> Finding | None:
        costly = [(risk.current[0], risk.exposure) for risk in open_risks(ctx.project) if risk.exposure is not None]
        if not costly:
            return None
        currencies = sorted({cost.currency for _, cost in costly} | ({most.currency} if most else set()))
        if len(currencies) > 1:
            return unsure("risk_exposure", "exposure.mixed", currencies=tuple(currencies))
        total = sum((factors[probability - 1] * cost.amount for probability, cost in costly), Decimal(0))
        exposure = Money(total, currencies[0])
        if most is None or exposure <= most:
            return clear("risk_exposure", "exposure.total", n=len(costly), exposure=exposure)
        return fired("risk_exposure", level, "exposure.high", _ANSWER, n=len(costly), exposure=exposure, limit=most)

    return check


@risk_check(
    "residual",
    codes={
        "residual.told": Label(
            "After the response, {risk} is {after} (before: {before}).",
            "应对之后，风险 {risk} 的等级为 {after}（应对前：{before}）。",
        ),
    },
)
def residual(
    *,
    levels: Mapping[str, int] = BANDS,
    table: tuple[tuple[str, ...], ...] = (),
    combine: Combine = "highest",
    fire_at: Level = "high",
) -> RiskCheck:
    """
    Report each open risk before and after its response; fire if a risk stays at *fire_at* or worse.

    *levels*, *table* and *combine* are those of ``risk_matrix``.
    """
    matrix = make_matrix(levels, table, combine)

    def check(ctx: AdviceContext) -> Sequence[Finding]:
        found: list[Finding] = []
        for risk in open_risks(ctx.project):
            if risk.residual is None:
                continue
            before, after = matrix.rate(*risk.pair), matrix.rate(*risk.residual)
            about = {"risk": risk.id, "before": LEVEL_NAMES[before.level], "after": LEVEL_NAMES[after.level]}
            cells = {"raw": plain(before), "residual": plain(after)}
            if LEVELS.index(after.level) < LEVELS.index(fire_at):
                found.append(clear("residual", "residual.told", **about, **cells))
            else:
                more = Label("The response does too little; find another one.", "应对措施不足，请另行制定。")
                worse = fired("residual", after.level, "residual.told", more, **about, **cells)
                found.append(attrs.evolve(worse, signal=after.score / 25))
        return found

    return check
