"""
Runs every benchmark, each in an interpreter of its own: what ``make bench`` calls.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


HERE = Path(__file__).parent
SCRIPTS = ("peers.py", "durable.py", "imports.py", "memory.py", "scaling.py", "replay.py")


def main() -> int:
    """
    Run them in turn; return how many of them failed to run. A bar that is missed is no failure.
    """
    failed = 0
    for script in SCRIPTS:
        failed += subprocess.run([sys.executable, HERE / script], check=False).returncode != 0
        print(flush=True)
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
