"""
The recorder from inside: it alone makes and appends facts, and all facts of one commit have one time.
"""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest

import salesflow
from salesflow._pipeline.recorder import Moment, commit, joined, make_draft, stage
from salesflow.errors import InputError
from salesflow.stores import MemoryStore
from salesflow.typing import DeadlineMoved, Opened

from ..equipment import NOW
from ..pipeline_factory import LEAD, SHORT, make_pipeline
from ..work_factory import make_pipeline as deadline_pipeline, offered


PACKAGE = Path(salesflow.__file__).parent
MAKE = {"Fact", "make_fact"}
MAY_MAKE = {"_pipeline/recorder.py", "_codec/facts.py"}
MAY_APPEND = {"_pipeline/recorder.py", "stores/_copy.py"}


def calls() -> set[tuple[str, str]]:
    """Every file of the library, the testing kit aside, with what it calls by name and as ``….store.commit``."""
    found: set[tuple[str, str]] = set()
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        if name.startswith("testing/"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                found.add((name, ast.unparse(node.func)))
    return found


@pytest.mark.slow
def test_one_place_makes_facts():
    """
    Facts are made by the recorder, and otherwise only read back or copied.
    """
    assert MAY_MAKE == {name for name, call in calls() if call in MAKE}


@pytest.mark.slow
def test_one_place_appends():
    """
    Nothing but the recorder and the copier commits to a store.
    """
    commits = {name for name, call in calls() if call.endswith((".store.commit", "store.commit", "target.commit"))}

    assert MAY_APPEND == commits


def test_facts_of_a_commit_have_one_time():
    """
    Facts of different times are refused together, and nothing is written.
    """
    store = MemoryStore()
    runtime = make_pipeline(store)._runtime
    body = Opened("Metro", "lead", "undecided")
    first, second = (
        stage(Moment(f"P-{day}", None, SHORT, LEAD, NOW + timedelta(days=day), NOW), make_draft(body)) for day in (1, 2)
    )
    with pytest.raises(InputError) as caught:
        commit(runtime, joined([first, second]))

    assert "They must have the same time; commit them one after the other." in str(caught.value)
    assert () == store.feed().facts


def test_a_moved_deadline_is_watched_anew():
    """
    A deadline that moves takes the watch of its stay with it: all of the stay is dropped and set again.
    """
    pipeline = offered(deadline_pipeline(MemoryStore()))
    project = pipeline.get("P-1")
    later = NOW + timedelta(days=20)
    body = DeadlineMoved("sla", 2, NOW + timedelta(days=14), later)
    staged = stage(Moment("P-1", project, pipeline.lifecycle, LEAD, NOW, NOW), make_draft(body))

    assert (("P-1", 2),) == staged.dropped
    assert [("remind", NOW + timedelta(days=3)), ("sla", later)] == [(each.deadline, each.at) for each in staged.dues]
