"""
Pictures: a specification becomes a static SVG that a screen reader can read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any, Final, Literal

import vl_convert

from ._page import Chart


_ROOT: Final = re.compile(r"<svg ([^>]*)>")
_LOCALES: Final[Mapping[str, Literal["en-US", "zh-CN"]]] = {"en": "en-US", "zh": "zh-CN"}


def to_svg(chart: Chart, lang: str) -> str:
    """
    Return a chart as SVG, with role, title and description. Equal charts are drawn once.

    Drawing holds the interpreter's lock: a server does it in a process of its own.
    """
    return _labelled(
        _draw(json.dumps(chart.spec, ensure_ascii=False, default=str), lang), chart.title, chart.description
    )


def spark_svg(spec: Any, label: str, lang: str) -> str:
    """
    Return a small line as SVG.
    """
    return _labelled(_draw(json.dumps(spec), lang), label, "")


@lru_cache(maxsize=512)
def _draw(spec: str, lang: str) -> str:
    drawn: str = vl_convert.vegalite_to_svg(
        spec, allowed_base_urls=[], format_locale=_LOCALES[lang], time_format_locale=_LOCALES[lang]
    )
    return drawn


def _labelled(svg: str, title: str, description: str) -> str:
    """
    Give a picture what the drawing leaves out: its role, and what it shows, in words.
    """
    said = escape(f"{title}. {description}" if description else title, quote=True)
    words = f"<title>{escape(title)}</title>" + (f"<desc>{escape(description)}</desc>" if description else "")
    return _ROOT.sub(lambda found: f'<svg role="img" aria-label="{said}" {found[1]}>{words}', svg, count=1)
