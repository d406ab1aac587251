"""
Transitions from ``*``: every stage that is neither final nor on hold, with exceptions.
"""

from __future__ import annotations

from hypothesis import given, strategies as st

import salesflow as sf
from salesflow import Stage, Transition

from .cases import over_cases
from .factory import build, decide, definition, moved, opened


STAGES = (
    Stage("start", "open"),
    Stage("middle"),
    Stage("late"),
    Stage("paused", "hold"),
    Stage("won", "won"),
    Stage("lost", "lost"),
)
WAYS = (
    Transition("on", "middle", "late"),
    Transition("win", "late", "won"),
    Transition("lose", "*", "lost", kind="exit", trigger="end", except_="late"),
    Transition("pause", "*", "paused", kind="hold"),
    Transition("resume", "paused", "$previous", kind="resume"),
)


def test_holds_and_exits_from_everywhere():
    """
    A project can be lost and held in every stage of work, not in those excepted, not on hold and not at the end.
    """
    lifecycle = build(*WAYS, stages=STAGES)
    project = opened(lifecycle)
    held = moved(lifecycle, project, "pause")
    late = moved(lifecycle, moved(lifecycle, project, "go"), "on")

    assert ("go", "end", "pause") == lifecycle.triggers("start")
    assert ("win", "pause") == lifecycle.triggers("late")
    assert ("resume",) == lifecycle.triggers("paused")
    assert () == lifecycle.triggers("lost") == lifecycle.triggers("won")
    assert "start" == moved(lifecycle, held, "resume").stage
    assert "late" == moved(lifecycle, moved(lifecycle, late, "pause"), "resume").stage
    assert "lost" == moved(lifecycle, project, "end").outcome
    assert not decide(lifecycle, held, "end").accepted


def test_what_is_written_and_what_is_built():
    """
    The definition keeps the star, also in a file; the transition that is built has one id and all its stages.
    """
    written = definition(*WAYS, stages=STAGES)
    lifecycle = sf.build_lifecycle(written)
    text = sf.dump_definition(written)

    assert ("start", "middle") == lifecycle.transition("lose").source
    assert ("start", "middle", "late") == lifecycle.transition("pause").source
    assert [each.id for each in written.transitions] == [each.id for each in lifecycle.transitions]
    assert ("*",) == lifecycle.definition.transitions[2].source
    assert 'source = ["*"]' in text
    assert 'except = ["late"]' in text
    assert written == sf.load_definition(text=text)
    assert written == sf.load_definition(text=sf.dump_definition(written, format="json"))
    assert "_late --> _paused : pause" in lifecycle.mermaid()
    assert "_paused --> _late : resume" in lifecycle.mermaid()
    assert "_late --> _lost" not in lifecycle.mermaid()


@over_cases(
    ("transition", "expected"),
    [
        (Transition("lose", ("*", "late"), "lost", kind="exit"), ("source", "transition.source")),
        (Transition("lose", "middle", "lost", except_="late"), ("except", "transition.except")),
        (Transition("lose", "*", "lost", except_="lat"), ("except", "stage.unknown")),
        (
            Transition("lose", "*", "lost", except_=("start", "middle", "late")),
            ("source", "transition.no_source"),
        ),
        (Transition("back", "*", "$previous", kind="resume"), ("source", "transition.source")),
    ],
)
def test_what_is_wrong_with_a_star(transition, expected):
    """
    A star stands alone, leaves something over, names stages that are there, and never resumes.
    """
    faults = sf.check_definition(definition(*WAYS, transition, stages=STAGES)).faults

    assert [expected] == [(each.path.rpartition(".")[2], each.code) for each in faults]


def test_exceptions_that_cannot_be_read():
    """
    A transition whose exceptions cannot be read is left out whole, so that it is not taken for one from everywhere.
    """
    text = sf.dump_definition(definition(*WAYS, stages=STAGES)).replace('except = ["late"]', "except = 5")

    assert [("transitions[2].except", "value.type")] == [
        (each.path, each.code) for each in sf.check_definition(text).faults
    ]


NAMES = ("start", "middle", "late")


@given(
    st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
    st.lists(st.sampled_from(["go", "on", "win", "end", "pause", "resume"]), max_size=6),
)
def test_a_star_is_every_source_written_out(left_out, calls):
    """
    A star and the stages it stands for give the same graph, the same digest, and the same answers on every way.
    """
    sources = tuple(name for name in NAMES if name not in left_out)
    short = Transition("lose", "*", "lost", kind="exit", trigger="end", except_=left_out)
    long = Transition("lose", sources, "lost", kind="exit", trigger="end")
    held = Transition("pause", NAMES, "paused", kind="hold")
    one, other = build(*WAYS, short, stages=STAGES), build(*WAYS, long, held, stages=STAGES)
    here, there = opened(one), opened(other)

    assert one.digest == other.digest
    assert one.mermaid() == other.mermaid()
    assert one.transitions == other.transitions
    for trigger in calls:
        first, second = decide(one, here, trigger), decide(other, there, trigger)
        assert (first.accepted, first.verdicts) == (second.accepted, second.verdicts)
        if first.accepted:
            here, there = moved(one, here, trigger), moved(other, there, trigger)
    assert here.stage == there.stage
