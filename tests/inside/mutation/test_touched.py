"""
Which tests touch what a mutant changes, and what is kept of a stopped run.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import salesflow as sf
from salesflow._lifecycle import observers
from salesflow.errors import InputError
from salesflow.testing import _mutant
from salesflow.testing.mutation import Trial
from salesflow.testing.mutation._progress import Progress
from salesflow.testing.mutation._task import write_task
from salesflow.testing.mutation._touched import Touched, TouchObserver, _places, read_touched

from ...mutation.factory import DEAL, mutants_of_deal


ORIGINAL = sf.load_definition(text=DEAL)
TESTS = {
    "t.py::wins": frozenset({"transition win", "stage offer", "stage won"}),
    "t.py::goes": frozenset({"transition fast", "stage talk", "stage offer"}),
    "t.py::asks": frozenset({"trigger go", "stage offer"}),
    "t.py::proves": frozenset(),
}


@pytest.mark.long
@pytest.mark.parametrize(
    ("mutant", "rounds"),
    [
        ("win.outcome:lost", [("t.py::wins",), ("t.py::goes", "t.py::asks", "t.py::proves")]),
        ("fast.guards[0]:dropped", [("t.py::goes", "t.py::asks"), ("t.py::proves",)]),
        ("talk.deadlines[0].after:13d", [("t.py::goes",), ("t.py::proves",)]),
        ("again:removed", [("t.py::wins", "t.py::proves")]),
    ],
)
def test_rounds(mutant, rounds):
    """
    The tests that touch it come first, then those in the stages it leaves, and those that touch nothing.
    """
    assert rounds == list(Touched(TESTS).rounds(mutants_of_deal()[mutant], ORIGINAL))


def test_what_is_touched_outside_of_tests():
    """
    What is touched at import concerns every test; so does everything where nothing is known.
    """
    shared = Touched({**TESTS, "": frozenset({"transition win"})})

    assert [None] == list(shared.rounds(mutants_of_deal()["win.outcome:lost"], ORIGINAL))
    assert [None] == list(Touched({}).rounds(mutants_of_deal()["again:removed"], ORIGINAL))
    assert [("t.py::goes", "t.py::asks"), ("t.py::proves",)] == list(
        shared.rounds(mutants_of_deal()["fast.guards[0]:dropped"], ORIGINAL)
    )


def drive(hook):
    """Let a hook that wraps others run to its end."""
    next(hook)
    with pytest.raises(StopIteration):
        next(hook)


def test_a_run_is_watched(tmp_path):
    """
    Decisions and moves count to the running test; what a fixture of a module does counts to none.
    """
    write_task(tmp_path, ORIGINAL, ORIGINAL)
    (tmp_path / "conftest.py").write_text("")
    watch = _mutant.TouchWatch(tmp_path)
    pipeline = sf.Pipeline(sf.load_lifecycle(text=DEAL), actor=sf.Actor("li.wei"))
    other = sf.Pipeline(sf.load_lifecycle("simple_deal"), actor=sf.Actor("li.wei"))
    test = watch.pytest_runtest_protocol(SimpleNamespace(nodeid="t.py::a", path=tmp_path / "conftest.py"))
    next(test)
    for scope in ("function", "module"):
        fixture = watch.pytest_fixture_setup(SimpleNamespace(scope=scope))
        next(fixture)
        other.open("Another", id=scope)
        if scope == "module":
            pipeline.open("A deal", id="D")
        with pytest.raises(StopIteration):
            next(fixture)
    other.decide("module", "propose")
    pipeline.decide("D", "win")
    pipeline.decide("D", "go")
    pipeline.fire("D", "lose", outcome="lost")
    with pytest.raises(StopIteration):
        next(test)
    drive(watch.pytest_runtest_protocol(SimpleNamespace(nodeid="t.py::b", path=tmp_path / "conftest.py")))
    plugins = SimpleNamespace(get_plugins=lambda: [SimpleNamespace(__file__=str(tmp_path / "conftest.py"))])
    watch.pytest_sessionfinish(SimpleNamespace(config=SimpleNamespace(pluginmanager=plugins)))
    watch.pytest_unconfigure()
    found = read_touched(tmp_path)

    assert {
        "": {"stage talk"},
        "t.py::a": {
            *("trigger win", "transition fast", "transition slow", "transition lose"),
            *("stage talk", "stage lost"),
        },
        "t.py::b": set(),
    } == found.tests
    assert ((), 64) == (observers.active, len(found.digest))
    assert "salesflow.effects" in (tmp_path.parent / "modules.txt").read_text().split()


def test_changes_touch_nothing():
    """
    A change within a stage is no place of a lifecycle.
    """
    pipeline = sf.Pipeline(sf.load_lifecycle(text=DEAL), actor=sf.Actor("li.wei"))
    pipeline.open("A deal", id="D")
    watch = TouchObserver("deal", "1")
    for lifecycle in ("deal", "another"):
        watch.written(lifecycle, "1", pipeline.update("D", {"note": lifecycle}).fact.body)

    assert {} == watch.found


@pytest.fixture
def trials():
    return [
        Trial(mutants_of_deal()[name], "killed", 0.25, "t.py::wins") for name in ("win.outcome:lost", "again:removed")
    ]


def test_what_is_known_of_a_stopped_run(tmp_path, trials):
    """
    Whole lines of the same run count; a line that was cut off does not, and spoils no later one.
    """
    path = tmp_path / "progress"
    same, other = (Progress.of(path, ORIGINAL, ["pytest"], tests) for tests in ("a", "b"))
    known = [same.trials([])]
    same.add(trials[0])
    path.write_bytes(path.read_bytes() + path.read_bytes()[:40])
    same.add(trials[1])
    mine = [each.mutant for each in trials]
    known += [same.trials(mine), same.trials(mine[:1]), other.trials(mine)]

    assert [{}, {each.mutant.id: each for each in trials}, {mine[0].id: trials[0]}, {}] == known


def test_nothing_is_kept(trials):
    """
    Without a file nothing is kept.
    """
    progress = Progress.of(None, ORIGINAL, ["pytest"], "")
    progress.add(trials[0])

    assert {} == progress.trials([trials[0].mutant])


@pytest.mark.parametrize("text", ["{no json}", '{"a": 1}', "[1]}"])
def test_another_file(tmp_path, text):
    """
    A file that something else has written is named.
    """
    path = tmp_path / "progress"
    path.write_text(text)
    with pytest.raises(InputError, match="Name a file that only mutate writes"):
        Progress.of(path, ORIGINAL, ["pytest"], "").trials([])


def test_a_named_rule_touches_no_place_alone():
    """
    A rule is used in many places, so every test is run for its mutants.
    """
    assert (frozenset(), frozenset()) == _places("rules.sign_off.guards[0]", sf.load_definition(text=DEAL))
