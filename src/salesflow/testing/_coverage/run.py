"""
Coverage of lifecycles over a whole test run: its options, its reports, from one process or many.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import floor
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from ..._definition.mermaid import render, state_id
from ..._model.definition import Definition
from ..._model.frozen import noun
from ..._model.verdict import Status
from ...errors import DefinitionError, InputError, SalesflowError, nearest, say
from ...plugins._loading import load_definition
from ...plugins._registry import Plugins
from .observe import Seen, unwatch, watch
from .sums import EdgeCoverage, GuardCoverage, LifecycleCoverage


_STATUSES: Final[tuple[Status, ...]] = ("pass", "fail", "unknown", "skipped")
_HEADS: Final = ("passing", "failing", "unknown", "skipped")
_WIDTH: Final = 100


def percent(ratio: float) -> str:
    """
    Write a ratio as a percentage with one decimal, rounded down, so that only all of it is 100 %.
    """
    return f"{floor(ratio * 1000) / 10:.1f} %"


def as_text(coverage: LifecycleCoverage, *, everything: bool = False) -> str:
    """
    Return a report in plain text, 100 columns wide: what is missing, or everything.
    """
    edges, guards = coverage.edges, coverage.guards
    outcomes = sum(guard.covered for guard in guards)
    head = f"{coverage.definition.id} {coverage.definition.version}: {percent(coverage.ratio)}"
    taken = sum(edge.taken for edge in edges)
    said = [f"{taken} of {len(edges)} edges taken", f"{outcomes} of {2 * len(guards)} guard outcomes seen"]
    if coverage.deadlines:
        said.append(f"{sum(one.passed for one in coverage.deadlines)} of {len(coverage.deadlines)} deadlines passed")
    if coverage.effects:
        said.append(f"{sum(one.ran for one in coverage.effects)} of {len(coverage.effects)} effects run")
    lines = [f"{head} ({', '.join(said)})"] if len(said) < 3 else [head, f"  {', '.join(said)}"]
    if everything:
        lines += _block("edges taken", [_edge(edge) for edge in edges if edge.taken])
    lines += _block("edges not taken", [_edge(edge) for edge in coverage.not_taken])
    lines += _block("candidates never chosen", [_edge(edge) for edge in coverage.never_chosen])
    if everything:
        visited = [stage.id for stage in coverage.definition.stages if stage.id in coverage.visited]
        lines += _list("stages visited", visited)
    lines += _list("stages never visited", coverage.not_visited)
    lines += _list(
        "deadlines never passed", [f"{one.stage}.{one.deadline}" for one in coverage.deadlines if not one.passed]
    )
    lines += _list("effects never run", [f"{one.owner} {one.effect}" for one in coverage.effects if not one.ran])
    title = "guards" if everything else "guards not seen both passing and failing"
    lines += _table(title, guards if everything else coverage.half_seen)
    return "\n".join(lines) + "\n"


def _block(title: str, rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    if rows:
        yield f"  {title}"
        widths = [max(len(row[column]) for row in rows) for column in range(2)]
        for name, source, target in rows:
            yield f"    {name:<{widths[0]}}  {source:<{widths[1]}} -> {target}"


def _edge(edge: EdgeCoverage) -> tuple[str, str, str]:
    noted = "" if edge.taken or not edge.accepted else "  (allowed, never committed)"
    return edge.transition, edge.source, edge.target + noted


def _list(title: str, items: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(item) + 2 <= _WIDTH:
            lines[-1] += f", {item}"
        else:
            lines.append(f"    {item}")
    return [f"  {title}", *lines] if items else []


def _table(title: str, guards: Iterable[GuardCoverage]) -> Iterator[str]:
    rows = [(_indented(guard), guard) for guard in guards]
    if not rows:
        return
    width = min(max(len(title) + 2, *(len(name) + 6 for name, _ in rows)), _WIDTH - 40)
    yield f"  {title:<{width - 2}}" + "".join(f"{head:>10}" for head in _HEADS)
    for transition, same in groupby(rows, lambda row: row[1].transition):
        yield f"    {transition}"
        for name, guard in same:
            cells = "".join(f"{'yes' if status in guard.seen else '-':>10}" for status in _STATUSES)
            shown = f"      {name}"
            # A long path has a line to itself, so that the columns stay where they are.
            yield f"{shown:<{width}}{cells}" if len(shown) <= width else f"{shown}\n{'':<{width}}{cells}"


def _indented(guard: GuardCoverage) -> str:
    last = guard.path.rpartition(".")[2]
    return guard.path if last == guard.guard or last.startswith(guard.guard) else f"{guard.path} {guard.guard}"


def as_data(coverage: LifecycleCoverage) -> dict[str, Any]:
    """
    Return a report as JSON data.
    """
    return {
        "lifecycle": coverage.definition.id,
        "version": coverage.definition.version,
        "percent": round(100 * coverage.ratio, 2),
        "covered": coverage.covered,
        "total": coverage.total,
        "edges": [attrs.asdict(edge) for edge in coverage.edges],
        "guards": [
            attrs.asdict(guard) | {"seen": [status for status in _STATUSES if status in guard.seen]}
            for guard in coverage.guards
        ],
        "stages_never_visited": list(coverage.not_visited),
        "deadlines": [attrs.asdict(one) for one in coverage.deadlines],
        "effects": [attrs.asdict(one) for one in coverage.effects],
    }


def as_json(coverages: Iterable[LifecycleCoverage]) -> str:
    """
    Return reports as one JSON text.
    """
    data = {"schema": 1, "lifecycles": [as_data(one) for one in coverages]}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def as_mermaid(coverage: LifecycleCoverage) -> str:
    """
    Return the lifecycle as a Mermaid diagram in which the edges not taken and the stages never visited are marked.
    """
    lines = render(coverage.definition).splitlines()
    first = 2 + len(coverage.definition.stages)  # behind the title, the stages and the way in
    for number, edge in enumerate(coverage.edges, start=first):
        lines[number] += "" if edge.taken else " ✗ not taken"
    if coverage.not_visited:
        lines.append("    classDef unvisited fill:#fff,stroke:#c00,stroke-dasharray:4 3")
        lines += [f"    class {state_id(stage)} unvisited" for stage in coverage.not_visited]
    return "\n".join(lines) + "\n"


def as_markdown(coverages: Iterable[LifecycleCoverage]) -> str:
    """
    Return reports as Markdown, each with a title and its diagram.
    """
    return "\n".join(
        f"## {one.definition.id} {one.definition.version}: {percent(one.ratio)}\n\n```mermaid\n{as_mermaid(one)}```\n"
        for one in coverages
    )


SHIPPED: Final = "salesflow_lifecycle_cov"
_FORMS: Final = ("term", "term:all", "json", "mermaid")


@noun
class ReportRequest:
    """
    One report that was asked for: its form, and the file it goes to, if not to the terminal.
    """

    form: str
    path: Path | None = None

    @classmethod
    def parse(cls, text: str, lifecycles: int) -> ReportRequest:
        """
        Read ``term``, ``term:all``, ``json``, ``json:PATH``, ``mermaid`` or ``mermaid:PATH``.

        Raises:
            InputError: naming the option, for anything else.
        """
        option = "--lifecycle-cov-report"
        form, _, rest = text.partition(":")
        if form not in _FORMS or (form == "term" and rest not in ("", "all")) or (text != form and not rest):
            raise InputError(option, text, say("input.choice", known=_FORMS, near=nearest(text, _FORMS)))
        if form == "term":
            return cls(text)
        path = Path(rest) if rest else None
        if form == "mermaid" and path is not None and lifecycles > 1 and path.suffix != ".md":
            raise InputError(option, text, "A diagram file holds one lifecycle; for several name a file ending in .md.")
        if path is not None and not path.absolute().parent.is_dir():
            raise InputError(option, text, f"Make the folder {path.parent} first, or name another file.")
        return cls(form, path)

    def written(self, coverages: Sequence[LifecycleCoverage]) -> str:
        """
        Return the text of this report.
        """
        if self.form == "json":
            return as_json(coverages)
        if self.form == "mermaid":
            markdown = self.path is not None and self.path.suffix == ".md"
            return as_markdown(coverages) if markdown else "\n".join(map(as_mermaid, coverages))
        return "\n".join(as_text(one, everything=self.form == "term:all") for one in coverages)


@noun
class CoverageOptions:
    """
    What the options of a run ask for.

    Attributes:
        lowest: the percentage that every lifecycle must reach.
    """

    lifecycles: tuple[Definition, ...]
    reports: tuple[ReportRequest, ...]
    lowest: float | None

    @classmethod
    def by(cls, names: Sequence[str], reports: Sequence[str], lowest: str | None) -> CoverageOptions:
        """
        Read the options.

        Raises:
            InputError: naming the option, what was given, and the next step.
        """
        found: dict[tuple[str, str], Definition] = {}
        for name in names:
            try:
                one = _named(name)
            except SalesflowError as error:
                hint = f"Name a built-in lifecycle, or a .toml or .json file.\n{error}"
                raise InputError("--lifecycle-cov", name, hint) from None
            found[one.id, one.version] = one
        wanted = tuple(ReportRequest.parse(text, len(found)) for text in dict.fromkeys(reports or ["term"]))
        return cls(tuple(found.values()), wanted, None if lowest is None else _percentage(lowest))


def _named(name: str) -> Definition:
    try:
        return load_definition(name)
    except DefinitionError:
        # Only a contributed name needs the plugins that are installed, and loading all of them takes its time.
        return load_definition(name, plugins=Plugins.installed())


def _percentage(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:
        raise InputError("--lifecycle-cov-fail-under", text, "Give a number from 0 to 100, such as 80 or 92.5.")
    return number


class CoverageRun:
    """
    Watches one process of a run; the one that reports adds what the others shipped.
    """

    def __init__(self, asked: CoverageOptions) -> None:
        self.asked = asked
        self.seen = Seen(frozenset((one.id, one.version) for one in asked.lifecycles))
        self.short: list[str] = []
        watch(self.seen)

    def pytest_unconfigure(self) -> None:
        """
        Stop watching.
        """
        unwatch(self.seen)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """
        Add what a worker of pytest-xdist shipped; one that crashed ships nothing.
        """
        del error
        shipped = getattr(node, "workeroutput", {}).get(SHIPPED)
        if shipped is not None:
            self.seen.merge(json.loads(shipped))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """
        Ship from a worker; elsewhere write the files, and fail a run that saw too little.
        """
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[SHIPPED] = json.dumps(self.seen.dump())
            return
        coverages = self.coverages()
        for report in self.asked.reports:
            if report.path is not None:
                report.path.write_text(report.written(coverages), "utf-8")
        lowest = self.asked.lowest
        if lowest is not None:
            self.short = [
                f"lifecycle coverage of {one.definition.id} {one.definition.version} is {percent(one.ratio)}, "
                f"below {lowest:g} %"
                for one in coverages
                if 100 * one.ratio < lowest
            ]
        if self.short and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """
        Print the reports that have no file, and where the others are.
        """
        terminalreporter.section("lifecycle coverage")
        coverages = self.coverages()
        for report in self.asked.reports:
            if report.path is None:
                terminalreporter.write(report.written(coverages))
            else:
                terminalreporter.write_line(f"{report.form} report written to {report.path}")
        for line in self.short:
            terminalreporter.write_line(f"FAIL {line}", red=True, bold=True)

    def coverages(self) -> tuple[LifecycleCoverage, ...]:
        """
        Return what was seen of each lifecycle.
        """
        return tuple(self.seen.report(one) for one in self.asked.lifecycles)
