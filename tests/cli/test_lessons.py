"""
``lessons`` and ``look-back``: what other projects learned, and what the facts of one say.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

import salesflow as sf
from salesflow.dossier import Lesson, LessonUse
from salesflow.stores import SqliteStore


TEXT = """
id = "offers"
[[fields]]
id = "customer"
[[stages]]
id = "lead"
label = { en = "Lead", zh = "线索" }
[[stages]]
id = "gone"
kind = "lost"
[[transitions]]
id = "lose"
source = "lead"
target = "gone"
kind = "exit"
outcome = "lost"
"""


@pytest.fixture
def url(tmp_path):
    """
    The URL of a store with a lost deal that taught something, and an open one like it.
    """
    with SqliteStore(tmp_path / "deals.db") as store:
        pipeline = sf.Pipeline(
            sf.load_lifecycle(text=TEXT),
            store=store,
            actor=sf.Actor("li.wei"),
            clock=lambda: datetime(2026, 3, 2, 9, tzinfo=UTC),
        )
        taught = Lesson("early", "Offer early.", tags=("price",))
        pipeline.open("Harbour", id="D-1", fields={"customer": "North"}, entries=[taught])
        pipeline.fire("D-1", "lose", reason="Too late.")
        pipeline.open("Metro", id="D-2", fields={"customer": "North"}, entries=[LessonUse("u", "early", "D-1")])
        pipeline.open("Other", id="D-3", entries=[Lesson("kind", "Be kind.")])
    return f"sqlite:{tmp_path / 'deals.db'}"


@pytest.mark.requirement("E26")
def test_lessons(run, url):
    """
    The lessons of a store are listed, those of similar projects with what matched, in the language of the run.
    """
    likeness = "Offer early. (Harbour, 2026-03-02): 83 % alike, by customer North, stage Lead"
    every = run("lessons", "--store", url, "--text", "offer").stdout.splitlines()
    alike = run("lessons", "D-2", "--store", url, "--limit", "1", "--lang", "zh").stdout.splitlines()
    kind = run("lessons", "--store", url, "--text", "kind").stdout

    assert ["Offer early. (Harbour, 2026-03-02)", "  used in 1 other projects"] == every
    assert [likeness] == run("lessons", "D-2", "--store", url, "--tag", "price").stdout.splitlines()[:1]
    assert "Offer early.（Harbour，2026-03-02）：相似度 83 %，相同项：客户 North、阶段 线索" == alike[0]
    assert "Be kind. (Other, 2026-03-02)\n" == kind
    assert "no lesson is like that\n" == run("lessons", "--store", url, "--tag", "none").stdout


def test_lessons_as_json(run, url):
    """
    As JSON a lesson has its project, its likeness, what matched, and how often it is used.
    """
    (found,) = json.loads(run("lessons", "D-2", "--store", url, "--limit", "1", "--json").stdout)
    first = json.loads(run("lessons", "--store", url, "--json").stdout)[0]

    assert ("D-1", "early", [["customer", "North"], ["stage", "lead"]], 1) == (
        found["project"],
        found["id"],
        found["matched"],
        found["uses"],
    )
    assert (None, []) == (first["likeness"], first["matched"])


def test_a_look_back_and_a_report(run, url):
    """
    The form of a retrospective and the report of a project are printed in the language of the run.
    """
    form = run("look-back", "D-1", "--store", url).stdout
    report = run("look-back", "D-1", "--store", url, "--report", "--lang", "zh").stdout

    assert form.startswith("Harbour – lost\nGoals\n- nothing on record\n")
    assert "- lose – Too late. · li.wei · 2026-03-02" in form.replace("by li.wei", "li.wei")
    assert report.startswith("# Harbour\n\n- offers：gone\n")
    assert "## 决策记录" in report
