"""
The rendering of messages in two languages, and the default message of each code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final, cast

import attrs

from ..errors import plain
from .argument_types import explain_types
from .frozen import EMPTY, FrozenDict, noun
from .values import Label, Money, language, to_duration
from .vocabulary import name_of, words_of


_PLACE: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")
_NAMED: Final = re.compile(r"\{(\w+):(\w+)\}")


_KINDS: Final[Mapping[str, str]] = FrozenDict(
    {
        "cadence": "cadence",
        "field": "field",
        "fields": "field",
        "kind": "entry",
        "lacks": "attribute",
        "note": "field",
        "other": "field",
        "what": "field",
        "stage": "stage",
        "outcome": "outcome",
        "role": "role",
        "roles": "role",
        "allowed": "outcome",
        "source": "stage",
        "target": "stage",
        "title": "title",
        "transition": "transition",
        "trigger": "trigger",
        "open": "trigger",
        **dict.fromkeys(("found", "wanted", "was", "now"), "value"),
    }
)
"""The evidence that holds ids, which people know by their labels, and of what they are ids."""


@noun(slots=False, eq=False)
class Wording:
    """
    How the messages of a lifecycle name its parts and write times.

    Attributes:
        names: the labels of what has one, by kind (``field``, ``stage``, ``transition``, ``trigger``, ``value of`` a
            field) and id; the words of the library are in the vocabulary.
        zone: where times are read.
    """

    names: Mapping[str, Mapping[str, Label]] = attrs.field(default=EMPTY, repr=False)
    zone: tzinfo = UTC

    @explain_types
    def label(self, kind: str, name: str) -> Label:
        """
        Return the label of a part of the lifecycle, or of a word of the library; else its id as one.
        """
        known = self.names.get(kind)
        if known is not None and kind.startswith(value_of("")):
            field = kind.removeprefix(value_of(""))
            kind = field if name in words_of(field) else "choice"
        return (known or EMPTY).get(name) or name_of(kind, name)


def value_of(field: object) -> str:
    """
    Return the kind of the labels of a field's choices.
    """
    return f"value of {field}"


PLAIN_WORDING: Final = Wording()
"""Names parts by their ids, and times in UTC: where no lifecycle is known."""

NOTHING: Final = Label("none", "无")
"""Stands in a message for a list without items."""

VERDICT_MESSAGES: Final[Mapping[str, Label]] = FrozenDict(
    {
        "pass": Label("Passed: {guard}.", "通过：{guard}。"),
        "skipped": Label("Does not apply: {guard}.", "不适用：{guard}。"),
        "fail": Label("Not met: {guard}.", "未满足：{guard}。"),
        "unknown": Label("Cannot tell: {guard}.", "无法判断：{guard}。"),
        "guard.raised": Label(
            "The rule {guard} of plugin {plugin} raised an error: {error}.",
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
        "effect.failed": Label(
            "The effect {effect} of {transition} fails: {error}.",
            "{transition} 的附带动作 {effect} 执行出错：{error}。",
        ),
        "override.not_allowed": Label(
            "{actor} may not override {guard_use}; it takes one of these roles: {roles}.",
            "{actor} 无权特批 {guard_use}；需要以下角色之一：{roles}。",
        ),
        "override.own": Label(
            "{actor} may not override {guard_use} in a project of {actor}; somebody else has to ({roles}).",
            "{actor} 不得在自己的项目中特批 {guard_use}，须由他人执行（{roles}）。",
        ),
        "field.locked": Label(
            "{field} is fixed from stage {stage} on; it may be changed by: {roles}.",
            "{field} 自阶段 {stage} 起锁定；可修改的角色：{roles}。",
        ),
        "goal.frozen": Label(
            "Goal {goal} is approved in version {version}; change it in the next version, which needs a new approval.",
            "目标 {goal} 的版本 {version} 已获批准；修改须使用下一版本并重新审批。",
        ),
        "target.frozen": Label(
            "KPI target {kpi_target} is approved in version {version}; change it in the next version, which needs a "
            "new approval.",
            "指标目标值 {kpi_target} 的版本 {version} 已获批准；修改须使用下一版本并重新审批。",
        ),
        "criterion.frozen": Label(
            "Success criterion {success_criterion} is approved in version {version}; change it in the next version, "
            "which needs a new approval.",
            "成功标准 {success_criterion} 的版本 {version} 已获批准；修改须使用下一版本并重新审批。",
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
            "The rule of plugin {plugin} raised an error: {error}.", "插件 {plugin} 的规则自身出错：{error}。"
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


def render(label: Label, parts: Mapping[str, Any], lang: str, wording: Wording = PLAIN_WORDING) -> str:
    """
    Fill the places of a message, such as ``{amount}``, or ``{type:artefact}`` for the label of an id.

    Ids of fields, stages and so on are written by their label wherever they are called so. A label among the parts may
    have places of the second sort. The result is one line: what would break it, or act on a screen, is written out.
    """

    def part(found: re.Match[str]) -> str:
        value, kind = parts.get(found[1], found[0]), found[2] or _KINDS.get(found[1], "")
        if kind == "value":  # of which field, says another part
            kind = value_of(parts.get("field") or parts.get("what"))
        said = format_value(value, lang, wording, kind)
        if isinstance(value, Label):
            said = _NAMED.sub(part, said)
        return said.rstrip(".。") if found[1] == "error" else said  # the message ends the sentence itself

    return plain(_PLACE.sub(part, label.text(lang)))


def format_value(value: object, lang: str, wording: Wording = PLAIN_WORDING, kind: str = "") -> str:
    """
    Write a piece of evidence as a person reads it, in one line.

    Args:
        lang: any language tag.
        kind: what the value is the id of, if it is one; it is then written by its label.
    """
    if isinstance(value, Label):
        return plain(value.text(lang))
    if isinstance(value, (tuple, list, set, frozenset)):
        items = [format_value(item, lang, wording, kind) for item in cast("Iterable[object]", value)]
        items = sorted(items) if isinstance(value, (set, frozenset)) else items
        return ("、" if language(lang) == "zh" else ", ").join(items)
    if isinstance(value, bool):
        return _TRUTH[value].text(lang)
    if isinstance(value, Money):
        return f"{_amount(value.amount)} {value.currency}"
    if isinstance(value, (Decimal, float)):
        return _digits(Decimal(str(value)))
    if isinstance(value, datetime):
        return format_time(value, wording.zone)
    if isinstance(value, date):
        return value.isoformat()
    if kind == "duration" and value is not None:
        return _SPANS[(span := to_duration(value)).unit].text(lang).format(span.amount)
    text = "–" if value is None else str(value)
    return plain(wording.label(kind, text).text(lang) if kind else text)


_SPANS: Final = {
    "m": Label("{} minutes", "{} 分钟"),
    "h": Label("{} hours", "{} 小时"),
    "d": Label("{} days", "{} 天"),
    "bh": Label("{} working hours", "{} 个工作小时"),
    "bd": Label("{} working days", "{} 个工作日"),
}
_TRUTH: Final = {True: Label("yes", "是"), False: Label("no", "否")}


def _digits(number: Decimal) -> str:
    """
    Write a number without an exponent and without zeros that say nothing.
    """
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _amount(number: Decimal) -> str:
    """
    Write an amount of money with its thousands parted, and two decimals where it has some.
    """
    whole, _, decimals = f"{number:,f}".partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals:<02}" if decimals else whole


def format_time(value: datetime, zone: tzinfo) -> str:
    """
    Write a time to the minute as a clock in *zone* shows it, with the zone's name.
    """
    try:
        there = value.astimezone(zone)
    except OverflowError:  # the first and the last day of the calendar
        there, zone = value, value.tzinfo or zone
    return f"{there:%Y-%m-%d %H:%M} {zone}"
