"""
Guards on what was decided at a gate, and on checklists.
"""

from __future__ import annotations

from .._model.project import Held
from .._model.values import Label
from .._model.verdict import PASS, Verdict, failed
from ..dossier import Checklist, ChecklistItem, GateDecision
from ..dossier._gate import GateVerdict
from ..typing import Check, Context
from ._base import counts, entry, guard, held_of, is_set, some


@guard(
    "gate_decision",
    codes={
        "gate.undecided": Label(
            "Gate {gate:gate} is not decided yet; it takes one of: {allow:verdict}.",
            "关口 {gate:gate} 尚未作出决策，须为以下结论之一：{allow:verdict}。",
        ),
        "gate.refused": Label(
            "Gate {gate:gate} decided {verdict:verdict}; it takes one of: {allow:verdict}.",
            "关口 {gate:gate} 的决策结论为 {verdict:verdict}，须为以下结论之一：{allow:verdict}。",
        ),
        "gate.conditions_open": Label(
            "Gate {gate:gate} let this pass under conditions; still open: {conditions}.",
            "关口 {gate:gate} 有条件通过，尚未满足的条件：{conditions}。",
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
            if decision is None:
                return failed("gate.undecided", remedy, gate=gate, allow=allow)
            return failed("gate.refused", remedy, gate=gate, allow=allow, verdict=decision.verdict)
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


def _asked(name: str, **_params: object) -> tuple[tuple[str, str], ...]:
    return (("checklist", name),)


@guard(
    "checklist_done",
    codes={
        "checklist.missing": Label("Checklist {name} has no items yet.", "检查清单 {name} 尚无检查项。"),
        "checklist.open": Label("Checklist {name}, still open: {items}.", "检查清单 {name} 尚未完成：{items}。"),
    },
    asks=_asked,
    kinds=("checklist",),
)
def checklist_done(name: str, *, items: tuple[str, ...] = (), mandatory_only: bool = False) -> Check:
    """
    Ask that the items of a checklist are done, each with the name of who says so.

    Args:
        name: the id of the checklist.
        items: the ids of items that have to be on it, whatever else is.
        mandatory_only: whether only mandatory items count, and *items*.
    """

    def check(ctx: Context) -> Verdict:
        card = next((each for each in ctx.project.all(Checklist) if each.id == name), None)
        held = {each.id: each for each in card.items} if card else {}
        others = [each.id for each in held.values() if each.mandatory or not mandatory_only]
        if not held:
            return failed("checklist.missing", entry("checklist", id=name, items=items or ("first",)), name=name)
        left = [each for each in dict.fromkeys([*items, *others]) if each not in held or not _done(held[each])]
        if not left:
            return PASS
        said = tuple([held[each].text or each if each in held else each for each in left])
        return failed("checklist.open", entry("checklist", id=name, items=tuple(left)), name=name, items=said)

    return check


def _done(item: ChecklistItem) -> bool:
    return item.done and is_set(item.by)
