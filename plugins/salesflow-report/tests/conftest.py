"""
A pipeline with enough in it that every page has something to show.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from salesflow_report import NAMES, Page, make_page

import salesflow as sf
from salesflow.dossier import (
    Activity,
    ApprovalRequest,
    Budget,
    Complaint,
    Contact,
    Goal,
    Issue,
    KpiTarget,
    Lesson,
    LessonUse,
    Member,
    Milestone,
    Need,
    Purchase,
    Question,
    Risk,
    SalesCost,
    StatusReport,
    Survey,
    Task,
)
from salesflow.insight import Portfolio


TEXT = """
id = "selling"
label = { en = "Selling", zh = "销售" }
time_zone = "Asia/Shanghai"
[[fields]]
id = "amount"
type = "money"
label = { en = "Amount", zh = "金额" }
[[fields]]
id = "owner"
[[fields]]
id = "customer"
[[fields]]
id = "source"
[[fields]]
id = "expected_close"
type = "date"
[[fields]]
id = "strategic"
type = "bool"
[[stages]]
id = "lead"
label = { en = "Lead", zh = "线索" }
probability = 0.1
forecast = "pipeline"
[[stages]]
id = "offer"
label = { en = "Offer", zh = "方案" }
probability = 0.5
forecast = "commit"
[[stages]]
id = "paused"
kind = "hold"
label = { en = "On hold", zh = "暂停" }
[[stages]]
id = "done"
kind = "won"
label = { en = "Won", zh = "赢单" }
[[stages]]
id = "gone"
kind = "lost"
label = { en = "Lost", zh = "丢单" }
[[transitions]]
id = "propose"
source = "lead"
target = "offer"
label = { en = "Propose", zh = "报价" }
guards = [ { use = "fields_present", fields = ["amount"] } ]
[[transitions]]
id = "win"
source = "offer"
target = "done"
outcome = "won"
label = { en = "Win", zh = "签约" }
[[transitions]]
id = "lose"
source = ["lead", "offer"]
target = "gone"
outcome = "lost"
kind = "exit"
label = { en = "Lose", zh = "丢单" }
[[transitions]]
id = "pause"
source = ["lead", "offer"]
target = "paused"
kind = "hold"
label = { en = "Pause", zh = "暂停" }
[[transitions]]
id = "resume"
source = "paused"
target = "$previous"
kind = "resume"
label = { en = "Resume", zh = "恢复" }
"""
START = datetime(2026, 1, 5, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
LANGS = ("en", "zh")
HOSTILE = '=HYPERLINK("http://evil.example","x")<script>alert(1)</script>'
MORE = (
    Task("w", "等待客户确认", role="presales", due=date(2026, 11, 20)),
    Task("x", "Call the customer", owner="zhao.min", due=date(2026, 11, 20)),
    Milestone("n", "Kick-off", date(2026, 11, 2), planned=date(2026, 10, 26), met_on=date(2026, 11, 3)),
    Activity("a", "visit", at=NOW + timedelta(hours=5), owner="li.wei", note="拜访客户"),
    Budget("o", sf.Money(60_000, "CNY"), category="样机"),
    SalesCost("l", sf.Money(20_000, "CNY"), date(2026, 11, 4), budget="o"),
    Question("q", "Who signs?", by="li.wei", asked_at=NOW - timedelta(days=2)),
    Contact("c", "陈女士", roles=("economic_buyer",), title="CFO", strength=4),
    Need("n", "Short delivery time", priority="must"),
    Purchase("p", sf.Money(800_000, "CNY"), date(2024, 5, 6), product="Router"),
    Survey("s", "after_delivery", 4, item="Router", answered_at=NOW - timedelta(days=9)),
    Issue("i", "端口故障", severity="high", item="Router", opened_at=NOW - timedelta(days=4)),
    KpiTarget("k", "win_rate", "0.6", start=date(2026, 1, 1), due=date(2026, 12, 31), owner="zhao.min"),
    Goal("g", "sales_amount", 20_000_000, unit="CNY", actual=12_000_000, due=date(2026, 12, 31)),
    Lesson("l", "尽早约见决策人", tags=("客户关系",)),
    LessonUse("u", "l", "D-0", by="li.wei"),
)
ASKED = ApprovalRequest("q", "discount", at=NOW - timedelta(days=2), comment="折扣 12 %")
MOVES = (
    ("w", "block_task", {"note": "客户未回复"}),
    ("x", "finish_task", {"done_on": date(2026, 11, 19)}),
    ("u", "finish_task", {"done_on": date(2026, 11, 6)}),
)


@pytest.fixture(scope="session")
def pipeline() -> sf.Pipeline:
    """
    Sixty deals of a year, some of them in a language that needs its own signs, one with a hostile name.
    """
    random, clock = Random(4), [START]
    pipeline = sf.Pipeline(sf.load_lifecycle(text=TEXT), clock=lambda: clock[0], actor=sf.Actor("li.wei"))
    for number in range(60):
        clock[0] = START + timedelta(days=5 * number)
        fields: dict[str, Any] = {
            "owner": random.choice(("li.wei", "wang.fang", "zhao.min")),
            "customer": random.choice(("海港集团", "Metro AG", "Tram & Co")),
            "source": random.choice(("web", "展会", None)),
            "expected_close": (clock[0] + timedelta(days=90)).date(),
            "strategic": number % 3 == 0,
        }
        if number % 9:
            fields["amount"] = sf.Money(random.randint(50_000, 9_000_000), "CNY")
        name = HOSTILE if number == 1 else random.choice(("海港扩容项目", "Metro line 4", "Tram depot"))
        deal = pipeline.open(name, id=f"D-{number}", fields={k: v for k, v in fields.items() if v is not None}).id
        if number % 9 == 0:
            with pytest.raises(sf.errors.TransitionRefusedError):
                pipeline.fire(deal, "propose")
            continue
        clock[0] += timedelta(days=random.randint(1, 4))
        pipeline.fire(deal, "propose")
        move = random.choice(("win", "win", "lose", "pause", None, None))
        if move:
            clock[0] += timedelta(days=random.randint(1, 9))
            pipeline.fire(deal, move)
    clock[0] = NOW
    still = [each.id for each in pipeline.all() if each.outcome == "undecided"]
    for number, deal in enumerate(still[:6]):
        pipeline.add(
            deal,
            Risk("r", "客户预算推迟", probability=1 + number % 5, impact=1 + (2 * number) % 5, owner="li.wei"),
            Task("t", "样机测试", owner="wang.fang", start=date(2026, 11, 2), due=date(2026, 11, 9)),
            Task("u", "Price sheet", owner="zhao.min", due=date(2026, 11, 4)),
            Milestone("m", "方案评审", date(2026, 12, 15)),
            Member("wang.fang", roles=("presales",), department="技术", skills={"谈判": 3}),
            StatusReport("s", at=NOW - timedelta(days=1), by="li.wei", done=("完成样机",), help_needed=(HOSTILE,)),
            Complaint("c", "Late delivery", raised_at=NOW - timedelta(days=3)),
            Budget("b", sf.Money(100_000, "CNY"), category="travel"),
            SalesCost("k", sf.Money(120_000, "CNY"), date(2026, 11, 3), budget="b"),
            *MORE,
        )
        pipeline.add(deal, ASKED, actor=sf.Actor("wang.fang"))
        for task, trigger, data in MOVES:
            pipeline.move_entry(deal, "task", task, trigger, data=data)
    return pipeline


@pytest.fixture(scope="session")
def deal(pipeline: sf.Pipeline) -> str:
    """
    The id of a deal with a plan.
    """
    return next(each.id for each in pipeline.all() if each.all(Milestone))


@pytest.fixture(scope="session")
def portfolio(pipeline: sf.Pipeline) -> Portfolio:
    """
    The portfolio of the deals.
    """
    return Portfolio.of(pipeline)


@pytest.fixture(scope="session")
def pages(pipeline: sf.Pipeline, portfolio: Portfolio, deal: str) -> dict[tuple[str, str], Page]:
    """
    Every page in every language.
    """
    return {
        (name, lang): make_page(name, pipeline, lang=lang, project_id=deal, portfolio=portfolio, now=NOW)
        for name in NAMES
        for lang in LANGS
    }
