"""
The interval of the AUC.
"""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from salesflow.scores._evaluation import auc_interval


def test_interval_is_mann_whitney_and_wilson():
    """
    The interval passes chance when the test of Mann and Whitney does, and for one and one it is Wilson's.
    """
    error = 1.959963984540054 * ((4 + 4 + 1) / (12 * 4 * 4)) ** 0.5

    assert 0.5 == pytest.approx(auc_interval(0.5 + error, 4, 4)[0])
    assert (0.2065, 1.0) == tuple(round(bound, 4) for bound in auc_interval(1.0, 1, 1))


@given(st.floats(0, 1), st.integers(1, 300), st.integers(1, 300))
def test_interval_holds_what_was_found(auc, won, lost):
    """
    An interval lies within 0 and 1, holds the AUC, and mirrors that of the mirrored one.
    """
    low, high = auc_interval(auc, won, lost)
    mirrored = auc_interval(1 - auc, won, lost)

    assert 0 <= low <= auc <= high <= 1
    assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-9)
