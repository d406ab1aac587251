"""
The page of all customers: what each buys and has open, how satisfied they are, and what they complain about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from salesflow.dossier import Complaint, Issue, Survey
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
    sections += [
        _deals_of(portfolio, texts),
        satisfaction(portfolio, texts),
        complaints(portfolio, texts),
        issues(portfolio, texts),
    ]
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


def satisfaction(portfolio: Portfolio, texts: Texts) -> Section:
    """
    Return how satisfied customers are with each service or product, by their surveys of the scale ``csat``.

    Of several answers of a customer to a survey about the same thing the latest counts.
    """
    field = portfolio.columns.field_of("customer")
    found = portfolio.table("projects")
    owners = dict(zip(found["id"], found[f"field.{field}"], strict=True)) if f"field.{field}" in found else {}
    latest: dict[tuple[str, str, str], Survey] = {}
    for project, each in portfolio.entries(Survey):
        if each.scale != "csat" or each.score is None:
            continue
        key = each.customer or owners.get(project) or "", each.item, each.name
        before = latest.get(key)
        if before is None or _asked(before) <= _asked(each):
            latest[key] = each
    marks: dict[tuple[str, str], list[Decimal]] = {}
    for (name, item, _), each in latest.items():
        marks.setdefault((name, item), []).append(each.score or Decimal(0))
    unset = texts.say("not set", "未填写")
    rows: list[Sequence[Any]] = [
        [name or unset, item or texts.say("all", "全部"), len(scores), sum(scores) / len(scores), _content(scores)]
        for (name, item), scores in sorted(marks.items())
    ]
    heads = [
        Column(texts.say("Customer", "客户")),
        Column(texts.say("Service or product", "服务或产品")),
        Column(texts.say("Answers", "答复数"), "number"),
        Column(texts.say("Mean of 5", "平均分（满分 5）"), "number"),
        Column(texts.say("4 or 5", "4 分及以上"), "share"),
    ]
    title = texts.say("Satisfaction by customer and service", "满意度（按客户与服务）")
    empty = texts.say("No survey was answered.", "没有已答复的调查。")
    return Section(title, table=Table(heads, rows[:_MOST], empty), wide=True)


def _asked(survey: Survey) -> datetime:
    return survey.answered_at or datetime.min.replace(tzinfo=UTC)


def _content(scores: Sequence[Decimal]) -> float:
    return sum(each >= 4 for each in scores) / len(scores)


def complaints(portfolio: Portfolio, texts: Texts) -> Section:
    """
    Return the latest complaints.
    """
    words = texts.say("Complaint", "投诉"), texts.say("Raised", "提出"), texts.say("Answered", "答复")
    return _latest(
        [
            (each.text, project, each, each.raised_at, each.answered_at)
            for project, each in portfolio.entries(Complaint)
        ],
        texts,
        texts.say("Complaints", "投诉"),
        (*words, texts.say("Hours to answer", "答复小时数")),
        texts.say("No complaints are recorded.", "未记录投诉。"),
    )


def issues(portfolio: Portfolio, texts: Texts) -> Section:
    """
    Return the latest issues.
    """
    words = texts.say("Issue", "问题"), texts.say("Opened", "提出"), texts.say("Resolved", "解决")
    return _latest(
        [(each.title, project, each, each.opened_at, each.resolved_at) for project, each in portfolio.entries(Issue)],
        texts,
        texts.say("Issues", "问题"),
        (*words, texts.say("Hours to resolve", "解决小时数")),
        texts.say("No issues are recorded.", "未记录问题。"),
    )


def _latest(
    found: Sequence[tuple[str, str, Complaint | Issue, datetime | None, datetime | None]],
    texts: Texts,
    title: str,
    words: tuple[str, str, str, str],
    empty: str,
) -> Section:
    """
    Return a table of the latest records: what each is called, its project, and from when until when it took.
    """
    what, start, end, hours = words
    heads = [
        Column(what),
        Column(texts.say("Project", "项目")),
        Column(texts.say("Severity", "严重程度")),
        Column(start, "time"),
        Column(end, "time"),
        Column(hours, "hours"),
        Column(texts.say("Status", "状态")),
    ]
    rows: list[Sequence[Any]] = [
        [
            name or each.id,
            project,
            texts.status(each.severity),
            begun,
            ended,
            _hours(begun, ended),
            texts.status(each.status),
        ]
        for name, project, each, begun, ended in found[-_MOST:]
    ]
    return Section(title, table=Table(heads, rows, empty), wide=True)


def _hours(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds() / 3600
