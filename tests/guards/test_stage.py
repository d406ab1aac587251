"""
How often, and how long.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial

import attrs
import pytest

from salesflow.guards import date_window, loop_budget, max_time_in_stage, min_time_in_stage
from salesflow.typing import Remedy

from ..cases import over_cases
from .factory import DAY, NOW, VISIT, ask_one, context, project


MOMENT = timedelta(microseconds=1)


@over_cases(("taken", "expected"), [({}, "pass"), ({"again": 1}, "pass"), ({"again": 2}, "fail")])
def test_a_loop_has_a_budget(taken, expected):
    """A transition may be taken as often as the budget says."""
    verdict = ask_one(loop_budget, context(project(taken=taken)), "again", 2)

    assert expected == verdict.status


def test_an_exhausted_budget_has_no_cure():
    """Counts never go back, so nothing is offered; the message says how many there were."""
    verdict = ask_one(loop_budget, context(project(taken={"again": 3})), "again", 2)

    assert ("loop.exhausted", ()) == (verdict.code, verdict.missing)
    assert "again was taken 3 time(s) already; the limit is 2." == verdict.message()
    assert "again 已执行 3 次，上限为 2 次。" == verdict.message("zh")


@over_cases(
    ("at", "early", "late"),
    [
        (VISIT.entered_at, "fail", "pass"),
        (VISIT.entered_at + 5 * DAY - MOMENT, "fail", "pass"),
        (VISIT.entered_at + 5 * DAY, "pass", "pass"),
        (VISIT.entered_at + 5 * DAY + MOMENT, "pass", "fail"),
    ],
)
def test_time_in_stage_has_exact_bounds(at, early, late):
    """Exactly the limit passes both guards; a microsecond to either side fails one."""
    answers = tuple(ask_one(guard, context(at=at), 5).status for guard in (min_time_in_stage, max_time_in_stage))

    assert (early, late) == answers


def test_a_hold_does_not_count():
    """Neither guard counts the time for which a hold interrupted the stay."""
    held = attrs.evolve(VISIT, holds=((VISIT.entered_at + DAY, VISIT.entered_at + 3 * DAY),))
    end = VISIT.entered_at + 7 * DAY
    found = [
        ask_one(guard, context(project(visit=held), at=at), 5).status
        for guard in (min_time_in_stage, max_time_in_stage)
        for at in (end - MOMENT, end, end + MOMENT)
    ]

    assert ["fail", "pass", "pass", "pass", "pass", "fail"] == found


def test_too_early_says_when():
    """The cure is to wait, and until when."""
    verdict = ask_one(min_time_in_stage, context(), 14)

    assert "stage.too_early" == verdict.code
    assert (Remedy("wait", "stage_time", {"until": NOW + 4 * DAY}),) == verdict.missing
    assert (
        "initiation was entered on 2026-02-20 09:00 UTC; this is possible from 2026-03-06 09:00 UTC."
        == verdict.message()
    )
    assert "2026-02-20 09:00 UTC 进入阶段 initiation，2026-03-06 09:00 UTC 之后方可操作。" == verdict.message("zh")


def test_too_late_has_no_cure():
    """Time does not go back."""
    verdict = ask_one(max_time_in_stage, context(), 7)

    assert ("stage.too_late", ()) == (verdict.code, verdict.missing)
    assert "initiation was entered on 2026-02-20 09:00 UTC; this was possible until 2026-02-27 09:00 UTC." == (
        verdict.message()
    )
    assert "2026-02-20 09:00 UTC 进入阶段 initiation，操作期限 2026-02-27 09:00 UTC 已过。" == verdict.message("zh")


@over_cases(
    "call",
    [
        partial(loop_budget.factory, "again", 0),
        partial(min_time_in_stage.factory, -1),
        partial(max_time_in_stage.factory, -1),
        partial(max_time_in_stage.factory, 36_501),
    ],
    ids=["loop_budget", "min_time_in_stage", "max_time_in_stage", "beyond the calendar"],
)
def test_impossible_limits_are_refused_at_build(call):
    """A budget of none and a negative time are mistakes in the definition."""
    with pytest.raises(ValueError, match="must be at least"):
        call()


@over_cases(
    ("at", "expected"),
    [
        (datetime(2026, 3, 1, 23, 59, tzinfo=UTC), "date.early"),
        (datetime(2026, 3, 2, tzinfo=UTC), "pass"),
        (datetime(2026, 3, 6, 23, 59, tzinfo=UTC), "pass"),
        (datetime(2026, 3, 7, tzinfo=UTC), "date.late"),
    ],
)
@over_cases("last", [date(2026, 3, 6), "due", "when"])
def test_a_window_of_dates(at, expected, last):
    """Both days are inside; each is a date, or the field that holds a date or a time."""
    fields = {"due": date(2026, 3, 6), "when": datetime(2026, 3, 6, 23, 59, 30, tzinfo=UTC)}
    verdict = ask_one(date_window, context(project(fields=fields), at=at), not_before=date(2026, 3, 2), not_after=last)

    assert expected == (verdict.code or verdict.status)


@over_cases(
    ("limit", "cure"),
    [
        (date(2026, 2, 27), None),
        ("due", Remedy("field", "due", {"op": "ge", "value": date(2026, 3, 3)})),
        ("when", Remedy("field", "when", {"op": "ge", "value": NOW})),
    ],
)
def test_a_last_day_that_is_over(limit, cure):
    """A field that holds it can be moved, and a date cannot; both languages say until when it was."""
    fields = {"due": date(2026, 2, 27), "when": datetime(2026, 2, 27, 9, tzinfo=UTC)}
    verdict = ask_one(date_window, context(project(fields=fields)), not_after=limit)

    assert ("date.late", (cure,) if cure else ()) == (verdict.code, verdict.missing)
    assert verdict.message().startswith("This was possible until 2026-02-27 ")
    assert "操作期限 2026-02-27" in verdict.message("zh")


def test_a_first_day_can_be_waited_for():
    """What is to come says from when on, and can be waited for; a field without a date cannot tell."""
    early = ask_one(date_window, context(), not_before=date(2026, 4, 1))
    timed = ask_one(date_window, context(project(fields={"when": NOW + DAY})), not_before="when")
    unset = ask_one(date_window, context(), not_before="due")

    assert Remedy("wait", "date", {"until": datetime(2026, 4, 1, tzinfo=UTC)}) == early.missing[0]
    assert Remedy("wait", "date", {"until": NOW + DAY}) == timed.missing[0]
    assert ("unknown", (Remedy("field", "due"),)) == (unset.status, unset.missing)
    assert "due has no date" in unset.message()


def test_a_window_has_an_end():
    """Without either end the guard would ask for nothing."""
    with pytest.raises(ValueError, match="not_before"):
        ask_one(date_window, context())
