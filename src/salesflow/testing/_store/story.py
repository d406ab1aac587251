"""
The story of a store: the calls that were made, written down as Python that runs.

Arguments with their default are left out, so a call shows only what matters.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from ... import Fact
from ..._model.frozen import noun
from ...typing import Append, Claim
from .facts import NOW


_IMPORTS: Final = (
    "from datetime import timedelta",
    "",
    "from salesflow.testing import NOW, changed, commit, due, key, moved, notice, opened",
    "from salesflow.typing import FieldSet",
    "",
    "# make_store, reopen, crash and place: those of the contract, and an empty folder",
    "store = make_store(place)",
)


@attrs.define(eq=False)
class StoreStory:
    """
    The lines so far, and what the facts and claims in them are called.
    """

    lines: list[str] = attrs.field(factory=list[str])
    _facts: dict[Fact, str] = attrs.field(factory=dict[Fact, str])
    _claims: dict[tuple[str, int], str] = attrs.field(factory=dict[tuple[str, int], str])

    def text(self, wrong: str) -> str:
        """
        Return the story, which ends with what is wrong.
        """
        return "\n".join([*_IMPORTS, *self.lines, *(f"# {line}" for line in wrong.splitlines()[:1])])

    def append(self, made: Append, expression: str) -> str:
        """
        Give an append a name, and return it.
        """
        if made.fact not in self._facts:
            name = f"{made.fact.project_id.lower()}_{len(self._facts) + 1}"
            self.lines.append(f"{name} = {expression}")
            self._facts[made.fact] = name
        return self._facts[made.fact]

    def project(self, fact: Fact) -> str:
        """
        Return the expression for the project after a fact.
        """
        return f"{self._facts[fact]}.project"

    def call(self, name: str, *args: str, **how: Any) -> None:
        """
        Note a call of the store, without arguments that are ``None`` or empty.
        """
        self.lines.append(f"store.{name}({arguments(*args, **how)})")

    def claims(self, found: list[Claim], **how: Any) -> None:
        """
        Note a call that gave out claims.
        """
        name = f"claims_{sum(' = store.claim(' in line for line in self.lines) + 1}"
        self.lines.append(f"{name} = store.claim({arguments(**how)})")
        for number, claim in enumerate(found):
            self._claims[claim.work.id, claim.token] = f"{name}[{number}]"

    def claim(self, claim: Claim) -> str:
        """
        Return the expression for a claim that was given out.
        """
        return self._claims[claim.work.id, claim.token]


def arguments(*args: str, **how: Any) -> str:
    """
    Write arguments; those by name that are ``None`` or empty are left out, and texts of *args* are expressions.
    """
    named = [f"{name}={expression_of(value)}" for name, value in how.items() if value is not None and value != []]
    return ", ".join([*args, *named])


def expression_of(value: Any) -> str:
    """
    Write a value as an expression.
    """
    if isinstance(value, datetime):
        later = expression_of(value - NOW)
        return "NOW" if value == NOW else f"NOW + {later}"
    if isinstance(value, timedelta):
        return f"timedelta(minutes={value.total_seconds() / 60:g})"
    if isinstance(value, Written):
        return value.text
    if isinstance(value, list):
        return f"[{', '.join(expression_of(item) for item in value)}]"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- of anything
    return repr(value)


@noun
class Written:
    """
    An argument that is an expression already.
    """

    text: str
