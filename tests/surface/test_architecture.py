"""
The order of the rooms: a module imports only from earlier rows, and each dependency has one door.
"""

from __future__ import annotations

import ast
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest


PACKAGE = Path(__file__).parents[2] / "src" / "salesflow"

# One row a line, in the order of the flow. A new file is added here, at the place it belongs; files
# that share a row are one topic.
ROWS = (
    ("errors",),
    ("_frozen",),
    ("_values",),
    ("_verdict",),
    ("_matrix",),
    ("_convert",),
    ("_early",),
    ("_predicate",),
    ("_definition",),
    ("dossier",),
    ("_facts",),
    ("_project",),
    ("_work",),
    ("_commit",),
    ("_params",),
    ("_plain_words",),
    ("_advice",),
    ("typing",),
    ("guards",),
    ("effects",),
    ("scores",),
    ("risks",),
    ("_kernel",),
    ("_faults",),
    ("_literals",),
    ("_ways",),
    ("_graph",),
    ("_warnings",),
    ("_move",),
    ("_decision",),
    ("_contributions",),
    ("_rules",),
    ("_advisers",),
    ("_limits",),
    ("_watch",),
    ("_early_check",),
    ("_compile",),
    ("_inputs",),
    ("_planning",),
    ("_mermaid",),
    ("_built",),
    ("_lifecycle", "_bind"),
    ("_codec*",),
    ("stores",),
    ("templates",),  # the built-in lifecycles are a plugin's contribution like any other
    ("hookspecs",),
    ("_contributing",),
    ("_implementing",),
    ("plugins",),
    ("_loading",),
    ("_written",),
    ("_spawn",),
    ("_desk",),
    ("_counsel",),
    ("_clerk",),
    ("_moving",),
    ("_changing",),
    ("_risk_moves",),
    ("_watching",),
    ("_pipeline",),
    ("results",),
    ("imports",),
    ("insight",),
    ("__init__",),  # re-exports all of the above; what stands below uses the public names
    ("mutation",),
    ("cli",),
    ("testing",),
)
PURE = range(next(n for n, row in enumerate(ROWS) if row == ("stores",)))  # the codecs excepted
IMPURE = {"logging", "os", "pathlib", "random", "sqlite3", "threading", "time"}
DOORS = {
    "attrs": ("*",),
    "cattrs": ("_codec*",),
    "click": ("cli",),
    "hypothesis": ("testing",),
    "pluggy": ("hookspecs", "plugins"),
    "pytest": ("testing",),
    "rich": ("cli",),
    "transitions": ("_kernel",),
}

FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The first part of a module's name below the package."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def rows(name: str) -> list[int]:
    return [n for n, row in enumerate(ROWS) if any(fnmatch(name, pattern) for pattern in row)]


def imports(path: Path) -> set[str]:
    """Every module a file imports, at any depth of its code: ``salesflow.<room>`` or the top name of another."""
    found: set[str] = set()
    package = ("salesflow", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            # ``from . import guards`` names its room last, every other form before the names.
            ends = [(alias.name,) for alias in node.names] if base == ("salesflow",) else [()]
            found |= {".".join((*base, *end)) for end in ends}
    parts = {tuple(name.split(".")[:2]) for name in found}
    return {inside(*name) if name[0] == "salesflow" else name[0] for name in parts}


def inside(package: str, name: str = "__init__") -> str:
    """``from salesflow import Pipeline`` takes a public name, ``from salesflow import guards`` a room."""
    is_room = (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").exists()
    return f"{package}.{name if is_room else '__init__'}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_has_one_row(path):
    """
    Every file stands in one row of the table.
    """
    found = [ROWS[n] for n in rows(room(path))]

    assert 1 == len(found), f"add {room(path)!r} to ROWS, where it belongs in the flow"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_earlier_rows_only(path):
    """
    A file imports from its own row and from those above it, also lazily and for types.
    """
    name = room(path)
    known = {imported.partition(".")[2] for imported in imports(path) if imported.startswith("salesflow.")}
    later = sorted(other for other in known if rows(other) > rows(name))

    assert [] == later


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_dependencies_have_doors(path):
    """
    A dependency is imported only where the table says, and no other one is imported at all.
    """
    foreign = {name for name in imports(path) if not name.startswith("salesflow")} - sys.stdlib_module_names
    stray = sorted(name for name in foreign if not any(fnmatch(room(path), door) for door in DOORS.get(name, ())))

    assert [] == stray


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if rows(room(path))[:1] in [[n] for n in PURE] and not fnmatch(room(path), "_codec*")],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_pure_rows_stay_pure(path):
    """
    Below the stores nothing reads a clock, a file, the environment or chance.
    """
    calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    clocks = {
        ast.unparse(call)
        for call in calls
        if isinstance(call, ast.Attribute)
        and call.attr in {"now", "utcnow", "today"}
        and ast.unparse(call.value).rpartition(".")[2] in {"date", "datetime"}
    }

    assert [] == sorted(clocks | (imports(path) & IMPURE))
