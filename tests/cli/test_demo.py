"""
``demo``: the story, and what is left of it.
"""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

import salesflow as sf
from salesflow import templates
from salesflow.stores import JournalStore


PROJECT = "HT-2026-014"


@pytest.fixture
def story(run, tmp_path):
    """
    The demo in English, told into a folder.
    """
    return run("demo", "--dir", tmp_path / "demo"), tmp_path / "demo"


@pytest.mark.untraced
def test_the_story(story):
    """
    The project goes from initiation to won, with refusals, a hold and a loop, and is read back from its folder.
    """
    done, folder = story
    store = JournalStore(folder)
    facts = list(store.load(PROJECT))
    project = store.head(PROJECT)
    store.close()
    taken = [fact.body.transition for fact in facts if hasattr(fact.body, "transition")]

    assert (0, "") == (done.exit_code, done.stderr)
    assert ("closed_won", "won") == (project.stage, project.outcome)
    assert ["hold", "resume", "hold_review", "adjust_strategy", "launch"] == taken[4:9]
    assert project == sf.replay(facts)
    assert f"{len(facts)} facts, 2 refused attempts. Now in Closed - won, outcome won." in done.stdout
    assert done.stdout.endswith(f"Kept in {folder}\n")


ENDS = {
    "four_step_project": ("DF-2026-031", "completed", "won"),
    "goal_to_feedback_cycle": ("SOUTH-2026-Q2", "closed", "partly_attained"),
    "ltc_gated": ("PW-2025-007", "closed_won", "won"),
    "operating_cycle": (PROJECT, "closed_won", "won"),
    "project_team_planning": ("TEAM-2026-03", "done", "achieved"),
    "sales_planning": ("PLAN-2025-H2", "retired", "effective"),
}


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("four_step_project", marks=pytest.mark.requirement("A03", "A31", "A32", "A33", "A34")),
        pytest.param("goal_to_feedback_cycle", marks=pytest.mark.requirement("B01")),
        "ltc_gated",
        "operating_cycle",
        pytest.param("project_team_planning", marks=pytest.mark.requirement("C01")),
        pytest.param("sales_planning", marks=pytest.mark.requirement("C27", "C30")),
    ],
)
def test_every_story(run, tmp_path, name):
    """
    Each story is refused at least once, never where it should go on, and comes to its end; every fact is read back.
    """
    done = run("demo", name, "--dir", tmp_path, "--lang", "zh")
    project_id, stage, outcome = ENDS[name]
    with JournalStore(tmp_path) as store:
        project = store.head(project_id)
        facts, attempts = list(store.load(project_id)), list(store.attempts(project_id))

    assert (0, "") == (done.exit_code, done.stderr)
    assert (stage, outcome) == (project.stage, project.outcome)
    assert project == sf.replay(facts)
    assert len(attempts) == done.stdout.count("✗ 被拒绝") > 0
    assert [] == [one.at for one in attempts if not one.codes]


def test_every_built_in_lifecycle_of_projects_has_a_story():
    """
    A story is missing for the shortest lifecycle only, and for those of entries.
    """
    folder = files("salesflow.cli") / "stories"
    assert set(ENDS) == {path.name.removesuffix(".toml") for path in folder.iterdir()}
    assert {"simple_deal"} == set(templates.PROJECTS) - set(ENDS)


def test_a_story_that_there_is_not(run):
    """
    A lifecycle without a story is answered with those that have one.
    """
    done = run("demo", "simple_deal")

    assert 2 == done.exit_code
    assert "four_step_project" in done.stderr


@pytest.mark.long
@pytest.mark.untraced
def test_refusals(story):
    """
    A refusal gives all its reasons, in the language of the run.
    """
    shown = story[0].stdout

    assert 2 == shown.count("✗ refused")
    assert re.search(r"✗ Still to be filled in: .*Expected amount", shown)
    assert re.search(r"✗ strategy plan has changed since it was approved", shown)
    assert not re.search(r"[\u4e00-\u9fff]", shown)


@pytest.mark.long
@pytest.mark.untraced
def test_it_is_the_same_every_time(run, tmp_path):
    """
    Times are fixed, so that the story is the same whenever it is told.
    """
    first, second = (run("demo", "--dir", tmp_path / name).stdout.replace(name, "") for name in ("first", "second"))

    assert first == second


@pytest.mark.untraced
def test_in_chinese(run, tmp_path):
    """
    The whole story can be told in Chinese.
    """
    shown = run("--lang", "zh", "demo", "--dir", tmp_path / "demo").stdout

    assert all(
        word in shown for word in ("海港电信核心网升级项目", "被拒绝", "暂停项目", "调整策略", "赢单结项", "条事实")
    )


@pytest.mark.long
@pytest.mark.untraced
def test_a_folder_of_its_own(run, tmp_path, monkeypatch):
    """
    Without a folder it makes a new one and says where.
    """
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = run("demo")
    made = list(tmp_path.iterdir())

    assert [f"Kept in {folder}" for folder in made] == [done.stdout.splitlines()[-1]]


@pytest.mark.long
def test_a_folder_that_has_the_story(run, story):
    """
    A second telling into the same folder is refused, and changes nothing.
    """
    done = run("demo", "--dir", story[1])

    assert (2, True) == (done.exit_code, f"salesflow: project '{PROJECT}' exists already" in done.stderr)


@pytest.mark.long
def test_it_ends_with_a_dashboard(run, tmp_path, monkeypatch):
    """
    With the plugin for reports there is a dashboard in the folder; without it the story says what would bring one.
    """
    pytest.importorskip("salesflow_report")
    done = run("demo", "--dir", tmp_path / "with", "--lang", "zh")
    page = tmp_path / "with" / "dashboard.html"
    monkeypatch.setattr("salesflow.cli._main._added", dict)
    without = run("demo", "--dir", tmp_path / "without")

    assert [str(page), f"数据保存在 {page.parent}"] == done.stdout.splitlines()[-2:]
    assert "销售项目经营看板" in page.read_text("utf-8")
    assert "salesflow-report" in without.stdout.splitlines()[-2]
    assert not (tmp_path / "without" / "dashboard.html").exists()
