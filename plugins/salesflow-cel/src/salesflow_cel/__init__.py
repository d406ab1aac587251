"""
The CEL plugin: guards written in the Common Expression Language, ``cel.expression`` and ``cel.dossier``.

An expression is read and checked when the definition is built, and answers yes, no or *unknown*; it
never raises. The README lists what it may use and how much work it may do.
"""

from __future__ import annotations

from collections.abc import Iterable

from salesflow.guards import Guard
from salesflow.plugins.hookspecs import hookimpl

from ._guards import dossier, expression
from ._program import STEPS


__all__ = ["STEPS", "dossier", "expression", "salesflow_guards"]


@hookimpl
def salesflow_guards() -> Iterable[Guard[...]]:
    """
    Bring both guards.
    """
    return (expression, dossier)
