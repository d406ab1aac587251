"""
Suggestions of members for a task: who has the skills, and the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from .._model.frozen import EMPTY, noun
from .._model.messages import format_value, render
from .._model.values import Label, person
from .._model.zones import local_date
from ..dossier import Member, ResourceAllocation
from ..errors import InputError, say
from ._columns.columns import Columns
from ._columns.dossiers import entries_of
from ._portfolio import Portfolio


@noun
class SkillMatch:
    """
    How far a member has one skill.

    Attributes:
        skill: its name.
        required, level: what is needed, and what the member has, 0 to 5.
        share: what it adds to the match.
    """

    skill: str
    required: int
    level: int
    share: float


@noun
class MemberMatch:
    """
    A member who may be given a task.

    Attributes:
        member: the person's actor name.
        department: where the person comes from.
        match: how far the person has the skills: the weighted mean of level by required level, each at most 1.
        capacity: the share of full working time that the person has.
        load: the highest share of working time for which the person is booked on any of the days, over all projects.
        score: *match* times the share of working time that is free, 0 to 1.
        skills: how far the person has each.
    """

    member: str
    department: str
    match: float
    capacity: Decimal
    load: Decimal
    score: float
    skills: tuple[SkillMatch, ...]

    @property
    def missing(self) -> tuple[SkillMatch, ...]:
        """
        The skills in which the person is below what is needed.
        """
        return tuple([each for each in self.skills if each.level < each.required])

    def text(self, lang: str = "en") -> str:
        """
        Say in one line why the person stands where the suggestion puts them.
        """
        gaps = [f"{each.skill} {each.level}/{each.required}" for each in self.missing]
        parts = {
            "member": self.member,
            "match": format_value(round(100 * self.match), lang),
            "load": format_value(round(100 * self.load), lang),
            "capacity": format_value(round(100 * self.capacity), lang),
            "gaps": ", ".join(gaps),
        }
        return render(_GAPS if gaps else _WHOLE, parts, lang)


_WHOLE: Final = Label(
    "{member}: {match} % of the skills, booked for {load} % of {capacity} % of working time",
    "{member}：技能匹配 {match} %，已占用 {load} %，可用工时上限 {capacity} %",
)
_GAPS: Final = Label(f"{_WHOLE.en}; below what is needed: {{gaps}}", f"{_WHOLE.zh}；未达要求：{{gaps}}")


def suggest_members(
    portfolio: Portfolio,
    required: Mapping[str, int],
    *,
    weights: Mapping[str, float] = EMPTY,
    start: date | None = None,
    end: date | None = None,
) -> tuple[MemberMatch, ...]:
    """
    Suggest who could be given a task, the best first: by skill and by load. It decides nothing.

    The match is ``sum(w * min(level / required, 1)) / sum(w)``. Everybody who is an active member of a team counts
    once, with the best level of each skill that any team states. Who has none of the skills is left out.

    Args:
        portfolio: whose teams and allocations count.
        required: the level, 1 to 5, by skill.
        weights: relative weight by skill, 1 by default.
        start: the first day of the task; today by default.
        end: its last day, included; by default the first.

    Raises:
        InputError: for no skills, a level outside of 1 to 5, a weight that is not above 0 or of another skill, and an
            end before the start.
    """
    columns = portfolio.columns
    first = local_date(columns.now, columns.zone) if start is None else start
    last = first if end is None else end
    _check(required, weights, first, last)
    teams: dict[str, list[Member]] = {}
    for _, member in entries_of(columns, Member):
        if member.active:
            teams.setdefault(person(member.id), []).append(member)
    loads = _loads(columns, first, last)
    found = [_match(members, required, weights, loads.get(name, Decimal(0))) for name, members in teams.items()]
    return tuple(
        sorted((each for each in found if each.match), key=lambda each: (-each.score, -each.match, each.member))
    )


def _check(required: Mapping[str, int], weights: Mapping[str, float], first: date, last: date) -> None:
    if not required or not all(isinstance(level, int) and 1 <= level <= 5 for level in required.values()):
        raise InputError("required", dict(required), say("input.skill_levels"))
    if not all(skill in required and weight > 0 for skill, weight in weights.items()):
        raise InputError("weights=", dict(weights), say("input.skill_weights"))
    if last < first:
        raise InputError("end=", last, say("input.not_before", name="start", begins=first))


def _match(
    members: list[Member], required: Mapping[str, int], weights: Mapping[str, float], load: Decimal
) -> MemberMatch:
    whole = sum(Fraction(str(weights.get(skill, 1))) for skill in required)
    match, skills = Fraction(), list[SkillMatch]()
    for skill, needed in required.items():
        level = max(each.skills.get(skill, 0) for each in members)
        share = Fraction(str(weights.get(skill, 1))) / whole * min(Fraction(level, needed), Fraction(1))
        match += share
        skills.append(SkillMatch(skill, needed, level, float(share)))
    capacity = max(each.capacity for each in members)
    department = next((each.department.strip() for each in members if each.department.strip()), "")
    free = max(Fraction(capacity) - Fraction(load), Fraction(0))
    return MemberMatch(members[0].id, department, float(match), capacity, load, float(match * free), tuple(skills))


def _loads(columns: Columns, first: date, last: date) -> Mapping[str, Decimal]:
    """
    Return the highest load of each person on any of some days. Allocations with a first and a last day count.
    """
    booked: dict[str, list[tuple[date, date, Decimal]]] = {}
    for _, each in entries_of(columns, ResourceAllocation):
        if each.member and each.start is not None and each.end is not None and each.start <= last and each.end >= first:
            booked.setdefault(person(each.member), []).append((each.start, each.end, Decimal(str(each.load))))
    return {
        name: max(
            sum((load for begins, ends, load in spans if begins <= day <= ends), Decimal(0))
            for day in {first, *(begins for begins, *_ in spans if begins > first)}
        )
        for name, spans in booked.items()
    }
