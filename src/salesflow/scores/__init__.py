"""
Scores: named numbers about a project, each with its factors. They advise; only guards decide.
"""

from __future__ import annotations

from typing import Any, Final

from .._model.advice import AdviceKind, Contribution, Norms, OwnerNorm, Score, StageNorm
from .._model.advice import advises as scorer
from ._bayes import NaiveBayes, fit_naive_bayes
from ._cards import bant, feasibility, meddpicc, scorecard
from ._evaluation import Bin, Evaluation, back_test, evaluate
from ._joined import health, noisy_or, weighted
from ._norms import norms_of
from ._past import stage_conversion, stage_velocity, wilson
from ._people import evaluation_360, skill_match
from ._records import Record, closed_records, values_of


__all__ = [
    "BUILT_IN",
    "Bin",
    "Contribution",
    "Evaluation",
    "NaiveBayes",
    "Norms",
    "OwnerNorm",
    "Record",
    "Score",
    "StageNorm",
    "back_test",
    "bant",
    "closed_records",
    "evaluate",
    "evaluation_360",
    "feasibility",
    "fit_naive_bayes",
    "health",
    "meddpicc",
    "noisy_or",
    "norms_of",
    "scorecard",
    "scorer",
    "skill_match",
    "stage_conversion",
    "stage_velocity",
    "values_of",
    "weighted",
    "wilson",
]

BUILT_IN: Final[tuple[AdviceKind[..., Any], ...]] = (
    scorecard,
    meddpicc,
    bant,
    feasibility,
    stage_conversion,
    stage_velocity,
    skill_match,
    evaluation_360,
    weighted,
    health,
)
"""The scorers that definitions can name."""
