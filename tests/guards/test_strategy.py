"""
Guards on the strategy and its tasks.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import attrs
import pytest

from salesflow import Money, dossier
from salesflow.guards import margin_at_least, priorities_clear, strategy_complete, tasks_decomposed, tasks_done
from salesflow.typing import Remedy

from ..cases import over_cases
from ..inside.guards.cures import cured
from .factory import DAY, NOW, ask, ask_one, context, project


def found(guard, entries, *args, **params):
    """The code, or else the status, of each verdict."""
    return [v.code or v.status for v in ask(guard, context(project(entries=entries)), *args, **params)]


ENTRY = dossier.StrategyPart("market_entry", "Through partners.", owner="li.wei")


@over_cases(
    ("part", "lacks"),
    [
        (ENTRY, None),
        (attrs.evolve(ENTRY, text="  "), ("text",)),
        (attrs.evolve(ENTRY, owner=None), ("owner",)),
        (dossier.StrategyPart("market_entry"), ("text", "owner")),
        (dossier.StrategyPart("other", "Text.", owner="li.wei"), ("text", "owner")),
    ],
)
def test_a_strategy_part_has_text_and_owner(part, lacks):
    """What is absent of it is listed."""
    verdict = ask_one(strategy_complete, context(project(entries=[part])), "market_entry")

    assert lacks == verdict.evidence.get("lacks")
    assert cured(strategy_complete, project(entries=[part]), "market_entry", "customer_development")


OPENED = (NOW - 30 * DAY).date()
TASK = dossier.Task("t", "Visit", owner="li.wei", due=OPENED, part="market_entry")


@over_cases(
    ("tasks", "codes"),
    [
        ([TASK], ["pass"]),
        ([attrs.evolve(TASK, status="done")], ["pass"]),
        ([attrs.evolve(TASK, status="dropped")], ["task.undecomposed"]),
        ([attrs.evolve(TASK, part=None)], ["task.undecomposed"]),
        ([attrs.evolve(TASK, part=None, goal="market_entry")], ["task.undecomposed"]),
        ([attrs.evolve(TASK, owner=" ")], ["task.no_owner"]),
        ([attrs.evolve(TASK, due=None)], ["task.no_due"]),
        ([attrs.evolve(TASK, owner=None, due=None)], ["task.no_owner", "task.no_due"]),
        ([attrs.evolve(TASK, due=OPENED - DAY)], ["task.outside_window"]),
        ([attrs.evolve(TASK, due=date(2026, 6, 30))], ["pass"]),
        ([attrs.evolve(TASK, due=date(2026, 7, 1))], ["task.outside_window"]),
        ([TASK, attrs.evolve(TASK, id="u", owner=None)], ["pass"]),
        ([attrs.evolve(TASK, due=None), attrs.evolve(TASK, id="u", owner=None)], ["task.no_due", "task.no_owner"]),
    ],
)
@over_cases("close", [date(2026, 6, 30), datetime(2026, 6, 30, 23, tzinfo=UTC)])
@pytest.mark.requirement("B07", "C18", "D40")
def test_a_strategy_part_is_broken_down_into_tasks(tasks, codes, close):
    """One task with an owner and a day inside the project's time is enough; without one all shortfalls are told."""
    proposed = project(entries=[ENTRY, *tasks], fields={"expected_close": close})

    assert codes == [v.code or v.status for v in ask(tasks_decomposed, context(proposed), "strategy_part")]
    assert cured(tasks_decomposed, proposed, "strategy_part")


@pytest.mark.parametrize("fields", [{}, {"expected_close": "next summer"}])
def test_without_an_expected_close_the_window_stays_open(fields):
    """A lifecycle need not declare the field, nor as a date."""
    proposed = project(entries=[ENTRY, attrs.evolve(TASK, due=date(2099, 1, 1))], fields=fields)
    early = project(entries=[ENTRY, attrs.evolve(TASK, due=date(2025, 1, 1))], fields=fields)
    verdict = ask_one(tasks_decomposed, context(early), "strategy_part")

    assert "pass" == ask_one(tasks_decomposed, context(proposed), "strategy_part").status
    assert () == tuple(tasks_decomposed.reads("strategy_part"))
    assert verdict.message().endswith("(2026-01-31 to …).")


