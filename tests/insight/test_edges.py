"""The edges of figures: facts by hand, periods of every kind, rates that are none, what is missing."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from salesflow import Actor, Definition, Fact, Field, Money, Pipeline, Stage, Transition, build_lifecycle, replay
from salesflow.dossier import Task
from salesflow.errors import InputError, TransitionRefusedError
from salesflow.guards import fields_present
from salesflow.insight import Period, Portfolio, Rates, formulas, to_period
from salesflow.stores import MemoryStore
from salesflow.testing import attempt, commit
from salesflow.typing import (
    Append,
    Body,
    Changed,
    DeadlineMoved,
    DeadlinePassed,
    EntryDropped,
    EntryMoved,
    EntryPut,
    OpaqueEntry,
    Opened,
    Outcome,
    Transitioned,
)

from ..cases import over_cases
from .selling import LIFECYCLE, START


LI = Actor("li.wei")
DAY = timedelta(days=1)


def portfolio_of(*bodies: tuple[Body, str], step: timedelta = DAY, **options: object) -> Portfolio:
    """The portfolio of one project whose facts are written by hand, each with the version that decided."""
    store, facts = MemoryStore(), list[Fact]()
    for number, (body, version) in enumerate(bodies):
        facts.append(Fact("d", number + 1, START + number * step, LI, "selling", version, body))
        store.commit(commit(Append(number, facts[-1], replay(facts))))
    store.commit(commit(attempts=[attempt("d"), attempt("nobody")]))
    return Portfolio.of(Pipeline(LIFECYCLE, store=store, actor=LI), **options)  # type: ignore[arg-type]


OPENING = (Opened("deal", "lead", "undecided"), "1")


def test_everything_that_a_fact_may_say_has_its_row():
    """Passed deadlines, moves of entries, refusals, entries taken out are rows; entries of unknown kinds are none."""
    late = START + 9 * DAY
    seen = portfolio_of(
        OPENING,
        (DeadlinePassed("rot", "lead", 1, START, late=True), "1"),
        (EntryMoved("task", "t", "start", "todo", "doing", lifecycle="task", version="1"), "1"),
        (Changed((EntryPut(Task("t")), EntryPut(OpaqueEntry("gone", "g", {})), EntryDropped("task", "t"))), "1"),  # type: ignore[arg-type]
        (DeadlineMoved("rot", 1, START, late), "1"),
    )
    assert (seen.table("passed")["deadline"], seen.table("passed")["late"]) == (["rot"], [True])
    assert seen.table("entry_moves")["target"] == ["doing"]
    assert (seen.table("refusals")["project"], seen.entries(Task)) == (["d"], [])
    assert seen.table("task")["entry"] == [Task("t"), None]


def test_the_lifecycle_of_a_project_is_that_of_its_last_move():
    """A project that moves under another version belongs to that version, met before or not."""
    move = Transitioned("offer", "offer", "forward", "lead", "offer", "undecided")
    seen = portfolio_of(OPENING, (move, "2"), (move, "1"), (move, "2"))
    assert seen.columns.tables.lifecycles == [("selling", "1"), ("selling", "2")]
    assert list(seen.columns.tables.projects.lifecycle) == [1]


def test_a_project_may_be_opened_with_its_outcome():
    """A deal that was recorded as won from the start counts as won at its opening."""
    seen = portfolio_of((Opened("deal", "delivery", "won"), "1"))
    assert (seen.kpi("win_rate").value, seen.table("projects")["decided"]) == (1.0, [START])


@pytest.mark.parametrize("computing", ["plain", "numpy"])
def test_an_outcome_that_its_lifecycle_does_not_know(computing: str):
    """An outcome that nobody declares counts by its name: as won if that says so, else only among all that closed."""
    pytest.importorskip("numpy")
    away = (Transitioned("away", "away", "exit", "lead", "lead", "evaporated"), "1")
    back = (Transitioned("away", "away", "exit", "lead", "lead", "terminated"), "7")
    seen = portfolio_of(OPENING, away, computing=computing)
    other = portfolio_of(OPENING, back, computing=computing)
    rates = [seen.kpi("win_rate", variant=each, by="outcome") for each in ("", "of_closed")]

    assert [(None, "no_cases"), (0.0, None)] == [(each.value, each.reason) for each in rates]
    assert ["evaporated"] == list(rates[1].groups)
    assert ("other", "terminated") == (*seen.table("projects")["class"], *other.table("projects")["class"])


@pytest.mark.untraced
@pytest.mark.long
@pytest.mark.parametrize("computing", ["plain", "numpy"])
def test_ten_thousand_owners(computing: str):
    """Each owner is a group of its own, in order, and together they are the whole."""
    pytest.importorskip("numpy")
    pipeline = Pipeline(LIFECYCLE, actor=LI)
    with pipeline.batch():
        for number in range(10_000):
            pipeline.open("deal", id=f"d{number}", fields={"owner": f"o{9_999 - number:04}"})
    pipeline.fire("d7", "straight")
    pipeline.fire("d7", "win")
    found = Portfolio.of(pipeline, computing=computing).kpi("close_rate", by="owner")

    assert (1, 10_000) == (found.numerator, found.denominator)
    assert [f"o{number:04}" for number in range(10_000)] == list(found.groups)
    assert ["o9992"] == [name for name, each in found.groups.items() if each.value]
    assert {1} == {each.n for each in found.groups.values()}


def test_what_is_later_than_the_horizon_is_left_out():
    """Before its opening a project is not there, nor what was refused afterwards; so it is before it was recorded."""
    move = (Transitioned("offer", "offer", "forward", "lead", "offer", "undecided"), "1")
    before = portfolio_of(OPENING, move, as_of=START - DAY)
    unknown = portfolio_of(OPENING, move, known_at=START - DAY)
    first = portfolio_of(OPENING, move, move, known_at=START)
    assert len(portfolio_of(OPENING, move, step=-DAY, as_of=START - DAY)) == 0
    assert (len(before), len(unknown), before.table("refusals")["project"]) == (0, 0, [])
    assert first.table("projects")["stage"] == ["lead"]


def test_evidence_is_a_sequence():
    """Evidence is cut, compared, hashed and shown like any sequence of ids."""
    pipeline = Pipeline(LIFECYCLE, actor=LI)
    for number in range(5):
        pipeline.open("deal", id=f"d{number}")
    found = Portfolio.of(pipeline).kpi("close_rate").evidence
    assert list(found[1:3]) == ["d1", "d2"]
    assert (found == ("d0", "d1", "d2", "d3", "d4"), found == "d0", hash(found) == hash(found[:])) == (
        True,
        False,
        True,
    )
    assert repr(found) == "<Evidence: d0, d1, d2, … 5 in all>"


@over_cases(
    ("given", "first", "after"),
    [
        ("2026", (2026, 1, 1), (2027, 1, 1)),
        ("2026-Q3", (2026, 7, 1), (2026, 10, 1)),
        ("2026-12", (2026, 12, 1), (2027, 1, 1)),
        ("2026-W01", (2025, 12, 29), (2026, 1, 5)),
        ("2026-03-14", (2026, 3, 14), (2026, 3, 15)),
        ("FY2026", (2026, 4, 1), (2027, 4, 1)),
        ("FY2026-Q4", (2027, 1, 1), (2027, 4, 1)),
        ((date(2026, 1, 2), datetime(2026, 1, 3, tzinfo=UTC)), (2026, 1, 2), (2026, 1, 3)),
    ],
)
def test_periods(given: object, first: tuple[int, int, int], after: tuple[int, int, int]):
    """Every way to write a period, with a business year from April."""
    found = to_period(given, fiscal_year_start=4)
    assert (found.start, found.end) == (datetime(*first, tzinfo=UTC), datetime(*after, tzinfo=UTC))
    assert to_period(found) == found


@over_cases("given", ["2026-13", "2026-W60", "FY2026-03", "FY2026-W03", "soon", 2026, (START,)])
def test_periods_that_are_none(given: object):
    """What is no period is refused, with how it is written."""
    with pytest.raises(InputError, match="2026-Q1"):
        to_period(given)


def test_a_period_ends_after_it_begins():
    """A period that ends before it begins is refused; one without a name shows its ends."""
    with pytest.raises(InputError, match="The first time must come before the second"):
        to_period(Period(START, START - DAY))
    assert str(Period(START, START + DAY)) == f"{START.isoformat()}/{(START + DAY).isoformat()}"


@over_cases("table", [5, {"EUR": 1.5}, {"EUR": "x"}, {"EUR": 0}, {"EUR": True}, {"EUR": {"2026": 1}}])
def test_rates_that_are_none(table: object):
    """A rate is a number above zero, from a day on."""
    with pytest.raises(InputError, match="what one unit of each currency is worth"):
        Rates("CNY", table)  # type: ignore[arg-type]


def test_what_is_missing_has_a_reason():
    """Without an outcome that counts as won, and without an amount, a figure says so."""
    lost = [Outcome("open", class_="undecided"), Outcome("gone", class_="lost")]
    moves = [Transition("lose", "lead", "gone", outcome="gone", kind="exit")]
    stages = [Stage("lead", phase="early"), Stage("gone", "lost")]
    lifecycle = build_lifecycle(Definition("losing", outcomes=lost, stages=stages, transitions=moves))
    pipeline = Pipeline(lifecycle, actor=LI)
    pipeline.open("deal", id="d")
    seen = Portfolio.of(pipeline)
    assert seen.kpi("win_rate").reason == "no_won_class"
    assert seen.kpi("win_rate_value").reason == "field_not_declared"
    assert list(seen.kpi("close_rate", by="phase").groups) == ["early"]


def test_zones_that_differ_are_asked_for():
    """Over lifecycles of several zones one is named; then days begin there."""
    stages, moves = [Stage("lead"), Stage("won", "won")], [Transition("win", "lead", "won", outcome="won")]
    made = [
        build_lifecycle(Definition(name, time_zone=zone, stages=stages, transitions=moves))
        for name, zone in (("here", "UTC"), ("there", "Asia/Shanghai"))
    ]
    pipeline = Pipeline(made, actor=LI)
    for each in made:
        pipeline.open("deal", id=each.id, lifecycle=each)
    with pytest.raises(InputError, match="Asia/Shanghai, UTC"):
        Portfolio.of(pipeline).kpi("close_rate", period="2026")
    assert Portfolio.of(pipeline, zone="Asia/Shanghai").kpi("close_rate", period="2020").n == 0
    with pytest.raises(InputError, match="IANA"):
        Portfolio.of(pipeline, zone="Mars")


def test_tables_and_libraries_that_are_not_there():
    """An unknown table is named with those near it, and an unknown library with those that are known."""
    seen = Portfolio.of(Pipeline(LIFECYCLE, actor=LI))
    with pytest.raises(InputError, match="Did you mean 'visits'"):
        seen.table("visit")
    with pytest.raises(InputError, match="Did you mean 'visits'"):
        seen.frame("visit")
    with pytest.raises(InputError, match="polars"):
        seen.frame("visits", "fireducks")
    with pytest.raises(InputError, match="plain"):
        Portfolio.of(Pipeline(LIFECYCLE, actor=LI), computing="abacus")


def test_no_groups_where_nothing_is_recorded():
    """A figure of nothing has no groups, by whatever it is usually broken down by; another word is refused as ever."""
    seen = Portfolio.of(Pipeline(LIFECYCLE, actor=LI))
    asked = [(name, by) for name, each in formulas().items() for by in each.definition.by if by != "period"]
    found = {(name, by): seen.kpi(name, by=by).groups for name, by in asked}

    assert {each: {} for each in asked} == found
    with pytest.raises(InputError, match="severty"):
        seen.kpi("issue_resolution_rate", by="severty")


def test_frames_hold_what_they_can():
    """An amount is a number and its currency, and what no frame knows is a text."""
    pipeline = Pipeline(LIFECYCLE, actor=LI)
    pipeline.open("deal", id="d", fields={"amount": Money(5, "CNY")}, entries=[Task("t")])
    seen = Portfolio.of(pipeline)
    deals, tasks = seen.frame("projects"), seen.frame("task")
    assert (list(deals["field.amount"]), list(deals["field.amount.currency"])) == ([5], ["CNY"])
    assert list(tasks["entry"]) == [str(Task("t"))]


def test_columns_need_numpy(monkeypatch: pytest.MonkeyPatch):
    """Where numpy is asked for and not installed, that is said."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(InputError, match="numpy"):
        Portfolio.of(Pipeline(LIFECYCLE, actor=LI), computing="numpy")


