"""
What salesflow hands back, for annotations: decisions' parts, written moves, reports.
"""

from __future__ import annotations

from ._bind import Bound, BoundMove
from ._decision import Candidate, Decision, Option
from ._faults import Fault, Report
from ._written import Fired, ListenerFailure, WorkFailure, WorkReport, Written


__all__ = [
    "Bound",
    "BoundMove",
    "Candidate",
    "Decision",
    "Fault",
    "Fired",
    "ListenerFailure",
    "Option",
    "Report",
    "WorkFailure",
    "WorkReport",
    "Written",
]
