"""
The page of people: what each owner has open and wins, and what each member is busy with and able to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from salesflow.dossier import Member, Task
from salesflow.insight import Portfolio

from ._deals import open_deals, sums
from ._figures import as_of_text, by_group
from ._page import Chart, Column, Page, Section, Table
from ._specs import bars
from ._texts import Texts


def people(portfolio: Portfolio, texts: Texts) -> Page:
    """
    Return the page of people.
    """
    owner = texts.say("Owner", "负责人")
    sections = [
        _owners(portfolio, texts),
        by_group(portfolio, texts, "win_rate", "owner", owner),
        by_group(portfolio, texts, "average_deal_value", "owner", owner),
        by_group(portfolio, texts, "cycle_time", "owner", owner),
        _tasks(portfolio, texts),
        _skills(portfolio, texts),
    ]
    return Page("people", texts.say("People", "人员"), as_of_text(portfolio, texts), texts.lang, sections)


def _owners(portfolio: Portfolio, texts: Texts) -> Section:
    deals, unset = open_deals(portfolio), texts.say("not set", "未填写")
    by_owner: dict[str, list[Mapping[str, Any]]] = {}
    for deal in deals:
        by_owner.setdefault(deal["owner"] or unset, []).append(deal)
    rows = sorted(by_owner.items(), key=lambda each: -len(each[1]))
    title = texts.say("Open deals by owner", "未结项目（按负责人）")
    drawn = [
        {"owner": name, "count": len(each), "text": " · ".join([str(len(each)), *map(texts.money, sums(each))])}
        for name, each in rows
    ]
    heads = [
        Column(texts.say("Owner", "负责人")),
        Column(texts.say("Deals", "项目数"), "number"),
        Column(texts.say("Amount", "金额")),
    ]
    table = Table(heads, [[name, len(each), ", ".join(map(texts.money, sums(each)))] for name, each in rows])
    if not drawn:
        return Section(title, texts.say("No deal is open.", "没有未结项目。"))
    said = texts.say(f"{drawn[0]['owner']} has the most.", f"最多的是 {drawn[0]['owner']}。")
    return Section(title, said, chart=Chart(bars(drawn[:15], "owner", "count", text="text"), title, said, table))


def _tasks(portfolio: Portfolio, texts: Texts) -> Section:
    today = portfolio.as_of.astimezone(texts.zone).date()
    still = [task for _, task in portfolio.entries(Task) if task.status not in {"done", "dropped"}]
    counts: dict[str, Counter[str]] = {}
    for task in still:
        counts.setdefault(texts.who(task) or texts.say("nobody", "未分配"), Counter()).update(_states(task, today))
    heads = [
        Column(texts.say("Who", "人员")),
        Column(texts.say("Open tasks", "未完成任务"), "number"),
        Column(texts.say("Overdue", "逾期"), "number"),
        Column(texts.say("Blocked", "受阻"), "number"),
    ]
    rows: list[list[Any]] = [[name, each["open"], each["overdue"], each["blocked"]] for name, each in counts.items()]
    rows.sort(key=lambda row: (-row[2], -row[1]))
    return Section(texts.say("Tasks", "任务"), table=Table(heads, rows))


def _states(task: Task, today: date) -> Sequence[str]:
    late = ["overdue"] if task.due is not None and task.due < today else []
    return ["open", *late, *(["blocked"] if task.status == "blocked" else [])]


def _skills(portfolio: Portfolio, texts: Texts) -> Section:
    members = {member.id: member for _, member in portfolio.entries(Member) if member.active}
    levels: dict[str, list[int]] = {}
    for member in members.values():
        for skill, level in member.skills.items():
            levels.setdefault(skill, []).append(level)
    heads = [
        Column(texts.say("Skill", "技能")),
        Column(texts.say("People", "人数"), "number"),
        Column(texts.say("Highest level", "最高等级"), "number"),
    ]
    rows = [[skill, len(each), max(each)] for skill, each in sorted(levels.items())]
    note = texts.say(f"Members of projects: {len(members)}.", f"共 {len(members)} 人在项目中。")
    return Section(texts.say("Skills", "技能"), note, table=Table(heads, rows))
