"""
Which kinds of entries are looked at for terms.
"""

from __future__ import annotations

from salesflow._pipeline.entry_lifecycles import TIMED, built_in
from salesflow.templates import RECORDS


def test_the_kinds_with_terms():
    """
    Those are watched whose built-in lifecycle has a deadline in one of its stages, and no others.
    """
    assert TIMED == {kind for kind in RECORDS if any(built_in(kind).limits.values())}
