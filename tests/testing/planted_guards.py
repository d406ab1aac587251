"""
Guards and plugins that are broken on purpose, each with the checks of its contract that must fail.

Collected by nobody: ``test_planted_static.py`` runs them one by one.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from math import inf
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import attrs

from salesflow import Field, hookimpl
from salesflow.calendars import weekdays
from salesflow.dossier import KpiDefinition
from salesflow.effects import effect
from salesflow.guards import Remedy, failed, guard, passed
from salesflow.insight import Cases, Summary, kpi, share, total
from salesflow.plugins import Env, Recipient, done, failed as delivery_failed, later
from salesflow.stores import MemoryStore
from salesflow.testing import GuardContract, PluginContract
from salesflow.typing import Context, FieldSet, Finding, Label, Score


CODES = {"broken.no": Label("No: {why}.", "否：{why}。")}
CURE = Remedy("field", "note", {"op": "eq", "value": "yes"})


def broken(name: str, check: Any, **about: Any) -> Any:
    """Declare a guard of a check; what is wrong with it is said in *about*."""

    def factory() -> Any:
        """Ask for something."""
        return check

    return guard(f"broken.{name}", **{"codes": CODES, "reads": lambda: ("note",), **about})(factory)


def sound(ctx: Context) -> Any:
    """What a guard should be like."""
    note = ctx.project.fields.get("note")
    return passed() if note == "yes" else failed("broken.no", CURE, why=note or "-")


class Base(GuardContract):
    examples = 8
    fields = (Field("note"), Field("size", "integer"))


class Sound(Base):
    """Not broken at all: every check passes."""

    guard = broken("sound", sound)
    caught_by = ()


class ReadsTheClock(Base):
    guard = broken("clock", lambda ctx: passed() if datetime.now(UTC) > ctx.at.replace(year=2000) else sound(ctx))
    caught_by = ("test_looks_at_nothing_outside",)


class ThrowsDice(Base):
    guard = broken("dice", lambda ctx: passed() if random.random() < 0.5 else sound(ctx))
    caught_by = ("test_looks_at_nothing_outside", "test_is_deterministic")


class ReadsTheEnvironment(Base):
    guard = broken("environment", lambda ctx: passed() if os.environ.get("NO_GUARDS") else sound(ctx))
    caught_by = ("test_looks_at_nothing_outside",)


class ReadsAFile(Base):
    guard = broken("file", lambda ctx: passed() if Path(__file__).read_text("utf-8") == "" else sound(ctx))
    caught_by = ("test_looks_at_nothing_outside",)


def _mutates(ctx: Context) -> Any:
    object.__setattr__(ctx.project, "outcome", "won")
    return passed()


class ChangesTheProject(Base):
    guard = broken("mutates", _mutates)
    caught_by = ("test_changes_nothing",)


def _unlocks(ctx: Context) -> Any:
    object.__setattr__(ctx.transition, "outcome", "won")
    return passed()


class ChangesTheTransition(Base):
    """What it changes is changed from the first time on, so that it looks the same before and after."""

    guard = broken("unlocks", _unlocks)
    caught_by = ("test_changes_nothing",)


class Counts(Base):
    """A guard that remembers how often it was asked."""

    calls: ClassVar[list[Context]] = []
    guard = broken("counts", lambda ctx: (Counts.calls.append(ctx), passed("broken.no", why=len(Counts.calls)))[1])
    caught_by = ("test_is_deterministic",)


class Raises(Base):
    guard = broken("raises", lambda ctx: passed() if ctx.project.fields["note"] else sound(ctx))
    caught_by = ("test_is_total",)


class AnswersYes(Base):
    """True is no verdict."""

    guard = broken("boolean", lambda ctx: True)
    caught_by = ("test_is_total",)


class CuresNothing(Base):
    """It asks for one value, and passes on another."""

    guard = broken("uncured", lambda ctx: failed("broken.no", CURE, why="always"))
    caught_by = ("test_remedies_cure",)


class SaysNothing(Base):
    """A refusal that nobody can do anything about, and that is not declared as one."""

    guard = broken("remediless", lambda ctx: failed("broken.no", why="because"))
    caught_by = ("test_remedies_cure",)


class LacksChinese(Base):
    guard = broken("english", sound, codes={"broken.no": Label("No: {why}.")})
    caught_by = ("test_codes_speak_both_languages",)


class ForgetsAPlace(Base):
    guard = broken("places", sound, codes={"broken.no": Label("No: {why}, {who}.", "否：{why}，{who}。")})
    caught_by = ("test_answers_in_declared_codes",)


class UsesAnotherCode(Base):
    guard = broken("code", lambda ctx: failed("broken.nein", CURE, why="always"))
    caught_by = ("test_answers_in_declared_codes",)


class ReadsMore(Base):
    """It reads a field that it does not declare, so that a host would not bind it."""

    guard = broken("reads", lambda ctx: passed() if "size" in ctx.project.fields else sound(ctx))
    caught_by = ("test_reads_what_it_declares",)


class KeepsAnObject(Base):
    """Its evidence is no plain value."""

    guard = broken("object", lambda ctx: failed("broken.no", CURE, why=object))
    caught_by = ("test_answers_can_be_stored",)


class HasNoDocstring(Base):
    guard = guard("broken.silent", codes=CODES, reads=lambda: ("note",))(lambda: sound)
    caught_by = ("test_is_documented",)


# --- Plugins ---------------------------------------------------------------------------------------------------------


@attrs.frozen
class Visit:
    """A visit at the customer's."""

    kind: ClassVar[str] = "house.visit"

    id: str
    note: str = ""
    minutes: int = 0


