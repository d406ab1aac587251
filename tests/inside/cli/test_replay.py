"""
``replay`` on a terminal, and the numbers of rows in words.
"""

from __future__ import annotations

import json

import attrs
import pytest
from rich.console import Console

import salesflow as sf
from salesflow import Field, guards
from salesflow.cli import _replay
from salesflow.cli._output import ranges
from salesflow.exchange import replay_file
from salesflow.results import ListenerFailure

from ...cases import over_cases


HEADER = "id,who,stage,at,closed,value"
ROWS = [
    "D-1,ann,Won,2024-01-01,2024-02-01,1000.50",
    "D-2,ann,Lost,2024-01-01,2024-02-01,",
    "D-3,ann,New,2024-01-01,,",
]


@pytest.fixture
def crm(tmp_path, run):
    """
    Writes a file of deals and runs the import of it.
    """
    definition = sf.Definition(
        "crm",
        fields=(Field("amount", "money"),),
        stages=(
            sf.Stage("new", "open", label={"en": "New", "zh": "新建"}),
            sf.Stage("won", "won"),
            sf.Stage("lost", "lost"),
        ),
        transitions=(
            sf.Transition("win", "new", "won", outcome="won", guards=[guards.fields_present("amount")]),
            sf.Transition("lose", "new", "lost", outcome="lost"),
        ),
    )
    start = {"stage": "new", "column": "at"}
    mapping = {
        "schema": 1,
        "kind": "snapshot",
        "project": {"id": {"column": "id"}},
        "actor": {"column": "who"},
        "stage": {"column": "stage", "values": {"New": "new", "Won": "won", "Lost": "lost"}},
        "time": {"formats": ["%Y-%m-%d"]},
        "paths": {"new": [start], **{end: [start, {"stage": end, "column": "closed"}] for end in ("won", "lost")}},
        "fields": {"amount": {"column": "value", "currency": "EUR", "on": ["won"]}},
    }
    (tmp_path / "crm.toml").write_text(sf.dump_definition(definition), "utf-8")
    (tmp_path / "map.json").write_text(json.dumps(mapping), "utf-8")

    def replay(*rows, options=()):
        (tmp_path / "deals.csv").write_text("\n".join([HEADER, *rows]), "utf-8")
        paths = "--lifecycle", tmp_path / "crm.toml", "--map", tmp_path / "map.json"
        return run("replay", tmp_path / "deals.csv", *paths, *options)

    return replay


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
