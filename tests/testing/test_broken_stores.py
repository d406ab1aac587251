"""
The contract can fail: every store that is broken on purpose is caught by the checks it names.

The checks run in a suite inside this one, in the same process.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import Phase, settings

from . import broken


HERE = Path(__file__).parent
BROKEN = [made for made in vars(broken).values() if hasattr(made, "caught_by")]
WHOLE = [made for name, made in vars(broken).items() if name.startswith("TestWhole")]
# For each broken store the one it was made from.
MADE_FROM = {
    broken.InMemory: broken.TestWholeDictStore,
    broken.InFile: broken.TestWholeSavedStore,
}
# Whoever is known to fail need not be told the shortest way to it.
settings.register_profile("once", settings.get_profile("usual"), max_examples=25, phases=[Phase.generate])
# It is named here, since a suite loads conftest.py again, which loads the usual profile.
OPTIONS = [
    "-q",
    "--tb=no",
    "--no-header",
    "--no-summary",
    "-n0",
    "-pno:cacheprovider",
    "--hypothesis-profile=once",
    "-m=",
]


def whole(contract):
    """The contract of the store that this one would be, were it not broken."""
    return broken.TestWholeTenants if contract.caps.tenants else MADE_FROM[contract.__base__]


# One of those that lose what a killed writer had acknowledged is enough every day; each of these takes seconds.
DEEP = (broken.TestTwoFiles, broken.TestDamageSkipped)
DAILY = [made for made in BROKEN if made not in DEEP]
# Several share one suite, since to begin one takes longer than most checks; a few suites keep both cores busy.
CASES = [DAILY[start::6] for start in range(6)] + [pytest.param(DEEP, marks=pytest.mark.deep)]


# A store that raises one of these does not have its fault, it cannot be run.
MISWRITTEN = (AttributeError, NameError, TypeError)


def causes(error):
    """The errors in a group, or the error itself."""
    return [cause for each in error.exceptions for cause in causes(each)] if hasattr(error, "exceptions") else [error]


class Outcomes:
    """What each check said, by its name with and without its parameters."""

    def __init__(self, places):
        self.places = {each.partition("[")[0] for each in places}
        self.found = {}
        self.miswritten = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector, name, obj):
        """Leave out the checks that nobody wants: to collect a whole contract takes longer than to run most of them."""
        return [] if name.startswith("test_") and f"{collector.name}::{name}" not in self.places else None

    def pytest_exception_interact(self, node, call):
        self.miswritten += [
            f"{node.name}: {each!r}" for each in causes(call.excinfo.value) if isinstance(each, MISWRITTEN)
        ]

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.failed:
            place = report.nodeid.partition("::")[2]
            for known in (place, place.partition("[")[0]):
                self.found[known] = "failed" if "failed" in (report.outcome, self.found.get(known)) else report.outcome


def run(wanted):
    """What the checks of contracts said: for each contract its checks."""
    places = [f"{contract.__name__}::{check}" for contract, checks in wanted.items() for check in checks]
    outcomes, before = Outcomes(places), settings.get_current_profile_name()
    try:
        pytest.main([*OPTIONS, *(f"{HERE / 'broken.py'}::{place}" for place in places)], plugins=[outcomes])
    finally:
        settings.load_profile(before)
    assert [] == outcomes.miswritten
    return {place: outcomes.found.get(place, "not run") for place in places}


def all_of(wanted, outcome):
    """That all of these checks of contracts said the same."""
    return {f"{contract.__name__}::{check}": outcome for contract, checks in wanted.items() for check in checks}


@pytest.mark.slow
@pytest.mark.threads
@pytest.mark.parametrize("contracts", CASES, ids=lambda several: f"{several[0].__name__} and others")
def test_every_broken_store_is_caught(contracts):
    """
    The checks that a broken store names fail for it, and not because it cannot be run.
    """
    wanted = {contract: contract.caught_by for contract in contracts}

    assert all_of(wanted, "failed") == run(wanted)


@pytest.mark.slow
@pytest.mark.threads
@pytest.mark.parametrize("contract", WHOLE, ids=lambda each: each.__name__)
def test_the_same_store_unbroken_passes(contract):
    """
    The checks that a broken store names pass for the same store unbroken.
    """
    wanted = {contract: sorted({check for made in BROKEN if whole(made) is contract for check in made.caught_by})}

    assert all_of(wanted, "passed") == run(wanted)


def test_a_store_without_batches_is_asked_what_is_durable(tmp_path):
    """
    A store that is durable after each commit never calls anybody later, and passes.
    """
    assert broken.TestWholeSavedStore().test_durable_when_called(tmp_path) is None


def test_there_are_many():
    """
    The contract is held against more than a few broken stores.
    """
    assert len(BROKEN) >= 15
