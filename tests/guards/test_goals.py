from __future__ import annotations
from .factory import NOW


def test_x():
    assert NOW
