"""
The pages by name, and the one function that makes any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any, Final

from salesflow import Pipeline, errors
from salesflow.insight import Portfolio

from ._customers import customers
from ._dashboard import dashboard
from ._forecasts import forecast
from ._lifecycle import lifecycle_page
from ._page import Page
from ._people import people
from ._project import project_page
from ._risk_matrix import risk_matrix
from ._stages import funnel
from ._texts import Texts
from ._weekly import weekly


PAGES: Final[Mapping[str, Callable[..., Page]]] = {
    "dashboard": dashboard,
    "weekly": weekly,
    "funnel": funnel,
    "forecast": forecast,
    "risk_matrix": risk_matrix,
    "people": people,
    "customer": customers,
    "project": project_page,
    "lifecycle": lifecycle_page,
}
"""Every page by its name."""