@attrs.frozen
class Growing:
    """An entry whose text grows whenever it is read."""

    kind: ClassVar[str] = "house.growing"

    id: str
    note: str = attrs.field(default="", converter=lambda text: text and f"{text}!")


@attrs.define
class Open:
    """An entry that anybody may change."""

    kind: ClassVar[str] = "house.open"

    id: str


@guard("house.noted", codes={"house.blank": Label("Write {field}.", "请填写 {field}。")}, reads=lambda field: (field,))
def noted(field: str) -> Any:
    """Ask for a note."""
    return lambda ctx: passed() if ctx.project.fields.get(field) else failed("house.blank", field=field)


@guard("silent.guard", codes={})
def silent() -> Any:
    return lambda ctx: passed()


@effect("house.stamp", writes=lambda: ("note",))
def stamp() -> Any:
    """Write the version into the note."""
    return lambda ctx: (FieldSet("note", str(ctx.version)),)


@effect("house.now", writes=lambda: ("note",))
def now() -> Any:
    """Write the time of the machine into the note."""
    return lambda ctx: (FieldSet("note", datetime.now(UTC).isoformat()),)


@effect("house.unsettling", writes=lambda: ("note",))
def unsettling() -> Any:
    """Write into the project itself."""

    def run(ctx: Any) -> Any:
        object.__setattr__(ctx.project, "name", "mine")
        return ()

    return run


def plugin(**hooks: Any) -> Any:
    """A plugin called ``house`` with functions that return what is given."""
    made = {f"salesflow_{name}": hookimpl(function) for name, function in hooks.items()}
    return SimpleNamespace(name="house", **made)


def _spoils(facts: Any, project: Any) -> None:
    object.__setattr__(project, "fields", type(project.fields)({"note": "spoilt"}))


def _grumbles(facts: Any) -> None:
    raise LookupError("nobody listens")


class House(PluginContract):
    examples = 6
    fields = (Field("note"),)
    uses = (noted("note"),)


class SoundPlugin(House):
    """Not broken at all: every check passes."""

    plugin = plugin(
        guards=lambda: (noted,),
        effects=lambda: (stamp,),
        entries=lambda: (Visit,),
        committed=lambda project: None,
    )
    caught_by = ()


