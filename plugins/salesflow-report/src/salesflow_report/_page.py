"""
A page as data: its title, and sections with tiles, a chart or a table. Other modules write it as a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import attrs


Kind: TypeAlias = Literal["text", "number", "share", "money", "day", "time", "days", "hours"]
"""What a column holds: how it is written on the page and in a spreadsheet."""


@attrs.frozen
class Column:
    """
    A column of a table.

    Attributes:
        title: its head.
        kind: what it holds.
    """

    title: str
    kind: Kind = "text"


@attrs.frozen
class Table:
    """
    A table: heads and rows of values, not yet written as text.

    Attributes:
        columns: of all rows.
        rows: values; ``None`` where there is none.
        empty: what is said where there are no rows.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    empty: str = ""


@attrs.frozen
class Chart:
    """
    A picture: a Vega-Lite specification as plain data, with a description for readers who cannot see it.

    A notebook shows it as it is.

    Attributes:
        spec: the specification.
        title: what it shows.
        description: what can be seen in it, in a sentence.
        table: the same as numbers.
    """

    spec: Mapping[str, Any]
    title: str
    description: str
    table: Table

    def _repr_mimebundle_(self, **_: object) -> Mapping[str, Any]:
        """
        Return the picture for a notebook.
        """
        return {"application/vnd.vegalite.v5+json": self.spec, "text/plain": self.description}


@attrs.frozen
class Tile:
    """
    One figure, large.

    Attributes:
        value: as text.
        label: what it is.
        note: how it was computed, or why there is none.
        trend: the same figure of earlier periods; ``None`` where there was none.
    """

    value: str
    label: str
    note: str = ""
    trend: Sequence[float | None] = ()


@attrs.frozen
class Section:
    """
    A part of a page: a chart, a table, tiles, or text, under one title.

    Attributes:
        title: its head.
        note: a sentence under it.
        chart: the picture.
        table: shown as it is; that of a chart is shown under it, folded.
        tiles: figures side by side.
        items: a list of sentences.
        code: the picture as Mermaid text, shown folded.
        wide: whether it takes the whole width.
    """

    title: str
    note: str = ""
    chart: Chart | None = None
    table: Table | None = None
    tiles: Sequence[Tile] = ()
    items: Sequence[str] = ()
    code: str = ""
    wide: bool = False


@attrs.frozen
class Page:
    """
    A page.

    Attributes:
        name: of the page, such as ``dashboard``.
        title: its head.
        subtitle: as of when it is, and what it covers.
        lang: its language.
        sections: in order.
    """

    name: str
    title: str
    subtitle: str
    lang: str
    sections: Sequence[Section]

    def tables(self) -> Mapping[str, Table]:
        """
        Return all tables of the page by the titles of their sections, those of charts as well.
        """
        found: dict[str, Table] = {}
        for section in self.sections:
            table = section.table or (section.chart.table if section.chart else None)
            if table is not None:
                found[section.title] = table
        return found
