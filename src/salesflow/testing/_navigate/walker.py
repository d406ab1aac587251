"""
Gets a project through a gate by reading remedies, knowing nothing of the guards behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from ..._lifecycle.decision import Accepted
from ..._model.definition import Transition
from ..._pipeline.results import Fired
from ...errors import EffectError, TransitionRefusedError
from .context import Hands
from .gate import Gate


ROUNDS: Final = 40
"""How often a decision is read before a walker gives up on one transition."""


@attrs.define
class Walker(Hands):
    """
    Walks one project through gates, as anybody would: through a pipeline.
    """

    def take(self, transition: Transition, outcome: str | None = None, *, verb: str = "fire", **more: Any) -> Fired:
        """
        Take a transition: do what its remedies say until it is accepted, then fire it.

        Args:
            outcome: what is given where the transition lets the caller choose.
            verb: the method of the pipeline that takes it.
            more: what else goes to that method, for example ``key=``.

        Raises:
            StuckError: if it stays refused, or another candidate of its trigger is chosen.
        """
        gate = Gate(self, transition, outcome)
        for _ in range(ROUNDS):
            decision = gate.decide()
            if isinstance(decision, Accepted) and decision.transition.id == transition.id:
                return self._fire(gate, verb, more)
            if not gate.cure(decision):
                break
        raise gate.stuck(gate.decide())

    def _fire(self, gate: Gate, verb: str, more: Mapping[str, Any]) -> Fired:
        try:
            call: Callable[..., Fired] = getattr(self.pipeline, verb)
            return call(self.project_id, gate.wanted.trigger, **gate.request(), **more)
        except EffectError as error:
            raise gate.stuck(None, str(error)) from error
        except TransitionRefusedError as error:
            raise gate.stuck(
                error.decision, "It was accepted when it was asked for, and refused when fired."
            ) from error
