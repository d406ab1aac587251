"""
Guards on what was decided at a gate, and on checklists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .._model.frozen import FrozenDict
from .._model.project import Held
from .._model.values import Label
from .._model.verdict import PASS, Verdict, failed
from ..dossier import GateDecision
from ..dossier._gate import GateVerdict
from ..typing import Check, Context
from ._base import counts, entry, guard, held_of, some


_NAMES: Final[Mapping[GateVerdict, Label]] = FrozenDict(
    {
        "go": Label("go", "通过"),
        "conditional_go": Label("conditional go", "有条件通过"),
        "kill": Label("kill", "终止"),
        "hold": Label("hold", "暂缓"),
        "recycle": Label("recycle", "退回重做"),
    }
)


@guard(
    "gate_decision",
    codes={
        "gate.undecided": Label(
            "Gate {gate} is not decided yet; it takes one of: {allow}.",
            "关口 {gate} 尚未作出决策，须为以下结论之一：{allow}。",
        ),
        "gate.refused": Label(
            "Gate {gate} decided {verdict}; it takes one of: {allow}.",
            "关口 {gate} 的决策结论为 {verdict}，须为以下结论之一：{allow}。",
        ),
        "gate.conditions_open": Label(
            "Gate {gate} let this pass under conditions; still open: {conditions}.",
            "关口 {gate} 有条件通过，尚未满足的条件：{conditions}。",
        ),
    },
    kinds=("gate_decision", "visit"),
)
def gate_decision(gate: str, *, allow: tuple[GateVerdict, ...] = ("go", "conditional_go")) -> Check:
    """
    Ask that the latest decision at a gate, made since the stage was entered, is one of *allow*.

    The conditions of ``conditional_go`` have to be met. A decision whose time is ahead does not count yet.

    Args:
        gate: its name, or ``any`` for whichever gate was decided last.
        allow: of ``go``, ``conditional_go``, ``kill``, ``hold`` and ``recycle``.
    """
    some("allow", allow)

    def latest(ctx: Context) -> GateDecision | None:
        made = [
            ((decision.at or held.at, held.version, decision.id), decision)
            for decision, held in held_of(ctx.project, GateDecision)
            if gate in ("any", decision.gate) and _made(decision, held, ctx)
        ]
        return max(made, key=lambda each: each[0])[1] if made else None

    def check(ctx: Context) -> Verdict:
        decision, name = latest(ctx), {} if gate == "any" else {"gate": gate}
        if decision is None or decision.verdict not in allow:
            remedy = entry("gate_decision", **name, verdict_in=allow, at=ctx.at)
            wanted = tuple([_NAMES[each] for each in allow])
            if decision is None:
                return failed("gate.undecided", remedy, gate=gate, allow=wanted)
            return failed("gate.refused", remedy, gate=gate, allow=wanted, verdict=_NAMES[decision.verdict])
        if decision.verdict != "conditional_go":
            return PASS
        left = [each for each in decision.conditions if not each.met]
        if not left:
            return PASS
        remedy = entry("gate_decision", id=decision.id, conditions=tuple([each.id for each in left]))
        said = tuple([each.text or each.id for each in left])
        return failed("gate.conditions_open", remedy, gate=decision.gate or gate, conditions=said)

    return check


def _made(decision: GateDecision, held: Held, ctx: Context) -> bool:
    return counts(held, ctx.project, "stage_entry") and (decision.at is None or decision.at <= ctx.at)
