"""
Guards on the strategy and its tasks.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import attrs
import pytest

from salesflow import dossier
from salesflow.guards import strategy_complete, tasks_decomposed, tasks_done
from salesflow.typing import Remedy

from ..inside.guards.cures import cured
from .factory import DAY, NOW, ask, ask_one, context, project


def found(guard, entries, *args, **params):
    """The code, or else the status, of each verdict."""
    return [v.code or v.status for v in ask(guard, context(project(entries=entries)), *args, **params)]


ENTRY = dossier.StrategyPart("market_entry", "Through partners.", owner="li.wei")


@pytest.mark.parametrize(
    ("part", "lacks"),
    [
        (ENTRY, None),
        (attrs.evolve(ENTRY, text="  "), ("text",)),
        (attrs.evolve(ENTRY, owner=None), ("owner",)),
        (dossier.StrategyPart("market_entry"), ("text", "owner")),
        (dossier.StrategyPart("other", "Text.", owner="li.wei"), ("text", "owner")),
    ],
)
def test_a_strategy_part_has_text_and_owner(part, lacks):
    """What is absent of it is listed."""
    verdict = ask_one(strategy_complete, context(project(entries=[part])), "market_entry")

    assert lacks == verdict.evidence.get("lacks")
    assert cured(strategy_complete, project(entries=[part]), "market_entry", "customer_development")


OPENED = (NOW - 30 * DAY).date()
TASK = dossier.Task("t", "Visit", owner="li.wei", due=OPENED, part="market_entry")


@pytest.mark.parametrize(
    ("tasks", "codes"),
    [
        ([TASK], ["pass"]),
        ([attrs.evolve(TASK, status="done")], ["pass"]),
        ([attrs.evolve(TASK, status="dropped")], ["task.undecomposed"]),
        ([attrs.evolve(TASK, part=None)], ["task.undecomposed"]),
        ([attrs.evolve(TASK, part=None, goal="market_entry")], ["task.undecomposed"]),
        ([attrs.evolve(TASK, owner=" ")], ["task.no_owner"]),
        ([attrs.evolve(TASK, due=None)], ["task.no_due"]),
        ([attrs.evolve(TASK, owner=None, due=None)], ["task.no_owner", "task.no_due"]),
        ([attrs.evolve(TASK, due=OPENED - DAY)], ["task.outside_window"]),
        ([attrs.evolve(TASK, due=date(2026, 6, 30))], ["pass"]),
        ([attrs.evolve(TASK, due=date(2026, 7, 1))], ["task.outside_window"]),
        ([TASK, attrs.evolve(TASK, id="u", owner=None)], ["pass"]),
        ([attrs.evolve(TASK, due=None), attrs.evolve(TASK, id="u", owner=None)], ["task.no_due", "task.no_owner"]),
    ],
)
@pytest.mark.parametrize("close", [date(2026, 6, 30), datetime(2026, 6, 30, 23, tzinfo=UTC)])
def test_a_strategy_part_is_broken_down_into_tasks(tasks, codes, close):
    """One task with an owner and a day inside the project's time is enough; without one all shortfalls are told."""
    proposed = project(entries=[ENTRY, *tasks], fields={"expected_close": close})

    assert codes == [v.code or v.status for v in ask(tasks_decomposed, context(proposed), "strategy_part")]
    assert cured(tasks_decomposed, proposed, "strategy_part")


@pytest.mark.parametrize("fields", [{}, {"expected_close": "next summer"}])
def test_without_an_expected_close_the_window_stays_open(fields):
    """A lifecycle need not declare the field, nor as a date."""
    proposed = project(entries=[ENTRY, attrs.evolve(TASK, due=date(2099, 1, 1))], fields=fields)
    early = project(entries=[ENTRY, attrs.evolve(TASK, due=date(2025, 1, 1))], fields=fields)
    verdict = ask_one(tasks_decomposed, context(early), "strategy_part")

    assert "pass" == ask_one(tasks_decomposed, context(proposed), "strategy_part").status
    assert () == tuple(tasks_decomposed.reads("strategy_part"))
    assert verdict.message().endswith("(2026-01-31 to …).")


