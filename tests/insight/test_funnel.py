"""The funnel: the worked example, and counts against a second computation from the facts of each project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Money, Pipeline, load_lifecycle
from salesflow.errors import InputError
from salesflow.insight import Portfolio
from salesflow.stores import MemoryStore
from salesflow.typing import Opened, Transitioned

from ..cases import over_cases
from .selling import AUTHOR, LIFECYCLE, START, sell


WORKED = """
id = "worked"
version = "1"
outcomes = ["undecided", "won", "lost"]
[[stages]]
id = "q"
label = { en = "Qualified", zh = "已确认" }
[[stages]]
id = "p"
[[stages]]
id = "n"
[[stages]]
id = "won"
kind = "won"
[[stages]]
id = "gone"
kind = "lost"
[[transitions]]
id = "propose"
source = "q"
target = "p"
[[transitions]]
id = "negotiate"
source = ["q", "p"]
target = "n"
[[transitions]]
id = "back"
source = "p"
target = "q"
kind = "loop"
[[transitions]]
id = "win"
source = "n"
target = "won"
outcome = "won"
[[transitions]]
id = "lose"
source = "*"
target = "gone"
kind = "exit"
outcome = "lost"
"""


def worked() -> Portfolio:
    """The five deals of the worked funnel: two won, two lost, one that went back and forth."""
    pipeline = Pipeline(load_lifecycle(text=WORKED), clock=lambda: START, actor=Actor("li.wei"))
    paths = {
        "d1": ("propose", "negotiate", "win"),
        "d2": ("propose", "lose"),
        "d3": ("propose", "back", "propose"),
        "d4": ("lose",),
        "d5": ("negotiate", "win"),
    }
    for name, path in paths.items():
        pipeline.open(name, id=name)
        for trigger in path:
            pipeline.fire(name, trigger)
    return Portfolio.of(pipeline)


@pytest.mark.requirement("B18")
def test_the_worked_funnel_is_exact():
    """Loops raise no count, a skipped stage is reached, and lost deals stay in."""
    portfolio = worked()
    steps = portfolio.funnel().steps
    assert [(each.stage, each.reached) for each in steps] == [("q", 5), ("p", 4), ("n", 2), ("won", 2)]
    assert [each.conversion for each in steps] == [None, 0.8, 0.5, 1.0]
    assert [each.closed_only for each in steps] == [None, 0.75, 2 / 3, 1.0]
    assert [tuple(each.evidence) for each in steps][2] == ("d1", "d5")
    by = portfolio.kpi("stage_conversion", by="stage").groups
    assert {stage: each.value for stage, each in by.items()} == {"q": 0.8, "p": 0.5, "n": 1.0}
    closed = portfolio.kpi("stage_conversion", variant="closed_only", stage="p")
    assert (closed.value, closed.numerator, closed.denominator, closed.open) == (2 / 3, 2, 3, 1)
    assert portfolio.kpi("stage_conversion", stage="q", to="won").value == 0.4


def test_a_funnel_is_read_in_both_languages():
    """The funnel is written with labels, counts and shares."""
    funnel = worked().funnel()
    assert funnel.text().splitlines()[:2] == ["Qualified: 5", "p: 4, 80.0% of 5, of closed projects 75.0%"]
    assert funnel.text("zh").splitlines()[1] == "p：4，自前一阶段 5 个的转化率 80.0%，仅计已结项目 75.0%"


def test_the_interval_of_a_conversion_is_wilsons():
    """Three of four is 0.30 to 0.95."""
    pipeline = Pipeline(load_lifecycle(text=WORKED), clock=lambda: START, actor=Actor("li.wei"))
    for number in range(4):
        pipeline.open("deal", id=f"d{number}")
        if number:
            pipeline.fire(f"d{number}", "propose")
    interval = Portfolio.of(pipeline).funnel().steps[1].interval
    assert interval is not None
    assert [round(each, 6) for each in interval] == [0.300642, 0.954413]


LADDER = ("lead", "offer", "talks", "delivery", "done")


class Climb(NamedTuple):
    """When a project reached each stage, read off its history by hand."""

    id: str
    owner: str | None
    at: Mapping[str, datetime]
    closed: bool
    amount: Money | None


def climbs(pipeline: Pipeline) -> Sequence[Climb]:
    """The climb of every project: what stands after the last outcome that was taken back is what counts."""
    found: list[Climb] = []
    for project in pipeline.all():
        at: dict[str, datetime] = {}
        kept: dict[str, datetime] | None = None
        for fact in pipeline.history(project.id):
            body = fact.body
            if isinstance(body, Opened):
                at[body.stage] = fact.at
            elif isinstance(body, Transitioned):
                if body.kind == "reopen":
                    at, kept = dict(kept or at), None
                    continue
                if body.outcome != "undecided" and kept is None:
                    kept = dict(at)
                if body.kind == "forward" and body.outcome in {"undecided", "won"}:
                    for stage in LADDER[: LADDER.index(body.target) + 1]:
                        at.setdefault(stage, fact.at)
        fields = project.fields
        found.append(Climb(project.id, fields.get("owner"), at, project.outcome != "undecided", fields.get("amount")))
    return found


def expected(climbed: Sequence[Climb], start: datetime, end: datetime) -> Sequence[Any]:
    """The rows of a funnel, counted stage by stage."""
    rows: list[Any] = []
    for place, stage in enumerate(LADDER):
        here = [each for each in climbed if stage in each.at and start <= each.at[stage] < end]
        amounts = [each.amount.amount for each in here if each.amount is not None]
        before = LADDER[place - 1]
        cohort = [each for each in climbed if before in each.at and start <= each.at[before] < end] if place else None
        went_on = None if cohort is None else [each for each in cohort if stage in each.at]
        closed = [stage in each.at for each in cohort or () if each.closed]
        rows.append(
            (
                stage,
                len(here),
                sum(amounts, Decimal(0)),
                len(here) - len(amounts),
                None if cohort is None else len(cohort),
                None if went_on is None else len(went_on),
                None if not cohort else len(went_on or ()) / len(cohort),
                sum(closed) / len(closed) if closed else None,
                sorted(each.id for each in here),
            )
        )
    return rows


def shown(funnel: Any) -> Sequence[Any]:
    """The rows of a funnel as they were computed."""
    return [
        (
            each.stage,
            each.reached,
            each.amount.amount if each.amount is not None else Decimal(0),
            each.skipped,
            each.before,
            each.advanced,
            each.conversion,
            each.closed_only,
            sorted(each.evidence),
        )
        for each in funnel.steps
    ]


ALWAYS = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@given(st.integers(0, 10_000))
def test_a_funnel_equals_a_count_by_hand(seed: int):
    """Of any history, with and without a period; loops, holds, exits and reopenings raise nothing."""
    pipeline, _ = sell(seed)
    portfolio, climbed = Portfolio.of(pipeline), climbs(pipeline)
    assert shown(portfolio.funnel()) == expected(climbed, *ALWAYS)
    period = START + timedelta(days=7), START + timedelta(days=40)
    within = [each for each in climbed if any(period[0] <= at < period[1] for at in each.at.values())]
    assert shown(portfolio.funnel(period=period)) == (expected(climbed, *period) if within else [])


@pytest.mark.untraced
@pytest.mark.requirement("B19")
@given(st.integers(0, 10_000))
def test_conversion_by_owner_equals_a_count_by_hand(seed: int):
    """Each owner's projects from the offer on, by who owned them when they came to the offer."""
    pipeline, _ = sell(seed)
    groups: dict[str | None, list[bool]] = {}
    for each in climbs(pipeline):
        if "offer" in each.at:
            owner = pipeline.as_of(each.id, each.at["offer"]).fields.get("owner")
            groups.setdefault(owner, []).append("delivery" in each.at)
    found = Portfolio.of(pipeline).kpi("stage_conversion", by="owner", stage="offer", to="delivery").groups
    assert {key: (each.numerator, each.denominator) for key, each in found.items()} == {
        key: (sum(went_on), len(went_on)) for key, went_on in groups.items()
    }
    whole = Portfolio.of(pipeline).funnel(by="source")
    assert sum(each.n for each in whole.groups.values()) == whole.n


