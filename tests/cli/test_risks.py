"""
``salesflow risks`` prints the portfolio as a matrix, and what the checks find below it, in both languages.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle, dump_definition
from salesflow.dossier import Risk
from salesflow.stores import SqliteStore
from salesflow.typing import AdviceUse, EarlyWarning, Label


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SHORT = Definition(
    "short",
    label=Label("Short", "简短"),
    fields=(Field("owner"),),
    stages=(Stage("lead", "open", label=Label("Lead", "线索")), Stage("won", "won")),
    transitions=(Transition("win", "lead", "won"),),
    risks=(AdviceUse("rotting"), AdviceUse("risk_matrix"), AdviceUse("close_date_past")),
    warnings=(EarlyWarning("rated", "risk_matrix", 0.3, level="high"),),
)


@pytest.fixture
def deals(tmp_path):
    """
    A store with three projects, one of them won, and the file of their lifecycle.
    """
    file, url = tmp_path / "short.toml", f"sqlite:{tmp_path}/deals.db"
    file.write_text(dump_definition(SHORT), "utf-8")
    store = SqliteStore(tmp_path / "deals.db")
    clock = [NOW]
    pipeline = Pipeline(build_lifecycle(SHORT), store=store, clock=lambda: clock[0], actor=Actor("li.wei"))
    for name in ("P-1", "P-2", "P-3"):
        pipeline.open(f"Deal {name}", id=name)
    pipeline.add("P-2", Risk("delay", "Delay [lab]", probability=2, impact=5), Risk("small"))
    pipeline.watch("P-2")
    pipeline.fire("P-3", "win")
    clock[0] += timedelta(days=20)
    pipeline.add("P-2", Risk("late", "Came later", probability=5, impact=5))
    pipeline.open("Deal P-4", id="P-4")
    store.close()
    return ("risks", "--store", url, "--lifecycle", file)


def flat(done):
    return " ".join(done.stdout.split())


@pytest.mark.untraced
@pytest.mark.requirement("E30")
@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (
            "en",
            (
                "Short short 1: projects: 2, open risks: 2, findings: 3",
                "│ 2 │ low │ low │ medium │ medium │ 1 high │",
                "│ 1 │ 1 low │ low │ low │ low │ medium │",
                "P-2 Deal P-2 · Lead · high, score 58.0",
                "high delay Delay [lab] probability 2 × impact 5 = 10",
                "high rated early warning since 2026-03-02",
                "high risk matrix Risk delay is high: probability 2, impact 5, score 10. →",
                "medium no news for too long Nothing has happened for 10 days",
                "unknown expected close has passed No expected close is known.",
                "P-1 Deal P-1 · Lead · medium, score 30.0",
            ),
        ),
        (
            "zh",
            (
                "简短 short 1: 2 个项目，2 项未关闭风险，3 条提示",
                "概率 ↑ 影响 →",
                "│ 2 │ 低 │ 低 │ 中 │ 中 │ 1 高 │",
                "P-2 Deal P-2 · 线索 · 高，得分 58.0",
                "概率 2 × 影响 5 = 10",
                "预警中，始于 2026-03-02",
                "未知 预计成交日已过 未填写预计成交日期。",
            ),
        ),
    ],
)
def test_the_portfolio(run, deals, lang, told):
    """
    The matrix counts open risks; below it come the projects, the worst first, as they stood at the time.
    """
    done = run(*deals, "--lang", lang, "--at", "2026-03-12T09:00:00")
    shown = flat(done)

    assert 0 == done.exit_code
    assert [] == [part for part in told if part not in shown]
    assert -1 < shown.index("P-2") < shown.index("P-1")
    assert "Came later" not in shown
    assert "P-3" not in shown
    assert "P-4" not in shown


@pytest.mark.untraced
@pytest.mark.parametrize(("time", "shown"), [("16:59:59", False), ("17:00:00", True)])
def test_a_time_is_one_of_the_office(run, deals, time, shown):
    """
    What is asked for as of a time is what stood when clocks in the lifecycle's zone showed it.
    """
    deals[-1].write_text(dump_definition(attrs.evolve(SHORT, time_zone="Asia/Shanghai")), "utf-8")
    done = run(*deals, "--at", f"2026-03-02T{time}")

    assert (0, shown) == (done.exit_code, "P-1" in done.stdout)


def test_projects_that_have_ended(run, deals):
    """
    They are shown on request; a project without any risk says so.
    """
    shown = flat(run(*deals, "--closed", "--at", "2026-03-02T09:00:00"))

    assert "P-3 Deal P-3 · won · no risk" in shown


def test_now(run, deals):
    """
    Without a time the projects are shown as they stand.
    """
    shown = flat(run(*deals))

    assert "projects: 3, open risks: 3" in shown
    assert "│ 5 │ medium │ high │ critical │ critical │ 1 critical │" in shown


def test_a_lifecycle_that_is_not_known(run, deals):
    """
    Projects of an unknown lifecycle are left out, and that is said with what to do.
    """
    done = run(*deals[:3], "--lifecycle", "simple_deal")

    assert (0, "There are no projects to look at.") == (done.exit_code, done.stdout.strip())
    assert (
        "Projects left out: 4. Their lifecycle short 1 is not known; name its file with --lifecycle."
        == done.stderr.strip()
    )


def test_built_in_lifecycles_are_known(run, tmp_path):
    """
    A lifecycle with a name needs no file.
    """
    store = SqliteStore(tmp_path / "deals.db")
    Pipeline(build_lifecycle("simple_deal"), store=store, actor=Actor("li.wei")).open("Deal", id="P-1")
    store.close()
    done = run("risks", "--store", f"sqlite:{tmp_path}/deals.db")

    assert "simple_deal 2: projects: 1" in flat(done)
    assert "" == done.stderr


def test_the_worst_alone(run, deals):
    """
    A limit keeps the worst projects, and says how many there are besides.
    """
    shown = flat(run(*deals, "--limit", "1"))

    assert "projects: 3, open risks: 3" in shown
    assert ("P-2 Deal P-2" in shown, "P-1 Deal P-1" in shown) == (True, False)
    assert "and 2 more projects; --limit shows more of them" in shown


def test_as_json(run, deals):
    """
    The same is there as JSON, in the language that is asked for.
    """
    done = run(*deals, "--json", "--lang", "zh", "--at", "2026-03-12T09:00:00")
    (found,) = json.loads(done.stdout)["lifecycles"]
    worst = found["worst"][0]

    assert ("short", 2, "P-2") == (found["lifecycle"], found["projects"], worst["id"])
    assert {"probability", "impact", "score", "level"} <= set(worst["open"][0])
    assert [] == json.loads(run(*deals, "--json", "--limit", "0").stdout)["lifecycles"][0]["worst"]
