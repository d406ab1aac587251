"""
``replay`` on a terminal, and the numbers of rows in words.
"""

from __future__ import annotations

import attrs
from rich.console import Console

from salesflow.cli import _replay
from salesflow.cli._output import ranges
from salesflow.exchange import replay_file
from salesflow.results import ListenerFailure

from ...cases import over_cases
from ...cli.crm import ROWS


def test_progress_on_a_terminal(crm, monkeypatch):
    """
    On a terminal there is a bar.
    """
    made = Console(force_terminal=True, width=80, record=True, stderr=True)
    plain = _replay.screen
    monkeypatch.setattr(_replay, "screen", lambda *, stderr=False: made if stderr else plain())
    done = crm(*ROWS)

    assert (0, True) == (done.exit_code, "3/3" in made.export_text())


def test_a_listener_that_failed(crm, monkeypatch):
    """
    Failures of a plugin's listeners are told, and what they were told of stands.
    """

    def failing(*args, **kwargs):
        failures = (ListenerFailure("crm_sync", RuntimeError("no route")),)
        return attrs.evolve(replay_file(*args, **kwargs), listener_failures=failures)

    monkeypatch.setattr(_replay, "replay_file", failing)
    done = crm(*ROWS)

    assert (0, "listener crm_sync failed: no route\n") == (done.exit_code, done.stderr)


@over_cases(("numbers", "said"), [((), ""), ((2,), "2"), ((2, 3), "2–3"), ((2, 3, 4, 6, 8, 9), "2–4, 6, 8–9")])
def test_ranges(numbers, said):
    """
    Numbers in a row are written as a range.
    """
    assert said == ranges(numbers)
