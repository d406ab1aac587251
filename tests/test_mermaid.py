"""
The diagram of a definition, as Mermaid reads it.

Its own parser is asked where node and the packages mermaid and jsdom are there: ``make .venv/node_modules``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

import salesflow as sf
from salesflow import Stage, Transition
from salesflow.typing import Label


HOLDING = sf.Definition(
    "holding",
    stages=(
        Stage("a", "open", label=Label("Begin; now", "开始")),
        Stage("b"),
        Stage("rest", "hold"),
        Stage("end", "closed"),
    ),
    transitions=(
        Transition("go", "a", "b", label=Label('Say "go": #1\nnow', "走")),
        Transition("hold", ("a", "b"), "rest", kind="hold"),
        Transition("resume", "rest", "$previous", kind="resume"),
        Transition("stay", "b", "$same"),
        Transition("end", "b", "end"),
    ),
)


def test_the_diagram():
    """
    Every stage, every edge, the start and the ends are drawn; what Mermaid would trip over is written as entities.
    """
    assert """\
stateDiagram-v2
    state "Begin#59; now" as _a
    state "b" as _b
    state "rest" as _rest
    state "end" as _end
    [*] --> _a
    _a --> _b : Say #34;go#34;#58; #35;1#92;nnow
    _a --> _rest : hold
    _b --> _rest : hold
    _rest --> _a : resume
    _rest --> _b : resume
    _b --> _b : stay
    _b --> _end : end
    _end --> [*]
""" == sf.build_lifecycle(HOLDING).mermaid()


def test_the_diagram_in_chinese():
    """
    Labels are drawn in the language that is asked for.
    """
    drawn = sf.build_lifecycle(HOLDING).mermaid("zh")

    assert ('    state "开始" as _a', "    _a --> _b : 走") == (drawn.splitlines()[1], drawn.splitlines()[6])


# fmt: off
RESERVED = [
    "note", "state", "default", "scale", "class", "classdef", "style", "direction", "as", "end", "click",
    "href", "hide", "fork", "join", "choice", "tb", "bt", "rl", "lr", "left", "right",
    "of", "acctitle", "accdescr", "title", "width", "constructor", "prototype", "proto__", "start_", "statediagram_v2",
]
HOSTILE = [
    "<<fork>>", "[[choice]]", "%%", "{x}", "}", "a-->b", "--", "---", "->", ":",
    ";", "#", "\\", "`", "~~~", "a|b", "@{x}", "$$x$$", "&amp;", "<br/>",
    "<script>", ":::cls", "[*]", "__i__", "#9829;", "__proto__", "中文；《x》", "1.", "=",
    "direction LR", "DIRECTION\u3000tb", "end note", "note right of x", "state x as y", "* x", "a\nb", "\u202e",
]
# fmt: on
NODE = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))


@pytest.fixture
def parsed():
    """
    Ask Mermaid's parser for the number of states and arrows in diagrams; the test is skipped where there is none.
    """
    if NODE is None:
        pytest.skip("node is not there")

    def ask(texts):
        script = Path(__file__).with_name("mermaid_parser.mjs")
        env = {"NODE_PATH": str(Path(sys.prefix, "node_modules")), **os.environ}
        asked = subprocess.run(
            [NODE, script], input=json.dumps(texts), capture_output=True, text=True, env=env, check=False
        )
        if asked.returncode == 3:
            pytest.skip("the npm packages mermaid and jsdom are not there")
        assert "" == asked.stderr
        return json.loads(asked.stdout)

    return ask


def two_stages(stage, label, other="", transition=""):
    """
    Return the diagram of a small lifecycle with a label everywhere.
    """
    definition = sf.Definition(
        "small",
        stages=[Stage(stage, "open", label=Label(label)), Stage("z", "won", label=Label(other or label))],
        transitions=[Transition("go", stage, "z", label=Label(transition or label))],
    )
    return sf.build_lifecycle(definition).mermaid()


def test_reserved_words_and_hostile_labels(parsed):
    """
    No id and no label is read as anything but a name: two stages, the start and the end, with an arrow each.
    """
    texts = [two_stages(word, HOSTILE[place % len(HOSTILE)]) for place, word in enumerate(RESERVED)]
    texts += [two_stages("a", label) for label in HOSTILE]

    assert [{"states": 4, "arrows": 3}] * len(texts) == parsed(texts)


# Surrogates cannot be written to the parser.
SIGNS = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
TEXTS = st.lists(SIGNS, max_size=4).map(" ".join)
NAMES = st.from_regex(r"[a-y][a-z0-9_]{0,20}", fullmatch=True)


@pytest.mark.slow
def test_any_id_and_any_label(parsed):
    """
    Whatever a stage is called, and whatever its label says, the diagram can be read.
    """

    @settings(max_examples=3, deadline=None)
    @given(st.lists(st.builds(two_stages, NAMES, TEXTS, TEXTS, TEXTS), min_size=1, max_size=60))
    def read(texts):
        assert [{"states": 4, "arrows": 3}] * len(texts) == parsed(texts)

    read()
