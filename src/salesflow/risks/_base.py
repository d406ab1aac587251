"""
Parts that several risk checks share: their answers, the progress of a project, and its recent past.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from .._model.advice import AdviceContext, Finding
from .._model.facts import FieldSet
from .._model.frozen import FrozenDict
from .._model.risk_matrix import Level
from .._model.values import Label
from ..errors import say
from ..scores._parts import stage_of
from ..typing import RiskCheck


SIGNALS: Final[Mapping[Level, float]] = FrozenDict({"low": 0.15, "medium": 0.3, "high": 0.5, "critical": 0.8})
"""How strongly a check speaks that fired at a level, unless it measures that itself."""

DAY: Final = timedelta(days=1)


def fired(check: str, level: Level, code: str, action: Label, /, **evidence: Any) -> Finding:
    """
    Answer that there is a risk, with the signal of its level.
    """
    return Finding(check, "fired", level=level, signal=SIGNALS[level], code=code, evidence=evidence, action=action)


def clear(check: str, code: str = "", /, **evidence: Any) -> Finding:
    """
    Answer that it was looked at, and nothing found.
    """
    return Finding(check, "clear", code=code, evidence=evidence)


def unsure(check: str, code: str, /, **evidence: Any) -> Finding:
    """
    Answer that it is unknown, because something needed is absent.
    """
    return Finding(check, "unknown", code=code, evidence=evidence)


def while_open(check: RiskCheck, *, resting: bool = False) -> RiskCheck:
    """
    Return a check that finds nothing in a final stage, nor on hold unless *resting* says so.
    """

    def run(ctx: AdviceContext) -> Any:
        quiet = ctx.stage.final or (ctx.stage.kind == "hold" and not resting)
        return None if quiet else check(ctx)

    return run


def reached(ctx: AdviceContext, from_stage: str, probability: float) -> bool:
    """
    Return whether the project has reached this stage; without a stage, whether it has reached any as likely to be won.

    A stage without a probability of its own counts as far enough, and a hold as the stage it interrupts.

    Raises:
        ValueError: if *from_stage* is not a stage.
    """
    ids = [stage.id for stage in ctx.stages]
    stage = stage_of(ctx)
    if from_stage:
        if from_stage not in ids:
            raise ValueError(say("param.from_stage", from_stage=from_stage, ids=ids))
        return ids.index(stage.id) >= ids.index(from_stage)
    share = stage.probability
    return share >= probability if isinstance(share, (int, float)) else True


def values_of(ctx: AdviceContext, field: str) -> list[tuple[datetime, Any]]:
    """
    Return the values that a field was given, with when; clearing it is left out.
    """
    return [
        (fact.at, change.value)
        for fact in ctx.history
        for change in fact.body.changes
        if isinstance(change, FieldSet) and change.field == field and change.value is not None
    ]
