"""
The rendering of messages in two languages, and the default message of each code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, cast

from .frozen import EMPTY, FrozenDict
from .values import Label, Lang


_PLACE = re.compile(r"\{(\w+)\}")

_NAMED: Final = frozenset({"field", "fields", "other", "stage", "transition"})
"""The evidence that holds ids of the lifecycle, which people know by their labels."""

VERDICT_MESSAGES: Final[Mapping[str, Label]] = FrozenDict(
    {
        "pass": Label("Passed: {guard}.", "通过：{guard}。"),
        "skipped": Label("Does not apply: {guard}.", "不适用：{guard}。"),
        "fail": Label("Not met: {guard}.", "未满足：{guard}。"),
        "unknown": Label("Cannot be told: {guard}.", "无法判断：{guard}。"),
        "guard.raised": Label(
            "The rule {guard} of plugin {plugin} failed itself: {error}.",
            "插件 {plugin} 的规则 {guard} 自身出错：{error}。",
        ),
        "transition.unavailable": Label(
            "{trigger} is not open from stage {stage}. Open from here: {open}.",
            "阶段 {stage} 不能执行 {trigger}。当前可执行：{open}。",
        ),
        "outcome.not_allowed": Label(
            "The outcome {outcome} cannot be given here; allowed: {allowed}.",
            "此处不能给出结果 {outcome}；允许的结果：{allowed}。",
        ),
        "override.not_allowed": Label(
            "{actor} may not override {guard_use}; it takes one of these roles: {roles}.",
            "{actor} 无权豁免 {guard_use}；需要以下角色之一：{roles}。",
        ),
        "override.own": Label(
            "{actor} may not override {guard_use} in a project of {actor}; somebody else has to ({roles}).",
            "{actor} 不得在自己的项目中豁免 {guard_use}，须由他人执行（{roles}）。",
        ),
        "field.locked": Label(
            "{field} is fixed from stage {stage} on; it may be changed by: {roles}.",
            "{field} 自阶段 {stage} 起锁定；可修改的角色：{roles}。",
        ),
        "guard.malformed": Label(
            "The rule {guard} of plugin {plugin} gave no usable answer: {error}.",
            "插件 {plugin} 的规则 {guard} 未给出有效结论：{error}。",
        ),
    }
)
"""What a verdict says, by code or else by status, where its guard has no message of its own."""

ADVICE_MESSAGES: Final[Mapping[str, Label]] = FrozenDict(
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
"""What a score or finding says, by code, where its scorer or check has no message of its own."""


def default_message(messages: Mapping[str, Label], code: str, *fallbacks: str) -> Label:
    """
    Return the message of a code, or of the first fallback that has a message, or else the code itself.
    """
    return next((messages[name] for name in (code, *fallbacks) if name in messages), Label(code))


def render(label: Label, parts: Mapping[str, Any], lang: Lang, names: Mapping[str, Label] = EMPTY) -> str:
    """
    Fill the places of a message; fields, stages and transitions among its parts are written by their label.
    """

    def part(found: re.Match[str]) -> str:
        return format_value(parts.get(found[1], found[0]), lang, names if found[1] in _NAMED else EMPTY)

    return _PLACE.sub(part, label.text(lang))


def format_value(value: object, lang: Lang, names: Mapping[str, Label] = EMPTY) -> str:
    """
    Write a piece of evidence as a person reads it; ids in *names* are written as their label.
    """
    if isinstance(value, Label):
        return value.text(lang)
    if isinstance(value, (tuple, list, set, frozenset)):
        items = [format_value(item, lang, names) for item in cast("Iterable[object]", value)]
        items = sorted(items) if isinstance(value, (set, frozenset)) else items
        return ("、" if lang == "zh" else ", ").join(items)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return names[text].text(lang) if text in names else text
