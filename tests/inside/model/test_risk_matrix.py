"""
The tables behind the risk matrix.
"""

from __future__ import annotations

from itertools import product

from salesflow._model.risk_matrix import BANDS, LEVEL_NAMES, LEVELS, worst
from salesflow.risks import make_matrix


def test_the_table_is_total():
    """
    Every pair has a level, and every level has its names.
    """
    found = {make_matrix().level(*pair) for pair in product(range(1, 6), repeat=2)}

    assert set(LEVELS) == found == set(LEVEL_NAMES)
    assert all(() == label.missing() for label in LEVEL_NAMES.values())


def test_bands_may_be_few():
    """
    A level that is not among the bands is not given.
    """
    found = {make_matrix({"high": 12}).level(*pair) for pair in product(range(1, 6), repeat=2)}

    assert {"low", "high"} == found
    assert {"medium": 5, "high": 10, "critical": 15} == BANDS


def test_the_worst():
    """
    The worst level is found, and none among none.
    """

    assert ("critical", None) == (worst(["low", "critical", "high"]), worst([]))
