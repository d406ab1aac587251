"""
The guards on risks and issues: whether they are written down and answered, and whether they are small enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, cast

from .._model.risk_matrix import BANDS, LEVEL_NAMES, LEVELS, Combine, Level, Matrix, Rating, make_matrix
from .._model.values import Label
from .._model.verdict import PASS, Remedy, Verdict, failed
from ..dossier import ContingencyPlan, Issue, RaisedWarning, Risk, RiskRegister
from ..typing import Check, Context
from ._base import at_least, entry, guard, lacking, some


@guard(
    "risks_answered",
    codes={
        "risk.unregistered": Label(
            "There is no risk register. Record the risks, or state that none was found.",
            "尚未建立风险清单：请登记风险，或声明未发现风险。",
        ),
        "risk.unanswered": Label(
            "Risk {risk} (score {score}) is not answered; still open: {lacks}.",
            "风险 {risk}（评分 {score}）尚未应对，待补充：{lacks}。",
        ),
        "risk.no_contingency": Label(
            "Risk {risk} (score {score}) needs a contingency plan.", "风险 {risk}（评分 {score}）需要应急预案。"
        ),
    },
    kinds=("risk", "risk_register"),
)
def risks_answered(*, min_score: int = 10, contingency_score: int = 15) -> Check:
    """
    Ask that there is a risk register, and that every open risk of weight in it is answered.

    Any risk makes a register, and so does the statement that none was found. From a score
    (1 to 25) of *min_score* a risk needs an owner, a response and the day the response is due;
    from *contingency_score* also a contingency plan.
    """

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        risks = ctx.project.all(Risk)
        if not risks and not any(register.none_found for register in ctx.project.all(RiskRegister)):
            return (failed("risk.unregistered", entry("risk", required=("title",))),)
        found: list[Verdict] = []
        for risk in risks:
            if not risk.open:
                continue
            about = {"risk": risk.id, "score": risk.score}
            lacks = lacking(risk, "owner", "response", "response_due") if risk.score >= min_score else ()
            if lacks:
                found.append(failed("risk.unanswered", entry("risk", id=risk.id, required=lacks), **about, lacks=lacks))
            if risk.score >= contingency_score and lacking(risk, "contingency"):
                found.append(
                    failed("risk.no_contingency", entry("risk", id=risk.id, required=("contingency",)), **about)
                )
        return tuple(found) or PASS

    return check


@guard(
    "risk_below",
    codes={
        "risk.too_high": Label(
            "Risk {risk} is {level:choice} (score {score}); at most {limit:choice} is accepted.",
            "风险 {risk} 评分 {score}（{level:choice}），超出可接受的上限：{limit:choice}。",
        ),
        "warning.active": Label(
            "The early warning {warning} is active at level {level:choice}; at most {limit:choice} is accepted.",
            "预警 {warning} 尚未解除（{level:choice}），超出可接受的上限：{limit:choice}。",
        ),
    },
    kinds=("risk", "warning"),
)
def risk_below(
    *,
    max_level: Level = "medium",
    max_score: int = 25,
    levels: Mapping[str, int] = BANDS,
    table: tuple[tuple[str, ...], ...] = (),
    combine: Combine = "highest",
) -> Check:
    """
    Ask that no open risk and no active early warning is worse than *max_level*, and no open risk above *max_score*.

    Once its response is carried out, a risk counts as what is left of it. *levels*, *table* and *combine*
    make the matrix, as in the check ``risk_matrix``.
    """
    at_least(1, max_score=max_score)
    matrix = make_matrix(levels, table, combine)

    highest = LEVELS.index(max_level)
    limit = max_level if max_score >= 25 else (max_level, max_score)

    def accepted(rating: Rating) -> bool:
        return LEVELS.index(rating.level) <= highest and rating.score <= max_score

    cells = [rating for rating in _cells(matrix) if accepted(rating)]

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        ratings = [(one, matrix.rate(*one.current)) for one in ctx.project.all(Risk) if one.open]
        found = [
            _too_high(risk, rating, _milder(risk, matrix, cells), limit)
            for risk, rating in ratings
            if not accepted(rating)
        ]
        found += [
            _active(one, max_level)
            for one in ctx.project.all(RaisedWarning)
            if one.active and LEVELS.index(one.level) > highest
        ]
        return tuple(found) or PASS

    return check


def _too_high(risk: Risk, rating: Rating, remedy: Remedy, limit: object) -> Verdict:
    return failed("risk.too_high", remedy, risk=risk.id, level=rating.level, score=rating.score, limit=limit)


def _active(warning: RaisedWarning, limit: Level) -> Verdict:
    remedy = entry("warning", id=warning.id, active=False)
    return failed("warning.active", remedy, warning=warning.id, level=warning.level, limit=limit)


def _cells(matrix: Matrix) -> Iterator[Rating]:
    """
    Yield every cell, from the likeliest and gravest down.
    """
    for probability in range(5, 0, -1):
        for impact in range(5, 0, -1):
            yield matrix.rate(probability, (impact,))


def _milder(risk: Risk, matrix: Matrix, cells: list[Rating]) -> Remedy:
    """
    Return what brings a risk down to an accepted cell: a lower probability, or else a lower impact too, or closing it.
    """
    probability, impacts = risk.current
    impact = matrix.rate(probability, impacts).impact
    left = risk.residual if risk.status == "monitored" else None
    names = ("probability", "impact") if left is None else ("residual_probability", "residual_impact")
    rarer = next((one.probability for one in cells if one.impact == impact), None)
    if rarer is not None:
        return entry("risk", id=risk.id, **{f"max_{names[0]}": rarer})
    if cells and (left is not None or not risk.impacts):
        lightest = max(one.impact for one in cells if one.probability == 1)
        return entry("risk", id=risk.id, **{f"max_{names[0]}": 1, f"max_{names[1]}": lightest})
    return entry("risk", id=risk.id, status="closed")


@guard(
    "no_open_issues",
    codes={
        "issue.open": Label(
            "Issue {issue} ({title}) is open, its severity is {severity}; at most {limit:choice} may be open.",
            "问题 {issue}（{title}）尚未解决，严重程度 {severity}；未解决的问题最高为 {limit:choice}。",
        ),
        "issue.any_open": Label(
            "Issue {issue} ({title}) is open, its severity is {severity}.",
            "问题 {issue}（{title}）尚未解决，严重程度 {severity}。",
        ),
    },
    kinds=("issue",),
)
def no_open_issues(*, max_severity: Literal["", "low", "medium", "high", "critical"] = "") -> Check:
    """
    Ask that no issue is open, or none worse than *max_severity*; one verdict for each that is.

    An issue is open from when it came up until it is resolved, and again from its reopening on.
    """
    highest = LEVELS.index(max_severity) if max_severity else -1

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        found = [
            _unresolved(issue, max_severity)
            for issue in ctx.project.all(Issue)
            if issue.open and LEVELS.index(issue.severity) > highest and _came_up(issue, ctx)
        ]
        return tuple(found) or PASS

    return check


def _came_up(issue: Issue, ctx: Context) -> bool:
    return issue.opened_at is None or issue.opened_at <= ctx.at


def _unresolved(issue: Issue, limit: str) -> Verdict:
    remedy = entry("issue", id=issue.id, status="resolved")
    about = {"issue": issue.id, "title": issue.title or issue.id, "severity": LEVEL_NAMES[issue.severity]}
    if not limit:
        return failed("issue.any_open", remedy, **about)
    return failed("issue.open", remedy, **about, limit=LEVEL_NAMES[cast("Level", limit)])


@guard(
    "contingency_ready",
    codes={
        "contingency.missing": Label(
            "The contingency plan for {category:choice} is not ready; still open: {lacks}.",
            "{category:choice} 的应急预案尚未就绪，待补充：{lacks}。",
        ),
    },
    kinds=("contingency_plan",),
)
def contingency_ready(*categories: str) -> Check:
    """
    Ask for a contingency plan with a trigger, steps and an owner for each of the *categories*; one verdict for each.
    """
    some("categories", categories)

    def check(ctx: Context) -> tuple[Verdict, ...]:
        plans = ctx.project.all(ContingencyPlan)
        return tuple([_planned(name, [each for each in plans if each.category == name]) for name in categories])

    return check


_PLAN = ("trigger", "steps", "owner")


def _planned(category: str, plans: list[ContingencyPlan]) -> Verdict:
    judged = [(lacking(each, *_PLAN), each.id) for each in plans]
    lacks, name = min(judged, key=lambda each: len(each[0]), default=(_PLAN, None))
    if not lacks:
        return PASS
    remedy = entry("contingency_plan", id=name, category=category, required=lacks)
    return failed("contingency.missing", remedy, category=category, lacks=lacks)
