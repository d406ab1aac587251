"""
The built-in scorers, in one tuple.
"""

from __future__ import annotations

from typing import Any, Final

from .._model.advice import AdviceKind
from ._cards import bant, feasibility, meddpicc, scorecard
from ._joined import health, weighted
from ._past import stage_conversion, stage_velocity
from ._people import evaluation_360, skill_match


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
