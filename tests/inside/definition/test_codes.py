"""
Every code of a fault or warning is explained in the reference of the definition format.
"""

from __future__ import annotations

import re
import tomllib
from itertools import product
from pathlib import Path
from typing import get_args, get_type_hints

from salesflow._model.parameters import ParamProblem


ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reference" / "definition-format.md"
CATALOGUES = ROOT / "src" / "salesflow" / "errors" / "messages"
ROW = re.compile(r"^\| `([a-z_]+\.[a-z_]+)` \| (.+) \|$", re.MULTILINE)


def codes(catalogue: str) -> set[str]:
    """
    Return the codes of a catalogue that say what is wrong and what to do, as faults do.
    """
    texts = tomllib.loads((CATALOGUES / f"{catalogue}.toml").read_text("utf-8"))
    return {name.partition("/")[0] for name, text in texts.items() if isinstance(text["en"], list)}


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
    plain = {code for code in codes("definition") if not code.startswith("parameter.")}

    assert sorted(plain | made) == list(rows("Faults"))


def test_every_warning_is_explained():
    """
    The table of warnings has each code of the sources, and no other one, in order.
    """

    assert sorted(codes("lint")) == list(rows("Warnings"))
