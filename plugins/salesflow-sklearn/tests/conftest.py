"""
The two public data sets, read by the benchmark that measures them.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def bench():
    """
    Return the benchmark with the folder of its data, where there is one.
    """
    if not DATA.is_dir():
        pytest.skip("the data sets are not beside the checkout")
    found = importlib.util.spec_from_file_location("foretelling", ROOT / "bench" / "foretelling.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module, DATA
