"""
The diagram of a definition, as Mermaid reads it.
"""

from __future__ import annotations

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
    state "Begin#59; now" as a
    state "b" as b
    state "rest" as rest
    state "end" as end
    [*] --> a
    a --> b : Say #quot;go#quot;#58; #35;1 now
    a --> rest : hold
    b --> rest : hold
    rest --> a : resume
    rest --> b : resume
    b --> b : stay
    b --> end : end
    end --> [*]
""" == sf.build_lifecycle(HOLDING).mermaid()


def test_the_diagram_in_chinese():
    """
    Labels are drawn in the language that is asked for.
    """
    drawn = sf.build_lifecycle(HOLDING).mermaid("zh")

    assert ('    state "开始" as a', "    a --> b : 走") == (drawn.splitlines()[1], drawn.splitlines()[6])
