"""
The vocabulary of a sales project: the classes of the entries that its dossier holds.

Every entry is frozen and has an id within its kind; adding one with the same id replaces it.
An attribute that an entry does not know is an error.
"""

from __future__ import annotations

from typing import Any, Final

from ._contract import Contract, Payment
from ._customer import CustomerRecord, Feedback
from ._goals import METRICS, Goal, Metric
from ._plan import Activity, StrategyPart, Task
from ._review import Approval, Artefact, Lesson, Retrospective, Review, Scorecard, ScoreItem
from ._risk import RISK_STAGES, RaisedWarning, Risk, RiskRegister, RiskStage
from ._team import Duty, Member, ResourceAllocation, ResourceDemand


__all__ = [
    "BUILT_IN",
    "METRICS",
    "RISK_STAGES",
    "Activity",
    "Approval",
    "Artefact",
    "Contract",
    "CustomerRecord",
    "Duty",
    "Feedback",
    "Goal",
    "Lesson",
    "Member",
    "Metric",
    "Payment",
    "RaisedWarning",
    "ResourceAllocation",
    "ResourceDemand",
    "Retrospective",
    "Review",
    "Risk",
    "RiskRegister",
    "RiskStage",
    "ScoreItem",
    "Scorecard",
    "StrategyPart",
    "Task",
]


BUILT_IN: Final[tuple[type[Any], ...]] = (
    Activity,
    Approval,
    Artefact,
    Contract,
    CustomerRecord,
    Duty,
    Feedback,
    Goal,
    Lesson,
    Member,
    Payment,
    RaisedWarning,
    ResourceAllocation,
    ResourceDemand,
    Retrospective,
    Review,
    Risk,
    RiskRegister,
    Scorecard,
    StrategyPart,
    Task,
)
"""The entry classes that salesflow brings."""
