"""
``funnel`` and ``forecast``: on the screen, in both languages, and as JSON.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

import salesflow as sf
from salesflow.stores import SqliteStore


AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEXT = """
id = "selling"
[[fields]]
id = "amount"
type = "money"
[[fields]]
id = "owner"
[[fields]]
id = "expected_close"
type = "date"
[[stages]]
id = "lead"
label = { en = "Lead", zh = "线索" }
probability = 0.1
forecast = "pipeline"
[[stages]]
id = "offer"
label = { en = "Offer", zh = "方案" }
probability = 0.5
forecast = "commit"
[[stages]]
id = "done"
kind = "won"
label = { en = "Won", zh = "赢单" }
[[transitions]]
id = "propose"
source = "lead"
target = "offer"
[[transitions]]
id = "win"
source = "offer"
target = "done"
outcome = "won"
"""


@pytest.fixture
def url(tmp_path):
    """
    The URL of a store with twelve deals: four leads, four offers, four won; the first has no amount.
    """
    with SqliteStore(tmp_path / "deals.db") as store:
        pipeline = sf.Pipeline(sf.load_lifecycle(text=TEXT), store=store, actor=sf.Actor("li.wei"))
        for number in range(12):
            at = AT + timedelta(days=number)
            fields = {"expected_close": date(2026, 12, 1)}
            if number % 2:
                fields["owner"] = "wang.fang"
            if number:
                fields["amount"] = sf.Money(100_000, "CNY")
            name = pipeline.open("deal", id=f"D-{number}", fields=fields, at=at).id
            for trigger in ("propose", "win")[: number // 4]:
                pipeline.fire(name, trigger, at=at + timedelta(days=9))
    return f"sqlite:{tmp_path / 'deals.db'}"


def words(shown: str) -> list[list[str]]:
    """
    Return the words of each line.
    """
    return [each.split() for each in shown.splitlines()]


def test_funnel(run, url):
    """
    A funnel has a line for each stage: count, bar, amount, conversion, its interval, and how many are open.
    """
    shown = words(run("funnel", "--store", url, "--as-of", "2026-07-01").stdout)
    assert ["12", "projects,", "as", "of", "2026-07-01", "00:00", "UTC"] in shown
    assert ["Lead", "12", "█" * 20, "1.1m", "CNY", "0"] in shown
    assert ["Offer", "8", "█" * 13, "800.0k", "CNY", "66.7", "%", "39.1", "%", "–", "86.2", "%", "8"] in shown


def test_funnel_by_owner_in_chinese(run, url):
    """
    Each group has a funnel of its own, in the language of the run.
    """
    shown = words(run("funnel", "--store", url, "--by", "owner", "--lang", "zh").stdout)
    assert [["未填写"], ["wang.fang"]] == sorted(
        (each for each in shown if each in (["wang.fang"], ["未填写"])), reverse=True
    )
    assert [each[:2] for each in shown if each[:1] == ["线索"]] == [["线索", "6"], ["线索", "6"]]


def test_funnel_as_json(run, url):
    """
    As JSON a funnel has its steps and its groups.
    """
    found = json.loads(run("funnel", "--store", url, "--by", "owner", "--period", "2026", "--json").stdout)
    assert [(each["stage"], each["reached"]) for each in found["steps"]] == [("lead", 12), ("offer", 8), ("done", 4)]
    assert (found["period"], found["steps"][0]["conversion"], list(found["groups"])) == (
        "2026",
        None,
        ["wang.fang", "None"],
    )


def test_forecast(run, url):
    """
    A forecast shows its sums, its distribution, its categories, and what was left out.
    """
    done = run("forecast", "--store", url, "--as-of", "2026-07-01").stdout
    shown = words(done)
    assert ["8", "open", "and", "4", "won", "projects,", "as", "of", "2026-07-01", "00:00", "UTC"] in shown
    assert ["Weighted", "pipeline", "230.0k", "CNY"] in shown
    assert ["Commit", "4", "400.0k", "CNY", "200.0k", "CNY", "800.0k", "CNY"] in shown
    assert "without an amount: D-0" in done
    assert "P10 100.0k CNY" in done


def test_forecast_by_owner_in_chinese(run, url):
    """
    Groups have a line each, in the language of the run.
    """
    shown = words(run("forecast", "--store", url, "--by", "owner", "--lang", "zh").stdout)
    assert ["wang.fang", "4", "40.0万", "CNY", "12.0万", "CNY", "20.0万", "CNY"] in shown
    assert ["未填写", "4", "30.0万", "CNY", "11.0万", "CNY", "20.0万", "CNY"] in shown


def test_forecast_as_json(run, url):
    """
    As JSON a forecast has its sums, its categories and its groups.
    """
    found = json.loads(run("forecast", "--store", url, "--by", "owner", "--period", "2026-Q4", "--json").stdout)
    assert (found["n"], found["open"], found["period"]) == (8, "700000.00 CNY", "2026-Q4")
    assert [each["name"] for each in found["categories"] if each["n"]] == ["commit", "pipeline"]
    assert found["groups"]["wang.fang"]["weighted_pipeline"] == "120000.00 CNY"


@pytest.mark.parametrize("command", ["funnel", "forecast"])
def test_nothing_and_mistakes(run, url, tmp_path, command):
    """
    Without projects there is a reason, and a wrong group is named.
    """
    with SqliteStore(tmp_path / "empty.db"):
        pass
    empty = f"sqlite:{tmp_path / 'empty.db'}"
    assert "no figure: " in run(command, "--store", empty, "--lifecycle", "simple_deal").stdout
    wrong = run(command, "--store", url, "--by", "ownr")
    assert (wrong.exit_code, "Did you mean 'owner'?" in wrong.stderr) == (2, True)


def test_only_won_deals(run, url):
    """
    Where no project is open there is no distribution.
    """
    shown = run("forecast", "--store", url, "--period", "2026-Q1", "--lang", "zh").stdout
    assert "P10" not in shown
    assert ["已赢单", "40.0万", "CNY"] in words(shown)


def test_more_than_ten_are_counted(run, tmp_path):
    """
    Of the projects that lack something ten are named, and all are counted.
    """
    with SqliteStore(tmp_path / "many.db") as store:
        pipeline = sf.Pipeline(sf.load_lifecycle(text=TEXT), store=store, actor=sf.Actor("li.wei"))
        for number in range(13):
            fields = {"amount": sf.Money(10, "CNY")} if number == 12 else {}
            pipeline.open("deal", id=f"D-{number}", fields=fields, at=AT)
    shown = run("forecast", "--store", f"sqlite:{tmp_path / 'many.db'}").stdout
    assert "without an amount: D-0, D-1, D-2, D-3, D-4, D-5, D-6, D-7, D-8, D-9 … (12)" in shown


def test_without_any_amount(run, tmp_path):
    """
    Where no open project has an amount there is no distribution.
    """
    with SqliteStore(tmp_path / "bare.db") as store:
        pipeline = sf.Pipeline(sf.load_lifecycle(text=TEXT), store=store, actor=sf.Actor("li.wei"))
        pipeline.open("deal", id="D-1", at=AT)
    shown = run("forecast", "--store", f"sqlite:{tmp_path / 'bare.db'}").stdout

    assert ("P10" in shown, "without an amount: D-1" in shown) == (False, True)