def test_gates_with_refusals_on_columns():
    """The first tries at gates are the same on columns, where some of them were refused."""
    stages = [Stage("lead"), Stage("offer"), Stage("won", "won")]
    moves = [
        Transition("propose", "lead", "offer", guards=[fields_present("amount")]),
        Transition("win", "offer", "won", outcome="won"),
    ]
    lifecycle = build_lifecycle(
        Definition("gated", fields=[Field("amount", "money")], stages=stages, transitions=moves)
    )
    pipeline = Pipeline(lifecycle, actor=LI)
    for number in range(4):
        name = pipeline.open("deal", id=f"d{number}").id
        if number % 2:
            with pytest.raises(TransitionRefusedError):
                pipeline.fire(name, "propose")
        pipeline.fire(name, "propose", data={"amount": Money(5, "CNY")})
        pipeline.fire(name, "win")
    plain, columns = (Portfolio.of(pipeline, computing=each) for each in ("plain", "numpy"))
    assert plain.kpi("gate_first_pass_rate").value == columns.kpi("gate_first_pass_rate").value == 0.75


def test_a_business_year_follows_the_one_before():
    """Growth over a business year that begins in April is over the business year before it."""
    pipeline = Pipeline(LIFECYCLE, clock=lambda: START + 900 * DAY, actor=LI)
    for number, (amount, at) in enumerate(((100, START), (150, START + 300 * DAY))):
        name = pipeline.open("deal", id=f"d{number}", fields={"amount": Money(amount, "CNY")}, at=at).id
        pipeline.fire(name, "straight", at=at + DAY)
        pipeline.fire(name, "win", at=at + 2 * DAY)
    seen = Portfolio.of(pipeline, fiscal_year_start=4)
    assert seen.kpi("sales_growth", period="FY2026").value == 0.5
