"""
What the domain asks for: the rows of ``docs/requirements.toml``, what their names mean, and the tests that prove them.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import attrs
import click

from salesflow import calendars, dossier, effects, errors, guards, load_lifecycle, risks, scores
from salesflow.cli import main
from salesflow.plugins import hookspecs


ROOT = Path(__file__).parents[2]
STATES = ("done", "planned")
SOURCES = {
    "A": "Daily management",
    "B": "The management cycle",
    "C": "Planning in a project team",
    "D": "The practices of a sales manager",
    "E": "The operating cycle",
}


class Row(NamedTuple):
    id: str
    state: str
    summary: str
    names: tuple[str, ...]


class Proof(NamedTuple):
    """A test that proves rows."""

    test: str
    path: str
    rows: tuple[str, ...]


@cache
def rows() -> tuple[Row, ...]:
    read = tomllib.loads((ROOT / "docs" / "requirements.toml").read_text("utf-8"))
    return tuple(
        Row(name, row.pop("state"), row.pop("summary"), tuple(row.pop("names", ()))) for name, row in read.items()
    )


@cache
def proofs() -> tuple[Proof, ...]:
    """The tests with a marker, by path and order in the file."""
    files = [*(ROOT / "tests").rglob("test_*.py"), *ROOT.glob("plugins/*/tests/**/test_*.py")]
    return tuple(proof for path in sorted(files) for proof in _marked(path))


def _marked(path: Path) -> Iterator[Proof]:
    text = path.read_text("utf-8")
    if "mark.requirement(" not in text:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            # Also where a marker belongs to one of the parameters.
            calls = [each for deco in node.decorator_list for each in ast.walk(deco) if isinstance(each, ast.Call)]
            marks = [each for each in calls if ast.unparse(each.func) == "pytest.mark.requirement"]
            found = dict.fromkeys(ast.literal_eval(row) for mark in marks for row in mark.args)
            if found:
                yield Proof(node.name, str(path.relative_to(ROOT)), tuple(found))


@cache
def _used(kind: str) -> frozenset[str]:
    rooms = {"guard": guards, "effect": effects, "scorer": scores, "check": risks}
    if kind in rooms:
        return frozenset(each.name for each in rooms[kind].BUILT_IN)
    by_kind: dict[str, Any] = {"kpi": dossier.KPIS, "cadence": calendars.READY, "hook": hookspecs.__all__}
    return frozenset(by_kind[kind] if kind in by_kind else main.list_commands(click.Context(main)))


def exists(name: str) -> bool:
    """Whether a name stands for something that a user can use."""
    kind, _, called = name.rpartition(" ")
    if kind == "lifecycle":
        lifecycle, _, stage = called.partition("/")
        try:
            stages = load_lifecycle(lifecycle).stages
            return not stage or any(each.id == stage for each in stages)
        except errors.SalesflowError:
            return False
    if kind:
        return called in _used(kind)
    return _public(called)


def _public(name: str) -> bool:
    room, _, rest = name.partition(".")
    thing: Any = import_module("salesflow")
    if room.islower() and rest:
        thing = import_module(room if room.startswith("salesflow_") else f"salesflow.{room}")
        name = rest
    for part in name.split("."):
        if attrs.has(thing) and part in attrs.fields_dict(thing):
            return True
        for home in (thing, *map(import_module, ("salesflow.typing", "salesflow.results"))):
            if part in getattr(home, "__all__", dir(home)):
                thing = getattr(home, part)
                break
        else:
            return False
    return True


def table() -> str:
    """The page: how many rows are done, and each row with what carries and what proves it."""
    by_row: dict[str, list[str]] = {}
    for proof in proofs():
        for row in proof.rows:
            by_row.setdefault(row, []).append(f"[{proof.test}](../../{proof.path})")
    counts = {state: sum(row.state == state for row in rows()) for state in STATES}
    lines = [f"{len(rows())} rows: " + ", ".join(f"{n} {state}" for state, n in counts.items() if n) + "."]
    for source, title in SOURCES.items():
        lines += ["", f"### {title}", "", "| Row | What it asks for | State | What carries it | What proves it |"]
        lines += ["|---|---|---|---|---|"]
        for row in rows():
            if row.id.startswith(source):
                names = ", ".join(f"`{name}`" for name in row.names)
                tests = ", ".join(by_row.get(row.id, ()))
                lines.append(f"| {row.id} | {row.summary} | {row.state} | {names} | {tests} |")
    return "\n".join(lines) + "\n"
