"""
Texts that people hand in never act on a screen: every command, with hostile labels, names, values and cells.

The terminals are of several encodings.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings, strategies as st

import salesflow as sf
from salesflow import dossier, guards, risks, scores
from salesflow.cli import main
from salesflow.errors import SalesflowError
from salesflow.stores import SqliteStore
from salesflow.typing import Deadline, EarlyWarning, Label


AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ACTING = [
    "\x1b[2J\x1b]0;x\x07",
    "\n  - All guards passed.",
    "\r\x0b\x0c\x85\u2028",
    "\u202eabc\u2066\u200f",
    "[/2][bold]x[/]",
    ":warning: [link=http://x]y[/link]",
    "{0} {name} %s",
    "\x9b31m\x7f\xad\ufeff",
    "海港电信核心网升级 ✗ → ×",
    "😀 é ß",
]
TEXTS = st.one_of(
    st.sampled_from(ACTING),
    st.lists(st.sampled_from(ACTING), min_size=2, max_size=3).map(" ".join),
    # What no store keeps is refused elsewhere.
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30),
)
HARMLESS = frozenset("\n\u00a0\u200c\u200d\u202f\u3000")


def write_all(folder, text):
    """
    Write a definition, a store, an export with its map, and a broken definition with *text* wherever a text may stand.
    """
    label = Label(text, text)
    definition = sf.Definition(
        "deal",
        label=label,
        description=label,
        fields=[sf.Field("note", label=label), sf.Field("kind", "choice", choices=("a", "b"), label=label)],
        stages=[
            sf.Stage("talk", "open", label=label, guidance=label, phase=text, deadlines=[Deadline("sla", "5d")]),
            sf.Stage("won", "won", label=label),
        ],
        transitions=[
            sf.Transition(
                "win", "talk", "won", label=label, outcome="won", guards=[guards.field_compare("note", "eq", text)]
            ),
            sf.Transition("back", "won", "talk", kind="reopen", label=label, outcome="undecided"),
        ],
        scores=[scores.bant()],
        risks=[risks.no_next_step()],
        warnings=[EarlyWarning("slow", "no_next_step", 0.5, action=label)],
    )
    (folder / "deal.json").write_text(
        json.dumps({"schema": 1, **json.loads(sf.dump_definition(definition, format="json"))})
    )
    (folder / "broken.json").write_text(json.dumps({"schema": 1, "id": text, "stages": [{"id": text, text: text}]}))
    with SqliteStore(folder / "deals.db") as store:
        pipeline = sf.Pipeline(sf.build_lifecycle(definition), store=store, actor=sf.Actor("kim"))
        pipeline.open(
            "Harbour",
            id="D-1",
            fields={"note": f"{text}x"},
            entries=[dossier.Risk("R-1", text, probability=5, impact=5)],
            at=AT,
        )
    mapping = {
        "schema": 1,
        "kind": "snapshot",
        "project": {"id": {"column": "id"}, "name": {"columns": ["name"]}},
        "actor": {"column": "who", "when_missing": "import"},
        "stage": {"column": "stage", "values": {"New": "talk"}},
        "time": {"formats": ["%Y-%m-%d"]},
        "paths": {"talk": [{"stage": "talk", "column": "at"}]},
        "fields": {"note": {"column": "note"}},
    }
    (folder / "map.json").write_text(json.dumps(mapping))
    cell = '"' + text.replace('"', '""') + '"'
    rows = [
        "id,name,who,stage,at,note",
        f"D-7,Good,ann,New,2026-01-01,{cell}",
        *(
            ",".join(
                cell if place == bad else good
                for place, good in enumerate(["D-8", "Bad", "ann", "New", "2026-01-01", "n"])
            )
            for bad in range(5)
        ),
    ]
    (folder / "deals.csv").write_text("\n".join(rows), "utf-8", newline="")


def commands(folder):
    """
    Return every command that reads something, with its arguments.
    """
    deal, store = folder / "deal.json", f"sqlite:{folder / 'deals.db'}"
    return [
        ("show", deal),
        ("show", deal, "--mermaid"),
        ("show", folder / "broken.json"),
        ("show", folder / "\x1b[2J\u202e.toml"),
        ("replay", "\x1b[2J.csv", "-l", deal, "-m", folder / "map.json"),
        ("check", deal),
        ("check", folder / "broken.json"),
        ("templates",),
        ("schema",),
        ("plugins",),
        ("project", "D-1", "--store", store, "-l", deal),
        ("project", "\x1b[2J\n", "--store", store, "-l", deal),
        ("risks", "--store", store, "--lifecycle", deal),
        ("risks", "--store", store),
        ("score", "show", store, "D-1", "-l", deal),
        ("score", "fit", store, "-l", deal, "-o", folder / "model.json"),
        ("score", "evaluate", store, "-l", deal),
        ("store", "verify", store),
        ("store", "export", store, folder / "journal"),
        ("store", "import", folder / "journal", f"sqlite:{folder / 'copy.db'}"),
        (
            "replay",
            folder / "deals.csv",
            "-l",
            deal,
            "-m",
            folder / "map.json",
            "--store",
            f"sqlite:{folder / 'new.db'}",
        ),
        ("mutate", deal, "--list"),
        ("mutate", deal, "--list", "--report", "json"),
    ]


def check_screens(folder, text, charset, lang):
    """
    Run every command, and look at what it prints: no traceback, and no sign that acts.
    """
    write_all(folder, text)
    runner = CliRunner(charset=charset)
    for args in commands(folder):
        done = runner.invoke(main, ["--lang", lang, *map(str, args)])
        told = done.stdout + done.stderr

        assert done.exception is None or isinstance(done.exception, SystemExit), (args, done.exception)
        assert done.exit_code in (0, 1, 2), args
        assert [] == [sign for sign in told if not sign.isprintable() and sign not in HARMLESS], args
        assert not [line for line in told.split("\n") if line.startswith("  - All guards passed.")], args


@pytest.mark.long
@pytest.mark.parametrize(
    ("charset", "lang"),
    [
        ("utf-8", "en"),
        pytest.param("gbk", "zh", marks=pytest.mark.slow),
        pytest.param("cp1252", "en", marks=pytest.mark.deep),
        pytest.param("ascii", "zh", marks=pytest.mark.deep),
    ],
)
def test_signs_that_act(tmp_path, monkeypatch, charset, lang):
    """
    With everything that is known to act at once, no command fails and nothing of it reaches the terminal.
    """
    monkeypatch.setenv("COLUMNS", "80")
    check_screens(tmp_path, " ".join(ACTING), charset, lang)

    assert (tmp_path / "new.db").exists()


@pytest.mark.slow
def test_any_text(tmp_path_factory, monkeypatch):
    """
    The same with any text.
    """
    monkeypatch.setenv("COLUMNS", "80")

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(TEXTS, st.sampled_from(["utf-8", "gbk", "cp1252", "ascii"]), st.sampled_from(["en", "zh"]))
    def run(text, charset, lang):
        folder = tmp_path_factory.mktemp("texts")
        try:
            check_screens(folder, text, charset, lang)
        finally:
            shutil.rmtree(folder)

    run()


@pytest.mark.slow
def test_the_demo_on_every_terminal():
    """
    The demo runs whatever the terminal can write.
    """
    for charset in ("gbk", "cp1252", "ascii"):
        for lang in ("en", "zh"):
            assert 0 == CliRunner(charset=charset).invoke(main, ["--lang", lang, "demo"]).exit_code


def test_names_are_refused(tmp_path):
    """
    A row whose name or actor holds a sign that acts is refused, and the others are imported.
    """
    write_all(tmp_path, "\x1b[2J")
    args = ["replay", tmp_path / "deals.csv", "-l", tmp_path / "deal.json", "-m", tmp_path / "map.json"]
    told = CliRunner().invoke(main, list(map(str, args))).stdout

    assert "imported 1" in told
    assert r"(\x1b[2J)" in told


def test_errors_do_not_act():
    """
    An error of the library is told without the signs that were handed in.
    """
    with pytest.raises(SalesflowError) as raised:
        sf.load_lifecycle("\x1b[2J\u202e")

    assert str(raised.value).replace("\n", "").isprintable()
