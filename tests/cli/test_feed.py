"""
``feed``: what happened, as lines, and as it comes.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest

import salesflow as sf
from salesflow.stores import SqliteStore


AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def url(tmp_path):
    """
    The URL of a store with two projects.
    """
    with SqliteStore(tmp_path / "deals.db") as store:
        pipeline = sf.Pipeline(sf.load_lifecycle("simple_deal"), store=store, actor=sf.Actor("li.wei"))
        pipeline.open("Metro", id="D-1", at=AT)
        pipeline.open("Tram", id="D-2", at=AT)
        pipeline.update("D-1", {"owner": "li.wei"}, at=AT)
    return f"sqlite:{tmp_path / 'deals.db'}"


def test_lines(run, url):
    """
    Each fact of the store has its line, in the language of the run; with an id only those of that project.
    """
    every, one = run("feed", "--store", url), run("feed", "--store", url, "--project", "D-1", "--lang", "zh")

    assert [
        "2026-03-02 09:00 UTC  li.wei  Metro (D-1)  opened in Qualification",
        "2026-03-02 09:00 UTC  li.wei  Tram (D-2)  opened in Qualification",
        "2026-03-02 09:00 UTC  li.wei  Metro (D-1)  recorded Owner",
    ] == every.stdout.splitlines()
    assert [
        "2026-03-02 09:00 UTC  li.wei  Metro (D-1)  创建，进入线索确认",
        "2026-03-02 09:00 UTC  li.wei  Metro (D-1)  记录 负责人",
    ] == one.stdout.splitlines()


def test_an_unknown_project(run, url):
    """
    A project that the store does not have is refused.
    """
    done = run("feed", "--store", url, "--project", "D-3")

    assert (2, True) == (done.exit_code, "D-3" in done.stderr)


@pytest.mark.slow
def test_what_others_write(url):
    """
    With ``--follow`` it goes on with what another process writes, until it is interrupted.
    """
    # Where the tests run in the background, they and their children ignore the signal.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = [sys.executable, "-u", "-c", f"{heard}; from salesflow.cli import main; main()"]
    args = [*program, "feed", "--store", url, "--follow", "--project", "D-2"]
    with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        first = running.stdout.readline()
        with SqliteStore(url.removeprefix("sqlite:")) as store:
            pipeline = sf.Pipeline(sf.load_lifecycle("simple_deal"), store=store, actor=sf.Actor("kim"))
            pipeline.update("D-2", {"owner": "kim"})
        second = running.stdout.readline()
        running.send_signal(signal.SIGINT)
        rest = running.stdout.read()

    assert "2026-03-02 09:00 UTC  li.wei  Tram (D-2)  opened in Qualification\n" == first
    assert second.endswith("kim  Tram (D-2)  recorded Owner\n")
    assert "" == rest
