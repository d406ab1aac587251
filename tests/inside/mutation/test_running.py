"""
Running tests against mutants: what happens to runs that are stopped or have ended.
"""

from __future__ import annotations

import os

import pytest

from salesflow.testing.mutation._running import Runs


def test_a_stopped_runner_starts_nothing(tmp_path):
    """
    A run that would begin after the stop does not.
    """
    runs = Runs(["true"])
    runs.stop()
    with pytest.raises(InterruptedError):
        runs.run(tmp_path)


def test_a_run_that_has_ended_is_not_cut(monkeypatch, tmp_path):
    """
    Cutting is for what is going on: the number of an ended process may be another's.
    """
    cut = []
    monkeypatch.setattr(os, "killpg", lambda *told: cut.append(told))
    runs = Runs(["true"])
    process = runs.start(tmp_path)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    runs.stop()

    assert [] == cut
