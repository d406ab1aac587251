"""
Guards written in the Common Expression Language: ``cel.expression`` and ``cel.dossier``.

An expression is read, checked and bounded when the definition is built, and answers yes, no or
*unknown*; it never raises. What it may do and what it costs at most is in the README.
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
