"""
The example runs.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


EXAMPLE = Path(__file__).parents[1] / "examples" / "notify.py"


@pytest.mark.slow
def test_example():
    """
    Two people are told in two languages, and the third is listed as one who cannot be reached.
    """
    ran = subprocess.run([sys.executable, EXAMPLE], capture_output=True, text=True, check=True)

    assert [
        "/kim Metro line 5: win",
        "/li Metro line 5：win",
        "dead: lee: there is no channel for 'lee'; channels: chat",
    ] == ran.stdout.splitlines()