def test_a_close_before_the_opening_leaves_no_day():
    """Then the field must move as well, and the remedies say so."""
    fields = {"expected_close": date(2026, 1, 1)}
    remedy = Remedy("field", "expected_close", {"op": "ge", "value": OPENED})

    for tasks in ([], [TASK], [attrs.evolve(TASK, due=None)]):
        proposed = project(entries=[ENTRY, *tasks], fields=fields)
        verdict = ask_one(tasks_decomposed, context(proposed), "strategy_part")

        assert remedy == verdict.missing[-1]
        assert cured(tasks_decomposed, proposed, "strategy_part")


def test_goals_are_broken_down_into_tasks():
    """Only goals that count need tasks."""
    goals = [dossier.Goal("sales"), dossier.Goal("missed", status="missed")]
    done = attrs.evolve(TASK, part=None, goal="sales")

    assert ["task.undecomposed"] == found(tasks_decomposed, goals, "goal")
    assert ["pass"] == found(tasks_decomposed, [*goals, done], "goal")
    assert cured(tasks_decomposed, project(entries=goals), "goal")


@pytest.mark.parametrize("per", ["strategy_part", "goal"])
def test_nothing_to_break_down_is_unknown(per):
    """Blank data never opens a gate."""
    verdict = ask_one(tasks_decomposed, context(), per)

    assert ("unknown", "task.nothing_to_decompose") == (verdict.status, verdict.code)
    assert f"尚无 {dossier.name_of('entry', per).zh}，无法判断任务分解是否完整。" == verdict.message("zh")
    assert cured(tasks_decomposed, project(), per)


def test_shortfalls_of_tasks_are_told():
    """Both languages name task, subject and days."""
    late = attrs.evolve(TASK, owner=None, due=date(2026, 7, 1))
    nobody, outside = ask(
        tasks_decomposed,
        context(project(entries=[ENTRY, late], fields={"expected_close": date(2026, 6, 30)})),
        "strategy_part",
    )

    assert "Task t for market entry has no owner." == nobody.message()
    assert (
        "Task t for market entry is due on 2026-07-01, outside of the project's time (2026-01-31 to 2026-06-30)."
    ) == outside.message()
    assert "市场进入 的任务 t 截止于 2026-07-01，不在项目期间（2026-01-31 至 2026-06-30）内。" == outside.message("zh")


OWN = {"mandatory_only": True, "scope": "stage"}


@over_cases(
    ("tasks", "params", "expected"),
    [
        ([], {}, ["task.none"]),
        ([dossier.Task("a", stage="initiation")], OWN, ["task.open"]),
        ([dossier.Task("a", stage="initiation", status="done")], OWN, ["pass"]),
        ([dossier.Task("a", stage="initiation", mandatory=False)], OWN, ["task.none"]),
        ([dossier.Task("a", stage="initiation", status="dropped")], OWN, ["task.none"]),
        ([dossier.Task("a", stage="execution"), dossier.Task("b")], OWN, ["task.none"]),
        ([dossier.Task("a", stage="execution"), dossier.Task("b", status="done")], {}, ["task.open", "pass"]),
        ([dossier.Task("a"), dossier.Task("b", status="done")], {"ratio": 0.5}, ["pass"]),
        ([dossier.Task("a"), dossier.Task("b", status="done")], {"ratio": 0.6}, ["task.open", "pass"]),
        (
            [dossier.Task("initiation.a", mandatory=False)],
            {"stages": {"initiation": ["a", "b"]}},
            ["task.open", "task.absent"],
        ),
        ([dossier.Task("initiation.a", status="dropped")], {"stages": {"initiation": ["a"]}}, ["task.open"]),
        ([], {"stages": {"execution": ["a"]}}, ["pass"]),
    ],
)
def test_tasks_are_done(tasks, params, expected):
    """Those named for the stage count, or else a share of all that are meant; the remedies cure it."""
    assert expected == found(tasks_done, tasks, **params)
    assert cured(tasks_done, project(entries=tasks), **params)


def test_whose_a_task_is():
    """A verdict names the owner, or else the role, and what is left to do."""
    tasks = [dossier.Task("a", "Prices", role="presales"), dossier.Task("b", "Call", owner="wang", role="presales")]
    verdicts = ask(tasks_done, context(project(entries=tasks)))

    assert ["presales", "wang"] == [verdict.evidence["who"] for verdict in verdicts]
    assert [{"role": "presales"}, {"owner": "wang", "role": "presales"}] == [
        {name: value for name, value in verdict.missing[0].params.items() if name in ("owner", "role")}
        for verdict in verdicts
    ]


