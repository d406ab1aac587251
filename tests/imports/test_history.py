"""
Several rows a deal: order, updates, refused moves, and a second run.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from itertools import permutations

import attrs
import pytest
from hypothesis import given, strategies as st

import salesflow as sf
from salesflow import guards
from salesflow.stores import MemoryStore, SqliteStore
from salesflow.typing import Label

from .factory import HISTORY, Crm, but, definition, told


HEADER = "id,who,stage,at,value,seq"
ROWS = (
    "D-1,ann,New,2024-01-01,10,1",
    "D-1,ann,Work,2024-01-05,20,2",
    "D-1,bob,Work,2024-01-06,25,3",
    "D-1,bob,Won,2024-02-01,,4",
    "D-1,bob,Work,2024-03-01,30,5",
)


def said(fact: sf.Fact) -> str:
    return getattr(fact.body, "transition", type(fact.body).__name__)


@pytest.mark.untraced
@pytest.mark.parametrize("rows", list(permutations(ROWS))[::17])
def test_time_orders_the_rows(crm, rows):
    """
    Rows are taken in the order of time; a row of the same stage changes fields.
    """
    report = crm.run(HISTORY, HEADER, *rows)
    facts = crm.history("D-1")

    assert (5, 5, 0, 1) == (report.rows, report.imported, report.refused, report.deals)
    assert ["Opened", "work", "Changed", "win", "reopen"] == [said(fact) for fact in facts]
    assert ["ann", "ann", "bob", "bob", "bob"] == [fact.actor.name for fact in facts]
    assert [10, 20, 25, 30] == [int(f.body.changes[0].value.amount) for f in facts if f.body.changes]


def test_a_deal_that_begins_later(crm):
    """
    A deal whose first row is a later stage opens at that time and moves on at once, as far as a transition leads.
    """
    report = crm.run(HISTORY, HEADER, "D-1,ann,Work,2024-01-05,20,1", "D-2,ann,Won,2024-01-05,20,1")

    assert ["Opened", "work"] == [said(fact) for fact in crm.history("D-1")]
    assert [{}, {"amount"}] == [{c.field for c in fact.body.changes} or {} for fact in crm.history("D-1")]
    assert ["row 3: no transition leads from new to won"] == told(report)
    assert {"D-1": "working"} == crm.stand("D-1", "D-2")


@pytest.mark.requirement("A23")
def test_rows_after_a_refused_one(crm):
    """
    The rows after a refused one are tried from where the deal stands; the attempt log stays empty.
    """
    rows = ("D-1,ann,Won,2024-01-01,1,1", "D-1,ann,Work,2024-01-02,,2", "D-1,ann,Won,2024-01-03,,3")
    first = crm.run(HISTORY, HEADER, *rows, "D-1,ann,Lost,2024-01-04,,4")
    second = crm.run(HISTORY, HEADER, *rows, "D-1,ann,Lost,2024-01-04,,4")

    assert [
        "row 2: no transition leads from new to won",
        "row 4: win from working is refused: Still to be filled in: amount",
    ] == told(first)
    assert told(first) == told(second)
    assert (2, 2, 0, 2) == (first.imported, first.refused, second.imported, second.already)
    assert ({"D-1": "lost"}, ()) == (crm.stand("D-1"), tuple(crm.store.attempts("D-1")))


def test_a_closed_deal_is_locked(crm):
    """
    A closed deal takes no more values, but a row that says nothing new is no problem.
    """
    rows = ("D-1,ann,Work,2024-01-01,5,1", "D-1,ann,Won,2024-01-02,6,2", "D-1,ann,Won,2024-01-03,6,3")
    report = crm.run(HISTORY, HEADER, *rows, "D-1,ann,Won,2024-01-04,7,4")

    assert ["row 5: the deal is closed (won), its fields are locked"] == told(report)
    assert (2, 0, 1, 1) == (report.imported, report.already, report.unchanged, report.refused)


def test_a_tie_is_broken(crm):
    """
    Of rows of one time the one further down is the later, or the one that a column says.
    """
    rows = ("D-1,ann,Work,2024-01-01,1,1", "D-1,ann,Lost,2024-01-02,1,3", "D-1,ann,Work,2024-01-02,2,2")
    other = Crm(crm.folder)
    crm.run(HISTORY, HEADER, *rows)
    other.run(but(HISTORY, time={**HISTORY["time"], "tie_break": "seq"}), HEADER, *rows)

    assert ["Opened", "work", "lose", "reopen"] == [said(fact) for fact in crm.history("D-1")]
    assert ["Opened", "work", "Changed", "lose"] == [said(fact) for fact in other.history("D-1")]


@pytest.mark.parametrize(
    "ties",
    [
        ("8", "9", "10"),
        ("-1", "0.5", "1"),
        ("8", "9", "A"),
        ("EV-8", "EV-9", "EV-10"),
        ("v1.9", "v1.10", "v2"),
        ("", "x", "y"),
    ],
)
def test_a_tie_of_numbers(crm, ties):
    """
    Numbers in a tie-break are compared by their value, also those within texts.
    """
    words = ("New", "Work", "Lost")
    rows = [f"D-1,ann,{word},2024-01-01,1,{tie}" for word, tie in zip(words, ties, strict=True)]
    crm.run(but(HISTORY, time={**HISTORY["time"], "tie_break": "seq"}), HEADER, *reversed(rows))

    assert ["Opened", "work", "lose"] == [said(fact) for fact in crm.history("D-1")]


def test_rows_without_news(crm):
    """
    Repeated rows, later rows of the same stage, and a second closing are told by their numbers, in every run alike.
    """
    rows = (
        "D-1,ann,New,2024-01-01,1,1",
        "D-1,ann,New,2024-01-01,1,1",
        "D-1,ann,New,2024-01-05,1,1",
        "D-1,ann,Lost,2024-02-01,1,1",
        "D-1,ann,Lost,2024-03-01,1,1",
    )
    runs = [crm.run(HISTORY, HEADER, *rows) for _ in range(2)]

    assert [(2, 0, 3), (0, 2, 3)] == [(run.imported, run.already, run.unchanged) for run in runs]
    assert [
        "row 3: an earlier row of the deal says the same of the same time (new)",
        "row 4: the deal is in new already, and the row changes nothing",
        "row 6: the deal is closed already (lost), and the row changes nothing",
    ] == [note.message() for note in runs[0].notes]
    assert [note.row for note in runs[0].notes] == [note.row for note in runs[1].notes]


def test_an_opening_that_is_not_told(crm):
    """
    Where a history begins in the middle, the report says that the opening is not known.
    """
    report = crm.run(HISTORY, HEADER, "D-1,ann,Work,2024-01-02,1,1", "D-2,ann,Won,2024-01-02,1,1")

    assert (["move.none"], ["opening.assumed"]) == (
        [problem.code for problem in report.problems],
        [group.code for group in report.note_groups],
    )
    assert (
        "row 2: the deal is in working already where its history begins; when it was opened is not known, and it is "
        "opened in new at that time"
    ) == report.notes[0].message()
    assert [True] == [fact.body.assumed for fact in crm.history("D-1")[:1]]


def test_a_known_opening_is_not_assumed(crm, tmp_path):
    """
    An opening that the file tells is not marked; a mark is written to a store and read back.
    """
    with SqliteStore(tmp_path / "crm.db") as store:
        crm.store = store
        crm.run(HISTORY, HEADER, "D-1,ann,New,2024-01-01,1,1", "D-2,ann,Work,2024-01-02,1,1")
        openings = {fact.project_id: fact.body.assumed for fact in store.feed().facts if fact.version == 1}

    assert {"D-1": False, "D-2": True} == openings


def test_history_that_breaks_a_lock(crm):
    """
    What happened is recorded, also where a field was locked by then; the report lists every such row.
    """
    plain = definition()
    locked = sf.Field("amount", "money", label=Label("Amount", "金额"), locked={"from": "working"})
    fields = (locked, *(each for each in plain.fields if each.id != "amount"))
    crm.lifecycle = sf.build_lifecycle(attrs.evolve(plain, fields=fields))
    rows = ("D-1,ann,New,2024-01-01,1,1", "D-1,ann,Work,2024-01-02,2,2", "D-1,ann,Work,2024-01-03,3,3")
    report = crm.run(HISTORY, HEADER, *rows, "D-1,ann,Won,2024-02-01,3,4", "D-2,ann,New,2024-01-01,1,5")
    again = crm.run(HISTORY, HEADER, *rows)

    assert (5, 0, ()) == (report.imported, report.refused, again.notes)
    assert [
        "row 4: the row changes Amount, which is locked from working on; the change is recorded, because it happened"
    ] == [note.message() for note in report.notes]
    assert "该行修改了“金额”" in report.notes[0].message("zh")


def test_a_move_that_breaks_a_lock(crm):
    """
    A move that brings another value of a locked field is recorded and listed as well.
    """
    plain = definition()
    fields = (
        sf.Field("amount", "money", locked={"from": "working"}),
        *(each for each in plain.fields if each.id != "amount"),
    )
    crm.lifecycle = sf.build_lifecycle(attrs.evolve(plain, fields=fields))
    report = crm.run(
        HISTORY, HEADER, "D-1,ann,New,2024-01-01,1,1", "D-1,ann,Work,2024-01-02,1,2", "D-1,ann,Won,2024-02-01,9,3"
    )

    assert ([(4, "field.locked")], sf.Money("9", "EUR")) == (
        [(note.row, note.code) for note in report.notes],
        crm.store.head("D-1").fields["amount"],
    )


def test_the_same_row_twice(crm):
    """
    Two rows of one stage and one time are two steps, and a second run finds both.
    """
    rows = ("D-1,ann,New,2024-01-01,1,1", "D-1,ann,Work,2024-01-02,2,2", "D-1,ann,Work,2024-01-02,3,3")
    first, second = crm.run(HISTORY, HEADER, *rows), crm.run(HISTORY, HEADER, *rows)

    assert (3, 0, 0, 3) == (first.imported, first.already, second.imported, second.already)


def test_a_row_that_came_late(crm):
    """
    Rows that lie before what the store has are refused in a later run; rows after it go on.
    """
    crm.run(HISTORY, HEADER, ROWS[1], ROWS[3])
    report = crm.run(HISTORY, HEADER, "D-1,ann,New,2023-12-01,1,0", *ROWS)

    assert [
        "row 2: new (at) lies before the opening of the deal",
        "row 3: new (at) lies before the opening of the deal",
        "row 5: the deal has later facts in this store already",
    ] == told(report)
    assert (1, 2, 3) == (report.imported, report.already, report.refused)


def test_the_opening_has_changed(crm):
    """
    An opening with other values than before is told as such, and the rows after it are tried.
    """
    crm.run(HISTORY, HEADER, ROWS[0])
    report = crm.run(HISTORY, HEADER, ROWS[0].replace(",10,", ",11,"), ROWS[1])

    assert ["row 2: imported before with other values (amount)"] == told(report)
    assert (1, "working") == (report.imported, crm.stand("D-1")["D-1"])


def test_a_shared_trigger_may_lead_elsewhere(crm):
    """
    A trigger that takes the deal to another stage first is not taken, and the row says so.
    """
    crm.lifecycle = sf.build_lifecycle(
        definition(
            sf.Transition("work", "new", "working"),
            sf.Transition("lose", "working", "lost", trigger="close", outcome="lost"),
            sf.Transition(
                "win", "working", "won", trigger="close", outcome="won", guards=[guards.fields_present("amount")]
            ),
        )
    )
    report = crm.run(HISTORY, HEADER, ROWS[1], "D-1,ann,Won,2024-02-01,1,2")

    assert ["row 3: lose from working is refused: it leads to lost now"] == told(report)


def test_a_hold_is_resumed(crm):
    """
    A held deal resumes to the stage it was held in, and to no other.
    """
    crm.lifecycle = sf.build_lifecycle(
        sf.Definition(
            "crm",
            fields=definition().fields,
            stages=(sf.Stage("new", "open"), sf.Stage("working"), sf.Stage("paused", "hold"), sf.Stage("won", "won")),
            transitions=(
                sf.Transition("work", "new", "working"),
                sf.Transition("hold", ("new", "working"), "paused", kind="hold"),
                sf.Transition("resume", "paused", "$previous", kind="resume"),
                sf.Transition("win", "working", "won", outcome="won"),
            ),
        )
    )
    words = {"New": "new", "Work": "working", "Paused": "paused"}
    mapping = but(HISTORY, stage={"column": "stage", "values": words})
    rows = ("D-1,ann,Work,2024-01-01,,1", "D-1,ann,Paused,2024-01-02,,2", "D-1,ann,New,2024-01-03,,3")
    report = crm.run(mapping, HEADER, *rows, "D-1,ann,Work,2024-01-04,,4")

    assert ["row 4: resume from paused is refused: it leads to working now"] == told(report)
    assert {"D-1": "working"} == crm.stand("D-1")


def test_times_are_of_the_zone(crm):
    """
    Times without a zone are of the mapping's zone; facts are in UTC.
    """
    mapping = but(HISTORY, time={**HISTORY["time"], "timezone": "Asia/Shanghai"})
    crm.run(mapping, HEADER, "D-1,ann,New,2024-01-01 09:30,,1")

    assert datetime(2024, 1, 1, 1, 30, tzinfo=UTC) == crm.history("D-1")[0].at


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31 23:59"])
def test_the_ends_of_the_calendar(crm, text):
    """
    A time at the ends of the calendar, which exports write where there is none, is a problem of its row.
    """
    zone = "Asia/Shanghai" if text.startswith("0") else "America/New_York"
    mapping = but(HISTORY, time={**HISTORY["time"], "timezone": zone})
    fields = {"met_at": {"column": "at"}}

    assert ["time.reach"] == [one.code for one in crm.run(mapping, HEADER, f"D-1,ann,New,{text},,1").problems]
    late = but(mapping, time={**mapping["time"], "column": "value"}, fields=fields)
    report = crm.run(late, HEADER, f"D-1,ann,New,{text},2024-01-01,1")
    assert ["time.reach"] == [one.code for one in report.problems]


def untimed(facts):
    """Facts, but for when they were recorded."""
    return [attrs.evolve(fact, recorded_at=fact.at) for fact in facts]


@pytest.mark.untraced
@given(st.permutations(range(4)), st.lists(st.sampled_from(["New", "Work", "Won", "Lost"]), min_size=4, max_size=4))
def test_any_order_gives_the_same_history(tmp_path_factory, order, words):
    """
    Whatever the order of the rows, and whether some are refused, the facts are the same, also when run again.
    """
    rows = [f"D-1,ann,{word},2024-01-0{number + 1},{number},0" for number, word in enumerate(words)]
    straight, mixed = (Crm(tmp_path_factory.mktemp("crm"), store=MemoryStore()) for _ in range(2))
    first = straight.run(HISTORY, HEADER, *rows)
    second = mixed.run(HISTORY, HEADER, *(rows[place] for place in order))
    mixed.run(HISTORY, HEADER, *rows)

    assert (first.imported, first.already, first.refused) == (second.imported, second.already, second.refused)
    assert untimed(straight.history("D-1")) == untimed(mixed.history("D-1"))
    assert 4 == first.imported + first.already + first.refused


def test_a_year_that_is_mistyped(crm):
    """
    A row more than a day ahead of now is refused with its reason, and what comes before it is imported.
    """
    report = crm.run(HISTORY, HEADER, "D-1,ann,New,2024-01-01,,1", "D-1,ann,Work,2099-01-05,,2")

    assert [(3, "time.ahead")] == [(one.row, one.code) for one in report.problems]
    assert {"D-1": "new"} == crm.stand("D-1")
    assert "working (at) lies more than a day ahead of now" in report.problems[0].message()


def test_quoted_cells(crm):
    """
    Cells may hold delimiters, quotes and line breaks; a row is counted once.
    """
    text = io.StringIO()
    csv.writer(text).writerows([HEADER.split(","), ["D-1", 'Li, "Wei"', "New", "2024-01-01", "", "a\nb"]])
    crm.run(HISTORY, text.getvalue().strip(), "D-2,,New,2024-01-01,,")

    assert 'Li, "Wei"' == crm.history("D-1")[0].actor.name