def test_the_funnel_is_a_table_as_a_kpi():
    """The KPI has the same rows."""
    portfolio = worked()
    kpi = portfolio.kpi("funnel")
    assert (kpi.value, kpi.n, kpi.open) == (None, 5, 1)
    assert [(row["stage"], row["reached"], row["conversion"]) for row in kpi.rows] == [
        ("q", 5, None),
        ("p", 4, 0.8),
        ("n", 2, 0.5),
        ("won", 2, 1.0),
    ]
    nobody = portfolio.where({"stage": "p", "outcome": "lost"})
    assert (nobody.kpi("funnel").reason, nobody.funnel().reason) == ("no_cases", "no_cases")


def test_stages_of_several_lifecycles_need_one():
    """Two lifecycles have no common order of stages: one of them is named, and then it counts alone."""
    first, second = load_lifecycle(text=WORKED), LIFECYCLE
    pipeline = Pipeline([first, second], clock=lambda: START, actor=Actor("li.wei"))
    pipeline.open("one", id="one", lifecycle=first)
    pipeline.open("two", id="two", lifecycle=second)
    portfolio = Portfolio.of(pipeline, zone="UTC")
    for ask in (portfolio.funnel, portfolio.time_in_stage, lambda: portfolio.kpi("time_in_stage")):
        with pytest.raises(InputError, match="selling, worked"):
            ask()
    assert [each.reached for each in portfolio.funnel(lifecycle="worked").steps] == [1, 0, 0, 0]
    assert portfolio.kpi("stage_conversion", lifecycle="selling", stage="lead").denominator == 1