class Unmarked(House):
    """A function that is called like a hook and is not marked as one."""

    plugin = SimpleNamespace(name="house", salesflow_guards=lambda: (noted,))
    uses = ()
    caught_by = ("test_registers",)


class Misspelt(House):
    """A hook that nobody calls, because its name lacks two letters."""

    plugin = SimpleNamespace(
        name="house", salesflow_guards=hookimpl(lambda: (noted,)), saleflow_commited=lambda facts, project: None
    )
    caught_by = ("test_hooks_are_spelt_right",)


class NotPrefixed(House):
    plugin = plugin(guards=lambda: (silent, noted))
    caught_by = ("test_registers", "test_contributions_are_documented")


class NotUsed(House):
    """A guard takes parameters, and nobody says which."""

    plugin = plugin(guards=lambda: (noted,))
    uses = ()
    caught_by = ("test_contributions_build",)


class BrokenLifecycle(House):
    plugin = plugin(guards=lambda: (noted,), lifecycles=lambda: {"house.short": "schema = 1\nid = 'short'\n"})
    caught_by = ("test_contributions_build",)


@attrs.frozen
class Key:
    """A secret in a list and in a table."""

    keys: tuple[Env, ...]
    by_name: dict[str, Env] = attrs.field(factory=dict)


@attrs.frozen
class ShownKey:
    """A secret that is copied where it is seen."""

    key: Env
    copied: str = attrs.field(init=False, default=attrs.Factory(lambda self: self.key.value, takes_self=True))


@attrs.frozen
class Silent:
    level: int = 1


@attrs.frozen
class Unhashed:
    """A list that can grow."""

    levels: list[int]


PATH = {"env": "PATH"}  # a variable that is set everywhere


class SoundSettings(House):
    """Not broken at all: settings with secrets, which a listener asks for."""

    plugin = plugin(guards=lambda: (noted,), settings=lambda: Key, committed=lambda settings: settings.keys[0].value)
    settings: ClassVar = {"keys": [PATH], "by_name": {"a": PATH}}
    caught_by = ()


class ShowsSecret(House):
    plugin = plugin(guards=lambda: (noted,), settings=lambda: ShownKey)
    settings: ClassVar = {"key": PATH}
    caught_by = ("test_settings_are_sound",)


class SilentSettings(House):
    plugin = plugin(guards=lambda: (noted,), settings=lambda: Silent)
    caught_by = ("test_settings_are_sound",)


class OpenSettings(House):
    plugin = plugin(guards=lambda: (noted,), settings=lambda: Unhashed)
    settings: ClassVar = {"levels": [1]}
    caught_by = ("test_settings_are_sound",)


class LosesEntries(House):
    plugin = plugin(guards=lambda: (noted,), entries=lambda: (Growing,))
    caught_by = ("test_entries_come_back",)


class OpenEntries(House):
    plugin = plugin(guards=lambda: (noted,), entries=lambda: (Open,))
    caught_by = ("test_entries_are_frozen",)


class ImpureEffect(House):
    plugin = plugin(guards=lambda: (noted,), effects=lambda: (now,))
    caught_by = ("test_effects_are_pure",)


class EffectOnTheProject(House):
    plugin = plugin(guards=lambda: (noted,), effects=lambda: (unsettling,))
    caught_by = ("test_effects_are_pure",)


class SoundAdvice(House):
    """Not broken at all: rules, scores, findings and an opener that are as they should be."""

    plugin = plugin(
        guards=lambda: (noted,),
        stage_rules=lambda project: [failed("house.blank", field="note")],
        score=lambda: [Score("house.score", 5, code="house.blank")],
        check_risks=lambda: [Finding("house.risk", "fired", level="high", signal=1, code="house.blank")],
        stores=lambda: {"house": lambda url, **_: MemoryStore()},
    )
    vars(plugin).update(codes={"house.blank": Label("Write it.", "请填写。")}, advice=("house.score", "house.risk"))
    urls = ("house:x",)
    caught_by = ()


