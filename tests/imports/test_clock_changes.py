"""
Local times that clocks showed twice or skipped: one rule, and a note with the number of the row.
"""

from __future__ import annotations

import pytest

from .factory import HISTORY, SNAPSHOT, but


HEADER = "id,who,stage,at,value,seq"
YORK = {"timezone": "America/New_York"}
TWICE = "clocks in America/New_York showed at twice; the first was taken"
SECOND = "clocks in America/New_York showed at twice; the second was taken, which keeps the order of the file"
SKIPPED = "clocks in America/New_York skipped at; the time is later by as much as they went forward"


def history(crm, *rows, **more):
    """Import rows of a history that was written in New York."""
    mapping = but(HISTORY, time={**HISTORY["time"], **YORK}, **more)
    return crm.run(mapping, HEADER, *(f"D-1,ann,{row}" for row in rows))


def times(crm):
    """The times of the facts of the deal, UTC."""
    return [f"{fact.at:%d %H:%M}" for fact in crm.history("D-1")]


@pytest.mark.parametrize(
    ("rows", "expected", "notes"),
    [
        (
            ("New,2026-11-01 01:50,,", "Work,2026-11-01 01:10,,", "Won,2026-11-01 04:00,9,"),
            ["01 05:50", "01 06:10", "01 09:00"],
            [(2, TWICE), (3, SECOND)],
        ),
        (
            ("New,2026-11-01 01:10,,", "Work,2026-11-01 01:50,,"),
            ["01 05:10", "01 05:50"],
            [(2, TWICE), (3, TWICE)],
        ),
        (
            ("New,2026-11-01 03:00,,", "Work,2026-11-02 01:10,,"),
            ["01 08:00", "02 06:10"],
            [],
        ),
        (
            ("New,2026-03-08 02:30,,", "Work,2026-03-08 03:45,,"),
            ["08 07:30", "08 07:45"],
            [(2, SKIPPED)],
        ),
    ],
    ids=["file order", "in order", "once", "skipped"],
)
def test_a_history(crm, rows, expected, notes):
    """
    The first of two times is meant, and the second where only that keeps the file's order; a skipped one is put off.
    """
    report = history(crm, *rows)

    assert (len(rows), ()) == (report.imported, report.problems)
    assert expected == times(crm)
    assert [f"row {row}: {text}: {rows[row - 2].split(',')[1]}" for row, text in notes] == [
        note.message() for note in report.notes
    ]


def test_a_second_run_changes_nothing(crm):
    """
    The same file has the same times again, and the same notes.
    """
    rows = ("New,2026-11-01 01:50,,", "Work,2026-11-01 01:10,,")
    first, second = history(crm, *rows), history(crm, *rows)

    assert (2, 0, first.notes) == (second.already, second.imported, second.notes)


def test_a_column_that_orders_the_rows(crm):
    """
    Where a column orders rows of equal times, the order of the file says nothing, and the first time is meant.
    """
    mapping = {**HISTORY["time"], **YORK, "tie_break": "seq"}
    rows = ("D-1,ann,Work,2026-11-01 01:50,,2", "D-1,ann,New,2026-11-01 01:10,,1")
    report = crm.run(but(HISTORY, time=mapping), HEADER, *rows)

    assert ["01 05:10", "01 05:50"] == times(crm)
    assert [TWICE, TWICE] == [note.about.en for note in report.notes]


def test_a_snapshot(crm):
    """
    The steps of one row are in order, so the second of two times may be meant there, too; fields are noted as well.
    """
    mapping = but(
        SNAPSHOT,
        time={**SNAPSHOT["time"], **YORK},
        fields={"met_at": {"column": "met"}, "amount": {"column": "value", "currency": "EUR", "on": ["won"]}},
    )
    row = "D-1,ann,Won,2026-11-01 01:50,2026-11-01 01:10,2026-11-03,2026-03-08 02:10,9"
    report = crm.run(mapping, "id,who,stage,opened,worked,closed,met,value", row)

    assert (1, ["01 05:50", "01 06:10", "03 05:00"]) == (report.imported, times(crm))
    assert ["time.twice", "time.twice_second", "time.skipped"] == [note.code for note in report.notes]
    assert [2] * 3 == [note.row for note in report.notes]


def test_times_with_a_zone_of_their_own(crm):
    """
    A time that says its offset is never in doubt.
    """
    formats = {"formats": ["%Y-%m-%d %H:%M%z"], "column": "at", **YORK}
    report = crm.run(but(HISTORY, time=formats), HEADER, "D-1,ann,New,2026-11-01 01:50-0500,,")

    assert (["01 06:50"], ()) == (times(crm), report.notes)
