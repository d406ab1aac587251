"""
The contract can fail: every store that is broken on purpose is caught by the checks it names.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from . import broken


HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RESULT = re.compile(r"^(PASSED|FAILED|ERROR) \S*::(\w+)::(\S+)", re.MULTILINE)
BROKEN = [made for made in vars(broken).values() if hasattr(made, "caught_by")]
# Whoever is known to fail need not be told the shortest way to it.
RUN = """
import sys, pytest

class Once:
    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self):
        from hypothesis import Phase, settings
        settings.register_profile(
            "once", max_examples=25, deadline=None, derandomize=True, database=None, phases=[Phase.generate]
        )

sys.exit(pytest.main(sys.argv[1:], plugins=[Once()]))
"""
# For each broken store the one it was made from.
WHOLE = {
    broken.InMemory: broken.TestWholeDictStore,
    broken.InFile: broken.TestWholeSavedStore,
}


def whole(contract):
    """The contract of the store that this one would be, were it not broken."""
    return broken.TestWholeTenants if contract.caps.tenants else WHOLE[contract.__base__]


def run(names):
    """What each check said, by class and name: passed or failed."""
    options = ["-q", "-rA", "--tb=no", "-p", "no:cacheprovider", "-n", "0", "--hypothesis-profile=once"]
    ids = [f"{HERE / 'broken.py'}::{name}::{check}" for name, check in sorted(names)]
    command = [sys.executable, "-c", RUN, *options, *ids]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = dict.fromkeys(names, "not run")
    for outcome, name, check in RESULT.findall(done.stdout):
        for known in (check, check.partition("[")[0]):
            found[name, known] = "FAILED" if "FAILED" in (outcome, found.get((name, known))) else outcome
    return found


def test_every_broken_store_is_caught():
    """
    The checks that a broken store names fail for it, and pass for the same store unbroken.
    """
    caught = {(made.__name__, check): "FAILED" for made in BROKEN for check in made.caught_by}
    passed = {(whole(made).__name__, check): "PASSED" for made in BROKEN for check in made.caught_by}
    found = run(caught | passed)

    assert caught | passed == {name: found[name] for name in caught | passed}


def test_there_are_many():
    """
    The contract is held against more than a few broken stores.
    """
    assert len(BROKEN) >= 15
