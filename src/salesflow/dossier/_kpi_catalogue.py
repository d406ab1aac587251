"""
The KPI catalogue, as it is read from its file when it is first asked for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from .._model.frozen import FrozenDict
from .._model.values import Label
from ._kpi import KpiDefinition, KpiVariant


_DATA: Final = tomllib.loads((files("salesflow.dossier") / "kpis.toml").read_text("utf-8"))


def _labels(table: str) -> FrozenDict[str, Label]:
    return FrozenDict({name: Label(**texts) for name, texts in _DATA[table].items()})


def _kpis(sources: Mapping[str, Label]) -> FrozenDict[str, KpiDefinition]:
    return FrozenDict({name: _definition(name, written, sources) for name, written in _DATA["kpis"].items()})


def _definition(name: str, written: Mapping[str, Any], sources: Mapping[str, Label]) -> KpiDefinition:
    unit, direction = written["unit"], written["direction"]
    variants = [
        KpiVariant(each, Label(texts["en"], texts["zh"]), texts.get("unit", unit), texts.get("direction", direction))
        for each, texts in written.get("variants", {}).items()
    ]
    made: dict[str, Any] = {
        "label": Label(**written["label"]),
        "meaning": Label(**written["meaning"]),
        "source": sources[written["source"]],
        "variants": variants,
    }
    return KpiDefinition(name, **{**written, **made})


KPIS: Final = _kpis(_labels("sources"))
"""The KPIs known by name; plugins bring more, and a goal may name one of the host's own."""

FORECAST_CATEGORIES: Final = _labels("forecast_categories")
"""The categories of a forecast, the surest first, by the names that stages write."""
