"""
Numbers, money, days and shares as people read them, in English and in Chinese.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final, Literal

import attrs
from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent

from salesflow import Money
from salesflow.dossier import Activity, Task, name_of
from salesflow.typing import Label, Wording

from ._specs import AMOUNTS_ZH


_LOCALES: Final[Mapping[str, Locale]] = {"en": Locale("en"), "zh": Locale("zh")}
_SHORT: Final = {"en": 1_000, "zh": 10_000}
_LANGUAGE: Final = Label("en", "zh")  # a label knows which language is nearest to a tag
NOTHING: Final = "–"
"""What is shown where there is no value."""


@attrs.frozen
class Texts:
    """
    How values are written on one page.

    Attributes:
        lang: ``en`` or ``zh``.
        zone: the time zone in which times are shown.
        titles: the labels of tasks that stages bring, by title.
    """

    lang: Literal["en", "zh"]
    zone: tzinfo = UTC
    titles: Mapping[str, Label] = attrs.field(factory=dict[str, Label], repr=False, eq=False)

    @classmethod
    def of(cls, tag: str, zone: tzinfo = UTC) -> Texts:
        """
        Return how values are written in the language that is nearest to a tag such as ``zh-CN`` or ``fr``.
        """
        return cls("zh" if _LANGUAGE.text(tag) == "zh" else "en", zone)

    @property
    def locale(self) -> Locale:
        """
        The locale of numbers and dates.
        """
        return _LOCALES[self.lang]

    @property
    def amounts(self) -> str:
        """
        The format of an axis of amounts.
        """
        return self.say("~s", AMOUNTS_ZH)

    def say(self, en: str, zh: str) -> str:
        """
        Return the text of the page's language.
        """
        return zh if self.lang == "zh" else en

    def label(self, label: Label, fallback: str) -> str:
        """
        Return a label in the page's language, or the id of what has none.
        """
        return label.text("zh" if self.lang == "zh" else "en") or fallback

    def status(self, code: str) -> str:
        """
        Return a status, level, priority or other choice of an entry.
        """
        return name_of("choice", code).text(self.lang)

    def kind(self, name: str, wording: Wording) -> str:
        """
        Return what entries of a kind are called in a lifecycle.
        """
        return wording.label("entry", name).text(self.lang)

    def title(self, task: Task) -> str:
        """
        Return what a task is called; one that a stage brought goes by its label.
        """
        return self.label(self.titles.get(task.title, Label()), task.title or task.id)

    def who(self, task: Task) -> str:
        """
        Return who does a task: its owner, or the role.
        """
        return task.owner or self.word("role", task.role or "")

    def activity(self, each: Activity) -> str:
        """
        Return what an activity is about.
        """
        return each.note or self.word("activity", each.type) or each.id

    def word(self, sort: str, word: str) -> str:
        """
        Return what people call a word of the library; see :func:`salesflow.dossier.name_of`.
        """
        return name_of(sort, word).text(self.lang)

    def listed(self, sort: str, words: Iterable[str]) -> str:
        """
        Return several words of the library in a row.
        """
        return self.say(", ", "、").join(self.word(sort, each) for each in words)

    def number(self, value: Any, digits: int = 0) -> str:
        """
        Return a number with separators.
        """
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        return NOTHING if value is None else format_decimal(value, format=pattern, locale=self.locale)

    def share(self, value: Any, digits: int = 0) -> str:
        """
        Return a ratio in per cent.
        """
        pattern = "#,##0" + ("." + "#" * digits if digits else "") + "%"
        return NOTHING if value is None else format_percent(value, format=pattern, locale=self.locale)

    def money(self, value: Money | None, *, short: bool = True) -> str:
        """
        Return an amount; short in thousands and millions, or 万 and 亿.
        """
        if value is None:
            return NOTHING
        if not short:
            return format_currency(value.amount, value.currency, locale=self.locale)
        if abs(value.amount) < _SHORT[self.lang]:
            whole = value.amount.quantize(Decimal(1), ROUND_HALF_EVEN)
            return format_currency(whole, value.currency, locale=self.locale, currency_digits=False, format="¤#,##0")
        return format_compact_currency(value.amount, value.currency, locale=self.locale, fraction_digits=1)

    def day(self, value: date | None) -> str:
        """
        Return a day, or the day of a time in the zone of the page.
        """
        if value is None:
            return NOTHING
        local = value.astimezone(self.zone).date() if isinstance(value, datetime) else value
        return format_date(local, "medium" if self.lang == "en" else "long", locale=self.locale)

    def time(self, value: datetime | None) -> str:
        """
        Return a time in the zone of the page, with the name of the zone.
        """
        if value is None:
            return NOTHING
        local = value.astimezone(self.zone)
        clock = format_time(local, "short", locale=self.locale)
        return f"{self.day(value)} {clock} {local.tzname()}"

    def value(self, value: Any, unit: str = "") -> str:
        """
        Return the value of a figure by its unit.
        """
        if value is None:
            return NOTHING
        if isinstance(value, bool):
            return self.say("yes", "是") if value else self.say("no", "否")
        if isinstance(value, Money):
            return _UNITS.get(unit, ("{}", "{}"))[self.lang == "zh"].format(self.money(value))
        if unit == "ratio":
            return self.share(value, 1)
        if unit in _UNITS:
            return _UNITS[unit][self.lang == "zh"].format(self.number(value, 1))
        if isinstance(value, (int, float, Decimal)):
            return self.number(value, 1)
        if isinstance(value, datetime):
            return self.time(value)
        return self.day(value) if isinstance(value, date) else str(value)


_UNITS: Final = {
    "days": ("{} days", "{} 天"),
    "working_days": ("{} working days", "{} 个工作日"),
    "hours": ("{} hours", "{} 小时"),
    "points": ("{} points", "{} 分"),
    "score": ("{}", "{} 分"),
    "money_per_day": ("{} a day", "每天 {}"),
}
