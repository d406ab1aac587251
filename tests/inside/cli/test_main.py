"""
A command without the group around it.
"""

from __future__ import annotations

from click.testing import CliRunner

from salesflow.cli import _main


def test_a_command_alone():
    """
    A command that is run without its group speaks English.
    """
    assert "Simple deal" in CliRunner().invoke(_main.templates, []).stdout
