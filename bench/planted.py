"""
How soon the machine finds each planted fault, at default settings: ``python bench/planted.py [NAME ...]``.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from pathlib import Path

from hypothesis import settings

from salesflow.testing import lifecycle_machine


FILE = Path(__file__).parents[1] / "tests" / "testing" / "planted.py"


def load():
    sys.path.insert(0, str(FILE.parent))  # so that other processes can import it as well
    return import_module(FILE.stem)


def find(make) -> tuple[int, float, str]:
    """
    Run one machine; return the examples before its first failure, the seconds until it was told, and the failure.
    """
    made = make()
    machine = lifecycle_machine(made.pop("lifecycle"), **made)
    seen = {"examples": 0, "failed": 0}

    class Counted(machine):
        def __init__(self) -> None:
            super().__init__()
            seen["examples"] += not seen["failed"]

        def teardown(self) -> None:
            try:
                super().teardown()
            except AssertionError:
                self._broken = True
                raise
            finally:
                seen["failed"] |= self._broken

    start = time.perf_counter()
    case = type("Case", (machine.TestCase,), {})
    case.machine = Counted
    try:
        case("runTest").runTest()
    except AssertionError as error:
        said = str(error)
    else:
        said = "NOT FOUND"
    return seen["examples"], time.perf_counter() - start, said


def main() -> None:
    settings.register_profile("bench", derandomize=True, database=None)
    settings.load_profile("bench")
    faults = load().FAULTS
    print("| planted fault | found as | examples | seconds |")
    print("|---|---|---|---|")
    for name in sys.argv[1:] or faults:
        make, words = faults[name]
        examples, seconds, said = find(make)
        wrong = [word for word in words if word not in said]
        print(f"| {name.replace('_', ' ')} | {words[0]} | {examples} | {seconds:.1f} |", *wrong, flush=True)


if __name__ == "__main__":
    main()
