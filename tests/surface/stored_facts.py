"""
One fact of each body, with every part, as stores write it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import cache

from salesflow import Actor, Fact, Money
from salesflow.dossier import BUILT_IN, Task
from salesflow.stores.adapting import fact_text
from salesflow.testing import NOW
from salesflow.typing import (
    Changed,
    DeadlineMoved,
    DeadlinePassed,
    EntryDropped,
    EntryMoved,
    EntryPut,
    FieldSet,
    GuardSpec,
    Opened,
    Override,
    Reparented,
    SlotMissed,
    Transitioned,
    Verdict,
)


WHO = Actor("li.wei", roles={"project_lead"})
AMOUNT = FieldSet("amount", Money("120000", "CNY"))
TASK = EntryPut(Task("t-1", "Send the bid", owner="li.wei"))
PASSED = Verdict(GuardSpec("fields_present", "fields_present"), "pass")
OVERRIDE = Override("price_approved", "The director said so on the phone.", "chen.jie")
BODIES = (
    Opened("Data centre", "lead", "undecided", (AMOUNT,), parent="P-0", digest="sha256:5f1c", assumed=True),
    Changed((AMOUNT, TASK, EntryDropped("goal", "g-1"))),
    Transitioned(
        "next_cycle",
        "next_cycle",
        "spawn",
        "closed",
        "closed",
        "won",
        (AMOUNT,),
        (PASSED,),
        "They asked for more.",
        (OVERRIDE,),
        "P-2",
        stays=True,
        closed=True,
    ),
    DeadlinePassed("sla", "bid", 2, NOW, (TASK,), late=True),
    DeadlineMoved("submit", 2, NOW, NOW + timedelta(days=7), "calendar", counted=True),
    SlotMissed("weekly_report", ((NOW, None), (NOW + timedelta(days=7), "li.wei")), (TASK,)),
    Reparented("period-2026Q2", "period-2026Q1", "The customer signs in April."),
    EntryMoved("task", "t-1", "finish", "doing", "done", (TASK,), (PASSED,), "It is sent.", (OVERRIDE,), "task", "1"),
)


@cache
def stored() -> Mapping[type, str]:
    """The JSON of the fact with each body, and of the envelope alone."""
    types = {kind.kind: kind for kind in BUILT_IN}
    return {type(body): text(body, types) for body in BODIES}


def text(body: object, types: Mapping[str, type]) -> str:
    data = json.loads(fact_text(Fact("P-1", 3, NOW, WHO, "every_part", "1", body), types))
    lines = ",\n".join(
        f"  {json.dumps(name)}: {json.dumps(part, ensure_ascii=False)}" for name, part in data["body"].items()
    )
    return f'{{"type": "{data["type"]}", "body": {{\n{lines}\n}}}}'
