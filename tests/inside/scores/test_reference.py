"""
Every scorer and every reason for a missing score stands in the reference of scores.
"""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

from salesflow._model.messages import ADVICE_MESSAGES
from salesflow.scores import BUILT_IN


ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "scores.md").read_text("utf-8")
FORMAT = (ROOT / "docs" / "reference" / "definition-format.md").read_text("utf-8")
ROW = re.compile(r"^\| `([a-z0-9_.]+)` \| (.+) \|$", re.MULTILINE)


def section(heading: str) -> dict[str, str]:
    return dict(ROW.findall(PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]))


def given() -> set[str]:
    """The codes that scorers name: keys of their tables of messages, and what they pass as ``code``."""
    found: set[str] = {code for code in ADVICE_MESSAGES if code}
    found |= {code for kind in BUILT_IN for code in kind.codes}
    for path in sorted((ROOT / "src" / "salesflow" / "scores").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "code":
                texts = [one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant)]
                found |= {text for text in texts if isinstance(text, str) and text}
    return found | {"one_sided"}


def test_every_scorer_is_explained():
    """
    The table of scorers has each of them in order, with all its parameters; the page of the format names it as well.
    """
    rows = section("Built-in scorers")
    untold = {
        kind.name: sorted(
            name for name in inspect.signature(kind.factory).parameters if f"`{name}`" not in rows[kind.name]
        )
        for kind in BUILT_IN
    }

    assert [kind.name for kind in BUILT_IN] == list(rows)
    assert {kind.name: [] for kind in BUILT_IN} == untold
    assert [] == [name for name in rows if f"`{name}`" not in FORMAT]


def test_every_code_is_explained():
    """
    The table of codes has each reason for a missing value, and no other one, in order.
    """
    assert sorted(given()) == list(section("Codes"))
