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
    "_contract": {
        "Contract": "contract",
        "Delivery": "delivery",
        "Deposit": "deposit",
        "Invoice": "invoice",
        "Payment": "payment",
        "PaymentDue": "payment_due",
        "Receipt": "receipt",
    },
    "_cost": {"Budget": "budget", "SalesCost": "sales_cost", "TimeBooking": "time_booking"},
    "_customer": {
        "CustomerRecord": "customer_record",
        "Feedback": "feedback",
        "MarketSize": "market_size",
        "Survey": "survey",
    },
    "_gate": {
        "Checklist": "checklist",
        "Confirmation": "confirmation",
        "ContingencyPlan": "contingency_plan",
        "GateDecision": "gate_decision",
    },
    "_goals": {"Goal": "goal", "SuccessCriterion": "success_criterion"},
    "_issue": {"ImprovementAction": "improvement_action", "Issue": "issue", "Signal": "signal"},
    "_kpi": {"KpiSnapshot": "kpi_snapshot", "KpiTarget": "kpi_target"},
    "_party": {
        "Complaint": "complaint",
        "Contact": "contact",
        "Need": "need",
        "Party": "party",
        "Purchase": "purchase",
        "ServiceStandard": "service_standard",
    },
    "_people": {
        "Appraisal": "appraisal",
        "CoachingAction": "coaching_action",
        "DevelopmentPlan": "development_plan",
        "HiringNeed": "hiring_need",
        "SkillTarget": "skill_target",
        "Training": "training",
    },
    "_plan": {
        "Activity": "activity",
        "Milestone": "milestone",
        "StrategyPart": "strategy_part",
        "Task": "task",
    },
    "_planning": {
        "ChannelPlan": "channel_plan",
        "ExecutionPlan": "execution_plan",
        "MarketAnalysis": "market_analysis",
        "PricingPlan": "pricing_plan",
        "PromotionPlan": "promotion_plan",
        "ResearchPlan": "research_plan",
        "TargetCustomer": "target_customer",
    },
    "_recognition": {"Idea": "idea", "Incentive": "incentive", "Reward": "reward", "TeamEvent": "team_event"},
    "_registration": {"Registration": "registration"},
    "_review": {
        "Approval": "approval",
        "Artefact": "artefact",
        "Lesson": "lesson",
        "LessonUse": "lesson_use",
        "PulseAnswer": "pulse_answer",
        "Retrospective": "retrospective",
        "Review": "review",
        "Scorecard": "scorecard",
    },
    "_risk": {"RaisedWarning": "warning", "Risk": "risk", "RiskRegister": "risk_register"},
    "_team": {
        "DepartmentRequest": "department_request",
        "Duty": "duty",
        "Member": "member",
        "ResourceAllocation": "resource_allocation",
        "ResourceDemand": "resource_demand",
        "TeamCharter": "team_charter",
    },
}
"""A class is loaded when it is first used."""
