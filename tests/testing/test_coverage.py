"""
What a test run takes of a lifecycle, and what its guards say meanwhile.
"""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from salesflow import (
    Actor,
    Definition,
    Field,
    Pipeline,
    Stage,
    Transition,
    build_lifecycle,
    effects,
    guards,
    hookimpl,
)
from salesflow.errors import InputError, TransitionRefusedError
from salesflow.stores import MemoryStore
from salesflow.testing import NOW, lifecycle_coverage, project_in
from salesflow.typing import Cadence, Deadline, Spawn

from ..cases import over_cases


LEAD = Actor("li.wei", roles={"project_lead"})


def _cmp(op: str, number: int, **more: Any) -> Any:
    return guards.field_compare("seats", op, number).but(**more)


DEFINITION = Definition(
    "desk",
    fields=(Field("owner"), Field("seats", "integer"), Field("vip", "bool")),
    stages=(Stage("open", "open"), Stage("big"), Stage("small"), Stage("rest", "hold"), Stage("done", "closed")),
    transitions=(
        Transition("grow", "open", "big", trigger="sort", guards=(_cmp("ge", 10),)),
        Transition("shrink", "open", "small", trigger="sort", guards=(guards.fields_present("owner"),)),
        Transition(
            "finish",
            ("big", "small"),
            "done",
            guards=(
                guards.any_of(
                    guards.all_of(_cmp("ge", 5), _cmp("le", 8)),
                    guards.all_of(_cmp("ge", 20), _cmp("le", 30)).but(when={"vip": True}),
                    guards.fields_present("owner"),
                ).but(id="fits"),
                guards.fields_present("vip").but(severity="warn"),
            ),
        ),
        Transition("touch", "open", "$same"),
        Transition("hold", ("big", "small"), "rest", kind="hold"),
        Transition("resume", "rest", "$previous", kind="resume"),
    ),
)
DESK = build_lifecycle(DEFINITION)


def _pipeline(**more: Any) -> Pipeline:
    return Pipeline(DESK, actor=LEAD, clock=lambda: NOW, **more)


def _said(report: Any, transition: str) -> dict[str, set[str]]:
    return {guard.path: set(guard.seen) for guard in report.guards if guard.transition == transition}


def _fire(trigger: str, *, stage: str | None = None, **fields: Any) -> Pipeline:
    pipeline = _pipeline()
    if stage is None:
        pipeline.open("A", id="A", fields=fields)
    else:
        project_in(stage, DESK, pipeline=pipeline, id="A", at=NOW)
        pipeline.update("A", {"owner": None, **fields})
    with contextlib.suppress(TransitionRefusedError):
        pipeline.fire("A", trigger)
    return pipeline


def test_commits_are_taken():
    """
    A edge is taken when a move along it was committed, and counts from the stage it left.
    """
    with lifecycle_coverage(DESK) as seen:
        _fire("sort", seats=12)
    report = seen.report()

    assert [("grow", "open", "big")] == [
        (edge.transition, edge.source, edge.target) for edge in report.edges if edge.taken
    ]
    assert frozenset({"open", "big"}) == report.visited
    assert ("small", "rest", "done") == report.not_visited


def test_a_lost_commit_is_not_taken():
    """
    What the store refuses was not taken, and a repeated request is not taken again.
    """

    class Broken(MemoryStore):
        def commit(self, commit):
            if commit.appends and commit.appends[0].expected:
                raise OSError("full")
            return super().commit(commit)

    with lifecycle_coverage(DESK) as seen:
        pipeline = _pipeline(store=Broken())
        pipeline.open("A", id="A", fields={"seats": 12})
        with pytest.raises(OSError, match="full"):
            pipeline.fire("A", "sort")

    class Late(MemoryStore):
        def committed(self, key):
            """Does not know yet what another process is writing."""

    pipeline = _pipeline(store=Late())
    pipeline.open("A", id="A", fields={"seats": 12, "owner": "li.wei"})
    pipeline.fire("A", "touch", key="k")
    with lifecycle_coverage(DESK) as later:
        assert pipeline.fire("A", "touch", key="k").replayed

    assert ([], []) == (
        [edge for edge in seen.report().edges if edge.taken],
        [edge for edge in later.report().edges if edge.taken],
    )


def test_candidates_that_nobody_chose():
    """
    Of a trigger with several candidates, those that no decision chose are named; a edge back has no rival.
    """
    with lifecycle_coverage(DESK) as seen:
        _fire("sort", seats=12)
    report = seen.report()

    assert ["shrink"] == [edge.transition for edge in report.never_chosen]
    assert [0, 0] == [edge.rivals for edge in report.edges if edge.transition == "resume"]