ANALYSIS = dossier.MarketAnalysis("m", demand="Pumps.", competitors=("Rival",), trend="Up.", owner="li")


@pytest.mark.requirement("B06", "C12", "C13", "C14", "C31")
@over_cases(
    ("name", "entries", "lacks"),
    [
        ("market_analysis", [ANALYSIS], [None]),
        ("market_analysis", [attrs.evolve(ANALYSIS, competitors=(), owner=None)], [("competitors", "owner")]),
        ("market_analysis", [ANALYSIS, attrs.evolve(ANALYSIS, id="n", trend=" ")], [None, ("trend",)]),
        ("market_analysis", [dossier.StrategyPart("market_analysis", "Text.", owner="li")], [None]),
        ("target_customers", [dossier.TargetCustomer("t", "Builders")], [("needs", "buying_behaviour", "owner")]),
        ("channels", [dossier.ChannelPlan("c", "online", owner="li")], [("text",)]),
        ("pricing", [dossier.PricingPlan("p", price=Money(9, "CNY"), owner="li")], [("unit_cost",)]),
        ("promotion", [dossier.PromotionPlan("p", owner="li")], [("type", "text")]),
        ("execution", [dossier.ExecutionPlan("e", "Visits.", owner="li")], [("promotion", "team")]),
        ("research", [dossier.ResearchPlan("r", "demand", owner="li")], [("method", "question")]),
        ("pricing", [], [("text", "owner")]),
    ],
)
def test_a_part_may_be_written_in_sections(name, entries, lacks):
    """Every section that is open is named, of each entry; following the remedies completes the part."""
    verdicts = ask(strategy_complete, context(project(entries=entries)), name)

    assert lacks == [verdict.evidence.get("lacks") for verdict in verdicts]
    assert cured(strategy_complete, project(entries=entries), name)


@pytest.mark.requirement("B06")
def test_the_guard_reads_every_kind_that_is_written_in_sections():
    """What an approval is bound to, and what the evidence names, includes all of them."""
    kinds = {kind.kind for kind in dossier.PLANS.values()}

    assert kinds < set(strategy_complete.kinds)
    assert kinds < set(tasks_decomposed.kinds)
    assert [(kind.kind, part) for part, kind in dossier.PLANS.items()] == list(
        strategy_complete.asks(*dossier.PLANS, sections=True)
    )


@pytest.mark.requirement("C12")
def test_a_text_may_not_be_enough():
    """With ``sections`` a part that can be written in sections has to be, and the remedy names its entry."""
    text = dossier.StrategyPart("pricing", "By value.", owner="li")
    proposed = project(entries=[text])
    verdict = ask_one(strategy_complete, context(proposed), "pricing", sections=True)

    assert Remedy("entry", "pricing_plan", {"required": ("price", "unit_cost", "owner")}) == verdict.missing[0]
    assert (("pricing_plan", "pricing"), ("strategy_part", "brand")) == tuple(
        strategy_complete.asks("pricing", "brand", sections=True)
    )
    assert cured(strategy_complete, proposed, "pricing", "brand", sections=True)


@pytest.mark.requirement("C12")
def test_plans_are_carried_out_by_tasks():
    """Channels, pricing, promotion and execution need tasks written in sections; an analysis needs none."""
    plan = dossier.PromotionPlan("p", "event", text="A fair.", owner="li")

    assert ["task.undecomposed"] == found(tasks_decomposed, [plan, ANALYSIS], "strategy_part")
    assert ["pass"] == found(tasks_decomposed, [plan, attrs.evolve(TASK, part="promotion")], "strategy_part")


PRICE = dossier.PricingPlan("p", price=Money(100, "CNY"), unit_cost=Money(70, "CNY"), lowest_price=Money(80, "CNY"))


