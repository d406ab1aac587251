"""
The contracts of guards and plugins can fail: each broken one is caught by the checks it names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from salesflow import guards
from salesflow.testing import GuardContract, PluginContract

from . import planted_guards


PLANTED = [made for made in vars(planted_guards).values() if "caught_by" in getattr(made, "__dict__", ())]


# One for each check that can fail, and the sound ones; the others fail the same checks in other ways.
SEEN: set[str] = set()
CASES = []
for made in PLANTED:
    new = set(made.caught_by) - SEEN
    SEEN |= new
    CASES.append(pytest.param(made, marks=[] if new or not made.caught_by else pytest.mark.deep))


def checks(contract: type[Any]) -> list[str]:
    return [name for name in dir(contract) if name.startswith("test_")]


def failing(contract: type[Any], names: Iterable[str]) -> set[str]:
    """Which of these checks of a contract fail."""
    found = set()
    for name in names:
        try:
            getattr(contract(), name)()
        except Exception:  # noqa: BLE001 -- what a broken one raises is as good a catch
            found.add(name)
    return found


@pytest.mark.slow
@pytest.mark.traced
@pytest.mark.parametrize("contract", CASES, ids=lambda made: made.__name__)
def test_each_is_caught(contract):
    """A broken guard or plugin fails the checks that it names, and one that is not broken fails none."""
    caught_by = set(contract.caught_by)

    assert caught_by == failing(contract, caught_by or checks(contract))


def test_every_check_can_fail():
    """Each check of both contracts is failed by something that was broken for it."""
    named = {check for made in PLANTED for check in made.caught_by}

    assert {*checks(GuardContract), *checks(PluginContract)} == named


def test_a_contract_needs_a_guard():
    """A contract without a guard says what it needs."""

    class Nothing(GuardContract):
        pass

    class Without(GuardContract):
        guard = guards.approval

    with pytest.raises(TypeError, match="needs guard"):
        Nothing().test_is_total()
    with pytest.raises(TypeError, match=r"Without needs use = approval\(…\): approval\(\) missing a required argument"):
        Without().test_is_total()