def test_guards_of_passed_candidates():
    """
    What a guard said of a candidate counts also when another one was chosen.
    """
    with lifecycle_coverage(DESK) as seen:
        _fire("sort", seats=3, owner="li.wei")
    report = seen.report()

    assert {"field_compare": {"fail"}} == _said(report, "grow")
    assert {"fields_present": {"pass"}} == _said(report, "shrink")


def test_parts_of_combinators():
    """
    Each part of a combinator has statuses of its own, also where two look alike and one is skipped.
    """
    with lifecycle_coverage(DESK) as seen:
        _fire("finish", stage="big", seats=25, vip=False)
    first = _said(seen.report(), "finish")
    with lifecycle_coverage(DESK) as seen:
        _fire("finish", stage="big", seats=25, vip=True)
    second = _said(seen.report(), "finish")
    nested = {f"fits.any_of[{a}].all_of[{b}]" for a in (0, 1) for b in (0, 1)}

    assert nested | {"fits", "fits.any_of[0]", "fits.any_of[1]", "fits.any_of[2]", "fields_present"} == first.keys()
    assert ({"pass"}, {"fail"}) == (first["fits.any_of[0].all_of[0]"], first["fits.any_of[0].all_of[1]"])
    assert (set(), {"skipped"}) == (first["fits.any_of[1].all_of[0]"], first["fits.any_of[1]"])
    assert ({"pass"}, {"pass"}) == (second["fits.any_of[1].all_of[0]"], second["fits.any_of[1].all_of[1]"])
    assert ({"fail"}, {"pass"}) == (second["fits.any_of[0]"], second["fits"])


def test_a_skipped_combinator_joins_nothing():
    """
    A combinator of skipped parts is skipped like one that its own condition skips, and its parts are seen.
    """
    parts = [guards.fields_present(name).but(when={"vip": True}) for name in ("owner", "seats")]
    uses = guards.any_of(*parts), guards.any_of(*parts).but(when={"owner": "nobody"})
    ends = Transition("end", "open", "done", guards=uses)
    lifecycle = build_lifecycle(attrs.evolve(DEFINITION, transitions=(*DEFINITION.transitions, ends)))
    with lifecycle_coverage(lifecycle) as seen:
        pipeline = Pipeline(lifecycle, actor=LEAD, clock=lambda: NOW)
        pipeline.open("A", id="A", fields={"vip": False, "owner": "li.wei"})
        pipeline.decide("A", "end")

    assert {
        "any_of": {"skipped"},
        "any_of.any_of[0]": {"skipped"},
        "any_of.any_of[1]": {"skipped"},
        "any_of_2": {"skipped"},
        "any_of_2.any_of[0]": set(),
        "any_of_2.any_of[1]": set(),
    } == _said(seen.report(), "end")


def test_unknown_is_neither():
    """
    A guard that could not tell is seen as unknown, which counts for nothing.
    """
    with lifecycle_coverage(DESK) as seen:
        _fire("sort", owner="li.wei")
    report = seen.report()

    assert {"field_compare": {"unknown"}} == _said(report, "grow")
    assert 2 == report.covered  # the edge and the pass of fields_present


def test_bound_objects_count():
    """
    A move of a host's own object is a move.
    """

    @attrs.define
    class Deal:
        status: str = "open"
        seats: int = 12
        owner: str = ""
        vip: bool = False
        before: str | None = None

    with lifecycle_coverage(DESK) as seen:
        bound = DESK.bind(
            Deal, stage="status", fields={"seats": "seats", "owner": "owner", "vip": "vip"}, previous="before"
        )
        bound.fire(Deal(), "sort", actor=LEAD, at=NOW)

    assert [("grow", True)] == [(edge.transition, edge.taken) for edge in seen.report().edges[:1]]


def test_spawned_projects_stand_somewhere():
    """
    A project that a transition opens stands in its first stage.
    """
    twin = build_lifecycle(attrs.evolve(DEFINITION, id="twin"))
    spawning = Transition("again", "open", kind="spawn", spawn=Spawn("twin"))
    parent = build_lifecycle(attrs.evolve(DEFINITION, transitions=(*DEFINITION.transitions, spawning)))
    with lifecycle_coverage(twin) as seen:
        pipeline = Pipeline([twin, parent], actor=LEAD, clock=lambda: NOW)
        pipeline.open("A", id="A")
        pipeline.fire("A", "again")

    assert frozenset({"open"}) == seen.report().visited


