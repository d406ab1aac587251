"""
Tests say what users may rely on: outside ``tests/inside`` they import public names only.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[2]
INSIDE = ROOT / "tests" / "inside"


def private(path: Path) -> Iterator[str]:
    """The private names of the library that a file imports, at any depth of its code."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.startswith("salesflow.") and _private(name))


def _private(name: str) -> bool:
    return any(part.startswith("_") and not part.endswith("__") for part in name.split("."))


@pytest.mark.long
@pytest.mark.untraced
def test_tests_import_public_names():
    """
    No test outside ``tests/inside``, and no test of a plugin, imports a private name of the library.
    """
    files = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "plugins").glob("*/tests/**/*.py")]
    offenders = {
        str(path.relative_to(ROOT)): found
        for path in sorted(files)
        if INSIDE not in path.parents and (found := sorted(private(path)))
    }

    assert {} == offenders


def test_what_stands_inside_needs_it():
    """
    A test stands in ``tests/inside`` only if it imports a private name or looks into a private attribute.
    """
    strangers = [
        str(path.relative_to(ROOT))
        for path in sorted(INSIDE.rglob("test_*.py"))
        if not any(private(path)) and not _looks_inside(path)
    ]

    assert [] == strangers


def _looks_inside(path: Path) -> bool:
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return any(isinstance(node, ast.Attribute) and _private(node.attr) for node in nodes)
