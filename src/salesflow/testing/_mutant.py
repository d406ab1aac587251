"""
Puts a mutant in the place of a definition, as ``salesflow mutate`` asks for in the runs it starts.

It is a pytest plugin of its own, named by the environment of those runs alone. It works before the first
``conftest.py`` is imported, because many a suite builds its lifecycle there.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from .mutation._task import VARIABLE, read_task, tell


def plant(folder: Path) -> None:
    """
    From now on, give out the mutant of a task wherever its original is read, in this process.

    That is so for a name, a file, a text, data or a definition, whether it is loaded, checked or built.

    Args:
        folder: of the task; that the original was read is noted there, too.
    """
    loading = vars(import_module("salesflow.plugins._loading"))
    task, read = read_task(folder), loading["_draft"]
    tell(folder, "planted")

    def draft(source: Any, plugins: Any) -> Any:
        found = read(source, plugins)
        if found.faults or not task.is_about(found.definition):
            return found
        tell(folder, "reached")
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
    Stop at the first failure: one is enough to notice a mutant.
    """
    config.option.maxfail = config.option.maxfail or 1


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """
    Note what could not be collected.
    """
    _note(report)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """
    Note which test failed.
    """
    _note(report)


def _note(report: pytest.CollectReport | pytest.TestReport) -> None:
    if report.failed:
        tell(_folder(), "failed", report.nodeid)


def _folder() -> Path:
    return Path(os.environ[VARIABLE])
