"""
What the README shows and no block of it runs.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from salesflow import load_lifecycle
from salesflow.guards import BUILT_IN


ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_picture_is_of_the_lifecycle():
    """
    The Mermaid picture is the one that the lifecycle draws of itself.
    """
    (picture,) = re.findall(r"```mermaid\n(.*?)```", README, re.DOTALL)

    assert load_lifecycle("simple_deal").mermaid() == picture


def test_both_languages_show_the_same():
    """
    The Chinese README has the same code, output and picture as the English one, and leads to the same pages.
    """
    chinese = (ROOT / "README.zh.md").read_text("utf-8")
    shown = [re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL) for text in (README, chinese)]
    links = [re.findall(r"\]\((?!README)([^)]+)\)", text) for text in (README, chinese)]

    assert shown[0] == shown[1]
    assert links[0] == links[1]


def test_the_guards_are_counted():
    """
    The number of guards is the number there is.
    """
    assert f"{len(BUILT_IN)} guards" in README


def test_nothing_is_installed_by_name():
    """
    What the README installs, it installs from a clone: the library is not on a package index.
    """
    installed = re.findall(r"pip install (?:-\S+ )*'?([^\s'`]+)", README)

    assert installed
    assert [] == [what for what in installed if not what.startswith("./salesflow")]


def test_the_make_targets_exist():
    """
    Every target of the Makefile that the README or CONTRIBUTING names is one.
    """
    made = (ROOT / "Makefile").read_text("utf-8")
    shown = README + (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"^(?:\$ )?make ([a-z-]+)", shown, re.MULTILINE))

    assert {"demo", "test"} <= named
    assert [] == sorted(name for name in named if not re.search(rf"^{name}:", made, re.MULTILINE))


@pytest.mark.slow
def test_what_is_kept_on_disk_can_be_run_again(tmp_path):
    """
    The program that keeps its facts in a file works in a second process as in the first, and writes nothing twice.
    """
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (program,) = [block for block in blocks if "SqliteStore(" in block]
    runs = [
        subprocess.run(
            [sys.executable, "-c", f"import salesflow as sf\n{program}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]

    assert runs[0] == runs[1]
