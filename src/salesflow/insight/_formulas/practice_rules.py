"""
What each item of the practice pack counts: records, and which of them are as the item asks.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias

import attrs

from ... import dossier as d
from ..._model.frozen import EMPTY
from ..._model.values import Money, person
from .._cases import Ask, Cases
from .._columns.columns import Columns
from .._columns.dossiers import versions_of
from .._columns.known import LATEST
from .._columns.tables import NEVER, micros
from .._columns.vectors import above, among, differences, having, within, without
from .._registry import KpiFormula
from .days import end_of
from .learning import improvement_closure, skill_coverage
from .process import review_coverage
from .responses import response_time


class Case(NamedTuple):
    """
    An entry that an item counts.

    Attributes:
        row: of the project.
        at: when it counts, in microseconds.
        name: as the evidence shows it.
        done: whether it is as the item asks.
    """

    row: int
    at: int
    name: str
    done: bool


class ItemCases(NamedTuple):
    """
    The records that an item counts, as columns of the same length.

    Attributes:
        rows: the row of the project of each.
        at: when each counts, in microseconds.
        names: as the evidence shows them.
        done: 1 for each that is as the item asks, and 0 for others.
    """

    rows: Sequence[int]
    at: Sequence[int]
    names: Sequence[str]
    done: Sequence[int]


class _Stood(NamedTuple):
    """
    An entry as it was at the end of the period.

    Attributes:
        row: of the project.
        name: as the evidence shows it.
        entry: what it was.
        first: when it was first recorded, in microseconds.
    """

    row: int
    name: str
    entry: Any
    first: int


Count: TypeAlias = Callable[[Ask], ItemCases]
Test: TypeAlias = Callable[[Any], object]


def _always(_entry: object) -> bool:
    return True


def _until(ask: Ask) -> int:
    return min(ask.end - 1, ask.columns.source.now)


def running(ask: Ask) -> Sequence[int]:
    """
    Return the rows of the projects that were open at some time in the period, in their order.
    """
    return ask.columns.derive(("running", ask.start, ask.end), lambda: _running(ask))


def _running(ask: Ask) -> Sequence[int]:
    columns, projects = ask.columns, ask.columns.tables.projects
    opened = within(columns.included(), projects.opened, NEVER, _until(ask) + 1)
    return without(opened, within(opened, projects.closed, NEVER + 1, ask.start))


def _ran(ask: Ask) -> frozenset[int]:
    return ask.columns.derive(("ran", ask.start, ask.end), lambda: frozenset(running(ask)))


def _counted(columns: Columns, cases: Iterable[Case]) -> ItemCases:
    rows, at, names, done = [*zip(*cases, strict=True)] or ((), (), (), ())
    return ItemCases(columns.vector(rows), columns.vector(at), names, columns.vector(done))


def _entries(kind: type[Any], done: Test, only: Test = _always, day: str = "") -> Count:
    """
    Return what counts entries: those that stand at the end of the period, or with *day* those that happened in it.

    Args:
        kind: their class.
        done: whether one is as the item asks.
        only: whether one counts at all.
        day: the attribute that says when it happened; where that is not set, it is when the entry was first recorded.
    """

    def cases(ask: Ask) -> Iterator[Case]:
        columns, until = ask.columns, _until(ask)
        ran = frozenset[int]() if day else _ran(ask)
        for each in _now(columns, kind) if day else _standing(ask, kind):
            if only(each.entry):
                at = _when(columns, getattr(each.entry, day), each) if day else until
                if ask.start <= at < ask.end if day else each.row in ran:
                    yield Case(each.row, at, each.name, bool(done(each.entry)))

    return lambda ask: _counted(ask.columns, cases(ask))


def _now(columns: Columns, kind: type[Any]) -> Sequence[_Stood]:
    """
    Return the entries of one class as they are now.
    """
    return columns.derive(("stood", kind), lambda: _stood(columns, kind, LATEST))


def _standing(ask: Ask, kind: type[Any]) -> Sequence[_Stood]:
    """
    Return the entries of one class as they were at the end of the period.
    """
    until = _until(ask)
    return ask.columns.derive(("stood", kind, until), lambda: _stood(ask.columns, kind, until))


def _stood(columns: Columns, kind: type[Any], until: int) -> Sequence[_Stood]:
    names, found = columns.tables.projects.id, list[_Stood]()
    for (row, name), versions in versions_of(columns, kind.kind).items():
        last = next((each.entry for each in reversed(versions) if each.at <= until), None)
        if isinstance(last, kind):
            found.append(_Stood(row, f"{names[row]}/{name}", last, versions[0].at))
    return found


def _when(columns: Columns, said: object, stood: _Stood) -> int:
    if isinstance(said, datetime):
        return micros(said)
    return end_of(columns)(said) if isinstance(said, date) else stood.first


def _figure(formula: KpiFormula, variant: str = "") -> Count:
    """
    Return what counts the cases of another KPI: a case is done if what is above the line is all that is below it.

    With the variant ``in_target`` a case is done if it took no longer than its target.
    """

    def count(ask: Ask) -> ItemCases:
        find: Any = formula.find
        cases: Cases = find(attrs.evolve(ask, variant=variant, params=EMPTY))
        rows, totals, vector = cases.rows, cases.totals or (), ask.columns.vector
        if variant:
            compared = zip(cases.values, totals, cases.waiting or (), strict=True)
            done: Sequence[int] = [int(value <= total and not waits) for value, total, waits in compared]
        else:
            done = above(differences(cases.values, totals), -1)
        names = _names(ask.columns, rows) if cases.ids is None else cases.ids
        return ItemCases(vector(rows), vector(cases.at or ()), names, vector(done))

    return count


def _projects(*roles: str, only_open: bool = False) -> Count:
    """
    Return what counts projects: done is one of which the fields of these roles are filled, as far as they are declared.
    """

    def count(ask: Ask) -> ItemCases:
        columns, projects = ask.columns, ask.columns.tables.projects
        rows = having(running(ask), projects.closed, (NEVER,)) if only_open else running(ask)
        until = array("q", [_until(ask)])
        declared = [name for role in roles if (name := columns.field_of(role)) is not None]
        done = rows if declared else columns.vector(())
        for name in declared:
            done = having(done, columns.filled_at(name, until * len(projects.id)), (1,))
        return ItemCases(rows, columns.vector(until * len(rows)), _names(columns, rows), among(rows, done))

    return count


def _names(columns: Columns, rows: Sequence[int]) -> Sequence[str]:
    return [*map(columns.tables.projects.id.__getitem__, rows)]


def _trained(ask: Ask) -> ItemCases:
    tools = [each.entry for each in _standing(ask, d.Training) if _on_tools(each.entry)]
    trained = {person(name) for entry in tools for name in entry.members}
    return _entries(d.Member, lambda member: person(member.id) in trained, lambda member: member.active)(ask)


def _allocated(ask: Ask) -> ItemCases:
    until, ran = _until(ask), _ran(ask)
    given: dict[tuple[int, str, str], Decimal] = {}
    for row, _, entry, _ in _standing(ask, d.ResourceAllocation):
        key = row, entry.resource, _unit(entry)
        given[key] = given.get(key, Decimal(0)) + _number(entry)
    cases = [
        Case(row, until, name, given.get((row, entry.resource, _unit(entry)), Decimal(0)) >= _number(entry))
        for row, name, entry, _ in _standing(ask, d.ResourceDemand)
        if row in ran
    ]
    return _counted(ask.columns, cases)


def _number(entry: d.ResourceDemand | d.ResourceAllocation) -> Decimal:
    return entry.amount.amount if isinstance(entry.amount, Money) else entry.amount


def _unit(entry: d.ResourceDemand | d.ResourceAllocation) -> str:
    return entry.amount.currency if isinstance(entry.amount, Money) else entry.unit


def _on_tools(training: d.Training) -> bool:
    return training.type == "tool" or bool(training.tools)


def _owned(entry: Any) -> bool:
    return bool(entry.owner and entry.due)


def _said(feedback: Any) -> bool:
    return feedback.score is not None or bool(feedback.comment.strip()) or feedback.declined


def _section(name: str) -> Test:
    return lambda retrospective: retrospective.sections.get(name, "").strip()


def _criteria(appraisal: d.Appraisal) -> bool:
    return bool(appraisal.criteria) and all(each.metric or each.source for each in appraisal.criteria)


def _rated(appraisal: d.Appraisal) -> bool:
    rated = all(each.rating is not None or each.metric for each in appraisal.criteria)
    return bool(appraisal.criteria) and rated and appraisal.acknowledged_at is not None


_CARE: Final = ("return_visit", "customer_check_in", "thank_you")
_STUDY: Final = ("course", "expert_talk", "book", "conference")
_FORECASTS: Final = ("weighted_forecast", "weighted_pipeline", "forecast_accuracy", "pipeline_coverage")


RULES: Final[Mapping[str, tuple[Count, ...]]] = {
    "clear_goals/specific": (
        _entries(d.Goal, lambda g: g.metric and g.subject and g.direction and g.target is not None, lambda g: g.counts),
    ),
    "clear_goals/measurable": (
        _entries(d.Goal, lambda g: g.metric in d.KPIS and g.unit and g.source, lambda g: g.counts),
    ),
    "grow_team/recruit": (
        _figure(skill_coverage),
        _entries(d.HiringNeed, lambda need: need.status == "filled", lambda need: need.status != "dropped"),
    ),
    "grow_team/train": (
        _entries(d.Training, lambda training: training.members, day="held_on"),
        _entries(d.DevelopmentPlan, lambda plan: plan.actions, lambda plan: plan.status != "dropped"),
    ),
    "improve_process/analyse": (
        _entries(d.Review, lambda look: look.decision, lambda look: look.type == "process_review", "held_at"),
        _entries(d.ImprovementAction, lambda action: action.lifecycle),
    ),
    "improve_process/plan": (
        _entries(d.ImprovementAction, _owned, lambda action: action.lifecycle and action.status != "rejected"),
    ),
    "communicate/internal": (
        _entries(d.StatusReport, lambda report: report.done or report.next, day="at"),
        _entries(d.Review, lambda look: len(look.attendees) > 1, day="held_at"),
        _entries(d.Question, lambda question: question.answered_at, day="asked_at"),
    ),
    "communicate/external": (
        _entries(
            d.Activity,
            lambda activity: activity.outcome or activity.note,
            lambda activity: activity.status == "done" and activity.direction != "internal",
            "at",
        ),
    ),
    "use_data/collect": (_projects("amount", "customer", "owner", "source"),),
    "use_data/analyse": (
        _entries(
            d.KpiSnapshot,
            lambda kept: kept.values and all(each.value is not None or each.reason for each in kept.values),
            day="at",
        ),
    ),
    "customer_relations/record": (
        _entries(d.CustomerRecord, lambda customer: customer.name and customer.facts and customer.contacts),
    ),
    "customer_relations/maintain": (
        _entries(
            d.Activity,
            lambda activity: activity.status == "done",
            lambda activity: activity.type in _CARE and activity.status != "dropped",
            "at",
        ),
    ),
    "use_tools/choose": (_entries(d.Training, lambda training: training.tools, _on_tools),),
    "use_tools/apply": (_trained,),
    "manage_risk/identify": (
        _entries(d.Risk, lambda risk: risk.title and risk.category),
        _entries(d.RiskRegister, lambda register: register.none_found or register.note),
    ),
    "manage_risk/respond": (
        _entries(d.Risk, lambda risk: risk.response and risk.owner and risk.response_due, lambda risk: risk.open),
    ),
    "appraise/criteria": (_entries(d.Appraisal, _criteria, day="end"),),
    "appraise/carry_out": (_entries(d.Appraisal, _rated, day="end"),),
    "personal_growth/reflect": (
        _entries(d.Feedback, _said, lambda feedback: feedback.source == "self"),
        _entries(
            d.Retrospective, lambda look: any(look.sections.values()), lambda look: look.source == "self", "held_at"
        ),
    ),
    "personal_growth/learn": (
        _entries(d.Training, lambda training: training.members, lambda training: training.type in _STUDY, "held_on"),
    ),
    "research/goal": (_entries(d.ResearchPlan, lambda plan: plan.goal and plan.question, day="end"),),
    "research/method": (_entries(d.ResearchPlan, lambda plan: plan.method, day="end"),),
    "manage_resources/allocate": (_allocated,),
    "manage_resources/use": (
        _entries(d.TimeBooking, lambda booking: booking.task, day="day"),
        _entries(d.SalesCost, lambda cost: cost.budget or cost.category, day="spent_on"),
    ),
    "innovate/encourage": (_entries(d.Idea, lambda idea: idea.status != "proposed", day="proposed_on"),),
    "innovate/change": (
        _entries(d.Idea, lambda idea: idea.result, lambda idea: idea.status in ("tried", "adopted")),
        _entries(
            d.ImprovementAction,
            lambda action: action.status in ("done", "verified"),
            lambda action: action.status not in ("proposed", "rejected"),
        ),
    ),
    "serve/answer": (
        _figure(response_time, "in_target"),
        _entries(d.Complaint, lambda each: each.status in ("resolved", "confirmed"), day="raised_at"),
    ),
    "serve/feedback": (
        _entries(d.Survey, _said, day="answered_at"),
        _entries(d.Feedback, _said, lambda feedback: feedback.source == "customer"),
    ),
    "brand/strategy": (
        _entries(d.StrategyPart, lambda part: part.text.strip() and part.owner, lambda part: part.id == "brand"),
    ),
    "brand/promote": (
        _entries(
            d.PromotionPlan, lambda plan: plan.status in ("running", "done"), lambda plan: plan.status != "dropped"
        ),
    ),
    "forecast/collect": (_projects("amount", "expected_close", only_open=True),),
    "forecast/analyse": (
        _entries(
            d.KpiSnapshot,
            lambda kept: any(each.metric in _FORECASTS and each.value is not None for each in kept.values),
            day="at",
        ),
    ),
    "reach_goals/plan": (_entries(d.Task, _owned, lambda task: (task.goal or task.part) and task.status != "dropped"),),
    "reach_goals/track": (_entries(d.Goal, lambda goal: goal.actual is not None, lambda goal: goal.counts),),
    "sum_up/experience": (
        _figure(review_coverage),
        _entries(d.Retrospective, _section("successes"), day="held_at"),
    ),
    "sum_up/shortfalls": (_entries(d.Retrospective, _section("shortfalls"), day="held_at"),),
    "culture/values": (_entries(d.TeamCharter, lambda charter: charter.mission and charter.values),),
    "culture/climate": (
        _entries(d.TeamEvent, lambda event: event.members, day="held_on"),
        _entries(d.Reward, lambda reward: reward.given_on and reward.reason, day="given_on"),
        _entries(d.PulseAnswer, lambda answer: answer.score is not None, day="answered_on"),
    ),
    "keep_improving/plan": (_entries(d.ImprovementAction, _owned, lambda action: action.status != "rejected"),),
    "keep_improving/carry_out": (_figure(improvement_closure),),
}
"""By practice and item."""
