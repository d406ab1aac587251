"""
The cadences of sales work that a definition has by name alone: ``[[cadences]]`` with ``id = "weekly_report"``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .._model.cadence import Cadence, Per, Shift
from .._model.frozen import FrozenDict
from .._model.values import Label


def _ready(
    name: str,
    label: tuple[str, str],
    every: str,
    duration: str,
    meets: str = "activity",
    *,
    what: str = "",
    per: Per = "project",
    shift: Shift = "next",
    grace: str = "1bd",
    after_closing: str | None = None,
) -> Cadence:
    return Cadence(
        name,
        every,
        label=Label(*label),
        per=per,
        met_by={meets: what or name},
        shift=shift,
        grace=grace,
        after_closing=after_closing,
        duration=duration,
    )


_ALL: Final = (
    _ready("daily_standup", ("Stand-up", "每日站会"), "daily 09:00", "10m", shift="skip"),
    _ready("daily_meeting", ("Daily meeting", "每日例会"), "daily 17:30", "30m", shift="skip"),
    _ready(
        "weekly_report",
        ("Weekly report", "周报"),
        "weekly on fri 17:00",
        "30m",
        "entry",
        what="status_report",
        shift="previous",
    ),
    _ready("team_meeting", ("Team meeting", "团队例会"), "weekly on mon 09:30", "1h"),
    _ready("project_meeting", ("Project meeting", "项目例会"), "weekly on wed 10:00", "1h"),
    _ready("project_review", ("Project review", "项目评审"), "monthly on last fri 14:00", "2h", "review"),
    _ready("plan_review", ("Plan review", "计划评审"), "monthly on first mon 14:00", "1h", "review"),
    _ready("coordination_meeting", ("Coordination", "协调会"), "weekly on thu 14:00", "1h"),
    _ready("one_on_one", ("One-to-one", "一对一沟通"), "weekly on thu 16:00", "30m", "review", per="member"),
    _ready("goal_review", ("Goal review", "目标回顾"), "quarterly on last working day 10:00", "2h", "review"),
    _ready("progress_check", ("Progress check", "进度检查"), "weekly on tue 16:00", "30m", "review"),
    _ready("appraisal", ("Appraisal", "绩效考核"), "quarterly on last working day 14:00", "1h", "review", per="member"),
    _ready("customer_check_in", ("Customer check-in", "客户跟进"), "weekly on tue 10:00", "30m"),
    _ready("return_visit", ("Return visit", "客户回访"), "every 90d after won", "1h", after_closing="365d"),
    _ready("thank_you", ("Thank-you", "致谢"), "once 2bd after won", "30m", after_closing="30d"),
    _ready("training", ("Training", "培训"), "monthly on second wed 14:00", "2h"),
    _ready("retrospective", ("Retrospective", "复盘"), "quarterly on last fri 15:00", "2h", "entry", grace="5bd"),
)

READY: Final[Mapping[str, Cadence]] = FrozenDict({each.id: each for each in _ALL})
"""By their names."""
