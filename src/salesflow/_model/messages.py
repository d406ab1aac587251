"""
What scores and findings say where their scorer or check has no words of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .frozen import FrozenDict
from .values import Label, Lang
from .verdict import told


PLAIN: Final[Mapping[str, Label]] = FrozenDict(
    {
        "": Label("Nothing found.", "未发现问题。"),
        "value.missing": Label("There is no value, and no reason is given.", "没有分值，也未说明原因。"),
        "insufficient_data": Label(
            "Too little is known: {n} of at least {needed}.", "数据不足：现有 {n}，至少需要 {needed}。"
        ),
        "advice.raised": Label(
            "The rule of plugin {plugin} failed itself: {error}.", "插件 {plugin} 的规则自身出错：{error}。"
        ),
        "advice.malformed": Label(
            "The rule of plugin {plugin} gave no usable answer: {error}.",
            "插件 {plugin} 的规则未给出有效结论：{error}。",
        ),
    }
)


def said(code: str, codes: Mapping[str, Label], parts: Mapping[str, Any], lang: Lang) -> str:
    """
    Write the message of a code: of *codes* if it is there, else a common one, else the code itself.
    """
    return told(codes.get(code) or PLAIN.get(code) or Label(code), parts, lang)
