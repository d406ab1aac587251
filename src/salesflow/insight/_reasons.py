"""
Why there is no figure, in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .._model.frozen import FrozenDict
from .._model.values import Label


REASONS: Final[Mapping[str, Label]] = FrozenDict(
    {
        "no_cases": Label("nothing to count yet", "暂无可统计的数据"),
        "field_not_declared": Label(
            "a field that it reads is not declared; see [insight]", "未声明它读取的字段，见 [insight]"
        ),
        "no_definition": Label("the lifecycle is not known", "未找到流程定义"),
        "no_won_class": Label("no outcome counts as won", "没有计为赢单的结果"),
        "refusals_not_recorded": Label("refusals are not recorded", "未记录被拒绝的操作"),
        "no_period": Label("it needs a period", "需要指定期间"),
        "nothing_due": Label("nothing is due", "没有到期款项"),
        "nothing_planned": Label("nothing was planned", "没有预算"),
        "nothing_available": Label("nobody was available", "没有可用资源"),
        "no_revenue": Label("there is no revenue", "没有收入"),
        "no_sales": Label("nothing was won", "没有赢单金额"),
        "no_sales_before": Label("nothing was won before", "上一期间没有赢单金额"),
        "no_target": Label("there is no target", "没有目标值"),
        "no_cadence": Label("no cadence asks for it", "没有规定例行周期"),
        "none_opened": Label("none was opened", "期内没有新提出的"),
        "market_size_unknown": Label("the size of the market is not known", "市场规模未知"),
        "not_computed": Label("it is not computed", "未计算"),
        "other_currency": Label("it is in another currency", "币种不同"),
        "too_few_answers": Label("too few answers", "回答人数太少"),
        "too_few_raters": Label("too few raters", "评价人数太少"),
    }
)
"""What the codes say that stand as ``reason`` where a figure has no value."""


def reason_label(reason: str | None) -> Label:
    """
    Return what a reason says; what a host or plugin gave as its own stays as it is.
    """
    return REASONS.get(reason or "") or Label(reason or "")
