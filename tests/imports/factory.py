"""
A small CRM: its lifecycle, its mapping, and a file to write rows into.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

import salesflow as sf
from salesflow import Field, guards
from salesflow.exchange import ImportReport, load_mapping, replay_file
from salesflow.stores import MemoryStore
from salesflow.typing import Store


EXAMPLES = Path(__file__).parents[2] / "examples"

FIELDS = (
    Field("owner"),
    Field("amount", "money"),
    Field("seats", "integer"),
    Field("share", "number"),
    Field("renewal", "bool"),
    Field("segment", "choice", choices=("small", "large")),
    Field("account", "reference"),
    Field("due", "date"),
    Field("met_at", "datetime"),
)

SNAPSHOT: dict[str, Any] = {
    "schema": 1,
    "kind": "snapshot",
    "project": {"id": {"column": "id"}},
    "actor": {"column": "who"},
    "stage": {"column": "stage", "values": {"New": "new", "Work": "working", "Won": "won", "Lost": "lost"}},
    "time": {"formats": ["%Y-%m-%d", "%Y-%m-%d %H:%M"]},
    "paths": {
        "new": [{"stage": "new", "column": "opened"}],
        "working": [{"stage": "new", "column": "opened"}, {"stage": "working", "column": "worked"}],
        "won": [
            {"stage": "new", "column": "opened"},
            {"stage": "working", "column": "worked"},
            {"stage": "won", "column": "closed"},
        ],
        "lost": [{"stage": "new", "column": "opened"}, {"stage": "lost", "column": "closed"}],
    },
    "fields": {
        "owner": {"column": "who"},
        "amount": {"column": "value", "currency": "EUR", "on": ["won", "lost"]},
    },
}

HISTORY: dict[str, Any] = {
    **{key: SNAPSHOT[key] for key in ("schema", "project", "actor", "stage")},
    "kind": "history",
    "time": {"formats": ["%Y-%m-%d", "%Y-%m-%d %H:%M"], "column": "at"},
    "fields": {"amount": {"column": "value", "currency": "EUR"}},
}


def definition(*transitions: sf.Transition) -> sf.Definition:
    """A lifecycle of four stages; ``win`` asks for the amount."""
    return sf.Definition(
        "crm",
        fields=FIELDS,
        stages=(sf.Stage("new", "open"), sf.Stage("working"), sf.Stage("won", "won"), sf.Stage("lost", "lost")),
        transitions=transitions
        or (
            sf.Transition("work", "new", "working"),
            sf.Transition("win", "working", "won", outcome="won", guards=[guards.fields_present("amount")]),
            sf.Transition("note", "new", "$same", kind="loop"),
            sf.Transition("lose", ("new", "working"), "lost", kind="exit", outcome="lost"),
            sf.Transition("reopen", ("won", "lost"), "working", kind="reopen", outcome="undecided"),
        ),
    )


@attrs.define
class Crm:
    """
    Writes a file and imports it, always onto the same store.
    """

    folder: Path
    lifecycle: sf.Lifecycle = attrs.field(factory=lambda: sf.build_lifecycle(definition()))
    store: Store = attrs.field(factory=MemoryStore)

    def write(self, text: str | bytes) -> Path:
        path = self.folder / "deals.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run(self, mapping: dict[str, Any], *rows: str, **kwargs: Any) -> ImportReport:
        path = self.write("\n".join(rows) + "\n")
        return replay_file(path, mapping=self.mapped(mapping), lifecycle=self.lifecycle, store=self.store, **kwargs)

    def mapped(self, mapping: dict[str, Any]):
        return load_mapping(mapping, lifecycle=self.lifecycle)

    def history(self, project_id: str) -> list[sf.Fact]:
        return list(self.store.load(project_id))

    def stand(self, *ids: str) -> dict[str, str]:
        """The stage of each deal that the store has."""
        found = {name: self.store.head(name) for name in ids}
        return {name: project.stage for name, project in found.items() if project is not None}


def told(report: ImportReport) -> list[str]:
    """Every problem of a report, as it is printed."""
    return [problem.message() for problem in report.problems]


def but(mapping: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A mapping with some tables replaced; ``None`` leaves one out."""
    return {key: value for key, value in {**mapping, **changes}.items() if value is not None}
