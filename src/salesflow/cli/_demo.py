"""
``salesflow demo``: one project's way through the operating cycle, kept in a journal and read back.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import attrs
import click
from rich.console import Console
from rich.markup import escape

from .._lifecycle.decision import Refused
from .._lifecycle.lifecycle import Lifecycle
from .._model.facts import Changed, DeadlinePassed, EntryDropped, Fact, FieldSet, Opened
from .._model.frozen import EMPTY
from .._model.values import Actor, Label, Lang, Money
from .._model.verdict import Verdict
from .._pipeline.pipeline import Pipeline
from ..dossier import (
    Artefact,
    Contract,
    Duty,
    Feedback,
    Goal,
    Lesson,
    Member,
    Payment,
    ResourceAllocation,
    ResourceDemand,
    Retrospective,
    Review,
    Risk,
    Scorecard,
    ScoreItem,
    StrategyPart,
    Task,
)
from ..errors import TransitionRefusedError
from ..plugins._loading import load_lifecycle
from ..stores import JournalStore
from ._output import lang_option, named, padded, screen, table


PROJECT: Final = "HT-2026-014"
NAME: Final = Label("Core network upgrade for Harbour Telecom", "海港电信核心网升级项目")
START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)

LEAD: Final = Actor("li.wei", roles={"project_lead"})
DIRECTOR: Final = Actor("zhang.min", roles={"sales_director"})


def play_story(narrator: ScreenNarrator) -> None:
    """
    Carry the whole story out, chapter by chapter.
    """
    _initiation(narrator)
    _goals(narrator)
    _resources(narrator)
    _strategy(narrator)
    _execution(narrator)
    _second_round(narrator)
    _closing(narrator)


def _day(number: int) -> date:
    return (START + timedelta(days=number)).date()


def _paper(kind: str, edition: int = 1) -> Artefact:
    return Artefact(kind, digest=f"sha256:{kind}-{edition}")


def _initiation(narrator: ScreenNarrator) -> None:
    narrator.chapter(
        Label("Initiation, with a refusal that says all its reasons", "项目立项：被拒绝时一次说明全部原因"), 0
    )
    narrator.open({"owner": LEAD.name, "customer_id": "C-1027"})
    narrator.fire("approve_initiation")
    narrator.record(
        Label("fills in what was asked for", "补齐所缺内容"),
        *(_paper(kind) for kind in ("market_research_report", "customer_needs", "project_charter")),
        Scorecard("feasibility", [ScoreItem("necessity", 85, met=True), ScoreItem("feasibility", 72, met=True)]),
        fields={
            "background": "The core network is eight years old; two outages in 2025 cost the customer 40,000 lines.",
            "objective": "Renew the core in all four regions before the autumn, without a minute of planned downtime.",
            "amount": Money("18600000", "CNY"),
            "expected_close": _day(180),
        },
    )
    narrator.approve("project_charter", "project_charter")
    narrator.approve("initiation")
    narrator.fire("approve_initiation")


def _goals(narrator: ScreenNarrator) -> None:
    narrator.chapter(Label("Goal setting", "目标设定"), 7)
    common: dict[str, Any] = {
        "subject": "Harbour Telecom",
        "direction": "increase",
        "supports": "market_entry",
        "start": _day(7),
        "due": _day(180),
        "milestones": [_day(90)],
    }
    narrator.record(
        Label("writes goals for sales and satisfaction", "制定销售额与客户满意度目标"),
        Goal("sales", "sales_amount", 18_600_000, unit="CNY", baseline=15_000_000, source="ERP", **common),
        Goal("satisfaction", "csat", 92, unit="%", baseline=85, source="survey", **common),
        _paper("goal_sheet"),
    )
    narrator.approve("goal_sheet", "goal_sheet")
    narrator.fire("confirm_goals")


def _resources(narrator: ScreenNarrator) -> None:
    narrator.chapter(Label("Resource allocation", "资源配置"), 10)
    people = (
        Member(LEAD.name, roles=["project_lead"], department="sales", skills={"negotiation": 5}),
        Member("wang.fang", roles=["solution_architect"], department="technology", skills={"core_network": 5}),
        Member("chen.jie", roles=["delivery_manager"], department="delivery", skills={"migration": 4}),
    )
    duties = {LEAD.name: "customer", "wang.fang": "solution", "chen.jie": "delivery"}
    narrator.record(
        Label("brings a team of three departments together", "组建跨三个部门的团队"),
        *people,
        *(Duty(duty, accountable=[who]) for who, duty in duties.items()),
        ResourceDemand("people", "people", 3, unit="persons"),
        ResourceDemand("lab", "material", 1, unit="test lab"),
        ResourceDemand("budget", "budget", Money("450000", "CNY")),
        *(ResourceAllocation(f"people-{who}", "people", 1, unit="persons", member=who, load=0.8) for who in duties),
        ResourceAllocation("lab", "material", 1, unit="test lab"),
        ResourceAllocation("budget", "budget", Money("450000", "CNY")),
    )
    narrator.fire("commit_resources")


def _strategy(narrator: ScreenNarrator) -> None:
    narrator.chapter(Label("Strategy making", "策略制定"), 14)
    narrator.record(
        Label("plans strategy, tasks and risks", "制定策略、任务和风险应对"),
        StrategyPart("market_entry", "Migrate one region first, and show it to the others.", owner="wang.fang"),
        StrategyPart("customer_development", "A monthly round with the network director.", owner=LEAD.name),
        Task("pilot", "Pilot in the eastern region", owner="wang.fang", due=_day(60), part="market_entry"),
        Task("rounds", "Hold the monthly rounds", owner=LEAD.name, due=_day(150), part="customer_development"),
        Risk(
            "cut_over",
            "An outage during the cut-over",
            probability=3,
            impact=5,
            owner="chen.jie",
            response="Rehearse in the lab, and cut over at night.",
            response_due=_day(55),
            contingency="Fall back to the old core within 30 minutes.",
        ),
        _paper("risk_register"),
        _paper("strategy_plan"),
    )
    narrator.approve("strategy_plan", "strategy_plan")
    narrator.fire("launch")


def _execution(narrator: ScreenNarrator) -> None:
    narrator.chapter(Label("Execution, a hold, and the way back", "执行过程：暂停与恢复"), 30)
    narrator.fire("hold", data={"hold_reason": "budget_freeze", "resume_date": _day(44)})
    narrator.chapter(Label("The customer's budget is released", "客户预算解冻"), 44)
    narrator.fire("resume")
    narrator.record(Label("reports on the pilot", "提交试点进展报告"), _paper("status_report"))
    narrator.fire("hold_review")


def _review(number: int, day: int, decision: str) -> Iterable[Any]:
    held = START + timedelta(days=day)
    attendees = [LEAD.name, DIRECTOR.name, "wang.fang", "chen.jie"]
    return (Review(f"review-{number}", "project_review", held_at=held, attendees=attendees, decision=decision),)


def _second_round(narrator: ScreenNarrator) -> None:
    narrator.chapter(Label("Monitoring: a loop back to strategy", "监控评估：回到策略制定"), 63)
    narrator.record(
        Label("holds the review; a rival has cut its price", "召开评审：竞争对手降价"),
        *_review(1, 63, "adjust the strategy"),
        _paper("adjustment_decision"),
    )
    narrator.fire("adjust_strategy")
    narrator.chapter(Label("The changed plan needs a new approval", "方案有改动，须重新批准"), 66)
    narrator.record(
        Label("rewrites the plan around running costs", "围绕运维成本修订方案"),
        StrategyPart("market_entry", "Compete on running costs over five years.", owner="wang.fang"),
        _paper("strategy_plan", 2),
    )
    narrator.fire("launch")
    narrator.approve("strategy_plan", "strategy_plan")
    narrator.fire("launch")


def _closing(narrator: ScreenNarrator) -> None:
    narrator.chapter(Label("The contract is signed", "签订合同"), 160)
    price = Money("18200000", "CNY")
    parties = ["Harbour Telecom", "Northlight Networks"]
    narrator.record(
        Label("files the contract", "归档合同"),
        Contract("HT-2026-014-C1", amount=price, parties=parties, signed_on=_day(159)),
        Payment(
            "advance", Money("5460000", "CNY"), due=_day(165), received=Money("5460000", "CNY"), received_on=_day(164)
        ),
    )
    narrator.fire("conclude", outcome="won")
    narrator.chapter(Label("Looking back, and closing", "复盘与结项"), 172)
    narrator.record(
        Label("looks back with the team and the customer", "与团队和客户一起复盘"),
        Retrospective(
            sections={
                "successes": "The pilot convinced the regions before the tender was out.",
                "shortfalls": "The budget freeze surprised us; nobody had asked finance.",
            },
            participants=[LEAD.name, "wang.fang", "chen.jie"],
            held_at=START + timedelta(days=171),
        ),
        Lesson("ask_finance", "Ask for the customer's budget calendar in the first meeting.", tags=["budget"]),
        Feedback("network_director", "customer", score=9, comment="Well prepared; the pilot decided it."),
        _paper("project_report"),
    )
    narrator.fire("close_as_won")


_OPENS: Final = Label("opens the project", "创建项目")
_APPROVES: Final = Label("approves {what}", "批准 {what}")
_ENTRIES: Final = Label("{count} entries", "{count} 条记录")
_ENTRY: Final = Label("1 entry", "1 条记录")
_REFUSED: Final = Label("refused", "被拒绝")
_STEP: Final = timedelta(minutes=15)
_LANGS: Final[tuple[Lang, ...]] = ("en", "zh")


def stage_name(lifecycle: Lifecycle, stage: str, lang: Lang) -> str:
    """
    Return a stage's label.
    """
    return named(lifecycle.stage(stage).label, stage, lang)


def transition_name(lifecycle: Lifecycle, transition: str, lang: Lang) -> str:
    """
    Return a transition's label.
    """
    return named(lifecycle.transition(transition).label, transition, lang)


@attrs.define(eq=False)
class ScreenNarrator:
    """
    Makes each call of the story and prints it: one line for each, and all reasons of a refusal.

    Attributes:
        now: the time of the next call.
        number: the number of the chapter.
    """

    console: Console
    lang: Lang
    pipeline: Pipeline
    now: datetime = START
    number: int = 0

    def chapter(self, title: Label, day: int) -> None:
        """
        Begin a chapter, *day* days after the start.
        """
        self.now = START + timedelta(days=day)
        self.number += 1
        self.console.print(f"\n[bold]{self.number}  {title.text(self.lang)}[/]", soft_wrap=True)

    def open(self, fields: Mapping[str, Any]) -> None:
        """
        Open the project.
        """
        name = NAME.text(self.lang)
        project = self.pipeline.open(name, id=PROJECT, fields=fields, actor=LEAD, at=self.now)
        self.line(LEAD, _OPENS.text(self.lang), self.arrow(project.stage))

    def record(self, what: Label, *entries: Any, fields: Mapping[str, Any] = EMPTY) -> None:
        """
        Add entries to the dossier, and set fields before.
        """
        how: dict[str, Any] = {"actor": LEAD, "at": self.now}
        if fields:
            self.pipeline.update(PROJECT, fields, **how)
        self.pipeline.add(PROJECT, *entries, **how)
        count = len(entries) + len(fields)
        counted = (_ENTRY if count == 1 else _ENTRIES).text(self.lang).format(count=count)
        self.line(LEAD, what.text(self.lang), f"[dim]{counted}[/]")

    def approve(self, name: str, subject: str | None = None) -> None:
        """
        Grant an approval.
        """
        self.pipeline.approve(PROJECT, name, subject=subject, actor=DIRECTOR, at=self.now)
        self.line(DIRECTOR, _APPROVES.text(self.lang).format(what=name), "")

    def fire(self, trigger: str, *, data: Mapping[str, Any] = EMPTY, outcome: str | None = None) -> None:
        """
        Fire a trigger; a refusal is shown with all its reasons.
        """
        label = f"{transition_name(self.pipeline.lifecycle, trigger, self.lang)} ({trigger})"
        try:
            fired = self.pipeline.fire(PROJECT, trigger, data=data, outcome=outcome, actor=LEAD, at=self.now)
        except TransitionRefusedError as error:
            refused: Refused = error.decision
            self.line(LEAD, label, f"[bold red]✗ {_REFUSED.text(self.lang)}[/]")
            for verdict in refused.blocking:
                self.reason("[red]✗[/]", verdict)
            return
        self.line(LEAD, label, self.arrow(fired.project.stage) + (f" ({outcome})" if outcome else ""))
        for verdict in fired.decision.warnings if fired.decision else ():
            self.reason("[yellow]![/]", verdict)

    def arrow(self, stage: str) -> str:
        """
        Return where a move led.
        """
        return f"[green]→ {stage_name(self.pipeline.lifecycle, stage, self.lang)}[/]"

    def line(self, who: Actor, what: str, result: str) -> None:
        """
        Print one line, and let some time pass.
        """
        text = f"{self.now:%Y-%m-%d %H:%M}  {padded(who.name, 9)}  {escape(padded(what, 46))}  {result}"
        self.console.print(f"   {text}".rstrip(), soft_wrap=True)
        self.now += _STEP

    def reason(self, mark: str, verdict: Verdict) -> None:
        """
        Print what a verdict says, in both languages.
        """
        for lang in _LANGS:
            sign = mark if lang == "en" else " "
            self.console.print(f"        {sign} {escape(verdict.message(lang))}", soft_wrap=True)


_KEPT: Final = Label("Kept in {folder}", "数据保存在 {folder}")
_AGAIN: Final = Label(
    "The store was closed and opened again; this is what it holds.", "存储已关闭并重新打开，以下是其中的全部事实。"
)
_NOW: Final = Label(
    "{facts} facts, {attempts} refused attempts. Now in {stage}, outcome {outcome}.",
    "共 {facts} 条事实，{attempts} 次被拒绝的尝试。当前阶段：{stage}，结果：{outcome}。",
)
_HEADS: Final = (Label("No.", "序号"), Label("Time", "时间"), Label("Actor", "操作人"), Label("Fact", "事实"))
_OPENED: Final = Label("opened in {stage}", "创建，进入{stage}")
_CHANGED: Final = Label("recorded {what}", "记录 {what}")
_PASSED: Final = Label("deadline {deadline} passed", "时限 {deadline} 已过")


@click.command()
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where to keep the project.  [default: a new temporary folder]",
)
@lang_option
def demo(lang: Lang, folder: Path | None) -> None:
    """
    Walk a project through the built-in operating cycle.

    It is refused with all reasons, goes back a stage, is put on hold and resumed, and is won; then
    every fact is read back from the store.
    """
    console = screen()
    place = Path(tempfile.mkdtemp(prefix="salesflow-demo-")) if folder is None else folder
    lifecycle = load_lifecycle("operating_cycle")
    console.print(f"[bold]{NAME.text(lang)}[/]  {PROJECT}", soft_wrap=True)
    console.print(f"[dim]{named(lifecycle.definition.label, lifecycle.id, lang)}[/]", soft_wrap=True)
    with JournalStore(place) as store:
        play_story(ScreenNarrator(console, lang, Pipeline(lifecycle, store=store)))
    console.print(f"\n[bold]{_AGAIN.text(lang)}[/]\n", soft_wrap=True)
    with JournalStore(place) as store:
        _read_back(console, lang, Pipeline(lifecycle, store=store))
    console.print(_KEPT.text(lang).format(folder=place), soft_wrap=True, markup=False)


def _read_back(console: Console, lang: Lang, pipeline: Pipeline) -> None:
    project, facts = pipeline.get(PROJECT), pipeline.history(PROJECT)
    lifecycle = pipeline.lifecycle
    shown = table(*(head.text(lang) for head in _HEADS), right=(0,))
    for fact in facts:
        shown.add_row(str(fact.version), f"{fact.at:%Y-%m-%d %H:%M}", fact.actor.name, _said(fact, lifecycle, lang))
    console.print(shown)
    counts = {"facts": len(facts), "attempts": len(pipeline.attempts(PROJECT))}
    now = {"stage": stage_name(lifecycle, project.stage, lang), "outcome": project.outcome}
    console.print(f"\n{_NOW.text(lang).format(**counts, **now)}", soft_wrap=True, markup=False)


def _said(fact: Fact, lifecycle: Lifecycle, lang: Lang) -> str:
    body = fact.body
    if isinstance(body, Opened):
        return _OPENED.text(lang).format(stage=stage_name(lifecycle, body.stage, lang))
    if isinstance(body, Changed):
        counts = Counter(
            change.field if isinstance(change, FieldSet) else change.entry.kind
            for change in body.changes
            if not isinstance(change, EntryDropped)
        )
        what = ", ".join(kind if count == 1 else f"{kind} × {count}" for kind, count in counts.items())
        return _CHANGED.text(lang).format(what=what)
    if isinstance(body, DeadlinePassed):
        return _PASSED.text(lang).format(deadline=body.deadline)
    ends = (stage_name(lifecycle, stage, lang) for stage in (body.source, body.target))
    return f"[bold]{transition_name(lifecycle, body.transition, lang)}[/]: {' → '.join(ends)}"
