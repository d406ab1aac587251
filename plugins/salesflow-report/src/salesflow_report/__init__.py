"""
Pages, pictures and spreadsheets of salesflow portfolios: one file each, without network, in English and Chinese.
"""

from __future__ import annotations

from ._dashboard import dashboard
from ._html import to_html
from ._page import Chart, Column, Page, Section, Table, Tile
from ._svg import to_svg
from ._texts import Texts
from ._xlsx import to_xlsx


__all__ = [
    "Chart",
    "Column",
    "Page",
    "Section",
    "Table",
    "Texts",
    "Tile",
    "dashboard",
    "to_html",
    "to_svg",
    "to_xlsx",
]
