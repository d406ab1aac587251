"""
The guard on risks: whether they are written down, and answered.
"""

from __future__ import annotations

from .._values import Label
from .._verdict import Verdict, failed, passed
from ..dossier import Risk, RiskRegister
from ..typing import Check, Context
from ._base import guard
from ._remedy import entry, lacking


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

    def check(ctx: Context) -> tuple[Verdict, ...]:
        risks = ctx.project.all(Risk)
        if not risks and not any(register.none_found for register in ctx.project.all(RiskRegister)):
            return (failed("risk.unregistered", entry("risk", required=("title",))),)
        found: list[Verdict] = []
        for risk in risks:
            if risk.status != "open":
                continue
            about = {"risk": risk.id, "score": risk.score}
            lacks = lacking(risk, "owner", "response", "response_due") if risk.score >= min_score else ()
            if lacks:
                found.append(failed("risk.unanswered", entry("risk", id=risk.id, required=lacks), **about, lacks=lacks))
            if risk.score >= contingency_score and lacking(risk, "contingency"):
                found.append(
                    failed("risk.no_contingency", entry("risk", id=risk.id, required=("contingency",)), **about)
                )
        return tuple(found) or (passed(),)

    return check
