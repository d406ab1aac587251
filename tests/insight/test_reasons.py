"""
Why there is no figure, in words.
"""

from __future__ import annotations

import re
from pathlib import Path

import salesflow.insight
from salesflow.insight import REASONS


def test_every_reason_has_its_words():
    """
    Each code that a figure gives as its reason has a label in both languages.
    """
    files = Path(salesflow.insight.__file__).parent.rglob("*.py")
    given = {code for each in files for code in re.findall(r'reason="(\w+)"', each.read_text("utf-8"))}

    assert {"no_target", "nothing_due"} <= given
    assert set() == given - set(REASONS)
    assert [] == [code for code, label in REASONS.items() if not (label.en and label.zh)]
