"""
The scikit-learn plugin: scores from fitted models, kept as plain numbers, explained, and saved as JSON.

scikit-learn is imported when a model is fitted, and never to compute a score.
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
