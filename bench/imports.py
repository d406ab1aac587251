"""
How long it takes to import salesflow, beside its own dependencies, in fresh interpreters.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

from _timing import BAR_HEAD, bar, begin, table


RUNS = 25

SNIPPETS = {
    "import transitions, attrs, pluggy": "import transitions, attrs, pluggy",
    "import salesflow": "import salesflow",
    # The version comes from the metadata of the installed package, which is no import.
    "salesflow, every public name": (
        "import salesflow\nfor name in {*salesflow.__all__} - {'__version__'}: getattr(salesflow, name)"
    ),
    "import cattrs": "import cattrs",
    "load_lifecycle('operating_cycle')": "import salesflow; salesflow.load_lifecycle('operating_cycle')",
}

TIMED = """
from time import perf_counter
began = perf_counter()
{code}
print(1000 * (perf_counter() - began))
"""


def once(code: str) -> float:
    """
    Return the milliseconds that *code* takes in a new interpreter, its start not counted.
    """
    done = subprocess.run([sys.executable, "-c", TIMED.format(code=code)], check=True, capture_output=True, text=True)
    return float(done.stdout)


def main(runs: int = RUNS) -> None:
    """
    Print milliseconds, and the one ratio that has a bar.
    """
    begin("imports: in fresh interpreters, in turns")
    times: dict[str, list[float]] = {name: [] for name in SNIPPETS}
    for number in range(runs + 1):
        for name, code in SNIPPETS.items():
            taken = once(code)
            if number:  # the first turn writes the byte code
                times[name].append(taken)
    rows = [(name, f"{min(t):.1f}", f"{statistics.median(t):.1f}") for name, t in times.items()]
    table(f"ms, {runs} runs", ("what", "best", "median"), rows)
    base, ours, all_names = (times[name] for name in (*SNIPPETS,)[:3])
    ratios = [
        bar("salesflow / dependencies, best", min(ours) / min(base), 1.3, 1.1),
        bar("salesflow / dependencies, median", statistics.median(ours) / statistics.median(base), 1.3, 1.1),
    ]
    table("ratios", BAR_HEAD, ratios)
    print(f"\n  Names are loaded at first use; all of them take {min(all_names) / min(base):.1f} × the dependencies.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
