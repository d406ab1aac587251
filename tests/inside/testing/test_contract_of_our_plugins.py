"""
The contract of plugins, run over what salesflow brings itself and over the plugins that lie beside it.
"""

from __future__ import annotations

import pytest

from salesflow import Field, guards
from salesflow.dossier import BUILT_IN as ENTRIES
from salesflow.effects import (
    BUILT_IN as EFFECTS,
    clear_fields,
    create_task,
    notify,
    open_issue,
    set_field,
    set_forecast,
    stamp,
)
from salesflow.plugins import Plugins, _registry
from salesflow.testing import PluginContract
from salesflow.typing import GuardUse

from ...guards.test_every_guard import PARAMS


class TestBuiltIn(PluginContract):
    """What every definition may use is itself a plugin."""

    plugin = _registry._built_in()
    fields = (
        Field("amount", "money"),
        Field("lost_reason", "choice", choices=("price", "other")),
        Field("probability", "number"),
        Field("due", "date"),
        Field("forecast", "choice", choices=("pipeline", "best_case", "commit", "closed", "omitted")),
    )
    uses = (
        *(GuardUse(name, params) for name, params in PARAMS.items() if name != "loop_budget"),
        guards.loop_budget("go_on", 2),
        notify(("team",)),
        set_field("amount", "5 CNY"),
        clear_fields(("amount",)),
        create_task("Call", due_days=2),
        open_issue("Late"),
        stamp("due", value="day"),
        set_forecast(),
    )
    artefacts = ("project_charter", "risk_register")
    examples = 5

    def _plugins(self):
        return Plugins()


def test_all_built_ins_are_looked_at():
    """The contract above saw every guard, effect and entry there is."""
    contract = TestBuiltIn()

    assert {guard.name for guard in guards.BUILT_IN} == contract._brought("guard").keys()
    assert {effect.name for effect in EFFECTS} == contract._brought("effect").keys()
    assert {entry.kind for entry in ENTRIES} == contract._brought("entry").keys()


class TestSqlAlchemy(PluginContract):
    """The adapter to SQLAlchemy brings stores only."""

    pytestmark = pytest.mark.slow

    @pytest.fixture(autouse=True)
    def _installed(self):
        type(self).plugin = pytest.importorskip("salesflow_sqlalchemy")
