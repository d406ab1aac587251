"""
How long it takes to import salesflow, and to make the first pipeline, beside its dependencies, in fresh interpreters.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

from _timing import BAR_HEAD, bar, begin, table


RUNS = 25

# A definition in Python with built-in guards: built, opened and moved.
FIRST = """
import salesflow as sf
from salesflow.guards import field_compare, fields_present

guards = (fields_present("owner"), field_compare("amount", "ge", 5))
definition = sf.Definition(
    "deal",
    initial="open",
    fields=(sf.Field("amount", "number"), sf.Field("owner", "text")),
    stages=(sf.Stage("open"), sf.Stage("won", kind="won")),
    transitions=(sf.Transition("win", "open", "won", outcome="won", guards=guards),),
)
pipeline = sf.Pipeline(sf.build_lifecycle(definition), actor=sf.Actor("bench"))
pipeline.open("Deal", id="P-1", fields={"amount": 6, "owner": "li.wei"})
assert pipeline.fire("P-1", "win").project.stage == "won"
"""

SNIPPETS = {
    "import transitions, attrs, pluggy": "import transitions, attrs, pluggy",
    "import salesflow": "import salesflow",
    "import transitions, attrs, cattrs, pluggy": "import transitions, attrs, cattrs, pluggy",
    "the first pipeline": FIRST,
    # The version comes from the metadata of the installed package, which is no import.
    "salesflow, every public name": (
        "import salesflow\nfor name in {*salesflow.__all__} - {'__version__'}: getattr(salesflow, name)"
    ),
    "import cattrs": "import cattrs",
    "load_lifecycle('operating_cycle')": "import salesflow; salesflow.load_lifecycle('operating_cycle')",
}

TIMED = """
from time import process_time
began = process_time()
{code}
print(1000 * (process_time() - began))
"""


def once(code: str, cache: str) -> float:
    """
    Return the milliseconds of processor time that *code* takes in a new interpreter, its start not counted.

    Args:
        cache: where byte code is kept; without it every run would compile every module again.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", TIMED.replace("{code}", code)],
        check=True,
        capture_output=True,
        text=True,
        env={**kept, "PYTHONPYCACHEPREFIX": cache},
    )
    return float(done.stdout)


def main(runs: int = RUNS) -> None:
    """
    Print milliseconds, and the ratios that have a bar.
    """
    begin("imports: in fresh interpreters, in turns")
    times: dict[str, list[float]] = {name: [] for name in SNIPPETS}
    with tempfile.TemporaryDirectory() as cache:
        for number in range(runs + 1):
            for name, code in SNIPPETS.items():
                taken = once(code, cache)
                if number:  # the first turn writes the byte code
                    times[name].append(taken)
    rows = [(name, f"{min(t):.1f}", f"{statistics.median(t):.1f}") for name, t in times.items()]
    table(f"ms, {runs} runs", ("what", "best", "median"), rows)
    base, ours, four, first, all_names = (times[name] for name in (*SNIPPETS,)[:5])
    ratios = [
        bar("salesflow / dependencies, best", min(ours) / min(base), 1.3, 1.1),
        bar("salesflow / dependencies, median", statistics.median(ours) / statistics.median(base), 1.3, 1.1),
        bar("first pipeline / four dependencies, best", min(first) / min(four), 2.5, 2.0),
        bar("first pipeline / four dependencies, median", statistics.median(first) / statistics.median(four), 2.5, 2.0),
    ]
    table("ratios", BAR_HEAD, ratios)
    print(f"\n  Names are loaded at first use; all of them take {min(all_names) / min(base):.1f} × the dependencies.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
