"""
Projects that belong to projects: parents at the opening and later, what a period's gate knows of them, and the facts.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import attrs
import pytest

from salesflow import Definition, Field, Pipeline, Stage, Transition, build_lifecycle, guards, replay
from salesflow.errors import InputError, TransitionRefusedError, UnknownProjectError, VersionConflictError
from salesflow.insight import Portfolio
from salesflow.stores import JournalStore, MemoryStore, SqliteStore
from salesflow.typing import Append, Changed, Commit, FieldSet, Reparented

from .cases import over_cases
from .equipment import NOW, Clock
from .pipeline_factory import LEAD, definition


PERIOD = build_lifecycle(
    Definition(
        "period",
        fields=(Field("owner"),),
        stages=(Stage("running", "open"), Stage("paused", "hold"), Stage("over", "closed")),
        transitions=(
            Transition("pause", "running", "paused", kind="hold"),
            Transition("close", ("running", "paused"), "over", guards=(guards.children_closed(template="short"),)),
        ),
    )
)
SHORT = build_lifecycle(
    attrs.evolve(
        definition(),
        transitions=(
            Transition("lose", ("lead", "offer", "paused"), "lost", kind="exit", outcome="lost"),
            Transition("reopen", "lost", "lead", kind="reopen", outcome="undecided"),
            Transition("go", "lead", "offer"),
            Transition("win", "offer", "won", outcome="won"),
            Transition("hold", "lead", "paused", kind="hold"),
        ),
    )
)


def levels(store=None, lifecycles=(PERIOD, SHORT)):
    """
    Return a pipeline with a year, two quarters in it, and a deal in the first.
    """
    pipeline = Pipeline(lifecycles, store=store or MemoryStore(), clock=Clock(), actor=LEAD)
    pipeline.open("2026", id="year", lifecycle=PERIOD)
    for name in ("q1", "q2"):
        pipeline.open(name, id=name, lifecycle=PERIOD, parent="year")
    pipeline.open("Core network", id="P-1", parent="q1")
    return pipeline


@pytest.fixture(params=["memory", "journal", "sqlite"])
def pipeline(request, tmp_path):
    """
    The levels in each store.
    """
    path = Path(tmp_path / "sales")
    store = {"memory": MemoryStore, "journal": partial(JournalStore, path), "sqlite": partial(SqliteStore, path)}
    made = levels(store[request.param]())
    yield made
    made.store.close()


def test_three_levels(pipeline):
    """
    A period owns periods, they own projects of another lifecycle, and each is found under its parent.
    """
    names = [[each.id for each in pipeline.children(name)] for name in ("year", "q1", "P-1")]

    assert [["q1", "q2"], ["P-1"], []] == names
    assert ("q1", 1) == (pipeline.get("P-1").parent, pipeline.count(parent="q1"))


def test_a_project_goes_to_another_parent(pipeline):
    """
    The fact says from where to where and why, the project is found under the new parent, and a replay has it.
    """
    done = pipeline.reparent("P-1", "q2", reason="The customer signs in April.")
    pipeline.update("P-1", {"note": "later"})

    assert Reparented("q2", "q1", "The customer signs in April.") == done.fact.body
    assert ([], ["P-1"]) == tuple([each.id for each in pipeline.children(name)] for name in ("q1", "q2"))
    assert ("q2", pipeline.get("P-1")) == (done.project.parent, replay(pipeline.history("P-1")))


def test_a_project_may_belong_to_none(pipeline):
    """
    A project that is taken out belongs to none, also once it is closed; the feed says both in both languages.
    """
    pipeline.fire("P-1", "lose")
    pipeline.reparent("P-1", None)
    pipeline.reparent("P-1", "year")
    lines = [[line.text for line in pipeline.feed(lang, project_id="P-1").lines][-2:] for lang in ("en", "zh")]

    assert ["P-1", "q1", "q2"] == [each.id for each in pipeline.children("year")]
    assert [["taken out of q1", "put under year"], ["移出 q1", "归入 year"]] == lines


@over_cases(
    ("child", "parent", "said"),
    [
        ("year", "P-1", "year → P-1 → q1 → year"),
        ("q1", "q1", "q1 → q1"),
        ("P-1", "q9", "Open the parent first"),
        ("P-1", "q1", "has this parent already"),
        ("P-1", "not an id", "parent"),
    ],
)
def test_a_parent_that_cannot_be(child, parent, said):
    """
    A circle, a parent that is not there and the parent that it has are refused with what to do, and nothing is written.
    """
    pipeline = levels()
    with pytest.raises(InputError, match=said) as caught:
        pipeline.reparent(child, parent)

    assert (parent, 1) == (caught.value.value, pipeline.get(child).version)


@over_cases(("parent", "said"), [("q9", "Open the parent first"), ("P-2", "P-2 → P-2"), (7, "parent")])
def test_an_opening_under_what_cannot_be(parent, said):
    """
    A project is opened under a project that is there, and not under itself.
    """
    with pytest.raises(InputError, match=said):
        levels().open("Other", id="P-2", parent=parent)


def test_who_has_no_children():
    """
    Children of a project that is not there are a mistake, and so is putting it under another.
    """
    for call in (lambda each: each.children("P-9"), lambda each: each.reparent("P-9", "q1")):
        with pytest.raises(UnknownProjectError):
            call(levels())


def test_a_repeated_request_is_one(pipeline):
    """
    The key of an opening counts its parent, and a change of parent is written once for its key.
    """
    for _ in range(2):
        pipeline.open("Other", id="P-2", parent="q1", key="k-1")
        pipeline.reparent("P-2", "q2", key="k-2")
        pipeline.open("Loose", id="P-3", key="k-3")

    assert (2, "q2", None) == (pipeline.get("P-2").version, pipeline.get("P-2").parent, pipeline.get("P-3").parent)
    with pytest.raises(VersionConflictError):
        pipeline.reparent("P-2", "q1", expected_version=1)


def test_a_period_closes_when_its_projects_have(pipeline):
    """
    The gate names what is open, passes once it is closed, and keeps the versions that it was decided on.
    """
    with pytest.raises(TransitionRefusedError) as caught:
        pipeline.fire("q1", "close")
    pipeline.fire("P-1", "lose")
    fired = pipeline.fire("q1", "close")
    (verdict,) = fired.fact.body.verdicts

    assert "Not closed yet: P-1." in str(caught.value)
    assert ("child.closed", {"P-1": 2}) == (verdict.code, verdict.evidence["versions"])
    assert ("以下下级项目均已关闭：P-1。", "over") == (verdict.message("zh"), fired.project.stage)


def test_a_reopened_project_is_open_again():
    """
    What counts is where the projects stand when the move is decided; on hold is not closed.
    """
    pipeline = levels()
    pipeline.fire("P-1", "lose")
    pipeline.fire("P-1", "reopen")
    pipeline.fire("P-1", "hold")

    assert ["child.open"] == [each.code for each in pipeline.decide("q1", "close").blocking]
    assert pipeline.decide("P-1", "lose").accepted


def test_only_projects_of_the_template_count():
    """
    The year may close with its quarters open, as it asks for deals, and has none of its own.
    """
    pipeline = levels()
    (option,) = [each for each in pipeline.options("year") if each.trigger == "close"]

    assert ("allowed", "over") == (option.status, pipeline.fire("year", "close").project.stage)


def test_a_lifecycle_that_is_not_given_is_read_from_the_store():
    """
    A pipeline that was given periods only reads from the kept definitions whether a stage is final.
    """
    full = levels()
    periods = Pipeline(PERIOD, store=full.store, clock=Clock(), actor=LEAD)
    before = periods.decide("q1", "close").blocking[0].code
    full.fire("P-1", "lose")

    assert ("child.open", True) == (before, periods.decide("q1", "close").accepted)


class Forgetful(MemoryStore):
    """A store that keeps no definitions."""

    def definitions(self):
        return ()


def test_a_project_of_an_unknown_lifecycle_cannot_be_told():
    """
    Where nobody knows the stages of a child, the gate does not pass, and says whose.
    """
    full = levels(Forgetful())
    periods = Pipeline(PERIOD, store=full.store, clock=Clock(), actor=LEAD)
    (verdict,) = periods.decide("q1", "close").blocking

    assert ("unknown", "child.unknown", ("P-1",)) == (verdict.status, verdict.code, verdict.evidence["children"])


def test_a_stand_up_knows_the_children():
    """
    The stand-up says which projects keep a period open.
    """
    pipeline = levels()
    said = [item.label.text() for part in pipeline.stand_up(project_id="q1") for item in part.blocks]

    assert any("Not closed yet: P-1." in each for each in said)


def test_without_a_store_nobody_knows():
    """
    A decision outside of a pipeline knows no children, so a gate that asks for them does not pass.
    """
    pipeline = levels()
    (verdict,) = PERIOD.decide(pipeline.get("year"), "close", actor=LEAD, at=NOW).blocking

    assert ("unknown", "child.unknown") == (verdict.status, verdict.code)


def test_a_store_takes_the_fact_beside_others():
    """
    The change of a parent leaves fields and the dossier as they are.
    """
    pipeline = levels()
    pipeline.update("P-1", {"note": "n"})
    before = pipeline.get("P-1")
    after = pipeline.reparent("P-1", None).project

    assert (before.fields, before.stage, before.version + 1) == (after.fields, after.stage, after.version)
    assert Changed((FieldSet("note", "n"),)) == pipeline.history("P-1")[-2].body


def test_the_path_to_the_end_of_a_period_waits_for_its_projects():
    """
    The path of a period names the projects below that are open, which go on beside the rest.
    """
    pipeline = levels()
    (step,) = pipeline.path("q1", "over").steps
    (need,) = step.needs

    assert (("project:P-1",), True, None) == (need.who, need.parallel, need.days)
    assert "   - Not closed yet: P-1. (P-1, meanwhile)" in pipeline.path("q1", "over").text().splitlines()


def test_a_portfolio_says_which_projects_a_period_waits_for():
    """
    A period is blocked by its open projects until they close; the portfolio sees that without a new fact of the period.
    """
    pipeline = levels()
    pipeline.reparent("q2", None)
    portfolio = Portfolio.of(pipeline, lifecycle="period", under="year")
    before, text = portfolio.blocked(), portfolio.blocked().text("zh")
    pipeline.fire("P-1", "lose")
    portfolio.refresh()

    assert {"project:P-1"} == set(before.by_turn)
    assert "项目 P-1" in text
    assert {} == dict(portfolio.blocked().by_turn)


class Meanwhile(MemoryStore):
    """A store in which others write just before a commit, once."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def commit(self, commit):
        calls, self.calls = self.calls, []
        for call in calls:
            call()
        return super().commit(commit)


