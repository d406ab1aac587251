"""
Guards over the projects that belong to a project: a period asks about its projects, a project about its plans.
"""

from __future__ import annotations

from .._model.frozen import FrozenDict
from .._model.values import Label
from .._model.verdict import PASS, Verdict, failed, passed, unknown
from ..typing import Check, Context
from ._base import cure, guard


@guard(
    "children_closed",
    codes={
        "child.open": Label("Not closed yet: {children}.", "以下下级项目尚未关闭：{children}。"),
        "child.closed": Label("Closed: {children}.", "以下下级项目均已关闭：{children}。"),
        "child.unknown": Label(
            "Cannot tell whether all projects under this are closed: {children}.",
            "无法判断下级项目是否均已关闭：{children}。",
        ),
    },
    kinds=("children",),
)
def children_closed(*, template: str = "") -> Check:
    """
    Ask that all projects that belong to this project are in a final stage; without any it passes.

    The verdict keeps the version of each that it was decided on. They are read when the move is decided, again after
    every lost race, and not locked: one that is opened or reopened between that and the commit is not seen.

    Args:
        template: the id of a lifecycle; only projects of it are looked at. By default all are.
    """

    def check(ctx: Context) -> Verdict:
        if ctx.children is None:
            return unknown("child.unknown", children="—")
        asked = [each for each in ctx.children if template in ("", each.lifecycle)]
        versions = FrozenDict({each.id: each.version for each in asked})
        open_ones = tuple(each.id for each in asked if each.closed is False)
        if open_ones:
            return failed("child.open", cure("wait", "children", ids=open_ones), children=open_ones, versions=versions)
        untold = tuple(each.id for each in asked if each.closed is None)
        if untold:
            return unknown("child.unknown", children=untold, versions=versions)
        return passed("child.closed", children=tuple(versions), versions=versions) if asked else PASS

    return check
