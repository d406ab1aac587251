"""
Goals over levels: how one is split among teams, members or periods, and whether the goals below add up to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import attrs

from .._model.argument_types import explain_types, raise_problems
from .._model.calendar import CALENDAR_DAYS, Calendar
from .._model.frozen import noun
from .._model.messages import render
from .._model.project import Project
from .._model.values import Label
from .._model.verdict import GuardSpec, Verdict
from .._pipeline.pipeline import Pipeline
from ..dossier import KPIS, Goal
from ..errors import InputError, nearest, say
from ..guards import goals_cascade
from ..guards._base import parameter
from ..guards._cascade import unlike
from ..guards._goals import live_goals
from ._columns.periods import UNITS, Unit


_DAY: Final = timedelta(days=1)
_MOST_PLACES: Final = 12
_SPEC: Final = GuardSpec(goals_cascade.name, goals_cascade.name, codes=goals_cascade.codes)
_GAP: Final = Label("{project}: {what} Below it: {parts}.", "{project}：{what}下级：{parts}。")
_PROMISED: Final = ("metric", "target", "unit", "percent", "start", "due", "subject", "parent")


@explain_types
def split_goal(
    goal: Goal,
    into: Unit | Sequence[str] | Mapping[str, Decimal | float],
    *,
    calendar: Calendar = CALENDAR_DAYS,
    places: int | None = None,
    former: Iterable[Goal] = (),
) -> tuple[Goal, ...]:
    """
    Split a goal into parts that add up to it exactly: goals that name it as parent, to be added where they belong.

    Every part gets its share rounded down to *places*. What is left over goes, one unit of the last place each, to the
    parts that lost most by that, the first of equals first.

    Args:
        goal: of a metric of which parts sum up, with a target in its unit.
        into: the names of teams or members, for equal shares; their weights by name; or ``year``, ``quarter``,
            ``month``, ``week`` or ``day``, for the periods from the goal's first to its last day, by their working
            days. Of days, those of rest belong to the working day before them. A name becomes the part's *subject*.
        calendar: which days are worked, such as ``lifecycle.calendar``; by default all are.
        places: decimal places of the targets; by default those of the goal's target.
        former: goals that were split before. A part of the same id takes what they have besides, and is the draft
            of the next version if it promises something else.

    Raises:
        InputError: for a goal that cannot be split, and for weights or places that cannot be.
    """
    target = _divisible(goal)
    ends: Mapping[str, tuple[date, date]] = {}
    if isinstance(into, str):
        ends, weights = _periods(goal, into, calendar)
    elif isinstance(into, Mapping):
        weights = {name: _number("into", weight) for name, weight in into.items()}
    else:
        weights = dict.fromkeys(into, Fraction(1))
    if not sum(weights.values()):
        raise InputError("into", into, say("input.split_weights"))
    shares = _shares(target, tuple(weights.values()), places)
    before = {each.id: each for each in former}
    found: list[Goal] = []
    for name, share in zip(weights, shares, strict=True):
        about: dict[str, Any] = {"start": goal.start, "due": goal.due, "subject": name}
        if name in ends:
            about = {"start": ends[name][0], "due": ends[name][1], "subject": goal.subject}
        found.append(_part(goal, f"{goal.id}-{name}", before, target=share, parent=goal.id, **about))
    return tuple(found)


def _number(what: str, value: Decimal | float) -> Fraction:
    try:
        return Fraction(parameter(what, value))
    except ValueError as error:
        raise InputError(what, value, say("input.below_zero")) from error


def _divisible(goal: Goal) -> Decimal:
    """
    Return the target of a goal that can be split.
    """
    metric = KPIS.get(goal.metric)
    if metric is not None and not metric.additive:
        raise InputError(say("what.goal", goal=goal.id), goal.metric, say("input.split_rate"))
    if goal.target is None or goal.percent:
        raise InputError(say("what.goal", goal=goal.id), goal.target, say("input.split_target"))
    return goal.target


def _part(goal: Goal, name: str, before: Mapping[str, Goal], **promised: Any) -> Goal:
    former = before.get(name)
    if former is None:
        kept = {each: getattr(goal, each) for each in ("metric", "unit", "direction", "source", "supports")}
        return Goal(id=name, status="draft", **kept, **promised)
    again = attrs.evolve(former, metric=goal.metric, unit=goal.unit, percent=False, **promised)
    if all(getattr(again, each) == getattr(former, each) for each in _PROMISED):
        return former
    return attrs.evolve(again, version=former.version + 1, status="draft", approved_on=None, acknowledged_by=())


def _shares(target: Decimal, weights: Sequence[Fraction], places: int | None) -> list[Decimal]:
    places = max(0, -int(target.as_tuple().exponent)) if places is None else places
    units, whole = Fraction(target) * 10**places if 0 <= places <= _MOST_PLACES else Fraction(1, 2), sum(weights)
    if units.denominator > 1:
        raise InputError("places", places, say("input.split_places", target=target, most=_MOST_PLACES))
    exact = [units * weight / whole for weight in weights]
    found = [each.numerator // each.denominator for each in exact]
    lost = sorted(range(len(exact)), key=lambda number: found[number] - exact[number])
    for number in lost[: int(units) - sum(found)]:
        found[number] += 1
    return [Decimal(f"{each}E-{places}") for each in found]


def _periods(goal: Goal, unit: str, calendar: Calendar) -> tuple[dict[str, tuple[date, date]], dict[str, Fraction]]:
    """
    Return the first and last day of each period of a goal, and how many of its days are worked.
    """
    if unit not in UNITS:
        raise InputError("into", unit, say("input.choice", known=UNITS, near=nearest(unit, UNITS)))
    if goal.start is None or goal.due is None or goal.start > goal.due:
        raise InputError(say("what.goal", goal=goal.id), (goal.start, goal.due), say("input.split_dates"))
    ends: dict[str, tuple[date, date]] = {}
    worked: dict[str, Fraction] = {}
    day, name = goal.start, ""
    while day <= goal.due:
        works = calendar.is_working_day(day)
        # The first day of rest has no working day before it in the goal, so it begins a part of its own.
        if works or unit != "day" or not name:
            name = _name(day, unit)
        ends[name] = ends.get(name, (day, day))[0], day
        worked[name] = worked.get(name, Fraction(0)) + works
        day += _DAY
    return ends, worked


def _name(day: date, unit: str) -> str:
    """
    Return how the period that has a day is written, as :func:`to_period` reads it.
    """
    if unit == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    if unit == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"
    return day.isoformat()[: {"year": 4, "month": 7}.get(unit, 10)]


def check_split(goal: Goal, parts: Iterable[Goal]) -> None:
    """
    Check that parts which were written by hand add up to a goal, exactly, in its unit and over its period.

    Raises:
        InputErrors: with everything that keeps them from it (a single problem is raised as itself).
    """
    given = list(parts)
    found = [attrs.evolve(each, spec=_SPEC) for each in unlike(goal, given)]
    problems = [
        InputError(
            say("what.goal", goal=goal.id),
            each.evidence.get("total"),
            say("input.split_sum", why=Label(each.message("en"), each.message("zh"))),
        )
        for each in found
    ]
    raise_problems(problems)


@noun
class GoalGap:
    """
    A goal of a project that the goals of the projects below it do not add up to.

    Attributes:
        project_id, goal: whose, and which.
        parts: the goals below it that name it as their parent, each with the id of its project.
        verdict: what is wrong, as the guard ``goals_cascade`` says it; its evidence has *total* and *target*.
    """

    project_id: str
    goal: Goal
    parts: tuple[tuple[str, Goal], ...]
    verdict: Verdict

    @property
    def gap(self) -> Decimal | None:
        """
        How much the parts are short of the target, negative where they exceed it; ``None`` where they were not added.
        """
        told = self.verdict.evidence
        return told["target"] - told["total"] if "total" in told else None

    def text(self, lang: str = "en") -> str:
        """
        Say what is wrong, and where.
        """
        parts = tuple(f"{project} {each.target} {each.unit}".rstrip() for project, each in self.parts)
        about = {"project": self.project_id, "what": self.verdict.message(lang)}
        return render(_GAP, {**about, "parts": parts}, lang)


@explain_types
def goal_gaps(pipeline: Pipeline, project_id: str, *, tolerance: float = 0.0) -> tuple[GoalGap, ...]:
    """
    Return the goals of a project, and of all below it, that the goals of the projects below do not add up to.

    What counts as a part is as in the guard ``goals_cascade``: a live goal of the same metric, of which parts sum up,
    that names the goal as its parent. Goals without parts are not looked at.

    Args:
        project_id: such as a year whose quarters have parts of its goals.
        tolerance: the share of a target by which parts may differ from it.

    Raises:
        UnknownProjectError: if the store has none with this id.
        InputError: for a tolerance below 0.
    """
    share = _number("tolerance", tolerance)
    return tuple(_gaps(pipeline, pipeline.get(project_id), share, set()))


def _gaps(pipeline: Pipeline, project: Project, share: Fraction, seen: set[str]) -> Iterator[GoalGap]:
    seen.add(project.id)  # writers of two processes may have made a circle
    below = [each for each in pipeline.children(project.id) if each.id not in seen]
    goals = [(each.id, goal) for each in below for goal in live_goals(each)]
    for goal in live_goals(project):
        metric = KPIS.get(goal.metric)
        parts = tuple(each for each in goals if each[1].parent == goal.id and each[1].metric == goal.metric)
        if metric is not None and metric.additive and parts:
            for verdict in unlike(goal, [part for _, part in parts], share):
                yield GoalGap(project.id, goal, parts, attrs.evolve(verdict, spec=_SPEC))
    for each in below:
        yield from _gaps(pipeline, each, share, seen)
