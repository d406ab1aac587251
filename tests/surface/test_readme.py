"""
What the README shows and no block of it runs.
"""

from __future__ import annotations

import re
from pathlib import Path

from salesflow import load_lifecycle
from salesflow.guards import BUILT_IN


README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def test_the_picture_is_of_the_lifecycle():
    """
    The Mermaid picture is the one that the lifecycle draws of itself.
    """
    (picture,) = re.findall(r"```mermaid\n(.*?)```", README, re.DOTALL)

    assert load_lifecycle("simple_deal").mermaid() == picture


def test_the_guards_are_counted():
    """
    The number of guards is the number there is.
    """
    assert f"{len(BUILT_IN)} guards" in README
