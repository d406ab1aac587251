"""
What every test of the repository starts from: the profiles of generated examples, the marks, and real data.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import itertools
import pkgutil
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import hypothesis
import pytest


# The usual run gives the same answer twice, and so does the daily one, with fewer examples; the deep one looks for what
# nobody has seen yet.
# Neither measures time, which says more about the machine than about us.
# Nor does any explain a failure: Hypothesis traces each line for that, which takes longer than all the rest.
UNHURRIED = hypothesis.settings(
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    phases=[phase for phase in hypothesis.Phase if phase is not hypothesis.Phase.explain],
)
hypothesis.settings.register_profile("usual", UNHURRIED, max_examples=30, derandomize=True, database=None)
hypothesis.settings.register_profile("daily", max_examples=10, parent=hypothesis.settings.get_profile("usual"))
hypothesis.settings.register_profile("deep", UNHURRIED, max_examples=1000)
hypothesis.settings.load_profile("usual")

Tracer: TypeAlias = Callable[..., Any] | None
TRACERS = pytest.StashKey[tuple[Tracer, Tracer]]()
"""What coverage watches with, in this thread and in new ones; not there without coverage."""
WATCHED_EXAMPLES = 5
"""How many generated examples of a test count for coverage."""

CONTRACT = "salesflow.testing._store."
"""The checks of the contract of stores are the library's, which knows no marks of ours; they get them here, by name."""
WITH_PROCESSES = ("test_killed", "test_images", "test_forked", "test_processes", "test_readers_see_whole_commits_of")
GENERATED = "test_any_sequence"
WITH_THREADS = ("test_threads", "test_readers", "test_reader_", "test_order_is", "test_no_two", "test_opened_by_many")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Mark what reads much real data, and the checks of the contract of stores that take long or start threads.

    What counts for coverage comes first, since what is kept after its first use is not run again, then what is slow;
    each of two workers gets as many of each, so that neither waits long for the other at the end.
    """
    for item in items:
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
        if isinstance(item, pytest.Function) and item.function.__module__.startswith(CONTRACT):
            if item.originalname.startswith((*WITH_PROCESSES, GENERATED)):
                item.add_marker("slow")
            if item.originalname.startswith(WITH_PROCESSES):
                item.add_marker("traced")
            if item.originalname.startswith((*WITH_PROCESSES, *WITH_THREADS)):
                item.add_marker("threads")
    groups: tuple[list[pytest.Item], ...] = [], [], []
    for item in items:
        groups[0 if is_watched(item) else 1 if item.get_closest_marker("slow") else 2].append(item)
    workers = 2 if hasattr(config, "workerinput") else 1
    first = [item for group in groups for item in group[: len(group) // workers]]
    items[:] = [*first, *(item for group in groups for item in group[len(group) // workers :])]


def pytest_collection_finish() -> None:
    """Have the collector of garbage pass over the ten thousand tests themselves, and look less often."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Have a suite inside this one, which looks for garbage again and again, pass over what others keep."""
    if item.get_closest_marker("slow"):
        gc.collect()
        gc.freeze()


@contextlib.contextmanager
def tracing(here: Tracer, threads: Tracer) -> Iterator[None]:
    """Have what runs inside watched by a tracer or by none, and what it starts in threads as well."""
    before, before_in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(here)
    threading.settrace(threads)  # type: ignore[arg-type]  # typeshed does not know that None takes it away
    try:
        yield
    finally:
        sys.settrace(before)
        threading.settrace(before_in_threads)  # type: ignore[arg-type]  # it may have been None


def with_coverage() -> bool:
    """Whether it is coverage that traces, and no debugger, which is left alone."""
    return type(sys.gettrace()).__module__.partition(".")[0] == "coverage"


def pytest_collection(session: pytest.Session) -> None:
    """
    Have coverage see the import of the whole library, whatever the first test is that needs a part of it.

    What is collected stays, so nobody looks for garbage in it: a fifth of the time.
    """
    if session.config.pluginmanager.has_plugin("dsession"):  # which lets workers collect
        return
    gc.disable()
    if with_coverage():
        for module in pkgutil.walk_packages(importlib.import_module("salesflow").__path__, "salesflow."):
            importlib.import_module(module.name)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Keep it out of what pytest and its workers do around the tests as well: it doubles what Python takes."""
    if not with_coverage():
        return (yield)
    session.stash[TRACERS] = sys.gettrace(), threading.gettrace()
    with tracing(None, None):
        return (yield)


def is_watched(item: pytest.Item) -> bool:
    """Whether what a test does counts: not what is slow or tests a plugin, since other tests cover the same lines."""
    if item.nodeid.startswith("plugins/"):
        return False
    if item.get_closest_marker("slow"):
        return item.get_closest_marker("traced") is not None
    return item.get_closest_marker("untraced") is None


def watched(item: pytest.Item) -> contextlib.AbstractContextManager[None]:
    """Have a test watched by the tracer of coverage, if it counts, and its threads, if it starts few."""
    here, threads = item.session.stash.get(TRACERS, (None, None))
    if here is None or not is_watched(item):
        return contextlib.nullcontext()
    # Python 3.11 may fail to install a tracer in many threads at once.
    return tracing(here, None if item.get_closest_marker("threads") else threads)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Watch what a test does; of generated examples the first few, since the others find the same lines."""
    handle = getattr(getattr(item, "obj", None), "hypothesis", None)
    with watched(item):
        if handle is None or item.get_closest_marker("traced") or not with_coverage():
            return (yield)
        examples, inner = itertools.count(), handle.inner_test

        @functools.wraps(inner)
        def counted(*args: Any, **kwargs: Any) -> Any:
            if next(examples) == WATCHED_EXAMPLES:
                sys.settrace(None)
            return inner(*args, **kwargs)

        handle.inner_test = counted
        try:
            return (yield)
        finally:
            handle.inner_test = inner


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Watch what its fixtures do at the end."""
    with watched(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(request: pytest.FixtureRequest) -> Generator[None, object, object]:
    """Watch what its fixtures do."""
    with watched(request._pyfuncitem):  # noqa: SLF001 -- the test that asks, also where many share the fixture
        return (yield)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """
    The folder of real sales data beside the checkout; without it the test is skipped.
    """
    folder = Path(__file__).parents[1] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}")
    return folder
