"""
The versions that are installed: one lock, and the smaller file for running the library is cut from it.
"""

from __future__ import annotations

import re
from pathlib import Path


ROOT = Path(__file__).parents[2]
ALL, RUN = (ROOT / name for name in ("constraints.txt", "constraints-run.txt"))


def pins(file: Path) -> dict[str, str]:
    """Each pinned package with its version and hashes, as the file writes them."""
    entries = re.split(r"\n(?=\S)", file.read_text("utf-8").strip())
    return {entry.partition("==")[0]: entry for entry in entries}


def test_the_demo_runs_what_the_tests_ran():
    """
    Everything that the demo installs is pinned for the tests, with the same version and hashes.
    """
    tested = pins(ALL)

    assert {} == {name: pin for name, pin in pins(RUN).items() if tested.get(name) != pin}


def test_only_names_versions_and_hashes():
    """
    No file of constraints names a place to download from, and every package of it has a hash.
    """
    files = (ALL, RUN)

    assert [] == [file.name for file in files if re.search(r"https?:|file:|^-", file.read_text("utf-8"), re.MULTILINE)]
    assert [] == [name for file in files for name, pin in pins(file).items() if "--hash=sha256:" not in pin]