def test_other_lifecycles_are_left_out():
    """
    Another id or version is another lifecycle; one that was changed under the same names counts as far as it fits.
    """
    newer = build_lifecycle(attrs.evolve(DEFINITION, version="2"))
    fewer = build_lifecycle(
        attrs.evolve(
            DEFINITION,
            transitions=(
                attrs.evolve(DEFINITION.transitions[0], guards=()),
                Transition("skip", "open", "small"),
                *DEFINITION.transitions[2:],
            ),
        )
    )
    with lifecycle_coverage(DESK) as seen:
        for lifecycle, trigger in ((newer, "sort"), (fewer, "skip"), (fewer, "sort")):
            pipeline = Pipeline(lifecycle, actor=LEAD, clock=lambda: NOW)
            pipeline.open("A", id="A", fields={"seats": 12})
            pipeline.fire("A", trigger)
    report = seen.report()

    assert ["grow"] == [edge.transition for edge in report.edges if edge.taken]
    assert {"field_compare": set()} == _said(report, "grow")


def test_a_guard_may_decide():
    """
    What a guard decides itself does not get mixed up with what it is asked.
    """
    inner = build_lifecycle(attrs.evolve(DEFINITION, id="inner"))
    other = Pipeline(inner, actor=LEAD, clock=lambda: NOW)
    project_in("big", inner, pipeline=other, id="B", at=NOW)
    other.update("B", {"seats": 6, "vip": True})

    @guards.guard("asks.another", codes={})
    def asks():
        def check(ctx):
            other.decide("B", "finish")
            return ()  # nothing is wrong

        return check

    class Asking:
        name = "asks"

        @hookimpl
        def salesflow_guards(self):
            return (asks,)

    ends = Transition("end", "open", "done", guards=(guards.any_of(asks(), guards.fields_present("owner")),))
    outer = attrs.evolve(DEFINITION, transitions=(*DEFINITION.transitions, ends))
    lifecycle = build_lifecycle(outer, plugins=[Asking()])
    with lifecycle_coverage(lifecycle) as seen, lifecycle_coverage(inner) as within:
        pipeline = Pipeline(lifecycle, actor=LEAD, clock=lambda: NOW)
        pipeline.open("A", id="A")
        pipeline.fire("A", "end")

    assert {"any_of": {"pass"}, "any_of.any_of[0]": {"pass"}, "any_of.any_of[1]": {"fail"}} == _said(
        seen.report(), "end"
    )
    assert {"pass"} == _said(within.report(), "finish")["fits.any_of[0].all_of[1]"]


def test_nothing_is_kept_too_long():
    """
    A guard that passed and fails later is seen failing, and the same move again adds nothing.
    """
    with lifecycle_coverage(DESK) as seen:
        pipeline = _pipeline()
        for seats in (12, 12, 3, 12, 3):
            project = pipeline.open("A", fields={"seats": seats})
            pipeline.decide(project.id, "sort")
    report = seen.report()

    assert {"field_compare": {"pass", "fail"}} == _said(report, "grow")
    assert {"fields_present": {"fail"}} == _said(report, "shrink")


