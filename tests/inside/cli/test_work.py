"""
What ``salesflow work`` shows where a store cannot be used or a listener raised.
"""

from __future__ import annotations

import json
from datetime import UTC

import pytest

from salesflow.cli._work import _Screen
from salesflow.errors import StoreBusyError
from salesflow.results import ListenerFailure, WorkReport, WorkRound

from ...work_factory import NOW


BUSY = WorkRound(NOW, error=StoreBusyError("the store is busy"))
HEARD = WorkRound(NOW, WorkReport(1, listener_failures=(ListenerFailure("chat", LookupError("no line"), "P-1", 3),)))


@pytest.mark.parametrize(
    ("done", "lang", "failed", "out", "err"),
    [
        (BUSY, "en", False, "", "2026-03-02 09:00 UTC  the store is busy\n"),
        (
            HEARD,
            "en",
            True,
            "2026-03-02 09:00 UTC  deadlines passed: 1\n",
            "2026-03-02 09:00 UTC  listener chat failed for project P-1: LookupError: no line\n",
        ),
        (
            HEARD,
            "zh",
            True,
            "2026-03-02 09:00 UTC  已过时限 1 项\n",
            "2026-03-02 09:00 UTC  监听器 chat 处理项目 P-1 时出错：LookupError: no line\n",
        ),
    ],
    ids=["busy", "listener", "in Chinese"],
)
def test_lines(capsys, done, lang, failed, out, err):
    """
    A round is a line on stdout, each thing that went wrong a line on stderr.
    """
    shown = _Screen(lang, UTC, quiet=False, as_json=False)
    shown.show(done)

    assert (failed, (out, err)) == (shown.failed, tuple(capsys.readouterr()))


@pytest.mark.parametrize(("done", "lines"), [(BUSY, 1), (HEARD, 1), (WorkRound(NOW, WorkReport(1)), 0)])
def test_quiet_json(capsys, done, lines):
    """
    As JSON and quiet, only rounds in which something went wrong are printed.
    """
    _Screen("en", UTC, quiet=True, as_json=True).show(done)
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert lines == len(printed)
    assert all(each["error"] or each["deadlines"]["listener_failures"] for each in printed)
