"""
Scores made of other scores: a weighted sum, and the health of a project.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Final

from .._model.advice import AdviceContext, Contribution, Finding, Score, advises
from .._model.facts import Transitioned
from .._model.frozen import FrozenDict
from .._model.values import Label
from ..dossier import Activity
from ..errors import say
from ..typing import Scorer
from ._parts import DAY, check_weights, stage_of


_MISSING: Final = Label(
    "It cannot be computed without a value of {missing:advice}.", "缺少 {missing:advice} 的分值，无法计算。"
)


@advises("weighted", codes={"parts.missing": _MISSING})
def weighted(parts: Mapping[str, float], *, partial: bool = False) -> Scorer:
    """
    Combine scores that come before: ``100 * sum(w * s) / sum(w)``, each score taken in its own range.

    Args:
        parts: relative weight by name of a score that comes earlier in the file.
        partial: leave out scores without value and rescale the weights, instead of giving no value.
    """
    check_weights("parts", parts)

    def score(ctx: AdviceContext) -> Score:
        ratios = {name: _ratio(ctx, name) for name in parts}
        return _joined("weighted", ratios, parts, partial=partial)

    return score


def _ratio(ctx: AdviceContext, name: str) -> float | None:
    found = ctx.scores.get(name)
    return None if found is None else found.ratio


def _joined(method: str, ratios: Mapping[str, float | None], weights: Mapping[str, float], *, partial: bool) -> Score:
    missing = tuple(name for name, ratio in ratios.items() if ratio is None)
    whole = sum(weight for name, weight in weights.items() if name not in missing)
    computed = whole > 0 and (partial or not missing)
    shares = {
        name: 0.0 if ratio is None or not computed else 100 * weights[name] / whole * ratio
        for name, ratio in ratios.items()
    }
    return Score(
        method,
        round(sum(shares.values()), 2) if computed else None,
        contributions=tuple(Contribution(name, ratios[name], share) for name, share in shares.items()),
        method=method,
        code="" if computed else "parts.missing",
        evidence={"missing": missing},
    )


def noisy_or(signals: tuple[float, ...]) -> float:
    """
    Return what independent signals, each 0 to 1, say together: ``1 - prod(1 - s)`` (Pearl, 1988).

    >>> round(100 * noisy_or((0.3, 0.5, 0.2)), 2)
    72.0
    """
    return 1 - prod(1 - signal for signal in signals)


HEALTH: Final = FrozenDict({"safety": 0.35, "progress": 0.25, "engagement": 0.20, "qualification": 0.20})


@advises("health", codes={"parts.missing": _MISSING})
def health(*, qualification: str = "meddpicc", quiet_days: int = 30, weights: Mapping[str, float] = HEALTH) -> Scorer:
    """
    Score the health of a project: 0.35 safety + 0.25 progress + 0.20 engagement + 0.20 qualification, in per cent.

    Safety is 1 less what all fired findings say together; progress the probability of the stage,
    else its place in the file; engagement falls from 1 to 0 over *quiet_days* without a move or a
    done activity, and is not known on hold. A part that is not known is left out, and the weights
    are rescaled. A closed project has no health.

    Args:
        qualification: the name of the score, before this one in the file, that tells how well the
            project is qualified.
    """
    check_weights("weights", weights)
    if quiet_days < 1 or set(weights) != set(HEALTH):
        raise ValueError(say("param.health", names=HEALTH))

    def score(ctx: AdviceContext) -> Score | None:
        if ctx.stage.final:
            return None
        parts = {
            "safety": _safety(ctx.findings),
            "progress": _progress(ctx),
            "engagement": _engagement(ctx, quiet_days),
            "qualification": _ratio(ctx, qualification),
        }
        return _joined("health", parts, weights, partial=True)

    return score


def _safety(findings: tuple[Finding, ...]) -> float | None:
    known = [finding for finding in findings if finding.status != "unknown"]
    fired = tuple(finding.signal for finding in known if finding.status == "fired")
    return 1 - noisy_or(fired) if known else None


def _progress(ctx: AdviceContext) -> float:
    stage = stage_of(ctx)
    if isinstance(stage.probability, (int, float)):
        return float(stage.probability)
    ways = [one.id for one in ctx.stages if not one.final and one.kind != "hold"]
    return ways.index(stage.id) / len(ways)


def _engagement(ctx: AdviceContext, quiet_days: int) -> float | None:
    if ctx.project.suspended is not None:
        return None
    moves = [fact.at for fact in ctx.history if isinstance(fact.body, Transitioned)]
    done = [one.at for one in ctx.project.all(Activity) if one.status == "done" and one.at and one.at <= ctx.at]
    last = max([ctx.project.opened_at, *moves, *done])
    return max(0.0, 1 - (ctx.at - last).total_seconds() / DAY / quiet_days)