class RaisingRule(House):
    plugin = plugin(guards=lambda: (noted,), stage_rules=lambda: 1 / 0)
    caught_by = ("test_stage_rules_are_sound",)


class RuleOfNothing(House):
    plugin = plugin(guards=lambda: (noted,), stage_rules=lambda: ["no verdict"])
    caught_by = ("test_stage_rules_are_sound",)


class RuleByTheClock(House):
    plugin = plugin(guards=lambda: (noted,), stage_rules=lambda: [passed()] if datetime.now(UTC) else [])
    caught_by = ("test_stage_rules_are_sound",)


class RuleWithoutMessage(House):
    plugin = plugin(guards=lambda: (noted,), stage_rules=lambda: [failed("house.unheard")])
    caught_by = ("test_stage_rules_are_sound",)


class RuleOnTheProject(House):
    plugin = plugin(guards=lambda: (noted,), stage_rules=lambda project: object.__setattr__(project, "name", "x"))
    caught_by = ("test_stage_rules_are_sound",)


class RaisingScore(House):
    plugin = plugin(guards=lambda: (noted,), score=lambda: 1 / 0)
    caught_by = ("test_scores_are_sound",)


class EndlessScore(House):
    plugin = plugin(guards=lambda: (noted,), score=lambda: [Score("house.score", inf, high=inf)])
    caught_by = ("test_scores_are_sound",)


class ScoreByChance(House):
    plugin = plugin(guards=lambda: (noted,), score=lambda: [Score("house.score", random.random())])
    caught_by = ("test_scores_are_sound",)


class ScoreOfAnother(House):
    plugin = plugin(guards=lambda: (noted,), score=lambda: [Score("other.score", 5)])
    caught_by = ("test_scores_are_sound",)


class SevereFinding(House):
    plugin = plugin(guards=lambda: (noted,), check_risks=lambda: [Finding("house.risk", "fired", level="severe")])
    caught_by = ("test_findings_are_sound",)


class LoudFinding(House):
    plugin = plugin(guards=lambda: (noted,), check_risks=lambda: [Finding("house.risk", "fired", signal=7)])
    caught_by = ("test_findings_are_sound",)


class FindingWithoutMessage(House):
    plugin = plugin(guards=lambda: (noted,), check_risks=lambda: [Finding("house.risk", "fired", code="house.unheard")])
    caught_by = ("test_findings_are_sound",)


class OpenerWithoutTenants(House):
    plugin = plugin(guards=lambda: (noted,), stores=lambda: {"house": lambda url: MemoryStore()})
    caught_by = ("test_stores_open",)


class OpenerOfNothing(House):
    plugin = plugin(guards=lambda: (noted,), stores=lambda: {"house": lambda url, **_: StringIO()})
    urls = ("house:x",)
    caught_by = ("test_stores_open",)


class SpoilingListener(House):
    plugin = plugin(guards=lambda: (noted,), committed=_spoils)
    caught_by = ("test_listeners_change_nothing",)


class RaisingListener(House):
    plugin = plugin(guards=lambda: (noted,), committed=_grumbles)
    caught_by = ("test_listeners_change_nothing",)


def _speaks(notice: Any) -> Any:
    """Deliver, unless the text is in a language that nobody reads."""
    if notice.lang == "de":
        return delivery_failed("nobody reads German")
    return later(notice.at + timedelta(hours=1)) if notice.lang == "zh" else notice.text() != ""


def _unreachable() -> Any:
    raise ConnectionError("nobody answers")


def _finds(address: str, project: Any) -> Any:
    if address == "owner":
        return [Recipient(str(project.owner), lang="zh")] if project.owner else []
    return [Recipient(address)] if address == "nobody-knows" else None


