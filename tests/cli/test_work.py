"""
``salesflow work``: what it shows, its exit statuses, and several of them at once on one store.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime

import pytest

from salesflow import Pipeline, dump_definition
from salesflow.stores import SqliteStore

from ..work_factory import DAY, LI, lifecycle, offered, passed


NOTES = """
import os
import signal
from salesflow import hookimpl

@hookimpl
def salesflow_notify(notice, addressee):
    if notice.project_id == os.environ.get("FAILS"):
        raise OSError("no line")
    if notice.project_id == os.environ.get("STOPS"):
        signal.raise_signal(signal.SIGTERM)
    if notice.project_id == os.environ.get("MUMBLES"):
        return 3
    file = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{notice.project_id} {addressee}\\n".encode())
    os.close(file)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """
    A folder with the lifecycle, and an installed plugin that notes in a file what it delivers.
    """
    (tmp_path / "limits.toml").write_text(dump_definition(lifecycle().definition), "utf-8")
    (tmp_path / "salesflow_notes.py").write_text(NOTES, "utf-8")
    info = tmp_path / "salesflow_notes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: salesflow-notes\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text("[salesflow]\nnotes = salesflow_notes\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("NOTES", str(tmp_path / "notes.txt"))
    yield tmp_path
    sys.modules.pop("salesflow_notes", None)


def offers(place, count):
    """Offers that were made four days ago, in a store in a file; each has a reminder due."""
    then = datetime.now(UTC) - 4 * DAY
    with SqliteStore(place / "sales.db") as store:
        pipeline = Pipeline(lifecycle(), store=store, actor=LI, clock=lambda: then)
        with pipeline.batch():
            for number in range(count):
                offered(pipeline, f"P-{number}", at=then)
    return f"sqlite:{place / 'sales.db'}"


def args(place, url, *more):
    """The arguments of a worker of that folder."""
    return ["work", str(place / "limits.toml"), "--store", url, *more]


def notes(place):
    """How often each delivery was noted."""
    return Counter((place / "notes.txt").read_text("utf-8").splitlines())


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("lang", "said"), [("en", "deadlines passed: 2, delivered: 2"), ("zh", "已过时限 2 项，已投递 2 项")]
)
def test_once(run, place, lang, said):
    """
    It does what is due, with a line for the round, and ends; there is nothing to say of a second run.
    """
    url = offers(place, 2)
    first, second = run(*args(place, url, "--once", "--lang", lang)), run(*args(place, url, "--once"))

    assert (0, 0, "", "") == (first.exit_code, second.exit_code, second.stdout, first.stderr)
    assert first.stdout.endswith(f"UTC  {said}\n")
    assert {"P-0 owner": 1, "P-1 owner": 1} == notes(place)


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "of project P-1: OSError: no line; tried again at "), ("zh", "（项目 P-1）：OSError: no line；")],
)
def test_what_fails(run, place, monkeypatch, lang, said):
    """
    What fails is shown on stderr, also when nothing else is, and makes the exit status 1; the others are delivered.
    """
    monkeypatch.setenv("FAILS", "P-1")
    done = run(*args(place, offers(place, 2), "--once", "--quiet", "--lang", lang))

    assert (1, "", 1) == (done.exit_code, done.stdout, done.stderr.count("\n"))
    assert said in done.stderr
    assert {"P-0 owner": 1} == notes(place)


def test_json(run, place, monkeypatch):
    """
    With ``--json`` each round is one line, with counts and failures.
    """
    monkeypatch.setenv("FAILS", "P-1")
    done = run(*args(place, offers(place, 2), "--once", "--json"))
    (round_,) = map(json.loads, done.stdout.splitlines())
    (failure,) = round_["deliveries"].pop("failures")

    assert ({"done": 2, "later": 0, "void": 0, "failed": 0}, None) == (
        {key: value for key, value in round_["deadlines"].items() if not key.endswith("failures")},
        round_["error"],
    )
    assert {"done": 1, "later": 0, "void": 0, "failed": 1, "listener_failures": []} == round_["deliveries"]
    assert ("P-1", "OSError: no line") == (failure["project"], failure["error"])
    assert datetime.fromisoformat(failure["retry_at"]) > datetime.fromisoformat(round_["at"])


def test_given_up(run, place, monkeypatch):
    """
    What was given up, since the plugin's answer means nothing, is shown as that.
    """
    monkeypatch.setenv("MUMBLES", "P-0")
    done = run(*args(place, offers(place, 1), "--once"))

    assert (1, True) == (done.exit_code, done.stderr.endswith("; given up\n"))


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "no plugin delivers notices; they stay queued"), ("zh", "没有插件投递通知")]
)
def test_nobody_delivers(run, place, lang, said):
    """
    Without a plugin that delivers, it says so once, and deadlines pass all the same.
    """
    left_out = [part for name in ("notes", "salesflow-webhook") for part in ("--no-plugin", name)]
    done = run(*args(place, offers(place, 1), "--once", "--json", "--lang", lang), *left_out)

    assert (0, True, 1) == (done.exit_code, said in done.stderr, done.stderr.count("\n"))
    assert None is json.loads(done.stdout)["deliveries"]


