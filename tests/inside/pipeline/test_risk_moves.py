"""
The lifecycle of a risk has the stages of the dossier.
"""

from __future__ import annotations

from salesflow._pipeline.risk_moves import risk_lifecycle
from salesflow.dossier import RISK_STAGES


def test_the_stages_are_the_statuses():
    """
    The lifecycle of risks and the entry know the same stages.
    """

    assert list(RISK_STAGES) == [stage.id for stage in risk_lifecycle().stages]
