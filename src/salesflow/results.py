"""
The types of results, for annotations: parts of decisions, written moves, reports, scores and findings.
"""

from __future__ import annotations

from ._definition.report import Fault, Report
from ._lifecycle.decision import Candidate, Decision, Option
from ._lifecycle.early_warnings import Alert
from ._lifecycle.host_objects import Bound, BoundMove
from ._model.advice import Contribution, Finding, Score
from ._pipeline.entry_moves import MovedEntry
from ._pipeline.path_ahead import PathAhead, PathNeed, PathStep
from ._pipeline.results import (
    AgendaItem,
    FeedLine,
    FeedLines,
    Fired,
    ListenerFailure,
    ProjectDue,
    StandUp,
    StandUpItem,
    Stay,
    Waiting,
    WorkFailure,
    WorkReport,
    WorkRound,
    Written,
)
from ._pipeline.watch import WatchReport


__all__ = [
    "AgendaItem",
    "Alert",
    "Bound",
    "BoundMove",
    "Candidate",
    "Contribution",
    "Decision",
    "Fault",
    "FeedLine",
    "FeedLines",
    "Finding",
    "Fired",
    "ListenerFailure",
    "MovedEntry",
    "Option",
    "PathAhead",
    "PathNeed",
    "PathStep",
    "ProjectDue",
    "Report",
    "Score",
    "StandUp",
    "StandUpItem",
    "Stay",
    "Waiting",
    "WatchReport",
    "WorkFailure",
    "WorkReport",
    "WorkRound",
    "Written",
]
