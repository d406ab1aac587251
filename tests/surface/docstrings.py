"""
Docstrings as Markdown: their text, and the meaning of each name in their sections.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path


SOURCES = Path(__file__).parents[2] / "src" / "salesflow"
SECTIONS = ("Args:", "Attributes:", "Raises:", "Returns:", "Yields:")

Parts = dict[str, dict[str, str]]


def taken_apart(doc: str | None) -> tuple[str, Parts]:
    """Return the text of a docstring, and by section the meaning of each name."""
    text: list[str] = []
    parts: Parts = {}
    current: dict[str, str] | None = None
    names: list[str] = []
    for line in inspect.cleandoc(doc or "").splitlines():
        if line in SECTIONS:
            current = parts.setdefault(line[:-1], {})
        elif current is None or (line and not line.startswith(" ")):
            current = None
            text.append(line)
        elif start := re.match(r"    ([*`]*\w[\w, *`]*): (.*)", line):
            names = [name.strip(" *`") for name in start[1].split(",")]
            current.update(dict.fromkeys(names, prose(start[2])))
        elif line:
            current.update({name: f"{current[name]} {prose(line.strip())}" for name in names})
    return prose("\n".join(text).strip()), parts


def prose(text: str) -> str:
    """Return a text of a docstring as Markdown."""
    text = re.sub(r":\w+:`(?:~[\w.]*\.|salesflow\.)?([\w.]+)`", r"`\1`", text)
    text = re.sub(r"^>>> .*(?:\n.+)*", r"```python no-run\n\g<0>\n```", text, flags=re.MULTILINE)
    return re.sub(r"(?<!`)``(?!`)", "`", text)


@cache
def notes() -> Mapping[str, str]:
    """Return the docstrings that stand below constants and names of types."""
    found: dict[str, str] = {}
    for path in SOURCES.rglob("*.py"):
        for made, below in pairwise(ast.parse(path.read_text("utf-8")).body):
            said = below.value if isinstance(below, ast.Expr) else None
            if isinstance(made, ast.AnnAssign) and isinstance(said, ast.Constant):
                found.setdefault(ast.unparse(made.target), prose(inspect.cleandoc(str(said.value))))
    return found
