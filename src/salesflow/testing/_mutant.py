"""
The pytest plugin that puts a mutant in the place of a definition, in the runs that ``salesflow mutate`` starts.

Only the environment of those runs names it. It works before the first ``conftest.py`` is imported,
because many suites build their lifecycle there.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from .mutation._running import VARIABLE, note, read_task


def plant(folder: Path) -> None:
    """
    From now on, return the mutant of a task wherever this process reads its original.

    This holds for a name, a file, a text, data or a definition, whether it is loaded, checked or built.

    Args:
        folder: the folder of the task; it is also noted there that the original was read.
    """
    loading = vars(import_module("salesflow.plugins._loading"))
    task, read = read_task(folder), loading["_draft"]
    note(folder, "planted")

    def draft(source: Any, plugins: Any) -> Any:
        found = read(source, plugins)
        if found.faults or not task.is_about(found.definition):
            return found
        note(folder, "reached")
        return found.__class__(task.mutant, lines=found.lines)

    loading["_draft"] = draft


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """
    Plant the mutant.
    """
    plant(_folder())


def pytest_configure(config: pytest.Config) -> None:
    """
    Stop at the first failure: it is enough to notice a mutant.
    """
    config.option.maxfail = config.option.maxfail or 1


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """
    Note a module that could not be collected.
    """
    _note(report)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """
    Note a test that failed.
    """
    _note(report)


def _note(report: pytest.CollectReport | pytest.TestReport) -> None:
    if report.failed:
        note(_folder(), "failed", report.nodeid)


def _folder() -> Path:
    return Path(os.environ[VARIABLE])
