"""
A deal that may not be negotiated yet: what is missing, and what happens once it is there.
"""

# ruff: noqa: INP001, T201 -- a program that prints

from __future__ import annotations

from datetime import UTC, datetime

from salesflow_meddicc import Contact, Element, plugin

from salesflow import Actor, Money, Pipeline, load_lifecycle
from salesflow.errors import TransitionRefusedError


def main() -> None:
    """
    Qualify a deal, be refused the negotiation, name the buyer, and go on.
    """
    at = datetime(2026, 3, 9, 9, tzinfo=UTC)
    pipeline = Pipeline(load_lifecycle("meddicc.deal", plugins=[plugin]), actor=Actor("li.wei"), clock=lambda: at)
    deal = pipeline.open("Metro line 5", fields={"amount": Money("1200000", "CNY")})
    champion = Contact("zhao", "champion", name="Zhao Min", evidence="sent us the criteria", spoken_on=at.date())
    pipeline.add(deal.id, champion)
    pipeline.add(deal.id, Element("identify_pain", 2, evidence="two hours of outage a week"))
    pipeline.fire(deal.id, "qualify")
    try:
        pipeline.fire(deal.id, "propose")
    except TransitionRefusedError as error:
        for verdict in error.decision.blocking:
            print("refused:", verdict.message())
            print("拒绝：", verdict.message("zh"), sep="")
    pipeline.add(deal.id, Contact("wang", "economic_buyer", name="Wang Fang", evidence="signs the budget"))
    print("stage:", pipeline.fire(deal.id, "propose").project.stage)
    [score] = pipeline.score(deal.id)
    print("score:", score.value, {part.factor: round(part.share, 1) for part in score.contributions if part.share})
    for finding in pipeline.risks(deal.id).findings:
        print(f"{finding.check}: {finding.status}", finding.level if finding.status == "fired" else "")


if __name__ == "__main__":
    main()
