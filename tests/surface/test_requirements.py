"""
The list of what the domain asks for is true: what is done has names that exist, and a test that proves it.
"""

from __future__ import annotations

import re

import pytest

from .requirements import STATES, exists, proofs, rows


COUNTS = {"A": 55, "B": 32, "C": 42, "D": 63, "E": 46}


def test_every_row_is_listed():
    """
    All 238 rows are there, in order, each with a state and one sentence without a full stop.
    """
    wanted = [
        f"{source}{number:02}"
        for source, count in COUNTS.items()
        for number in range(source != "D", count + (source != "D"))
    ]

    assert wanted == [row.id for row in rows()]
    assert [] == [row.id for row in rows() if row.state not in STATES]
    assert [] == [row.id for row in rows() if not re.fullmatch(r"\S.*[^.\s]", row.summary)]


@pytest.mark.long
def test_what_is_done_is_proved():
    """
    A row that is done has a name, and a test with its marker.
    """
    proved = {row for proof in proofs() for row in proof.rows}

    assert [] == [row.id for row in rows() if row.state == "done" and not (row.names and row.id in proved)]


def test_what_is_planned():
    """
    What is not done waits for the work on changing lifecycles, or on exchange with other systems.
    """
    changing = {"A39", "C25", "C37", "D08", "D32", "D46", "E25", "E41"}
    exchange = {"A24", "B12", "C20", "D11", "D15", "D16", "E28"}

    assert changing | exchange == {row.id for row in rows() if row.state == "planned"}


def test_every_marker_names_a_row():
    """
    No test claims to prove a row that is not there.
    """
    known = {row.id for row in rows()}

    assert [] == [(proof.test, row) for proof in proofs() for row in proof.rows if row not in known]


@pytest.mark.untraced
@pytest.mark.long
def test_every_name_exists():
    """
    A row names only what a user can use.
    """
    assert [] == [(row.id, name) for row in rows() for name in row.names if not exists(name)]
    assert [] == [
        name
        for name in ("guard none", "lifecycle none", "lifecycle risk/none", "none", "dossier.Goal.none")
        if exists(name)
    ]
