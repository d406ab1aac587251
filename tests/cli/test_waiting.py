"""
``waiting``: what waits for a role or a person in a store.
"""

from __future__ import annotations

import json

import pytest

import salesflow as sf
from salesflow.dossier import Task
from salesflow.stores import SqliteStore


TEXT = """
id = "offers"
[[stages]]
id = "lead"
[[stages]]
id = "done"
kind = "won"
[[transitions]]
id = "sign"
source = "lead"
target = "done"
outcome = "won"
label = { en = "Sign", zh = "签约" }
guards = [
  { use = "approval", name = "price", roles = ["director"] },
  { use = "actor_has_role", roles = ["lawyer"] },
]
[[fields]]
id = "owner"
[[transitions]]
id = "drop"
source = "lead"
target = "done"
guards = [ { use = "actor_has_role", roles = [], fields = ["owner"] } ]
"""


@pytest.fixture
def url(tmp_path):
    """
    The URL of a store with one offer that waits for an approval, a lawyer and a task.
    """
    with SqliteStore(tmp_path / "deals.db") as store:
        pipeline = sf.Pipeline(sf.load_lifecycle(text=TEXT), store=store, actor=sf.Actor("li.wei"))
        pipeline.open("Metro", id="D-1", fields={"owner": "chen"})
        pipeline.add("D-1", Task("t1", "Price sheet", owner="wang.fang"))
    return f"sqlite:{tmp_path / 'deals.db'}"


def test_roles(run, url):
    """
    A role sees the approvals that it may give and the moves that take it, in the language of the run.
    """
    assert ["Metro", "(D-1)", "签约", "审批：价格"] in [
        line.split()
        for line in run("waiting", "--store", url, "--role", "director", "--lang", "zh").stdout.splitlines()
    ]
    found = json.loads(run("waiting", "--store", url, "--role", "lawyer", "--json").stdout)
    assert found == [{"project": "Metro (D-1)", "for": "Sign", "needs": "somebody with the role lawyer"}]
    assert run("waiting", "--store", url, "--role", "cook").stdout == "Nothing waits.\n"


def test_person(run, url):
    """
    A person sees open tasks, and what waits for a role that the person holds.
    """
    assert "task: Price sheet" in run("waiting", "--store", url, "--who", "wang.fang").stdout
    assert "price" in run("waiting", "--store", url, "--who", "zhang.min", "--role", "director").stdout
    assert "chen in person" in run("waiting", "--store", url, "--who", "chen").stdout


def test_a_changed_definition(run, url, tmp_path):
    """
    A project whose definition was changed under its version is named, with what to do.
    """
    (tmp_path / "changed.toml").write_text(TEXT.replace('"lawyer"', '"judge"'), "utf-8")
    asked = "waiting", "--store", url, "-l", tmp_path / "changed.toml", "--role", "director", "--json"
    (found,) = json.loads(run(*asked).stdout)

    assert ("Metro (D-1)", True) == (found["project"], "with another definition" in found["needs"])


def test_nobody(run, url):
    """
    Without a role or a person it is said what is missing.
    """
    done = run("waiting", "--store", url)
    assert (done.exit_code, "--role" in done.stderr) == (2, True)
