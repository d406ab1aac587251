"""
What a built lifecycle consists of, and what can be asked about it without a project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from ._advice import Adviser
from ._contributions import Contributions
from ._definition import Definition, Field, Stage, Transition
from ._facts import Change, Entry
from ._inputs import checked_changes, look_up
from ._kernel import LifecycleMachine, Table
from ._limits import Limit
from ._mermaid import render
from ._move import Move
from ._values import Lang, Value


@attrs.frozen(slots=False, eq=False, repr=False)
class Built:
    """
    The parts of a lifecycle. Use :class:`salesflow.Lifecycle`.
    """

    definition: Definition
    contributions: Contributions
    plugins: Any
    machine: LifecycleMachine
    fields: Mapping[str, Field]
    defaults: Mapping[str, Value]
    limits: Mapping[str, tuple[Limit, ...]]
    scorers: tuple[Adviser, ...]
    risk_checks: tuple[Adviser, ...]
    _table: Table[Move]
    _stages: Mapping[str, Stage]
    _transitions: Mapping[str, Transition]
    _triggers: frozenset[str]

    def __repr__(self) -> str:
        return f"<Lifecycle {self.id} version {self.version}: {len(self._stages)} stages>"

    @property
    def id(self) -> str:
        """
        The definition's id.
        """
        return self.definition.id

    @property
    def version(self) -> str:
        """
        The definition's version.
        """
        return self.definition.version

    @property
    def entries(self) -> Mapping[str, type[Entry]]:
        """
        The entry classes that a dossier may hold, by kind.
        """
        return self.contributions.entries

    @property
    def stages(self) -> tuple[Stage, ...]:
        """
        All stages, in file order.
        """
        return self.definition.stages

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """
        All transitions, in file order.
        """
        return self.definition.transitions

    def stage(self, stage_id: str) -> Stage:
        """
        Return a stage by id.

        Raises:
            InputError: if there is none.
        """
        return look_up("stage", stage_id, self._stages)

    def transition(self, transition_id: str) -> Transition:
        """
        Return a transition by id.

        Raises:
            InputError: if there is none.
        """
        return look_up("transition", transition_id, self._transitions)

    def triggers(self, stage_id: str) -> tuple[str, ...]:
        """
        Return the triggers that lead on from a stage, guards aside, in file order.
        """
        return tuple(self._table[self.stage(stage_id).id])

    def mermaid(self, lang: Lang = "en") -> str:
        """
        Return the lifecycle as a Mermaid state diagram.
        """
        return render(self.definition, lang)

    def changes(self, fields: Mapping[str, Any], entries: Iterable[Entry] = ()) -> tuple[Change, ...]:
        """
        Return field values and entries as checked changes.

        Raises:
            InputErrors: with every undeclared field, value of the wrong type and foreign entry
                (a single one is raised as itself).
        """
        return checked_changes(self.id, self.fields, self.entries, fields, entries)
