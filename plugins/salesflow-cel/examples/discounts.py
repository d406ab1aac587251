"""
A rule about discounts, written in the definition: it needs no plugin of your own.
"""

# ruff: noqa: INP001, T201 -- a program that prints

from __future__ import annotations

import salesflow_cel

from salesflow import Actor, Pipeline, build_lifecycle
from salesflow.errors import TransitionRefusedError


DEFINITION = """
schema = 1
id = "discounts"

[[fields]]
id = "discount"
type = "number"

[[stages]]
id = "offer"
kind = "open"

[[stages]]
id = "won"
kind = "won"

[[transitions]]
id = "win"
source = ["offer"]
target = "won"
guards = [
  { use = "cel.expression", expr = "discount <= 0.1 || 'sales_director' in actor.roles", message = { en = "a discount \
above 10 % needs a director", zh = "折扣超过 10% 须由总监办理" } },
]
"""


def main() -> None:
    """
    Win two deals, one of them with a discount that is too large for the actor.
    """
    pipeline = Pipeline(build_lifecycle(DEFINITION, plugins=[salesflow_cel]), actor=Actor("li.wei"))
    large = pipeline.open("Metro line 5", fields={"discount": 0.25})
    try:
        pipeline.fire(large.id, "win")
    except TransitionRefusedError as error:
        [verdict] = error.decision.blocking
        print("refused:", verdict.message())
        print(f"拒绝：{verdict.message('zh')}")
    small = pipeline.open("Metro line 6", fields={"discount": 0.05})
    print("accepted:", pipeline.fire(small.id, "win").project.stage)


if __name__ == "__main__":
    main()