class Delivery(House):
    uses = ()


class SoundDelivery(Delivery):
    """Not broken at all: it delivers, puts off and fails, and finds people."""

    plugin = plugin(notify=_speaks, directory=_finds)
    caught_by = ()


class UnreachableDelivery(Delivery):
    """Not broken at all: what it raises is a failure."""

    plugin = plugin(notify=_unreachable)
    caught_by = ()


class StumblingDelivery(Delivery):
    plugin = plugin(notify=lambda notice: {"en": 1, "zh": 2}[notice.lang] and done)
    caught_by = ("test_notices_are_answered",)


class DeliveryOfText(Delivery):
    plugin = plugin(notify=lambda notice: "sent")
    caught_by = ("test_notices_are_answered",)


class DeliveryBeforeTheNotice(Delivery):
    plugin = plugin(notify=lambda notice: later(notice.at - timedelta(hours=1)))
    caught_by = ("test_notices_are_answered",)


class DeliveryWithoutReason(Delivery):
    plugin = plugin(notify=lambda notice: delivery_failed(""))
    caught_by = ("test_notices_are_answered",)


class DeliveryOnTheNotice(Delivery):
    plugin = plugin(notify=lambda notice: object.__setattr__(notice, "topic", "mine"))
    caught_by = ("test_notices_are_answered",)


class DeliveryOnce(Delivery):
    sent: ClassVar[set[str]] = set()
    plugin = plugin(notify=lambda notice: 1 if notice.lang in DeliveryOnce.sent else DeliveryOnce.sent.add(notice.lang))
    caught_by = ("test_notices_are_answered",)


class StumblingDirectory(Delivery):
    plugin = plugin(directory=lambda project: [Recipient(project.owner.strip())])
    caught_by = ("test_directories_find_people",)


class DirectoryOfNames(Delivery):
    plugin = plugin(directory=lambda: ["li.wei"])
    caught_by = ("test_directories_find_people",)


class DirectoryOfEverybody(Delivery):
    plugin = plugin(directory=lambda: [Recipient("li.wei"), Recipient("ana")])
    caught_by = ("test_directories_find_people",)


class DirectoryByChance(Delivery):
    plugin = plugin(directory=lambda address: [Recipient(f"{address}-{random.random()}")])
    caught_by = ("test_directories_find_people",)


class DirectoryOnTheProject(Delivery):
    plugin = plugin(directory=lambda project: object.__setattr__(project, "name", "mine"))
    caught_by = ("test_directories_find_people",)


class Days(House):
    uses = ()
    calendars = ("house",)
    recurrences = ("each full moon",)


@attrs.frozen
class Week:
    """The calendar of a week without weekends, built on the ready one, with a fault planted by a subclass."""

    inner: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class SleepyWeek(Week):
    def add(self, start: datetime, duration: Any, unit: str = "bd") -> datetime:
        return self.inner.add(start, duration, unit) + timedelta(hours=1)


class LazyWeek(Week):
    def is_working_day(self, day: date) -> bool:
        return day.day % 2 == 0


class WakefulWeek(Week):
    def next_open(self, when: datetime, unit: str = "bd") -> datetime:
        return when + timedelta(hours=1)


class MoodyWeek(Week):
    def is_working_day(self, day: date) -> bool:
        return random.random() < 0.5


def _week(make: Any) -> Any:
    return plugin(calendars=lambda name, zone: make(weekdays(zone)) if name == "house" else None)


def _moons(times: Any) -> Any:
    return plugin(recurrences=lambda text: times if "moon" in text else None)


