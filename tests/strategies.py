"""
Generated definitions that a stock machine understands, and walks through them.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from salesflow import Definition, Money, guards, testing


VALUES: dict[str, list[Any]] = {
    "amount": [None, Money("5", "CNY"), Money("15", "CNY"), Money("15", "EUR")],
    "region": [None, "north", "south"],
    "urgent": [None, True, False],
    "size": [None, 0, 1, 2, 3],
}

PLAIN = (
    guards.fields_present("amount"),
    guards.fields_present("region", "urgent"),
    guards.field_compare("amount", "ge", Money("10", "CNY")),
    guards.field_compare("size", "lt", 2),
    guards.field_compare("region", "ne", "south"),
)
"""Guards that look at fields only, so that a stock machine can be told the same."""


def definitions() -> st.SearchStrategy[Definition]:
    """
    Generate definitions of what a stock machine can do as well.
    """
    return testing.definitions(
        parts=("candidates", "loops", "holds", "reopen", "guards"), uses=testing.guard_uses(PLAIN)
    )


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
