"""
Pages, pictures and spreadsheets of salesflow portfolios, in English and Chinese: one file each, without network.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from salesflow import hookimpl


if TYPE_CHECKING:
    from click import Command

    from ._html import to_html as to_html
    from ._page import Chart as Chart, Column as Column, Page as Page, Section as Section, Table as Table, Tile as Tile
    from ._pages import NAMES as NAMES, PAGES as PAGES, make_page as make_page
    from ._svg import to_svg as to_svg
    from ._texts import Texts as Texts
    from ._xlsx import to_xlsx as to_xlsx


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

# Every command of salesflow loads every plugin, so what makes pages is imported when a page is made.
_HOMES: Final = {
    "_html": ("to_html",),
    "_page": ("Chart", "Column", "Page", "Section", "Table", "Tile"),
    "_pages": ("NAMES", "PAGES", "make_page"),
    "_svg": ("to_svg",),
    "_texts": ("Texts",),
    "_xlsx": ("to_xlsx",),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            value = globals()[name] = getattr(import_module(f".{home}", __name__), name)
            return value
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


@hookimpl
def salesflow_cli() -> Iterable[Command]:
    """
    Return the command ``report``.
    """
    from ._command import report  # noqa: PLC0415 -- click is an extra of salesflow

    return (report,)
