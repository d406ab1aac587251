"""
The example runs.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


EXAMPLE = Path(__file__).parents[1] / "examples" / "notify.py"


@pytest.mark.slow
def test_example():
    """
    The notice is sent twice, under one id, and the receiver answers the second time.
    """
    ran = subprocess.run([sys.executable, EXAMPLE], capture_output=True, text=True, check=True)

    assert [
        "received: won busy",
        "later: WebhookError: receiver 'receiver.test': it answered with status 503. It is tried again later.",
        "received: won done",
        "delivered: 1 under the same id",
    ] == ran.stdout.splitlines()
