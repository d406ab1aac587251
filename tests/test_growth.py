"""
Cost grows with the size of what is handed in, not with its square: counted in calls, so that no clock decides.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

import salesflow as sf
from salesflow import guards
from salesflow.errors import DefinitionError, InputErrors
from salesflow.exchange import load_mapping

from .cases import over_cases


def steps(run: Callable[[], object]) -> int:
    """How many functions are called while *run* runs, those in C included."""
    count = 0

    def step(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count


def chain(size: int, *, exit_at: str | None, holds: int = 0) -> sf.Definition:
    """A lifecycle of *size* stages in a row, each with a way back; without an exit nobody gets out."""
    names = [f"s{number}" for number in range(size)]
    stages = [sf.Stage(name, "active" if number else "open") for number, name in enumerate(names)]
    resting = [sf.Stage(f"rest{number}", "hold") for number in range(holds)]
    ways = [sf.Transition(f"go{number}", names[number], names[number + 1]) for number in range(size - 1)]
    ways += [sf.Transition(f"back{number}", names[number], names[0], kind="loop") for number in range(1, size)]
    for number in range(holds):
        source = f"rest{number - 1}" if number else names[0]
        ways.append(sf.Transition(f"hold{number}", source, f"rest{number}", kind="hold"))
        ways.append(sf.Transition(f"resume{number}", f"rest{number}", "$previous", kind="resume"))
    if exit_at is not None:
        ways.append(sf.Transition("win", names[-1], exit_at))
    return sf.Definition("long", stages=[*stages, *resting, sf.Stage("won", "won")], transitions=ways)


@pytest.mark.slow
@over_cases(
    ("exit_at", "holds"),
    [
        pytest.param("won", 0, id="a way out"),
        pytest.param(None, 0, id="no way out"),
        pytest.param("won", 1, id="holds"),
    ],
)
def test_checking_a_definition_is_linear(exit_at, holds):
    """
    Twice the stages take about twice the steps, whether the graph is sound or not.
    """
    small, large = (chain(size, exit_at=exit_at, holds=holds * size // 20) for size in (100, 200))
    sf.check_definition(chain(10, exit_at=exit_at))  # what is loaded at first use is loaded
    ratio = steps(lambda: sf.check_definition(large)) / steps(lambda: sf.check_definition(small))

    assert 2.4 > ratio


def shared(count: int) -> sf.Definition:
    """A lifecycle of many stages with a hold and an exit from everywhere, and as many rules, each in the next one."""
    rules = {"rule_0": [guards.reason_given("why")]}
    rules |= {f"rule_{n}": [guards.rules(f"rule_{n - 1}").but(id="r")] for n in range(1, 20)}
    rules |= {f"other_{n}": [guards.any_of(guards.rules("rule_19"))] for n in range(count)}
    given = chain(count, exit_at="won")
    ways = [
        sf.Transition(f"go{n}", f"s{n}", f"s{n + 1}", guards=[guards.rules(f"other_{n}")]) for n in range(count - 1)
    ]
    ways += [
        sf.Transition("pause", "*", "rest", kind="hold", except_=[f"s{n}" for n in range(count // 2)]),
        sf.Transition("resume", "rest", "$previous", kind="resume"),
        sf.Transition("win", "*", "won", guards=[guards.rules(f"other_{count - 1}")]),
    ]
    stages = [*given.stages, sf.Stage("rest", "hold")]
    return sf.Definition("shared", fields=[sf.Field("why")], rules=rules, stages=stages, transitions=ways)


@pytest.mark.slow
def test_writing_out_is_linear():
    """
    Twice the stages and rules take about twice the steps to write out, check and build.
    """
    small, large = shared(100), shared(200)
    sf.build_lifecycle(shared(10))
    ratio = steps(lambda: sf.build_lifecycle(large)) / steps(lambda: sf.build_lifecycle(small))

    assert ((), 100) == (sf.check_definition(large).faults, len(sf.build_lifecycle(large).transition("pause").source))
    assert 2.4 > ratio


def test_a_star_has_a_bound():
    """
    Many transitions from everywhere are refused before they are written out.
    """
    given = chain(400, exit_at="won")
    ways = [*given.transitions, *(sf.Transition(f"end{n}", "*", "won") for n in range(300))]
    written = sf.Definition("long", stages=given.stages, transitions=ways)
    faults = sf.check_definition(written).faults

    assert [("", "definition.size")] == [(each.path, each.code) for each in faults]


def misspelt(count: int, *, kind: str) -> sf.Definition:
    """A lifecycle with many names of one kind, each of them misspelt where it is used."""
    stages = [sf.Stage("start", "open"), sf.Stage("done", "won")]
    ways = [sf.Transition("go", "start", "done")]
    fields = []
    if kind == "stages":
        stages += [sf.Stage(f"stage_number_{number}") for number in range(count)]
        ways += [sf.Transition(f"go_{number}", "start", f"stage_nummer_{number}") for number in range(count)]
    else:
        fields = [sf.Field(f"field_number_{number}") for number in range(count)]
        asked = [guards.fields_present(f"field_nummer_{number}") for number in range(count)]
        ways = [sf.Transition("go", "start", "done", guards=asked)]
    return sf.Definition("long", fields=fields, stages=stages, transitions=ways)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["stages", pytest.param("fields", marks=pytest.mark.deep)])
def test_suggestions_have_a_bound(kind):
    """
    What is suggested for misspelt names costs no more than so much, however many there are; the first ones have it.
    """
    small, large = misspelt(300, kind=kind), misspelt(600, kind=kind)
    reports = []
    ratio = steps(lambda: reports.append(sf.check_definition(large))) / steps(lambda: sf.check_definition(small))
    hints = [fault.hint for fault in reports[0].faults if "numm" in fault.problem]

    assert (600, True) == (len(hints), 2.4 > ratio)
    assert ("Did you mean" in hints[0], "Did you mean" in hints[-1]) == (True, False)


@pytest.mark.slow
def test_many_unknown_fields():
    """
    Each unknown field of a call is named; suggestions stop when they have cost enough.
    """
    lifecycle = sf.build_lifecycle(
        sf.Definition(
            "wide",
            fields=[sf.Field(f"field_number_{number}") for number in range(300)],
            stages=[sf.Stage("start", "open"), sf.Stage("done", "won")],
            transitions=[sf.Transition("go", "start", "done")],
        )
    )
    with pytest.raises(InputErrors) as caught:
        lifecycle.changes({f"field_nummer_{number}": "x" for number in range(300)})
    messages = [str(problem) for problem in caught.value.problems]

    assert (300, True, False) == (len(messages), "Did you mean" in messages[0], "Did you mean" in messages[-1])


def wide(count: int) -> sf.Lifecycle:
    """A lifecycle of many stages side by side, and as many fields."""
    names = [f"stage_number_{number}" for number in range(count)]
    ways = [sf.Transition(f"to_{name}", "start", name) for name in names]
    ways += [sf.Transition(f"end_{name}", name, "done") for name in names]
    return sf.build_lifecycle(
        sf.Definition(
            "wide",
            fields=[sf.Field(f"field_number_{number}") for number in range(count)],
            stages=[sf.Stage("start", "open"), *map(sf.Stage, names), sf.Stage("done", "won")],
            transitions=ways,
        )
    )


def mapping(count: int, word: str) -> dict[str, object]:
    """A mapping that names every stage and field, rightly or misspelt."""
    names = [f"stage_{word}_{number}" for number in range(count)]
    first = {"stage": "start", "column": "on"}
    return {
        "schema": 1,
        "kind": "snapshot",
        "project": {"id": {"column": "id"}},
        "actor": {"when_missing": "crm"},
        "stage": {"column": "stage", "values": {name: name for name in names}},
        "time": {"formats": ["%Y-%m-%d"]},
        "paths": {name: [first, {"stage": name, "column": "on"}] for name in names},
        "fields": {f"field_{word}_{number}": {"column": "x"} for number in range(count)},
    }


def read_mapping(count: int, word: str, lifecycle: sf.Lifecycle) -> str:
    """What is said of a mapping; empty for a good one."""
    try:
        load_mapping(mapping(count, word), lifecycle=lifecycle)
    except DefinitionError as error:
        return str(error)
    return ""


@pytest.mark.long
@pytest.mark.untraced
@pytest.mark.parametrize("word", ["number", pytest.param("nummer", marks=pytest.mark.deep)])
def test_reading_a_mapping_is_linear(word):
    """
    Twice the mapping takes about twice the steps, and says at most about twice as much, whether it is right or wrong.
    """
    lifecycles = {size: wide(size) for size in (200, 400)}
    read_mapping(10, word, lifecycles[200])  # what is loaded at first use is loaded
    said = []
    taken = [
        steps(lambda size=size: said.append(len(read_mapping(size, word, lifecycles[size])))) for size in lifecycles
    ]

    assert 2.4 * taken[0] > taken[1]
    assert 2.4 * said[0] >= said[1]
