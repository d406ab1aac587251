"""
The pytest plugin: coverage of lifecycles, and scenarios that are collected as tests.

It imports nothing of the library until an option or a file asks for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest


if TYPE_CHECKING:
    from ._scenario.run import ScenarioFile


def pytest_addoption(parser: pytest.Parser) -> None:
    """
    Add the options and settings.
    """
    group = parser.getgroup("salesflow", "lifecycles (salesflow)")
    group.addoption(
        "--lifecycle-cov",
        metavar="NAME|FILE",
        action="append",
        default=[],
        help="Watch which ways of a lifecycle the run takes and what its guards say (may be repeated).",
    )
    group.addoption(
        "--lifecycle-cov-report",
        metavar="FORM",
        action="append",
        default=[],
        help="term, term:all, json[:PATH] or mermaid[:PATH] (may be repeated; default: term).",
    )
    group.addoption(
        "--lifecycle-cov-fail-under",
        metavar="N",
        default=None,
        help="Fail the run if the coverage of a lifecycle is below N percent.",
    )
    group.addoption(
        "--scenario-lang",
        choices=("en", "zh"),
        default=None,
        help="Language of the explanations of failing scenarios (default: the setting scenario_lang, else en).",
    )
    parser.addini("scenario_lang", "language of the explanations of failing scenarios: en or zh", default="en")


def pytest_configure(config: pytest.Config) -> None:
    """
    Start to measure coverage, if a lifecycle was named.
    """
    if config.getini("scenario_lang") not in ("en", "zh"):
        raise pytest.UsageError(f"scenario_lang is {config.getini('scenario_lang')!r}. Use en or zh.")
    names: Any = config.getoption("lifecycle_cov")
    reports: Any = config.getoption("lifecycle_cov_report")
    lowest: Any = config.getoption("lifecycle_cov_fail_under")
    if not names:
        lonely = "--lifecycle-cov-report" if reports else "--lifecycle-cov-fail-under" if lowest is not None else None
        if lonely is not None:
            raise pytest.UsageError(f"{lonely} needs a lifecycle; add --lifecycle-cov=NAME or --lifecycle-cov=FILE.")
        return
    from ..errors import InputError  # noqa: PLC0415 -- as the docstring of this file says
    from ._coverage.run import CoverageOptions, CoverageRun  # noqa: PLC0415

    try:
        asked = CoverageOptions.by(names, reports, lowest)
    except InputError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(CoverageRun(asked), "salesflow-lifecycle-cov")


def pytest_collect_file(file_path: Path, parent: Any) -> ScenarioFile | None:
    """
    Collect ``*.scenario.toml`` files.
    """
    if not file_path.name.endswith(".scenario.toml"):
        return None
    from ._scenario.run import ScenarioFile  # noqa: PLC0415 -- as above

    return ScenarioFile.from_parent(parent, path=file_path)  # pyright: ignore[reportUnknownMemberType] -- its **kw
