"""
``salesflow mutate`` on a terminal.
"""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from salesflow.cli import _mutate

from ...mutation.factory import DEAL, shell


@pytest.fixture
def deal(tmp_path, monkeypatch):
    """
    A definition file in the working folder.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deal.toml").write_text(DEAL, "utf-8")
    return "deal.toml"


def test_the_bar(run, deal, monkeypatch):
    """
    On a terminal a bar shows how far it is.
    """
    screen = Console(file=io.StringIO(), force_terminal=True, width=80)
    monkeypatch.setattr(_mutate, "screen", lambda *, stderr=False: screen if stderr else Console(width=80))
    run("mutate", deal, "--only", "outcome_dropped", "--", *shell("exit 0"))

    assert "2/2" in screen.file.getvalue()
