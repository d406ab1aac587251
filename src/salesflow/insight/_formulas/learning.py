"""
The KPIs of learning: lessons that are used, improvements that are verified, training, and the skills of teams.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..._model.frozen import EMPTY
from ..._model.values import person
from ...dossier import ImprovementAction, LessonUse, Member, PulseAnswer, SkillTarget, Training
from .._cases import Ask, Cases, Summary, average, share, total
from .._columns.dossiers import entries_at, entries_of
from .._columns.people import owner_of
from .._registry import kpi, no_params
from .days import end_of
from .records import Record, day_of, lives, record_cases
from .sales import opened


@kpi("lesson_reuse", share)
def lesson_reuse(ask: Ask) -> Cases:
    """
    Find the projects that were opened in the period: above the line those that use a lesson of another project.
    """
    no_params(ask.params)
    columns, rows = ask.columns, opened(ask)
    names, at = columns.tables.projects.id, columns.tables.projects.opened
    using = {row for row, use in entries_of(columns, LessonUse) if use.lesson and use.project not in {"", names[row]}}
    return Cases(rows, [int(row in using) for row in rows], [1] * len(rows), [at[row] for row in rows])


def _unrecognised(cases: Cases) -> Summary:
    """
    Sum up marks as their mean, where there are enough of them that nobody is recognised.
    """
    count = len(cases.values)
    return Summary(None, None, count, "too_few_answers") if 0 < count < _FEWEST else average(cases)


@kpi("team_pulse", _unrecognised)
def team_pulse(ask: Ask) -> Cases:
    """
    Find the answers to surveys of the team that were given in the period.
    """
    no_params(ask.params)
    columns, end = ask.columns, end_of(ask.columns)
    records: list[Record] = []
    skipped = 0
    for life in lives(columns, PulseAnswer):
        at = end(life.entry.answered_on or day_of(columns, life.versions[0].at))
        if ask.start <= at < ask.end:
            skipped += life.entry.score is None
            if life.entry.score is not None:
                groups = {"topic": life.entry.topic}
                records.append(Record(life.row, life.name, at, life.entry.score, None, groups))
    return record_cases(columns, records, skipped=skipped)


_FEWEST: Final = 3
_ACCEPTED = {"accepted", "doing", "done", "verified", "ineffective"}


@kpi("improvement_closure", share)
def improvement_closure(ask: Ask) -> Cases:
    """
    Find the improvement actions that were accepted in the period: above the line those that are verified.
    """
    no_params(ask.params)
    columns, end, owner = ask.columns, end_of(ask.columns), owner_of(ask.columns)
    records: list[Record] = []
    for life in lives(columns, ImprovementAction):
        action = life.entry
        if action.status not in _ACCEPTED:
            continue
        day = action.accepted_on or day_of(columns, life.since(lambda each: each.status in _ACCEPTED))
        at = end(day)
        if ask.start <= at < ask.end:
            groups = {"owner": owner(action.owner, life.row, at), "lifecycle": action.lifecycle or None}
            records.append(Record(life.row, life.name, at, int(action.status == "verified"), 1, groups))
    return record_cases(columns, records, open_=sum(not each.value for each in records))


@kpi("training_hours", total)
def training_hours(ask: Ask) -> Cases:
    """
    Find who took part in a training of the period: its hours, for each of them.
    """
    no_params(ask.params)
    columns, end = ask.columns, end_of(ask.columns)
    records: list[Record] = []
    skipped = 0
    for row, training in entries_of(columns, Training):
        at = end(training.held_on)
        if ask.start <= at < ask.end:
            skipped += not training.members
            records += [
                Record(row, training.id, at, training.hours, None, {"member": member})
                for member in dict.fromkeys(map(person, training.members))
            ]
    return record_cases(columns, records, skipped=skipped)


@kpi("skill_coverage", share)
def skill_coverage(ask: Ask) -> Cases:
    """
    Find the skills that teams needed at the end of the period: above the line those that enough active members had.

    The target of a single member counts as well: above the line if that member had the skill.
    """
    no_params(ask.params)
    columns = ask.columns
    at = min(ask.end - 1, columns.source.now)
    levels: dict[tuple[int, str], dict[str, int]] = {}
    for row, member in entries_at(columns, Member, at):
        if member.active:
            for skill, level in member.skills.items():
                levels.setdefault((row, skill), {})[person(member.id)] = level
    records: list[Record] = []
    for row, target in entries_at(columns, SkillTarget, at):
        known: Mapping[str, int] = levels.get((row, target.skill), EMPTY)
        whose = person(target.member) or None
        if whose is None:
            able = sum(level >= target.level for level in known.values()) >= target.members
        else:
            able = known.get(whose, 0) >= target.level
        records.append(Record(row, target.id, at, int(able), 1, {"skill": target.skill, "member": whose}))
    return record_cases(columns, records)
