"""
The stand-up: what was done since the last working day, what is due until the next, and what is blocked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

import attrs

from salesflow.dossier import Activity, Milestone, StatusReport, Task
from salesflow.insight import Portfolio
from salesflow.typing import Calendar

from ._figures import as_of_text
from ._page import Column, Page, Section, Table, Tile
from ._texts import Texts


_Rows: TypeAlias = Sequence[Sequence[Any]]

_FURTHEST = 31
_MOST = 60


def stand_up(portfolio: Portfolio, texts: Texts, calendar: Calendar) -> Page:
    """
    Return the page of a stand-up.

    Args:
        portfolio: whose tasks, milestones, activities and moves are shown.
        texts: of the page.
        calendar: that says which days are worked.
    """
    today = portfolio.as_of.astimezone(texts.zone).date()
    seen = _Day(portfolio, texts, _worked(calendar, today, -1), today, _worked(calendar, today, 1))
    done, due, blocked = seen.done(), seen.due(), seen.blocked()
    late = sum(row[3] is not None and row[3] < today for row in due)
    tiles = [
        Tile(str(len(done)), texts.say("done", "已完成"), texts.say("since the last working day", "上一工作日至今")),
        Tile(str(len(due)), texts.say("due", "到期"), texts.say(f"{late} of them late", f"其中逾期 {late} 项")),
        Tile(
            str(len(blocked)), texts.say("blocked", "受阻"), texts.say("tasks and refused moves", "任务及被拒绝的操作")
        ),
    ]
    sections = [Section(texts.say("Today", "今日概览"), tiles=tiles, wide=True), *_tables(seen, done, due, blocked)]
    asked = [
        f"{project}: {line}"
        for project, each in portfolio.entries(StatusReport)
        if each.at is not None and seen.counts(each.at)
        for line in each.help_needed
    ]
    if asked:
        sections.append(Section(texts.say("Help needed", "需要支持"), items=asked, wide=True))
    return Page("stand_up", texts.say("Stand-up", "站会"), as_of_text(portfolio, texts), texts.lang, sections)


def _worked(calendar: Calendar, day: date, step: int) -> date:
    """
    Return the nearest working day before or after a day; the neighbour itself if there is none within a month.
    """
    days = (day + timedelta(days=step * number) for number in range(1, _FURTHEST + 1))
    return next((each for each in days if calendar.is_working_day(each)), day + timedelta(days=step))


def _tables(seen: _Day, done: _Rows, due: _Rows, blocked: _Rows) -> Iterator[Section]:
    say, first, last = seen.texts.say, seen.texts.day(seen.first), seen.texts.day(seen.last)
    title, nothing = say(f"Done since {first}", f"{first}至今已完成"), say("Nothing was done.", "没有完成的事项。")
    yield _table(seen.texts, title, say("Done", "完成日"), done, nothing)
    title, nothing = say(f"Due until {last}", f"{last}前到期"), say("Nothing is due.", "没有到期的事项。")
    yield _table(seen.texts, title, say("Due", "期限"), due, nothing)
    title, nothing = say("Blocked", "受阻事项"), say("Nothing is blocked.", "没有受阻的事项。")
    yield _table(seen.texts, title, say("Since", "日期"), blocked, nothing)


def _table(texts: Texts, title: str, when: str, rows: _Rows, empty: str) -> Section:
    heads = [
        Column(texts.say("What", "事项")),
        Column(texts.say("Project", "项目")),
        Column(texts.say("Who", "负责人")),
        Column(when, "day"),
        Column(texts.say("Kind", "类型")),
    ]
    note = texts.say(f"The first {_MOST} of {len(rows)}.", f"共 {len(rows)} 项，列出前 {_MOST} 项。")
    return Section(title, note if len(rows) > _MOST else "", table=Table(heads, rows[:_MOST], empty), wide=True)


@attrs.frozen
class _Day:
    """
    The entries of a portfolio around a day: from the last working day up to the next.
    """

    portfolio: Portfolio
    texts: Texts
    first: date
    today: date
    last: date

    def day(self, when: datetime) -> date:
        return when.astimezone(self.texts.zone).date()

    def counts(self, when: datetime) -> bool:
        return self.first <= self.day(when) <= self.today

    def done(self) -> list[list[Any]]:
        task, milestone, activity, move = self._names()
        rows: list[list[Any]] = [
            [self.texts.title(each), project, each.owner or "", each.done_on, task]
            for project, each in self.portfolio.entries(Task)
            if each.done_on is not None and self.first <= each.done_on <= self.today
        ]
        rows += [
            [each.title or each.id, project, each.owner or "", each.met_on, milestone]
            for project, each in self.portfolio.entries(Milestone)
            if each.met_on is not None and self.first <= each.met_on <= self.today
        ]
        rows += [
            [
                each.note or self.texts.word("activity", each.type) or each.id,
                project,
                each.owner or "",
                self.day(each.at),
                activity,
            ]
            for project, each in self.portfolio.entries(Activity)
            if each.status == "done" and each.at is not None and self.counts(each.at)
        ]
        moves, stages = self.portfolio.table("moves"), self.portfolio.columns.stages()
        rows += [
            [
                f"→ {self.texts.label(stages[target].label, target) if target in stages else target}",
                project,
                who,
                day,
                move,
            ]
            for project, at, target, who in zip(
                *(moves[each] for each in ("project", "at", "target", "actor")), strict=True
            )
            if self.first <= (day := self.day(at)) <= self.today
        ]
        return sorted(rows, key=lambda row: (row[2] == "", row[2], row[3]))

    def due(self) -> list[list[Any]]:
        task, milestone, activity, _ = self._names()
        rows: list[list[Any]] = [
            [self.texts.title(each), project, self.texts.who(each), each.due, task]
            for project, each in self.portfolio.entries(Task)
            if each.status not in {"done", "dropped"} and each.due is not None and each.due <= self.last
        ]
        rows += [
            [each.title or each.id, project, each.owner or "", each.due, milestone]
            for project, each in self.portfolio.entries(Milestone)
            if each.met_on is None and each.due is not None and each.due <= self.last
        ]
        rows += [
            [
                each.note or self.texts.word("activity", each.type) or each.id,
                project,
                each.owner or "",
                self.day(at),
                activity,
            ]
            for project, each in self.portfolio.entries(Activity)
            if each.status == "planned" and (at := each.planned_for or each.at) and self.day(at) <= self.last
        ]
        return sorted(rows, key=lambda row: (row[2] == "", row[2], row[3]))

    def blocked(self) -> list[list[Any]]:
        rows: list[list[Any]] = [
            [self.texts.title(each), project, self.texts.who(each), each.due, self._names()[0]]
            for project, each in self.portfolio.entries(Task)
            if each.status == "blocked"
        ]
        refused = self.portfolio.table("refusals")
        latest = {
            (project, trigger): (who, at)
            for project, trigger, who, at in zip(
                *(refused[each] for each in ("project", "trigger", "actor", "at")), strict=True
            )
            if self.counts(at)
        }
        labels = {
            each.trigger: self.texts.label(each.label, each.trigger)
            for definition in self.portfolio.columns.definitions()
            for each in definition.transitions
        }
        kind = self.texts.say("refused move", "被拒绝的操作")
        rows += [
            [labels.get(trigger, trigger), project, who, self.day(at), kind]
            for (project, trigger), (who, at) in latest.items()
        ]
        return sorted(rows, key=lambda row: (row[2] == "", row[2], row[3] or self.today))

    def _names(self) -> tuple[str, str, str, str]:
        say = self.texts.say
        return say("task", "任务"), say("milestone", "里程碑"), say("activity", "活动"), say("move", "流转")
