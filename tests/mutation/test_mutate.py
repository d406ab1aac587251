"""
Running tests against mutants: what is killed, survives, hangs, or is never looked at.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import threading

import pytest

import salesflow as sf
from salesflow.errors import InputError
from salesflow.testing.mutation import mutate

from .factory import DEAL, shell


SUITE = """\
import salesflow as sf
from salesflow.stores import MemoryStore

LIFECYCLE = sf.load_lifecycle("deal.toml")
PIPELINE = sf.Pipeline(LIFECYCLE, store=MemoryStore(), actor=sf.Actor("li.wei"))


def test_lose():
    project = PIPELINE.open("A deal")
    assert "lost" == PIPELINE.fire(project.id, "lose", outcome="lost").project.outcome


def test_ends():
    assert [] == [end for end in ("won", "lost") if not LIFECYCLE.stage(end).final]
"""
TWO = ["outcome_dropped"]  # of which the deal has two mutants


def statuses(report):
    return {trial.mutant.id: trial.status for trial in report.trials}


def gone(process_id):
    """Whether a process ends, within ten seconds, without being waited for."""
    try:
        process = os.pidfd_open(int(process_id))
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 10)[0])
    finally:
        os.close(process)


def pids(folder):
    """The numbers that processes wrote there, as soon as there is one."""
    found = []
    while not found:
        found = [each for path in folder.glob("*.pid") for each in path.read_text().split()]
    return found


@pytest.fixture
def alone(monkeypatch):
    """
    Start pytest without the plugins that happen to be installed, to save time.
    """
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.mark.slow
@pytest.mark.traced
def test_with_pytest(alone, tmp_path):
    """
    A real suite, which builds its lifecycle at import: one mutant is killed, by a named test, one survives.
    """
    (tmp_path / "deal.toml").write_text(DEAL, "utf-8")
    (tmp_path / "test_deal.py").write_text(SUITE, "utf-8")
    report = mutate(tmp_path / "deal.toml", ["pytest", "-q"], only=TWO, cwd=tmp_path)
    killed = report.killed[0]

    assert {"lose.outcome:-lost": "killed", "lose.outcome:-no_decision": "survived"} == statuses(report)
    assert ("test_deal.py::test_lose", 73, 0.5, False) == (killed.test, killed.mutant.line, report.score, report.ok)
    assert str(tmp_path / "deal.toml") == report.source
    assert {"deal.toml", "test_deal.py"} == {path.name for path in tmp_path.iterdir() if path.name != "__pycache__"}


def test_statuses(monkeypatch):
    """
    A run that fails has killed its mutant, one that passes has not.
    """
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # then all runs share what is compiled for the first one
    report = mutate(
        DEAL,
        shell('test -n "$PYTHONPYCACHEPREFIX" || exit 9; case $name in original|1) exit 0;; *) exit 1;; esac'),
        only=["source_dropped"],
    )

    assert {
        "lose.source:-talk": "killed",
        "lose.source:-offer": "survived",
        "again.source:-won": "killed",
        "again.source:-lost": "killed",
    } == statuses(report)
    assert (3, 1, 0, 0.75, "deal") == (
        len(report.killed),
        len(report.survived),
        len(report.unexercised),
        report.score,
        report.source,
    )


@pytest.mark.slow
@pytest.mark.traced
def test_a_run_that_hangs(tmp_path):
    """
    It is cut with all that it started, and counts as killed.
    """
    hangs = f"[ $name = original ] || {{ sleep 600 & echo $! > {tmp_path}/$name.pid; wait; }}"
    report = mutate(DEAL, shell(hangs), only=TWO, timeout=3)

    assert (["timeout", "timeout"], 1.0, True) == ([*statuses(report).values()], report.score, report.ok)
    assert [True, True] == [gone(each) for each in pids(tmp_path)]


def test_never_read():
    """
    A run that never reads the definition says nothing about its mutant.
    """
    command = ["sh", "-c", 'case $SALESFLOW_MUTANT in */original) printf "planted\\nreached\\n" > "$0";; esac']
    inner = 'cd "$SALESFLOW_MUTANT" && exec "$@" proof.txt'
    report = mutate(DEAL, ["sh", "-c", inner, "sh", *command], only=TWO)

    assert (["unexercised"] * 2, None, False) == ([*statuses(report).values()], report.score, report.ok)


@pytest.mark.untraced
@pytest.mark.long
def test_what_is_ignored():
    """
    Mutants that are known to decide like the original are listed apart, and not run.
    """
    ids = ["lose.outcome:-lost", "again:removed", "lose.outcome:-lost"]
    report = mutate(DEAL, shell("exit 0"), only=TWO, ignore=ids)
    every = mutate(
        "simple_deal",
        shell("[ $name = original ]"),
        only=["transition_removed", "outcome_changed"],
        ignore=["revise:removed", "win.outcome:lost"],
    )

    assert (["lose.outcome:-no_decision"], ["lose.outcome:-lost"]) == (
        [*statuses(report)],
        [mutant.id for mutant in report.ignored],
    )
    assert (["revise:removed", "win.outcome:lost"], 1.0) == ([mutant.id for mutant in every.ignored], every.score)


def test_the_stillborn_are_not_run():
    """
    They are listed apart, with the reason.
    """
    report = mutate("simple_deal", shell("exit 0"), only=["transition_removed"])

    assert ["revise:removed"] == [*statuses(report)]
    assert ["propose:removed", "win:removed", "lose:removed"] == [one.id for one in report.stillborn]
    assert "simple_deal" == report.source


def test_nothing_to_run():
    """
    A definition without such a mutant gives an empty report.
    """
    report = mutate("simple_deal", shell("exit 0"), only=["when_dropped"])

    assert ((), None, True) == (report.trials, report.score, report.ok)


@pytest.mark.slow
@pytest.mark.traced
@pytest.mark.parametrize(
    ("command", "why"),
    [
        (shell("echo alas; exit 3"), r"It fails without any mutant \(exit status 3\)\. Make it pass first\. \| alas"),
        (["true"], r"It does not run pytest, or not with salesflow\[testing\]"),
        (["sh", "-c", 'echo planted > "$SALESFLOW_MUTANT/proof.txt"'], "Its tests never load or build the definition"),
        ([], "Give its words"),
        ("pytest -q", "Give its words"),
    ],
)
def test_a_command_that_cannot_be_used(command, why):
    """
    The run without a mutant must pass, and must be one that mutants can be put into.
    """
    with pytest.raises(InputError, match=why):
        mutate(DEAL, command, only=TWO)


@pytest.mark.parametrize("argument", [{"jobs": 0}, {"timeout": 0}])
def test_arguments(argument):
    """
    Numbers that make no sense are refused.
    """
    with pytest.raises(InputError, match="not usable"):
        mutate(DEAL, ["true"], **argument)


@pytest.mark.slow
@pytest.mark.traced
def test_no_such_command():
    """
    A command that is not there is named, with what to write.
    """
    with pytest.raises(
        InputError, match=r"'no-such-command-anywhere' is not usable. It cannot be started .* pytest -q"
    ):
        mutate(DEAL, ["no-such-command-anywhere"], only=TWO)


def test_progress_and_data(monkeypatch):
    """
    Each run is told when it ends; the report is data for JSON, in the order of the mutants.
    """
    told = []
    monkeypatch.setenv("PYTEST_PLUGINS", "theirs")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    report = mutate(
        sf.load_definition("simple_deal"),
        shell("case $PYTEST_PLUGINS in theirs,*) ;; *) exit 9;; esac; [ $name = original ] || exit 1"),
        only=["item_dropped", "target_changed"],
        jobs=1,
        progress=lambda trial, done, of: told.append((trial.mutant.id, done, of)),
    )
    data = json.loads(json.dumps(report.data()))
    ids = [each["id"] for each in data["mutants"]]

    assert [(one, number, 4) for number, one in enumerate(ids, start=1)] == told
    assert {"killed": 4, "survived": 0, "unexercised": 0, "stillborn": 3, "ignored": 0} == data["counts"]
    assert ("simple_deal", None, 1.0) == (data["source"], data["mutants"][0]["line"], data["score"])
    assert ["propose.target:won", "win.target:lost", "lose.target:qualify"] == [
        each["id"] for each in data["stillborn"]
    ]


@pytest.mark.long
def test_an_interruption(tmp_path):
    """
    Whatever interrupts the caller ends every run, and none begins.
    """
    hangs = f"[ $name = original ] || [ $name = 0 ] || {{ sleep 600 & echo $! > {tmp_path}/$name.pid; wait; }}"

    def interrupt(trial, done, of):
        pids(tmp_path)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mutate(DEAL, shell(hangs), only=["guard_dropped"], jobs=2, progress=interrupt)

    assert {True} == {gone(each) for each in pids(tmp_path)}


@pytest.fixture
def interruptible():
    """
    Whoever starts the tests in the background has them ignore an interruption; here it counts.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.traced
@pytest.mark.threads
@pytest.mark.usefixtures("interruptible")
def test_an_interruption_of_the_first_run(tmp_path):
    """
    The run without a mutant is ended, too.
    """
    hangs = f"sleep 600 & echo $! > {tmp_path}/$name.pid; wait"

    def interrupt():
        pids(tmp_path)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    waiting = threading.Thread(target=interrupt)
    waiting.start()
    with pytest.raises(KeyboardInterrupt):
        mutate(DEAL, shell(hangs), only=TWO)
    waiting.join()

    assert {True} == {gone(each) for each in pids(tmp_path)}