@pytest.mark.parametrize("lifecycle_name", ["limits.toml", "nowhere.toml"])
def test_what_cannot_be_used(run, place, lifecycle_name):
    """
    A store or a lifecycle that is not there is an error, and nothing is made.
    """
    done = run("work", place / lifecycle_name, "--store", f"sqlite:{place / 'none.db'}")

    assert (2, "", False) == (done.exit_code, done.stdout, (place / "none.db").exists())


def test_stopped_while_it_delivers(run, place, monkeypatch):
    """
    Asked to stop, it finishes the delivery at hand, leaves the others to other workers, and ends well.
    """
    monkeypatch.setenv("STOPS", "P-0")
    url = offers(place, 3)
    stopped, rest = run(*args(place, url, "--lang", "zh")), run(*args(place, url, "--once", "--quiet"))

    assert (0, 0, "") == (stopped.exit_code, rest.exit_code, rest.stdout)
    assert stopped.stdout.startswith(f"{url}：正在处理 limits 1；按 Ctrl-C 停止\n")
    assert stopped.stdout.endswith("已停止\n")
    assert {f"P-{number} owner": 1 for number in range(3)} == notes(place)


def test_stopped_while_it_waits(run, place):
    """
    Asked to stop while it waits, it ends at once; the handlers of signals are those of before.
    """
    before = signal.getsignal(signal.SIGTERM)
    alarm = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGTERM))
    signal.setitimer(signal.ITIMER_REAL, 1.5)
    try:
        done = run(*args(place, offers(place, 0), "--every", "1"))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, alarm)

    assert (0, ["stopped"], before) == (done.exit_code, done.stdout.splitlines()[1:], signal.getsignal(signal.SIGTERM))


def started(place, url, **pipes):
    """A worker in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(place), "LC_ALL": "C"}
    command = [sys.executable, "-c", "from salesflow.cli import main; main()", *args(place, url, "--every=1")]
    return subprocess.Popen(command, stderr=subprocess.PIPE, env=env, text=True, **pipes)


def counted(lines):
    """How many deadlines passed, and how many notices were delivered, by what workers printed."""
    passings = re.findall(r"deadlines passed: ([0-9]+)", lines)
    return sum(map(int, passings)), sum(map(int, re.findall(r"delivered: ([0-9]+)", lines)))


@pytest.mark.slow
@pytest.mark.threads
def test_several_at_once(place):
    """
    Several workers on one file, one of which is stopped midway: every deadline passes once, every notice comes once.
    """
    url, count = offers(place, 150), 150
    read, write = os.pipe()
    first, *others = started(place, url, stdout=subprocess.PIPE), *(started(place, url, stdout=write) for _ in "ab")
    os.close(write)
    begun = first.stdout.readline()
    first.send_signal(signal.SIGTERM)
    ends = [(*first.communicate(), first.returncode)]
    with os.fdopen(read, encoding="utf-8") as lines:
        told = ends[0][0]
        while told.count("working for") < 2 or counted(told)[1] < count:
            told += lines.readline()
        for worker, number in zip(others, (signal.SIGTERM, signal.SIGINT), strict=True):
            worker.send_signal(number)
        told += lines.read()
    ends += [(*worker.communicate(), worker.returncode) for worker in others]
    with SqliteStore(place / "sales.db", create=False) as store:
        pipeline = Pipeline(lifecycle(), store=store)
        passings = Counter(len(passed(pipeline, f"P-{number}")) for number in range(count))
        left = store.next_due("notice")

    assert [("", 0)] * 3 == [end[1:] for end in ends]
    assert "working for limits 1; Ctrl-C stops" in begun
    assert ({1: count}, (count, count), None, 3) == (passings, counted(told), left, told.count("stopped"))
    assert {f"P-{number} owner": 1 for number in range(count)} == notes(place)


@pytest.mark.slow
@pytest.mark.threads
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_woken_by_a_signal(place, number):
    """
    A worker that waits ends at once when it is asked to, with exit status 0.
    """
    with started(place, offers(place, 1), stdout=subprocess.PIPE) as worker:
        did = [worker.stdout.readline(), worker.stdout.readline()]
        worker.send_signal(number)
        rest, said = worker.communicate()

    assert (0, "stopped\n", "") == (worker.returncode, rest, said)
    assert did[1].endswith("deadlines passed: 1, delivered: 1\n")