def test_a_close_before_the_opening_leaves_no_day():
    """Then the field must move as well, and the remedies say so."""
    fields = {"expected_close": date(2026, 1, 1)}
    remedy = Remedy("field", "expected_close", {"op": "ge", "value": OPENED})

    for tasks in ([], [TASK], [attrs.evolve(TASK, due=None)]):
        proposed = project(entries=[ENTRY, *tasks], fields=fields)
        verdict = ask_one(tasks_decomposed, context(proposed), "strategy_part")

        assert remedy == verdict.missing[-1]
        assert cured(tasks_decomposed, proposed, "strategy_part")


def test_goals_are_broken_down_into_tasks():
    """Only goals that count need tasks."""
    goals = [dossier.Goal("sales"), dossier.Goal("missed", status="missed")]
    done = attrs.evolve(TASK, part=None, goal="sales")

    assert ["task.undecomposed"] == found(tasks_decomposed, goals, "goal")
    assert ["pass"] == found(tasks_decomposed, [*goals, done], "goal")
    assert cured(tasks_decomposed, project(entries=goals), "goal")


@pytest.mark.parametrize("per", ["strategy_part", "goal"])
def test_nothing_to_break_down_is_unknown(per):
    """Blank data never opens a gate."""
    verdict = ask_one(tasks_decomposed, context(), per)

    assert ("unknown", "task.nothing_to_decompose") == (verdict.status, verdict.code)
    assert f"尚无 {per}，无法判断任务分解是否完整。" == verdict.message("zh")
    assert cured(tasks_decomposed, project(), per)


def test_shortfalls_of_tasks_are_told():
    """Both languages name task, subject and days."""
    late = attrs.evolve(TASK, owner=None, due=date(2026, 7, 1))
    nobody, outside = ask(
        tasks_decomposed,
        context(project(entries=[ENTRY, late], fields={"expected_close": date(2026, 6, 30)})),
        "strategy_part",
    )

    assert "Task t for market_entry has no owner." == nobody.message()
    assert (
        "Task t for market_entry is due on 2026-07-01, outside of the project's time (2026-01-31 to 2026-06-30)."
    ) == outside.message()
    assert "market_entry 的任务 t 截止于 2026-07-01，不在项目期间（2026-01-31 至 2026-06-30）内。" == outside.message(
        "zh"
    )


OWN = {"mandatory_only": True, "scope": "stage"}


@pytest.mark.parametrize(
    ("tasks", "params", "expected"),
    [
        ([], {}, ["task.none"]),
        ([dossier.Task("a", stage="initiation")], OWN, ["task.open"]),
        ([dossier.Task("a", stage="initiation", status="done")], OWN, ["pass"]),
        ([dossier.Task("a", stage="initiation", mandatory=False)], OWN, ["task.none"]),
        ([dossier.Task("a", stage="initiation", status="dropped")], OWN, ["task.none"]),
        ([dossier.Task("a", stage="execution"), dossier.Task("b")], OWN, ["task.none"]),
        ([dossier.Task("a", stage="execution"), dossier.Task("b", status="done")], {}, ["task.open", "pass"]),
        ([dossier.Task("a"), dossier.Task("b", status="done")], {"ratio": 0.5}, ["pass"]),
        ([dossier.Task("a"), dossier.Task("b", status="done")], {"ratio": 0.6}, ["task.open", "pass"]),
        (
            [dossier.Task("initiation.a", mandatory=False)],
            {"stages": {"initiation": ["a", "b"]}},
            ["task.open", "task.absent"],
        ),
        ([dossier.Task("initiation.a", status="dropped")], {"stages": {"initiation": ["a"]}}, ["task.open"]),
        ([], {"stages": {"execution": ["a"]}}, ["pass"]),
    ],
)
def test_tasks_are_done(tasks, params, expected):
    """Those named for the stage count, or else a share of all that are meant; the remedies cure it."""
    assert expected == found(tasks_done, tasks, **params)
    assert cured(tasks_done, project(entries=tasks), **params)


def test_whose_a_task_is():
    """A verdict names the owner, or else the role, and what is left to do."""
    tasks = [dossier.Task("a", "Prices", role="presales"), dossier.Task("b", "Call", owner="wang", role="presales")]
    verdicts = ask(tasks_done, context(project(entries=tasks)))

    assert ["presales", "wang"] == [verdict.evidence["who"] for verdict in verdicts]
    assert [{"role": "presales"}, {"owner": "wang", "role": "presales"}] == [
        {name: value for name, value in verdict.missing[0].params.items() if name in ("owner", "role")}
        for verdict in verdicts
    ]
