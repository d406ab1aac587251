"""
``lifecycle_machine``: a state machine of Hypothesis that looks for the illegal path of a lifecycle.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias
from unittest import TestCase

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from ..._lifecycle.lifecycle import Lifecycle
from ..._model.frozen import EMPTY
from ..._model.values import Actor
from ...errors import InputError, nearest, say
from ...stores import MemoryStore
from ...typing import Store
from .._given import functions, listed, some_lifecycles
from .._navigate.context import Help, Means
from .._rules.rule import Rule
from .._store.facts import NOW
from .._store.generated import NO_HURRY
from .elsewhere import Questions
from .invariants import Invariant, InvariantError
from .kit import Kit, OwnStep
from .moves import Prover
from .passes import PASSES


StoreFactory: TypeAlias = Callable[[], Store] | Callable[[Path], Store]
"""
Opens an empty store. One that takes a folder is given a new one for each example, and is called
again with the same folder to open what is there.
"""

_STEPS: Final = 12
# A walk through many gates is one long step.
_CHECKS: Final = (*NO_HURRY, HealthCheck.filter_too_much, HealthCheck.nested_given)


def lifecycle_machine(
    lifecycle: Lifecycle | Sequence[Lifecycle],
    *,
    invariants: Iterable[Invariant] = (),
    rules: Iterable[Rule] = (),
    steps: Iterable[OwnStep] = (),
    actors: Iterable[Actor] | None = None,
    store: StoreFactory = MemoryStore,
    crash: Callable[[Store], Any] | None = None,
    fields: Mapping[str, Any] = EMPTY,
    values: Mapping[str, Any] | None = None,
    help: Help | None = None,  # noqa: A002 -- what it is
    expect_all: bool = True,
    may_not_take: str | Iterable[str] = (),
    must_end: bool = True,
    at: datetime = NOW,
) -> type[Prover]:
    """
    Return a state machine that proves a lifecycle.

    Give its test case a name that your test runner looks for: ``TestMine = lifecycle_machine(deal).TestCase``.

    It walks projects through every gate by reading remedies, fires what is not ready, edits fields
    and entries, lets time pass, races a second pipeline, repeats calls and opens the store again. After
    every call it checks what must always hold. A failure ends with the shortest story that was found, as
    Python that runs.

    Args:
        lifecycle: one, or several if it spawns others; the last lifecycle is tested.
        invariants: functions of a project, called after every commit: they return ``False`` or
            raise ``AssertionError`` where something is wrong, and are named in the failure.
        rules: rules of :mod:`salesflow.testing.rules`, checked over every history.
        steps: what your program also does to projects: functions of the pipeline, a project and the time, which are
            called among the steps of the machine; a refusal in them is not a failure.
        actors: all people; without them people are made up, with the roles they need.
        store: see :data:`StoreFactory`.
        crash: lets go of an open store as a dying process would.
        fields: what every project is opened with.
        values, help: for guards whose remedies lack a value; see :func:`project_in`.
        expect_all: whether a transition that could not be taken is a failure.
        may_not_take: transitions of which that is known.
        must_end: whether every project must be able to reach a final stage, wherever it got to.
        at: when the first project is opened.

    Raises:
        InputError: for something that is not a lifecycle, and for a name in *may_not_take* that is not a transition.
    """
    known = some_lifecycles(lifecycle)
    excused = _excused(known[-1], may_not_take, expect_all=expect_all)
    functions("store=", [store])
    functions("crash=", [] if crash is None else [crash])
    means = Means.of(known[-1], values=values, help=help, actors=actors)
    options = {
        "invariants": functions("invariants=", invariants),
        "rules": listed("rules=", rules),
        "crash": crash,
        "help": help,
        "values": means.values,
        "actors": means.actors,
    }
    own, scope = functions("steps=", steps), _scope()
    kit = Kit(known, means, options, own, store=store, fields=fields, must_end=must_end, at=at, scope=scope)
    return _made(kit, excused)


def _scope() -> Mapping[str, Any]:
    """
    Return the names of the module that makes the machine.
    """
    frame: Any = inspect.currentframe()  # CPython has frames
    while frame.f_globals["__name__"].startswith("salesflow."):
        frame = frame.f_back
    found: Mapping[str, Any] = frame.f_globals
    return found


def _excused(lifecycle: Lifecycle, may_not_take: str | Iterable[str], *, expect_all: bool) -> frozenset[str]:
    """
    Return the transitions that need not be taken.
    """
    names = [one.id for one in lifecycle.transitions]
    known_shut = (may_not_take,) if isinstance(may_not_take, str) else tuple(may_not_take)
    for name in known_shut:
        if name not in names:
            raise InputError("may_not_take=", name, say("input.look_up", known=names, near=nearest(name, names)))
    return frozenset(known_shut if expect_all else names)


def _made(kit: Kit, excused: frozenset[str]) -> type[Prover]:
    name = f"{kit.lifecycle.id.title().replace('_', '')}Machine"
    counts = {each: Counter[str]() for each in ("taken", "tried", "roles")}
    machine: type[Prover] = type(name, (Prover,), {"kit": kit, "excused": excused, "questions": Questions(), **counts})
    machine.TestCase = _test_case(machine)  # type: ignore[assignment]
    return machine


def _test_case(proved: type[Prover]) -> type[TestCase]:
    """
    Return the test of a machine, with the settings of a default run.
    """
    chosen = settings(
        deadline=None,
        suppress_health_check=_CHECKS,
        stateful_step_count=_STEPS,
        report_multiple_bugs=False,
        print_blob=False,
        phases=[phase for phase in settings().phases if phase is not Phase.explain],  # the story explains it
    )

    class LifecycleTestCase(TestCase):
        settings: ClassVar[Any] = chosen
        machine: ClassVar[Any] = proved

        def runTest(self) -> None:  # noqa: N802 -- the name that unittest looks for
            prove(self.machine, self.settings)

    LifecycleTestCase.__name__ = LifecycleTestCase.__qualname__ = f"{proved.__name__}TestCase"
    return LifecycleTestCase


def prove(machine: type[Prover], chosen: Any = None) -> None:
    """
    Run a machine, then its final passes.

    Raises:
        InvariantError: with the shortest story, or with the transitions that nothing could take.
    """
    __tracebackhide__ = True
    try:
        run_state_machine_as_test(machine, settings=chosen or machine.TestCase.settings)
        for final_pass in PASSES:
            final_pass(machine)
    except InvariantError as error:
        # The story says how it came about; the frames of the machine would only bury it.
        raise error.with_traceback(None)  # noqa: B904 -- it is the same error
