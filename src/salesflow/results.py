"""
What salesflow hands back, for annotations: decisions' parts, written moves, reports, scores and findings.
"""

from __future__ import annotations

from ._advice import Contribution, Finding, Score
from ._bind import Bound, BoundMove
from ._decision import Candidate, Decision, Option
from ._faults import Fault, Report
from ._risk_moves import RiskMoved
from ._watch import Alert
from ._watching import WatchReport
from ._written import Fired, ListenerFailure, WorkFailure, WorkReport, Written


__all__ = [
    "Alert",
    "Bound",
    "BoundMove",
    "Candidate",
    "Contribution",
    "Decision",
    "Fault",
    "Finding",
    "Fired",
    "ListenerFailure",
    "Option",
    "Report",
    "RiskMoved",
    "Score",
    "WatchReport",
    "WorkFailure",
    "WorkReport",
    "Written",
]