def test_versions_are_joined_by_the_ids_of_their_stages():
    """A stage that only an older version has keeps its place, so that whoever passed it has not passed everything."""
    older = WORKED.replace('version = "1"', 'version = "0"').replace('id = "p"', 'id = "pilot"')
    older = older.replace('target = "p"', 'target = "pilot"').replace('"q", "p"', '"q", "pilot"')
    old = load_lifecycle(text=older.replace('source = "p"', 'source = "pilot"'))
    new = load_lifecycle(text=WORKED)
    pipeline = Pipeline([old, new], clock=lambda: START, actor=Actor("li.wei"))
    pipeline.open("one", id="one", lifecycle=old)
    pipeline.fire("one", "propose")
    pipeline.open("two", id="two", lifecycle=new)
    pipeline.fire("two", "propose")
    steps = Portfolio.of(pipeline).funnel().steps
    assert [(each.stage, each.reached) for each in steps] == [("q", 2), ("pilot", 2), ("p", 1), ("n", 0), ("won", 0)]


@over_cases(
    ("params", "named"),
    [
        ({"stage": "pp"}, "stage="),
        ({"to": "offer"}, "to="),
        ({"stage": "n", "to": "q"}, "to="),
        ({"stage": "won"}, "to="),
        ({"from": "q"}, "from"),
    ],
)
def test_a_step_that_is_none_is_refused(params: Mapping[str, str], named: str):
    """A stage that is not there, a step back, and a parameter that the figure does not take."""
    with pytest.raises(InputError, match=named):
        worked().kpi("stage_conversion", **params)


class Plain(MemoryStore):
    """A store that keeps no definitions, as stores need not."""

    definitions = None  # type: ignore[assignment]  # no method at all


def test_without_a_definition_stages_have_no_order():
    """Facts of a lifecycle that neither the pipeline nor the store has give a reason in place of figures by stage."""
    store = Plain()
    Pipeline(load_lifecycle(text=WORKED), store=store, clock=lambda: START, actor=AUTHOR).open("deal", id="d")
    portfolio = Portfolio.of(Pipeline(LIFECYCLE, store=store, clock=lambda: START))
    reasons = {name: portfolio.kpi(name).reason for name in ("funnel", "stage_conversion", "time_in_stage")}
    assert reasons == dict.fromkeys(reasons, "no_definition")
    assert (portfolio.funnel().reason, portfolio.time_in_stage().stages) == ("no_definition", ())
