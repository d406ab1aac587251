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
    from ._communication import (
        Acknowledgement as Acknowledgement,
        ApprovalRequest as ApprovalRequest,
        Guidance as Guidance,
        Question as Question,
        StatusReport as StatusReport,
        Subscription as Subscription,
    )
    from ._contract import Contract as Contract, Payment as Payment
    from ._customer import CustomerRecord as CustomerRecord, Feedback as Feedback
    from ._goals import Goal as Goal
    from ._kpi import (
        KpiDefinition as KpiDefinition,
        KpiDirection as KpiDirection,
        KpiSnapshot as KpiSnapshot,
        KpiTarget as KpiTarget,
        KpiUnit as KpiUnit,
        KpiValue as KpiValue,
        KpiVariant as KpiVariant,
    )
    from ._kpi_catalogue import KPIS as KPIS
    from ._plan import Activity as Activity, StrategyPart as StrategyPart, Task as Task
    from ._review import (
        Approval as Approval,
        Artefact as Artefact,
        Lesson as Lesson,
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
        Duty as Duty,
        Member as Member,
        ResourceAllocation as ResourceAllocation,
        ResourceDemand as ResourceDemand,
    )

    BUILT_IN: tuple[type[Any], ...]
else:
    __getattr__, __dir__, __all__ = lazy.attach(
        globals(),
        {
            **HOMES,
            "_kpi": (
                "KpiDefinition",
                "KpiDirection",
                "KpiUnit",
                "KpiValue",
                "KpiVariant",
                *HOMES["_kpi"],
            ),
            "_kpi_catalogue": ("KPIS",),
            "_review": ("ScoreItem", *HOMES["_review"]),
            "_risk": ("RISK_STAGES", "RiskStage", *HOMES["_risk"]),
        },
        built_in=sorted(chain(*HOMES.values())),
    )
