"""
Whether the cost of a ``fire`` grows with projects, history or dossier, and how long a build takes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from time import perf_counter

import _selling
from _timing import BAR_HEAD, Contender, bar, begin, race, table

import salesflow as sf
from salesflow import dossier, guards
from salesflow.stores import MemoryStore
from salesflow.typing import GuardUse


ROUNDS = 15
SAMPLE = 100
FLAT = 1.25
"""How much the larger may cost beside the smaller before it is called growth; caches get colder too."""

Subject = tuple[sf.Pipeline, str]


def rest(subject: Subject) -> None:
    """
    Take a project out of negotiation and back: two fires.
    """
    pipeline, project_id = subject
    pipeline.fire(project_id, "hold")
    pipeline.fire(project_id, "resume")


def negotiating(pipeline: sf.Pipeline, project_ids: Sequence[str]) -> list[Subject]:
    """
    Move projects to where they can rest.
    """
    for project_id in project_ids:
        for trigger in ("qualify", "propose", "negotiate"):
            pipeline.fire(project_id, trigger)
    return [(pipeline, project_id) for project_id in project_ids]


def fresh(*uses: GuardUse) -> sf.Pipeline:
    """
    Return a pipeline over a new store; *uses* are the guards of each transition.
    """
    return _selling.seller_pipeline(MemoryStore(), _selling.lifecycle_with(*uses))


def same(name: str, subjects: list[Subject]) -> Contender:
    """
    Return a contender that works on the same subjects in every round.
    """
    return Contender(name, lambda count: [subjects[n % len(subjects)] for n in range(count)], rest, 2, SAMPLE)


def with_projects(count: int) -> Contender:
    """
    A store of *count* projects, of which some, spread evenly, are moved.
    """
    pipeline = fresh()
    project_ids = _selling.open_deals(pipeline, count)
    return same(f"{count:,} projects", negotiating(pipeline, project_ids[:: count // SAMPLE]))


def short_history() -> Contender:
    """
    New projects of ten facts in each round, so that they stay short.
    """

    def prepare(count: int) -> list[Subject]:
        pipeline = fresh()
        subjects = negotiating(pipeline, _selling.open_deals(pipeline, count))
        for subject in subjects * 3:
            rest(subject)
        return subjects

    return Contender("10 facts of history", prepare, rest, 2, SAMPLE)


def long_history(facts: int) -> Contender:
    """
    One project that has rested very often.
    """
    pipeline = fresh()
    subjects = negotiating(pipeline, _selling.open_deals(pipeline, 1))
    for subject in subjects * ((facts - 4) // 2):
        rest(subject)
    return same(f"{facts:,} facts of history", subjects)


def with_entries(count: int, *, guarded_kind: bool = False) -> Contender:
    """
    A project with a big dossier of tasks and one artefact, which the guard asks for.

    With *guarded_kind* the dossier is big in artefacts instead: the guard counts all of them.
    """
    pipeline = fresh(guards.artefact_exists("artefact_0"))
    (project_id,) = _selling.open_deals(pipeline, 1)
    pipeline.add(project_id, dossier.Artefact("artefact_0", digest="sha256:0"))
    for number in range(1, count):
        one = f"artefact_{number}" if guarded_kind else f"task-{number}"
        entry = dossier.Artefact(one, digest="sha256:0") if guarded_kind else dossier.Task(one, "Call")
        pipeline.add(project_id, entry)
    what = "artefacts, counted by the guard" if guarded_kind else "entries"
    return same(f"{count:,} {what}", negotiating(pipeline, [project_id]))


def large(stages: int, transitions: int) -> sf.Definition:
    """
    Return a lifecycle in which each stage leads to the ones after it.
    """
    each = transitions // (stages - 1) + 1
    pairs = [(here, here + step) for step in range(1, each + 1) for here in range(stages - 1) if here + step < stages]
    return sf.Definition(
        "large",
        fields=_selling.definition().fields,
        stages=[sf.Stage(f"s{number}", "won" if number == stages - 1 else "active") for number in range(stages)],
        transitions=[
            sf.Transition(f"t{here}_{there}", f"s{here}", f"s{there}", guards=[guards.fields_present("amount")])
            for here, there in pairs[:transitions]
        ],
    )


def build_time(written: sf.Definition) -> float:
    """
    Return the milliseconds of the fastest of three builds.
    """
    taken = []
    for _ in range(3):
        began = perf_counter()
        sf.build_lifecycle(written)
        taken.append(1000 * (perf_counter() - began))
    return min(taken)


def main(rounds: int = ROUNDS) -> None:
    """
    Print microseconds a fire in pairs of small and large, and the build times.
    """
    begin("scaling: one fire, small beside large")
    pairs = [
        (with_projects(1_000), with_projects(100_000)),
        (short_history(), long_history(10_000)),
        (with_entries(2), with_entries(5_000)),
    ]
    counting = with_entries(5_000, guarded_kind=True)
    timings = race([*(one for pair in pairs for one in pair), counting], rounds)
    table(
        f"µs a fire, {rounds} rounds",
        ("with", "best", "median"),
        [(name, f"{one.best:.2f}", f"{one.median:.2f}") for name, one in timings.items()],
    )
    table(
        "large / small",
        BAR_HEAD,
        [bar(f"{b.name} / {a.name}", timings[b.name].best / timings[a.name].best, FLAT) for a, b in pairs],
    )
    print("\n  A guard that looks at all entries of a kind is linear in them; that is not the engine's cost.")
    built = {"6 stages, 7 transitions": _selling.definition(), "200 stages, 2,000 transitions": large(200, 2_000)}
    rows = [(name, f"{build_time(written):.1f}") for name, written in built.items()]
    table("ms to build a lifecycle", ("lifecycle", "best of 3"), rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
