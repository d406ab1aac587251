"""
The kit proves itself: every planted fault is found, and the story that is told of it shows it again.
"""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import Phase, settings

from salesflow.testing import InvariantError, lifecycle_machine

from .planted import FAULTS


pytestmark = pytest.mark.slow


# No call is at fault, so no story shows it.
WITHOUT_STORY = ("every transition can be taken", "a decision has no memory", "a decision is the same everywhere")


# Each takes seconds, and is one more of a kind that a fault of every day has.
DEEP = (
    "window_that_never_opens",
    "approval_that_nobody_may_give",
    "candidate_that_is_never_chosen",
    "remedy_that_does_not_cure",
    "field_that_is_raised_later",
    "approval_by_a_role_too_low",
    "override_of_what_was_met_before",
    "approval_that_grows_old",
    "guard_that_fails_when_its_time_has_run_out",
    "loop_with_one_round_too_many",
    "loops_that_use_each_other_up",
    "guard_that_lists_a_set",
    "guard_that_reads_the_zone_of_the_machine",
    "guard_that_remembers_until_it_is_built_again",
)
# Each takes seconds, and covers no line that the others do not.
LONG = (
    "override_that_voids_an_invariant",
    "gate_that_contradicts_itself",
    "guard_that_remembers_other_projects",
    "guard_that_hashes_a_text",
)


def case(name):
    """A fault as a case; the long ones do not count for coverage, and the deep ones run with the deep tests."""
    marks = pytest.mark.deep if name in DEEP else () if name in LONG else pytest.mark.traced
    return pytest.param(name, marks=marks)


CASES = [case(name) for name in FAULTS]


def failure(make, *, phases=(Phase.generate,)):
    """
    Run the machine at the settings that everybody has, and return how it fails.
    """
    made = make()
    machine = lifecycle_machine(made.pop("lifecycle"), **made)
    case = machine.TestCase("runTest")
    case.settings = settings(case.settings, max_examples=100, derandomize=True, phases=phases)
    with pytest.raises(InvariantError) as caught:
        case.runTest()
    return caught.value


def story_of(error: BaseException) -> str:
    notes = [note for note in error.__notes__ if "as Python:" in note]
    assert 1 == len(notes)
    return dedent(notes[0].partition("as Python:\n\n")[2])


@pytest.mark.parametrize("name", CASES)
def test_a_planted_fault_is_found(name):
    """It is named by the invariant it breaks and by what was seen, and its story, run as printed, breaks it again."""
    make, words = FAULTS[name]
    error = failure(make)

    assert words[0] == error.invariant
    assert [] == [word for word in words if word not in str(error)]
    if words[0] in WITHOUT_STORY:
        return
    again = make()
    with pytest.raises(InvariantError) as caught:
        exec(story_of(error), {"help": None, **again})

    assert error.invariant == caught.value.invariant


def test_the_story_is_short():
    """Nothing is told that the fault does not need."""
    error = failure(FAULTS["field_that_is_cleared_later"][0], phases=(Phase.generate, Phase.shrink))
    told = [line.partition("(")[0] for line in story_of(error).splitlines() if line.startswith("pipeline.")]

    assert ["pipeline.open", "pipeline.update", "pipeline.fire", "pipeline.update"] == told
