"""
A file of deals as a CRM writes it, and the import of it.
"""

from __future__ import annotations

import json

import pytest

import salesflow as sf
from salesflow import Field, guards


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

    def replay(*rows, options=(), **tables):
        if tables:
            (tmp_path / "map.json").write_text(json.dumps({**mapping, **tables}), "utf-8")
        (tmp_path / "deals.csv").write_text("\n".join([HEADER, *rows]), "utf-8")
        paths = "--lifecycle", tmp_path / "crm.toml", "--map", tmp_path / "map.json"
        return run("replay", tmp_path / "deals.csv", *paths, *options)

    return replay
