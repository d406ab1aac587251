"""
``kpi``: a figure of a store on the screen, with what is behind it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

import salesflow as sf
from salesflow.guards import guard, passed
from salesflow.insight import formulas
from salesflow.stores import SqliteStore


AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEXT = """
id = "selling"
[[fields]]
id = "amount"
type = "money"
[[fields]]
id = "owner"
[[stages]]
id = "lead"
[[stages]]
id = "done"
kind = "won"
[[stages]]
id = "gone"
kind = "lost"
[[transitions]]
id = "win"
source = "lead"
target = "done"
outcome = "won"
[[transitions]]
id = "lose"
source = "lead"
target = "gone"
outcome = "lost"
kind = "exit"
"""


@pytest.fixture
def url(tmp_path):
    """
    The URL of a store with four deals, three of them closed.
    """
    with SqliteStore(tmp_path / "deals.db") as store:
        pipeline = sf.Pipeline(sf.load_lifecycle(text=TEXT), store=store, actor=sf.Actor("li.wei"))
        for number, trigger in enumerate(("win", "win", "lose", None)):
            at = AT + timedelta(days=40 * number)
            fields = {"owner": "wang.fang" if number else "li.wei"}
            if number != 1:
                fields["amount"] = sf.Money(123_456 * (number + 1), "CNY")
            name = pipeline.open("deal", id=f"D-{number}", fields=fields, at=at).id
            if trigger:
                pipeline.fire(name, trigger, at=at + timedelta(days=9))
    return f"sqlite:{tmp_path / 'deals.db'}"


def test_figure(run, url):
    """
    A figure shows its value, what was divided, its meaning, its course, and the projects behind it.
    """
    shown = run("kpi", "win_rate", "--store", url, "--as-of", "2026-07-01").stdout.splitlines()
    assert [
        "Win rate  66.7 %  (2 of 3)",
        "Won divided by won and lost, by the last outcome in the period. What was won and terminated later stays won.",
        "3 cases, as of 2026-07-01 00:00 UTC",
        "last 12 months         ██▁  ",
        "behind it: D-0, D-1, D-2",
    ] == shown


def test_rows_and_parts(run, url):
    """
    A figure that is a table shows its rows, and a figure with parts shows each.
    """
    rows = [each.split() for each in run("kpi", "funnel", "--store", url).stdout.splitlines()]
    parts = run("kpi", "pipeline_velocity", "--store", url).stdout
    assert [["lead"], ["done"]] == [each[:1] for each in rows if each[:1] in (["lead"], ["done"])]
    assert all(f"  {name}  " in parts for name in ("opportunities", "win_rate"))


def test_groups_in_chinese(run, url):
    """
    Groups have a line each, in the language of the run, with amounts in 万.
    """
    shown = run("kpi", "average_deal_value", "--store", url, "--by", "owner", "--lang", "zh").stdout
    assert "平均成交额  12.3万 CNY" in shown
    assert "1 项缺少数据，未计入" in shown
    assert ["li.wei", "12.3万", "CNY", "1", "1"] in [each.split() for each in shown.splitlines()]


def test_json(run, url):
    """
    As JSON a figure has everything, with ids.
    """
    found = json.loads(run("kpi", "win_rate", "--store", url, "--by", "quarter", "--json").stdout)
    assert (found["value"], found["numerator"], found["denominator"]) == (2 / 3, 2, 3)
    assert {name: each["evidence"] for name, each in found["groups"].items()} == {
        "2026-Q1": ["D-0"],
        "2026-Q2": ["D-1", "D-2"],
    }


def test_where_and_period(run, url):
    """
    Only the projects that are asked for count, in the period that is asked for.
    """
    one = json.loads(run("kpi", "win_rate", "--store", url, "--where", "owner=wang.fang", "--json").stdout)
    none = json.loads(run("kpi", "win_rate", "--store", url, "--period", "2025", "--json").stdout)
    assert (one["value"], one["n"]) == (0.5, 2)
    assert (none["value"], none["reason"], none["period"]) == (None, "no_cases", "2025")
    assert 0 == json.loads(run("kpi", "win_rate", "--store", url, "--under", "D-0", "--json").stdout)["n"]
    assert "no figure: nothing to count yet" in run("kpi", "win_rate", "--store", url, "--period", "2025").stdout


def test_list(run):
    """
    Without a name every figure is listed with its meaning.
    """
    shown = run("kpi", "--lang", "zh").stdout
    assert all(name[:12] in shown for name in formulas())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("winrate",), "Did you mean 'win_rate'?"),
        (("win_rate", "--by", "ownr"), "Did you mean 'owner'?"),
        (("win_rate", "--period", "2026-Q7"), "2026-Q1"),
        (("win_rate", "--variant", "value"), "Did you mean 'by_value'?"),
        (("win_rate", "--where", "colour=red"), "colour"),
        (("win_rate", "--where", "owner"), "Write FIELD=VALUE"),
        (("win_rate", "--under", "D-9"), "D-9"),
    ],
)
def test_mistakes(run, url, arguments, said):
    """
    A mistake is named, with what was probably meant.
    """
    done = run("kpi", *arguments, "--store", url)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_table_is_for_people(run, url):
    """
    The rows of a table have no ids and no intervals, which are in the JSON.
    """
    shown = run("kpi", "funnel", "--store", url).stdout
    assert ("conversion" in shown, "evidence" in shown, "Evidence" in shown, "interval" in shown) == (
        True,
        False,
        False,
        False,
    )


def test_store_is_needed(run, tmp_path):
    """
    A figure needs a store, and a store without a definition needs a lifecycle.
    """
    with SqliteStore(tmp_path / "empty.db"):
        pass
    assert "--store" in run("kpi", "win_rate").stderr
    url = f"sqlite:{tmp_path / 'empty.db'}"
    assert "--lifecycle" in run("kpi", "win_rate", "--store", url).stderr
    assert "nothing to count yet" in run("kpi", "win_rate", "--store", url, "--lifecycle", "simple_deal").stdout


def test_a_lifecycle_that_cannot_be_built_is_named(run, tmp_path):
    """
    A kept definition whose guard is gone is named on stderr, and the rest goes on.
    """
    gone = guard("acme.gone", codes={})(lambda: lambda ctx: passed())
    plugin = SimpleNamespace(name="acme", salesflow_guards=sf.hookimpl(lambda: (gone,)))
    text = TEXT.replace('id = "win"', 'id = "win"\nguards = [ { use = "acme.gone" } ]')
    with SqliteStore(tmp_path / "deals.db") as store:
        lifecycle = sf.load_lifecycle(text=text, plugins=[plugin])
        sf.Pipeline(lifecycle, store=store, actor=sf.Actor("li.wei")).open("deal", id="D-1")
    done = run("kpi", "close_rate", "--store", f"sqlite:{tmp_path / 'deals.db'}", "--lifecycle", "simple_deal")

    assert (done.exit_code, "selling 1" in done.stderr, "acme.gone" in done.stderr) == (0, True, True)
