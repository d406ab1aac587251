"""
Mistakes in business time, as people make them: each fault names the value and what to write, in both languages.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import salesflow as sf
from salesflow.effects import notify
from salesflow.plugins.directory import Directory

from .cases import over_cases


DEAL = {
    "id": "deal",
    "fields": [{"id": "due", "type": "date"}, {"id": "note", "type": "text"}],
    "stages": [{"id": "work"}, {"id": "won", "kind": "won"}],
    "transitions": [{"id": "win", "source": "work", "target": "won"}],
}


def stage(**deadline):
    """The stages of a deal, of which the first has a deadline."""
    return {"stages": [{"id": "work", "deadlines": [{"id": "sla", **deadline}]}, {"id": "won", "kind": "won"}]}


def cadence(**parts):
    """A cadence of a deal."""
    return {"cadences": [{"id": "call", "every": "daily 09:00", "met_by": {"activity": "call"}, **parts}]}


def hours(*spans, days="mon_fri"):
    """The weekly hours of a deal."""
    return {"calendar": {"hours": {days: list(spans)}}}


@over_cases(
    ("mistake", "path", "en", "zh"),
    [
        ({"time_zone": "Asia/Peking"}, "time_zone", "no time zone 'Asia/Peking'", "没有名为 'Asia/Peking' 的时区"),
        ({"calendar": "weekday"}, "calendar", "Did you mean 'weekdays'?", "是否应为 'weekdays'？"),
        ({"calendar": {"holidays": "CN"}}, "calendar.holidays", "salesflow-calendar", "salesflow-calendar"),
        (stage(after="3wd"), "stages[0].deadlines[0].after", "Write a number and d, bd", "请写数字加 d（天）"),
        (stage(after="3bd"), "stages[0].deadlines[0].after", "need a working calendar", "需要工作日历"),
        (stage(after="3bh"), "stages[0].deadlines[0].after", "hours", "工作时段"),
        (hours("09:00-12:00", "11:00-18:00"), "calendar.hours.mon_fri", "'11:00-18:00' begin before", "不得重叠"),
        (hours("18:00-09:00"), "calendar.hours.mon_fri", "'18:00-09:00' end before", "结束早于开始"),
        (hours("9-12"), "calendar.hours.mon_fri", "'9-12' are not working hours", "'9-12' 不是时段"),
        (hours("09:00-12:00", days="mon-fri"), "calendar.hours.mon-fri", "such as 'mon_fri'", "例如 'mon_fri'"),
        (hours(days="mon"), "calendar.hours", "no day is worked", "没有任何工作日"),
        (cadence(every="every 0m after win"), "cadences[0].every", "more than one slot a minute", "每分钟超过一个时点"),
        (cadence(every="every 10s after win"), "cadences[0].every", "'10s' is not a duration", "'10s' 不是时长"),
        (cadence(every="every 9d after winn"), "cadences[0].every", "Did you mean 'win'?", "是否应为 'win'？"),
        (cadence(met_by={"entry": "reviews"}), "cadences[0].met_by.entry", "'reviews'", "没有条目类型 'reviews'"),
        (cadence(met_by={"event": "x"}), "cadences[0].met_by.event", "entry, review, activity", "entry、review"),
        (stage(field="note", before="2d"), "stages[0].deadlines[0].field", "needs a date", "只能依据日期"),
        (stage(field="duee", before="2d"), "stages[0].deadlines[0].field", "Did you mean 'due'?", "是否应为 'due'？"),
        (stage(before="2d"), "stages[0].deadlines[0].before", "Name a date under field", "请用 field 指定日期字段"),
    ],
)
def test_a_mistake_is_named(mistake, path, en, zh):
    """
    The one fault stands at what was written, and says in English and Chinese what would do.
    """
    faults = [each for each in sf.check_definition({**DEAL, **mistake}).faults if each.path != "cadences[0].met_by"]

    assert [(path, True, True)] == [(each.path, en in str(each), zh in each.text("zh")) for each in faults]


@pytest.mark.parametrize("address", ["mailto://li:secret@example.com", "wecom://key-secret"])
def test_a_secret_is_no_address(address):
    """
    The URL of a channel is refused in a definition, and what it holds is not repeated.
    """
    tells = {**DEAL["transitions"][0], "effects": [{"use": "notify", "to": [address]}]}
    (fault,) = sf.check_definition({**DEAL, "transitions": [tells]}).faults

    assert ("transitions[0].effects[0]", False) == (fault.path, "secret" in str(fault).replace("secrets", ""))
    assert (True, True) == ("environment" in str(fault), "环境变量" in fault.text("zh"))


def test_an_address_of_nobody():
    """
    What nobody resolves is a dead letter that names the address.
    """
    definition = sf.Definition(
        "deal",
        stages=[sf.Stage("work"), sf.Stage("won", "won")],
        transitions=[sf.Transition("win", "work", "won", effects=[notify(["role:ceo"])])],
    )
    people = Directory.load({"schema": 1, "people": [{"id": "li"}]})
    at = datetime(2026, 3, 2, tzinfo=UTC)
    pipeline = sf.Pipeline(sf.build_lifecycle(definition, plugins=[people]), actor=sf.Actor("li"), clock=lambda: at)
    pipeline.open("Metro", id="P-1")
    pipeline.fire("P-1", "win")
    pipeline.deliver(lambda _notice, _id: True)

    assert ["nobody was found at role:ceo"] == [each.error for each in pipeline.dead()]
