"""
Coverage of lifecycles over a whole test run: what the options ask for, from one process or many.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from ..._model.definition import Definition
from ...errors import DefinitionError, InputError, SalesflowError, did_you_mean
from ...plugins._loading import load_definition
from ...plugins._registry import Plugins
from .observe import Seen, unwatch, watch
from .sums import LifecycleCoverage
from .text import as_json, as_markdown, as_mermaid, as_text, percent


SHIPPED: Final = "salesflow_lifecycle_cov"
_FORMS: Final = ("term", "term:all", "json", "mermaid")


@attrs.frozen
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
            hint = f"Use term, term:all, json, json:PATH, mermaid or mermaid:PATH.{did_you_mean(text, _FORMS)}"
            raise InputError(option, text, hint)
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


@attrs.frozen
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