def test_children_are_read_again_after_a_lost_race():
    """
    When somebody else was faster at the period, the move is decided on its projects as they are by then.
    """
    pipeline = levels(Meanwhile())
    pipeline.fire("P-1", "lose")
    pipeline.store.calls = [
        lambda: pipeline.update("q1", {"owner": "zhao"}),
        lambda: pipeline.fire("P-1", "reopen"),
    ]
    with pytest.raises(TransitionRefusedError, match="Not closed yet: P-1"):
        pipeline.fire("q1", "close")


def test_children_are_not_locked():
    """
    A project that is reopened between the decision and the commit is not seen; the verdict says which version was.
    """
    pipeline = levels(Meanwhile())
    pipeline.fire("P-1", "lose")
    pipeline.store.calls = [lambda: pipeline.fire("P-1", "reopen")]
    (verdict,) = pipeline.fire("q1", "close").fact.body.verdicts

    assert ({"P-1": 2}, 3) == (verdict.evidence["versions"], pipeline.get("P-1").version)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_two_writers_make_no_circle(elsewhere):
    """
    Where another writer puts the parent below meanwhile, the last one takes its change back on record, and says why.
    """
    store = Meanwhile()
    pipeline = levels(store)
    pipeline.reparent("q2", None)
    store.calls = [partial(pipeline.reparent, "q2", "q1")]

    def listener(facts, project):
        """Put the project elsewhere before it can be put back."""
        if elsewhere and (project.id, facts[-1].body.parent) == ("q1", "q2"):
            pipeline.reparent("q1", None)

    writer = Pipeline((PERIOD, SHORT), store=store, clock=Clock(), actor=LEAD, listeners=[listener])
    with pytest.raises(InputError, match="q1 → q2 → q1"):
        writer.reparent("q1", "q2")
    back = None if elsewhere else "year"

    assert [Reparented("q2", "year"), Reparented(back, "q2")] == [each.body for each in pipeline.history("q1")[1:]]
    assert (back, "q1") == (pipeline.get("q1").parent, pipeline.get("q2").parent)


def test_what_walks_parents_ends():
    """
    A circle that a crash left is seen by what walks parents, and mended by taking a project out of it.
    """
    store = Meanwhile()
    pipeline = levels(store)
    pipeline.reparent("q2", None)
    store.calls = [partial(pipeline.reparent, "q2", "q1")]
    with pytest.raises(InputError):
        pipeline.reparent("q1", "q2")
    last = pipeline.history("q1")[-1]
    left = MemoryStore()
    copied = [fact for name in ("year", "q1", "q2", "P-1") for fact in store.load(name) if fact != last]
    for fact in copied:
        head = replay([each for each in copied if each.project_id == fact.project_id and each.version <= fact.version])
        left.commit(Commit((Append(fact.version - 1, fact, head),)))
    circle = Pipeline((PERIOD, SHORT), store=left, clock=Clock(), actor=LEAD)
    below = Portfolio.of(circle).where(under="q1").kpi("win_rate").n
    with pytest.raises(InputError, match="q1 → q2 → q1"):
        circle.open("Other", parent="q1")
    circle.reparent("q1", "year")

    assert 0 == below
    assert ("q1", "year") == (circle.get("q2").parent, circle.get("q1").parent)
