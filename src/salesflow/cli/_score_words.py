"""
Values and factors of scores, as ``salesflow score`` writes them for people.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import inf
from typing import Any, Final

from .._lifecycle.lifecycle import Lifecycle
from .._model.advice import Score
from .._model.messages import format_value
from .._model.values import Label, Lang
from ._output import named


_FACTORS: Final = {
    "prior": Label("all projects", "全部项目"),
    "stage": Label("stage", "阶段"),
    "outcome": Label("outcome", "结果"),
    "reached": Label("closed projects that came this far", "到达本阶段的已关闭项目"),
    "won": Label("won of these", "其中赢单"),
    "days": Label("working days in the stage", "本阶段已历工作日"),
    "median_days": Label("usual working days", "通常工作日数"),
    "still_open": Label("share still in the stage", "仍在本阶段的比例"),
    "safety": Label("safety", "安全度"),
    "progress": Label("progress", "进展"),
    "engagement": Label("engagement", "互动"),
    "qualification": Label("qualification", "资格评估"),
    "metrics": Label("metrics", "量化指标"),
    "economic_buyer": Label("economic buyer", "经济决策人"),
    "decision_criteria": Label("decision criteria", "决策标准"),
    "decision_process": Label("decision process", "决策流程"),
    "paper_process": Label("paper process", "合同流程"),
    "identify_pain": Label("identified pain", "客户痛点"),
    "champion": Label("champion", "内部支持者"),
    "competition": Label("competition", "竞争情况"),
    "budget": Label("budget", "预算"),
    "authority": Label("authority", "决策权"),
    "need": Label("need", "需求"),
    "timing": Label("timing", "时间"),
    "necessity": Label("necessity", "必要性"),
    "feasibility": Label("feasibility", "可行性"),
    "customer_budget": Label("customer's budget", "客户预算"),
    "fit": Label("fit", "契合度"),
    "winnability": Label("winnability", "赢单可能性"),
    "self": Label("self", "本人"),
    "peer": Label("peers", "同级"),
    "report": Label("reports", "下属"),
    "manager": Label("managers", "上级"),
    "customer": Label("customers", "客户"),
}
_LOGARITHMS: Final = "naive_bayes"  # its shares are logarithms of odds, so their sign matters


def worth(score: Score) -> str:
    """
    Write a value with its range or its interval; a dash for none.
    """
    if score.value is None:
        return "–"
    if score.interval is not None:
        low, high = score.interval
        return f"{score.value:.2f} ({low:.2f}–{high:.2f})"
    if score.high == inf:
        return f"× {score.value:.2f}"
    return f"{score.value:.2f} / {score.high:g}"


def contribution_rows(score: Score, lifecycle: Lifecycle, lang: Lang) -> Iterator[tuple[str, str, str, str]]:
    """
    Yield a line for each factor of a score: what it is called, what was found, what it adds, and a note.
    """
    labels = {field.id: field.label for field in lifecycle.definition.fields}
    stages = {stage.id: named(stage.label, stage.id, lang) for stage in lifecycle.stages}
    adds = any(part.share for part in score.contributions)
    sign = "+" if score.method == _LOGARITHMS else ""
    for part in score.contributions:
        factor = named(labels.get(part.factor) or _FACTORS.get(part.factor, Label()), part.factor, lang)
        value = stages.get(part.value, part.value) if part.factor == "stage" else part.value
        share = f"{part.share:{sign}.2f}" if adds else ""
        yield factor, _found(value, lang), share, part.note.text(lang)


def _found(value: Any, lang: Lang) -> str:
    if value is None:
        return "–"
    if isinstance(value, (float, Decimal)):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return format_value(value, lang)
