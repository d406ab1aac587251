"""
The KPI of the plugin: which share of the open deals is qualified.
"""

from __future__ import annotations

from typing import Final

from salesflow.dossier import KpiDefinition
from salesflow.insight import Ask, Cases, KpiFormula, entries_of, kpi, share
from salesflow.typing import Label

from ._entries import Contact, Element
from ._scoring import levels_of, share as share_of


QUALIFIED: Final = 60
"""From this MEDDICC score on a deal counts as qualified."""

_DEFINITION: Final = KpiDefinition(
    "meddicc.qualified_share",
    label=Label("Qualified deals", "合格商机占比"),
    meaning=Label(
        "Open projects with a MEDDICC score of at least 60, divided by open projects with any letter of it.",
        "MEDDICC 评分不低于 60 的未结项目数 ÷ 已有任一 MEDDICC 记录的未结项目数。",
    ),
    source=Label("MEDDICC", "MEDDICC"),
    entries=("meddicc.contact", "meddicc.element"),
    by=("owner",),
)


def _qualified_share(ask: Ask) -> Cases:
    """
    Find the open projects that have any letter: each adds one below the line, and above it if it is qualified.
    """
    columns = ask.columns
    contacts: dict[int, list[Contact]] = {}
    elements: dict[int, list[Element]] = {}
    for row, contact in entries_of(columns, Contact):
        contacts.setdefault(row, []).append(contact)
    for row, element in entries_of(columns, Element):
        elements.setdefault(row, []).append(element)
    outcomes = columns.state("outcome")
    rows = [row for row in columns.included() if outcomes[row] == "undecided" and (row in contacts or row in elements)]
    scores = [
        sum(share_of(*each) for each in levels_of(contacts.get(row, ()), elements.get(row, ())).items()) for row in rows
    ]
    # As the score is shown: rounded, so that 60 made of thirds is 60.
    above = [int(round(score, 2) >= QUALIFIED) for score in scores]
    return Cases(rows, above, [1] * len(rows), [columns.source.now] * len(rows))


qualified_share: Final[KpiFormula] = kpi(_DEFINITION, share)(_qualified_share)
