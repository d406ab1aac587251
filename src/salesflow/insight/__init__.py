"""
Insight: a portfolio of projects, folded from their facts, and the figures computed from it, each with its receipt.
"""

from __future__ import annotations

from ._blocked import Blocked, Stalled
from ._cases import Ask, Cases, Summary, average, share, spread, total
from ._columns.columns import Columns
from ._columns.dossiers import entries_of
from ._columns.periods import Period, period_of, to_period
from ._columns.rates import Rates
from ._comparison import Comparison
from ._detours import Detour, Detours
from ._diagnosis import Diagnosis, DiagnosticRule, Sign
from ._distribution import Distribution
from ._forecast import CategoryTotal, Forecast
from ._formulas.funnel import Funnel, FunnelStep
from ._formulas.practices import ItemScore, Practice, PracticeItem, PracticeReport, PracticeScore, practices
from ._hurdles import Hurdle
from ._kpi import Evidence, Kpi
from ._lessons import LessonMatch, LessonOffer, Resemblance, find_lessons, offer_lessons, suggest_risks
from ._look_back import LookBackForm, LookBackItem, look_back
from ._portfolio import Portfolio
from ._project_report import ProjectReport, project_report
from ._reasons import REASONS
from ._record_suggestions import suggest_coaching, suggest_hiring, suggest_rewards
from ._registry import KpiFormula, combined, formulas, kpi
from ._risk_levels import RiskOutcome
from ._run_rate import Outlook, RunRate
from ._snapshot import snapshot
from ._split import GoalGap, check_split, goal_gaps, split_goal
from ._suggestion import MemberMatch, SkillMatch, suggest_members
from ._targets import TargetFigure
from ._time_in_stage import StageTimes, Survival, TimeInStage
from ._trend import Trend, TrendPoint


__all__ = [
    "REASONS",
    "Ask",
    "Blocked",
    "Cases",
    "CategoryTotal",
    "Columns",
    "Comparison",
    "Detour",
    "Detours",
    "Diagnosis",
    "DiagnosticRule",
    "Distribution",
    "Evidence",
    "Forecast",
    "Funnel",
    "FunnelStep",
    "GoalGap",
    "Hurdle",
    "ItemScore",
    "Kpi",
    "KpiFormula",
    "LessonMatch",
    "LessonOffer",
    "LookBackForm",
    "LookBackItem",
    "MemberMatch",
    "Outlook",
    "Period",
    "Portfolio",
    "Practice",
    "PracticeItem",
    "PracticeReport",
    "PracticeScore",
    "ProjectReport",
    "Rates",
    "Resemblance",
    "RiskOutcome",
    "RunRate",
    "Sign",
    "SkillMatch",
    "StageTimes",
    "Stalled",
    "Summary",
    "Survival",
    "TargetFigure",
    "TimeInStage",
    "Trend",
    "TrendPoint",
    "average",
    "check_split",
    "combined",
    "entries_of",
    "find_lessons",
    "formulas",
    "goal_gaps",
    "kpi",
    "look_back",
    "offer_lessons",
    "period_of",
    "practices",
    "project_report",
    "share",
    "snapshot",
    "split_goal",
    "spread",
    "suggest_coaching",
    "suggest_hiring",
    "suggest_members",
    "suggest_rewards",
    "suggest_risks",
    "to_period",
    "total",
]
