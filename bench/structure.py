"""
Counts what a reader has to hold in mind: entries of the root, lines, the longest chain of imports, and the files
that one plain ``fire`` on a ``SqliteStore`` runs through, in the order in which it comes to them.

Usage: ``python bench/structure.py``. It counts and times nothing, so it says the same on every machine.
"""

from __future__ import annotations

import ast
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import salesflow as sf
from salesflow import guards
from salesflow.stores import SqliteStore
from salesflow.typing import Deadline


PACKAGE = Path(sf.__file__).parent


def modules() -> dict[str, Path]:
    """Every file of the package by the name of its module below it."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    """The modules of the package that a file imports when it is loaded or later."""
    package = path.relative_to(PACKAGE).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + tuple((node.module or "").split(".")) * bool(node.module)
            for alias in node.names:
                inner = ".".join((*base, alias.name))
                found = inner if inner in known else ".".join(base)
                if found not in {name, ""}:
                    yield found


def longest_chain() -> list[str]:
    """The longest chain of files that import each other, from the first to the last."""
    known = modules()
    graph = {name: set(imported(name, path, known)) for name, path in known.items() if name}

    @cache
    def chain(name: str) -> tuple[str, ...]:
        return (name, *max((chain(other) for other in graph[name]), key=len, default=()))

    return list(max((chain(name) for name in graph), key=len))


def trace(call: Callable[[], Any]) -> list[tuple[str, str]]:
    """File and function of every call inside the package that *call* makes, in order."""
    seen: list[tuple[str, str]] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        file = frame.f_code.co_filename
        if event == "call" and file.startswith(str(PACKAGE)):
            seen.append((file[len(str(PACKAGE)) + 1 :], frame.f_code.co_name))

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return seen


def report(title: str, seen: list[tuple[str, str]]) -> None:
    """Print how many files and switches between files there are, and the way through them."""
    switches = sum(one[0] != other[0] for one, other in pairwise(seen))
    files = {name for name, _ in seen}
    print(f"{title}: {len(seen)} calls, {len(files)} files, {switches} switches from file to file")
    last = ""
    for name, function in seen:
        print(f"    {name}: {function}" if name != last else f"        {function}")
        last = name


def lifecycle() -> sf.Lifecycle:
    """A built-in guard between two stages, and a deadline in the second."""
    return sf.build_lifecycle(
        sf.Definition(
            "traced",
            fields=[sf.Field("amount", "money")],
            stages=[sf.Stage("qualify"), sf.Stage("offer", deadlines=[Deadline("sla", "10d")]), sf.Stage("won", "won")],
            transitions=[
                sf.Transition("propose", "qualify", "offer", guards=[guards.fields_present("amount")]),
                sf.Transition("revise", "offer", "qualify"),
                sf.Transition("win", "offer", "won"),
            ],
        )
    )


def main() -> int:
    """Print all figures."""
    root = sorted(path.name for path in PACKAGE.iterdir() if path.name != "__pycache__")
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in modules().items()}
    chain = longest_chain()
    print(f"root entries: {len(root)} ({', '.join(root)})")
    print(
        f"files: {len(lines)}, lines: {sum(lines.values())}, over 500: {sorted(n for n, c in lines.items() if c > 500)}"
    )
    print(f"longest chain of imports: {len(chain)} files ({' > '.join(chain)})")
    with tempfile.TemporaryDirectory() as folder, SqliteStore(f"{folder}/traced.db") as store:
        pipeline = sf.Pipeline(
            lifecycle(), store=store, actor=sf.Actor("li.wei"), listeners=[lambda _facts, _project: None]
        )
        pipeline.open("Traced", id="t-1", fields={"amount": sf.Money("1", "CNY")})
        for trigger in ("propose", "revise", "propose", "revise"):
            pipeline.fire("t-1", trigger)
        report("plain fire on SqliteStore", trace(lambda: pipeline.fire("t-1", "propose")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
