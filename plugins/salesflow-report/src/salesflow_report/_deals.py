"""
Sections about open deals: what they are worth by stage and owner, and the largest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from salesflow import Money
from salesflow.insight import Portfolio

from ._page import Chart, Column, Section, Table
from ._specs import bars
from ._texts import Texts


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER: Final = -(2**63)
"""How a portfolio's columns have a time that there is not."""


def open_deals(portfolio: Portfolio) -> Sequence[Mapping[str, Any]]:
    """
    Return the projects without a decided outcome that are not closed, a mapping each, the largest amount first.

    Amounts are as they are recorded; ``amount``, ``owner`` and ``customer`` are those of the fields that figures read.
    """
    return portfolio.columns.derive("report.open_deals", lambda: _open_deals(portfolio))


def _open_deals(portfolio: Portfolio) -> Sequence[Mapping[str, Any]]:
    columns = portfolio.columns
    projects, stages = columns.tables.projects, columns.state("stage")
    names = {role: columns.field_of(role) for role in ("amount", "owner", "customer", "expected_close")}
    values = {role: columns.values(name) for role, name in names.items() if name is not None}
    rows = [
        {
            "id": projects.id[row],
            "name": projects.name[row],
            "stage": stages[row],
            "opened": _EPOCH + timedelta(microseconds=projects.opened[row]),
            **{role: values[role][row] if role in values else None for role in names},
        }
        for row in columns.included()
        if projects.closed[row] == _NEVER
        and columns.class_of(projects.lifecycle[row], projects.outcome[row]) == "undecided"
    ]
    return sorted(rows, key=lambda row: -(row["amount"].amount if isinstance(row["amount"], Money) else Decimal(0)))


def largest(portfolio: Portfolio, texts: Texts, count: int = 10) -> Section:
    """
    Return the table of the largest open deals.
    """
    stages = portfolio.columns.stages()
    heads = [
        Column(texts.say("Deal", "项目")),
        Column(texts.say("Customer", "客户")),
        Column(texts.say("Owner", "负责人")),
        Column(texts.say("Stage", "阶段")),
        Column(texts.say("Amount", "金额"), "money"),
        Column(texts.say("Expected close", "预计成交"), "day"),
        Column(texts.say("Days open", "已历天数"), "days"),
    ]
    rows = [
        [
            f"{deal['name']} ({deal['id']})",
            deal["customer"] or "",
            deal["owner"] or "",
            texts.label(stages[deal["stage"]].label, deal["stage"]) if deal["stage"] in stages else deal["stage"],
            deal["amount"] if isinstance(deal["amount"], Money) else None,
            deal["expected_close"],
            (portfolio.as_of - deal["opened"]).total_seconds() / 86_400,
        ]
        for deal in open_deals(portfolio)[:count]
    ]
    return Section(texts.say("The largest open deals", "金额最大的未结项目"), table=Table(heads, rows), wide=True)


def by_stage(portfolio: Portfolio, texts: Texts) -> Section:
    """
    Return how many open deals are in each stage, and what they are worth in each currency.
    """
    stages, deals = portfolio.columns.stages(), open_deals(portfolio)
    rows: list[dict[str, Any]] = []
    for name, stage in stages.items():
        here = [deal for deal in deals if deal["stage"] == name]
        if stage.final or (stage.kind == "hold" and not here):
            continue
        worth = sums(here)
        rows.append(
            {
                "stage": texts.label(stage.label, name),
                "count": len(here),
                "text": " · ".join([texts.number(len(here)), *[texts.money(each) for each in worth]]),
                "worth": worth,
            }
        )
    head = texts.say("Open deals by stage", "未结项目（按阶段）")
    said = texts.say(f"{texts.number(len(deals))} deals are open.", f"共 {texts.number(len(deals))} 个未结项目。")
    heads = [
        Column(texts.say("Stage", "阶段")),
        Column(texts.say("Deals", "项目数"), "number"),
        Column(texts.say("Amount", "金额")),
    ]
    table = Table(heads, [[row["stage"], row["count"], ", ".join(map(texts.money, row["worth"]))] for row in rows])
    drawn = [{name: row[name] for name in ("stage", "count", "text")} for row in rows]
    return Section(head, said, chart=Chart(bars(drawn, "stage", "count", text="text"), head, said, table))


def sums(deals: Sequence[Mapping[str, Any]]) -> list[Money]:
    """
    Return the sums of the amounts of deals, one for each currency.
    """
    sums: dict[str, Decimal] = {}
    for deal in deals:
        if isinstance(amount := deal["amount"], Money):
            sums[amount.currency] = sums.get(amount.currency, Decimal(0)) + amount.amount
    return [Money(amount, currency) for currency, amount in sorted(sums.items())]
