"""
Writes the parts of the documentation that are read off the code: ``make docs`` runs it.

A page names them in a comment, ``<!-- make docs: salesflow.Pipeline -->``; the part ends with ``<!-- end -->``.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from salesflow.dossier import KPIS
from salesflow.plugins import hookspecs

from .reference import section
from .requirements import table


PAGES = sorted((Path(__file__).parents[2] / "docs" / "reference").glob("*.md"))
HOOKS = sorted(
    (name for name in hookspecs.__all__ if name.startswith("salesflow_")),
    key=lambda name: inspect.getsourcelines(getattr(hookspecs, name))[1],
)
PART = re.compile(r"^<!-- make docs: (?P<names>[^>]*) -->\n.*?^<!-- end -->\n", re.MULTILINE | re.DOTALL)


def named(page: str) -> list[str]:
    """The names that a page asks for."""
    return [name for part in PART.finditer(page) for name in names_of(part["names"])]


def names_of(asked: str) -> list[str]:
    if asked in TABLES:
        return []
    every = [f"salesflow.plugins.hookspecs.{hook}" for hook in HOOKS]
    return every if asked == "every hook" else asked.split()


def rewritten(page: str) -> str:
    return PART.sub(lambda part: written(part["names"]), page)


def kpis() -> str:
    """The table of all figures: what each is called and means, and the ways to compute it."""
    rows = ["| Name | Code | Unit | What it is | 含义 | Variants |", "|---|---|---|---|---|---|"]
    for name, each in KPIS.items():
        meaning = [f"{each.label.text(lang)}: {each.meaning.text(lang)}" for lang in ("en", "zh")]
        variants = ", ".join(f"`{variant.name}`" for variant in each.variants)
        rows.append(f"| `{name}` | {each.code} | {each.unit} | {meaning[0]} | {meaning[1]} | {variants} |")
    return "\n".join(rows) + "\n"


TABLES = {"every kpi": kpis, "every requirement": table}


def written(asked: str) -> str:
    if asked in TABLES:
        return f"<!-- make docs: {asked} -->\n\n{TABLES[asked]()}\n<!-- end -->\n"
    sections = "\n".join(section(name) for name in names_of(asked))
    return f"<!-- make docs: {asked} -->\n\n{sections}\n<!-- end -->\n"


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(rewritten(page.read_text("utf-8")), "utf-8")
