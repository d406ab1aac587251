"""
``path``: the shortest way of a project of a store to a stage, on the screen and as JSON.
"""

from __future__ import annotations

import json

import pytest

import salesflow as sf
from salesflow.stores import SqliteStore


@pytest.fixture
def url(tmp_path):
    """
    The URL of a store with one deal.
    """
    with SqliteStore(tmp_path / "deals.db") as store:
        pipeline = sf.Pipeline(sf.load_lifecycle("simple_deal"), store=store, actor=sf.Actor("li.wei"))
        pipeline.open("Core network", id="P-1")
    return f"sqlite:{tmp_path / 'deals.db'}"


def test_a_path(run, url):
    """
    The way is shown in lines, in either language, and nothing is written.
    """
    shown = run("path", "P-1", "--to", "won", "--store", url).stdout.splitlines()
    chinese = run("path", "P-1", "--to", "won", "--store", url, "--lang", "zh").stdout.splitlines()

    assert shown[0].startswith("Core network (P-1): from ")
    assert chinese[0].startswith("Core network (P-1)：从")
    assert len(shown) == len(chinese)


def test_a_path_as_json(run, url):
    """
    As JSON the way has its moves with what each gate misses, and who is needed; a role that one has is not.
    """
    found = json.loads(run("path", "P-1", "--to", "won", "--store", url, "--json").stdout)
    other = json.loads(
        run("path", "P-1", "--to", "lost", "--also", "exit", "--role", "x", "--store", url, "--json").stdout
    )

    assert ("P-1", "won", True, True) == (found["project"], found["to"], found["reachable"], len(found["steps"]) > 1)
    assert {"guard", "code", "message", "who", "parallel", "cannot_tell"} == set(found["steps"][0]["needs"][0])
    assert (True, 1, []) == (other["reachable"], len(other["steps"]), other["closed"])


def test_no_way(run, url):
    """
    Where there is no way it says so and ends with 1; an unknown stage or project is a mistake.
    """
    with SqliteStore(url.removeprefix("sqlite:")) as store:
        pipeline = sf.Pipeline(sf.load_lifecycle("simple_deal"), store=store, actor=sf.Actor("li.wei"))
        lost = pipeline.path("P-1", "lost", also=["exit"]).steps[0]
        pipeline.fire("P-1", lost.trigger, data={"lost_reason": "price"}, outcome=lost.given)
    done = run("path", "P-1", "--to", "won", "--store", url)

    assert (1, True) == (done.exit_code, "no way leads from" in done.stdout)
    assert [2, 2] == [
        run("path", each, "--to", to, "--store", url).exit_code for each, to in (("P-9", "won"), ("P-1", "x"))
    ]
