"""
``stand-up``: what each person has to say about each project of a store.
"""

from __future__ import annotations

import json
from datetime import date

import pytest

import salesflow as sf
from salesflow.dossier import Task
from salesflow.stores import SqliteStore


@pytest.fixture
def place(tmp_path):
    """The URL of a store with a project of Li Wei, who has a task that is overdue."""
    with SqliteStore(tmp_path / "deals.db") as store:
        pipeline = sf.Pipeline(sf.load_lifecycle("simple_deal"), store=store, actor=sf.Actor("li.wei"))
        task = Task("prices", "Price sheet", due=date(2026, 3, 5))
        pipeline.open("Metro", id="D-1", fields={"owner": "li.wei"}, entries=[task])
    return "--store", f"sqlite:{tmp_path / 'deals.db'}"


@pytest.mark.requirement("A19")
@pytest.mark.parametrize(("lang", "said"), [("en", "overdue: Price sheet"), ("zh", "逾期：Price sheet")])
def test_lines(run, place, lang, said):
    """
    A project and a person have their lines, in the language that is asked for.
    """
    lines = run("stand-up", *place, "--who", "li.wei", "--lang", lang).stdout.splitlines()

    assert ("Metro (D-1) li.wei", True) == (lines[0], f"    - 2026-03-05 {said}" in lines)


def test_json(run, place):
    """
    The same as data.
    """
    (view,) = json.loads(run("stand-up", *place, "--project", "D-1", "--json").stdout)

    assert ("D-1", "Metro", "li.wei") == (view["project"], view["project_name"], view["who"])
    assert {"kind": "task", "name": "prices", "label": "overdue: Price sheet", "time": "2026-03-05"} in view["blocks"]
    assert [] == json.loads(run("stand-up", *place, "--who", "nobody", "--json").stdout)


def test_nothing_to_say(run, place):
    """
    Where there is nothing, that is said; a project that does not exist is an error.
    """
    assert "There is nothing to say.\n" == run("stand-up", *place, "--who", "nobody").stdout
    assert 2 == run("stand-up", *place, "--project", "D-9").exit_code
