"""
The process that stays warm: which orders it takes, and what becomes of runs in it.
"""

from __future__ import annotations

import os
import socket
import sys
from types import SimpleNamespace

import pytest

from salesflow.plugins import _loading
from salesflow.testing import _mutant
from salesflow.testing.mutation import mutants
from salesflow.testing.mutation._running import Runs
from salesflow.testing.mutation._task import write_task, write_wanted
from salesflow.testing.mutation._warm import Processes

from ...mutation.factory import DEAL


@pytest.fixture
def link():
    """
    Both ends of a link.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def environment(monkeypatch):
    """
    The variables of a run, as they were before the test.
    """
    for name in ("SALESFLOW_MUTANT", "SALESFLOW_MUTANT_LINK", "COVERAGE_FILE", "HYPOTHESIS_STORAGE_DIRECTORY"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    return monkeypatch


def ended(status):
    """What forks into a process that ends with a status."""
    return lambda: os.posix_spawn("/bin/sh", ["sh", "-c", f"exit {status}"], os.environ)


def test_each_order_is_answered(link, tmp_path):
    """
    The answer is the exit status of the copy; the end of the orders ends the process.
    """
    ours, theirs = link
    (tmp_path / "modules.txt").write_text("salesflow.effects")
    ours.sendall(f"{tmp_path}/0\n{tmp_path}/1\n".encode())
    ours.shutdown(socket.SHUT_WR)
    with pytest.raises(SystemExit):
        _mutant.take_orders(theirs, ended(3))

    assert b"ready\n3\n3\n" == ours.recv(100)


def test_a_copy_goes_on(link, environment, tmp_path):
    """
    The copy has a folder of its own in its environment, and lets go of the orders.
    """
    ours, theirs = link
    ours.sendall(f"{tmp_path}/7\n".encode())
    _mutant.take_orders(theirs, lambda: 0)

    assert (f"{tmp_path}/7", f"{tmp_path}/7/coverage") == (
        os.environ["SALESFLOW_MUTANT"],
        os.environ["COVERAGE_FILE"],
    )
    assert -1 == theirs.fileno()


@pytest.mark.slow
@pytest.mark.traced
@pytest.mark.parametrize("wanted", [True, False])
def test_the_helpers_of_a_run(environment, tmp_path, wanted):
    """
    The run without a mutant is watched; another one gets the tests that are wanted, if not all are.
    """
    environment.setattr(_loading, "_draft", _loading._draft)
    folder = tmp_path / ("3" if wanted else "original")
    folder.mkdir()
    mutant = mutants(DEAL, only=["outcome_changed"])[0].definition
    write_task(folder, mutant, mutant)
    if wanted:
        write_wanted(folder, ["test_a.py::test_a"], ["test_a.py::test_a", "test_b.py::test_b"])
    environment.setenv("SALESFLOW_MUTANT", str(folder))
    environment.setenv("SALESFLOW_MUTANT_LINK", "1 5")  # somebody else's child does not stay warm
    found = []
    config = SimpleNamespace(rootpath=tmp_path, pluginmanager=SimpleNamespace(register=found.append))
    hook = _mutant.pytest_load_initial_conftests(config)
    next(hook)
    with pytest.raises(StopIteration):
        hook.send("loaded")
    (helper,) = found
    if not wanted:
        helper.pytest_sessionfinish(SimpleNamespace(config=SimpleNamespace(pluginmanager=PLUGINS)))

    assert ("Selection" if wanted else "TouchWatch") == type(helper).__name__


def test_a_run_of_all_tests(environment, tmp_path):
    """
    A run with a mutant that nothing is known of needs no help.
    """
    environment.setattr(_loading, "_draft", _loading._draft)
    original = mutants(DEAL, only=["outcome_changed"])[0].definition
    write_task(tmp_path, original, original)
    environment.setenv("SALESFLOW_MUTANT", str(tmp_path))
    environment.delenv("SALESFLOW_MUTANT_LINK")
    hook = _mutant.pytest_load_initial_conftests(SimpleNamespace(rootpath=tmp_path))
    next(hook)
    with pytest.raises(StopIteration) as loaded:
        hook.send("loaded")

    assert "loaded" == loaded.value.value


def test_a_child_of_the_right_process_stays_warm(link, environment):
    """
    It takes orders until there are none any more.
    """
    ours, theirs = link
    environment.setenv("SALESFLOW_MUTANT_LINK", f"{os.getppid()} {theirs.detach()}")
    ours.shutdown(socket.SHUT_WR)
    hook = _mutant.pytest_load_initial_conftests(SimpleNamespace())
    with pytest.raises(SystemExit):
        next(hook)

    assert b"ready\n" == ours.recv(100)


PLUGINS = SimpleNamespace(get_plugins=lambda: [sys, pytest])


def selected(items, wanted, known, tmp_path):
    """The items that are kept, and those that are reported as left out."""
    left_out = []
    selection = _mutant.Selection(SimpleNamespace(tests=frozenset(wanted), known=frozenset(known)), tmp_path)
    config = SimpleNamespace(hook=SimpleNamespace(pytest_deselected=lambda *, items: left_out.extend(items)))
    every = [SimpleNamespace(nodeid=item) for item in items]
    selection.pytest_collection_modifyitems(config, every)
    ignored = [name for name in ("a.py", "b.py", "conftest.py") if selection.pytest_ignore_collect(tmp_path / name)]
    return [item.nodeid for item in every], [item.nodeid for item in left_out], ignored


def test_the_tests_that_are_wanted(tmp_path):
    """
    The others are left out, and so are files without a test that is wanted.
    """
    known = ["a.py::one", "a.py::two", "b.py::three"]

    assert (["a.py::two"], ["a.py::one"], ["b.py"]) == selected(known[:2], ["a.py::two"], known, tmp_path)


@pytest.mark.parametrize("items", [["a.py::one", "a.py::new", "a.py::two"], ["a.py::one"]])
def test_tests_that_the_mutant_makes(tmp_path, items):
    """
    Where a mutant changes which tests there are, all tests of their files are kept.
    """
    assert (items, [], []) == selected(items, ["a.py::two"], ["a.py::one", "a.py::two"], tmp_path)


def in_python(script):
    """A command that stays warm, and then does what the script says with each order."""
    start = "import os, socket, time; link = socket.socket(fileno=int(os.environ['SALESFLOW_MUTANT_LINK'].split()[1]))"
    return [sys.executable, "-S", "-c", f"{start}\nlink.sendall(b'ready')\n{script}"]


@pytest.mark.parametrize(
    ("script", "timeout", "statuses"),
    [
        ("while order := link.recv(99): link.sendall(b'5' if order.endswith(b'first\\n') else b'1')", None, (0, 1)),
        ("while True: time.sleep(60)", 0.2, (None, None)),
    ],
)
def test_runs_in_a_warm_process(tmp_path, script, timeout, statuses):
    """
    A run without any test has noticed nothing; after a timeout another process takes the next order.
    """
    processes = Processes(Runs(in_python(script)), tmp_path)
    process = processes._taken()
    processes._idle.put(process)
    answers = tuple(processes.run(tmp_path / name, timeout)[0] for name in ("first", "second"))
    processes.close()

    assert (statuses, True) == (answers, process.process.poll() is not None)


def test_a_warm_process_that_ends(tmp_path):
    """
    The run is made without it.
    """
    script = "import sys\nif 'warm-' not in os.environ['SALESFLOW_MUTANT']: sys.exit(4)\nlink.recv(99)"
    start = "import os, socket\nname = os.environ.get('SALESFLOW_MUTANT_LINK')\n"
    link = "link = socket.socket(fileno=int(name.split()[1])) if name else None\nif link: link.sendall(b'ready')\n"
    processes = Processes(Runs([sys.executable, "-S", "-c", start + link + script]), tmp_path)
    (tmp_path / "first").mkdir()

    assert 4 == processes.run(tmp_path / "first")[0]
    processes.close()


def test_a_command_that_does_not_stay_warm(tmp_path):
    """
    Its first run counts, and no other is asked to stay warm.
    """
    processes = Processes(Runs(["sh", "-c", "exit 3"]), tmp_path)

    assert (3, 3, False) == (processes.first(tmp_path)[0], processes.run(tmp_path)[0], processes.warm)
    assert [] == list(tmp_path.glob("warm-*"))


def test_a_command_that_is_warm_once(tmp_path):
    """
    Where it ends instead of staying warm, the run is made without.
    """
    assert 3 == Processes(Runs(["sh", "-c", "exit 3"]), tmp_path).run(tmp_path)[0]
