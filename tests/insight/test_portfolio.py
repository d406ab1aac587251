"""A portfolio: what it folds, and that reading on gives the same as reading everything again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Pipeline
from salesflow.insight import Portfolio

from .selling import LIFECYCLE, START, sell


TABLES = ("projects", "visits", "moves", "refusals", "passed")


def tables(portfolio: Portfolio) -> Mapping[str, Mapping[str, Sequence[Any]]]:
    """Every table, and the entries of every kind."""
    return {name: portfolio.table(name) for name in (*TABLES, *portfolio.columns.tables.entries)}


@pytest.mark.untraced
@given(st.integers(0, 10_000))
def test_reading_on_is_reading_again(seed: int):
    """After each round of writes a refreshed portfolio equals one that is folded from nothing."""
    growing: list[Portfolio] = []

    def follow(pipeline: Pipeline, _: datetime) -> None:
        if not growing:
            growing.append(Portfolio.of(pipeline))
        elif len(pipeline.store.feed(limit=10_000).facts) % 7 == 0:
            growing[0].refresh()
            assert tables(growing[0]) == tables(Portfolio.of(pipeline))

    pipeline, _ = sell(seed, projects=6, listening=follow)
    growing[0].refresh()
    assert tables(growing[0]) == tables(Portfolio.of(pipeline))


@given(st.integers(0, 10_000), st.integers(0, 100))
def test_each_project_stands_where_its_history_leads(seed: int, part: int):
    """For any time a portfolio has each project as ``as_of`` has it, and nothing that was opened later."""
    pipeline, times = sell(seed, projects=6)
    at = times[len(times) * part // 101]
    found = Portfolio.of(pipeline, as_of=at).table("projects")
    shown = {
        name: (stage, outcome, closed, fields)
        for name, stage, outcome, closed, *fields in zip(
            found["id"],
            found["stage"],
            found["outcome"],
            found["closed"],
            *[found[each] for each in found if each.startswith("field.")],
            strict=True,
        )
    }
    opened = [each.id for each in pipeline.all() if each.opened_at <= at]
    expected: dict[str, Any] = {}
    for project in (pipeline.as_of(name, at) for name in opened):
        fields = [project.fields.get(name.removeprefix("field.")) for name in found if name.startswith("field.")]
        expected[project.id] = (project.stage, project.outcome, project.closed_at, fields)
    assert shown == expected


def test_what_was_known_then_is_less_than_what_is_known_today():
    """A backfilled move is in the portfolio of its day, and not in what was known on that day."""
    now = [START]
    pipeline = Pipeline(LIFECYCLE, clock=lambda: now[0])
    pipeline = pipeline.acting(Actor("li.wei"))
    pipeline.open("Harbour", id="harbour")
    now[0] += timedelta(days=9)
    pipeline.fire("harbour", "offer", at=START + timedelta(days=1), backfill=True)
    day = START + timedelta(days=2)
    assert Portfolio.of(pipeline, as_of=day).table("projects")["stage"] == ["offer"]
    assert Portfolio.of(pipeline, as_of=day, known_at=day).table("projects")["stage"] == ["lead"]
