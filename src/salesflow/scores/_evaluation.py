"""
Evaluation of a scorer on projects that it was not fitted to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from .._model.frozen import FrozenDict, noun
from .._model.messages import render
from .._model.values import Label
from ..errors import InputError, nearest, say
from ._bayes import fit_naive_bayes
from ._past import Z_95
from ._records import Record


_SAID: Final = FrozenDict(
    {
        True: Label(
            "There is a signal: on {n} projects the scores tell won from lost better than chance does.",
            "有信号：在 {n} 个项目上，评分区分赢单与丢单的能力优于随机。",
        ),
        False: Label(
            "There is no signal: on {n} projects nothing shows that the scores tell won from lost better than "
            "chance does. Do not rely on them.",
            "没有信号：在 {n} 个项目上，看不出评分区分赢单与丢单的能力优于随机，请勿依赖。",
        ),
    }
)


@noun
class Bin:
    """
    One bin of a calibration table: what was predicted, and what happened.

    Attributes:
        low: the bin holds scores from here, and up to *high*.
        n: how many scores fell into it.
        predicted: the mean of the predictions.
        won: the share that was won.
    """

    low: float
    high: float
    n: int
    predicted: float
    won: float


@noun
class Evaluation:
    """
    How scores between 0 and 1 compare with what happened.

    Attributes:
        n: how many scores, and *won* how many of them were won.
        brier: the mean squared error (Brier, 1950); 0 is perfect.
        base: the Brier score of always predicting the share of won projects among those that it was fitted to.
        auc: how often a won project scores higher than a lost project, ties count half (Hanley and McNeil, 1982);
            0.5 is chance.
        interval: where the true AUC lies with 95 % confidence (Newcombe, 2006, method 5).
        bins: the calibration table; empty bins are left out.
    """

    n: int
    won: int
    brier: float
    base: float
    auc: float
    interval: tuple[float, float]
    bins: tuple[Bin, ...]

    @property
    def signal(self) -> bool:
        """
        Whether the scores tell won from lost better than chance, and better than the base rate.
        """
        return self.interval[0] > 0.5 and self.brier < self.base

    def message(self, lang: str = "en") -> str:
        """
        Say in plain words whether there is a signal.
        """
        return render(_SAID[self.signal], {"n": self.n}, lang)


def evaluate(scores: Sequence[float], won: Sequence[bool], *, base_rate: float, bins: int = 10) -> Evaluation:
    """
    Compare scores with outcomes.

    Args:
        scores: predicted probabilities, 0 to 1.
        won: whether each was won, in the same order.
        base_rate: the share of won projects among the projects learned from.
        bins: how many bins of equal width the calibration table has.

    Raises:
        InputError: without at least one won and one lost project, when the lengths differ, for a
            score or a *base_rate* outside 0 to 1, or for no bins.
    """
    hits = sum(won)
    if len(scores) != len(won) or not 0 < hits < len(won):
        raise InputError("outcomes", f"{hits} won of {len(won)}", say("input.outcome_each"))
    if strange := [ratio for ratio in (*scores, base_rate) if not 0 <= ratio <= 1]:
        raise InputError("score", strange[0], say("input.probabilities"))
    if bins < 1:
        raise InputError("bins", bins, say("input.bins"))
    brier = math.fsum((score - happened) ** 2 for score, happened in zip(scores, won, strict=True)) / len(won)
    base = math.fsum((base_rate - happened) ** 2 for happened in won) / len(won)
    auc = _auc(scores, won)
    found = calibration(scores, won, bins)
    return Evaluation(len(won), hits, brier, base, auc, auc_interval(auc, hits, len(won) - hits), found)


def calibration(scores: Sequence[float], won: Sequence[bool], bins: int = 10) -> tuple[Bin, ...]:
    """
    Return the calibration table of scores from 0 to 1: what was predicted in each bin, and what happened.
    """
    table = [_bin(number / bins, (number + 1) / bins, scores, won) for number in range(bins)]
    return tuple(one for one in table if one is not None)


def _auc(scores: Sequence[float], won: Sequence[bool]) -> float:
    ranked = sorted(zip(scores, won, strict=True))
    ranks = total = 0.0
    place = 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        hits = sum(happened for _, happened in ranked[place:end])
        ranks += hits * (place + 1 + end) / 2  # ties share the mean of their ranks
        total += hits
        place = end
    return (ranks - total * (total + 1) / 2) / (total * (len(ranked) - total))


def auc_interval(auc: float, won: int, lost: int) -> tuple[float, float]:
    """
    Return where the true AUC lies with 95 % confidence.

    After Newcombe (Statistics in Medicine 25, 2006, part 2, method 5): the bounds are those AUCs
    from which the found one is just as far as chance allows. So an AUC of 1 from four projects
    has a wide interval, and the lower bound passes 0.5 just when the test of Mann and Whitney,
    in its normal approximation, says so.
    """
    half = (won + lost) / 2 - 1

    def reach(true: float) -> float:
        spread = true * (1 - true) * (1 + half * ((1 - true) / (2 - true) + true / (1 + true)))
        return Z_95 * math.sqrt(spread / (won * lost))

    def bound(end: float) -> float:
        inside, outside = auc, end
        for _ in range(60):
            middle = (inside + outside) / 2
            if abs(auc - middle) <= reach(middle):
                inside = middle
            else:
                outside = middle
        return inside

    return bound(0.0), bound(1.0)


def _bin(low: float, high: float, scores: Sequence[float], won: Sequence[bool]) -> Bin | None:
    inside = [
        (score, happened)
        for score, happened in zip(scores, won, strict=True)
        if low <= score < high or (high >= 1 and score >= 1)
    ]
    if not inside:
        return None
    n = len(inside)
    return Bin(low, high, n, math.fsum(score for score, _ in inside) / n, sum(happened for _, happened in inside) / n)


def back_test(
    records: Sequence[Record],
    stages: Sequence[str],
    *,
    features: Sequence[str] = (),
    at_stage: str | None = None,
    held_out: float = 0.25,
    smoothing: float = 0.1,
) -> Evaluation:
    """
    Fit naive Bayes to the projects that closed first, and evaluate it on those that closed last.

    Args:
        records: closed projects, see :func:`closed_records`; take the fields as they were *known_at*
            the same stage.
        at_stage: score as of this stage, by default the first; lost projects that did not reach it are left out. The
            stage where a project ended would give its end away.
        held_out: the share of the projects to evaluate on.

    Raises:
        InputError: if there are too few closed projects, or only one kind of them.
    """
    stage = next(iter(stages), None) if at_stage is None else at_stage
    if stage is None or stage not in stages:
        raise InputError("at_stage", stage, say("input.stages", known=stages, near=nearest(stage, stages)))
    if not 0 < held_out < 1:
        raise InputError("held_out", held_out, say("input.share"))
    ordered = sorted(records, key=lambda record: (record.closed_at, record.project_id))
    cut = len(ordered) - round(len(ordered) * held_out)
    learned = ordered[:cut]
    held = [one for one in ordered[cut:] if one.won or stages.index(one.stage) >= stages.index(stage)]
    model = fit_naive_bayes(learned, stages, features=features, smoothing=smoothing, minimum=1)
    if model.shortage:
        found = f"{model.won} won and {model.lost} lost projects"
        raise InputError("closed projects to learn from", found, say("input.more_history"))
    values = [model.score(stage, record.values).value for record in held]
    scores = [value / 100 for value in values if value is not None]
    return evaluate(scores, [record.won for record in held], base_rate=model.won / len(learned))
