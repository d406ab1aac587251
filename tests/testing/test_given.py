"""
What newcomers hand to the kit by mistake, and what they are told.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import Phase, settings

from salesflow import Transition, guards, load_lifecycle
from salesflow.errors import InputError
from salesflow.guards import failed, guard
from salesflow.testing import (
    CheckedPipeline,
    InvariantError,
    NoRouteError,
    assert_always_before,
    assert_exits,
    assert_reachable,
    lifecycle_machine,
    project_in,
    rules,
)
from salesflow.typing import GuardUse

from ..cases import over_cases
from .planted import CODES, deal, plugin


DEAL = load_lifecycle("simple_deal")
LOADED = r"lifecycle: 'simple_deal' is not usable\. Pass a lifecycle from load_lifecycle\(\)"


def fine(project):
    return True


@over_cases(
    "call",
    [
        lambda: project_in("propose", "simple_deal"),
        lambda: lifecycle_machine("simple_deal"),
        lambda: lifecycle_machine(["simple_deal"]),
        lambda: assert_reachable("simple_deal"),
        lambda: assert_exits("simple_deal"),
        lambda: assert_always_before("simple_deal", "propose", "won"),
    ],
    ids=range(6),
)
def test_a_name_is_no_lifecycle(call):
    """Whoever passes the name is told to load it."""
    with pytest.raises(InputError, match=LOADED):
        call()


def test_no_lifecycle_at_all():
    """An empty list is refused as well."""
    with pytest.raises(InputError, match=r"lifecycle: \[\] is not usable"):
        lifecycle_machine([])


@over_cases(
    ("call", "says"),
    [
        (
            lambda: lifecycle_machine(DEAL, invariants=fine),
            r"invariants=: .*Pass a list, even for a single item: invariants=\[…\]",
        ),
        (lambda: lifecycle_machine(DEAL, rules=rules.never("won")), r"rules=: .*Pass a list"),
        (lambda: CheckedPipeline(DEAL, invariants=fine), r"invariants=: .*Pass a list"),
        (lambda: CheckedPipeline(DEAL, rules=rules.never("won")), r"rules=: .*Pass a list"),
    ],
    ids=range(4),
)
def test_one_is_no_list(call, says):
    """A single invariant or rule is refused where several are taken."""
    with pytest.raises(InputError, match=says):
        call()


def test_one_excuse_is_a_list():
    """A single name may stand for itself, and is no list of letters."""
    machine = lifecycle_machine(DEAL, may_not_take="win")

    assert frozenset({"win"}) == machine.excused


def test_excuses_are_read_once():
    """What can be read only once is not lost by being checked."""
    machine = lifecycle_machine(DEAL, may_not_take=iter(["win"]))

    assert frozenset({"win"}) == machine.excused


def test_nothing_is_held_outside_a_hold():
    """Which stage is interrupted can only be asked of a hold."""
    with pytest.raises(InputError, match=r"held=: 'qualify' is not usable\. Stage 'propose' is of kind 'active'"):
        project_in("propose", DEAL, held="qualify")


@over_cases(
    ("name", "says"),
    [
        ("guard:approval", r"guard in a rule: .*There are: contract_signed, fields_present"),
        ("elsewhere", r"stage or transition in a rule: .*There are: lose, lost"),
        ("guard:contract_sined", r"Did you mean 'contract_signed'"),
    ],
)
def test_a_name_that_is_not_there(name, says):
    """A proof lists the names there are where none is near."""
    with pytest.raises(InputError, match=says):
        assert_always_before(DEAL, name, "won")


@guard("planted.mute", codes=CODES)
def mute():
    """
    Refuse, and say nothing about what would help.
    """
    return lambda ctx: failed("planted.no", why="it says so")


def shut():
    win = Transition("win", "offer", "won", outcome="won", guards=[GuardUse("planted.mute")])
    lose = Transition("lose", ("lead", "offer"), "lost", kind="exit", guards=[GuardUse("planted.mute")])
    return deal(win, lose, plugins=(plugin(guards=(mute,)),))


def test_a_guard_without_remedy_is_named():
    """Where nothing says what would help, the guard is named."""
    with pytest.raises(
        NoRouteError, match=r"No remedy is named by planted\.mute\. Let the guard name one, or pass help="
    ):
        project_in("won", shut())


def test_a_remedy_that_does_not_help_is_another_matter():
    """Where a remedy was named, values are asked for."""
    low, high = guards.field_compare("amount", "le", "10 CNY"), guards.field_compare("amount", "ge", "20 CNY")
    with pytest.raises(NoRouteError, match="Pass values= or help="):
        project_in("won", deal(Transition("win", "offer", "won", guards=[low, high])))


@pytest.mark.slow
def test_time_that_nothing_waits_for_is_not_told():
    """A story leaves out the ticks at which nothing was due."""
    machine = lifecycle_machine(shut())
    case = machine.TestCase("runTest")
    case.settings = settings(case.settings, derandomize=True, phases=[Phase.generate])
    with pytest.raises(InvariantError) as caught:
        case.runTest()
    (story,) = [note for note in caught.value.__notes__ if "as Python:" in note]

    assert "every project can end" == caught.value.invariant
    assert "pipeline.tick" not in story


SUITE = """
from salesflow import load_lifecycle
from salesflow.testing import assert_never, lifecycle_machine

DEAL = load_lifecycle("simple_deal")
TestDeal = lifecycle_machine(DEAL, invariants=[lambda project: project.stage != "won"]).TestCase

def test_proof():
    assert_never(DEAL, "won")
"""


@pytest.mark.slow
def test_the_failure_is_not_buried(tmp_path):
    """Pytest shows the story, and no frame of the machine, of a proof or of Hypothesis."""
    (tmp_path / "test_it.py").write_text(SUITE, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False).stdout

    assert "2 failed" in said
    assert "as Python:" in said
    assert [] == [name for name in ("stateful.py:", "_invariants.py:", "_proofs.py:", "_checking.py:") if name in said]