@pytest.mark.requirement("C16")
@over_cases(
    ("plans", "at", "codes"),
    [
        ([PRICE], "price", ["pass"]),
        ([PRICE], "lowest_price", ["pricing.margin"]),
        ([attrs.evolve(PRICE, lowest_price=None)], "lowest_price", ["pass"]),
        ([attrs.evolve(PRICE, unit_cost=Money(110, "CNY"))], "price", ["pricing.margin"]),
        ([PRICE, dossier.PricingPlan("q")], "price", ["pass", "pricing.unknown"]),
        ([dossier.PricingPlan("q", price=Money(100, "EUR"))], "price", ["pricing.unknown"]),
        ([dossier.PricingPlan("q", unit_cost=Money(7, "EUR"))], "price", ["pricing.unknown"]),
        ([], "price", ["pricing.none"]),
    ],
)
def test_a_price_leaves_a_margin(plans, at, codes):
    """A loss, a thin margin at the lowest price, and a margin that nobody can tell; each has a remedy."""
    assert codes == found(margin_at_least, plans, 0.2, at=at)
    assert cured(margin_at_least, project(entries=plans), 0.2, at=at)


@pytest.mark.requirement("C16")
def test_the_margin_is_said_in_per_cent():
    """The sentence names the plan, what is left and what is asked for; a margin of all is refused."""
    verdict = ask_one(margin_at_least, context(project(entries=[PRICE])), 0.2)

    assert "The margin of p is 12.5 %, below 20 %." == verdict.message()
    assert "定价 p 的毛利率为 12.5 %，低于要求的 20 %。" == verdict.message("zh")
    with pytest.raises(ValueError, match="ratio is 1; "):
        margin_at_least.factory(1)


GOAL = dossier.Goal(
    "g", "sales_amount", 100, subject="north", direction="increase", owner="li", priority=1,
    start=date(2026, 1, 1), due=date(2026, 3, 31),
)  # fmt: skip
LATER = attrs.evolve(GOAL, id="h", metric="win_rate", start=date(2026, 4, 1), due=date(2026, 6, 30))


@pytest.mark.requirement("D52", "B27")
@over_cases(
    ("goals", "params", "codes"),
    [
        ([GOAL, LATER], {}, ["pass"]),
        ([GOAL, attrs.evolve(LATER, start=date(2026, 3, 31))], {}, ["priority.conflict"]),
        ([GOAL, attrs.evolve(LATER, start=None)], {}, ["priority.conflict"]),
        ([GOAL, attrs.evolve(LATER, start=None)], {"unique": 0}, ["pass"]),
        ([GOAL, attrs.evolve(LATER, start=None, owner=None)], {}, ["pass"]),
        ([GOAL, attrs.evolve(LATER, start=None, owner="kim")], {}, ["pass"]),
        ([GOAL, attrs.evolve(LATER, start=None, priority=2)], {}, ["pass"]),
        ([GOAL, attrs.evolve(LATER, start=None, status="attained")], {}, ["pass"]),
        ([attrs.evolve(GOAL, priority=2), attrs.evolve(LATER, start=None, priority=2)], {}, ["pass"]),
        (
            [attrs.evolve(GOAL, priority=2), attrs.evolve(LATER, start=None, priority=2)],
            {"unique": 2},
            ["priority.conflict"],
        ),
        ([attrs.evolve(GOAL, priority=None), LATER], {}, ["priority.unset"]),
        ([GOAL, attrs.evolve(GOAL, id="h", priority=2, direction="decrease")], {}, ["priority.opposed"]),
        ([GOAL, attrs.evolve(GOAL, id="h", priority=2, direction="decrease", subject="south")], {}, ["pass"]),
        ([], {}, ["pass"]),
    ],
)
def test_goals_have_clear_priorities(goals, params, codes):
    """Of what somebody has in hand at once one comes first, and no two goals pull in opposite directions."""
    assert codes == found(priorities_clear, goals, **params)
    assert cured(priorities_clear, project(entries=goals), **params)


@pytest.mark.requirement("D52", "B27")
def test_tasks_have_clear_priorities():
    """Open tasks count, those that are done do not; the sentence names owner, tasks and priority."""
    first, second = (dossier.Task(name, owner="li", priority=1) for name in ("a", "b"))
    (verdict,) = ask(priorities_clear, context(project(entries=[first, second])), per="task")

    assert "li has a, b at once, all with priority 1; only one can come first." == verdict.message()
    assert ["pass"] == found(priorities_clear, [first, attrs.evolve(second, status="done")], per="task")
    assert ["pass"] == found(priorities_clear, [first, attrs.evolve(second, owner=None)], per="task")
    with pytest.raises(ValueError, match="unique is 5"):
        priorities_clear.factory(unique=5)
