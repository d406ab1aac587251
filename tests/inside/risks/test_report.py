"""
The built-in lifecycle has its checks of risks.
"""

from __future__ import annotations

from salesflow import load_lifecycle
from salesflow._lifecycle.bind_advice import ask_risk_checks

from ...cases import over_cases
from ...risks.factory import Story


@over_cases("stage", [stage.id for stage in load_lifecycle("operating_cycle").stages])
def test_the_built_in_lifecycle_is_watched(stage):
    """
    The operating cycle names its checks with stages that it has, so none of them fails in any stage.
    """
    lifecycle = load_lifecycle("operating_cycle")
    found = ask_risk_checks(lifecycle.risk_checks, Story(stage=stage).context(stages=lifecycle.stages))

    assert 25 == len(lifecycle.risk_checks)
    assert [] == [one.check for one in found if one.error]
