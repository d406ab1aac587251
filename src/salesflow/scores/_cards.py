"""
Scores of scorecards: the marks that people gave, weighted, with rules on evidence and on questions that must be met.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .._model.advice import AdviceContext, Contribution, Score, advises
from .._model.frozen import FrozenDict
from .._model.values import Label
from ..dossier import Scorecard, ScoreItem
from ..errors import say
from ..typing import Scorer
from ._parts import check_weights


_CODES: Final = FrozenDict(
    {
        "card.missing": Label("The scorecard {card:scorecard} is not filled in.", "尚未填写评分卡 {card:scorecard}。"),
        "card.unmet": Label(
            "The scorecard {card:scorecard} does not count while these are not met: {unmet:scorecard}.",
            "以下必备项未满足，评分卡 {card:scorecard} 不计分：{unmet:scorecard}。",
        ),
    }
)


def _unproved(limit: float) -> Label:
    return Label(
        f"a mark above {limit:g} needs evidence, so it counts {limit:g}",
        f"高于 {limit:g} 的评分需有依据，故按 {limit:g} 计",
    )


def _too_high(scale: float) -> Label:
    return Label(f"the best mark is {scale:g}, so it counts {scale:g}", f"满分为 {scale:g}，故按 {scale:g} 计")


def _checked(weights: Mapping[str, float], scale: float, evidence_above: float | None, must: tuple[str, ...]) -> None:
    check_weights("weights", weights)
    if not 0 < scale <= 100:
        raise ValueError(say("param.scale", scale=scale))
    if evidence_above is not None and not 0 <= evidence_above <= scale:
        raise ValueError(say("param.evidence", evidence_above=evidence_above, scale=scale))
    if strange := [item for item in must if item not in weights]:
        raise ValueError(say("param.must", strange=strange))


def _part(item: ScoreItem | None, name: str, most: float, scale: float, evidence_above: float | None) -> Contribution:
    """
    Return what an item adds of *most*, with a note where its mark does not count as it was given.
    """
    if item is None:
        return Contribution(name)
    given = float(item.score)
    if evidence_above is not None and given > evidence_above and not item.evidence.strip():
        return Contribution(name, given, most * evidence_above / scale, _unproved(evidence_above))
    note = _too_high(scale) if given > scale else Label()
    return Contribution(name, given, most * min(given / scale, 1), note)


def _met(item: ScoreItem | None) -> bool:
    return item is not None and (item.score > 0 if item.met is None else item.met)


@advises("scorecard", codes=_CODES)
def scorecard(
    card: str,
    weights: Mapping[str, float],
    *,
    scale: float = 100.0,
    evidence_above: float | None = None,
    must: tuple[str, ...] = (),
) -> Scorer:
    """
    Score a filled-in scorecard: ``100 * sum(w * mark / scale) / sum(w)``. Without the card there is no value.

    Args:
        card: the id of the ``scorecard`` entry.
        weights: relative weight by item; items of the card that are not named do not count.
        scale: the best mark of an item.
        evidence_above: higher marks need evidence, else they count as this mark.
        must: items that must be met (marked met, or with a mark above 0), else there is no value.
    """
    _checked(weights, scale, evidence_above, must)

    def score(ctx: AdviceContext) -> Score:
        held = ctx.project.held(Scorecard.kind).get(card)
        if held is None or not isinstance(held.entry, Scorecard):
            return Score(card, None, method="scorecard", code="card.missing", evidence={"card": card}, codes=_CODES)
        items = {item.id: item for item in held.entry.items}
        whole = sum(weights.values())
        parts = tuple(
            _part(items.get(name), name, 100 * weight / whole, scale, evidence_above)
            for name, weight in weights.items()
        )
        unmet = tuple(name for name in must if not _met(items.get(name)))
        value = None if unmet else round(sum(part.share for part in parts), 2)
        return Score(
            card,
            value,
            contributions=parts,
            method="scorecard",
            code="card.unmet" if unmet else "",
            evidence={"card": card, "unmet": unmet} if unmet else {"card": card},
            codes=_CODES,
        )

    return score


MEDDPICC: Final = FrozenDict(
    {
        "metrics": 15.0,
        "economic_buyer": 15.0,
        "decision_criteria": 10.0,
        "decision_process": 10.0,
        "paper_process": 10.0,
        "identify_pain": 15.0,
        "champion": 15.0,
        "competition": 10.0,
    }
)


@advises("meddpicc", codes=_CODES)
def meddpicc(*, card: str = "meddpicc", weights: Mapping[str, float] = MEDDPICC) -> Scorer:
    """
    Score a MEDDPICC card; each item is 0 unknown, 1 identified, 2 validated or 3 confirmed.

    2 and 3 need evidence. The default weights are those of a published card.
    """
    return scorecard.factory(card, weights, scale=3.0, evidence_above=1.0)


BANT: Final = FrozenDict({"budget": 25.0, "authority": 25.0, "need": 25.0, "timing": 25.0})


@advises("bant", codes=_CODES)
def bant(*, card: str = "bant") -> Scorer:
    """
    Score a BANT card: ``25 * (budget + authority + need + timing)``, each 0, 0.5 or 1; need must be met.
    """
    return scorecard.factory(card, BANT, scale=1.0, must=("need",))


FEASIBILITY: Final = FrozenDict(
    {"necessity": 25.0, "feasibility": 25.0, "customer_budget": 15.0, "fit": 15.0, "winnability": 20.0}
)


@advises("feasibility", codes=_CODES)
def feasibility(*, card: str = "feasibility", weights: Mapping[str, float] = FEASIBILITY) -> Scorer:
    """
    Score a feasibility card (立项), marks 0 to 100; necessity and feasibility must be met.
    """
    must = tuple(name for name in ("necessity", "feasibility") if name in weights)
    return scorecard.factory(card, weights, must=must)
