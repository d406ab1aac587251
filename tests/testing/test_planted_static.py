"""
The proofs can fail: each planted fault is found, with a path, and its cure is believed.
"""

from __future__ import annotations

import pytest

from salesflow import check_definition

from ..cases import over_cases
from .planted_static import PLANTED


@over_cases("planted", PLANTED, ids=lambda planted: planted.what)
def test_each_is_found(planted):
    """A lifecycle with the fault can be built, and the proof shows where it breaks."""
    with pytest.raises(AssertionError) as caught:
        planted.find(planted.faulty)

    assert () == check_definition(planted.faulty.definition).faults
    assert planted.says in str(caught.value)
    assert str(caught.value).startswith(f"lifecycle {planted.faulty.id!r} version 1:\n- ")


@over_cases("planted", PLANTED, ids=lambda planted: planted.what)
def test_its_cure_is_believed(planted):
    """Without the fault the same proof holds."""
    assert None is planted.find(planted.sound)
