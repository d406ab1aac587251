"""
Recurrences that a plugin reads: asked for what the library does not know, and faults where it cannot.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import salesflow as sf
from salesflow import hookimpl

from .cases import over_cases


AT = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday


class Odd:
    """A plugin that reads ``odd days HH`` and gives whatever it was made with for other texts."""

    name = "odd"

    def __init__(self, answer=None):
        self.answer = answer

    @hookimpl
    def salesflow_recurrences(self, text):
        """Return the odd days of months."""
        if isinstance(self.answer, Exception):
            raise self.answer
        if not text.startswith("odd days "):
            return self.answer
        hour = time(int(text.removeprefix("odd days ")))

        def times(first, last):
            days = (first + timedelta(days=number) for number in range((last - first).days + 1))
            return [datetime.combine(day, hour) for day in days if day.day % 2]

        return times


def data(every):
    """A definition with one cadence."""
    return {
        "id": "deal",
        "time_zone": "Asia/Shanghai",
        "cadences": [{"id": "call", "every": every, "met_by": {"activity": "call"}}],
        "stages": [{"id": "work"}, {"id": "won", "kind": "won"}],
        "transitions": [{"id": "win", "source": "work", "target": "won"}],
    }


def test_a_plugin_reads_it():
    """
    A text that the library does not know is read by the first plugin that does; its times are those of the zone.
    """
    lifecycle = sf.build_lifecycle(data("odd days 9"), plugins=[Odd()])
    pipeline = sf.Pipeline(lifecycle, actor=sf.Actor("li.wei"), clock=lambda: AT)
    pipeline.open("Metro", id="P-1")
    found = [f"{each.at:%m-%d %H}" for each in pipeline.agenda(AT, AT + timedelta(days=9))]

    assert ["03-03 01", "03-05 01", "03-07 01", "03-09 01"] == found
    assert lifecycle.definition == sf.load_definition(text=sf.dump_definition(lifecycle.definition))


def test_it_is_not_asked_for_what_is_known():
    """
    What the library reads itself is no question for a plugin.
    """
    assert sf.check_definition(data("daily 09:00"), plugins=[Odd(ValueError("asked"))]).ok


@over_cases(
    ("every", "answer", "en", "zh"),
    [
        ("RRULE:FREQ=DAILY;BYHOUR=9", None, "Install the plugin salesflow-calendar", "安装插件 salesflow-calendar"),
        ("now and then", None, "is not a time of a cadence", "不是节奏的时间"),
        ("now and then", ValueError("no"), "plugin 'odd' cannot use 'now and then': no", "插件 'odd' 无法使用"),
        ("now and then", 5, "plugin 'odd' gives 5 for 'now and then'", "插件 'odd' 对 'now and then' 返回 5"),
    ],
)
def test_faults(every, answer, en, zh):
    """
    What nobody reads, or a plugin cannot, is a fault of the cadence that says what to do.
    """
    (fault,) = sf.check_definition(data(every), plugins=[Odd(answer)]).faults

    assert ("cadences[0].every", "cadence.every") == (fault.path, fault.code)
    assert (True, True) == (en in str(fault), zh in fault.text("zh"))
