"""
What a mutant costs: a pytest suite of fires under ``mutate``, in a warm process and with a process for each run.

Usage: ``python bench/mutating.py [TESTS]``. Processor time is compared, because
the machine may have other things to do. A warm process
runs only the tests that touch the mutant; the other way, the same command behind ``sh -c``, runs them all.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from _timing import LIMIT_HEAD, begin, limit, table

from salesflow.testing.mutation import MutationReport, mutate


TESTS: Final = 100
BAR: Final = 1.0  # seconds
FEW: Final = ("outcome_changed",)
MANY: Final = ("guard_dropped", "guard_negated", "outcome_changed")
SUITE: Final = """
from datetime import UTC, date, datetime

import pytest

from salesflow import Actor, Money, Pipeline, load_lifecycle
from salesflow.errors import TransitionRefusedError

DEAL = load_lifecycle("simple_deal")
ALL = {{"owner": "li.wei", "amount": Money("1", "EUR"), "expected_close": date(2030, 1, 1)}}


@pytest.mark.parametrize("number", range({tests}))
@pytest.mark.parametrize("way", ["propose", "lose"])
def test_deal(number, way):
    pipeline = Pipeline(DEAL, actor=Actor("li.wei"), clock=lambda: datetime(2026, 3, 2, tzinfo=UTC))
    pipeline.open("Deal", id="D", fields=ALL)
    if way == "propose":
        pipeline.fire("D", "propose")
        with pytest.raises(TransitionRefusedError):
            pipeline.fire("D", "win")
    else:
        assert "lost" == pipeline.fire("D", "lose", data={{"lost_reason": "price"}}).project.outcome
"""


def processor_seconds() -> float:
    """
    Return the processor seconds of all processes that were started and have ended.
    """
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(folder: Path, command: list[str]) -> tuple[MutationReport, float]:
    """
    Return a report, and the processor seconds of a mutant, without the start, which a second run of few mutants shows.

    One run goes on at a time, so that none waits for another one.
    """
    spent, runs = [], []
    for kinds in (FEW, MANY):
        before = processor_seconds()
        runs.append(mutate("simple_deal", command, only=kinds, jobs=1, cwd=folder))
        spent.append(processor_seconds() - before)
    few, many = runs
    return many, (spent[1] - spent[0]) / (len(many.trials) - len(few.trials))


def main(tests: int = TESTS) -> None:
    """
    Print the seconds.
    """
    begin("What a mutant costs")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
        (folder / "test_deals.py").write_text(SUITE.format(tests=tests), "utf-8")
        pytest = f"{sys.executable} -m pytest -q -p no:cacheprovider -p no:xdist"
        found = {
            "warm process": measured(folder, pytest.split()),
            "a process for each run": measured(folder, ["sh", "-c", f"{pytest} || exit 1"]),
        }
    rows = [
        (name, str(len(report.trials)), f"{cpu:.2f}", f"{median(took):.2f}", f"{max(took):.2f}", f"{report.score:.0%}")
        for name, (report, cpu) in found.items()
        if (took := [trial.seconds for trial in report.trials])
    ]
    head = ("way", "mutants", "processor s", "median s", "longest s", "score")
    table(f"Seconds a mutant, {2 * tests} tests", head, rows)
    table("Limits", LIMIT_HEAD, [limit("processor seconds a mutant, warm", found["warm process"][1], most=BAR)])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
