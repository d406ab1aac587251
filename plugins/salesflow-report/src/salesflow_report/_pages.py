"""
The pages by name, and the one function that makes any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

from salesflow import Pipeline
from salesflow.errors import InputError
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


PortfolioPage: TypeAlias = Callable[[Portfolio, Texts], Page]
"""Makes a page of a portfolio."""

PAGES: Final[Mapping[str, PortfolioPage]] = {
    "dashboard": dashboard,
    "weekly": weekly,
    "funnel": funnel,
    "forecast": forecast,
    "risk_matrix": risk_matrix,
    "people": people,
    "customer": customers,
}
"""The pages of a portfolio by name. Besides there are ``lifecycle``, and ``project`` of one project."""

NAMES: Final = (*PAGES, "lifecycle", "project")
"""Every page."""


def make_page(
    name: str,
    pipeline: Pipeline,
    *,
    lang: str = "en",
    project_id: str | None = None,
    portfolio: Portfolio | None = None,
    now: datetime | None = None,
) -> Page:
    """
    Return a page by its name.

    Args:
        name: one of :data:`NAMES`.
        pipeline: whose store and lifecycles it is about.
        lang: any language tag; Chinese is written in Chinese, every other language in English.
        project_id: of the page ``project``.
        portfolio: one that is folded already; by default the pipeline's store is read.
        now: the time of the page ``project``; by default what the clock says.

    Raises:
        InputError: for a page that is not there, and for the page of a project without its id.
    """
    if name not in NAMES:
        raise InputError("page", name, f"Use one of {', '.join(NAMES)}.")
    texts = Texts.of(lang, pipeline.lifecycle.definition.zone)
    if name == "project":
        if project_id is None:
            raise InputError("project_id=", project_id, "Name the project that the page is about.")
        return project_page(pipeline, project_id, texts, now=now)
    seen = portfolio or Portfolio.of(pipeline)
    if name == "lifecycle":
        return lifecycle_page(seen, texts, pipeline.lifecycle)
    return PAGES[name](seen, texts)
