"""
Runs the command line in the same process, with a fixed width, and imports a file of deals with it.
"""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from salesflow.cli import main

from .crm import crm


__all__ = ("crm", "run")


@pytest.fixture
def run(monkeypatch):
    """
    Run ``salesflow`` with arguments; the result has ``exit_code``, ``stdout`` and ``stderr``.
    """
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LC_ALL", "C")  # the language of who runs the tests is not that of the screens
    return lambda *args: CliRunner().invoke(main, [str(arg) for arg in args])
