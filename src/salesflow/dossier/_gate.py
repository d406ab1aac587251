"""
Entries that gates ask for: gate decisions, confirmations of a customer, checklists, contingency plans.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias

import attrs

from ._base import a_date, entry_id, many, moment, one_of, strings
from ._entry import entry


GateVerdict: TypeAlias = Literal["go", "conditional_go", "kill", "hold", "recycle"]
"""What a gate can decide: go on, go on under conditions, give up, wait, or do the work again."""


@entry
class GateCondition:
    """
    One condition of a decision at a gate.

    Attributes:
        text: what has to be so.
        met: whether it is.
        owner: who sees to it.
        due: the day by which it is to be met.
    """

    id: str = attrs.field(converter=entry_id)
    text: str = ""
    met: bool = attrs.field(default=False, kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    due: date | None = attrs.field(default=None, validator=a_date, kw_only=True)


def _conditions(value: Iterable[GateCondition]) -> tuple[GateCondition, ...]:
    return many(value, GateCondition, "conditions")


@entry
class GateDecision:
    """
    The decision of a board at a gate.

    Attributes:
        gate: its name, for example ``ATB``.
        verdict: what was decided.
        conditions: of ``conditional_go``: what has to be met before the project moves on.
        by: who decided.
        at: when, UTC.
        note: why.
    """

    kind: ClassVar[str] = "gate_decision"

    id: str = attrs.field(converter=entry_id)
    gate: str = ""
    verdict: GateVerdict = attrs.field(
        default="go", validator=one_of("go", "conditional_go", "kill", "hold", "recycle"), kw_only=True
    )
    conditions: tuple[GateCondition, ...] = attrs.field(default=(), converter=_conditions, kw_only=True)
    by: str = attrs.field(default="", kw_only=True)
    at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)


@entry
class Confirmation:
    """
    A confirmation by a person at the customer.

    Attributes:
        what: for example the type of an artefact, such as ``solution_proposal``.
        contact: who confirmed: the id of a contact, or a name.
        digest: of the version that was confirmed; another version needs a new confirmation.
        at: when, UTC.
        note: anything else.
    """

    kind: ClassVar[str] = "confirmation"

    id: str = attrs.field(converter=entry_id)
    what: str = ""
    contact: str = attrs.field(default="", kw_only=True)
    digest: str = attrs.field(default="", kw_only=True)
    at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)


@entry
class ChecklistItem:
    """
    One line of a checklist; it is done with the name of who says so.

    Attributes:
        text: what is to be looked at.
        mandatory: whether a gate that asks only for mandatory items asks for it.
        done: whether it is.
        by: who ticked it.
        at: when, UTC.
    """

    id: str = attrs.field(converter=entry_id)
    text: str = ""
    mandatory: bool = attrs.field(default=True, kw_only=True)
    done: bool = attrs.field(default=False, kw_only=True)
    by: str = attrs.field(default="", kw_only=True)
    at: datetime | None = attrs.field(default=None, converter=moment, kw_only=True)


def _checklist_items(value: Iterable[ChecklistItem]) -> tuple[ChecklistItem, ...]:
    return many(value, ChecklistItem, "checklist items")


@entry
class Checklist:
    """
    A list of things to look at; the id is its name, for example ``handover``.

    Attributes:
        items: its lines.
    """

    kind: ClassVar[str] = "checklist"

    id: str = attrs.field(converter=entry_id)
    items: tuple[ChecklistItem, ...] = attrs.field(default=(), converter=_checklist_items)


@entry
class ContingencyPlan:
    """
    A contingency plan: the steps to take if something goes wrong.

    Attributes:
        category: of the risks it is for, for example ``delivery``.
        trigger: what has to happen for it to be carried out.
        steps: what is then done, in order.
        owner: who sees to it.
        risk: the id of the risk it is for, if it is one risk only.
    """

    kind: ClassVar[str] = "contingency_plan"

    id: str = attrs.field(converter=entry_id)
    category: str = ""
    trigger: str = attrs.field(default="", kw_only=True)
    steps: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    risk: str | None = attrs.field(default=None, kw_only=True)
