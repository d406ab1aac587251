"""
Runs every benchmark, each in an interpreter of its own: what ``make bench`` calls.

Usage: ``python bench/run.py [DIRECTORY]``, the directory being where those that measure durable work write.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


HERE = Path(__file__).parent
SCRIPTS = (
    "structure.py",
    "peers.py",
    "imports.py",
    "memory.py",
    "scaling.py",
    "replay.py",
    "cadences.py",
    "coverage.py",
    "mutating.py",
    "plugins.py",
    "planted.py",
)
DURABLE = (
    "durable.py",
    "sqlite.py",
    "postgres.py",
    "processes.py",
    "work.py",
    "bulk.py",
    "opening.py",
    "agenda.py",
    "insight.py",
)
"""Those that write to the directory."""


def main(directory: str) -> int:
    """
    Run them in turn, the durable ones in *directory*; return how many failed to run. A missed bar is no failure.
    """
    failed = 0
    for script in (*SCRIPTS, *DURABLE):
        arguments = [directory] if script in DURABLE else []
        failed += subprocess.run([sys.executable, HERE / script, *arguments], check=False).returncode != 0
        print(flush=True)
    return failed


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
