"""
The classes that salesflow brings and their kinds, by the module that defines them.
"""

from __future__ import annotations

from typing import Final


HOMES: Final = {
    "_communication": {
        "Acknowledgement": "acknowledgement",
        "ApprovalRequest": "approval_request",
        "Guidance": "guidance",
        "Question": "question",
        "StatusReport": "status_report",
        "Subscription": "subscription",
    },
    "_contract": {"Contract": "contract", "Payment": "payment"},
    "_customer": {"CustomerRecord": "customer_record", "Feedback": "feedback"},
    "_goals": {"Goal": "goal"},
    "_kpi": {"KpiSnapshot": "kpi_snapshot", "KpiTarget": "kpi_target"},
    "_plan": {"Activity": "activity", "StrategyPart": "strategy_part", "Task": "task"},
    "_review": {
        "Approval": "approval",
        "Artefact": "artefact",
        "Lesson": "lesson",
        "Retrospective": "retrospective",
        "Review": "review",
        "Scorecard": "scorecard",
    },
    "_risk": {"RaisedWarning": "warning", "Risk": "risk", "RiskRegister": "risk_register"},
    "_team": {
        "Duty": "duty",
        "Member": "member",
        "ResourceAllocation": "resource_allocation",
        "ResourceDemand": "resource_demand",
    },
}
"""A class is loaded when it is first used."""
