"""
Generated definitions with loops, candidates, holds and reopenings, and walks through them.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from salesflow import guards
from salesflow._definition import Definition, Field, GuardUse, Stage, Transition
from salesflow._values import Money


FIELDS = (
    Field("amount", "money"),
    Field("region", "choice", choices=("north", "south")),
    Field("urgent", "bool"),
    Field("size", "integer"),
)

VALUES: dict[str, list[Any]] = {
    "amount": [None, Money("5", "CNY"), Money("15", "CNY"), Money("15", "EUR")],
    "region": [None, "north", "south"],
    "urgent": [None, True, False],
    "size": [None, 0, 1, 2, 3],
}

CONDITIONS: list[Any] = [
    None,
    {"urgent": True},
    {"region": {"in": ["north"]}},
    {"not": {"size": {"gt": 1}}},
    {"any": [{"amount": {"ge": "10 CNY"}}, {"urgent": {"set": False}}]},
]


def guard_uses() -> st.SearchStrategy[GuardUse]:
    """
    Generate guards over the fields, some with a condition, a severity, or joined.
    """
    plain = st.sampled_from(
        [
            guards.fields_present("amount"),
            guards.fields_present("region", "urgent"),
            guards.field_compare("amount", "ge", Money("10", "CNY")),
            guards.field_compare("size", "lt", 2),
            guards.field_compare("region", "ne", "south"),
        ]
    )
    joined = st.builds(
        lambda word, parts: word(*parts),
        st.sampled_from([guards.all_of, guards.any_of, guards.none_of]),
        st.lists(plain, min_size=1, max_size=2),
    )
    severities = st.sampled_from(["block", "block", "block", "warn", "shadow"])
    return st.builds(
        lambda use, when, severity: use.but(when=when, severity=severity),
        plain | joined,
        st.sampled_from(CONDITIONS),
        severities,
    )


def guard_lists() -> st.SearchStrategy[tuple[GuardUse, ...]]:
    """
    Generate the guards of one transition.
    """
    return st.lists(guard_uses(), max_size=2).map(tuple)


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """
    Generate a definition that can be built: a line of stages to an end, and ways across it.
    """
    count = draw(st.integers(2, 4))
    work = [f"s{number}" for number in range(count)]
    stages = [Stage(work[0], "open"), *(Stage(one) for one in work[1:]), Stage("won", "won"), Stage("lost", "lost")]
    anywhere = st.lists(st.sampled_from(work), min_size=1, max_size=count, unique=True).map(tuple)
    transitions = [
        Transition(f"next{number}", one, [*work, "won"][number + 1], trigger="next", guards=draw(guard_lists()))
        for number, one in enumerate(work)
    ]
    transitions.append(Transition("lose", tuple(work), "lost", kind="exit", guards=draw(guard_lists())))
    for number in range(draw(st.integers(0, 4))):
        target = draw(st.sampled_from([*work, "$same"]))
        trigger = draw(st.sampled_from(["next", "jump", f"extra{number}"]))
        sources = draw(anywhere)
        transitions.append(
            Transition(f"extra{number}", sources, target, kind="loop", trigger=trigger, guards=draw(guard_lists()))
        )
    if draw(st.booleans()):
        transitions.append(Transition("reopen", ("won", "lost"), work[-1], kind="reopen", guards=draw(guard_lists())))
    for number in range(draw(st.integers(0, 2))):
        stages.append(Stage(f"hold{number}", "hold"))
        transitions += [
            Transition(f"pause{number}", draw(anywhere), f"hold{number}", kind="hold", trigger="pause"),
            Transition(f"resume{number}", f"hold{number}", "$previous", kind="resume", trigger="resume"),
            Transition(f"give_up{number}", f"hold{number}", "lost", kind="exit", trigger="lose"),
        ]
    order = draw(st.permutations(transitions))
    return Definition("generated", fields=FIELDS, stages=stages, transitions=order)


def fields() -> st.SearchStrategy[dict[str, Any]]:
    """
    Generate what a call hands in; ``None`` clears a field.
    """
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VALUES.items()})


@st.composite
def walks(draw: st.DrawFn, definition: Definition) -> list[tuple[str, dict[str, Any]]]:
    """
    Generate triggers with the data of each call; most of them are open somewhere.
    """
    triggers = sorted({one.trigger for one in definition.transitions})
    return draw(st.lists(st.tuples(st.sampled_from(triggers), fields()), min_size=1, max_size=12))
