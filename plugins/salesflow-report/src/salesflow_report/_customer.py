"""
The profile of one customer: its projects, people, needs and purchases, and how satisfied it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from salesflow import Money
from salesflow.dossier import Complaint, Contact, CustomerRecord, Issue, Need, Purchase
from salesflow.errors import InputError, in_two_languages
from salesflow.insight import Portfolio

from ._customers import complaints, issues, satisfaction
from ._deals import open_deals, sums
from ._figures import as_of_text, tile
from ._page import Column, Page, Section, Table, Tile
from ._texts import NOTHING, Texts


E = TypeVar("E")
_MOST = 40


def customer(portfolio: Portfolio, texts: Texts, name: str) -> Page:
    """
    Return the profile of a customer.

    Args:
        portfolio: whose projects are looked through.
        texts: of the page.
        name: as the projects' field of that role has it.

    Raises:
        InputError: if no field names the customer, or no project has it.
    """
    field = portfolio.columns.field_of("customer")
    seen = None if field is None else portfolio.where({field: name})
    if seen is None or not len(seen):
        hint = in_two_languages("Name a customer that a project of the store has.", "请指定存储中某个项目的客户。")
        raise InputError("customer=", name, hint)
    found = [
        _figures(seen, texts),
        _projects(seen, texts),
        _people(seen, texts),
        _needs(seen, texts),
        _purchases(seen, texts),
        satisfaction(seen, texts),
        complaints(seen, texts),
        issues(seen, texts),
    ]
    return Page("customer", name, as_of_text(seen, texts), texts.lang, found)


def _figures(seen: Portfolio, texts: Texts) -> Section:
    deals = open_deals(seen)
    worth = ", ".join(map(texts.money, sums(deals))) or NOTHING
    waiting = sum(each.status not in {"resolved", "confirmed"} for _, each in seen.entries(Complaint))
    waiting += sum(each.open for _, each in seen.entries(Issue))
    tiles = [
        Tile(worth, texts.say("open", "未结金额"), texts.say(f"{len(deals)} projects", f"{len(deals)} 个项目")),
        *(tile(seen, texts, name) for name in ("sales_amount", "win_rate", "cycle_time") if name in seen.kpis),
        Tile(str(waiting), texts.say("complaints and issues open", "未解决的投诉与问题")),
    ]
    return Section(texts.say("Figures", "关键指标"), tiles=tiles, wide=True)


def _projects(seen: Portfolio, texts: Texts) -> Section:
    found, stages = seen.table("projects"), seen.columns.stages()
    field = seen.columns.field_of("amount")
    amounts: Sequence[Any] = found.get(f"field.{field}", ()) if field else ()
    rows = [
        [
            f"{found['name'][place]} ({found['id'][place]})",
            texts.label(stages[stage].label, stage) if stage in stages else stage,
            amounts[place] if amounts and isinstance(amounts[place], Money) else None,
            found["opened"][place],
            found["closed"][place],
        ]
        for place, stage in enumerate(found["stage"])
    ]
    heads = [
        Column(texts.say("Project", "项目")),
        Column(texts.say("Stage", "阶段")),
        Column(texts.say("Amount", "金额"), "money"),
        Column(texts.say("Opened", "创建"), "day"),
        Column(texts.say("Closed", "结束"), "day"),
    ]
    return Section(texts.say("Projects", "项目"), table=Table(heads, rows[-_MOST:][::-1]), wide=True)


def _latest(seen: Portfolio, kind: type[E], key: str) -> Sequence[E]:
    """
    Return the entries of a kind; of several about the same thing, the last that was written.
    """
    return list({getattr(each, key) or getattr(each, "id"): each for _, each in seen.entries(kind)}.values())  # noqa: B009


def _people(seen: Portfolio, texts: Texts) -> Section:
    rows: list[Sequence[Any]] = [
        [each.name or each.id, each.title, texts.listed("attribute", each.roles), each.strength]
        for each in _latest(seen, Contact, "name")
    ]
    known = {row[0] for row in rows}
    for record in _latest(seen, CustomerRecord, "name"):
        rows += [
            [person, "", texts.word("attribute", role), None]
            for role, person in record.contacts.items()
            if person not in known
        ]
    heads = [
        Column(texts.say("Person", "联系人")),
        Column(texts.say("Position", "职务")),
        Column(texts.say("Role in the decision", "决策角色")),
        Column(texts.say("Relationship (1–5)", "关系（1–5）"), "number"),
    ]
    empty = texts.say("No contacts are recorded.", "未记录联系人。")
    return Section(texts.say("People", "联系人"), table=Table(heads, rows[:_MOST], empty))


def _needs(seen: Portfolio, texts: Texts) -> Section:
    rows = [
        [each.text or each.id, texts.status(each.priority), texts.status(each.status)]
        for each in _latest(seen, Need, "text")
    ]
    heads = [
        Column(texts.say("Need", "需求")),
        Column(texts.say("Priority", "优先级")),
        Column(texts.say("Status", "状态")),
    ]
    empty = texts.say("No needs are recorded.", "未记录需求。")
    return Section(texts.say("Needs", "需求"), table=Table(heads, rows[:_MOST], empty))


def _purchases(seen: Portfolio, texts: Texts) -> Section:
    found = sorted((each for _, each in seen.entries(Purchase)), key=lambda each: each.bought_on, reverse=True)
    rows = [
        [each.product or each.id, each.amount, each.bought_on, each.seller or texts.say("us", "我方")] for each in found
    ]
    heads = [
        Column(texts.say("Product", "产品")),
        Column(texts.say("Amount", "金额"), "money"),
        Column(texts.say("Bought", "采购日"), "day"),
        Column(texts.say("From", "供应方")),
    ]
    empty = texts.say("No purchases are recorded.", "未记录采购。")
    return Section(texts.say("Purchases before", "采购历史"), table=Table(heads, rows[:_MOST], empty), wide=True)
