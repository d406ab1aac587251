"""
What watching a lifecycle costs a test run: the same pytest suite of fires with and without ``--lifecycle-cov``.

Usage: ``python bench/coverage.py [PAIRS] [TESTS]``. Each pair runs both, in turns which one first. Processor time is
compared, because the machine may have other things to do; starting Python and pytest is part of a run and is counted.
The last figure is the worst case: fires in a loop, and nothing else.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Final

import _selling
from _timing import LIMIT_HEAD, begin, limit, table

from salesflow import load_lifecycle
from salesflow.stores import MemoryStore
from salesflow.testing import lifecycle_coverage


PAIRS: Final = 5
TESTS: Final = 1000
BAR: Final = 1.10
SUITE: Final = """
from datetime import UTC, date, datetime

import pytest

from salesflow import Actor, Money, Pipeline, load_lifecycle
from salesflow.errors import TransitionRefusedError

DEAL = load_lifecycle("simple_deal")
ALL = {{"owner": "li.wei", "amount": Money("1", "EUR"), "expected_close": date(2030, 1, 1)}}


@pytest.mark.parametrize("number", range({tests}))
def test_deal(number):
    pipeline = Pipeline(DEAL, actor=Actor("li.wei"), clock=lambda: datetime(2026, 3, 2, tzinfo=UTC))
    pipeline.open("Deal", id="D", fields=ALL)
    for _ in range(3):
        pipeline.fire("D", "propose")
        with pytest.raises(TransitionRefusedError):
            pipeline.fire("D", "win")
        pipeline.fire("D", "revise")
    assert "lost" == pipeline.fire("D", "lose", data={{"lost_reason": "price"}}).project.stage
"""


def seconds_of_run(folder: Path, *options: str) -> float:
    """
    Return the processor seconds of a pytest run of the suite.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *options]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ratios_of_runs(pairs: int, tests: int) -> list[float]:
    """
    Return, for each pair of runs, how much longer the watched one took.
    """
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
        (folder / "test_deals.py").write_text(SUITE.format(tests=tests), "utf-8")
        watched = "--lifecycle-cov=simple_deal"
        for number in range(pairs):
            if number % 2:
                slow = seconds_of_run(folder, watched)
                plain = seconds_of_run(folder)
            else:
                plain = seconds_of_run(folder)
                slow = seconds_of_run(folder, watched)
            found.append(slow / plain)
    return found


def seconds_of_fires(count: int) -> float:
    """
    Return the processor seconds of deals that are walked through, and of nothing else.
    """
    pipeline = _selling.seller_pipeline(MemoryStore())
    deals = [(pipeline, project) for project in _selling.open_deals(pipeline, count)]
    began = process_time()
    for deal in deals:
        _selling.fire_walk(deal)
    return process_time() - began


def ratio_of_fires(pairs: int, count: int = 300) -> float:
    """
    Return how much longer watched fires take, in the middle of several pairs.
    """
    lifecycle = _selling.seller_pipeline(MemoryStore()).lifecycle
    found = []
    for _ in range(pairs):
        plain = seconds_of_fires(count)
        with lifecycle_coverage(lifecycle):
            found.append(seconds_of_fires(count) / plain)
    return statistics.median(found)


def main(pairs: int = PAIRS, tests: int = TESTS) -> None:
    """
    Print the ratios.
    """
    begin("Coverage of a lifecycle over a test run")
    load_lifecycle("simple_deal")
    found = ratios_of_runs(pairs, tests)
    fires = ratio_of_fires(2 * pairs + 1)
    rows = [(f"{number}", f"{ratio:.3f}") for number, ratio in enumerate(found, start=1)]
    table("Watched by plain run, each pair", ("pair", "ratio"), rows)
    table(
        "Limits",
        LIMIT_HEAD,
        [limit(f"watched by plain run of {tests} tests, median", statistics.median(found), most=BAR)],
    )
    print(f"\nfires in a loop, nothing else: {fires:.2f} x")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