def _moon(first: date, last: date) -> list[datetime]:
    days = (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
    return [datetime.combine(day, time(9)) for day in days if day.toordinal() % 29 == 0]


class SoundDays(Days):
    """Not broken at all: a calendar of its own, and a rule."""

    plugin = plugin(
        calendars=lambda name, zone: weekdays(zone) if name == "house" else None,
        recurrences=lambda text: _moon if "moon" in text else None,
    )
    caught_by = ()


class CalendarThatOversleeps(Days):
    plugin = _week(SleepyWeek)
    caught_by = ("test_calendars_keep_the_law",)


class CalendarOfOtherDays(Days):
    plugin = _week(LazyWeek)
    caught_by = ("test_calendars_keep_the_law",)


class CalendarThatNeverOpens(Days):
    plugin = _week(WakefulWeek)
    caught_by = ("test_calendars_keep_the_law",)


class CalendarByChance(Days):
    plugin = _week(MoodyWeek)
    caught_by = ("test_calendars_keep_the_law",)


class CalendarElsewhere(Days):
    plugin = plugin(calendars=lambda name: weekdays(ZoneInfo("Asia/Shanghai")) if name == "house" else None)
    caught_by = ("test_calendars_keep_the_law",)


class CalendarOfAnyName(Days):
    plugin = plugin(calendars=lambda zone: weekdays(zone))  # noqa: PLW0108 -- a hook marks its function
    caught_by = ("test_calendars_keep_the_law",)


class RuleOfAnyText(Days):
    plugin = plugin(recurrences=lambda: _moon)
    caught_by = ("test_recurrences_are_pure",)


class RuleWithZone(Days):
    plugin = _moons(lambda first, last: [each.replace(tzinfo=UTC) for each in _moon(first, last)])
    caught_by = ("test_recurrences_are_pure",)


class RuleBeyondItsDays(Days):
    plugin = _moons(lambda first, last: _moon(first, last + timedelta(days=60)))
    caught_by = ("test_recurrences_are_pure",)


class RuleBackwards(Days):
    plugin = _moons(lambda first, last: _moon(first, last)[::-1])
    caught_by = ("test_recurrences_are_pure",)


class RuleByItsBegin(Days):
    plugin = _moons(lambda first, last: [datetime.combine(first + timedelta(days=n), time(9)) for n in (0,)])
    caught_by = ("test_recurrences_are_pure",)


class RuleByChance(Days):
    plugin = _moons(lambda first, last: [each for each in _moon(first, last) if random.random() < 0.5])
    caught_by = ("test_recurrences_are_pure",)


def figure(find: Any, summarise: Any = total, **about: Any) -> Any:
    """A plugin with a KPI of a formula."""
    texts = {"label": Label("Notes", "备注"), "meaning": Label("All notes.", "全部备注。"), **about}
    return plugin(kpis=lambda: [kpi(KpiDefinition("house.notes", **texts), summarise)(find)])


def every_project(ask: Any) -> Cases:
    """Each project once."""
    rows = ask.columns.included()
    return Cases(rows, [1] * len(rows), [1] * len(rows))


class SoundKpi(House):
    """Not broken at all: a share of projects."""

    uses = ()
    plugin = figure(every_project, share)
    caught_by = ()


class SilentKpi(SoundKpi):
    plugin = figure(every_project, meaning=Label("All notes."))
    caught_by = ("test_kpis_are_sound",)


class RaisingKpi(SoundKpi):
    plugin = figure(lambda ask: 1 / 0)
    caught_by = ("test_kpis_are_sound",)


class KpiByTheClock(SoundKpi):
    plugin = figure(lambda ask: Cases(reason="late" if datetime.now(UTC).year > 1 else None))
    caught_by = ("test_kpis_are_sound",)


class KpiByChance(SoundKpi):
    plugin = figure(lambda ask: Cases([0], [random.random()]))
    caught_by = ("test_kpis_are_sound",)


class KpiWithoutReason(SoundKpi):
    plugin = figure(every_project, lambda cases: Summary())
    caught_by = ("test_kpis_are_sound",)


class KpiOfOthers(SoundKpi):
    plugin = figure(lambda ask: Cases([0], [1], ids=["somebody-else"]))
    caught_by = ("test_kpis_are_sound",)
