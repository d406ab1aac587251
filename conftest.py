"""
What every test of the repository starts from: the profiles of generated examples, the marks, and real data.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest


# The usual run gives the same answer twice, and so does the daily one, with fewer examples; the deep one looks for what
# nobody has seen yet.
# Neither measures time, which says more about the machine than about us.
UNHURRIED = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("usual", UNHURRIED, max_examples=30, derandomize=True, database=None)
hypothesis.settings.register_profile("daily", max_examples=10, parent=hypothesis.settings.get_profile("usual"))
hypothesis.settings.register_profile("deep", UNHURRIED, max_examples=1000)
hypothesis.settings.load_profile("usual")

CONTRACT = "salesflow.testing._store."
"""The checks of the contract of stores are the library's, which knows no marks of ours; they get them here, by name."""
WITH_PROCESSES = ("test_killed", "test_images", "test_forked", "test_processes", "test_readers_see_whole_commits_of")
GENERATED = "test_any_sequence"
WITH_THREADS = ("test_threads", "test_readers", "test_reader_", "test_order_is", "test_no_two", "test_opened_by_many")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Mark what reads much real data, and the checks of the contract of stores that take long or start threads.

    Each of two workers begins with slow tests, so that neither waits for the other's at the end.
    """
    for item in items:
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
        if isinstance(item, pytest.Function) and item.function.__module__.startswith(CONTRACT):
            if item.originalname.startswith((*WITH_PROCESSES, GENERATED)):
                item.add_marker("slow")
            if item.originalname.startswith((*WITH_PROCESSES, *WITH_THREADS)):
                item.add_marker("threads")
    slow = [item for item in items if item.get_closest_marker("slow")]
    fast = [item for item in items if not item.get_closest_marker("slow")]
    of_slow, of_fast = len(slow) // 2, len(fast) // 2
    items[:] = [*slow[:of_slow], *fast[:of_fast], *slow[of_slow:], *fast[of_fast:]]


def pytest_collection_finish() -> None:
    """Have the collector of garbage pass over the ten thousand tests themselves, and look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """
    Keep the tracer of coverage out of a test that says so, or of its threads alone.

    Python 3.11 may fail to install it in many threads at once, and it doubles what a test takes.
    """
    before, before_here = threading.gettrace(), sys.gettrace()
    untraced = item.get_closest_marker("untraced")
    if untraced or item.get_closest_marker("threads"):
        threading.settrace(None)  # type: ignore[arg-type]  # typeshed does not know that None takes it away
    if untraced:
        sys.settrace(None)
    try:
        return (yield)
    finally:
        if untraced:
            sys.settrace(before_here)
        threading.settrace(before)  # type: ignore[arg-type]  # it may have been None


@pytest.fixture(scope="session")
def real_data() -> Path:
    """
    The folder of real sales data beside the checkout; without it the test is skipped.
    """
    folder = Path(__file__).parents[1] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}")
    return folder
