"""
A deep check finds whatever somebody planted behind an open store, and repairs nothing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from salesflow.stores import JournalStore, SqliteStore
from salesflow.stores._journal.line_format import make_line, read_header, read_line

from ...stores.factory import commit, grow, key, opened
from ..builders import FastDisk


ROWS = {
    "counter ahead": "UPDATE sf_counters SET position = 99",
    "counter behind": "UPDATE sf_counters SET position = 1",
    "no counter": "DELETE FROM sf_counters",
    "old head": "UPDATE sf_heads SET version = 2 WHERE project = 'P-1'",
    "head from the future": "UPDATE sf_heads SET version = 9 WHERE project = 'P-1'",
    "no head": "DELETE FROM sf_heads WHERE project = 'P-1'",
    "head of nobody": """
        INSERT INTO sf_heads (tenant, project, version, stage, owner, outcome, folded, body, parent, opened)
        SELECT tenant, 'P-9', version, stage, owner, outcome, folded, body, parent, opened
        FROM sf_heads WHERE project = 'P-1'
    """,
    "other stage": "UPDATE sf_heads SET stage = 'won' WHERE project = 'P-1'",
    "other owner": "UPDATE sf_heads SET owner = 'somebody' WHERE project = 'P-1'",
    "other outcome": "UPDATE sf_heads SET outcome = 'won' WHERE project = 'P-1'",
    "head said to be older": "UPDATE sf_heads SET folded = 1 WHERE project = 'P-1'",
    "other name in a head": "UPDATE sf_heads SET body = replace(body, 'Upgrade', 'Downfall')",
    "head that is no JSON": "UPDATE sf_heads SET body = '['",
    "empty head": "UPDATE sf_heads SET body = '{}'",
    "head of another project": """
        UPDATE sf_heads SET body = (SELECT body FROM sf_heads WHERE project = 'P-2') WHERE project = 'P-1'
    """,
    "no first fact": "DELETE FROM sf_facts WHERE position = 1",
    "no second fact": "DELETE FROM sf_facts WHERE position = 2",
    "no last fact": "DELETE FROM sf_facts WHERE project = 'P-1' AND version = 3",
    "fact of a key gone": "DELETE FROM sf_facts WHERE project = 'P-2'",
    "positions moved": "UPDATE sf_facts SET position = position + 100",
    "version left out": "UPDATE sf_facts SET version = 7 WHERE position = 3",
    "fact of another project": "UPDATE sf_facts SET project = 'P-2', version = 2 WHERE position = 3",
    "fact of another tenant": "UPDATE sf_facts SET tenant = 'other' WHERE position = 3",
    "other name in a fact": "UPDATE sf_facts SET body = replace(body, 'Upgrade', 'Downfall')",
    "empty fact": "UPDATE sf_facts SET body = '{}' WHERE position = 2",
    "fact cut short": "UPDATE sf_facts SET body = substr(body, 1, 20) WHERE position = 2",
    "fact twice": "UPDATE sf_facts SET body = (SELECT body FROM sf_facts WHERE position = 2) WHERE position = 3",
}


@pytest.mark.parametrize("damage", ROWS)
def test_rows(tmp_path, damage):
    """
    Rows of a SQLite file that do not say what was committed are found, and left as they are.
    """
    path = tmp_path / "sales.db"
    with SqliteStore(path) as store:
        grow(store)
        store.commit(commit(opened("P-2"), key=key(project_id="P-2")))
        sound = store.check(deep=True).problems
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(ROWS[damage])
        first, second = store.check(deep=True), store.check(deep=True)

    assert ((), False) == (sound, first.ok)
    assert first == second


def forged(lines, number, old, new):
    """The lines with one changed, and the checksums of this one and all behind it made to fit."""
    seed, before = read_header(lines[0], "")
    made = lines[:1]
    for at, line in enumerate(lines[1:], 1):
        payload = read_line(line, seed).payload
        text, before = make_line(payload.replace(old, new) if at == number else payload, before, seed)
        made.append(text)
    return made


def at(line, offset, byte):
    """A line with one byte changed; an offset below 0 counts from its end."""
    offset %= len(line)
    return line[:offset] + byte + line[offset + 1 :]


def replaced(lines, number, *others):
    return [*lines[:number], *others, *lines[number + 1 :]]


LINES = {
    "header gone": lambda lines: lines[1:],
    "header of another format": lambda lines: replaced(lines, 0, lines[0].replace(b"sfj/1", b"sfj/9")),
    "header with a wrong checksum": lambda lines: replaced(lines, 0, at(lines[0], 0, b"x")),
    "header twice": lambda lines: [lines[0], *lines],
    "first line gone": lambda lines: replaced(lines, 1),
    "line gone": lambda lines: replaced(lines, 2),
    "line twice": lambda lines: replaced(lines, 2, lines[2], lines[2]),
    "lines in another order": lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
    "last line gone": lambda lines: lines[:-1],
    "nonsense between lines": lambda lines: replaced(lines, 2, b"nonsense\n", lines[2]),
    "line empty": lambda lines: replaced(lines, 2, b"\n"),
    "line without its end": lambda lines: replaced(lines, 2, lines[2][:-1]),
    "last line without its end": lambda lines: replaced(lines, len(lines) - 1, lines[-1][:-1]),
    "line cut short": lambda lines: replaced(lines, 2, lines[2][:40] + b"\n"),
    "checksum changed": lambda lines: replaced(lines, 2, at(lines[2], 0, b"x")),
    "checksum before changed": lambda lines: replaced(lines, 2, at(lines[2], 10, b"x")),
    "length changed": lambda lines: replaced(lines, 2, at(lines[2], 18, b"f")),
    "value changed": lambda lines: replaced(lines, 2, at(lines[2], -3, b"#")),
    "zeros in a line": lambda lines: replaced(lines, 2, lines[2][:40] + bytes(len(lines[2]) - 40)),
    "everything zero": lambda lines: [bytes(len(b"".join(lines)))],
    "nothing left": lambda lines: [],
    "forged value": lambda lines: forged(lines, 1, b"Upgrade", b"Upgrbde"),
    "forged version": lambda lines: forged(lines, 2, b'"version":2', b'"version":9'),
    "forged project": lambda lines: forged(lines, 3, b'"P-1"', b'"P-2"'),
}


@pytest.mark.parametrize("damage", LINES)
def test_lines(folder, damage):
    """
    Lines of a journal that do not say what was committed are found, and left as they are.
    """
    with JournalStore(folder, disk=FastDisk()) as store:
        grow(store, facts=5)
        sound = store.check(deep=True).problems
        (path,) = folder.glob("*.sfj")
        whole = path.read_bytes()
        end = whole.rindex(b"\n") + 1  # behind it lies what was reserved
        path.write_bytes(b"".join(LINES[damage](whole[:end].splitlines(keepends=True))) + whole[end:])
        planted = path.read_bytes()
        found = store.check(deep=True)
        left = path.read_bytes()

    assert ((), False) == (sound, found.ok)
    assert planted == left != whole