@pytest.mark.threads
def test_threads_count():
    """
    Every thread is watched, each with its own combinators.
    """
    with lifecycle_coverage(DESK) as seen:
        threads = [
            threading.Thread(target=_fire, args=("finish",), kwargs={"stage": "big", "seats": seats, "owner": "x"})
            for seats in (6, 10, 25, 40)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    said = _said(seen.report(), "finish")

    assert {"pass", "fail"} == said["fits.any_of[0]"]
    assert {"pass"} == said["fits.any_of[2]"]


def test_nothing_else_can_be_watched():
    """
    What is no lifecycle is refused with the next step.
    """
    with pytest.raises(InputError, match=r"load_lifecycle\(\) or load_definition\(\)"), lifecycle_coverage("desk"):
        pass


NAMES = ("one", "two", "three")
LEAVES = st.sampled_from(NAMES).map(guards.fields_present)
CONDITIONS = st.sampled_from((None, {"vip": True}, {"vip": False}))


def _joined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    joins = st.sampled_from((guards.all_of, guards.any_of, guards.none_of))
    made = st.builds(lambda join, uses: join(*uses), joins, st.lists(parts, min_size=1, max_size=3))
    return st.builds(lambda use, when: use.but(when=when), made, CONDITIONS)


USES = st.recursive(st.builds(lambda use, when: use.but(when=when), LEAVES, CONDITIONS), _joined, max_leaves=8)


def _expected(path: str, use: Any, given: set[str], *, vip: bool) -> dict[str, set[str]]:
    """What each part says, told from the definition alone; of what was skipped whole, only that."""
    if use.when is not None and use.when.value is not vip:
        return {path: {"skipped"}}
    if not use.guards:
        return {path: {"pass" if set(use.params["fields"]) <= given else "fail"}}
    paths = [f"{path}.{use.use}[{number}]" for number in range(len(use.guards))]
    told = [_expected(each, part, given, vip=vip) for each, part in zip(paths, use.guards, strict=True)]
    parts = {status for each, said in zip(paths, told, strict=True) for status in said[each]} - {"skipped"}
    if not parts:
        return {path: {"skipped"}, **({} if use.when else {key: said for each in told for key, said in each.items()})}
    fine = {"all_of": parts == {"pass"}, "any_of": "pass" in parts, "none_of": parts == {"fail"}}[use.use]
    return {path: {"pass" if fine else "fail"}, **{key: said for each in told for key, said in each.items()}}


@settings(deadline=None)
@given(st.lists(USES, min_size=1, max_size=3), st.sets(st.sampled_from(NAMES)), st.booleans())
def test_every_part_is_told_apart(uses, given_fields, vip):
    """
    However combinators are nested and alike, each part gets the status that it had, and the answer is the same.
    """
    numbered = [use.but(id=f"use_{number}") for number, use in enumerate(uses)]
    lifecycle = build_lifecycle(
        Definition(
            "nest",
            fields=(*map(Field, NAMES), Field("vip", "bool")),
            stages=(Stage("open", "open"), Stage("done", "closed")),
            transitions=(Transition("end", "open", "done", guards=tuple(numbered)),),
        )
    )
    pipeline = Pipeline(lifecycle, actor=LEAD, clock=lambda: NOW)
    project = pipeline.open("A", fields={"vip": vip, **dict.fromkeys(given_fields, "x")})
    plain = pipeline.decide(project.id, "end")
    with lifecycle_coverage(lifecycle) as seen:
        watched = pipeline.decide(project.id, "end")
    told = {path: said for path, said in _said(seen.report(), "end").items() if said}
    expected: dict[str, set[str]] = {}
    for use in numbered:
        expected |= _expected(use.id, use, given_fields, vip=vip)

    assert plain.verdicts == watched.verdicts
    assert expected == told


NOTED = effects.set_field("note", "late")
TIMED = build_lifecycle(
    Definition(
        "timed",
        fields=(Field("note"),),
        stages=(
            Stage("open", "open", deadlines=[Deadline("rot", "5d", effects=[NOTED]), Deadline("rest", "9d")]),
            Stage("done", "closed"),
        ),
        transitions=(Transition("finish", "open", "done", effects=[NOTED]),),
    )
)


def _timed(report: Any) -> tuple[list[str], list[str]]:
    return (
        [f"{each.stage}.{each.deadline}" for each in report.deadlines if each.passed],
        [f"{each.owner} {each.effect}" for each in report.effects if each.ran],
    )


@over_cases(
    ("days", "trigger", "passed", "ran"),
    [
        (0, None, [], []),
        (6, None, ["open.rot"], ["open.rot set_field"]),
        (10, None, ["open.rot", "open.rest"], ["open.rot set_field"]),
        (0, "finish", [], ["finish set_field"]),
    ],
)
def test_deadlines_and_effects_count(days, trigger, passed, ran):
    """
    A deadline counts once it passed, and an effect once its move was committed or its deadline passed.
    """
    pipeline = Pipeline(TIMED, actor=LEAD, clock=lambda: NOW)
    with lifecycle_coverage(TIMED) as seen:
        pipeline.open("A", id="A")
        pipeline.tick(NOW + timedelta(days=days), ahead=True)
        if trigger is not None:
            pipeline.fire("A", trigger)
    report = seen.report()

    assert (passed, ran) == _timed(report)
    assert (len(passed) + len(ran) + (trigger is not None), 1 + 2 + 2) == (report.covered, report.total)


def test_a_deadline_that_was_recorded_late_does_not_count():
    """
    Its effects did not run.
    """
    pipeline = Pipeline(TIMED, actor=LEAD, clock=lambda: NOW)
    with lifecycle_coverage(TIMED) as seen:
        pipeline.open("A", id="A")
        pipeline.fire("A", "finish", at=NOW + timedelta(days=6), ahead=True)
        pipeline.tick(NOW + timedelta(days=7), ahead=True)

    assert ([], ["finish set_field"]) == _timed(seen.report())


def test_the_effects_of_missed_slots_count():
    """
    They ran once a slot was missed while somebody looked; their owner is the cadence.
    """
    daily = Cadence("daily", "daily 08:00", met_by={"review": "daily"}, on_missed=[NOTED])
    watched = build_lifecycle(attrs.evolve(TIMED.definition, cadences=[daily]))
    pipeline = Pipeline(watched, actor=LEAD, clock=lambda: NOW)
    found = []
    for days in (0, 3):
        with lifecycle_coverage(watched) as seen:
            pipeline.open("A", id=f"A-{days}")
            pipeline.tick(NOW + timedelta(days=days), ahead=True)
        found.append(_timed(seen.report())[1])

    assert [[], ["daily set_field"]] == found
