"""
``practices``: on the screen, in both languages, and as JSON.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

import salesflow as sf
from salesflow.dossier import Goal
from salesflow.stores import SqliteStore


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def url(tmp_path):
    """
    The URL of a store with one deal that has two goals.
    """
    with SqliteStore(tmp_path / "deals.db") as store:
        pipeline = sf.Pipeline(sf.load_lifecycle("simple_deal"), store=store, actor=sf.Actor("li"), clock=lambda: NOW)
        goal = Goal("sales", "sales_amount", 100, unit="CNY", subject="north", direction="increase", source="crm")
        pipeline.open("Metro", id="D-1", entries=[goal, Goal("visits", "visits")])
    return f"sqlite:{tmp_path / 'deals.db'}"


@pytest.mark.requirement("D00")
def test_practices(run, url):
    """
    There is a line for each item, and the sum above; what would raise the points is shown if asked.
    """
    shown = run("practices", "--store", url).stdout
    advised = run("practices", "--store", url, "--advice", "--period", "2026-Q1").stdout

    assert "2 of 80 points (2.5 %)" in shown
    assert [["Set", "clear", "goals", "2"], ["Goals", "can"]] == [
        line.split()[:size] for line, size in zip([x for x in shown.splitlines() if "oals" in x], (4, 2), strict=False)
    ]
    assert "What would raise the points:" in advised
    assert "such as D-1/visits" in " ".join(advised.split())


@pytest.mark.requirement("D00")
def test_practices_in_chinese(run, url):
    """
    In Chinese as well.
    """
    shown = run("practices", "--store", url, "--lang", "zh", "--advice").stdout

    assert "80 分中得 2 分（2.5 %）" in shown
    assert "制定明确目标" in shown
    assert "提升得分的办法：" in shown


@pytest.mark.requirement("D00")
def test_practices_as_json(run, url):
    """
    As JSON each item has the records behind it, and those that are short of it; one project may be asked for.
    """
    found = json.loads(run("practices", "--store", url, "--project", "D-1", "--json", "--period", "2026").stdout)
    specific = found["practices"][0]["items"][0]

    assert ("2026", 2, 80, 0.025, 20) == (*[found[name] for name in ("period", "points", "most", "value")], 20)
    assert (["D-1/sales"], ["D-1/visits"], 1) == (specific["done"], specific["missing"], specific["points"])
    assert json.loads(run("practices", "--store", url, "--json").stdout)["period"] is None
    assert 0 != run("practices", "--store", url, "--project", "D-9").exit_code
