"""
A command without the group around it.
"""

from __future__ import annotations

import io
import sys

from click.testing import CliRunner

from salesflow.cli import _main
from salesflow.cli._output import write_anywhere


def test_a_command_alone():
    """
    A command that is run without its group speaks English.
    """
    assert "simple_deal" in CliRunner().invoke(_main.templates, []).stdout


def test_streams_that_a_host_put_in_place(monkeypatch):
    """
    A stream that is no file of a terminal, as a test or a notebook puts it there, is left as it is.
    """
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    write_anywhere()

    assert isinstance(sys.stdout, io.StringIO)


def test_signs_that_a_terminal_does_not_have():
    """
    A sign of the screens is written as one that the terminal has, and whatever else is missing as a question mark.
    """
    write_anywhere()

    assert b"a -> b ?" == "a → b 单".encode("ascii", errors="salesflow")
