"""
The vocabulary of a sales project: the classes of the entries that its dossier holds.

Every entry is frozen and has an id within its kind; adding one with the same id replaces it.
An attribute that an entry does not know is an error.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from .._model import lazy
from ._names import HOMES


if TYPE_CHECKING:
    from ._choices import (
        CHOICES as CHOICES,
        IDENTIFIED_BY as IDENTIFIED_BY,
        IMPACT_TYPES as IMPACT_TYPES,
        RESPONSE_TYPES as RESPONSE_TYPES,
        name_of as name_of,
    )
    from ._communication import (
        Acknowledgement as Acknowledgement,
        ApprovalRequest as ApprovalRequest,
        Guidance as Guidance,
        Question as Question,
        StatusReport as StatusReport,
        Subscription as Subscription,
    )
    from ._contract import (
        Contract as Contract,
        Delivery as Delivery,
        Deposit as Deposit,
        Invoice as Invoice,
        Payment as Payment,
        PaymentDue as PaymentDue,
        Receipt as Receipt,
        instalments as instalments,
    )
    from ._cost import Budget as Budget, SalesCost as SalesCost, TimeBooking as TimeBooking
    from ._customer import (
        CustomerRecord as CustomerRecord,
        Feedback as Feedback,
        MarketSize as MarketSize,
        Survey as Survey,
    )
    from ._gate import (
        Checklist as Checklist,
        ChecklistItem as ChecklistItem,
        Confirmation as Confirmation,
        ContingencyPlan as ContingencyPlan,
        GateCondition as GateCondition,
        GateDecision as GateDecision,
    )
    from ._goals import Goal as Goal, SuccessCriterion as SuccessCriterion
    from ._issue import ImprovementAction as ImprovementAction, Issue as Issue, Signal as Signal
    from ._kpi import (
        KpiDefinition as KpiDefinition,
        KpiDirection as KpiDirection,
        KpiSnapshot as KpiSnapshot,
        KpiTarget as KpiTarget,
        KpiUnit as KpiUnit,
        KpiValue as KpiValue,
        KpiVariant as KpiVariant,
    )
    from ._kpi_catalogue import FORECAST_CATEGORIES as FORECAST_CATEGORIES, KPIS as KPIS
    from ._party import (
        Complaint as Complaint,
        Contact as Contact,
        Need as Need,
        Party as Party,
        Purchase as Purchase,
        ServiceStandard as ServiceStandard,
    )
    from ._people import (
        Appraisal as Appraisal,
        AppraisalCriterion as AppraisalCriterion,
        CoachingAction as CoachingAction,
        DevelopmentPlan as DevelopmentPlan,
        HiringNeed as HiringNeed,
        SkillTarget as SkillTarget,
        Training as Training,
    )
    from ._plan import (
        Activity as Activity,
        Milestone as Milestone,
        StrategyPart as StrategyPart,
        Task as Task,
    )
    from ._planning import (
        PLANS as PLANS,
        ChannelPlan as ChannelPlan,
        ExecutionPlan as ExecutionPlan,
        MarketAnalysis as MarketAnalysis,
        PricingPlan as PricingPlan,
        PromotionPlan as PromotionPlan,
        ResearchPlan as ResearchPlan,
        TargetCustomer as TargetCustomer,
    )
    from ._recognition import Idea as Idea, Incentive as Incentive, Reward as Reward, TeamEvent as TeamEvent
    from ._registration import Registration as Registration
    from ._review import (
        Approval as Approval,
        Artefact as Artefact,
        Lesson as Lesson,
        LessonUse as LessonUse,
        PulseAnswer as PulseAnswer,
        Retrospective as Retrospective,
        Review as Review,
        Scorecard as Scorecard,
        ScoreItem as ScoreItem,
    )
    from ._risk import (
        RISK_STAGES as RISK_STAGES,
        RaisedWarning as RaisedWarning,
        Risk as Risk,
        RiskRegister as RiskRegister,
        RiskStage as RiskStage,
    )
    from ._team import (
        DepartmentRequest as DepartmentRequest,
        Duty as Duty,
        Member as Member,
        ResourceAllocation as ResourceAllocation,
        ResourceDemand as ResourceDemand,
        TeamCharter as TeamCharter,
    )

    BUILT_IN: tuple[type[Any], ...]
else:
    __getattr__, __dir__, __all__ = lazy.attach(
        globals(),
        {
            **HOMES,
            "_choices": ("CHOICES", "IDENTIFIED_BY", "IMPACT_TYPES", "RESPONSE_TYPES", "name_of"),
            "_contract": ("instalments", *HOMES["_contract"]),
            "_gate": ("ChecklistItem", "GateCondition", *HOMES["_gate"]),
            "_kpi": (
                "KpiDefinition",
                "KpiDirection",
                "KpiUnit",
                "KpiValue",
                "KpiVariant",
                *HOMES["_kpi"],
            ),
            "_kpi_catalogue": ("FORECAST_CATEGORIES", "KPIS"),
            "_people": ("AppraisalCriterion", *HOMES["_people"]),
            "_planning": ("PLANS", *HOMES["_planning"]),
            "_review": ("ScoreItem", *HOMES["_review"]),
            "_risk": ("RISK_STAGES", "RiskStage", *HOMES["_risk"]),
        },
        built_in=sorted(chain(*HOMES.values())),
    )
