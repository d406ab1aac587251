"""
The lifecycle that all contenders share: eight events, a passing guard on each.
"""

from __future__ import annotations

from typing import Final


STAGES: Final = ("lead", "qualified", "proposed", "negotiating", "on_hold", "won")

MOVES: Final = (
    ("qualify", "lead", "qualified"),
    ("propose", "qualified", "proposed"),
    ("negotiate", "proposed", "negotiating"),
    ("revise", "negotiating", "proposed"),
    ("hold", "negotiating", "on_hold"),
    ("resume", "on_hold", "negotiating"),
    ("win", "negotiating", "won"),
)
"""Trigger, source and target of every transition."""

WALK: Final = ("qualify", "propose", "negotiate", "revise", "negotiate", "hold", "resume", "win")
"""One deal's way through them; the terms are revised once, and it rests once."""

AMOUNT: Final = 120_000

LEAST: Final = 100_000
"""What the guard of every event compares the amount with."""


class Deal:
    """
    The smallest thing that has a stage and something for the guard to read.
    """

    def __init__(self) -> None:
        self.state = "lead"
        self.amount: int | None = AMOUNT
