"""
Scores from models that scikit-learn fits, as plain numbers: explained, saved as JSON, the same wherever they are read.

scikit-learn itself is imported when something is fitted, and never to give a score.
"""

from __future__ import annotations

from ._fitting import ModelKind, by_hand, cross_validate, fit, fit_records
from ._model import Linear, Trees
from ._plugin import SklearnPlugin
from ._saving import ModelError, load, save
from ._scorer import SklearnScorer


__all__ = [
    "Linear",
    "ModelError",
    "ModelKind",
    "SklearnPlugin",
    "SklearnScorer",
    "Trees",
    "by_hand",
    "cross_validate",
    "fit",
    "fit_records",
    "load",
    "save",
]
