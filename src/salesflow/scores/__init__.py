"""
Scores: named numbers about a project, each with its factors. They advise; only guards decide.

Its names are loaded when they are first used.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from .._model import advice, lazy
from .._model.advice import (
    AdviceKind as AdviceKind,
    Contribution as Contribution,
    Norms as Norms,
    OwnerNorm as OwnerNorm,
    Score as Score,
    StageNorm as StageNorm,
)


scorer: Final = advice.advises

if TYPE_CHECKING:
    from ._bayes import NaiveBayes as NaiveBayes, fit_naive_bayes as fit_naive_bayes
    from ._cards import bant as bant, feasibility as feasibility, meddpicc as meddpicc, scorecard as scorecard
    from ._evaluation import Bin as Bin, Evaluation as Evaluation, back_test as back_test, evaluate as evaluate
    from ._joined import health as health, noisy_or as noisy_or, weighted as weighted
    from ._norms import norms_of as norms_of
    from ._past import stage_conversion as stage_conversion, stage_velocity as stage_velocity, wilson as wilson
    from ._people import evaluation_360 as evaluation_360, skill_match as skill_match
    from ._records import Record as Record, closed_records as closed_records, values_of as values_of

    BUILT_IN: tuple[AdviceKind[..., Any], ...]
else:
    _SCORERS: Final = {
        "_cards": ("scorecard", "meddpicc", "bant", "feasibility"),
        "_past": ("stage_conversion", "stage_velocity"),
        "_people": ("skill_match", "evaluation_360"),
        "_joined": ("weighted", "health"),
    }
    __getattr__, __dir__, __all__ = lazy.attach(
        globals(),
        {
            **_SCORERS,
            "_bayes": ("NaiveBayes", "fit_naive_bayes"),
            "_evaluation": ("Bin", "Evaluation", "back_test", "evaluate"),
            "_joined": ("noisy_or", *_SCORERS["_joined"]),
            "_norms": ("norms_of",),
            "_past": ("wilson", *_SCORERS["_past"]),
            "_records": ("Record", "closed_records", "values_of"),
        },
        "AdviceKind",
        "Contribution",
        "Norms",
        "OwnerNorm",
        "Score",
        "StageNorm",
        "scorer",
        built_in=chain(*_SCORERS.values()),
    )
