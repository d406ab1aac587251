"""
The story of the demo: a telecom network upgrade, from its initiation to its end.

Every time is fixed, so that every run shows the same story.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Protocol

from .._model.frozen import EMPTY
from .._model.values import Actor, Label, Money
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


PROJECT: Final = "HT-2026-014"
NAME: Final = Label("Core network upgrade for Harbour Telecom", "海港电信核心网升级项目")
START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)

LEAD: Final = Actor("li.wei", roles={"project_lead"})
DIRECTOR: Final = Actor("zhang.min", roles={"sales_director"})


class Narrator(Protocol):
    """
    What carries the story out and shows it.
    """

    def chapter(self, title: Label, day: int) -> None:
        """
        Begin a chapter, *day* days after the start.
        """
        ...

    def open(self, fields: Mapping[str, Any]) -> None:
        """
        Open the project.
        """
        ...

    def record(self, what: Label, *entries: Any, fields: Mapping[str, Any] = EMPTY) -> None:
        """
        Put entries into the dossier and set fields.
        """
        ...

    def approve(self, name: str, subject: str | None = None) -> None:
        """
        Approve as the director.
        """
        ...

    def fire(self, trigger: str, *, data: Mapping[str, Any] = EMPTY, outcome: str | None = None) -> None:
        """
        Take a transition, or be refused and say why.
        """
        ...


def play_story(narrator: Narrator) -> None:
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


def _initiation(narrator: Narrator) -> None:
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


def _goals(narrator: Narrator) -> None:
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


def _resources(narrator: Narrator) -> None:
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


def _strategy(narrator: Narrator) -> None:
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


def _execution(narrator: Narrator) -> None:
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


def _second_round(narrator: Narrator) -> None:
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


def _closing(narrator: Narrator) -> None:
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
