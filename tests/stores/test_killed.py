"""
What is left when a process is killed at any of its system calls, and how often the medium is asked to sync.
"""

from __future__ import annotations

import json
import platform

import pytest
from hypothesis import settings

from . import killed


pytestmark = pytest.mark.slow


STEP = 1 if settings.default.max_examples >= 1000 else 11
FDATASYNC = {"x86_64": 75, "aarch64": 83}.get(platform.machine())


def outcome(name, folder, step):
    """What a process found out about a scenario."""
    with killed.Elsewhere().spawn(folder, killed.main, name, str(folder), str(step)) as process:
        printed = process.stdout.read()
    if process.returncode == killed.CANNOT_TRACE:
        pytest.skip("this system lets nobody trace a child")
    assert 0 == process.returncode
    return json.loads(printed)


@pytest.mark.parametrize("name", killed.INTERRUPTED)
def test_killed_at_every_call(tmp_path, name):
    """
    Killed on the way into or out of any system call, all of it is there or nothing, and the store goes on.
    """
    found = outcome(name, tmp_path, 1 if name == "Journalling" else STEP)  # a journal makes few

    assert {} == found["wrong"]
    assert found["tried"] > 5


@pytest.mark.skipif(FDATASYNC is None, reason="the number of the call is not known for this machine")
@pytest.mark.parametrize("name", ["Steady", "SteadyJournal"])
def test_a_commit_syncs_once(tmp_path, name):
    """
    A commit of two projects with everything that belongs to it asks the medium for one sync.
    """
    found = outcome(name, tmp_path, 1_000_000)

    assert 1 == found["calls"].count(FDATASYNC)
