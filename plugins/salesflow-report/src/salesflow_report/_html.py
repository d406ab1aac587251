"""
HTML: a page as one file, without scripts, without network.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import jinja2
from markupsafe import Markup

from ._page import Chart, Page, Table, Tile
from ._specs import spark
from ._svg import spark_svg, to_svg
from ._texts import NOTHING, Texts


_NUMERIC: Final = frozenset({"number", "share", "money", "days", "hours"})
_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("salesflow_report"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def to_html(page: Page, texts: Texts) -> str:
    """
    Return a page as one HTML file: pictures are in it, and each has its table.
    """
    words = {
        "table": texts.say("As a table", "查看数据表"),
        "mermaid": texts.say("As Mermaid text", "查看 Mermaid 文本"),
        "made": texts.say("Computed by salesflow from recorded facts.", "由 salesflow 根据事实记录计算。"),
    }

    def draw(chart: Chart) -> Markup:
        return Markup(to_svg(chart, page.lang))  # noqa: S704 -- drawn from a specification, with its texts escaped

    def trend(tile: Tile) -> Markup:
        if sum(each is not None for each in tile.trend) < 2:
            return Markup()
        return Markup(spark_svg(spark(tile.trend), tile.label, page.lang))  # noqa: S704

    def table(given: Table, caption: str) -> Markup:
        template = _TEMPLATES.get_template("table.html")
        empty = texts.say("Nothing yet.", "暂无数据。")
        return Markup(  # noqa: S704 -- the template escapes
            template.render(table=given, caption=caption, numeric=_NUMERIC, write=_writer(texts), empty=empty)
        )

    template = _TEMPLATES.get_template("page.html")
    return template.render(page=page, words=words, draw=draw, table=table, trend=trend)


def _writer(texts: Texts) -> Any:
    def number(value: Any) -> str:
        return texts.number(value, 1)

    def share(value: Any) -> str:
        return texts.share(value, 1)

    writers: dict[str, Callable[[Any], str]] = {
        "text": str,
        "number": number,
        "share": share,
        "money": texts.money,
        "day": texts.day,
        "time": texts.time,
        "days": number,
        "hours": number,
    }

    def write(value: Any, kind: str) -> str:
        return NOTHING if value is None or value == "" else writers[kind](value)

    return write
