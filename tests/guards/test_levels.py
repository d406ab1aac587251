"""
The guard over the projects that belong to a project.
"""

from __future__ import annotations

from salesflow.guards import Remedy, children_closed
from salesflow.typing import ChildProject

from ..cases import over_cases
from .factory import ask_one, context


LOST = ChildProject("P-1", "simple_deal", "lost", "lost", 4)
BID = ChildProject("P-2", "ltc_gated", "active", "undecided", 7)
FOREIGN = ChildProject("P-3", "unknown_to_us", None, "won", 2)


@over_cases(
    ("children", "template", "expected"),
    [
        (None, "", ("unknown", "child.unknown", "—")),
        ((), "", ("pass", "", None)),
        ((LOST,), "", ("pass", "child.closed", ("P-1",))),
        ((LOST, BID, FOREIGN), "", ("fail", "child.open", ("P-2",))),
        ((LOST, FOREIGN), "", ("unknown", "child.unknown", ("P-3",))),
        ((LOST, BID), "simple_deal", ("pass", "child.closed", ("P-1",))),
        ((BID,), "simple_deal", ("pass", "", None)),
    ],
)
def test_children_closed(children, template, expected):
    """All that the template means have to stand in a final stage; what nobody can tell does not pass."""
    verdict = ask_one(children_closed, context(children=children), template=template)

    assert expected == (verdict.status, verdict.code, verdict.evidence.get("children"))


def test_what_is_open_is_waited_for():
    """The remedy names the projects, and the evidence has the versions of all that were looked at."""
    verdict = ask_one(children_closed, context(children=(LOST, BID)))

    assert (Remedy("wait", "children", {"ids": ("P-2",)}),) == verdict.missing
    assert {"P-1": 4, "P-2": 7} == verdict.evidence["versions"]
    assert "以下下级项目尚未关闭：P-2。" == verdict.message("zh")
