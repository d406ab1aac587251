"""
Scenario files as pytest collects them: each scenario a test, each failure with file, line and reasons.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from ..._model.values import Lang
from .check import read_scenarios
from .failure import ScenarioFailedError
from .run import run_scenario
from .scenario import Scenario


class ScenarioFile(pytest.File):
    """
    A file of scenarios; it is looked at as a whole before anything runs.
    """

    def collect(self) -> Iterable[pytest.Item]:
        """
        Yield a test for each scenario.

        Raises:
            CollectError: with everything that is wrong with the file.
        """
        scenarios, report = read_scenarios(self.path)
        if not report.ok:
            raise self.CollectError(str(report))
        for scenario in scenarios:
            yield ScenarioItem.of(self, scenario)


class ScenarioItem(pytest.Item):
    """
    One scenario.
    """

    scenario: Scenario

    @classmethod
    def of(cls, parent: ScenarioFile, scenario: Scenario) -> ScenarioItem:
        """
        Make the test of a scenario.
        """
        made: ScenarioItem = cls.from_parent(parent, name=scenario.name)  # pyright: ignore[reportUnknownMemberType] -- its **kw
        made.scenario = scenario
        return made

    def runtest(self) -> None:
        """
        Run it.
        """
        run_scenario(self.scenario)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """
        Say what was expected and what happened; of what is no failed scenario, show the traceback.
        """
        if isinstance(excinfo.value, ScenarioFailedError):
            return excinfo.value.explain(_language(self.config))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """
        Say where it stands; lines count from 0 here.
        """
        return self.path, self.scenario.line - 1, self.name


def _language(config: pytest.Config) -> Lang:
    given: Any = config.getoption("scenario_lang") or config.getini("scenario_lang")
    return "zh" if given == "zh" else "en"
