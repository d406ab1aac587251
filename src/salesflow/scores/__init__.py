"""
Scores: named numbers about a project, each with its factors. They advise; only guards decide.

Its names are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._model import advice, lazy
from .._model.advice import AdviceKind as AdviceKind
from .._model.advice import Contribution as Contribution
from .._model.advice import Norms as Norms
from .._model.advice import OwnerNorm as OwnerNorm
from .._model.advice import Score as Score
from .._model.advice import StageNorm as StageNorm


scorer = advice.advises

if TYPE_CHECKING:
    from ._bayes import NaiveBayes as NaiveBayes
    from ._bayes import fit_naive_bayes as fit_naive_bayes
    from ._built_in import BUILT_IN as BUILT_IN
    from ._cards import bant as bant
    from ._cards import feasibility as feasibility
    from ._cards import meddpicc as meddpicc
    from ._cards import scorecard as scorecard
    from ._evaluation import Bin as Bin
    from ._evaluation import Evaluation as Evaluation
    from ._evaluation import back_test as back_test
    from ._evaluation import evaluate as evaluate
    from ._joined import health as health
    from ._joined import noisy_or as noisy_or
    from ._joined import weighted as weighted
    from ._norms import norms_of as norms_of
    from ._past import stage_conversion as stage_conversion
    from ._past import stage_velocity as stage_velocity
    from ._past import wilson as wilson
    from ._people import evaluation_360 as evaluation_360
    from ._people import skill_match as skill_match
    from ._records import Record as Record
    from ._records import closed_records as closed_records
    from ._records import values_of as values_of
else:
    __getattr__, __dir__, __all__ = lazy.attach(
        globals(),
        {
            "_bayes": (
                "NaiveBayes",
                "fit_naive_bayes",
            ),
            "_built_in": ("BUILT_IN",),
            "_cards": (
                "bant",
                "feasibility",
                "meddpicc",
                "scorecard",
            ),
            "_evaluation": (
                "Bin",
                "Evaluation",
                "back_test",
                "evaluate",
            ),
            "_joined": (
                "health",
                "noisy_or",
                "weighted",
            ),
            "_norms": ("norms_of",),
            "_past": (
                "stage_conversion",
                "stage_velocity",
                "wilson",
            ),
            "_people": (
                "evaluation_360",
                "skill_match",
            ),
            "_records": (
                "Record",
                "closed_records",
                "values_of",
            ),
        },
        "AdviceKind",
        "Contribution",
        "Norms",
        "OwnerNorm",
        "Score",
        "StageNorm",
        "scorer",
    )
