"""
What stores never do: put a statement together from values, or take stored data for a program.
"""

from __future__ import annotations

import ast
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from salesflow.stores import SqliteStore

from .golden.make import fill


ROOT = Path(__file__).parents[2]
SOURCES = sorted([*ROOT.glob("src/**/*.py"), *ROOT.glob("plugins/*/src/**/*.py")])
RUNNING = {"execute", "executemany", "executescript", "exec_driver_sql"}
# What runs or unpacks what it is given; ``importlib`` loads what a plugin's metadata names, never what is stored.
PROGRAMS = {"pickle", "marshal", "shelve", "dill", "yaml", "gzip", "bz2", "lzma", "zipfile", "tarfile"}
EVALUATING = {"eval", "exec", "__import__", "decompress", "decompressobj", "literal_eval"}


def trees(words):
    """The sources in which one of these words stands, as trees, by their names."""
    texts = {str(each.relative_to(ROOT)): each.read_text("utf-8") for each in SOURCES}
    return {name: ast.parse(text) for name, text in texts.items() if any(word in text for word in words)}


def calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


def put_together(node):
    """Whether an expression makes a text out of others."""
    made = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join")
    return made or isinstance(node, (ast.JoinedStr, ast.BinOp))


def filled_in(node):
    """Whether values are filled into a text anywhere in an expression; constants may be joined."""
    return any(
        isinstance(each, ast.JoinedStr)
        or (isinstance(each, ast.BinOp) and isinstance(each.op, ast.Mod))
        or (isinstance(each, ast.Attribute) and each.attr == "format")
        for each in ast.walk(node)
    )


def test_no_statement_is_put_together():
    """
    What is sent to a database is a constant, or was joined from constants once; values are bound to it.
    """
    found = [
        f"{name}:{node.lineno}"
        for name, tree in trees({*RUNNING, "text("}).items()
        for called, node in calls(tree)
        if node.args
        and ((called in RUNNING and put_together(node.args[0])) or (called == "text" and filled_in(node.args[0])))
    ]

    assert [] == found


def test_nothing_stored_is_run_or_unpacked():
    """
    No module can load an object, run a text, or unpack what might grow without end.
    """
    searched = trees(PROGRAMS | {f"{each}(" for each in EVALUATING}).items()
    imported = [
        f"{name}: {part}"
        for name, tree in searched
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for part in [getattr(node, "module", None), *(each.name for each in node.names)]
        if part in PROGRAMS
    ]
    called = [f"{name}: {each}" for name, tree in searched for each, _ in calls(tree) if each in EVALUATING]

    # The one that is there writes constructors of the library's own nouns, out of the names of their fields.
    # And the testing kit asks a process of its own, over a pipe, and reads its answers.
    assert ["src/salesflow/testing/_machine/elsewhere.py: pickle"] == imported
    assert ["src/salesflow/_model/frozen.py: exec"] == called


def test_the_search_finds_something():
    """
    The searches above see what they look for.
    """
    tree = ast.parse("import pickle\ncursor.execute(f'SELECT {x}')\ncursor.execute('SELECT ' + x)\neval(x)")

    assert ["execute", "execute", "eval"] == [name for name, _ in calls(tree)]
    assert [True, True, False] == [put_together(node.args[0]) for _, node in calls(tree)]
    assert [True, False, False] == [filled_in(node.args[0]) for _, node in calls(tree)]
    assert len(SOURCES) > 100


def test_tables_hold_texts_and_numbers(tmp_path):
    """
    In a SQLite file there is nothing but numbers and texts, and what is structured is JSON.
    """
    with SqliteStore(tmp_path / "sales.db") as store:
        fill(store)
    with closing(sqlite3.connect(tmp_path / "sales.db")) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [(table, row) for table in tables for row in connection.execute(f"SELECT * FROM {table}").fetchall()]
    kinds = {type(value) for _, row in rows for value in row}
    tables = "sf_facts", "sf_heads", "sf_work", "sf_attempts"
    bodies = [json.loads(max(map(str, row), key=len)) for table, row in rows if table in tables]

    assert {int, str, type(None)} == kinds
    assert {dict} == {type(each) for each in bodies}
    assert len(bodies) > 8


@pytest.mark.parametrize("name", ["pickle", "yaml", "os.system"])
def test_types_come_from_a_list(tmp_path, name):
    """
    A stored type that is not on the list of types is refused; no module is looked for under its name.
    """
    path = tmp_path / "sales.db"
    with SqliteStore(path) as store:
        fill(store)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(
                'UPDATE sf_facts SET body = replace(body, \'"type":"opened"\', \'"type":"\' || ? || \'"\')', (name,)
            )
        found = store.check(deep=True).problems

    assert 2 == sum(name in each for each in found)
