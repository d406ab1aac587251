"""
Every code of a fault or warning is explained in the reference of the definition format.
"""

from __future__ import annotations

import ast
import re
from itertools import product
from pathlib import Path
from typing import get_args, get_type_hints

from salesflow._model.parameters import ParamProblem


ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reference" / "definition-format.md"
# Who takes a code, and at which place among the arguments.
TAKERS = {"Fault": 1, "_warning": 1, "add": 1, "_MisfitError": 0}
CODE = re.compile(r"[a-z_]+\.[a-z_]+")
ROW = re.compile(r"^\| `([a-z_]+\.[a-z_]+)` \| (.+) \|$", re.MULTILINE)


def texts(node: ast.AST) -> set[str]:
    """
    Return the codes in an expression; the open parts of an f-string are shown as ``*``.
    """
    if isinstance(node, ast.JoinedStr):
        return {"".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)}
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and CODE.fullmatch(str(node.value)) else set()


def raised(taker: str | None = None) -> set[str]:
    """
    Return the codes that the checks of definitions hand to what takes them, or to one such *taker* only.
    """
    found: set[str] = set()
    rooms = ("_model", "_definition", "_lifecycle", "plugins")
    for path in sorted(path for room in rooms for path in (ROOT / "src" / "salesflow" / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                place = TAKERS.get(name, len(node.args)) if taker in (None, name) else len(node.args)
                found |= {code for argument in node.args[place : place + 1] for code in texts(argument)}
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code" and taker is None:
                found |= texts(node.value)
    return found


def rows(heading: str) -> dict[str, str]:
    section = PAGE.read_text("utf-8").partition(f"\n### {heading}\n")[2]
    return dict(ROW.findall(re.split(r"^##", section, maxsplit=1, flags=re.MULTILINE)[0]))


def test_every_fault_is_explained():
    """
    The table of faults has each code of the sources, and no other one, in order.
    """
    kinds = get_args(get_type_hints(ParamProblem)["kind"])
    made = {f"{what}.parameter_{kind}" for what, kind in product(("advice", "effect", "guard"), kinds)}
    made |= {f"settings.{kind}" for kind in kinds}
    open_ones = {"*.parameter_*", "*.parameter_value", "settings.*"}
    written = raised() - raised("_warning")

    assert open_ones == {code for code in written if "*" in code}
    assert sorted(written - open_ones | made) == list(rows("Faults"))


def test_every_warning_is_explained():
    """
    The table of warnings has each code of the sources, and no other one, in order.
    """

    assert sorted(raised("_warning")) == list(rows("Warnings"))
