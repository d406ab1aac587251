"""
What every test starts from: the profiles of generated examples, and real data where there is some.
"""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest


# The usual run gives the same answer twice; the deep one looks for what nobody has seen yet.
hypothesis.settings.register_profile("usual", max_examples=30, deadline=None, derandomize=True, database=None)
hypothesis.settings.register_profile("deep", max_examples=1000, deadline=None)
hypothesis.settings.load_profile("usual")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """
    The folder of real sales data beside the checkout; without it the test is skipped.
    """
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}")
    return folder
