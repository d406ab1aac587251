"""
The pages by name, and the one function that makes any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

import attrs

from salesflow import Pipeline
from salesflow.calendars import working_days_of
from salesflow.errors import InputError, in_two_languages, nearest, say
from salesflow.insight import Portfolio

from ._customer import customer as profile
from ._customers import customers
from ._dashboard import dashboard
from ._decision import decision
from ._forecasts import forecast
from ._lifecycle import lifecycle_page
from ._overview import overview
from ._page import Page
from ._people import people
from ._project import project_page
from ._risk_matrix import risk_matrix
from ._stages import funnel
from ._stand_up import stand_up
from ._texts import Texts
from ._weekly import weekly


PortfolioPage: TypeAlias = Callable[[Portfolio, Texts], Page]
"""Makes a page of a portfolio."""

PAGES: Final[Mapping[str, PortfolioPage]] = {
    "dashboard": dashboard,
    "weekly": weekly,
    "portfolio": overview,
    "funnel": funnel,
    "forecast": forecast,
    "risk_matrix": risk_matrix,
    "people": people,
    "customer": customers,
}
"""The pages of a portfolio by name. Besides there are ``lifecycle``, ``stand_up``, and two pages of one project."""

_OF_PROJECTS: Final = ("project", "decision")
NAMES: Final = (*PAGES, "stand_up", "lifecycle", *_OF_PROJECTS)
"""Every page."""


def make_page(
    name: str,
    pipeline: Pipeline,
    *,
    lang: str = "en",
    project_id: str | None = None,
    customer: str | None = None,
    portfolio: Portfolio | None = None,
    now: datetime | None = None,
) -> Page:
    """
    Return a page by its name.

    Args:
        name: one of :data:`NAMES`.
        pipeline: whose store and lifecycles it is about.
        lang: any language tag; Chinese is written in Chinese, every other language in English.
        project_id: of the pages ``project`` and ``decision``.
        customer: of whom the page ``customer`` is a profile; by default it is about all of them.
        portfolio: one that is folded already; by default the pipeline's store is read.
        now: the time of a page about one project; by default what the clock says.

    Raises:
        InputError: for a page that is not there, a page of a project without its id, and a customer without projects.
        UnknownProjectError: if there is no project *project_id*.
    """
    if name not in NAMES:
        raise InputError("page", name, say("input.choice", known=NAMES, near=nearest(name, NAMES)))
    lifecycle = pipeline.lifecycle
    texts = Texts.of(lang, lifecycle.definition.zone)
    if name in _OF_PROJECTS and project_id is None:
        hint = in_two_languages("Name the project that the page is about.", "请指定该报表针对的项目。")
        raise InputError("project_id=", project_id, hint)
    if name == "project" and project_id is not None:
        titles = pipeline.lifecycle_of(pipeline.get(project_id)).wording.names["title"]
        return project_page(pipeline, project_id, attrs.evolve(texts, titles=titles), now=now)
    seen = Portfolio.of(pipeline) if portfolio is None else portfolio
    texts = attrs.evolve(texts, titles=seen.columns.titles())
    if name == "decision" and project_id is not None:
        return decision(seen, pipeline, project_id, texts, now=now)
    if name == "customer" and customer is not None:
        return profile(seen, texts, customer)
    if name == "stand_up":
        return stand_up(seen, texts, working_days_of(lifecycle.definition.calendar, lifecycle.calendar))
    return lifecycle_page(seen, texts, lifecycle) if name == "lifecycle" else PAGES[name](seen, texts)
