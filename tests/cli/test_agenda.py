"""
``agenda``: what is due in the projects of a store, as lines, as JSON and as iCalendar.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime

import pytest

import salesflow as sf
from salesflow.dossier import Activity, Task
from salesflow.stores import SqliteStore


AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
DEAL = """
schema = 1
id = "deal"
time_zone = "Asia/Shanghai"
fields = [{ id = "owner", type = "text" }]
cadences = [{ id = "weekly_report" }]
stages = [
  { id = "work", deadlines = [{ id = "sla", after = "10d" }] },
  { id = "won", kind = "won" },
]
transitions = [{ id = "win", source = "work", target = "won" }]
"""
SPAN = "--from", "2026-03-02", "--to", "2026-03-15"


@pytest.fixture
def place(tmp_path):
    """
    The file of a lifecycle, and the URL of a store with two projects.
    """
    (tmp_path / "deal.toml").write_text(DEAL, "utf-8")
    with SqliteStore(tmp_path / "deals.db") as store:
        pipeline = sf.Pipeline(sf.load_lifecycle(tmp_path / "deal.toml"), store=store, actor=sf.Actor("li.wei"))
        task = Task("prices", "Price sheet", owner="chen", due=date(2026, 3, 5))
        call = Activity("call", "call", at=datetime(2026, 3, 4, 2, tzinfo=UTC), owner="chen")
        pipeline.open("Metro", id="D-1", fields={"owner": "li.wei"}, entries=[task, call], at=AT)
        pipeline.open("Tram", id="D-2", at=datetime(2026, 3, 10, tzinfo=UTC))
    return tmp_path / "deal.toml", "--store", f"sqlite:{tmp_path / 'deals.db'}"


def test_lines(run, place):
    """
    Each item has a line, with the times of the lifecycle's zone; what is asked for narrows them.
    """
    every, chen = run("agenda", *place, *SPAN), run("agenda", *place, *SPAN, "--who", "chen", "--lang", "zh")
    one = run("agenda", *place, *SPAN, "--project", "D-2")

    assert [
        "2026-03-04 10:00 Asia/Shanghai  activity: call  Metro (D-1)  chen",
        "2026-03-05  task: Price sheet  Metro (D-1)  chen",
        "2026-03-06 17:00 Asia/Shanghai  cadence: Weekly report  Metro (D-1)  li.wei",
        "2026-03-12 09:00 Asia/Shanghai  deadline: time limit of the stage  Metro (D-1)  li.wei",
        "2026-03-13 17:00 Asia/Shanghai  cadence: Weekly report  Metro (D-1)  li.wei",
        "2026-03-13 17:00 Asia/Shanghai  cadence: Weekly report  Tram (D-2)",
    ] == every.stdout.splitlines()
    assert [
        "2026-03-04 10:00 Asia/Shanghai  活动: 电话  Metro (D-1)  chen",
        "2026-03-05  任务: Price sheet  Metro (D-1)  chen",
    ] == chen.stdout.splitlines()
    assert ["2026-03-13 17:00 Asia/Shanghai  cadence: Weekly report  Tram (D-2)"] == one.stdout.splitlines()


def test_json(run, place):
    """
    The same as data; a task has only its day, and nothing has an end that is not known.
    """
    items = json.loads(run("agenda", *place, *SPAN, "--json", "--lang", "zh").stdout)

    assert {
        "at": "2026-03-05T00:00:00+08:00",
        "ends_at": None,
        "all_day": True,
        "kind": "task",
        "name": "prices",
        "label": "Price sheet",
        "project": "D-1",
        "project_name": "Metro",
        "who": "chen",
        "state": "",
        "number": None,
    } == items[1]
    assert ("周报", "2026-03-06T17:30:00+08:00") == (items[2]["label"], items[2]["ends_at"])


def test_icalendar(run, place):
    """
    The plugin salesflow-calendar writes it as iCalendar.
    """
    done = run("agenda", *place, *SPAN, "--ics")

    assert ("BEGIN:VCALENDAR", 6) == (done.stdout.splitlines()[0], done.stdout.count("BEGIN:VEVENT"))


@pytest.mark.parametrize(("lang", "said"), [("en", "needs the plugin"), ("zh", "需要插件 salesflow-calendar")])
def test_without_the_plugin(run, place, monkeypatch, lang, said):
    """
    Without the plugin the command says what to install.
    """
    monkeypatch.setitem(sys.modules, "salesflow_calendar", None)
    done = run("agenda", *place, *SPAN, "--ics", "--lang", lang)

    assert (2, True) == (done.exit_code, said in done.stderr)


@pytest.mark.parametrize(
    ("asked", "lang", "said"),
    [
        (["--json", "--ics"], "en", "--json and --ics"),
        (["--json", "--ics"], "zh", "请只选择其中一种"),
        (["--from", "2026-01-01", "--to", "2027-06-01"], "en", "366"),
        (["--project", "D-3"], "en", "D-3"),
        (["--from", "tomorrow"], "en", "tomorrow"),
    ],
)
def test_what_cannot_be_asked(run, place, asked, lang, said):
    """
    What cannot be shown is refused with a sentence.
    """
    done = run("agenda", *place, *asked, "--lang", lang)

    assert (2, True) == (done.exit_code, said in done.stderr)


def test_nothing_is_due(run, place):
    """
    From today a week is looked at; where nothing is due, that is said.
    """
    done = run("agenda", *place, "--project", "D-1", "--who", "nobody")

    assert (0, "Nothing is due from ") == (done.exit_code, done.stdout[:20])
