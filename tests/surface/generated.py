"""
Writes the parts of the documentation that are read off the code: ``make docs`` runs it.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from salesflow.plugins import hookspecs


PAGE = Path(__file__).parents[2] / "docs" / "reference" / "hooks.md"
HOOKS = [name for name in hookspecs.__all__ if name.startswith("salesflow_")]
MARK = "<!-- read off salesflow.plugins.hookspecs by `make docs` -->\n"
END = "<!-- end -->"


def hooks() -> str:
    """What the page says of each hook, in the order of the file."""
    order = sorted(HOOKS, key=lambda name: inspect.getsourcelines(getattr(hookspecs, name))[1])
    return "\n".join(section(name) for name in order)


def section(name: str) -> str:
    hook = getattr(hookspecs, name)
    said = (inspect.getdoc(hook) or "").replace("``", "`")
    return f"### `{name}`\n\n```python no-run\n{name}{signature(name)}\n```\n\n{said}\n"


def signature(name: str) -> str:
    return re.sub(r"'([^']*)'", r"\1", str(inspect.signature(getattr(hookspecs, name))))


def rewritten(page: str) -> str:
    before, _, rest = page.partition(MARK)
    return f"{before}{MARK}\n{hooks()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text("utf-8")), "utf-8")
