"""
Early warnings in a definition: read, written, and checked.
"""

from __future__ import annotations

from salesflow import check_definition, dump_definition, load_definition
from salesflow.typing import AdviceUse, Duration, EarlyWarning, Label

from ..cases import over_cases
from .make_pipeline import definition, quiet


WRITTEN = """
schema = 1
id = "short"
label = { en = "Short", zh = "简短" }
stages = [ { id = "lead", kind = "open" }, { id = "won", kind = "won" } ]
transitions = [ { id = "win", source = "lead", target = "won" } ]
risks = [ { use = "rotting" } ]

[[warnings]]
id = "still"
on = "rotting"
op = "ge"
fire = 0.3
clear = 0.1
evaluations = 2
cool_down = "7d"
level = "high"
action = { en = "Call.", zh = "联系。" }
open_risk = { id = "asleep", title = "Asleep", probability = 3, impact = 4 }
activate = "asleep"
to = "owner"
"""


def test_round_trip():
    """
    A warning reads, and dumping and reading again gives the same.
    """
    read = load_definition(WRITTEN)

    assert (
        EarlyWarning(
            "still",
            "rotting",
            0.3,
            clear=0.1,
            evaluations=2,
            cool_down=Duration(7, "d"),
            level="high",
            action=Label("Call.", "联系。"),
            open_risk={"id": "asleep", "title": "Asleep", "probability": 3, "impact": 4},
            activate="asleep",
            to=("owner",),
        ),
    ) == read.warnings
    assert [read, read] == [load_definition(dump_definition(read, format=form)) for form in ("toml", "json")]
    assert ((), ()) == (check_definition(WRITTEN).faults, check_definition(WRITTEN).warnings)


@over_cases(
    ("changes", "fault"),
    [
        ({"id": "Not so"}, ("warnings[0].id", "id.malformed")),
        ({"op": "gt"}, ("warnings[0].op", "value.choice")),
        ({"level": "awful"}, ("warnings[0].level", "value.choice")),
        ({"clear": 0.4}, ("warnings[0].clear", "warning.threshold")),
        ({"op": "le", "clear": 0.2}, ("warnings[0].clear", "warning.threshold")),
        ({"fire": float("nan")}, ("warnings[0].clear", "warning.threshold")),
        ({"evaluations": 0}, ("warnings[0].evaluations", "warning.evaluations")),
        ({"cool_down": "3bd"}, ("warnings[0].cool_down", "deadline.calendar")),
        ({"open_risk": {"probability": 6}}, ("warnings[0].open_risk", "warning.risk")),
        ({"open_risk": {"weight": 6}}, ("warnings[0].open_risk", "warning.risk")),
        ({"activate": "not so"}, ("warnings[0].activate", "warning.risk")),
    ],
)
def test_faults(changes, fault):
    """
    Each mistake is told at its place.
    """
    (found,) = check_definition(definition(quiet(**changes))).faults

    assert fault == (found.path, found.code)


def test_ids_are_unique():
    """
    Two warnings of one id cannot be told apart.
    """
    (found,) = check_definition(definition(quiet(), quiet())).faults

    assert ("warnings[1].id", "id.duplicate") == (found.path, found.code)


def test_working_days_with_a_working_calendar():
    """
    Where working days are counted, a cool-down may use them.
    """

    assert check_definition(definition(quiet(cool_down="3bd"), calendar="weekdays")).ok


def test_where_the_value_comes_from():
    """
    A name that nobody gives is warned of, with the one that was meant, also where it looks like a plugin's.
    """
    report = check_definition(definition(quiet(on="no_next_stop"), quiet(id="b", on="meddicc.score")))

    assert (True, [("warnings[0].on", "warning.unsourced"), ("warnings[1].on", "warning.unsourced")]) == (
        report.ok,
        [(one.path, one.code) for one in report.warnings],
    )
    assert "Did you mean 'no_next_step'?" in report.warnings[0].hint


def test_a_name_with_two_meanings():
    """
    A score and a risk finding of one name cannot be told apart.
    """
    scores = (AdviceUse("stage_velocity", id="no_next_step"),)
    (found,) = check_definition(definition(quiet(), scores=scores)).faults

    assert ("warnings[0].on", "warning.ambiguous") == (found.path, found.code)


def test_an_action_in_one_language():
    """
    A recommendation in one language only is warned of, as every label is.
    """
    report = check_definition(definition(quiet(action="Call.")))

    assert [("warnings[0].action", "label.untranslated")] == [(one.path, one.code) for one in report.warnings]


@over_cases(
    ("old", "new", "code"),
    [
        ("fire = 0.3\n", "", "key.missing"),
        ("fire = 0.3\n", 'fire = "much"\n', "value.type"),
        ('op = "ge"\n', 'op = "gt"\n', "value.choice"),
        ('cool_down = "7d"\n', 'cool_down = "often"\n', "duration.malformed"),
        ('to = "owner"\n', 'tu = "owner"\n', "key.unknown"),
        ('use = "rotting"', "days = 3", "key.missing"),
    ],
)
def test_malformed(old, new, code):
    """
    What a file gets wrong about a warning is told with its line.
    """
    (found,) = check_definition(WRITTEN.replace(old, new)).faults

    assert (code, True) == (found.code, found.line is not None)
