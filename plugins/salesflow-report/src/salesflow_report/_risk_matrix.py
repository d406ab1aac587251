"""
The risk matrix: how many open risks stand where, before and after their responses, and the worst of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from salesflow.dossier import Risk
from salesflow.insight import Portfolio
from salesflow.risks import LEVEL_NAMES, Rating, make_matrix

from ._figures import as_of_text
from ._page import Chart, Column, Page, Section, Table
from ._specs import LEVELS, matrix
from ._texts import Texts


_MOST = 50


def risk_matrix(portfolio: Portfolio, texts: Texts) -> Page:
    """
    Return the page of the open risks of a portfolio, in the matrix that is the default.
    """
    risks = [(project, risk) for project, risk in portfolio.entries(Risk) if risk.open]
    scale = make_matrix()
    before = [scale.rate(*risk.pair) for _, risk in risks]
    after = [scale.rate(*(risk.residual or risk.pair)) for _, risk in risks]
    return Page(
        "risk_matrix",
        texts.say("Risk matrix", "风险矩阵"),
        as_of_text(portfolio, texts, texts.say(f"{len(risks)} open risks", f"{len(risks)} 项未关闭风险")),
        texts.lang,
        [
            _section(texts, before, texts.say("Before responses", "应对前")),
            _section(texts, after, texts.say("After responses", "应对后（剩余风险）")),
            _worst(texts, risks, before, after),
        ],
    )


def _section(texts: Texts, ratings: Sequence[Rating], title: str) -> Section:
    scale = make_matrix()
    counts = Counter((each.probability, each.impact) for each in ratings)
    levels = {level: texts.label(label, level) for level, label in LEVEL_NAMES.items()}
    rows: list[dict[str, Any]] = [
        {
            "probability": probability,
            "impact": impact,
            "level": levels[scale.level(probability, impact)],
            "count": str(counts[probability, impact] or ""),
        }
        for probability in range(1, 6)
        for impact in range(1, 6)
    ]
    heads = [
        Column(texts.say("Probability", "发生概率"), "number"),
        Column(texts.say("Impact", "影响程度"), "number"),
        Column(texts.say("Level", "等级")),
        Column(texts.say("Risks", "风险数"), "number"),
    ]
    table = Table(
        heads, [[row["probability"], row["impact"], row["level"], int(row["count"])] for row in rows if row["count"]]
    )
    serious = sum(each.level in {"high", "critical"} for each in ratings)
    said = texts.say(
        f"{serious} of {len(ratings)} are high or critical; a cell says how many risks stand in it.",
        f"{len(ratings)} 项中有 {serious} 项为高或极高；格内为风险数。",
    )
    shades = {levels[level]: LEVELS[level] for level in levels}
    axes = texts.say("Impact →", "影响程度 →"), texts.say("Probability →", "发生概率 →")
    spec = matrix(rows, "impact", "probability", level="level", levels=shades, text="count", titles=axes)
    return Section(title, said, chart=Chart(spec, title, said, table))


def _worst(
    texts: Texts, risks: Sequence[tuple[str, Risk]], before: Sequence[Rating], after: Sequence[Rating]
) -> Section:
    heads = [
        Column(texts.say("Risk", "风险")),
        Column(texts.say("Project", "项目")),
        Column(texts.say("Level", "等级")),
        Column(texts.say("Score", "分值"), "number"),
        Column(texts.say("After", "应对后"), "number"),
        Column(texts.say("Owner", "负责人")),
        Column(texts.say("Response", "应对措施")),
        Column(texts.say("Due", "期限"), "day"),
    ]
    rows: list[list[Any]] = [
        [
            risk.title or risk.id,
            project,
            texts.label(LEVEL_NAMES[rating.level], rating.level),
            rating.score,
            left.score,
            risk.owner or "",
            risk.response,
            risk.response_due,
        ]
        for (project, risk), rating, left in zip(risks, before, after, strict=True)
    ]
    rows.sort(key=lambda row: -row[3])
    title = texts.say("The worst first", "按严重程度排列")
    note = texts.say(f"The first {_MOST}.", f"前 {_MOST} 项。") if len(rows) > _MOST else ""
    return Section(title, note, table=Table(heads, rows[:_MOST]), wide=True)
