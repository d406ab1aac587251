"""
The page of customers: what each buys and has open, how satisfied they are, and what they complain about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesflow.dossier import Complaint
from salesflow.insight import Portfolio

from ._deals import open_deals, sums
from ._figures import as_of_text, by_group, by_period
from ._page import Column, Page, Section, Table
from ._texts import Texts


_MOST = 30


def customers(portfolio: Portfolio, texts: Texts) -> Page:
    """
    Return the page of customers.
    """
    title = texts.say("Customer", "客户")
    sections = [
        by_period(portfolio, texts, "new_customers", "month", texts.say("Month", "月份")),
        by_group(portfolio, texts, "win_rate", "customer", title),
    ]
    known = portfolio.kpis
    sections += [
        by_period(portfolio, texts, name, "quarter", texts.say("Quarter", "季度"))
        for name in ("csat", "response_time", "retention_rate")
        if name in known
    ]
    if "csat" in known:
        sections.append(by_group(portfolio, texts, "csat", "customer", title))
    sections += [_deals_of(portfolio, texts), _complaints(portfolio, texts)]
    return Page("customer", texts.say("Customers", "客户"), as_of_text(portfolio, texts), texts.lang, sections)


def _deals_of(portfolio: Portfolio, texts: Texts) -> Section:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for deal in open_deals(portfolio):
        found.setdefault(deal["customer"] or texts.say("not set", "未填写"), []).append(deal)
    heads = [
        Column(texts.say("Customer", "客户")),
        Column(texts.say("Open deals", "未结项目"), "number"),
        Column(texts.say("Amount", "金额")),
        Column(texts.say("Owners", "负责人")),
    ]
    rows = [
        [
            name,
            len(deals),
            ", ".join(map(texts.money, sums(deals))),
            ", ".join(sorted({deal["owner"] for deal in deals if deal["owner"]})),
        ]
        for name, deals in sorted(found.items(), key=lambda each: -len(each[1]))
    ]
    title = texts.say("Open deals by customer", "未结项目（按客户）")
    return Section(title, table=Table(heads, rows[:_MOST]), wide=True)


def _complaints(portfolio: Portfolio, texts: Texts) -> Section:
    heads = [
        Column(texts.say("Complaint", "投诉")),
        Column(texts.say("Project", "项目")),
        Column(texts.say("Raised", "提出"), "time"),
        Column(texts.say("Answered", "答复"), "time"),
        Column(texts.say("Status", "状态")),
    ]
    rows = [
        [each.text, project, each.raised_at, each.answered_at, each.status]
        for project, each in portfolio.entries(Complaint)
    ]
    return Section(texts.say("Complaints", "投诉"), table=Table(heads, rows[-_MOST:]), wide=True)
