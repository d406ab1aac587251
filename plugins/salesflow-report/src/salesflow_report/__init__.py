"""
Pages, pictures and spreadsheets of salesflow portfolios: one file each, without network, in English and Chinese.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from salesflow import hookimpl

from ._html import to_html
from ._page import Chart, Column, Page, Section, Table, Tile
from ._pages import NAMES, PAGES, make_page
from ._svg import to_svg
from ._texts import Texts
from ._xlsx import to_xlsx


if TYPE_CHECKING:
    from click import Command


__all__ = [
    "NAMES",
    "PAGES",
    "Chart",
    "Column",
    "Page",
    "Section",
    "Table",
    "Texts",
    "Tile",
    "make_page",
    "to_html",
    "to_svg",
    "to_xlsx",
]


@hookimpl
def salesflow_cli() -> Iterable[Command]:
    """
    Return the command ``report``.
    """
    from ._command import report  # noqa: PLC0415 -- click is an extra of salesflow

    return (report,)
