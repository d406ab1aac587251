"""
The order of the rooms: a file imports only from its own room and those above it, and each dependency has one door.

Every test lists its offenders, so that one run shows all of them.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Set as AbstractSet
from fnmatch import fnmatch
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest


PACKAGE = Path(__file__).parents[2] / "src" / "salesflow"

# One row a room, in the order of the flow. Rooms of the same row know nothing of each other.
ROOMS = (
    ("errors",),
    ("_model",),
    ("dossier",),
    ("typing",),
    ("_definition",),
    ("_codec",),
    ("calendars",),
    ("guards",),
    ("effects",),
    ("scores",),
    ("risks",),
    ("stores",),
    ("templates",),  # the built-in lifecycles are a plugin's contribution like any other
    ("_lifecycle",),
    ("plugins",),
    ("_pipeline",),
    ("insight",),
    ("exchange",),
    ("results",),
    ("__init__",),  # the public names; what stands below uses them
    ("testing",),
    ("cli",),
)
PURE = {"errors", "_model", "dossier", "typing", "calendars", "guards", "effects", "scores", "risks", "_lifecycle"}
IMPURE = {"logging", "os", "pathlib", "random", "sqlite3", "threading", "time"}
DOORS = {
    "attrs": ("*",),
    "cattrs": ("_definition*",),
    "click": ("cli*", "plugins.hookspecs"),  # the hooks name its commands, for types only
    "hypothesis": ("testing*",),
    "narwhals": ("insight._columns.frames",),
    "numpy": ("insight._columns.arrays", "insight._numpy"),
    "pluggy": ("plugins*",),
    "pytest": ("testing*",),
    "rich": ("cli*",),
    "transitions": ("_lifecycle.kernel",),
}
PLACE = {room: number for number, row in enumerate(ROOMS) for room in row}


@cache
def files() -> Mapping[str, Path]:
    """Every file of the package, by the name of its module below the package."""
    found: dict[str, Path] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)] = path
    return found


def room(module: str) -> str:
    """The first part of a module's name below the package."""
    return module.partition(".")[0]


@cache
def imports(module: str) -> tuple[AbstractSet[str], AbstractSet[str]]:
    """
    What a file imports, at any depth of its code and for types as well: modules of the package, and others.

    Those of the package by their name below it, others by their top name.
    """
    own: set[str] = set()
    foreign: set[str] = set()
    path = files()[module]
    package = path.relative_to(PACKAGE).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            foreign |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            foreign.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1]
            base += tuple(node.module.split(".")) if node.module else ()
            own |= {_named(base, alias.name) for alias in node.names} - {module}
    return own, foreign


def _named(base: tuple[str, ...], name: str) -> str:
    """``from .a import b`` takes the module ``a.b`` where there is one, else a name of ``a``."""
    inner = ".".join((*base, name))
    return inner if inner in files() else ".".join(base) or "__init__"


def inside(module: str) -> AbstractSet[str]:
    """The modules of the package that a module imports."""
    return imports(module)[0]


def outside(module: str) -> AbstractSet[str]:
    """The other packages that a module imports."""
    return imports(module)[1]


def test_every_file_stands_in_a_room():
    """
    Every file stands in a room of the table, and every room of the table is there.
    """
    assert set(PLACE) == {room(module) for module in files()}


def test_the_root_shows_the_rooms():
    """
    The root of the package is the table and the mark of a typed package, and nothing else.
    """
    shown = {path.stem for path in PACKAGE.iterdir() if path.name not in {"__pycache__", "py.typed"}}

    assert set(PLACE) == shown


@pytest.mark.untraced
def test_a_file_imports_from_rooms_above_it():
    """
    No import goes to a later room, lazily or for types.
    """
    up = [(module, name) for module in files() for name in inside(module) if PLACE[room(name)] > PLACE[room(module)]]

    assert [] == up


def test_no_circles():
    """
    No file imports itself over others, also not for types.
    """
    graph = {module: inside(module) - {"__init__"} for module in files()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]
    else:
        circle = []

    assert [] == circle


def test_names_inside_private_rooms_are_plain():
    """
    A folder with an underscore is private as a whole; files inside it have none.
    """
    twice = [
        module
        for module in files()
        for outer, inner in zip(module.split("."), module.split(".")[1:], strict=False)
        if outer.startswith("_") and inner.startswith("_")
    ]

    assert [] == twice


def test_dependencies_have_doors():
    """
    A dependency is imported only where the table says, and no other one is imported at all.
    """
    stray = [
        (module, name)
        for module in files()
        for name in outside(module) - sys.stdlib_module_names
        if not any(fnmatch(f"{module}.", f"{door}.") for door in DOORS.get(name, ()))
    ]

    assert [] == stray


@pytest.mark.untraced
def test_what_decides_is_pure():
    """
    What decides reads no clock, file, environment or chance.
    """
    pure = [module for module in files() if room(module) in PURE]
    found = [(module, name) for module in pure for name in (*_clocks(files()[module]), *(outside(module) & IMPURE))]

    assert [] == found


def _clocks(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value).rpartition(".")[2]
            if node.func.attr in {"now", "utcnow", "today"} and owner in {"date", "datetime"}:
                yield ast.unparse(node.func)
