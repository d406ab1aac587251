"""
``salesflow store``.
"""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from salesflow import Actor, Pipeline, load_lifecycle, replay
from salesflow.cli import main
from salesflow.stores import JournalStore, SqliteStore

from ..cases import over_cases
from ..stores.factory import SEGMENT, grow
from ..test_addressees import Channel, Directory, moved


@pytest.fixture(name="folder")
def _folder(tmp_path):
    """
    A journal with three facts.
    """
    with JournalStore(tmp_path / "sales") as store:
        grow(store)
    return tmp_path / "sales"


def run(*arguments):
    """Run the command line."""
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_copy(tmp_path):
    """
    Facts are copied into any store, and the deadlines of the lifecycles that are named are watched there.
    """
    with JournalStore(tmp_path / "sales") as store:
        pipeline = Pipeline(load_lifecycle("simple_deal"), store=store, actor=Actor("li.wei"))
        pipeline.open("Metro", id="P-1")
    count = len(pipeline.lifecycle.dues(replay(pipeline_facts(tmp_path))))
    target = f"sqlite:{tmp_path / 'sales.db'}"
    plain = run("store", "copy", f"journal:{tmp_path / 'sales'}", target)
    watched = run("store", "copy", f"journal:{tmp_path / 'sales'}", target, "--lifecycle", "simple_deal")
    with SqliteStore(tmp_path / "sales.db") as store:
        due = store.next_due("deadline")

    assert (0, True, False) == (plain.exit_code, "1 facts copied" in plain.stdout, "watched" in plain.stdout)
    assert f"deadlines watched: {count}" in watched.stdout
    assert (count > 0) is (due is not None)


def pipeline_facts(folder):
    """The facts of the project in a journal."""
    with JournalStore(folder / "sales") as store:
        return list(store.load("P-1"))


@pytest.mark.parametrize("options", [(), ("--quick",)])
def test_verify(folder, options):
    """
    A sound store is told to be, with how much was looked at.
    """
    done = run("store", "verify", f"journal:{folder}", *options)

    assert (0, f"journal:{folder}: 3 facts, no problems\n") == (done.exit_code, done.stdout)


def test_verify_finds_something(folder, monkeypatch):
    """
    Problems are listed, and the exit status says that there are some.
    """
    from salesflow.typing import StoreCheck

    monkeypatch.setattr(JournalStore, "check", lambda self, *, deep: StoreCheck(3, ("P-1: its head is another",)))
    done = run("store", "verify", f"journal:{folder}")

    said = f"journal:{folder}: 3 facts, 1 problem(s)\n  - P-1: its head is another\n"
    assert (1, said) == (done.exit_code, done.stdout)


def test_damage(folder):
    """
    A damaged journal is refused with its place.
    """
    segment = folder / SEGMENT
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    done = run("store", "verify", f"journal:{folder}")

    assert (2, True) == (done.exit_code, "is damaged or missing" in done.stderr)


@pytest.mark.requirement("D50")
def test_export_and_import(folder, tmp_path):
    """
    Facts go to another journal and back, and only what is new is copied.
    """
    first = run("store", "export", f"journal:{folder}", tmp_path / "copy")
    again = run("store", "export", f"journal:{folder}", tmp_path / "copy")
    back = run("store", "import", tmp_path / "copy", f"journal:{tmp_path / 'third'}", "--lang", "zh")

    assert f"journal:{folder} → journal:{tmp_path / 'copy'}: 3 facts copied\n" == first.stdout
    assert again.stdout.endswith(": 0 facts copied\n")
    assert back.stdout.endswith("：已复制 3 条事实\n")


@over_cases("url", ["journal:", "memory:there", "mysql:x", "sales"])
def test_no_store(url):
    """
    What names no store is refused with what does.
    """
    done = run("store", "verify", url)

    assert (2, "") == (done.exit_code, done.stdout)
    assert f"salesflow: store: {url!r} is not usable. " in done.stderr


@pytest.fixture(name="given_up")
def _given_up(tmp_path):
    """
    A journal whose one notice found nobody.
    """
    with JournalStore(tmp_path / "given") as store:
        moved(Directory(), Channel(), store=store)[0].deliver()
    return f"journal:{tmp_path / 'given'}"


def test_dead(given_up):
    """
    What was given up is listed with addressee and cause, as JSON too, in both languages.
    """
    shown, chinese = run("store", "dead", given_up), run("store", "dead", given_up, "--lang", "zh")
    (found,) = json.loads(run("store", "dead", given_up, "--json").stdout)

    assert (0, "one", "go", "", "owner", 1) == (
        shown.exit_code,
        found["project"],
        found["topic"],
        found["plugin"],
        found["addressee"],
        found["tries"],
    )
    assert ("nobody was found at owner", True) == (found["cause"], "原因" in chinese.stdout)
    assert "owner" in shown.stdout


def test_requeue(given_up):
    """
    It is queued again by id or all at once; then there is nothing left to list.
    """
    (found,) = json.loads(run("store", "dead", given_up, "--json").stdout)
    by_id, none = run("store", "requeue", given_up, found["id"]), run("store", "requeue", given_up, "--all")

    assert f"{given_up}: 1 queued again\n" == by_id.stdout
    assert f"{given_up}: 0 queued again\n" == none.stdout
    assert f"{given_up}: nothing was given up\n" == run("store", "dead", given_up).stdout


def test_requeue_everything(given_up):
    """
    With --all every piece is queued again; ids and --all exclude each other.
    """
    assert f"{given_up}: 1 queued again\n" == run("store", "requeue", given_up, "--all").stdout
    assert 2 == run("store", "requeue", given_up).exit_code
