"""
The example runs, and says what its README says.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


EXAMPLE = Path(__file__).parents[1] / "examples" / "discounts.py"


@pytest.mark.slow
def test_example():
    """
    It refuses the large discount, twice in words, and accepts the small one.
    """
    ran = subprocess.run([sys.executable, EXAMPLE], capture_output=True, text=True, check=True)

    assert [
        "refused: Not met: a discount above 10 % needs a director.",
        "拒绝：未满足：折扣超过 10% 须由总监办理。",
        "accepted: won",
    ] == ran.stdout.splitlines()
